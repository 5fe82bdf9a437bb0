using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Walks the boxes of a JP2 file before GDAL does, which runs for ever round a box that states no length of its own inside another (ISO/IEC 15444-1, annex I.4).
/// Thread-safe.
/// </summary>
internal static class Jpeg2000Boxes
{
    private const int HeaderBytes = 8;
    private const int LongHeaderBytes = 16;
    private const int MaxBoxes = 4096;

    /// <summary>The length that stands for "to the end of the file", and the one that stands for "eight more bytes give it".</summary>
    private const uint ToTheEnd = 0, Longer = 1;

    private static readonly byte[] Signature = [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A];

    /// <summary>Boxes that hold boxes.</summary>
    private static readonly string[] Holders = ["jp2h", "res ", "uinf", "asoc", "jpch", "jplh"];

    /// <summary>Does nothing for what is no JP2, and leaves what is cut off or cannot be read to GDAL.</summary>
    /// <param name="path">A file on the disk or in an archive (<see cref="ClosedRaster.IsInArchive"/>).</param>
    /// <exception cref="RefusedInputException">A box does not lie inside what holds it, or there are too many.</exception>
    public static void Check(string path)
    {
        using var file = VirtualFile.TryOpen(path);
        Span<byte> header = stackalloc byte[LongHeaderBytes];
        if (file is null || file.Read(header[..Signature.Length], 0) < Signature.Length || !header.StartsWith(Signature))
            return;

        // Ends of the boxes that are open; the file itself ends where reading does.
        var open = new Stack<long>();
        var (at, end, boxes) = (0L, long.MaxValue, 0);
        while (true)
        {
            while (open.Count > 0 && at > end - HeaderBytes)
                (at, end) = (end, open.Pop());
            var read = file.Read(header, at);
            if (read < HeaderBytes)
                return;
            if (++boxes > MaxBoxes)
                throw new RefusedInputException(string.Create(CultureInfo.InvariantCulture, $"{path} holds more than {MaxBoxes} boxes of metadata; write it again without them."));
            var (stated, kind) = (BinaryPrimitives.ReadUInt32BigEndian(header), Encoding.Latin1.GetString(header.Slice(4, 4)));
            var isLong = stated == Longer && read == LongHeaderBytes;
            var headerBytes = isLong ? LongHeaderBytes : HeaderBytes;
            var length = isLong ? BinaryPrimitives.ReadUInt64BigEndian(header[HeaderBytes..]) : stated;
            if (stated == ToTheEnd && open.Count == 0)
                return;
            if (length < (ulong)headerBytes || length > (ulong)(end - at))
            {
                throw new RefusedInputException(string.Create(
                    CultureInfo.InvariantCulture, $"{path} is damaged: its JPEG 2000 box at byte {at} states {length} bytes, and between {headerBytes} and {end - at} fit there; deliver it again."));
            }

            if (Holders.Contains(kind))
            {
                open.Push(end);
                (at, end) = (at + headerBytes, at + (long)length);
            }
            else
            {
                at += (long)length;
            }
        }
    }
}
