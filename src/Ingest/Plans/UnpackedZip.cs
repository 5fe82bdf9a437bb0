using System.Globalization;
using System.IO.Compression;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Faults;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// A ZIP file that a stranger sent, unpacked beside itself by counted bytes: what its headers say is checked first, and what comes out of it is counted, so that
/// a header that lies gains nothing. The folder goes when it is disposed.
/// </summary>
internal sealed class UnpackedZip : IDisposable
{
    private const int MaxEntries = 1000;
    private const int MaxNameLength = 200;
    private const int ChunkBytes = 64 * 1024;

    private readonly string _folder;

    private UnpackedZip(string folder, string source) => (_folder, Source) = (folder, source);

    /// <summary>The vector file, or FileGDB folder, to be read.</summary>
    public string Source { get; }

    /// <exception cref="RefusedInputException">Too large, no ZIP file, or not one vector file in it.</exception>
    public static UnpackedZip Of(string path, ProposalLimits limits, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        var size = new FileInfo(path).Length;
        if (size > limits.MaxFileBytes)
        {
            throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{name} has {size} bytes; a check takes at most {limits.MaxFileBytes}."));
        }

        var folder = path + ".unpacked";
        try
        {
            using var zip = ZipFile.Open(path, ZipArchiveMode.Read, SourceFiles.ZipNames);
            if (zip.Entries.Count > MaxEntries)
            {
                throw new RefusedInputException($"{name} holds {zip.Entries.Count} files; a check takes at most {MaxEntries}.");
            }

            if (zip.Entries.Sum(static e => (decimal)e.Length) > limits.MaxUnpackedBytes)
            {
                throw TooLarge(name, limits);
            }

            var left = limits.MaxUnpackedBytes;
            List<string> names = [];
            var chunk = new byte[ChunkBytes];
            Directory.CreateDirectory(folder);
            foreach (var entry in zip.Entries.Where(static e => e.Name.Length > 0))
            {
                var target = Path.GetFullPath(Path.Combine(folder, entry.FullName));
                if (entry.FullName.Length > MaxNameLength || !target.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    throw new RefusedInputException($"{name} holds a file whose name leads out of it, or is longer than {MaxNameLength} characters.");
                }

                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                using var from = entry.Open();
                using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
                int count;
                while ((count = from.Read(chunk)) > 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    left -= count;
                    if (left < 0)
                    {
                        throw TooLarge(name, limits);
                    }

                    to.Write(chunk, 0, count);
                }

                names.Add(entry.FullName);
            }

            return new(folder, Path.Combine(folder, SourceFiles.SourceIn(name, names)));
        }
        catch (Exception problem)
        {
            Delete(folder);
            if (problem is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw Refused(name, problem);
            }

            throw;
        }
    }

    /// <summary>What is said of a file that could not be unpacked: a full disk is no fault of the file.</summary>
    internal static RefusedInputException Refused(string name, Exception problem) => new(
        SystemFault.IsFullDisk(problem)
            ? $"The disk of the service is full, so that {name} cannot be unpacked; once there is room on it, send the same file again."
            : $"{name} is no ZIP file, or a damaged one; pack it again.",
        problem);

    public void Dispose() => Delete(_folder);

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static RefusedInputException TooLarge(string name, ProposalLimits limits) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} unpacks to more than {limits.MaxUnpackedBytes} bytes, which is what a check takes at most; use the command line for more."));
}
