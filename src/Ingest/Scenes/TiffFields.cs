using System.Buffers.Binary;
using System.Globalization;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Looks through the directories of a TIFF or BigTIFF file before GDAL does, which reads texts and metadata of any length into memory (TIFF 6.0, section 2;
/// BigTIFF of libtiff). Thread-safe.
/// </summary>
internal static class TiffFields
{
    /// <summary>Bytes of one field. Lists of where the blocks lie are no such field: they are read as they are needed, and bounded by the declared pixels.</summary>
    public const long MaxFieldBytes = 16L << 20;

    /// <summary>Bytes of all fields together, of all images of a file.</summary>
    public const long MaxBytes = 64L << 20;

    private const int MaxDirectories = 4096;

    /// <summary>Fields of one image; libtiff takes no more either.</summary>
    private const int MaxFields = 4096;

    /// <summary>Fields of all images together: each is read here one by one, and images have some twenty.</summary>
    private const int MaxAllFields = 131_072;

    private static readonly int[] TypeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

    /// <summary>StripOffsets, StripByteCounts, TileOffsets, TileByteCounts.</summary>
    private static readonly ushort[] BlockLists = [273, 279, 324, 325];

    /// <summary>Does nothing for what is no TIFF, and leaves what is damaged or cannot be read to GDAL.</summary>
    /// <param name="path">A file on the disk or in an archive (<see cref="ClosedRaster.IsInArchive"/>).</param>
    /// <exception cref="RefusedInputException">A field is too long, or there are too many fields or directories.</exception>
    public static void Check(string path)
    {
        using var file = VirtualFile.TryOpen(path);
        if (file is null)
            return;
        Span<byte> head = stackalloc byte[16];
        if (file.Read(head, 0) < 8 || head[..2] is not ([(byte)'I', (byte)'I'] or [(byte)'M', (byte)'M']))
            return;
        var isLittle = head[0] == 'I';
        var version = Number(head.Slice(2, 2), isLittle);
        if (version is not (42 or 43))
            return;
        var isBig = version == 43;
        var (countBytes, entryBytes, wordBytes) = isBig ? (8, 20, 8) : (2, 12, 4);
        var next = isBig ? Number(head.Slice(8, 8), isLittle) : Number(head.Slice(4, 4), isLittle);
        Span<byte> entry = stackalloc byte[20];
        var visited = new HashSet<ulong>();
        var (fields, all) = (0, Int128.Zero);
        while (next != 0 && next < long.MaxValue / 2 && visited.Add(next))
        {
            if (visited.Count > MaxDirectories)
                throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} holds more than {MaxDirectories} images; export the one you mean as GeoTIFF."));
            var at = (long)next;
            if (!Read(entry[..countBytes]))
                return;
            var count = Number(entry[..countBytes], isLittle);
            at += countBytes;
            if (count > MaxFields || (fields += (int)count) > MaxAllFields)
            {
                throw new RefusedInputException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path} states {count} TIFF fields for an image, and an image has at most {MaxFields}, all images of a file {MaxAllFields}; export the image you mean as GeoTIFF."));
            }

            for (ulong i = 0; i < count; i++, at += entryBytes)
            {
                if (!Read(entry[..entryBytes]))
                    return;
                var (tag, type) = ((ushort)Number(entry[..2], isLittle), (int)Number(entry.Slice(2, 2), isLittle));
                var values = Number(entry.Slice(4, wordBytes), isLittle);
                var bytes = (Int128)values * (type < TypeBytes.Length ? TypeBytes[type] : 0);
                if (BlockLists.Contains(tag))
                    continue;
                if ((all += bytes) > MaxBytes && bytes <= MaxFieldBytes)
                {
                    throw new RefusedInputException(string.Create(
                        CultureInfo.InvariantCulture, $"{path} states more than {MaxBytes} bytes for its TIFF fields together; write it again without its metadata."));
                }

                if (bytes > MaxFieldBytes)
                {
                    throw new RefusedInputException(string.Create(
                        CultureInfo.InvariantCulture, $"{path} states {bytes} bytes for its TIFF field {tag}, and a field has at most {MaxFieldBytes}; write it again without that metadata."));
                }
            }

            if (!Read(entry[..wordBytes]))
                return;
            next = Number(entry[..wordBytes], isLittle);

            bool Read(scoped Span<byte> to) => file.Read(to, at) == to.Length;
        }
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, bool isLittle) => (bytes.Length, isLittle) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (4, false) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        (_, true) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
    };
}
