namespace Monitoring.Ingest.Scenes.Products;

/// <summary>A product that lies in a folder.</summary>
internal sealed class FolderFiles : ProductFiles
{
    private readonly string _root;
    private readonly bool _confined;

    private FolderFiles(string root, bool confined, IReadOnlyList<string> names) => (_root, _confined, Names) = (root, confined, names);

    public override string Place => _root;

    public override string Name => Path.GetFileName(_root);

    public override IReadOnlyList<string> Names { get; }

    /// <param name="deep">With the folders below.</param>
    /// <param name="confined">Links are left out, and refused where one is named.</param>
    public static FolderFiles Open(string folder, bool deep, bool confined)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var how = PlainFiles.WithoutLinks(deep);
        if (!confined)
            how.AttributesToSkip = 0;
        var names = Directory.EnumerateFiles(root, "*", how)
            .Select(f => Path.GetRelativePath(root, f).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(n => !n.StartsWith('.') && !n.Contains("/.", StringComparison.Ordinal))
            .Take(MaxFiles + 1).Order(StringComparer.Ordinal).ToList();
        var files = new FolderFiles(root, confined, names);
        return names.Count <= MaxFiles ? files : throw files.TooMany();
    }

    public override string PathOf(string name) => Path.Combine(_root, name.Replace('/', Path.DirectorySeparatorChar));

    public override string FileOf(string name) => PathOf(name);

    public override byte[] Read(string name, int maxBytes = MaxMetadataBytes)
    {
        var path = PathOf(name);
        if (_confined)
            PlainFiles.Demand(Path.GetDirectoryName(_root)!, path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return stream.Length <= maxBytes ? ReadAll(stream, name, maxBytes) : throw TooLarge(name, stream.Length, maxBytes);
    }
}
