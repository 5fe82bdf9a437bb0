using System.Globalization;
using System.Security.Cryptography;

namespace Monitoring.Ingest.Plans;

/// <summary>The files behind one import: a file with its side files, or a folder (FileGDB).</summary>
internal sealed record SourceFiles(string Path, IReadOnlyList<string> Files)
{
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
        return bytes <= maxBytes
            ? new SourceFiles(path, files)
            : throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} has {bytes} bytes; an import takes at most {maxBytes}. Split it."));
    }

    /// <summary>True when a Shapefile names its encoding.</summary>
    public bool HasEncodingFile => Files.Any(f => System.IO.Path.GetExtension(f).Equals(".cpg", StringComparison.OrdinalIgnoreCase));

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
