using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Monitoring.Host.Tests;

/// <summary>BigTIFF files written tag by tag, for what no honest writer would write. Placed in UTM 50N at 10 m, one band of bytes.</summary>
internal static class HandMadeTiff
{
    private const ushort Short = 3, Long = 4, Double = 12, Long8 = 16, Ascii = 2;

    /// <param name="width">As declared.</param>
    /// <param name="tile">Side of a tile, or 0 for one strip of the whole height.</param>
    /// <param name="block">Compressed bytes that every tile (or the strip) points to; empty = nothing is stored (sparse).</param>
    /// <param name="descriptionBytes">Length of the description as declared; it lies at the end of the file.</param>
    public static void Write(string path, long width, long height, int tile, byte[] block, long descriptionBytes = 0, bool descriptionIsThere = false, int bands = 1)
    {
        const int header = 16;
        var count = tile == 0 ? 1 : ((width + tile - 1) / tile) * ((height + tile - 1) / tile);
        var tables = block.Length == 0 ? 0 : count * 8;
        var (offsetsAt, countsAt) = (header, header + tables);
        var blockAt = header + (2 * tables);
        var scaleAt = blockAt + block.Length + (block.Length % 2);
        var tieAt = scaleAt + 24;
        var keysAt = tieAt + 48;
        var bitsAt = keysAt + 32;
        var directoryAt = bitsAt + (2 * bands);
        using var file = File.Create(path);
        var entries = new SortedDictionary<ushort, (ushort Type, long Count, ulong Value)>
        {
            [256] = (Long, 1, (ulong)width),
            [257] = (Long, 1, (ulong)height),
            [258] = (Short, bands, bands > 4 ? (ulong)bitsAt : 0x0008_0008_0008_0008 & (bands == 4 ? ulong.MaxValue : (1UL << (16 * bands)) - 1)),
            [259] = (Short, 1, 8),
            [262] = (Short, 1, 1),
            [277] = (Short, 1, (ulong)bands),
            [33550] = (Double, 3, (ulong)scaleAt),
            [33922] = (Double, 6, (ulong)tieAt),
            [34735] = (Short, 16, (ulong)keysAt),
        };
        if (descriptionBytes > 0)
        {
            entries[270] = (Ascii, descriptionBytes, (ulong)(directoryAt + 4096));
        }

        var (offsets, counts) = tile == 0 ? ((ushort)273, (ushort)279) : ((ushort)324, (ushort)325);
        entries[tile == 0 ? (ushort)278 : (ushort)322] = (Long, 1, (ulong)(tile == 0 ? height : tile));
        if (tile > 0)
        {
            entries[323] = (Long, 1, (ulong)tile);
        }

        var inline = count == 1;
        entries[offsets] = (Long8, count, block.Length == 0 ? 0 : inline ? (ulong)blockAt : (ulong)offsetsAt);
        entries[counts] = (Long8, count, block.Length == 0 ? 0 : inline ? (ulong)block.Length : (ulong)countsAt);
        if (block.Length == 0 && !inline)
        {
            entries.Remove(offsets);
            entries.Remove(counts);
        }

        file.Write([(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0]);
        Number(directoryAt);
        for (var i = 0; i < tables / 8; i++)
        {
            Number(blockAt);
        }

        for (var i = 0; i < tables / 8; i++)
        {
            Number(block.Length);
        }

        file.Write(block);
        file.Position = scaleAt;
        foreach (var value in (double[])[10, 10, 0, 0, 0, 0, 700_000, 3_570_000, 0])
        {
            Number(BitConverter.DoubleToInt64Bits(value));
        }

        // Projected, pixel is area, EPSG:32650.
        foreach (var value in (ushort[])[1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32650])
        {
            file.Write([(byte)value, (byte)(value >> 8)]);
        }

        for (var i = 0; i < bands; i++)
        {
            file.Write([8, 0]);
        }

        Number(entries.Count);
        foreach (var (tag, (type, length, value)) in entries)
        {
            file.Write([(byte)tag, (byte)(tag >> 8), (byte)type, 0]);
            Number(length);
            Number((long)value);
        }

        Number(0);
        if (descriptionIsThere)
        {
            file.SetLength(directoryAt + 4096 + descriptionBytes);
            file.Position = directoryAt + 4096;
            file.Write(Encoding.ASCII.GetBytes("a very long story"));
        }

        void Number(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            file.Write(bytes);
        }
    }

    /// <summary>So many zeros, deflated.</summary>
    public static byte[] Zeros(long length)
    {
        using var to = new MemoryStream();
        using (var deflate = new ZLibStream(to, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var some = new byte[1 << 20];
            for (var left = length; left > 0; left -= some.Length)
            {
                deflate.Write(some, 0, (int)Math.Min(left, some.Length));
            }
        }

        return to.ToArray();
    }
}
