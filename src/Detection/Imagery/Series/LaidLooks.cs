using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// One scene's NDVI × 10 000, tile by tile, laid by until the watch takes it: 2 bytes a pixel of the tiles that it shows. Written once and then
/// only read; docs/algorithms/ccdc.md gives the layout.
/// </summary>
/// <remarks>Not thread-safe. Memory: 4 bytes a tile.</remarks>
internal sealed class LaidLooks : IDisposable
{
    /// <summary>Of a pixel that was not seen.</summary>
    public const short Unseen = short.MinValue;

    private static ReadOnlySpan<byte> Magic => "WATCHLK\x01"u8;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly WatchTiles _tiles;

    /// <summary>Checksum of each tile; 0 = nothing of it was seen.</summary>
    private readonly uint[] _checksums;

    private LaidLooks(SafeFileHandle file, string path, WatchTiles tiles, uint[] checksums) => (_file, _path, _tiles, _checksums) = (file, path, tiles, checksums);

    private static int HeadBytes(WatchTiles tiles) => SeriesWatchFile.HeaderBytes + ((tiles.Count + 1) * sizeof(uint));

    public static LaidLooks Create(string path, WatchTiles tiles) =>
        new(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None), path, tiles, new uint[tiles.Count]);

    /// <exception cref="SeriesMemoryException">It is not there, cut off, damaged, or of another grid.</exception>
    public static LaidLooks Open(string path, WatchTiles tiles)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var head = new byte[HeadBytes(tiles)];
            SeriesWatchFile.ReadWhole(file, head, 0);
            if (!head.AsSpan(0, SeriesWatchFile.HeaderBytes).SequenceEqual(Header(tiles))
                || BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(head.Length - sizeof(uint))) != SeriesWatchFile.Checksum(head.AsSpan(0, head.Length - sizeof(uint))))
            {
                throw new InvalidDataException("It is of another grid or version, or damaged.");
            }

            return new LaidLooks(file, path, tiles, MemoryMarshal.Cast<byte, uint>(head.AsSpan(SeriesWatchFile.HeaderBytes, tiles.Count * sizeof(uint))).ToArray());
        }
        catch (Exception problem)
        {
            file?.Dispose();
            if (SeriesMemoryException.IsDamage(problem))
            {
                throw new SeriesMemoryException(path, problem);
            }

            throw;
        }
    }

    /// <summary>Lays a tile by of which something was seen.</summary>
    public void Write(int tile, ReadOnlySpan<short> values)
    {
        var bytes = MemoryMarshal.AsBytes(values);
        RandomAccess.Write(_file, bytes, At(tile));

        // One tile in four thousand million is checked against 1 instead of 0.
        _checksums[tile] = Math.Max(1, SeriesWatchFile.Checksum(bytes));
    }

    /// <summary>All that was written is on the disk when this returns.</summary>
    public void MakeDurable()
    {
        RandomAccess.FlushToDisk(_file);
        var head = new byte[HeadBytes(_tiles)];
        Header(_tiles).CopyTo(head, 0);
        MemoryMarshal.AsBytes(_checksums.AsSpan()).CopyTo(head.AsSpan(SeriesWatchFile.HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(head.Length - sizeof(uint)), SeriesWatchFile.Checksum(head.AsSpan(0, head.Length - sizeof(uint))));
        RandomAccess.Write(_file, head, 0);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Reads a tile.</summary>
    /// <returns>False when nothing of it was seen; <paramref name="values"/> then are as they were.</returns>
    /// <exception cref="SeriesMemoryException">It is damaged.</exception>
    public bool Read(int tile, Span<short> values)
    {
        if (_checksums[tile] == 0)
        {
            return false;
        }

        try
        {
            var bytes = MemoryMarshal.AsBytes(values);
            SeriesWatchFile.ReadWhole(_file, bytes, At(tile));
            return Math.Max(1, SeriesWatchFile.Checksum(bytes)) == _checksums[tile] ? true : throw new InvalidDataException("A tile does not match its checksum.");
        }
        catch (Exception problem) when (SeriesMemoryException.IsDamage(problem))
        {
            throw new SeriesMemoryException(_path, problem);
        }
    }

    public void Dispose() => _file.Dispose();

    private static byte[] Header(WatchTiles tiles)
    {
        var header = tiles.Header(sizeof(short));
        Magic.CopyTo(header);
        return header;
    }

    private long At(int tile) => HeadBytes(_tiles) + (_tiles.First(tile) * sizeof(short));
}
