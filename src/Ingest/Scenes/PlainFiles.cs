using System.Runtime.InteropServices;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Tells what a name is without following links and without opening it: opening a FIFO waits for its other end, for ever. On systems
/// other than Linux a FIFO or device is not told from a file.
/// </summary>
internal static class PlainFiles
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int TypeWanted = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;

    public enum Kind
    {
        Missing,
        File,
        Folder,
        Link,

        /// <summary>FIFO, socket, device.</summary>
        Other,
    }

    public static Kind KindOf(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            var info = new FileInfo(Path.TrimEndingDirectorySeparator(path));
            return info.LinkTarget is not null ? Kind.Link : Directory.Exists(path) ? Kind.Folder : info.Exists ? Kind.File : Kind.Missing;
        }

        // struct statx (Linux, all architectures): 256 bytes, the mode as 16 bits at 28.
        var found = new byte[256];
        if (NativeMethods.Statx(CurrentFolder, Path.TrimEndingDirectorySeparator(path), NoFollow, TypeWanted, found) != 0)
            return Kind.Missing;
        return (BitConverter.ToUInt16(found, ModeOffset) & TypeMask) switch
        {
            0x8000 => Kind.File,
            0x4000 => Kind.Folder,
            0xA000 => Kind.Link,
            _ => Kind.Other,
        };
    }

    /// <summary>All files below a folder, links and what is no file left out.</summary>
    public static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(folder, "*", WithoutLinks(recurse: true)).Where(f => KindOf(f) == Kind.File);

    /// <summary>Never follows a link out of the folder or in a circle.</summary>
    public static EnumerationOptions WithoutLinks(bool recurse) => new()
    {
        RecurseSubdirectories = recurse,
        MaxRecursionDepth = 16,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>Refuses a path with a link in it, or one that ends at what is neither file nor folder.</summary>
    /// <param name="root">Folder that is trusted; the components below it are looked at.</param>
    /// <exception cref="RefusedInputException">One sentence.</exception>
    public static void Demand(string root, string path)
    {
        var at = Path.GetFullPath(root);
        foreach (var name in Path.GetRelativePath(at, Path.GetFullPath(path)).Split(Path.DirectorySeparatorChar))
        {
            at = Path.Combine(at, name);
            var kind = KindOf(at);
            if (kind == Kind.Link)
                throw new RefusedInputException($"{at} is a symbolic link; deliver the file or folder itself.");
            if (kind == Kind.Other)
                throw new RefusedInputException($"{at} is neither a file nor a folder; deliver plain files.");
        }
    }

    private static class NativeMethods
    {
#pragma warning disable SYSLIB1054, CA2101 // Source-generated marshalling needs unsafe code, which this room does without.
        [DllImport("libc", EntryPoint = "statx", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] found);
#pragma warning restore SYSLIB1054, CA2101
    }
}
