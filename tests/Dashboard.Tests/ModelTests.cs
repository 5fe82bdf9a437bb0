using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Dashboard.Tests;

/// <summary>Probabilities beside warnings, and the doors to the models.</summary>
public sealed class ModelTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alerts_ByLikelihood_PutsTheLikeliestFirstAndLosesNone()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        Finding[] findings = [World.Site("x"), World.Site("x", 1), World.Site("x", 2), World.Site("x", 3)];
        await World.RaiseAsync(service, findings);
        await service.Get<ILearningStore>().AddScoresAsync(
            [
                Score(findings[0], 0.4), Score(findings[2], 0.8),
                Score(findings[1], 0.01) with { Model = "0002", Triage = Triage.SetAside, TriageReason = Reason.Of("low-probability", ("probability", "0.01"), ("bound", "0.02"), ("model", "0002")) },
            ],
            Stop);
        var admin = await service.AdministratorAsync();

        var listed = (await admin.GetAsync("/api/alerts?order=likelihood")).GetProperty("items").EnumerateArray().ToList();
        listed.Select(a => a.GetProperty("subject").GetProperty("id").GetString()).ShouldBe(["x-site-2", "x-site-0", "x-site-3", "x-site-1"], "the unscored before the set aside, none left out");
        var likely = listed[0].GetProperty("likelihood");
        (likely.GetProperty("probability").GetDouble(), likely.GetProperty("source").GetString()).ShouldBe((0.8, "rules"));
        likely.TryGetProperty("parts", out _).ShouldBeFalse();
        listed[3].GetProperty("likelihood").GetProperty("triageReason").GetProperty("code").GetString().ShouldBe("low-probability");
        listed[2].TryGetProperty("likelihood", out _).ShouldBeFalse();
        (await admin.StatusOfAsync("/api/alerts?order=size")).ShouldBe(HttpStatusCode.BadRequest);

        var detail = (await admin.GetAsync($"/api/alerts/{listed[0].GetProperty("id").GetString()}")).GetProperty("likelihood");
        var part = detail.GetProperty("parts").EnumerateArray().ShouldHaveSingleItem();
        (part.GetProperty("name").GetString(), part.GetProperty("nameEn").GetString(), part.GetProperty("logOdds").GetDouble()).ShouldBe(("规则判断", "verdict", 1.2));
    }

    [Fact]
    public async Task Exports_OfScoredWarnings_CarryScoreProbabilityAndModel()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        Finding[] findings = [World.Site("x"), World.Site("x", 1), World.Site("x", 2)];
        await World.RaiseAsync(service, findings);
        await service.Get<ILearningStore>().AddScoresAsync([Score(findings[0], 0.4), Score(findings[1], 0.625) with { Model = "0002" }], Stop);
        var admin = await service.AdministratorAsync();

        var lines = (await admin.Http.GetStringAsync("/api/export/alerts.csv", Stop)).Split("\r\n").Select(static l => l.Split(',')).ToList();
        var columns = lines[0].ToList();
        string Cell(string site, string column) => lines.Single(l => l.Contains($"site:{site}"))[columns.IndexOf(column)];
        (Cell("x-site-1", "probability"), Cell("x-site-1", "probability_source"), Cell("x-site-1", "model_version"), Cell("x-site-1", "triage")).ShouldBe(("0.625", "model", "0002", "work"));
        (Cell("x-site-0", "probability"), Cell("x-site-0", "probability_source"), Cell("x-site-0", "model_version")).ShouldBe(("0.4", "rules", ""));
        (Cell("x-site-2", "probability"), Cell("x-site-2", "scored_at")).ShouldBe(("", ""));
        Cell("x-site-2", "score").ShouldNotBeEmpty();

        var features = (await admin.GetAsync("/api/export/alerts.geojson")).GetProperty("features").EnumerateArray().Select(static f => f.GetProperty("properties"))
            .ToDictionary(static p => p.GetProperty("subject").GetProperty("id").GetString()!);
        var likelihood = features["x-site-1"].GetProperty("likelihood");
        (likelihood.GetProperty("probability").GetDouble(), likelihood.GetProperty("model").GetString()).ShouldBe((0.625, "0002"));
        features["x-site-2"].TryGetProperty("likelihood", out _).ShouldBeFalse();
    }

    /// <summary>The likeliest of all changed longest ago: more warnings than one page holds stand before it.</summary>
    [Fact]
    public async Task Alerts_ByLikelihoodOfMoreThanAPage_AreOrderedOverAllAndPagedWithoutGapOrTwice()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        const int Many = 1100;
        await service.Get<IAlertStore>().CommitAsync(
            new AlertBatch
            {
                Changes = [.. Enumerable.Range(0, Many).Select(i => An.Change(An.Alert($"s{i}") with { FindingId = $"f{i}", Fingerprint = $"p{i}", Id = $"p{i}-1", RegionCode = World.Code(i % 2 == 0 ? "x" : "y") }))],
            },
            Stop);
        var random = new Random(7);

        // A third without a score, some with equal ones, some set aside; one is said again and moves.
        var scores = Enumerable.Range(0, Many).Where(i => i % 3 > 0).ToDictionary(i => i, i => i is 1 ? 0.99 : Math.Round(0.9 * random.NextDouble(), 2));
        CandidateScore Of(int i, double probability) => Score(World.Site("x"), probability) with { FindingId = $"f{i}", SiteId = $"s{i}", Triage = i % 10 == 0 ? Triage.SetAside : Triage.Work };
        await service.Get<ILearningStore>().AddScoresAsync([.. scores.Select(s => Of(s.Key, s.Value)), Of(2, 0.98) with { AsOf = World.Spring.AddDays(1) }, Of(4, 0.97) with { AsOf = World.Spring.AddDays(-1) }], Stop);
        scores[2] = 0.98;
        var expected = Enumerable.Range(0, Many)
            .OrderBy(i => !scores.ContainsKey(i) ? 1 : i % 10 == 0 ? 2 : 0).ThenByDescending(i => scores.GetValueOrDefault(i)).ThenByDescending(i => i).Select(i => $"p{i}-1").ToList();
        expected[..2].ShouldBe(["p1-1", "p2-1"]);

        var admin = await service.AdministratorAsync();
        (await AllAsync(admin)).ShouldBe(expected);
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);
        (await AllAsync(officer)).ShouldBe(expected.Where(id => int.Parse(id[1..^2], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0));
        foreach (var wrong in new[] { "order=likelihood&after=x", "order=likelihood&after=0~NaN~1", "order=likelihood&after=3~0.1~1", "after=0~0.1~1" })
        {
            (await admin.StatusOfAsync($"/api/alerts?{wrong}")).ShouldBe(HttpStatusCode.BadRequest, wrong);
        }

        static async Task<List<string>> AllAsync(Visitor visitor)
        {
            List<string> ids = [];
            for (string? after = ""; after is not null;)
            {
                var page = await visitor.GetAsync($"/api/alerts?order=likelihood&limit=150&after={Uri.EscapeDataString(after)}");
                ids.AddRange(page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetString()!));
                after = page.TryGetProperty("nextAfter", out var next) ? next.GetString() : null;
            }

            return ids;
        }
    }

    [Fact]
    public async Task Models_AskedByOneOfARegion_TellWhatIsInUseWithoutFiguresNamesAndReasons()
    {
        await using var service = await TestService.StartAsync(adjust: static b => b.Services.AddSingleton<IViolationModels>(new Desk()));
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);
        var whole = (await admin.GetAsync("/api/models")).GetRawText();
        var part = await officer.GetAsync("/api/models");
        foreach (var mark in new[] { "secret-name", "secret-reason", "777", "/srv/secret" })
        {
            whole.ShouldContain(mark);
            part.GetRawText().ShouldNotContain(mark);
        }

        (part.GetProperty("active").GetString(), part.GetProperty("limited").GetBoolean()).ShouldBe(("0001", true));
        part.GetProperty("versions").EnumerateArray().ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("active");
        part.GetProperty("acts").EnumerateArray().ShouldHaveSingleItem().GetProperty("act").GetString().ShouldBe("promote");
        part.TryGetProperty("problem", out _).ShouldBeTrue("that rules stand in concerns everybody");
        (await officer.StatusOfAsync("/api/models/0001")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Models_ReadByAll_ActedOnByWholeAdministratorsWithTheirName()
    {
        var desk = new Desk();
        await using var service = await TestService.StartAsync(adjust: b => b.Services.AddSingleton<IViolationModels>(desk));
        var admin = await service.AdministratorAsync();
        var viewer = await service.PersonAsync(admin.Http, "v", Role.Viewer, World.X);
        var limited = await service.PersonAsync(admin.Http, "la", Role.Administrator, World.X);
        (await viewer.GetAsync("/api/models")).GetProperty("priorRate").GetDouble().ShouldBe(0.15);
        foreach (var path in new[] { "train", "0001/promote", "roll-back" })
        {
            foreach (var visitor in new[] { viewer, limited })
            {
                (await visitor.Http.PostAsJsonAsync($"/api/models/{path}", new { reason = "x" }, Stop)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            }

            (await admin.Http.PostAsJsonAsync($"/api/models/{path}", new { reason = " better " }, Stop)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        desk.Acts.ShouldBe([$"train {admin.Name}", $"promote 0001 {admin.Name} better", $"roll-back {admin.Name} better"]);
        desk.Refuses = true;
        (await (await admin.Http.PostAsJsonAsync("/api/models/train", new { }, Stop)).ShouldBeProblemAsync(HttpStatusCode.Conflict)).ShouldBe("Too few.");
        (await admin.StatusOfAsync("/api/models/9999")).ShouldBe(HttpStatusCode.NotFound);
        (await admin.StatusOfAsync("/api/models/..%2f..")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Risk_BeforeAMapWasMade_SaysThatThereIsNone()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var answer = await admin.GetAsync("/api/risk");
        answer.TryGetProperty("risk", out _).ShouldBeFalse();
        answer.GetProperty("features").GetArrayLength().ShouldBe(0);
        (await admin.StatusOfAsync("/api/risk?limit=0")).ShouldBe(HttpStatusCode.BadRequest);
    }

    private static CandidateScore Score(Finding finding, double probability) => new()
    {
        FindingId = finding.Id, SiteId = finding.Subject.Id, AsOf = finding.DetectedAt, MapVersion = 1, SchemaVersion = 1, Features = [1, 2], Probability = probability,
        Parts = [new ScorePart("verdict", "规则判断", "verdict", 2, 1.2)],
    };

    private sealed class Desk : IViolationModels
    {
        public List<string> Acts { get; } = [];

        public bool Refuses { get; set; }

        public Task<ModelsOverview> OverviewAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new ModelsOverview
            {
                Active = "0001", PriorRate = 0.15, Outcomes = new(777, 777, 777, 777, 200, 0, 100), Problem = "/srv/secret/model.json cannot be read.",
                Versions = [new("0001", "active", World.Spring, "secret-name", "aa", "bb", World.Spring, World.Spring, 777, 777, new(777, 0.1, 0.2, 0.3, 0.4, 0.5))],
                Acts = [new(1, World.Spring, "secret-name", "promote", "0001", "secret-reason")],
                Comparison = new(777, 777, null, null, true, "secret-reason"), Drift = new(World.Spring, 777, 777, []), Lead = new(777, 1, 2),
            });

        public Task<ModelDetails?> ShowAsync(string version, CancellationToken cancellationToken) => Task.FromResult<ModelDetails?>(null);

        public Task<ModelActResult> TrainAsync(string actor, CancellationToken cancellationToken) => Act($"train {actor}");

        public Task<ModelActResult> PromoteAsync(string version, string actor, string reason, CancellationToken cancellationToken) => Act($"promote {version} {actor} {reason}");

        public Task<ModelActResult> RollBackAsync(string actor, string reason, CancellationToken cancellationToken) => Act($"roll-back {actor} {reason}");

        private Task<ModelActResult> Act(string what)
        {
            Acts.Add(what);
            return Task.FromResult(Refuses ? new ModelActResult(false, "Too few.") : new ModelActResult(true, "Done."));
        }
    }
}
