using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The river from scenes to changes: catalogued scene → its series → what is now certain; or, where looks are rare → chosen baseline →
/// comparison of the pair; then one commit with the cursor. One reader, one scene at a time, in the order of the catalogue.
/// </summary>
/// <remarks>
/// The memory of the series is a cache: a step writes its next generation before the commit and keeps the one before, so after a crash
/// the generation of the stored cursor is there; a lost one is made again from the catalogue. Change sets have deterministic ids, so the
/// same scenes give the same change sets however often the process dies. A scene that cannot be read is told in the log and passed over.
/// </remarks>
public sealed partial class ChangePipeline(
    ISceneCatalogue scenes, IChangeStore changes, ICursorStore cursors, IEventBus bus, PairDetection pairs, ImageryOptions options, TimeProvider clock, ILogger<ChangePipeline> log)
    : BackgroundService
{
    public const string Consumer = "imagery-pairs/scenes";
    private const int ScenesAtOnce = 16;
    private const int MostCompanions = 400;

    private readonly SeriesStore _store = new(options.Folder);
    private List<SeriesState>? _states;
    private long _told;

    /// <summary>Works every scene that is there now.</summary>
    /// <returns>How many.</returns>
    public async Task<int> WorkOffAsync(CancellationToken cancellationToken)
    {
        var worked = 0;
        var position = await cursors.PositionAsync(Consumer, cancellationToken);
        try
        {
            _states ??= _store.At(position) ?? await RebuildAsync(position, cancellationToken);
            while (true)
            {
                var batch = await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken);
                if (batch.Count == 0)
                {
                    return worked;
                }

                foreach (var scene in batch)
                {
                    var (states, sets) = await WorkAsync(_states, scene, emit: true, cancellationToken);
                    _store.Save(scene.Sequence, position, states);
                    await changes.CommitAsync(sets, new Cursor(Consumer, scene.Sequence), cancellationToken);
                    (_states, position) = (states, scene.Sequence);
                    worked++;
                    await TellAsync(cancellationToken);
                }
            }
        }
        catch
        {
            // What the memory holds may be ahead of what was stored.
            _states = null;
            throw;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    private async Task RunAsync(CancellationToken stopping)
    {
        using var arrived = bus.Subscribe<SceneArrived>();
        await WakeLoop.RunAsync(
            async token =>
            {
                var count = await WorkOffAsync(token);
                if (count > 0)
                {
                    Worked(count);
                }
            },
            [arrived],
            clock,
            Failed,
            stopping);
    }

    private async Task<(List<SeriesState> States, IReadOnlyList<ChangeSet> Sets)> WorkAsync(
        List<SeriesState> states, CataloguedScene scene, bool emit, CancellationToken cancellationToken)
    {
        try
        {
            var (next, sets, inSeries) = await FollowAsync(states, scene, cancellationToken);
            return (next, emit ? [.. sets, .. await CompareAsync(scene, inSeries, cancellationToken)] : sets);
        }
        catch (Exception problem) when (problem is ImageryException or GdalException)
        {
            PassedOver(scene.Scene.Id, problem.Message);
            return (states, []);
        }
    }

    private async Task<(List<SeriesState> States, IReadOnlyList<ChangeSet> Sets, bool InSeries)> FollowAsync(
        List<SeriesState> states, CataloguedScene scene, CancellationToken cancellationToken)
    {
        if (SeriesDetector.Unfit(scene.Scene) is not null)
        {
            return (states, [], false);
        }

        var detector = new SeriesDetector(_store, options.Series);
        var at = states.FindIndex(s => detector.Belongs(s, scene.Scene));
        var state = at >= 0 ? states[at] : detector.Begin(scene.Scene);
        if (state.Scenes.Count > 0 && scene.Scene.AcquiredAt <= state.LastAcquired)
        {
            // Histories run forward in event time; a look that comes late changes nothing that was said.
            Late(scene.Scene.Id, state.LastAcquired);
            return (states, [], true);
        }

        var reference = state.Scenes.Count == 0 ? scene.Scene : (await scenes.FindAsync(state.Scenes[0].Id, cancellationToken))?.Scene ?? scene.Scene;
        var step = await Task.Run(() => detector.Step(state, scene, reference, cancellationToken), cancellationToken);
        List<SeriesState> next = [.. states];
        if (at >= 0)
        {
            next[at] = step.State;
        }
        else
        {
            next.Add(step.State);
        }

        return (next, step.Changes, true);
    }

    private async Task<IReadOnlyList<ChangeSet>> CompareAsync(CataloguedScene scene, bool inSeries, CancellationToken cancellationToken)
    {
        var others = await scenes.QueryAsync(scene.Scene.Footprint.Box, null, scene.Scene.AcquiredAt, MostCompanions, cancellationToken);

        // Only what was catalogued before: the answer must not depend on when it is asked.
        var known = others.Where(o => o.Sequence < scene.Sequence).Select(o => o.Scene).ToList();
        if (BaselineChooser.Choose(scene.Scene, known, inSeries) is not { } baseline)
        {
            return [];
        }

        using var result = await pairs.RunAsync(new PairRequest(baseline, scene.Scene, options.Pair), null, cancellationToken);
        return [result.Changes];
    }

    /// <summary>Makes the memory again, without telling anything.</summary>
    private async Task<List<SeriesState>> RebuildAsync(long through, CancellationToken cancellationToken)
    {
        Rebuilding(through);
        List<SeriesState> states = [];
        long position = 0;
        while (position < through)
        {
            var batch = await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken);
            if (batch.Count == 0)
            {
                break;
            }

            foreach (var scene in batch.Where(s => s.Sequence <= through))
            {
                (states, _) = await WorkAsync(states, scene, emit: false, cancellationToken);
                _store.Save(scene.Sequence, scene.Sequence, states);
            }

            position = batch[^1].Sequence;
        }

        return states;
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var before = _told;
        while (await changes.ReadAfterAsync(_told, 200, cancellationToken) is { Count: > 0 } stored)
        {
            _told = stored[^1].Sequence;
        }

        if (_told > before)
        {
            bus.Publish(new ChangesDetected(_told));
        }
    }

    [LoggerMessage(3101, LogLevel.Information, "Worked {Scenes} scenes for change")]
    private partial void Worked(int scenes);

    [LoggerMessage(3102, LogLevel.Error, "Change detection stopped at an error and tries again from what is stored")]
    private partial void Failed(Exception exception);

    [LoggerMessage(3103, LogLevel.Warning, "Scene {Scene} was passed over: {Problem}")]
    private partial void PassedOver(string scene, string problem);

    [LoggerMessage(3104, LogLevel.Information, "Scene {Scene} is older than {Last}, the newest of its series, and was not worked into it")]
    private partial void Late(string scene, DateTimeOffset last);

    [LoggerMessage(3105, LogLevel.Information, "The memory of the series is made again from the scenes up to {Sequence}")]
    private partial void Rebuilding(long sequence);
}
