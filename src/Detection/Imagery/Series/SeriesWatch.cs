using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The file of a series' watch (<see cref="WatchState"/> of every pixel), one a generation beside the histories: a header, then tile by
/// tile the states of its pixels row by row, each tile with its CRC-32C. Written from the first tile to the last; nothing is changed in
/// place. docs/algorithms/ccdc.md gives the layout.
/// </summary>
internal sealed class SeriesWatchFile : IDisposable
{
    private const int HeaderBytes = 32;
    private const int TrailerBytes = sizeof(ulong);
    private static ReadOnlySpan<byte> Magic => "WATCH\x01\r\n"u8;

    private readonly FileStream _stream;
    private readonly string _path;

    private SeriesWatchFile(FileStream stream, string path) => (_stream, _path) = (stream, path);

    /// <summary>Begins a file.</summary>
    public static SeriesWatchFile Create(string path, int width, int height, int side)
    {
        var file = new SeriesWatchFile(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16), path);
        file._stream.Write(Header(width, height, side));
        return file;
    }

    /// <exception cref="SeriesMemoryException">It is not there, cut off, or of another grid.</exception>
    public static SeriesWatchFile Open(string path, int width, int height, int side)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            Span<byte> found = stackalloc byte[HeaderBytes];
            stream.ReadExactly(found);
            var tiles = (long)((width + side - 1) / side) * ((height + side - 1) / side);
            return found.SequenceEqual(Header(width, height, side)) && stream.Length == HeaderBytes + ((long)width * height * WatchState.Bytes) + (tiles * TrailerBytes)
                ? new SeriesWatchFile(stream, path)
                : throw new InvalidDataException("It is of another grid or version, or cut off.");
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException)
        {
            stream?.Dispose();
            throw new SeriesMemoryException(path, problem);
        }
    }

    /// <summary>The next tile.</summary>
    /// <exception cref="SeriesMemoryException">It is damaged.</exception>
    public void Read(Span<WatchState> states)
    {
        try
        {
            var bytes = MemoryMarshal.AsBytes(states);
            _stream.ReadExactly(bytes);
            Span<byte> trailer = stackalloc byte[TrailerBytes];
            _stream.ReadExactly(trailer);
            if (BinaryPrimitives.ReadUInt64LittleEndian(trailer) != Checksum(bytes))
            {
                throw new InvalidDataException("A tile does not match its checksum.");
            }
        }
        catch (Exception problem) when (problem is IOException or InvalidDataException)
        {
            throw new SeriesMemoryException(_path, problem);
        }
    }

    /// <summary>Appends a tile.</summary>
    public void Write(ReadOnlySpan<WatchState> states)
    {
        var bytes = MemoryMarshal.AsBytes(states);
        _stream.Write(bytes);
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(trailer, Checksum(bytes));
        _stream.Write(trailer);
    }

    /// <summary>What was written is on the disk when this returns.</summary>
    public void MakeDurable() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();

    private static byte[] Header(int width, int height, int side)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), width);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), height);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), side);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), WatchState.Bytes);
        return header;
    }

    private static ulong Checksum(ReadOnlySpan<byte> bytes)
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

/// <summary>One scene's look for the watch of a series: states are read, moved on and written tile by tile.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SeriesWatch : IDisposable
{
    private readonly SeriesWatchFile? _old;
    private readonly SeriesWatchFile _new;
    private readonly TileWatch _watch;
    private readonly int[] _days;
    private readonly int _day;
    private readonly int _epoch;
    private WatchState[] _states = [];
    private short[] _values = [];
    private bool[] _clear = [];

    private SeriesWatch(SeriesWatchFile? old, SeriesWatchFile next, WatchOptions options, int[] days, int epoch) =>
        (_old, _new, _watch, _days, _day, _epoch) = (old, next, new TileWatch(options), days, days[^1], epoch);

    /// <summary>Pixels whose model was asked.</summary>
    public long Followed { get; private set; }

    /// <summary>Pixels that this look made certain of.</summary>
    public long Breaks { get; private set; }

    /// <summary>Tiles in which the look showed no ground.</summary>
    public int Left { get; private set; }

    /// <summary>The watch of a series takes its newest scene, or null when it is not watched: its grid is too large, or two scenes came on a day.</summary>
    /// <param name="state">With the new scene in it and the old watch.</param>
    public static SeriesWatch? Of(SeriesStore store, SeriesState state, string next, SeriesOptions options)
    {
        if ((long)state.Grid.Width * state.Grid.Height > options.MostWatchedPixels)
        {
            return null;
        }

        var epoch = DayOf(state.Scenes[0]) - 1;
        int[] days = [.. state.Scenes.Select(s => DayOf(s) - epoch)];
        if (days[^1] > ushort.MaxValue || (days.Length > 1 && days[^1] == days[^2]))
        {
            return null;
        }

        var old = state.Watch is null ? null : SeriesWatchFile.Open(store.PathOf(state.Watch), state.Grid.Width, state.Grid.Height, options.TilePixels);
        return new SeriesWatch(old, SeriesWatchFile.Create(store.PathOf(next), state.Grid.Width, state.Grid.Height, options.TilePixels), options.Watch, days, epoch);
    }

    /// <summary>Moves the next tile on, from the top left row by row.</summary>
    /// <param name="ndvi">By pixel of the tile; NaN where it was not seen.</param>
    public ReadOnlySpan<WatchState> Take(ReadOnlySpan<float> ndvi)
    {
        if (_states.Length < ndvi.Length)
        {
            (_states, _values, _clear) = (new WatchState[ndvi.Length], new short[ndvi.Length], new bool[ndvi.Length]);
        }

        var states = _states.AsSpan(0, ndvi.Length);
        states.Clear();
        _old?.Read(states);
        for (var i = 0; i < ndvi.Length; i++)
        {
            _clear[i] = float.IsFinite(ndvi[i]);
            _values[i] = _clear[i] ? (short)MathF.Round(Math.Clamp(ndvi[i], -1, 1) * 10_000) : (short)0;
        }

        var look = _watch.Take(states, _values.AsSpan(0, ndvi.Length), _clear.AsSpan(0, ndvi.Length), _day, _epoch);
        (Followed, Breaks, Left) = (Followed + look.Followed, Breaks + look.Breaks, Left + (look.Usable ? 0 : 1));
        _new.Write(states);
        return states;
    }

    /// <summary>Writes a loss of plants that this look made certain of into the pixel's history.</summary>
    public void Tell(ref PixelHistory history, in WatchState state)
    {
        if (state.HasBreak && state.BreakSeen == _day && state.BreakChange < 0)
        {
            (history.BreakAfter, history.BreakBy) = (OrdinalOf(state.BreakAfter), OrdinalOf(state.BreakDay));
            history.BreakEvidence = (ushort)MathF.Round(state.BreakEvidence * 1000);
        }
    }

    /// <summary>Ordinal of the scene of a day.</summary>
    private ushort OrdinalOf(int day)
    {
        var at = Array.BinarySearch(_days, day);
        return (ushort)((at < 0 ? ~at : at) + 1);
    }

    public void MakeDurable() => _new.MakeDurable();

    public void Dispose()
    {
        _old?.Dispose();
        _new.Dispose();
    }

    private static int DayOf(SeriesScene scene) => DateOnly.FromDateTime(scene.AcquiredAt.UtcDateTime).DayNumber;
}
