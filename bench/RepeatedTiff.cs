using System.Buffers.Binary;

namespace Monitoring.Bench;

/// <summary>
/// A tiled GeoTIFF of any size out of the compressed tiles of a smaller one, which are written again and again, side by side: every tile
/// lies in the file, is read and decoded, but making the file costs only the writing.
/// </summary>
internal static class RepeatedTiff
{
    /// <summary>Tags that say how pixels are stored, where they lie and what is missing: taken over as they are.</summary>
    private static readonly HashSet<int> Kept = [258, 259, 262, 277, 284, 317, 322, 323, 338, 339, 33550, 33922, 34735, 34736, 34737, 42113];

    private const int WidthTag = 256, HeightTag = 257, TileWidthTag = 322, OffsetsTag = 324, LengthsTag = 325;

    /// <param name="source">A classic little-endian TIFF of square tiles with all bands in each; its whole tiles are used.</param>
    /// <param name="tiles">Tiles across and down.</param>
    public static void Make(string source, string target, int tiles)
    {
        var from = File.ReadAllBytes(source);
        var entries = EntriesOf(from);
        int side = (int)entries[TileWidthTag].Number(0), width = (int)entries[WidthTag].Number(0), height = (int)entries[HeightTag].Number(0);
        int across = (width + side - 1) / side, whole = Math.Min(width, height) / side;
        var offsets = new byte[8 * tiles * tiles];
        var lengths = new byte[8 * tiles * tiles];
        using var file = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write(new byte[16]);
        for (var i = 0; i < tiles * tiles; i++)
        {
            var tile = (i / tiles % whole * across) + (i % tiles % whole);
            int at = (int)entries[OffsetsTag].Number(tile), length = (int)entries[LengthsTag].Number(tile);
            BinaryPrimitives.WriteInt64LittleEndian(offsets.AsSpan(8 * i), file.Position);
            BinaryPrimitives.WriteInt64LittleEndian(lengths.AsSpan(8 * i), length);
            file.Write(from, at, length);
        }

        var all = new SortedDictionary<int, Entry>(entries.Where(e => Kept.Contains(e.Key)).ToDictionary())
        {
            [WidthTag] = Entry.Of(tiles * side), [HeightTag] = Entry.Of(tiles * side),
            [OffsetsTag] = new Entry(16, offsets.Length / 8, offsets), [LengthsTag] = new Entry(16, lengths.Length / 8, lengths),
        };
        WriteDirectory(file, all);
    }

    private static void WriteDirectory(FileStream file, SortedDictionary<int, Entry> entries)
    {
        file.Position += file.Position % 2;
        var start = file.Position;
        var directory = new byte[8 + (20 * entries.Count) + 8];
        BinaryPrimitives.WriteInt64LittleEndian(directory, entries.Count);
        var beyond = start + directory.Length;
        var values = new List<byte[]>();
        var at = 8;
        foreach (var (tag, entry) in entries)
        {
            BinaryPrimitives.WriteInt16LittleEndian(directory.AsSpan(at), unchecked((short)tag));
            BinaryPrimitives.WriteInt16LittleEndian(directory.AsSpan(at + 2), (short)entry.Type);
            BinaryPrimitives.WriteInt64LittleEndian(directory.AsSpan(at + 4), entry.Count);
            if (entry.Bytes.Length <= 8)
            {
                entry.Bytes.CopyTo(directory.AsSpan(at + 12));
            }
            else
            {
                BinaryPrimitives.WriteInt64LittleEndian(directory.AsSpan(at + 12), beyond);
                values.Add(entry.Bytes);
                beyond += entry.Bytes.Length;
            }

            at += 20;
        }

        file.Write(directory);
        values.ForEach(v => file.Write(v));

        // BigTIFF: the classic form ends at 4 GB.
        var head = new byte[16];
        head[0] = head[1] = (byte)'I';
        (head[2], head[4]) = (43, 8);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), start);
        file.Position = 0;
        file.Write(head);
    }

    private static Dictionary<int, Entry> EntriesOf(byte[] tiff)
    {
        if (tiff is not [(byte)'I', (byte)'I', 42, 0, ..])
        {
            throw new InvalidOperationException("The source is not a classic little-endian TIFF.");
        }

        var entries = new Dictionary<int, Entry>();
        var directory = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(directory)); i++)
        {
            var entry = tiff.AsSpan(directory + 2 + (12 * i), 12);
            int type = BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]), count = BinaryPrimitives.ReadInt32LittleEndian(entry[4..]);
            var bytes = count * Entry.SizeOf(type);
            var value = bytes <= 4 ? entry.Slice(8, bytes) : tiff.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(entry[8..]), bytes);
            entries[BinaryPrimitives.ReadUInt16LittleEndian(entry)] = new Entry(type, count, value.ToArray());
        }

        return entries;
    }

    private sealed record Entry(int Type, long Count, byte[] Bytes)
    {
        public static Entry Of(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            return new Entry(4, 1, bytes);
        }

        public static int SizeOf(int type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 => 4, 5 or 10 or 12 or 16 => 8, _ => throw new InvalidOperationException($"TIFF type {type}.") };

        public long Number(int i) => Type == 3 ? BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(2 * i)) : BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(4 * i));
    }
}
