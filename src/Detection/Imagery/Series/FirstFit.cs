using Monitoring.Detection.Imagery.Ccdc.Watch;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The first fit of a large series' history, tile by tile in the background, from the looks that were laid by. Each piece ends with a
/// generation on the disk: a process that dies loses the tiles since the one before, and the next goes on there.
/// </summary>
/// <remarks>One owner at a time. Memory is one tile.</remarks>
internal sealed class FirstFit(SeriesStore store, SeriesOptions options)
{
    /// <summary>Whether tiles of a series wait for their first fit.</summary>
    public bool Remains(SeriesState state)
    {
        var schedule = new WatchSchedule(state, options);
        return schedule.IsWatched && state.Scenes.Count >= schedule.ReadyFrom && state.Scenes.Count < schedule.SpeaksFrom && state.FittedTiles < TilesOf(state).Count;
    }

    /// <summary>Fits tiles until it is told to stop, one at least.</summary>
    /// <param name="state">One of which tiles remain.</param>
    /// <param name="goOn">Asked after each tile.</param>
    /// <returns>The series with its new generation of the watch, which is on the disk and counts once the state is saved.</returns>
    public async Task<SeriesState> RunAsync(SeriesState state, Func<CancellationToken, Task<bool>> goOn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(goOn);
        var tiles = TilesOf(state);
        var catchUp = new WatchCatchUp(store, state, new WatchSchedule(state, options), tiles, options);
        var tile = state.FittedTiles;

        // What is left of the first place of each tile, and the second, which the first scene after it takes.
        store.NeedRoom((2 * tiles.First(tiles.Count) - tiles.First(tile)) * SeriesWatch.UsualBytesOfPixel);
        using var file = store.OpenWatch(state, tiles);
        var states = new WatchState[tiles.Pixels(0)];
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var at = tile++;
            await Task.Run(() => Fit(at), cancellationToken);
        }
        while (tile < tiles.Count && await goOn(cancellationToken));

        var index = SeriesStore.WatchIndex(state, tile);
        file.MakeDurable(store.PathOf(index));
        return state with { Watch = index, FittedTiles = tile };

        void Fit(int at)
        {
            var own = states.AsSpan(0, tiles.Pixels(at));
            if (catchUp.Read(file, at, own))
            {
                file.Write(at, own, state.Laid[^1]);
            }
        }
    }

    private WatchTiles TilesOf(SeriesState state) => new(state.Grid.Width, state.Grid.Height, options.TilePixels);
}
