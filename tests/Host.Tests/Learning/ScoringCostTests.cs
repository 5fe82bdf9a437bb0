using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>What scoring reads, and who waits for whom.</summary>
public sealed class ScoringCostTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfNew_ManyWarnings_ReadsGrowWithTheirNumberAndEachDeliveryIsReadOnce()
    {
        await using var world = new LearningWorld();
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("far", outline: An.Square(121, 31)));
        var pushed = world.Get<IPushedPatches>();
        foreach (var (batch, numbers) in new[] { ("A", 2), ("A", 3), ("B", 1) })
        {
            await pushed.AppendAsync(new PushedBatch(batch, [.. Enumerable.Range(0, numbers).Select(i => new PushedPatch { Number = $"{i}", Outline = An.Square(120 + (i * 0.01), 30, 0.001) })], "file", "00", "test"), Stop);
        }

        var calls = new Calls();
        var learning = calls.Around(world.Get<ILearningStore>());
        using var ledger = new PushedLedger(calls.Around(pushed));
        var source = new CandidateFactsSource(
            calls.Around(world.Get<IFindingStore>()), calls.Around(world.Get<IDeviceRegister>()), calls.Around(world.Get<IPlanRegister>()), ledger, learning,
            world.Get<DetectionRules>(), world.Get<LearningOptions>());
        var scoring = new CandidateScoring(source, world.Get<ModelDesk>(), world.Get<LearningOptions>(), NullLogger<CandidateScoring>.Instance);
        var index = await world.Get<PlanIndexSource>().CurrentAsync(Stop);
        var deliveries = 0;
        async Task<(int Reads, int Looked)> AskAsync(int count)
        {
            calls.Clear();
            var patches = new LookedAt<JudgedPatch>([.. Enumerable.Range(0, count).Select(i => Judged(i, world.Clock.GetUtcNow()))]);
            var scores = await scoring.OfNewAsync([.. Enumerable.Range(0, count).Select(i => Warning(i, world.Clock.GetUtcNow()))], patches, index, Stop);
            scores.Select(s => s.Pushed).Count(p => p).ShouldBe(3, "the three places that a delivery names");
            scores.Count.ShouldBe(count);
            deliveries += calls.Of(nameof(IPushedPatches.ChangedByAsync));
            calls.Of(nameof(IPushedPatches.OfBatchAsync)).ShouldBe(0);
            calls.Of(nameof(ILearningStore.OutcomesAsync)).ShouldBe(1);
            return (calls.All, patches.Count);
        }

        await AskAsync(10);
        var (one, two, four) = (await AskAsync(20), await AskAsync(40), await AskAsync(80));
        (four.Reads - two.Reads).ShouldBe(2 * (two.Reads - one.Reads));
        (one.Looked, two.Looked, four.Looked).ShouldBe((20, 40, 80), "each patch once, not once for each warning");
        deliveries.ShouldBe(3);
    }

    [Fact]
    public async Task WorkOff_ManyOpenWarningsUnderAnotherModel_ReadsEachOnceOrTwiceNotOnceForEachStep()
    {
        await using var world = new LearningWorld();
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("far", outline: An.Square(121, 31)));
        var now = world.Clock.GetUtcNow();
        const int Many = 1000;
        await world.Get<IFindingStore>().CommitAsync(new FindingBatch { Findings = [.. Enumerable.Range(0, Many).Select(i => Warning(i, now))] }, Stop);
        await world.Get<IAlertStore>().CommitAsync(
            new AlertBatch
            {
                Changes =
                [
                    .. Enumerable.Range(0, Many).Select(i => An.Change(An.Alert($"s{i}") with { RuleId = JudgementRules.BuildingRuleId, FindingId = Warning(i, now).Id, Fingerprint = $"f{i}", Id = $"f{i}-1" })),
                ],
            },
            Stop);
        var calls = new Calls();
        var alerts = calls.Around(world.Get<IAlertStore>());
        var loop = new LearningLoop(
            world.Get<ModelDesk>(), world.Get<ExampleBook>(), world.Get<CandidateScoring>(), world.Get<CandidateFactsSource>(), world.Get<RiskMaker>(), world.Get<ILearningStore>(),
            world.Get<IFindingStore>(), alerts, world.Get<IPushedPatches>(), world.Get<PlanIndexSource>(), world.Get<Domain.Events.IEventBus>(), world.Get<LearningOptions>(), world.Clock, NullLogger<LearningLoop>.Instance);
        for (var step = 0; step < 8; step++)
        {
            await loop.WorkOffAsync(Stop);
        }

        var scored = await world.Get<ILearningStore>().ScoresOfAsync([.. Enumerable.Range(0, Many).Select(i => Warning(i, now).Id)], Stop);
        scored.Count.ShouldBe(Many);

        // Twice a page of a thousand and the empty one behind it; besides, the few questions whether a warning about the model is open.
        calls.Of(nameof(IAlertStore.QueryAsync)).ShouldBeLessThanOrEqualTo(4 + (8 * 2));
    }

    /// <summary>Whoever acts may wait for a disk for long; the river and people who look do not wait with them.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Scorer_WhileAnActIsUnderWay_IsGivenAndModelsAreShownAndCompared()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var world = new LearningWorld(LearningLoopTests.Small);
        await LearningLoopTests.CasesAsync(world, 0, LearningLoopTests.PerYear);
        var trail = new SlowTrail(world.Get<IAuditTrail>());
        using var desk = new ModelDesk(world.Get<LearningOptions>(), world.Get<ExampleBook>(), world.Get<ILearningStore>(), trail, world.Clock, NullLogger<ModelDesk>.Instance);
        (await desk.InUseAsync(Stop)).ShouldBe((null, null));
        var training = desk.TrainAsync("li", Stop);
        await trail.Reached.Task.WaitAsync(stop);

        (await desk.ScorerAsync(Stop)).ShouldNotBeNull();
        (await desk.ShowAsync("0001", Stop)).ShouldNotBeNull().Summary.State.ShouldBe("old", "it stands in no state yet");
        (await desk.OverviewAsync(Stop)).Versions.ShouldHaveSingleItem();
        (await desk.CompareAsync("0001", [], Stop)).ShouldNotBeNull().Cases.ShouldBe(0);
        training.IsCompleted.ShouldBeFalse();

        trail.Go.SetResult();
        (await training).Done.ShouldBeTrue();
        (await desk.InUseAsync(Stop)).ShouldBe((null, "0001"));
    }

    private static Finding Warning(int i, DateTimeOffset at) => new()
    {
        Id = FindingId.Of("cost", i.ToString(CultureInfo.InvariantCulture)), RuleId = JudgementRules.BuildingRuleId, RuleVersion = "1", DetectorId = "test", DetectorVersion = "1",
        Subject = new Subject(SubjectKind.Site, $"s{i}"), Condition = FindingCondition.Holds, Severity = Severity.Major, PhenomenonStart = at.AddDays(-10), PhenomenonEnd = at, DetectedAt = at,
        Where = LearningWorld.Patch($"p{i}", i, 0, at).Outline, Verdict = Verdict.Conflict, Score = 0.9, Inputs = [], Reasons = [],
    };

    private static JudgedPatch Judged(int i, DateTimeOffset at) => new("set", LearningWorld.Patch($"p{i}", i, 0, at), $"s{i}", null, Verdict.Conflict, [], 1, at);

    private sealed class LookedAt<T>(IReadOnlyList<T> items) : IReadOnlyList<T>
    {
        /// <summary>How often an item was handed out.</summary>
        public int Count { get; private set; }

        int IReadOnlyCollection<T>.Count => items.Count;

        public T this[int index]
        {
            get
            {
                Count++;
                return items[index];
            }
        }

        public IEnumerator<T> GetEnumerator()
        {
            foreach (var item in items)
            {
                Count++;
                yield return item;
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A trail whose first entry waits until the test lets it go.</summary>
    private sealed class SlowTrail(IAuditTrail inner) : IAuditTrail
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
        {
            Reached.TrySetResult();
            await Go.Task.WaitAsync(cancellationToken);
            await inner.AppendAsync(entry, cancellationToken);
        }

        public Task<IReadOnlyList<ChainedAuditEntry>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => inner.ReadAfterAsync(afterSequence, limit, cancellationToken);
    }
}
