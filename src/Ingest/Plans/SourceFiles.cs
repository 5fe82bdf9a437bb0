using System.Globalization;
using System.Security.Cryptography;

namespace Monitoring.Ingest.Plans;

/// <summary>The files behind one import: a file with its side files, a folder (FileGDB), or one of these in a ZIP file.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Files">On the disk.</param>
/// <param name="GdalPath">What GDAL opens.</param>
/// <param name="Names">File names for the question what kind it is: of the disk, or within the ZIP file.</param>
internal sealed record SourceFiles(string Path, IReadOnlyList<string> Files, string GdalPath, IReadOnlyList<string> Names)
{
    private const int MaxZipEntries = 10_000;
    private const string Zip = "/vsizip/";

    /// <summary>What is looked for within a ZIP file, besides folders .gdb.</summary>
    private static readonly string[] Sources = [".shp", ".gpkg", ".geojson"];

    /// <summary>Names in a ZIP file that are not marked as UTF-8 are in code page 437, to GDAL too.</summary>
    internal static readonly System.Text.Encoding ZipNames = System.Text.CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    /// <exception cref="RefusedInputException">Missing, or larger than the limit.</exception>
    public static SourceFiles Of(string path, long maxBytes)
    {
        string[] files;
        if (Directory.Exists(path))
        {
            files = Directory.GetFiles(path);
        }
        else if (File.Exists(path))
        {
            var full = System.IO.Path.GetFullPath(path);
            files = IsPartOfShapefile(path)
                ? Directory.GetFiles(System.IO.Path.GetDirectoryName(full)!, System.IO.Path.GetFileNameWithoutExtension(full) + ".*")
                : [full];
        }
        else
        {
            throw new RefusedInputException($"{path} does not exist; give a file, or the folder of a FileGDB.");
        }

        Array.Sort(files, StringComparer.Ordinal);
        var bytes = files.Sum(f => new FileInfo(f).Length);
        if (bytes > maxBytes)
            throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} has {bytes} bytes; an import takes at most {maxBytes}. Split it."));
        if (!HasExtension(path, ".zip"))
            return new SourceFiles(path, files, path, files);
        var names = NamesInZip(path, maxBytes);
        return new SourceFiles(path, files, $"{Zip}{{{files[0]}}}{Chosen(path, names)}", names);
    }

    /// <summary>A sentence of GDAL's in terms of what the user gave.</summary>
    public static string Plain(string message, string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return message.Replace($"{Zip}{{{full}}}", path, StringComparison.Ordinal).Replace(Zip, "", StringComparison.Ordinal);
    }

    /// <summary>
    /// The one vector file within a ZIP file, at whatever depth, with a leading slash; the folder, when that holds several Shapefiles (layers of
    /// one data set); nothing, when no name tells and GDAL may look for itself.
    /// </summary>
    private static string Chosen(string path, List<string> names)
    {
        var found = names.Select(SourceWithin).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var folders = found.Select(FolderOf).Distinct(StringComparer.Ordinal).ToList();
        return found.Count switch
        {
            0 => "",
            1 => "/" + found[0],
            _ when folders.Count == 1 && found.TrueForAll(f => HasExtension(f, ".shp")) => folders[0].Length == 0 ? "" : "/" + folders[0],
            _ => throw new RefusedInputException(
                $"{path} holds several vector files ({string.Join(", ", found.Take(5))}{(found.Count > 5 ? ", …" : "")}); pack the one you mean alone."),
        };

        static string FolderOf(string name) => name.LastIndexOf('/') is var at and >= 0 ? name[..at] : "";
    }

    /// <summary>The one vector file among the names within a ZIP file that was unpacked.</summary>
    /// <exception cref="RefusedInputException">There is none, or several.</exception>
    internal static string SourceIn(string path, List<string> names)
    {
        // A format that no ending names is the only file.
        var chosen = Chosen(path, names).TrimStart('/');
        return chosen.Length > 0 ? chosen
            : names.Where(static n => !n.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList() is [var only] ? only
            : throw new RefusedInputException($"{path} holds no vector file that is known by its ending (.shp, .gpkg, .geojson, .gdb); pack the one you mean alone.");
    }

    /// <summary>The vector file, or FileGDB folder, that an entry is or lies in; null for side files, others and what macOS adds.</summary>
    private static string? SourceWithin(string name)
    {
        var parts = name.Split('/');
        if (parts[0] == "__MACOSX" || Array.Exists(parts, static p => p.StartsWith('.')))
            return null;
        var database = Array.FindIndex(parts, static p => HasExtension(p, ".gdb"));
        return database >= 0 ? string.Join('/', parts[..(database + 1)])
            : Array.Exists(Sources, e => HasExtension(name, e)) ? name
            : null;
    }

    /// <summary>True for a Shapefile, whose attribute text may be in any encoding.</summary>
    public bool IsShapefile => IsPartOfShapefile(Path) || (HasExtension(Path, ".zip") && Names.Any(n => HasExtension(n, ".shp")));

    /// <summary>True when a Shapefile names its encoding.</summary>
    public bool HasEncodingFile => Names.Any(n => HasExtension(n, ".cpg"));

    /// <summary>GDAL opens a Shapefile by any of the three.</summary>
    private static bool IsPartOfShapefile(string path) => HasExtension(path, ".shp") || HasExtension(path, ".dbf") || HasExtension(path, ".shx");

    private static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks into a ZIP file before GDAL does: how much it says it unpacks to.</summary>
    private static List<string> NamesInZip(string path, long maxBytes)
    {
        try
        {
            using var zip = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Read, ZipNames);
            if (zip.Entries.Count > MaxZipEntries)
                throw new RefusedInputException($"{path} holds {zip.Entries.Count} files; an import takes at most {MaxZipEntries}.");
            var bytes = zip.Entries.Sum(e => (decimal)e.Length);
            if (bytes > maxBytes)
                throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} unpacks to {bytes} bytes; an import takes at most {maxBytes}. Split it."));
            return [.. zip.Entries.Select(e => e.FullName)];
        }
        catch (InvalidDataException problem)
        {
            throw new RefusedInputException($"{path} is no ZIP file, or a damaged one; pack it again.", problem);
        }
    }

    /// <summary>SHA-256 of the one file, or over the names and hashes of all, in lower-case hex.</summary>
    public async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files)
        {
            await using var stream = File.OpenRead(file);
            var hash = await SHA256.HashDataAsync(stream, cancellationToken);
            if (Files.Count == 1)
                return Convert.ToHexStringLower(hash);
            all.AppendData(System.Text.Encoding.UTF8.GetBytes(System.IO.Path.GetFileName(file) + "\n"));
            all.AppendData(hash);
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
