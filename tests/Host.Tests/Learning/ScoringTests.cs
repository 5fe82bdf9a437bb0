using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>Probabilities beside the findings of the river.</summary>
public sealed class ScoringTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WorkOff_WarningWithoutAnyHistory_IsScoredByRulesWithItsReasons()
    {
        await using var world = new LearningWorld();
        await TwoMonthsAsync(world);
        var findings = await WarningsAsync(world);
        findings.Count.ShouldBe(2);
        var scores = await world.Get<ILearningStore>().ScoresOfAsync([.. findings.Select(f => f.Id)], Stop);
        scores.Count.ShouldBe(2);
        foreach (var finding in findings)
        {
            var score = scores[finding.Id];
            (score.AsOf, score.MapVersion, score.Model, score.Triage).ShouldBe((finding.DetectedAt, finding.MapVersion!.Value, null, Triage.Work));
            score.Probability.ShouldBeInRange(0.15, 0.95);
            score.Parts.ShouldNotBeEmpty();
            score.Parts.ShouldAllBe(p => p.Name.Length > 0 && p.NameEn.Length > 0 && p.LogOdds != 0);
            score.Parts.ShouldContain(p => p.Feature == "verdict" && p.LogOdds > 0);
        }
    }

    [Fact]
    public async Task WorkOff_StoppedBetweenChangeSets_HasTheFindingsAndScoresOfARunThatWasNot()
    {
        await using var straight = new LearningWorld();
        await TwoMonthsAsync(straight);
        await using var stopped = new LearningWorld();
        await TwoMonthsAsync(stopped, () => stopped.ReopenAsync());

        var (one, other) = (await WarningsAsync(straight), await WarningsAsync(stopped));
        other.Select(f => (f.Id, f.DetectedAt, f.Verdict)).ShouldBe(one.Select(f => (f.Id, f.DetectedAt, f.Verdict)));
        foreach (var finding in one)
        {
            var a = (await straight.Get<ILearningStore>().ScoresOfAsync([finding.Id], Stop))[finding.Id];
            var b = (await stopped.Get<ILearningStore>().ScoresOfAsync([finding.Id], Stop))[finding.Id];
            (b.Probability, b.AsOf, b.MapVersion).ShouldBe((a.Probability, a.AsOf, a.MapVersion));
            b.Features.ShouldBe(a.Features);
            b.Parts.ShouldBe(a.Parts);
        }
    }

    [Fact]
    public async Task WorkOff_SameChangesAtAnotherHour_GivesEqualFindingsWhateverTheScore()
    {
        // A probability is as of an instant; what a finding says is not: that is why one stands beside the other.
        await using var early = new LearningWorld();
        await TwoMonthsAsync(early);
        await using var late = new LearningWorld();
        late.Clock.Advance(TimeSpan.FromDays(3));
        await TwoMonthsAsync(late);

        static string Said(Finding f) => $"{f.Id} {f.Verdict} {f.Severity} {string.Join(';', f.Reasons.Select(r => r.Code + string.Join(',', r.Facts)))} {string.Join(';', f.Inputs)}";
        (await WarningsAsync(late)).Select(Said).ShouldBe((await WarningsAsync(early)).Select(Said));
    }

    [Fact]
    public async Task Commit_SameFindingAgain_KeepsItsFirstScore()
    {
        await using var world = new LearningWorld();
        await TwoMonthsAsync(world);
        var finding = (await WarningsAsync(world))[0];
        var store = world.Get<ILearningStore>();
        var first = (await store.ScoresOfAsync([finding.Id], Stop))[finding.Id];
        await world.Get<IFindingStore>().CommitAsync(new FindingBatch { Findings = [finding], Scores = [first with { Probability = 0.5, AsOf = first.AsOf.AddHours(1) }] }, Stop);
        (await store.ScoresOfAsync([finding.Id], Stop))[finding.Id].Probability.ShouldBe(first.Probability);

        // Said again on purpose, it takes the place of the first in reading; the first stays on record.
        await store.AddScoresAsync([first with { Probability = 0.5, AsOf = first.AsOf.AddHours(2) }], Stop);
        (await store.ScoresOfAsync([finding.Id], Stop))[finding.Id].Probability.ShouldBe(0.5);
        (await store.ScoresOfSiteAsync(finding.Subject.Id, Stop)).Count(s => s.FindingId == finding.Id).ShouldBe(2);
        (await store.NewestOfSitesAsync([finding.Subject.Id, "none"], Stop)).ShouldHaveSingleItem().Value.Probability.ShouldBe(0.5);
    }

    [Fact]
    public async Task WorkOff_FoundationsAfterAnEarthworksWarning_TellsTheDaysBetween()
    {
        await using var world = new LearningWorld();
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("far", outline: An.Square(121, 31)));
        var day = LearningWorld.Start;
        foreach (var (step, kind) in new[] { (0, ChangeKind.BareSoil), (5, ChangeKind.BareSoil), (10, ChangeKind.BareSoil), (30, ChangeKind.BuiltUp) })
        {
            world.Clock.SetUtcNow(day.AddDays(step).AddHours(6));
            await world.SeeAsync($"s{step}", day, Stop, LearningWorld.Patch($"p{step}", 0, 0, day.AddDays(step), kind));
        }

        var findings = await WarningsAsync(world);
        var scores = await world.Get<ILearningStore>().ScoresOfAsync([.. findings.Select(f => f.Id)], Stop);
        scores[findings[0].Id].Lead.ShouldBeNull("nothing stood yet");
        var warned = findings[0].DetectedAt;
        var lead = scores[findings[^1].Id].Lead.ShouldNotBeNull();
        lead.AtMost.ShouldBe((day.AddDays(30) - warned).TotalDays, 1e-6);
        lead.AtLeast.ShouldBe(Math.Max(0, (day.AddDays(10) - warned).TotalDays), 1e-6);
    }

    /// <summary>Two sites without approval, one after the other.</summary>
    private static async Task TwoMonthsAsync(LearningWorld world, Func<Task>? between = null)
    {
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("far", outline: An.Square(121, 31)));
        await world.ImportAsync(MapLayer.ControlLine, Stop, An.ControlLine("F", ControlLineKind.PermanentBasicFarmland, outline: An.Square(120.005, 29.99, 0.02)));
        var day = LearningWorld.Start;
        world.Clock.Advance(TimeSpan.FromHours(1));
        await world.SeeAsync("1", day, Stop, LearningWorld.Patch("p1", 0, 0, day.AddDays(-20)));
        world.Clock.Advance(TimeSpan.FromHours(1));
        await (between?.Invoke() ?? Task.CompletedTask);
        await world.SeeAsync("2", day, Stop, LearningWorld.Patch("p2", 1, 0, day.AddDays(-5)));
    }

    internal static async Task<IReadOnlyList<Finding>> WarningsAsync(LearningWorld world) =>
        [.. (await world.Get<IFindingStore>().ReadAfterAsync(0, 1000, Stop)).Select(f => f.Finding).Where(f => f.RuleId == JudgementRules.BuildingRuleId)];
}
