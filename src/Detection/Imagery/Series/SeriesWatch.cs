using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// One scene's look for the watch of a series. While the models are not heard yet the look is laid by; afterwards the states of each tile that
/// it shows are read, moved on and written.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SeriesWatch : IDisposable
{
    /// <summary>Bytes that the packed states of a pixel take on the disk; docs/algorithms/ccdc.md has the measurement.</summary>
    public const int UsualBytesOfPixel = 75;

    private readonly SeriesStore _store;
    private readonly SeriesState _state;
    private readonly WatchSchedule _schedule;
    private readonly WatchTiles _tiles;
    private readonly WatchCatchUp _catchUp;
    private readonly int _ordinal;
    private readonly SeriesWatchFile? _file;
    private readonly LaidLooks? _laid;
    private WatchState[] _states = [];
    private short[] _values = [];
    private bool[] _clear = [];
    private int _tile;

    private SeriesWatch(SeriesStore store, SeriesState state, WatchSchedule schedule, SeriesOptions options)
    {
        (_store, _state, _schedule, _ordinal) = (store, state, schedule, state.Scenes.Count);
        _tiles = new WatchTiles(state.Grid.Width, state.Grid.Height, options.TilePixels);
        _catchUp = new WatchCatchUp(store, state, schedule, _tiles, options);
        if (_ordinal >= schedule.SpeaksFrom)
        {
            _file = store.OpenWatch(state, _tiles);
        }
        else
        {
            _laid = LaidLooks.Create(store.PathOf(SeriesStore.LaidLook(state, _ordinal)), _tiles);
        }
    }

    /// <summary>Pixels whose model was asked.</summary>
    public long Followed { get; private set; }

    /// <summary>Pixels that this look made certain of.</summary>
    public long Breaks { get; private set; }

    /// <summary>Tiles in which the look showed no ground.</summary>
    public int Left { get; private set; }

    /// <summary>The watch of a series takes its newest scene, or null when that is no look for it: its grid is too large, or two scenes came on a day.</summary>
    /// <param name="state">With the new scene in it and the old watch.</param>
    public static SeriesWatch? Of(SeriesStore store, SeriesState state, SeriesOptions options)
    {
        var schedule = new WatchSchedule(state, options);
        return schedule.IsWatched && schedule.IsLook(state.Scenes.Count) ? new SeriesWatch(store, state, schedule, options) : null;
    }

    /// <summary>Bytes that a look will take on the disk, beyond what the generations before took.</summary>
    /// <param name="state">With the new scene in it and the old watch.</param>
    public static long RoomFor(SeriesState state, SeriesOptions options)
    {
        var schedule = new WatchSchedule(state, options);
        var (ordinal, pixels) = (state.Scenes.Count, (long)state.Grid.Width * state.Grid.Height);
        return !schedule.IsWatched || !schedule.IsLook(ordinal) ? 0
            : ordinal < schedule.SpeaksFrom ? sizeof(short) * pixels

            // Both places are there once a generation stood before; a tile is then written where an older one was.
            : state.Watch is null ? 2 * UsualBytesOfPixel * pixels
            : state.Laid.Count > 0 ? UsualBytesOfPixel * pixels
            : 0;
    }

    /// <summary>Moves the next tile on, from the top left row by row.</summary>
    /// <returns>The states of its pixels; empty where there is nothing that they could say.</returns>
    /// <param name="ndvi">By pixel of the tile; NaN where it was not seen.</param>
    public ReadOnlySpan<WatchState> Take(ReadOnlySpan<float> ndvi)
    {
        var tile = _tile++;
        if (_values.Length < ndvi.Length)
        {
            (_values, _clear) = (new short[ndvi.Length], new bool[ndvi.Length]);
        }

        var shown = false;
        for (var i = 0; i < ndvi.Length; i++)
        {
            _clear[i] = float.IsFinite(ndvi[i]);
            shown |= _clear[i];
            _values[i] = _clear[i] ? (short)MathF.Round(Math.Clamp(ndvi[i], -1, 1) * 10_000) : LaidLooks.Unseen;
        }

        return _file is null ? LayBy(tile, shown, ndvi.Length) : Follow(_file, tile, shown, ndvi.Length);
    }

    /// <summary>Writes the newest loss of plants that the models are certain of into the pixel's history.</summary>
    /// <returns>Whether the history did not have it.</returns>
    public bool Tell(ref PixelHistory history, in WatchState state)
    {
        if (!state.HasBreak || state.BreakChange >= 0)
        {
            return false;
        }

        var before = history;
        (history.BreakAfter, history.BreakBy) = ((ushort)_schedule.OrdinalOf(state.BreakAfter), (ushort)_schedule.OrdinalOf(state.BreakDay));
        history.BreakEvidence = (ushort)MathF.Round(state.BreakEvidence * 1000);
        return history != before;
    }

    /// <summary>What was written is on the disk when this returns.</summary>
    /// <returns>The series with its new generation of the watch.</returns>
    public SeriesState MakeDurable(SeriesState state)
    {
        if (_laid is not null)
        {
            _laid.MakeDurable();
            return state with { Laid = [.. state.Laid, _ordinal] };
        }

        var index = SeriesStore.WatchIndex(state, 0);
        _file!.MakeDurable(_store.PathOf(index));
        return state with { Watch = index, Laid = [], FittedTiles = _tiles.Count };
    }

    public void Dispose()
    {
        _file?.Dispose();
        _laid?.Dispose();
    }

    private ReadOnlySpan<WatchState> LayBy(int tile, bool shown, int pixels)
    {
        if (shown)
        {
            _laid!.Write(tile, _values.AsSpan(0, pixels));
        }

        return [];
    }

    private ReadOnlySpan<WatchState> Follow(SeriesWatchFile file, int tile, bool shown, int pixels)
    {
        // With looks laid by the models are heard for the first time: also of ground that this scene does not show.
        if (!shown && _state.Laid.Count == 0)
        {
            return [];
        }

        if (_states.Length < pixels)
        {
            _states = new WatchState[pixels];
        }

        var states = _states.AsSpan(0, pixels);
        var moved = _catchUp.Read(file, tile, states);
        if (shown)
        {
            var look = _catchUp.Take(states, _values.AsSpan(0, pixels), _clear.AsSpan(0, pixels), _ordinal);
            (Followed, Breaks, Left) = (Followed + look.Followed, Breaks + look.Breaks, Left + (look.Usable ? 0 : 1));
            moved |= look.Usable;
        }

        if (moved)
        {
            file.Write(tile, states, _ordinal);
        }

        return states;
    }
}
