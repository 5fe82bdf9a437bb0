using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <param name="States">The series with the scene in those that it gave a look to.</param>
/// <param name="InSeries">Whether the scene can be followed at all.</param>
internal sealed record Followed(List<SeriesState> States, IReadOnlyList<ChangeSet> Sets, bool InSeries);

/// <summary>One scene into all series that it shows, and into one of its own where it shows new ground.</summary>
/// <param name="late">Told of a scene that is older than a series' newest, and of the time of that one.</param>
internal sealed class SceneFollowing(SeriesStore store, SeriesOptions options, Action<string, DateTimeOffset> late)
{
    public async Task<Followed> FollowAsync(List<SeriesState> states, CataloguedScene scene, CancellationToken cancellationToken)
    {
        if (await Task.Run(() => SeriesDetector.Unfit(scene.Scene, cancellationToken), cancellationToken) is not null)
        {
            return new Followed(states, [], false);
        }

        var detector = new SeriesDetector(store, options);
        List<SeriesState> next = [.. states];
        List<ChangeSet> sets = [];
        var shown = detector.ShownBy(states, scene.Scene);
        foreach (var at in shown)
        {
            var state = states[at];
            if (scene.Scene.AcquiredAt <= state.LastAcquired)
            {
                // Histories run forward in event time; a look that comes late changes nothing that was said.
                late(scene.Scene.Id, state.LastAcquired);
                continue;
            }

            var step = await Task.Run(() => detector.Step(state, scene, cancellationToken), cancellationToken);
            next[at] = step.State;
            sets.AddRange(step.Changes);
        }

        if (detector.ShowsNewGround([.. shown.Select(at => states[at])], scene.Scene))
        {
            var step = await Task.Run(() => detector.Step(detector.Begin(scene.Scene), scene, cancellationToken), cancellationToken);
            next.Add(step.State);
            sets.AddRange(step.Changes);
        }

        return new Followed(next, sets, true);
    }
}
