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
            files = System.IO.Path.GetExtension(path).Equals(".shp", StringComparison.OrdinalIgnoreCase)
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
        return HasExtension(path, ".zip")
            ? new SourceFiles(path, files, "/vsizip/" + files[0], NamesInZip(path, maxBytes))
            : new SourceFiles(path, files, path, files);
    }

    /// <summary>True for a Shapefile, whose attribute text may be in any encoding.</summary>
    public bool IsShapefile => HasExtension(Path, ".shp") || (HasExtension(Path, ".zip") && Names.Any(n => HasExtension(n, ".shp")));

    /// <summary>True when a Shapefile names its encoding.</summary>
    public bool HasEncodingFile => Names.Any(n => HasExtension(n, ".cpg"));

    private static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Looks into a ZIP file before GDAL does: how much it says it unpacks to.</summary>
    private static List<string> NamesInZip(string path, long maxBytes)
    {
        try
        {
            using var zip = System.IO.Compression.ZipFile.OpenRead(path);
            if (zip.Entries.Count > MaxZipEntries)
                throw new RefusedInputException($"{path} holds {zip.Entries.Count} files; an import takes at most {MaxZipEntries}.");
            var bytes = zip.Entries.Sum(e => (decimal)e.Length);
            if (bytes > maxBytes)
                throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} unpacks to {bytes} bytes; an import takes at most {maxBytes}. Split it."));
            return [.. zip.Entries.Select(e => e.Name)];
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
