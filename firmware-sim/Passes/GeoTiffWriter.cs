using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Monitoring.FirmwareSim.Geo;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// Writes what the simulator needs of TIFF 6.0 and OGC GeoTIFF 1.1 and no more: little-endian classic TIFF, uint16 bands in
/// separate planes, 256-pixel tiles, Adobe deflate with horizontal differencing, pixel-is-area, EPSG code of a projected CRS.
/// Nothing in the file depends on the clock. Tiles at the right and lower edge are padded with no data.
/// </summary>
internal static class GeoTiffWriter
{
    private const int Tile = 256;

    // Differences of noisy samples hold no repeats worth looking for: a low level with real Huffman trees is as small and far faster.
    private static readonly ZLibCompressionOptions Deflate = new() { CompressionLevel = 3, CompressionStrategy = ZLibCompressionStrategy.Filtered };

    public static void Write(Stream stream, RasterFrame frame, IReadOnlyList<ushort[]> bands, IReadOnlyList<string> names)
    {
        int columns = frame.Columns, rows = frame.Rows, across = (columns + Tile - 1) / Tile, down = (rows + Tile - 1) / Tile;
        var offsets = new uint[across * down * bands.Count];
        var counts = new uint[offsets.Length];
        stream.Write([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
        var raw = new byte[Tile * Tile * 2];
        using var packed = new MemoryStream();
        var n = 0;
        foreach (var band in bands)
            for (var ty = 0; ty < down; ty++)
                for (var tx = 0; tx < across; tx++)
                {
                    Difference(band, columns, rows, tx * Tile, ty * Tile, raw);
                    packed.SetLength(0);
                    using (var deflate = new ZLibStream(packed, Deflate, leaveOpen: true)) deflate.Write(raw);
                    offsets[n] = (uint)stream.Position;
                    counts[n++] = (uint)packed.Length;
                    packed.WriteTo(stream);
                }

        if (stream.Position % 2 == 1) stream.WriteByte(0);
        var entries = Directory(frame, bands.Count, names, offsets, counts);
        var at = (uint)stream.Position;
        WriteDirectory(stream, entries);
        stream.Position = 4;
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(four, at);
        stream.Write(four);
        stream.Position = stream.Length;
    }

    private static void Difference(ushort[] band, int columns, int rows, int left, int top, byte[] raw)
    {
        for (var y = 0; y < Tile; y++)
        {
            ushort before = 0;
            for (var x = 0; x < Tile; x++)
            {
                var value = left + x < columns && top + y < rows ? band[(top + y) * columns + left + x] : (ushort)0;
                BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan((y * Tile + x) * 2), (ushort)(value - before));
                before = value;
            }
        }
    }

    private static List<(ushort Tag, ushort Type, uint Count, byte[] Data)> Directory(
        RasterFrame frame, int bands, IReadOnlyList<string> names, uint[] offsets, uint[] counts)
    {
        var citation = "WGS 84 / UTM zone 50N|";
        var metadata = new StringBuilder("<GDALMetadata>\n");
        for (var b = 0; b < bands; b++)
            metadata.Append($"  <Item name=\"DESCRIPTION\" sample=\"{b}\" role=\"description\">{names[b]}</Item>\n");
        metadata.Append("</GDALMetadata>\n");
        return
        [
            Long(256, (uint)frame.Columns),
            Long(257, (uint)frame.Rows),
            Short(258, Repeat(16, bands)),
            Short(259, 8),
            Short(262, 1),
            Short(277, (ushort)bands),
            Short(284, 2),
            Short(317, 2),
            Short(322, Tile),
            Short(323, Tile),
            Long(324, offsets),
            Long(325, counts),
            Short(338, Repeat(0, bands - 1)),
            Short(339, Repeat(1, bands)),
            Double(33550, RasterFrame.PixelMeters, RasterFrame.PixelMeters, 0),
            Double(33922, 0, 0, 0, frame.West, frame.North, 0),
            Short(34735, 1, 1, 0, 4,
                1024, 0, 1, 1, // a projected CRS
                1025, 0, 1, 1, // pixel is area
                1026, 34737, (ushort)citation.Length, 0,
                3072, 0, 1, RasterFrame.Epsg),
            Ascii(34737, citation),
            Ascii(42112, metadata.ToString()),
            Ascii(42113, "0"),
        ];
    }

    private static void WriteDirectory(Stream stream, List<(ushort Tag, ushort Type, uint Count, byte[] Data)> entries)
    {
        var start = (uint)stream.Position;
        var extra = start + 2 + 12 * (uint)entries.Count + 4;
        var head = new MemoryStream();
        var tail = new MemoryStream();
        using (var h = new BinaryWriter(head, Encoding.ASCII, true))
        {
            h.Write((ushort)entries.Count);
            foreach (var (tag, type, count, data) in entries)
            {
                h.Write(tag);
                h.Write(type);
                h.Write(count);
                if (data.Length <= 4)
                {
                    h.Write(data);
                    for (var i = data.Length; i < 4; i++) h.Write((byte)0);
                }
                else
                {
                    h.Write(extra + (uint)tail.Length);
                    tail.Write(data);
                    if (tail.Length % 2 == 1) tail.WriteByte(0);
                }
            }

            h.Write(0u);
        }

        head.WriteTo(stream);
        tail.WriteTo(stream);
    }

    private static ushort[] Repeat(ushort value, int count) => [.. Enumerable.Repeat(value, count)];

    private static (ushort, ushort, uint, byte[]) Short(ushort tag, params ushort[] values)
    {
        var data = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(i * 2), values[i]);
        return (tag, 3, (uint)values.Length, data);
    }

    private static (ushort, ushort, uint, byte[]) Long(ushort tag, params uint[] values)
    {
        var data = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(i * 4), values[i]);
        return (tag, 4, (uint)values.Length, data);
    }

    private static (ushort, ushort, uint, byte[]) Double(ushort tag, params double[] values)
    {
        var data = new byte[values.Length * 8];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(i * 8), values[i]);
        return (tag, 12, (uint)values.Length, data);
    }

    private static (ushort, ushort, uint, byte[]) Ascii(ushort tag, string text)
    {
        var data = Encoding.ASCII.GetBytes(text + "\0");
        return (tag, 2, (uint)data.Length, data);
    }
}
