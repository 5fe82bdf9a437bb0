using System.Globalization;
using System.Security.Cryptography;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Acceptance;

/// <summary>
/// The model orders work: what was pushed from above stays, of our own candidates some are set aside with a reason that people see, some of these are drawn to be
/// visited all the same, and what is found there teaches the next model.
/// </summary>
public sealed class TriageTests
{
    private const int Cases = 400;
    private const int Later = 14;
    private const double Share = 0.3;

    /// <summary>Sides in degrees: a hundred metres, and three hundred.</summary>
    private const double Small = 0.001;
    private const double Large = 0.003;

    private static readonly DateTimeOffset Start = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private static LearningOptions Quick(LearningOptions options) => options with
    {
        RetrainAfter = 10_000,
        PromotesItself = true,
        RiskEvery = TimeSpan.Zero,
        Training = new() { LeastOfEach = 60, Boosting = new() { Trees = 40, LeastRows = 10, Members = 1 } },
        Promotion = new() { LeastConfirmed = 50, Resamples = 200, LargestEce = 0.2 },
        Triage = new() { Bound = 0.2, RecheckShare = Share, Seed = 3 },
    };

    [Fact]
    public async Task Candidates_UnderALearnedModel_PushedOnesStayOthersAreSetAsideWithAReasonAndRecheckedByChance()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var run = await LearningRun.StartAsync(Start, Quick, warnFromReview: true, stop);

        // What a small and what a large building look like here. An approval of all of it took effect between the images, so everything is doubtful and nothing a conflict.
        await run.ImportAsync(MapLayer.Permit, stop, An.Permit("P", "2026-04-26", outline: An.Square(119.9, 29.9, 0.8)));
        await run.SeeAsync("pilot", stop, Seen("pilot-small", 0, 0, Start.AddDays(-1), Small), Seen("pilot-large", 2, 0, Start.AddDays(-1), Large));
        var pilots = await run.BuildingFindingsAsync(stop);
        pilots.Count.ShouldBe(2);
        pilots.ShouldAllBe(f => f.Verdict == Verdict.Review);
        var scores = await run.Get<ILearningStore>().ScoresOfAsync([.. pilots.Select(f => f.Id)], stop);
        scores.Values.ShouldAllBe(s => s.Model == null && s.Triage == Domain.Learning.Triage.Work, "rules and a prior set nothing aside");
        var small = scores[pilots.Single(f => f.Where!.Box.MinX < 120.01).Id];
        var large = scores[pilots.Single(f => f.Where!.Box.MinX > 120.01).Id];

        // In this county the small ones turn out to be lawful, the large ones do not. The first half is learned from, the second shows that it is better than rules.
        await OutcomesAsync(run, small, large, 0, stop);
        await run.LearnAsync(stop);
        (await run.Get<IViolationModels>().OverviewAsync(stop)).Shadow.ShouldBe("0001");
        await OutcomesAsync(run, small, large, Cases, stop);
        await run.LearnAsync(stop);
        (await run.Get<IViolationModels>().OverviewAsync(stop)).Active.ShouldBe("0001");

        // A patch is pushed from above onto one of the places where a small building is seen next.
        await run.Get<IPushedPatches>().AppendAsync(
            new PushedBatch("2026Q2", [new PushedPatch { Number = "TB-1", Outline = Seen("b0", 10, 5, Start, Small).Outline }], "file", "00", "test"), stop);
        run.Clock.Advance(TimeSpan.FromDays(1));
        var seen = run.Clock.GetUtcNow().AddDays(-1);
        await run.SeeAsync("later", stop, [.. Enumerable.Range(0, Later).Select(i => Seen($"b{i}", 10 + (2 * i), 5, seen, Small)), Seen("large", 10, 8, seen, Large)]);
        await run.LearnAsync(stop);

        var findings = (await run.BuildingFindingsAsync(stop)).Where(f => f.Where!.Box.MinX > 120.05).ToList();
        findings.Count.ShouldBe(Later + 1);
        var given = await run.Get<ILearningStore>().ScoresOfAsync([.. findings.Select(f => f.Id)], stop);
        given.Values.ShouldAllBe(s => s.Model == "0001");
        var unlikeOthers = given[findings.Single(f => f.Where!.Box.MinY > 30.07).Id];
        (unlikeOthers.Triage, unlikeOthers.Probability > 0.5).ShouldBe((Domain.Learning.Triage.Work, true));

        // The pushed one is as unlikely as the others, and stays.
        var pushed = given.Values.Where(s => s.Pushed).ShouldHaveSingleItem();
        (pushed.Triage, pushed.TriageReason, pushed.Probability < 0.2).ShouldBe((Domain.Learning.Triage.Work, null, true));
        var own = given.Values.Where(s => !s.Pushed && s != unlikeOthers).ToList();
        own.ShouldAllBe(s => s.Triage != Domain.Learning.Triage.Work && s.TriageReason!.Code == "low-probability" && s.TriageReason.Facts["model"] == "0001");

        // The draw is by the seed and the place alone: whoever has both draws the same.
        var draw = new Monitoring.Detection.Learning.Triage { Bound = 0.2, RecheckShare = Share, Seed = 3 };
        foreach (var score in own)
        {
            var expected = draw.Decide(score.SiteId, CandidateOrigin.Own, Verdict.Review, new ViolationScore(score.Probability, ScoreSource.Model, "0001", []));
            (score.Triage is Domain.Learning.Triage.Recheck, score.InspectionChance).ShouldBe((expected.Outcome is TriageOutcome.Recheck, expected.InspectionChance));
        }

        var rechecks = own.Where(s => s.Triage is Domain.Learning.Triage.Recheck).ToList();
        rechecks.Count.ShouldBeInRange(1, own.Count - 1);

        // Nothing is out of sight: every warning still fires and is in the list, those set aside behind with the reason beside them.
        var listed = (await run.PageAsync("/api/alerts?order=likelihood&state=firing&limit=1000", stop)).GetProperty("items").EnumerateArray().ToList();
        listed.Count.ShouldBe(2 + Later + 1);
        var aside = listed.TakeLast(own.Count - rechecks.Count).ToList();
        aside.ShouldAllBe(a => a.GetProperty("likelihood").GetProperty("triage").GetString() == "setAside");
        var reason = (await run.PageAsync($"/api/alerts/{aside[0].GetProperty("id").GetString()}", stop)).GetProperty("likelihood").GetProperty("triageReason");
        (reason.GetProperty("code").GetString(), reason.GetProperty("facts").GetProperty("bound").GetString()).ShouldBe(("low-probability", "0.2"));

        // Somebody goes to one that was drawn and finds that the model was wrong.
        var drawn = listed.Single(a => a.GetProperty("findingId").GetString() == rechecks[0].FindingId).GetProperty("id").GetString()!;
        run.Clock.Advance(TimeSpan.FromHours(3));
        byte[] photo = [1, 2, 3];
        var hash = Convert.ToHexStringLower(SHA256.HashData(photo));
        var verified = await run.Get<IAlertCommands>().VerifyAsync(
            drawn, new FieldVerification(FieldOutcome.Illegal, "张三", run.Clock.GetUtcNow(), "无批准文件", [hash]), [new EvidencePhoto(hash, "image/png", photo)], "li", stop);
        verified.Status.ShouldBe(CommandStatus.Done, verified.Detail);
        var (_, cases) = await run.Get<ExampleBook>().ReadAsync(stop);
        var learned = cases.Where(c => c.Score.SiteId == rechecks[0].SiteId).ShouldHaveSingleItem();
        (learned.Example.Confirmed, learned.Example.FoundBy, learned.Example.InspectionChance).ShouldBe((true, FoundBy.RandomSample, Share));
        new OutcomeWeights().Of(learned.Example).ShouldBe(1 / Share, 1e-9, "it stands for all like it that nobody went to");

        var trained = await run.Get<IViolationModels>().TrainAsync("li", stop);
        trained.Done.ShouldBeTrue(trained.Sentence);
        var versions = (await run.Get<IViolationModels>().OverviewAsync(stop)).Versions;
        (versions[0].Version, versions[0].Examples, versions[0].Confirmed - cases.Count(c => c.Example.Confirmed)).ShouldBe(("0002", (2 * Cases) + 1, 0));
    }

    [Fact]
    public async Task Candidates_WhereWarningsAreFromConflictOn_DrawnOnesAreWarningsAndTheOthersAreListedWithTheirReason()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var run = await LearningRun.StartAsync(Start, Quick, warnFromReview: false, stop);
        await run.ImportAsync(MapLayer.Permit, stop, An.Permit("P", "2026-04-26", outline: An.Square(119.9, 29.9, 0.8)));
        await run.SeeAsync("pilot", stop, Seen("pilot-small", 0, 0, Start.AddDays(-1), Small), Seen("pilot-large", 2, 0, Start.AddDays(-1), Large));
        var pilots = await run.BuildingFindingsAsync(stop);
        var scores = await run.Get<ILearningStore>().ScoresOfAsync([.. pilots.Select(f => f.Id)], stop);
        var small = scores[pilots.Single(f => f.Where!.Box.MinX < 120.01).Id];
        var large = scores[pilots.Single(f => f.Where!.Box.MinX > 120.01).Id];
        await OutcomesAsync(run, small, large, 0, stop);
        await run.LearnAsync(stop);
        await OutcomesAsync(run, small, large, Cases, stop);
        await run.LearnAsync(stop);
        (await run.Get<IViolationModels>().OverviewAsync(stop)).Active.ShouldBe("0001");
        run.Clock.Advance(TimeSpan.FromDays(1));
        var seen = run.Clock.GetUtcNow().AddDays(-1);
        await run.SeeAsync("later", stop, [.. Enumerable.Range(0, Later).Select(i => Seen($"b{i}", 10 + (2 * i), 5, seen, Small)), Seen("large", 10, 8, seen, Large)]);

        var held = (await run.PageAsync("/api/held-back?limit=500", stop)).GetProperty("items").EnumerateArray().ToList();
        List<System.Text.Json.JsonElement> Of(string kind) => [.. held.Where(h => h.GetProperty("kind").GetString() == kind)];
        held.Count.ShouldBe(2 + Later + 1, "every candidate, and each once");
        Of("belowVerdict").Count.ShouldBe(3, "the pilots, which rules scored, and the large one");
        Of("belowVerdict").Select(h => (h.GetProperty("why").GetProperty("code").GetString(), h.TryGetProperty("alertId", out _))).Distinct().ShouldBe([("below-warning", false)]);
        Of("setAside").Select(h => (h.GetProperty("why").GetProperty("code").GetString(), h.TryGetProperty("alertId", out _))).Distinct().ShouldBe([("low-probability", false)]);
        var drawn = Of("recheck");
        drawn.Count.ShouldBeInRange(1, Later - 1);

        // The drawn ones are the list of warnings, with the draw as the first reason and the probability beside it.
        var alerts = (await run.PageAsync("/api/alerts?state=firing&limit=100", stop)).GetProperty("items").EnumerateArray().ToList();
        alerts.Select(a => a.GetProperty("id").GetString()).Order().ShouldBe(drawn.Select(d => d.GetProperty("alertId").GetString()).Order());
        alerts.ShouldAllBe(a => a.GetProperty("reasons").EnumerateArray().First().GetProperty("code").GetString() == "recheck-drawn"
            && a.GetProperty("likelihood").GetProperty("triage").GetString() == "recheck" && a.GetProperty("verdict").GetString() == "review");

        // Somebody goes there; the outcome is learned from with the weight of the draw, and the place is off the list.
        var site = drawn[0].GetProperty("siteId").GetString();
        run.Clock.Advance(TimeSpan.FromHours(3));
        var verified = await run.Get<IAlertCommands>().VerifyAsync(
            drawn[0].GetProperty("alertId").GetString()!, new FieldVerification(FieldOutcome.Legal, "张三", run.Clock.GetUtcNow(), "有批准文件", []), [], "li", stop);
        verified.Status.ShouldBe(CommandStatus.Done, verified.Detail);
        var (_, cases) = await run.Get<ExampleBook>().ReadAsync(stop);
        var learned = cases.Where(c => c.Score.SiteId == site).ShouldHaveSingleItem();
        (learned.Example.Confirmed, learned.Example.FoundBy, learned.Example.InspectionChance).ShouldBe((false, FoundBy.RandomSample, Share));
        (await run.PageAsync("/api/held-back?limit=500", stop)).GetProperty("items").EnumerateArray().ShouldNotContain(h => h.GetProperty("siteId").GetString() == site);
    }

    /// <summary>All after one image from before the approval.</summary>
    private static ChangePatch Seen(string id, double east, double north, DateTimeOffset after, double side) => LearningRun.Patch(id, east, north, after, ChangeKind.BuiltUp, side) with { NotBefore = Start.AddDays(-11) };

    /// <summary>Visits elsewhere, at places that look like one of the two.</summary>
    private static async Task OutcomesAsync(LearningRun run, CandidateScore small, CandidateScore large, int from, CancellationToken stop)
    {
        var random = new Random(from + 11);
        List<CandidateScore> scores = [];
        List<CaseOutcome> outcomes = [];
        List<JudgedPatch> judged = [];
        for (var i = from; i < from + Cases; i++)
        {
            run.Clock.Advance(TimeSpan.FromMinutes(10));
            var at = run.Clock.GetUtcNow();
            var like = random.Next(2) == 0 ? small : large;
            var features = like.Features.ToArray();
            features[ViolationFeatures.Schema.PlaceOf("image_score")] = (float)(0.5 + (random.NextDouble() / 2));
            var site = string.Create(CultureInfo.InvariantCulture, $"seeded-{i}");
            var patch = LearningRun.Patch($"case-{i}", -3000 + (i % 50), 500 + (i / 50), at, ChangeKind.BuiltUp);
            judged.Add(new JudgedPatch("set", patch, site, null, Verdict.Review, [], 0, at));
            scores.Add(like with { FindingId = "finding-" + site, SiteId = site, AsOf = at, Features = features });
            var inside = patch.Outline.Shape.InteriorPoint;
            outcomes.Add(new CaseOutcome($"import:{i}", null, inside.X, inside.Y, at.AddMinutes(5), at, random.NextDouble() < (like == small ? 0.01 : 0.9), FoundHow.Ranked, null));
        }

        run.Clock.Advance(TimeSpan.FromHours(1));
        await run.Get<IFindingStore>().CommitAsync(new FindingBatch { JudgedPatches = judged }, stop);
        await run.Get<ILearningStore>().AddScoresAsync(scores, stop);
        await run.Get<ILearningStore>().RecordAsync(new OutcomeDelivery(outcomes, "file", "00", "test"), stop);
        run.Clock.Advance(TimeSpan.FromMinutes(1));
    }
}
