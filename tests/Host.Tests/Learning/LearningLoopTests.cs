using System.Globalization;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>From outcomes to a model in use and back, on the real stores.</summary>
public sealed class LearningLoopTests
{
    internal const int PerYear = 400;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static LearningOptions Small(LearningOptions options) => options with
    {
        RetrainAfter = 1000,
        Training = new() { LeastOfEach = 60, Boosting = new() { Trees = 40, LeastRows = 10, Members = 1 } },
        Promotion = new() { LeastConfirmed = 50, Resamples = 200, LargestEce = 0.2 },
    };

    [Fact]
    public async Task WorkOff_TooFewOutcomes_GoesOnWithRulesAndSaysSo()
    {
        await using var world = new LearningWorld(Small);
        await CasesAsync(world, 0, 40);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        var overview = await world.Get<IViolationModels>().OverviewAsync(Stop);
        (overview.Active, overview.Shadow, overview.Versions.Count, overview.PriorRate).ShouldBe((null, null, 0, 0.15));
        overview.Outcomes.Examples.ShouldBe(40);
        var refused = await world.Get<IViolationModels>().TrainAsync("li", Stop);
        refused.Done.ShouldBeFalse();
        refused.Sentence.ShouldContain("60 of each");
    }

    [Fact]
    public async Task WorkOff_EnoughOutcomes_LearnsIntoTheShadowThenTellsThenIsPromotedAndRolledBack()
    {
        await using var world = new LearningWorld(Small);
        var (loop, models) = (world.Get<LearningLoop>(), world.Get<IViolationModels>());
        await CasesAsync(world, 0, PerYear);
        await loop.WorkOffAsync(Stop);
        var learned = await models.OverviewAsync(Stop);
        (learned.Active, learned.Shadow).ShouldBe((null, "0001"));
        learned.Versions.ShouldHaveSingleItem().Examples.ShouldBe(PerYear);
        learned.Comparison.ShouldNotBeNull().Better.ShouldBeFalse("nothing was recorded since");

        // An open warning gets what the shadow would have said, and people still see rules.
        var open = await OpenWarningAsync(world);
        await world.ReopenAsync();
        (loop, models) = (world.Get<LearningLoop>(), world.Get<IViolationModels>());
        await loop.WorkOffAsync(Stop);
        var beside = (await world.Get<ILearningStore>().ScoresOfAsync([open], Stop))[open];
        (beside.Model, beside.ShadowModel).ShouldBe((null, "0001"));
        beside.ShadowProbability.ShouldNotBeNull().ShouldBeInRange(0.0001, 0.9999);

        // It may not be promoted before it was compared on new cases.
        var early = await models.PromoteAsync("0001", "li", "it is time", Stop);
        (early.Done, (await models.OverviewAsync(Stop)).Active).ShouldBe((false, null));
        await CasesAsync(world, PerYear, PerYear);
        await loop.WorkOffAsync(Stop);
        var compared = (await models.OverviewAsync(Stop)).Comparison.ShouldNotBeNull();
        compared.Better.ShouldBeTrue(compared.Reason);
        compared.Cases.ShouldBe(PerYear);
        var told = (await world.Get<IFindingStore>().ReadAfterAsync(0, 2000, Stop)).Select(f => f.Finding).Where(f => f.RuleId == LearningLoop.WaitingRuleId).ShouldHaveSingleItem();
        told.Reasons.ShouldHaveSingleItem().Facts["version"].ShouldBe("0001");
        await loop.WorkOffAsync(Stop);
        (await world.Get<IFindingStore>().ReadAfterAsync(0, 2000, Stop)).Count(f => f.Finding.RuleId == LearningLoop.WaitingRuleId).ShouldBe(1, "told once");

        (await models.PromoteAsync("0001", "li", "  ", Stop)).Done.ShouldBeFalse("no reason");
        (await models.PromoteAsync("0001", "li", "better on 400 cases", Stop)).Done.ShouldBeTrue();
        await loop.WorkOffAsync(Stop);
        var used = (await world.Get<ILearningStore>().ScoresOfAsync([open], Stop))[open];
        used.Model.ShouldBe("0001");
        used.Probability.ShouldBe(beside.ShadowProbability!.Value, 0.2);
        var details = (await models.ShowAsync("0001", Stop)).ShouldNotBeNull();
        details.PlotIsHeldOut.ShouldBeTrue();
        details.Calibration.ShouldNotBeEmpty();
        details.PrecisionRecall[^1].Recall.ShouldBe(1, 1e-9);

        (await models.RollBackAsync("li", "as a test", Stop)).Done.ShouldBeTrue();
        (await models.OverviewAsync(Stop)).Active.ShouldBeNull();
        var acts = (await world.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Stop)).Select(e => e.Entry).Where(e => e.Action.StartsWith("model.", StringComparison.Ordinal)).ToList();
        acts.Select(e => e.Action).ShouldBe(["model.add", "model.shadow", "model.promote", "model.roll-back"]);
        acts.Select(e => e.Actor).ShouldBe(["system", "system", "li", "li"]);
        acts[2].Details.ShouldContain("better on 400 cases");
    }

    /// <summary>As many examples as are kept at most: one goes for each that comes, and learning goes on by what is new.</summary>
    [Fact]
    public async Task WorkOff_AsManyExamplesAsAreKept_ComparesAndLearnsAgainByWhatIsNew()
    {
        await using var world = new LearningWorld(o => Small(o) with { MostExamples = PerYear, RetrainAfter = 300 });
        var (loop, models) = (world.Get<LearningLoop>(), world.Get<IViolationModels>());
        await CasesAsync(world, 0, PerYear);
        await loop.WorkOffAsync(Stop);
        async Task<(int Examples, int New, int? Compared, string? Shadow)> SeenAsync(int from, int count)
        {
            await CasesAsync(world, from, count);
            await loop.WorkOffAsync(Stop);
            var seen = await models.OverviewAsync(Stop);
            return (seen.Outcomes.Examples, seen.Outcomes.NewSinceTraining, seen.Comparison?.Cases, seen.Shadow);
        }

        (await SeenAsync(PerYear, 100)).ShouldBe((PerYear, 100, 100, "0001"));
        (await SeenAsync(PerYear + 100, 150)).ShouldBe((PerYear, 250, 250, "0001"));
        (await SeenAsync(PerYear + 250, 50)).ShouldBe((PerYear, 0, 0, "0002"));
    }

    /// <summary>An older model beside a newer one that is in use: cases that the newer one learned from compare nothing.</summary>
    [Fact]
    public async Task Compare_OlderModelWithANewerInUse_OnlyOnCasesThatNeitherLearnedFrom()
    {
        await using var world = new LearningWorld(Small);
        var desk = world.Get<ModelDesk>();
        await CasesAsync(world, 0, PerYear);
        (await desk.TrainAsync("li", Stop)).Version.ShouldBe("0001");
        await CasesAsync(world, PerYear, PerYear);
        (await desk.TrainAsync("li", Stop)).Version.ShouldBe("0002");
        await CasesAsync(world, 2 * PerYear, PerYear);
        var promoted = await desk.PromoteAsync("0002", "li", "better than rules", Stop);
        promoted.Done.ShouldBeTrue(promoted.Sentence);

        var (_, cases) = await world.Get<ExampleBook>().ReadAsync(Stop);
        cases.Count.ShouldBe(3 * PerYear);
        (await desk.CompareAsync("0001", cases, Stop)).ShouldNotBeNull().Cases.ShouldBe(PerYear);
    }

    [Fact]
    public async Task WorkOff_BetterModelThatGoesOnWaiting_IsToldAgainAfterTheTimeAndOnMoreCases()
    {
        var every = TimeSpan.FromDays(7);
        await using var world = new LearningWorld(o => Small(o) with { WaitingToldEvery = every });
        await CasesAsync(world, 0, PerYear);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        await CasesAsync(world, PerYear, PerYear);
        async Task<string> SaidAsync(TimeSpan later)
        {
            world.Clock.Advance(later);

            // Whatever a process remembers is gone: only the stores tell what was said.
            await world.ReopenAsync();
            await world.Get<LearningLoop>().WorkOffAsync(Stop);
            return string.Concat((await world.Get<IFindingStore>().ReadAfterAsync(0, 2000, Stop)).Select(f => f.Finding).Where(f => f.RuleId == LearningLoop.WaitingRuleId)
                .Select(f => f.Condition is FindingCondition.Holds ? '+' : '-'));
        }

        (await SaidAsync(TimeSpan.Zero)).ShouldBe("+");
        (await SaidAsync(TimeSpan.FromDays(6))).ShouldBe("+");
        (await SaidAsync(TimeSpan.FromDays(1))).ShouldBe("+-+", "a week later");
        (await SaidAsync(TimeSpan.FromDays(1))).ShouldBe("+-+");

        // On half as many cases again, whatever the time.
        every = TimeSpan.FromDays(90);
        var enough = PerYear / 2;
        await CasesAsync(world, 2 * PerYear, enough - 1);
        (await SaidAsync(TimeSpan.FromHours(1))).ShouldBe("+-+");
        await CasesAsync(world, (2 * PerYear) + enough - 1, 1);
        (await SaidAsync(TimeSpan.FromHours(1))).ShouldBe("+-+-+");
    }

    [Fact]
    public async Task WorkOff_ToldToPromoteByItself_DoesSoWhenTheComparisonSaysSo()
    {
        await using var world = new LearningWorld(o => Small(o) with { PromotesItself = true });
        await CasesAsync(world, 0, PerYear);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        (await world.Get<IViolationModels>().OverviewAsync(Stop)).Active.ShouldBeNull();
        await CasesAsync(world, PerYear, PerYear);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        (await world.Get<IViolationModels>().OverviewAsync(Stop)).Active.ShouldBe("0001");
    }

    [Fact]
    public async Task Outcomes_OfOwnCases_CountAsFoundByWhatTheirScoreSays()
    {
        await using var world = new LearningWorld(Small);
        var scored = LearningWorld.Start;
        await world.Get<ILearningStore>().AddScoresAsync([ScoreOf("a", scored), ScoreOf("b", scored) with { Pushed = true }, ScoreOf("c", scored) with { InspectionChance = 0.05, Triage = Domain.Learning.Triage.Recheck }, ScoreOf("late", scored.AddDays(9))], Stop);
        foreach (var (site, outcome) in new[] { ("a", FieldOutcome.Illegal), ("b", FieldOutcome.Legal), ("c", FieldOutcome.Illegal), ("late", FieldOutcome.Illegal), ("other", FieldOutcome.Other) })
        {
            await DecideAsync(world, site, outcome, scored.AddDays(5));
        }

        var (outcomes, cases) = await world.Get<ExampleBook>().ReadAsync(Stop);
        outcomes.Count.ShouldBe(4, "其他 is neither");
        cases.Select(c => (c.Score.SiteId, c.Example.Confirmed, c.Example.FoundBy, c.Example.InspectionChance)).ShouldBe(
            [("a", true, FoundBy.Ranked, null), ("b", false, FoundBy.Pushed, null), ("c", true, FoundBy.RandomSample, 0.05)], ignoreOrder: true);
        cases.ShouldAllBe(c => c.Score.AsOf < c.Outcome.DecidedAt && c.Outcome.RecordedAt >= c.Outcome.DecidedAt);
    }

    [Fact]
    public async Task WorkOff_ScoresFarFromWhatWasLearned_TellsDriftAndChangesNothing()
    {
        await using var world = new LearningWorld(o => Small(o) with { PromotesItself = true, Drift = new() { Least = 100 } });
        await CasesAsync(world, 0, PerYear);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        await CasesAsync(world, PerYear, PerYear);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        world.Clock.Advance(TimeSpan.FromDays(200));
        var now = world.Clock.GetUtcNow();
        await world.Get<ILearningStore>().AddScoresAsync(
            [.. Enumerable.Range(0, 300).Select(i => ScoreOf($"odd{i}", now.AddMinutes(-i - 1500)) with { Features = [.. Enumerable.Repeat(0.9f, ViolationFeatures.Schema.Count)] })], Stop);
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Get<LearningLoop>().WorkOffAsync(Stop);

        var overview = await world.Get<IViolationModels>().OverviewAsync(Stop);
        overview.Drift.ShouldNotBeNull().Reasons.ShouldContain(r => r.Code == "feature-drift");
        overview.Active.ShouldBe("0001");
        (await world.Get<IFindingStore>().ReadAfterAsync(0, 2000, Stop)).Select(f => f.Finding.RuleId).ShouldContain(DriftWatch.RuleId);
    }

    [Fact]
    public async Task WorkOff_EarthworksOnParcels_MapsThemWithoutInventingNumbers()
    {
        await using var world = new LearningWorld(Small);
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        var nothing = (await world.Get<ILearningStore>().RiskAsync(new RiskQuestion { Limit = 10 }, Stop)).ShouldNotBeNull();
        (nothing.Source, nothing.ParcelsLookedAt, nothing.Parcels.Count).ShouldBe((RiskSource.Signs, 0, 0));

        var day = LearningWorld.Start;
        await world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("bare", An.Square(120, 30, 0.003)), An.Parcel("approved", An.Square(120.01, 30, 0.003)), An.Parcel("quiet", An.Square(120.05, 30, 0.003)));
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("P", outline: An.Square(120.01, 30, 0.003)));
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.SeeAsync("1", day, Stop, LearningWorld.Patch("p1", 0.1, 0.1, day, Monitoring.Domain.Imagery.ChangeKind.BareSoil), LearningWorld.Patch("p2", 1.1, 0.1, day, Monitoring.Domain.Imagery.ChangeKind.BareSoil));
        await world.Get<LearningLoop>().WorkOffAsync(Stop);
        var picture = (await world.Get<ILearningStore>().RiskAsync(new RiskQuestion { Limit = 10 }, Stop)).ShouldNotBeNull();
        (picture.Source, picture.ParcelsLookedAt, picture.Beginnings).ShouldBe((RiskSource.Signs, 3, 0));
        var parcel = picture.Parcels.ShouldHaveSingleItem();
        (parcel.ParcelId, parcel.Within30Days, parcel.Within90Days).ShouldBe(("bare", null, null));
        parcel.Signs.ShouldBe(new Dictionary<string, int> { ["earthworks"] = 1 });
    }

    /// <summary>Cases whose outcome follows two features: what rules do not weigh that way.</summary>
    internal static async Task CasesAsync(LearningWorld world, int from, int count)
    {
        var random = new Random(from + 5);
        List<CandidateScore> scores = [];
        List<CaseOutcome> outcomes = [];
        List<JudgedPatch> judged = [];
        for (var i = from; i < from + count; i++)
        {
            world.Clock.Advance(TimeSpan.FromHours(1));
            var at = world.Clock.GetUtcNow();
            var features = Enumerable.Range(0, ViolationFeatures.Schema.Count).Select(_ => (float)random.NextDouble()).ToArray();
            var chance = 1 / (1 + Math.Exp(-8 * (features[ViolationFeatures.Schema.PlaceOf("days_since_first")] + features[ViolationFeatures.Schema.PlaceOf("urban_share")] - 1)));
            var site = i.ToString(CultureInfo.InvariantCulture);
            var patch = LearningWorld.Patch($"case{site}", 100 + (i % 50), 100 + (i / 50), at);
            judged.Add(new JudgedPatch("set", patch, site, null, Verdict.Review, [], 0, at));
            scores.Add(ScoreOf(site, at) with { Features = features });
            var inside = patch.Outline.Shape.InteriorPoint;
            outcomes.Add(new CaseOutcome($"import:{site}", null, inside.X, inside.Y, at.AddMinutes(30), at, random.NextDouble() < chance, FoundHow.Ranked, null));
        }

        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.Get<IFindingStore>().CommitAsync(new FindingBatch { JudgedPatches = judged }, Stop);
        await world.Get<ILearningStore>().AddScoresAsync(scores, Stop);
        await world.Get<ILearningStore>().RecordAsync(new OutcomeDelivery(outcomes, "file", "00", "test"), Stop);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    internal static CandidateScore ScoreOf(string site, DateTimeOffset at) => new()
    {
        FindingId = $"finding-{site}", SiteId = site, AsOf = at, MapVersion = 0, SchemaVersion = ViolationFeatures.Schema.Version,
        Features = [.. Enumerable.Repeat(FeatureSchema.Missing, ViolationFeatures.Schema.Count)], Probability = 0.15, Parts = [],
    };

    internal static async Task<string> OpenWarningAsync(LearningWorld world)
    {
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("far", outline: An.Square(121, 31)));
        var at = world.Clock.GetUtcNow();
        await world.SeeAsync("open", at, Stop, LearningWorld.Patch("open", 0, 0, at.AddDays(-1)));
        var finding = (await ScoringTests.WarningsAsync(world)).Single(f => f.Where!.Box.MinX < 120.5);
        var alert = An.Alert(finding.Subject.Id) with { RuleId = JudgementRules.BuildingRuleId, FindingId = finding.Id, Fingerprint = "open", Id = "open-1" };
        await world.Get<IAlertStore>().CommitAsync(new AlertBatch { Changes = [An.Change(alert)] }, Stop);
        return finding.Id;
    }

    internal static async Task DecideAsync(LearningWorld world, string site, FieldOutcome outcome, DateTimeOffset at)
    {
        var alert = An.Alert(site, AlertState.Resolved, where: An.Square()) with { RuleId = JudgementRules.BuildingRuleId, Id = $"alert-{site}", Fingerprint = site };
        var file = new Domain.Cases.Case
        {
            Id = $"case-{site}", AlertId = alert.Id, SiteId = site, State = CaseState.Judged, OpenedAt = at.AddDays(-1), DecidedAt = at.AddHours(2),
            Verification = new FieldVerification(outcome, "张三", at, "现场", ["ab"]),
        };
        await world.Get<IAlertStore>().CommitAsync(new AlertBatch { Changes = [An.Change(alert)], Cases = [file] }, Stop);
    }
}
