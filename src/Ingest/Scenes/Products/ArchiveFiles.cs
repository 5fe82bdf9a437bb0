using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Monitoring.Gdal;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>
/// A product in a ZIP or TAR file, read where it is: nothing is unpacked to the disk. Pixels go through GDAL, in the closed formats only: out of a ZIP
/// through <c>/vsizip/</c>, out of a TAR as a stretch of the file (GDAL's own reader of TAR knows few of its dialects).
/// </summary>
internal sealed class ArchiveFiles : ProductFiles
{
    private const int EndRecordBytes = 22;
    private const int MaxComment = 65_535;

    private readonly string _archive;
    private readonly bool _isZip;
    private readonly string _prefix;

    /// <summary>Of a TAR: where each file's bytes lie.</summary>
    private readonly IReadOnlyDictionary<string, (long Offset, long Length)> _parts;

    /// <summary>Of a ZIP: how each file is named in it, by its name as people read it.</summary>
    private readonly IReadOnlyDictionary<string, string> _stored;

    private ArchiveFiles(
        string archive, bool isZip, string prefix, IReadOnlyList<string> names, IReadOnlyDictionary<string, (long Offset, long Length)> parts, IReadOnlyDictionary<string, string> stored) =>
        (_archive, _isZip, _prefix, Names, _parts, _stored) = (archive, isZip, prefix, names, parts, stored);

    public override string Place => _archive;

    public override string Name => _prefix.Length > 0 ? LastPart(_prefix.TrimEnd('/')) : Path.GetFileNameWithoutExtension(_archive);

    public override IReadOnlyList<string> Names { get; }

    /// <summary>One of <see cref="Names"/> by its name in the archive; null when there is no such file.</summary>
    public string? NameOf(string within) =>
        within.StartsWith(_prefix, StringComparison.Ordinal) && Names.Contains(within[_prefix.Length..], StringComparer.Ordinal) ? within[_prefix.Length..] : null;

    public static bool Is(string path) => Path.GetExtension(path).ToUpperInvariant() is ".ZIP" or ".TAR";

    /// <param name="within">A folder of the archive, with /, whose files alone count; empty for all.</param>
    /// <exception cref="RefusedInputException">No such archive or folder in it, too many files, or a name that leads out of it.</exception>
    public static ArchiveFiles Open(string path, string within = "")
    {
        var archive = Path.GetFullPath(path);
        var isZip = Path.GetExtension(archive).Equals(".zip", StringComparison.OrdinalIgnoreCase);
        var empty = new ArchiveFiles(archive, isZip, "", [], new Dictionary<string, (long Offset, long Length)>(), new Dictionary<string, string>());
        IReadOnlyList<string> names;
        var parts = new Dictionary<string, (long Offset, long Length)>(StringComparer.Ordinal);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            names = isZip ? ZipNames(archive, empty, stored) : TarNames(archive, empty, parts);
        }
        catch (Exception problem) when (problem is InvalidDataException or FormatException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new RefusedInputException($"{archive} is damaged or no {(isZip ? "ZIP" : "TAR")} file; get it again. {DeviceTopic.Show(problem.Message)}", problem);
        }

        foreach (var name in names.Concat(stored.Values))
        {
            if (name.Length > 512 || name.StartsWith('/') || name.Split('/').Any(p => p is ".." or "") || name.Any(c => char.IsControl(c) || c is '\\' or '{' or '}'))
                throw new RefusedInputException($"{archive} holds a file named \"{DeviceTopic.Show(name)}\", which is no name within a product; get it again.");
        }

        if (within.Length > 0)
        {
            // An Item's or a product's own file stands for the folder that it lies in.
            var folder = names.Contains(within, StringComparer.Ordinal) ? FolderOf(within) : within;
            var below = names.Where(n => folder.Length == 0 || n.StartsWith(folder + "/", StringComparison.Ordinal)).ToList();
            if (below.Count == 0)
                throw new RefusedInputException($"{archive} holds nothing named \"{DeviceTopic.Show(within)}\"; give the archive itself, or a file or folder that is in it.");
            names = below;
        }

        // Most products lie in one folder of their own within the archive.
        var top = names.Select(n => n.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? n[..(slash + 1)] : "").Distinct(StringComparer.Ordinal).ToList();
        var prefix = top.Count == 1 ? top[0] : "";
        return new ArchiveFiles(archive, isZip, prefix, [.. names.Select(n => n[prefix.Length..]).Order(StringComparer.Ordinal)], parts, stored);
    }

    /// <exception cref="RefusedInputException">It is empty: a stretch of no length would be the rest of the archive to GDAL.</exception>
    public override string PathOf(string name) =>
        !_isZip && _parts[_prefix + name].Length == 0 ? throw new RefusedInputException($"{Show(name)} is empty; get the archive again.")
        : _isZip ? ClosedRaster.InZip(_archive, _stored[_prefix + name]) : ClosedRaster.PartOf(_archive, _parts[_prefix + name].Offset, _parts[_prefix + name].Length);

    public override string FileOf(string name) => _archive;

    public override byte[] Read(string name, int maxBytes = MaxMetadataBytes)
    {
        try
        {
            using var file = new FileStream(_archive, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (_isZip)
            {
                using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: false, ZipName.Unflagged);
                using var stream = zip.GetEntry(_stored[_prefix + name])?.Open() ?? throw new InvalidDataException($"{name} is not in it.");
                return ReadAll(stream, name, maxBytes);
            }

            var (offset, length) = _parts[_prefix + name];
            if (length > maxBytes)
                throw TooLarge(name, length, maxBytes);
            var bytes = new byte[length];
            file.Seek(offset, SeekOrigin.Begin);
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception problem) when (problem is InvalidDataException or FormatException or EndOfStreamException or NotSupportedException)
        {
            throw new RefusedInputException($"{Show(name)} cannot be unpacked; get the archive again. {DeviceTopic.Show(problem.Message)}", problem);
        }
    }

    private static List<string> ZipNames(string archive, ArchiveFiles empty, Dictionary<string, string> stored)
    {
        using var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read);

        // The directory is held in memory: what it declares is looked at before it is read.
        if (DeclaredEntries(file) > MaxFiles)
            throw empty.TooMany();
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: false, ZipName.Unflagged);
        foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
            stored[ZipName.Shown(entry.FullName)] = entry.FullName;
        return [.. stored.Keys];
    }

    /// <summary>Entries by the end record (APPNOTE 4.3.16); with ZIP64 the count is 65535 and the size of the directory is what counts.</summary>
    private static long DeclaredEntries(FileStream file)
    {
        var tail = new byte[Math.Min(file.Length, EndRecordBytes + MaxComment)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        file.Seek(0, SeekOrigin.Begin);
        for (var at = tail.Length - EndRecordBytes; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != 0x06054B50)
                continue;
            long entries = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 10));

            // The record of ZIP64 (4.3.14) has its own count; its locator (4.3.15) lies just before this record.
            if (entries == ushort.MaxValue && at >= 20 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at - 20)) == 0x07064B50)
            {
                var place = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(at - 12));
                if (place < 0 || place > file.Length - 56)
                    throw new InvalidDataException("Its directory is not where it says.");
                Span<byte> record = stackalloc byte[56];
                file.Seek(place, SeekOrigin.Begin);
                file.ReadExactly(record);
                file.Seek(0, SeekOrigin.Begin);
                entries = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
            }

            return entries < 0 ? long.MaxValue : entries;
        }

        throw new InvalidDataException("It has no directory at its end.");
    }

    private static List<string> TarNames(string archive, ArchiveFiles empty, Dictionary<string, (long Offset, long Length)> parts)
    {
        using var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!TarHeaders.Walk(file))
            throw empty.TooMany();
        file.Seek(0, SeekOrigin.Begin);
        using var tar = new TarReader(file);
        for (var seen = 0; tar.GetNextEntry() is { } entry; seen++)
        {
            if (seen == MaxFiles)
                throw empty.TooMany();
            if (entry.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                throw new RefusedInputException($"{archive} holds a link ({DeviceTopic.Show(entry.Name)}); deliver plain files.");
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            if (entry.DataOffset < 0 || entry.Length < 0 || entry.DataOffset > file.Length - entry.Length)
                throw new InvalidDataException("It was cut off.");
            parts[NameOf(entry)] = (entry.DataOffset, entry.Length);
        }

        return [.. parts.Keys];
    }

    private static string NameOf(TarEntry entry) => entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
}
