using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>Moves tiles of a watch on over the looks that were laid by: a tile is read once, takes all of them in order, and is written once.</summary>
/// <remarks>A workspace: not thread-safe; memory is one tile.</remarks>
internal sealed class WatchCatchUp(SeriesStore store, SeriesState state, WatchSchedule schedule, WatchTiles tiles, SeriesOptions options)
{
    private readonly TileWatch _watch = new(options.Watch);
    private short[] _values = [];
    private bool[] _clear = [];

    /// <summary>The tile's states in the generation at hand and all looks that were laid by since.</summary>
    /// <returns>Whether any look was taken.</returns>
    public bool Read(SeriesWatchFile file, int tile, Span<WatchState> states)
    {
        file.Read(tile, states);
        var through = file.Through(tile);
        var any = false;
        foreach (var ordinal in state.Laid.Where(l => l > through))
        {
            using var look = LaidLooks.Open(store.PathOf(SeriesStore.LaidLook(state, ordinal)), tiles);
            Reserve(states.Length);
            if (look.Read(tile, _values.AsSpan(0, states.Length)))
            {
                for (var i = 0; i < states.Length; i++)
                {
                    _clear[i] = _values[i] != LaidLooks.Unseen;
                }

                any |= Take(states, _values.AsSpan(0, states.Length), _clear.AsSpan(0, states.Length), ordinal).Usable;
            }
        }

        return any;
    }

    /// <summary>Takes one look.</summary>
    public TileLook Take(Span<WatchState> states, ReadOnlySpan<short> values, ReadOnlySpan<bool> clear, int ordinal) =>
        _watch.Take(states, values, clear, schedule.Days[ordinal - 1], schedule.Epoch);

    private void Reserve(int pixels)
    {
        if (_values.Length < pixels)
        {
            (_values, _clear) = (new short[pixels], new bool[pixels]);
        }
    }
}
