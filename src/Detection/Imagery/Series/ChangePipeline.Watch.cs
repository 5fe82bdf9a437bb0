using Microsoft.Extensions.Logging;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>What the pipeline does while no scene waits: the first fit of large series.</summary>
public sealed partial class ChangePipeline : ISeriesWatching
{
    /// <summary>What others may read of the series; never changed, only replaced.</summary>
    private volatile IReadOnlyList<SeriesState> _shown = [];

    /// <inheritdoc/>
    public IReadOnlyList<WatchedSeries> Now => [.. _shown.Select(Progress)];

    /// <summary>Works at the first fit of one series for a while: until a scene waits, or a generation is due on the disk.</summary>
    /// <returns>False when there was nothing to do.</returns>
    public async Task<bool> FitSomeAsync(CancellationToken cancellationToken)
    {
        var fit = new FirstFit(_store, options.Series);
        if (_states is not { } states || states.FindIndex(fit.Remains) is not (>= 0 and var at))
        {
            return false;
        }

        var position = await cursors.PositionAsync(Consumer, cancellationToken);
        var begun = clock.GetTimestamp();
        var last = begun;
        try
        {
            List<SeriesState> next = [.. states];
            next[at] = await fit.RunAsync(states[at], GoOnAsync, cancellationToken);
            _store.Save(position, position, next);
            Keep(next);
        }
        catch (SeriesMemoryException)
        {
            (_states, _rebuilt) = (null, null);
            _store.Forget();
            throw;
        }

        if (!fit.Remains(_states[at]))
        {
            Fitted(_states[at].Scenes[0].Id, clock.GetElapsedTime(begun));
        }

        return true;

        async Task<bool> GoOnAsync(CancellationToken token)
        {
            if (clock.GetElapsedTime(begun) >= options.Series.BackgroundPiece || (await scenes.ReadAfterAsync(position, 1, token)).Count > 0)
            {
                return false;
            }

            // The rest of its share belongs to others.
            var rest = clock.GetElapsedTime(last) * ((1 / options.Series.BackgroundShare) - 1);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, clock, token);
            }

            last = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>The series as they now stand.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_states))]
    private void Keep(List<SeriesState> states) => (_states, _shown) = (states, states);

    private WatchedSeries Progress(SeriesState state)
    {
        var schedule = new WatchSchedule(state, options.Series);
        var count = state.Scenes.Count;
        var tiles = new WatchTiles(state.Grid.Width, state.Grid.Height, options.Series.TilePixels).Count;
        var (progress, share) = !schedule.IsWatched ? (WatchProgress.NotWatched, 0)
            : count < schedule.MayBegin ? (WatchProgress.Gathering, 0)
            : count >= schedule.SpeaksFrom ? (WatchProgress.Watching, 1)
            : (WatchProgress.Fitting, (double)Math.Min(state.FittedTiles, tiles) / tiles);
        return new WatchedSeries(state.SeriesId, state.Scenes[0].Id, state.Ground, (long)state.Grid.Width * state.Grid.Height, count, progress, share);
    }

    /// <summary>In a memory that is made again: series whose first scene can no longer be worked go on with their grid.</summary>
    /// <param name="before">Catalogue sequence up to which first scenes must have been worked, exclusive.</param>
    private async Task<List<SeriesState>> GoOnWithoutFirstAsync(List<SeriesState> states, IReadOnlyList<SeriesReference> references, long before, CancellationToken cancellationToken)
    {
        foreach (var reference in references.Where(r => r.First.Sequence < before && states.TrueForAll(s => s.SeriesId != r.Begun.SeriesId)))
        {
            states = [.. states, _store.Begin(reference.WithoutFirstLook())];
            await SetAsideAsync(
                reference.First.Id, reference.First.Sequence,
                "the first scene of a series can no longer be read: the series keeps its grid and goes on with the later scenes, without that look.", cancellationToken);
        }

        return states;
    }

    [LoggerMessage(3107, LogLevel.Information, "The history of the series that {First} began is fitted; the last piece took {Elapsed}. Its seasonal models are heard when the time that was set for the fit is over")]
    private partial void Fitted(string first, TimeSpan elapsed);
}
