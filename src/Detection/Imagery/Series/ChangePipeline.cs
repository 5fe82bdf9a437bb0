using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Imagery.Network;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// The river from scenes to changes: catalogued scene → its series → what is now certain; or, where looks are rare → chosen baseline →
/// comparison of the pair; then one commit with the cursor. One reader, one scene at a time, in the order of the catalogue.
/// </summary>
/// <remarks>
/// The memory of the series is a cache: a step writes its next generation before the commit and keeps the one before, so after a crash
/// the generation of the stored cursor is there; a lost one is made again from the catalogue. Change sets have deterministic ids, so the
/// same scenes give the same change sets however often the process dies. A scene that cannot be worked is set aside: an error in the log,
/// an act <c>detection.set-aside</c> in the audit trail, then the cursor moves on.
/// </remarks>
public sealed partial class ChangePipeline(
    ISceneCatalogue scenes, IChangeStore changes, ICursorStore cursors, IAuditTrail audit, IEventBus bus, PairDetection pairs, ImageryOptions options, TimeProvider clock,
    ILogger<ChangePipeline> log) : BackgroundService
{
    public const string Consumer = "imagery-pairs/scenes";
    private const int ScenesAtOnce = 16;

    /// <summary>No satellite looked at land for us before Landsat 1.</summary>
    private static readonly DateTimeOffset FirstYear = new(1972, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far a scene's clock may be ahead of ours when it is taken in.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    private static readonly JsonSerializerOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SeriesStore _store = new(options.Folder);
    private readonly ScenePatience _patience = new();
    private List<SeriesState>? _states;
    private (List<SeriesState> States, long Position)? _rebuilt;
    private long _told;

    /// <summary>Works every scene that is there now.</summary>
    /// <returns>How many.</returns>
    public async Task<int> WorkOffAsync(CancellationToken cancellationToken)
    {
        var worked = 0;
        var position = await cursors.PositionAsync(Consumer, cancellationToken);
        try
        {
            Keep(_states ?? _store.At(position) ?? await RebuildAsync(position, cancellationToken));
            while (true)
            {
                var batch = await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken);
                if (batch.Count == 0)
                {
                    return worked;
                }

                foreach (var scene in batch)
                {
                    Keep(await WorkAsync(_states, scene, position, cancellationToken));
                    position = scene.Sequence;
                    worked++;
                    await TellAsync(cancellationToken);
                }
            }
        }
        catch (SeriesMemoryException)
        {
            (_states, _rebuilt) = (null, null);
            _store.Forget();
            throw;
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
                do
                {
                    var count = await WorkOffAsync(token);
                    if (count > 0)
                    {
                        Worked(count);
                    }
                }
                while (await FitSomeAsync(token));
            },
            [arrived],
            clock,
            Failed,
            stopping);
    }

    /// <summary>Works one scene and stores what it gave.</summary>
    /// <param name="keep">Where the stored cursor stands.</param>
    private async Task<List<SeriesState>> WorkAsync(List<SeriesState> states, CataloguedScene scene, long keep, CancellationToken cancellationToken)
    {
        if (AbsurdTime(scene.Scene) is { } absurd)
        {
            await SetAsideAsync(scene.Scene.Id, scene.Sequence, absurd, cancellationToken);
            return await StoreAsync(states, scene, keep, [], cancellationToken);
        }

        var followed = await TryAsync<Followed?>(scene, [], true, async () => await FollowAsync(states, scene, cancellationToken), null, cancellationToken);
        if (followed is null)
        {
            return await StoreAsync(states, scene, keep, [], cancellationToken);
        }

        // A baseline that cannot be read costs the comparison, not the look.
        var known = await EarlierAsync(scene, cancellationToken);
        var choice = BaselineChooser.Choose(scene.Scene, known, followed.InSeries);
        IReadOnlyList<ChangeSet> compared = choice.Baseline is not { } baseline
            ? []
            : await TryAsync(scene, [baseline], true, () => CompareAsync(choice, scene.Scene, known, cancellationToken), [], cancellationToken);
        IReadOnlyList<ChangeSet> watched = choice.Baseline is null ? [.. followed.Sets.Select(s => s with { Reasons = [.. s.Reasons, choice.Reasons[0]] })] : followed.Sets;
        return await TryAsync<List<SeriesState>?>(
            scene, [], true,
            async () => await StoreAsync(followed.States, scene, keep, [.. watched, .. compared], cancellationToken),
            null, cancellationToken) ?? await StoreAsync(states, scene, keep, [], cancellationToken);
    }

    private async Task<List<SeriesState>> StoreAsync(
        List<SeriesState> states, CataloguedScene scene, long keep, IReadOnlyList<ChangeSet> sets, CancellationToken cancellationToken)
    {
        _store.Save(scene.Sequence, keep, states);
        await changes.CommitAsync(sets, new Cursor(Consumer, scene.Sequence), cancellationToken);
        return states;
    }

    /// <summary>Works a part of a scene; <paramref name="otherwise"/> when the part had to be given up.</summary>
    /// <param name="tell">Whether giving up is told; when the memory is made again it was told before.</param>
    private async Task<T> TryAsync<T>(
        CataloguedScene scene, IReadOnlyList<Scene> others, bool tell, Func<Task<T>> work, T otherwise, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            if (!_patience.IsOver(scene, others, problem))
            {
                throw;
            }

            if (tell)
            {
                await SetAsideAsync(scene.Scene.Id, scene.Sequence, problem.Message, cancellationToken);
            }

            return otherwise;
        }
    }

    /// <summary>Puts on record that a scene, or the part of it that failed, was not worked.</summary>
    private async Task SetAsideAsync(string scene, long sequence, string problem, CancellationToken cancellationToken)
    {
        SetAside(scene, sequence, problem);
        var details = JsonSerializer.Serialize(new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["consumer"] = Consumer,
            ["problem"] = problem,
            ["sequence"] = sequence.ToString(CultureInfo.InvariantCulture),
        }, Canonical);
        await audit.AppendAsync(new AuditEntry(clock.GetUtcNow(), "system", "detection.set-aside", scene, details), cancellationToken);
    }

    /// <summary>Why a scene cannot have been acquired when it says, or null. Measured at its arrival: the answer is the same for ever.</summary>
    private static string? AbsurdTime(Scene scene) =>
        scene.AcquiredAt < FirstYear || scene.AcquiredAt - Ahead > scene.ReceivedAt
            ? string.Create(CultureInfo.InvariantCulture, $"it says that it was acquired on {scene.AcquiredAt:yyyy-MM-dd}, before 1972 or after it came.")
            : null;

    private Task<Followed> FollowAsync(List<SeriesState> states, CataloguedScene scene, CancellationToken cancellationToken) =>
        new SceneFollowing(_store, options.Series, Late).FollowAsync(states, scene, cancellationToken);

    /// <summary>The earlier scenes of the place.</summary>
    private async Task<List<Scene>> EarlierAsync(CataloguedScene scene, CancellationToken cancellationToken) =>
        [.. (await EarlierScenes.OfAsync(scenes, scene, cancellationToken)).Where(s => AbsurdTime(s) is null)];

    private async Task<IReadOnlyList<ChangeSet>> CompareAsync(BaselineChoice choice, Scene scene, List<Scene> known, CancellationToken cancellationToken)
    {
        var chosen = ModelShelf.Choose(choice.Baseline!, scene, options.ChangeModels, null, options.Network);
        using var network = chosen.Scores;
        var (found, scoring) = await ModelShelf.RunAsync(pairs, new PairRequest(choice.Baseline!, scene, options.Pair), chosen, null, cancellationToken);
        using var result = found;
        List<Reason> reasons = [.. choice.Reasons];
        if (scoring.Reason is { } scored)
        {
            reasons.Add(Reason.Of("scored-by", ("how", scored)));
        }

        var last = await LastTime.FindAsync(changes, result.Changes, scene, known, cancellationToken);
        if (last is not null)
        {
            var told = LastTime.Tell(last, result.Changes);
            reasons.Add(told);
            Differs(scene.Id, last.CurrentSceneId, told.Facts["new"], told.Facts["grown"], told.Facts["same"], told.Facts["not_seen_again"], told.Facts["not_observed"]);
        }

        return [result.Changes with { Reasons = reasons }];
    }

    /// <summary>Makes the memory again, without telling anything. After a failure it goes on where it stood.</summary>
    private async Task<List<SeriesState>> RebuildAsync(long through, CancellationToken cancellationToken)
    {
        Rebuilding(through);
        var (states, position) = _rebuilt is { } half && half.Position <= through ? half : ([], 0L);
        var references = _store.References();
        while (position < through)
        {
            var batch = await scenes.ReadAfterAsync(position, ScenesAtOnce, cancellationToken);
            if (batch.Count == 0)
            {
                break;
            }

            foreach (var scene in batch.Where(s => s.Sequence <= through))
            {
                states = await GoOnWithoutFirstAsync(states, references, scene.Sequence, cancellationToken);
                if (AbsurdTime(scene.Scene) is null)
                {
                    states = (await TryAsync(
                        scene, [], false, () => FollowAsync(states, scene, cancellationToken), new Followed(states, [], false), cancellationToken)).States;
                }

                _store.Save(scene.Sequence, scene.Sequence, states);
                position = scene.Sequence;
                _rebuilt = (states, position);
            }

            position = batch[^1].Sequence;
        }

        _rebuilt = null;
        return await GoOnWithoutFirstAsync(states, references, through + 1, cancellationToken);
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

    [LoggerMessage(3103, LogLevel.Error, "Scene {Scene} (number {Sequence}) was set aside, in whole or in part. The scenes behind it go on; when the cause is mended, add it again under another id. Cause: {Problem}")]
    private partial void SetAside(string scene, long sequence, string problem);

    [LoggerMessage(3104, LogLevel.Information, "Scene {Scene} is older than {Last}, the newest of its series, and was not worked into it")]
    private partial void Late(string scene, DateTimeOffset last);

    [LoggerMessage(3105, LogLevel.Information, "The memory of the series is made again from the scenes up to {Sequence}")]
    private partial void Rebuilding(long sequence);

    [LoggerMessage(3106, LogLevel.Information, "Scene {Scene} against what {Last} showed: {New} new, {Grown} grown, {Same} the same, {NotSeenAgain} not seen again, {NotObserved} not observed")]
    private partial void Differs(string scene, string last, string @new, string grown, string same, string notSeenAgain, string notObserved);
}
