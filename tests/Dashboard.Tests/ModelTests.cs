using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

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
            Task.FromResult(new ModelsOverview { PriorRate = 0.15, Versions = [], Acts = [], Outcomes = new(0, 0, 0, 0, 200, 0, 100) });

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
