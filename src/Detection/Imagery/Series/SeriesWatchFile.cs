using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The watch of a series on the disk: one file of packed states with two places for each tile, and for each generation a small index that says
/// which of the two holds, through which scene it is worked and what its checksum is. A generation writes its tiles into the place that the one
/// before does not use, so that a crash at any moment leaves that one as it was; the index is written last. The places are as large as a tile can
/// ever become and the file has holes: the disk holds what was written. docs/algorithms/ccdc.md gives the layout.
/// </summary>
/// <remarks>Not thread-safe. Memory: one packed tile and 32 bytes a tile.</remarks>
internal sealed class SeriesWatchFile : IDisposable
{
    internal const int HeaderBytes = 32;
    private const int EntryBytes = 16;
    private static ReadOnlySpan<byte> StatesMagic => "WATCHST\x03"u8;
    private static ReadOnlySpan<byte> IndexMagic => "WATCHIX\x03"u8;

    private readonly SafeFileHandle _states;
    private readonly string _path;
    private readonly byte[] _header;
    private readonly WatchTiles _tiles;
    private readonly WatchPacking _packing = new();
    private byte[] _packed = [];

    /// <summary>In the generation before, then in this one.</summary>
    private readonly Entry[] _before;
    private readonly Entry[] _now;

    private SeriesWatchFile(SafeFileHandle states, string path, byte[] header, WatchTiles tiles, Entry[] before) =>
        (_states, _path, _header, _tiles, _before, _now) = (states, path, header, tiles, before, (Entry[])before.Clone());

    /// <summary>What an index says of a tile.</summary>
    /// <param name="Place">0 = never written, else 1 or 2.</param>
    /// <param name="Through">Ordinal of the newest scene that is worked into it.</param>
    private readonly record struct Entry(byte Place, int Through, int Length, uint Checksum);

    /// <summary>Opens the states for one more generation.</summary>
    /// <param name="states">Path of the states; begun anew when there is no generation before.</param>
    /// <param name="before">Path of the index of the generation before, or null.</param>
    /// <exception cref="SeriesMemoryException">They are not there, cut off, damaged, or of another grid.</exception>
    public static SeriesWatchFile Open(string states, string? before, WatchTiles tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        var header = tiles.Header(WatchState.Bytes);
        SafeFileHandle? file = null;
        try
        {
            var entries = before is null ? new Entry[tiles.Count] : ReadIndex(before, header, tiles.Count);
            file = File.OpenHandle(states, before is null ? FileMode.Create : FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            StatesMagic.CopyTo(header);
            if (before is null)
            {
                RandomAccess.Write(file, header, 0);
            }
            else
            {
                Span<byte> found = stackalloc byte[HeaderBytes];
                if (RandomAccess.Read(file, found, 0) != HeaderBytes || !found.SequenceEqual(header))
                {
                    throw new InvalidDataException("It is of another grid or version, or cut off.");
                }
            }

            return new SeriesWatchFile(file, states, header, tiles, entries);
        }
        catch (Exception problem)
        {
            file?.Dispose();
            if (SeriesMemoryException.IsDamage(problem))
            {
                throw new SeriesMemoryException(before ?? states, problem);
            }

            throw;
        }
    }

    /// <summary>Through which scene a tile was worked in the generation before; 0 = it was never written.</summary>
    public int Through(int tile) => _before[tile].Through;

    /// <summary>Bytes that the tiles of this generation take.</summary>
    public long PackedBytes => _now.Sum(e => (long)e.Length);

    /// <summary>A tile as the generation before left it; zeros when it was never written.</summary>
    /// <param name="tile">Number of the tile, row by row.</param>
    /// <exception cref="SeriesMemoryException">It is damaged.</exception>
    public void Read(int tile, Span<WatchState> states)
    {
        var entry = _before[tile];
        if (entry.Place == 0)
        {
            states.Clear();
            return;
        }

        try
        {
            var bytes = Buffer(entry.Length).AsSpan(0, entry.Length);
            ReadWhole(_states, bytes, At(tile, entry.Place));
            if (Checksum(bytes) != entry.Checksum)
            {
                throw new InvalidDataException("A tile does not match its checksum.");
            }

            WatchPacking.Unpack(bytes, states);
        }
        catch (Exception problem) when (SeriesMemoryException.IsDamage(problem))
        {
            throw new SeriesMemoryException(_path, problem);
        }
    }

    /// <summary>A tile of this generation; one that is not written stays as it was.</summary>
    /// <param name="through">Ordinal of the newest scene that is in it.</param>
    public void Write(int tile, Span<WatchState> states, int through)
    {
        var buffer = Buffer((int)Math.Min(WatchPacking.MostBytes(states.Length), Array.MaxLength));
        var bytes = buffer.AsSpan(0, _packing.Pack(states, buffer));
        var entry = new Entry((byte)(_before[tile].Place == 1 ? 2 : 1), through, bytes.Length, Checksum(bytes));
        RandomAccess.Write(_states, bytes, At(tile, entry.Place));
        _now[tile] = entry;
    }

    /// <summary>The states are on the disk when this returns, and after them the index that makes them count.</summary>
    /// <param name="path">Of the index to write.</param>
    public void MakeDurable(string path)
    {
        RandomAccess.FlushToDisk(_states);
        var bytes = new byte[HeaderBytes + (_now.Length * EntryBytes) + sizeof(uint)];
        _header.CopyTo(bytes, 0);
        IndexMagic.CopyTo(bytes);
        for (var tile = 0; tile < _now.Length; tile++)
        {
            var at = bytes.AsSpan(HeaderBytes + (tile * EntryBytes));
            BinaryPrimitives.WriteInt32LittleEndian(at, _now[tile].Place);
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], _now[tile].Through);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], _now[tile].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(at[12..], _now[tile].Checksum);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint)), Checksum(bytes.AsSpan(0, bytes.Length - sizeof(uint))));
        using var index = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(index, bytes, 0);
        RandomAccess.FlushToDisk(index);
    }

    public void Dispose() => _states.Dispose();

    /// <summary>CRC-32C.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> bytes)
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

    /// <exception cref="InvalidDataException">The file ends before.</exception>
    internal static void ReadWhole(SafeFileHandle file, Span<byte> bytes, long at)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes[done..], at + done);
            done += read > 0 ? read : throw new InvalidDataException("It is cut off.");
        }
    }

    private static Entry[] ReadIndex(string path, byte[] header, int tiles)
    {
        var bytes = File.ReadAllBytes(path);
        IndexMagic.CopyTo(header);
        if (bytes.Length != HeaderBytes + (tiles * EntryBytes) + sizeof(uint) || !bytes.AsSpan(0, HeaderBytes).SequenceEqual(header)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))) != Checksum(bytes.AsSpan(0, bytes.Length - sizeof(uint))))
        {
            throw new InvalidDataException("It is of another grid or version, damaged or cut off.");
        }

        var entries = new Entry[tiles];
        for (var tile = 0; tile < tiles; tile++)
        {
            var at = bytes.AsSpan(HeaderBytes + (tile * EntryBytes));
            entries[tile] = new Entry(
                (byte)BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[4..]), BinaryPrimitives.ReadInt32LittleEndian(at[8..]), BinaryPrimitives.ReadUInt32LittleEndian(at[12..]));
        }

        return entries;
    }

    private byte[] Buffer(int length) => _packed.Length >= length ? _packed : _packed = new byte[length];

    private long At(int tile, int place) => HeaderBytes + Before(tile) + ((place - 1) * Before(_tiles.Count));

    /// <summary>Bytes that the places of all tiles before one take.</summary>
    private long Before(int tile) => (_tiles.First(tile) * WatchPacking.MostBytesOfPixel) + ((long)tile * WatchPacking.MostBytesBeside);
}
