using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Tests;

/// <summary>The door to candidates of which no warning was made.</summary>
public sealed class HeldBackTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HeldBack_OfSeveralKinds_TellsEachWithItsReasonAndNoneThatIsAWarning()
    {
        await using var service = await StartAsync();
        Finding[] said = [Doubtful("x", 0), Doubtful("x", 1), Doubtful("x", 2), World.Site("x", 3)];
        await World.RaiseAsync(service, said);
        await service.Get<ILearningStore>().AddScoresAsync([Score(said[0], 0.2), Aside(Score(said[1], 0.01)), Score(said[2], 0.6), Score(said[3], 0.9)], Stop);
        var admin = await service.AdministratorAsync();

        var items = (await admin.GetAsync("/api/held-back")).GetProperty("items").EnumerateArray().ToList();
        items.Select(i => (i.GetProperty("siteId").GetString(), i.GetProperty("kind").GetString(), i.GetProperty("why").GetProperty("code").GetString())).ShouldBe(
            [("x-site-2", "belowVerdict", "below-warning"), ("x-site-0", "belowVerdict", "below-warning"), ("x-site-1", "setAside", "low-probability")]);
        items[0].GetProperty("why").GetProperty("facts").GetProperty("fires_from").GetString().ShouldBe("conflict");
        (await admin.GetAsync("/api/alerts")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("subject").GetProperty("id").GetString().ShouldBe("x-site-3");

        // Pages join without a gap.
        List<string?> paged = [];
        for (string? after = ""; after is not null;)
        {
            var page = await admin.GetAsync($"/api/held-back?limit=1&after={Uri.EscapeDataString(after)}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("siteId").GetString()));
            after = page.TryGetProperty("nextAfter", out var next) ? next.GetString() : null;
        }

        paged.ShouldBe(["x-site-2", "x-site-0", "x-site-1"]);
        foreach (var wrong in new[] { "limit=0", "limit=501", "after=x", "after=2~1", "bbox=1,2" })
        {
            (await admin.StatusOfAsync($"/api/held-back?{wrong}")).ShouldBe(HttpStatusCode.BadRequest, wrong);
        }
    }

    [Fact]
    public async Task HeldBack_LaterFindingOfThePlaceClearsOrConflicts_IsGoneFromTheList()
    {
        await using var service = await StartAsync();
        Finding[] said = [Doubtful("x", 0), Doubtful("x", 1)];
        await World.RaiseAsync(service, said);
        await service.Get<ILearningStore>().AddScoresAsync([Score(said[0], 0.2), Score(said[1], 0.3)], Stop);
        await World.RaiseAsync(service, false, World.Site("x", 0), said[1] with { Id = "gone", Condition = FindingCondition.Clears, PhenomenonEnd = World.Spring.AddDays(1) });
        var admin = await service.AdministratorAsync();

        (await admin.GetAsync("/api/held-back")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task HeldBack_OfAnotherRegion_IsOutOfSight()
    {
        await using var service = await StartAsync();
        Finding[] said = [Doubtful("x", 0), Doubtful("y", 0)];
        await World.RaiseAsync(service, said);
        await service.Get<ILearningStore>().AddScoresAsync([Score(said[0], 0.2), Score(said[1], 0.3)], Stop);
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);
        var viewer = await service.PersonAsync(admin.Http, "v", Role.Viewer, World.X);

        var seen = await officer.GetAsync("/api/held-back");
        seen.GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("siteId").GetString().ShouldBe("x-site-0");
        seen.GetRawText().ShouldNotContain("y-");
        (await TakeUpAsync(officer, "y-site-0", "seen")).ShouldBe(HttpStatusCode.NotFound);
        (await TakeUpAsync(viewer, "x-site-0", "seen")).ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task TakeUp_ByAnOfficer_IsAWarningWithTheReasonAndTheScoreAndOnTheAuditTrail()
    {
        await using var service = await StartAsync();
        var said = Doubtful("x", 0);
        await World.RaiseAsync(service, said);
        await service.Get<ILearningStore>().AddScoresAsync([Aside(Score(said, 0.01))], Stop);
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);

        (await TakeUpAsync(officer, "x-site-0", " ")).ShouldBe(HttpStatusCode.BadRequest);
        (await TakeUpAsync(officer, "x-site-9", "seen")).ShouldBe(HttpStatusCode.NotFound);
        (await TakeUpAsync(officer, "x-site-0", "群众举报")).ShouldBe(HttpStatusCode.OK);
        await service.TakenAsync((await service.Get<IFindingStore>().ReadAfterAsync(0, 1000, Stop))[^1].Sequence);

        var alert = (await officer.GetAsync("/api/alerts")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        var why = alert.GetProperty("reasons").EnumerateArray().First();
        (why.GetProperty("code").GetString(), why.GetProperty("facts").GetProperty("person").GetString(), why.GetProperty("facts").GetProperty("note").GetString()).ShouldBe(("taken-up", "xu", "群众举报"));
        alert.GetProperty("verdict").GetString().ShouldBe("review");
        alert.GetProperty("likelihood").GetProperty("probability").GetDouble().ShouldBe(0.01);
        (await officer.GetAsync("/api/held-back")).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await TakeUpAsync(officer, "x-site-0", "again")).ShouldBe(HttpStatusCode.NotFound, "it is a warning already");
        (await service.Get<Monitoring.Domain.Audit.IAuditTrail>().ReadAfterAsync(0, 1000, Stop)).Count(e => e.Entry is { Action: "candidate.take-up", Actor: "xu", Subject: "x-site-0" }).ShouldBe(1);
    }

    private static async Task<TestService> StartAsync()
    {
        var service = await TestService.StartAsync(adjust: b => b.Services.Replace(ServiceDescriptor.Singleton<IAlertRules>(new FromConflict())));
        await World.SettleAsync(service);
        return service;
    }

    private static Finding Doubtful(string region, int n) => World.Site(region, n) with { Id = FindingId.Of("doubtful", region, $"{n}"), Verdict = Verdict.Review };

    private static CandidateScore Aside(CandidateScore score) => score with
    {
        Model = "0002", Triage = Triage.SetAside, TriageReason = Reason.Of("low-probability", ("probability", "0.01"), ("bound", "0.02"), ("model", "0002")),
    };

    private static async Task<HttpStatusCode> TakeUpAsync(Visitor visitor, string site, string reason) =>
        (await visitor.Http.PostAsJsonAsync($"/api/held-back/{site}/take-up", new { reason }, Stop)).StatusCode;

    private static CandidateScore Score(Finding finding, double probability) => new()
    {
        FindingId = finding.Id, SiteId = finding.Subject.Id, AsOf = finding.DetectedAt, MapVersion = 1, SchemaVersion = 1, Features = [1, 2], Probability = probability, Parts = [],
    };

    private sealed class FromConflict : IAlertRules
    {
        public IReadOnlyList<AlertRule> All => [World.Building with { FiresFrom = Verdict.Conflict }];

        public AlertRule? Find(string ruleId) => All.FirstOrDefault(r => r.Id == ruleId);
    }
}
