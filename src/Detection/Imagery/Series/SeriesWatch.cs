using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>One scene's look for the watch of a series: states are read, moved on and written tile by tile; of tiles that it does not show nothing is read nor written.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SeriesWatch : IDisposable
{
    private readonly SeriesWatchFile _file;
    private readonly TileWatch _watch;
    private readonly int[] _days;
    private readonly int _day;
    private readonly int _epoch;
    private WatchState[] _states = [];
    private short[] _values = [];
    private bool[] _clear = [];

    private int _tile;

    private SeriesWatch(SeriesWatchFile file, WatchOptions options, int[] days, int epoch) =>
        (_file, _watch, _days, _day, _epoch) = (file, new TileWatch(options), days, days[^1], epoch);

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

        var file = SeriesWatchFile.Open(
            store.PathOf(SeriesStore.WatchData(state)), state.Watch is null ? null : store.PathOf(state.Watch), store.PathOf(next),
            state.Grid.Width, state.Grid.Height, options.TilePixels);
        return new SeriesWatch(file, options.Watch, days, epoch);
    }

    /// <summary>Moves the next tile on, from the top left row by row.</summary>
    /// <returns>The states of the pixels that are seen; of others they say nothing.</returns>
    /// <param name="ndvi">By pixel of the tile; NaN where it was not seen.</param>
    public ReadOnlySpan<WatchState> Take(ReadOnlySpan<float> ndvi)
    {
        var tile = _tile++;
        if (_states.Length < ndvi.Length)
        {
            (_states, _values, _clear) = (new WatchState[ndvi.Length], new short[ndvi.Length], new bool[ndvi.Length]);
        }

        var states = _states.AsSpan(0, ndvi.Length);
        var shown = false;
        for (var i = 0; i < ndvi.Length; i++)
        {
            _clear[i] = float.IsFinite(ndvi[i]);
            shown |= _clear[i];
            _values[i] = _clear[i] ? (short)MathF.Round(Math.Clamp(ndvi[i], -1, 1) * 10_000) : (short)0;
        }

        if (!shown)
        {
            states.Clear();
            return states;
        }

        _file.Read(tile, states);
        var look = _watch.Take(states, _values.AsSpan(0, ndvi.Length), _clear.AsSpan(0, ndvi.Length), _day, _epoch);
        (Followed, Breaks, Left) = (Followed + look.Followed, Breaks + look.Breaks, Left + (look.Usable ? 0 : 1));
        if (look.Usable)
        {
            _file.Write(tile, states);
        }

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

    /// <summary>What was written is on the disk and the new generation named when this returns.</summary>
    public void MakeDurable() => _file.MakeDurable();

    public void Dispose() => _file.Dispose();

    private static int DayOf(SeriesScene scene) => DateOnly.FromDateTime(scene.AcquiredAt.UtcDateTime).DayNumber;
}
