using System.Xml.Linq;

namespace Monitoring.Conformance;

/// <summary>The checkout as files: projects with their references, and sources.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<Project> Projects { get; } =
        [.. Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories).Where(IsOurs).Select(Project.Read).OrderBy(p => p.Folder, StringComparer.Ordinal)];

    /// <summary>Files under the given folders (relative to the root) with one of the extensions, without build output and packages.</summary>
    public static IEnumerable<string> Files(string[] folders, params string[] extensions) =>
        folders.Select(f => Path.Combine(Root, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.Ordinal) && IsOurs(f));

    public static string Relative(string path) => Path.GetRelativePath(Root, path);

    private static bool IsOurs(string path)
    {
        var parts = Relative(path).Split(Path.DirectorySeparatorChar);
        return !parts.Any(p => p is "bin" or "obj" or "node_modules" or "wwwroot" or "artifacts" or "demo-data" or ".run" or ".git");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitoring.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Monitoring.sln is in no folder above the test program.");
        }

        return folder;
    }
}

/// <param name="Folder">Relative to the root, with forward slashes.</param>
/// <param name="Name">Room name: the folder's last part.</param>
internal sealed record Project(string Folder, string Name, IReadOnlyList<string> References)
{
    public static Project Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var references = XDocument.Load(path).Descendants("ProjectReference")
            .Select(r => Path.GetFullPath(Path.Combine(folder, r.Attribute("Include")!.Value.Replace('\\', '/'))))
            .Select(r => Relative(Path.GetDirectoryName(r)!))
            .ToList();
        return new Project(Relative(folder), Path.GetFileName(folder), references);
    }

    private static string Relative(string path) => Repository.Relative(path).Replace('\\', '/');
}
