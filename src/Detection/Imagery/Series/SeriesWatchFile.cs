using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The watch of a series on the disk: one file of states with two places for each tile, and for each generation a small index that says which
/// of the two holds and what its checksum is. A scene writes the tiles that it shows into the place that the generation before does not use,
/// so that a crash at any moment leaves that generation as it was; the index is written last. docs/algorithms/ccdc.md gives the layout.
/// </summary>
/// <remarks>Not thread-safe. Memory: 8 bytes a tile.</remarks>
internal sealed class SeriesWatchFile : IDisposable
{
    private const int HeaderBytes = 32;
    private const int EntryBytes = sizeof(ulong);
    private static ReadOnlySpan<byte> StatesMagic => "WATCHST\x02"u8;
    private static ReadOnlySpan<byte> IndexMagic => "WATCHIX\x02"u8;

    private readonly SafeFileHandle _states;
    private readonly string _path;
    private readonly string _index;
    private readonly byte[] _header;
    private readonly long[] _offsets;

    /// <summary>Of each tile in the generation before, then in this one: 0 = never written, else its place (1 or 2) above the checksum.</summary>
    private readonly ulong[] _before;
    private readonly ulong[] _now;

    private SeriesWatchFile(SafeFileHandle states, string path, string index, byte[] header, long[] offsets, ulong[] before) =>
        (_states, _path, _index, _header, _offsets, _before, _now) = (states, path, index, header, offsets, before, (ulong[])before.Clone());

    /// <summary>Opens the states for one more generation.</summary>
    /// <param name="states">Path of the states; begun anew when there is no generation before.</param>
    /// <param name="before">Path of the index of the generation before, or null.</param>
    /// <param name="next">Path of the index to write.</param>
    /// <exception cref="SeriesMemoryException">They are not there, cut off, damaged, or of another grid.</exception>
    public static SeriesWatchFile Open(string states, string? before, string next, int width, int height, int side)
    {
        var offsets = Offsets(width, height, side);
        var header = Header(width, height, side);
        SafeFileHandle? file = null;
        try
        {
            var entries = before is null ? new ulong[offsets.Length - 1] : ReadIndex(before, header, offsets.Length - 1);
            file = File.OpenHandle(states, before is null ? FileMode.Create : FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (before is null)
            {
                StatesMagic.CopyTo(header);
                RandomAccess.Write(file, header, 0);
            }
            else
            {
                Span<byte> found = stackalloc byte[HeaderBytes];
                StatesMagic.CopyTo(header);
                if (RandomAccess.Read(file, found, 0) != HeaderBytes || !found.SequenceEqual(header))
                {
                    throw new InvalidDataException("It is of another grid or version, or cut off.");
                }
            }

            return new SeriesWatchFile(file, states, next, header, offsets, entries);
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException)
        {
            file?.Dispose();
            throw new SeriesMemoryException(before ?? states, problem);
        }
    }

    /// <summary>A tile as the generation before left it; zeros when it was never written.</summary>
    /// <param name="tile">Number of the tile, row by row.</param>
    /// <exception cref="SeriesMemoryException">It is damaged.</exception>
    public void Read(int tile, Span<WatchState> states)
    {
        var entry = _before[tile];
        if (entry == 0)
        {
            states.Clear();
            return;
        }

        try
        {
            var bytes = MemoryMarshal.AsBytes(states);
            var at = At(tile, entry);
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(_states, bytes[done..], at + done);
                done += read > 0 ? read : throw new InvalidDataException("It is cut off.");
            }

            if (Checksum(bytes) != (uint)entry)
            {
                throw new InvalidDataException("A tile does not match its checksum.");
            }
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException)
        {
            throw new SeriesMemoryException(_path, problem);
        }
    }

    /// <summary>A tile of this generation; one that is not written stays as it was.</summary>
    public void Write(int tile, ReadOnlySpan<WatchState> states)
    {
        var bytes = MemoryMarshal.AsBytes(states);
        var place = _before[tile] >> 32 == 1 ? 2UL : 1UL;
        var entry = (place << 32) | Checksum(bytes);
        RandomAccess.Write(_states, bytes, At(tile, entry));
        _now[tile] = entry;
    }

    /// <summary>The states are on the disk when this returns, and after them the index that makes them count.</summary>
    public void MakeDurable()
    {
        RandomAccess.FlushToDisk(_states);
        var bytes = new byte[HeaderBytes + (_now.Length * EntryBytes) + sizeof(uint)];
        _header.CopyTo(bytes, 0);
        IndexMagic.CopyTo(bytes);
        for (var tile = 0; tile < _now.Length; tile++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HeaderBytes + (tile * EntryBytes)), _now[tile]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Checksum(bytes.AsSpan(0, bytes.Length - sizeof(uint))));
        using var index = File.OpenHandle(_index, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(index, bytes, 0);
        RandomAccess.FlushToDisk(index);
    }

    public void Dispose() => _states.Dispose();

    private static ulong[] ReadIndex(string path, byte[] header, int tiles)
    {
        var bytes = File.ReadAllBytes(path);
        IndexMagic.CopyTo(header);
        if (bytes.Length != HeaderBytes + (tiles * EntryBytes) + sizeof(uint) || !bytes.AsSpan(0, HeaderBytes).SequenceEqual(header)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))) != Checksum(bytes.AsSpan(0, bytes.Length - sizeof(uint))))
        {
            throw new InvalidDataException("It is of another grid or version, damaged or cut off.");
        }

        var entries = new ulong[tiles];
        for (var tile = 0; tile < tiles; tile++)
        {
            entries[tile] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(HeaderBytes + (tile * EntryBytes)));
        }

        return entries;
    }

    private long At(int tile, ulong entry) => HeaderBytes + ((long)((entry >> 32) - 1) * _offsets[^1]) + _offsets[tile];

    /// <summary>Where each tile begins, in bytes from the first; the last is the size of all.</summary>
    private static long[] Offsets(int width, int height, int side)
    {
        var offsets = new List<long> { 0 };
        for (var y = 0; y < height; y += side)
        {
            for (var x = 0; x < width; x += side)
            {
                offsets.Add(offsets[^1] + ((long)Math.Min(side, width - x) * Math.Min(side, height - y) * WatchState.Bytes));
            }
        }

        return [.. offsets];
    }

    private static byte[] Header(int width, int height, int side)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), width);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), height);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), side);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), WatchState.Bytes);
        return header;
    }

    /// <summary>CRC-32C.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = bytes.Length / sizeof(ulong) * sizeof(ulong);
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes[..words]))
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var one in bytes[words..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
