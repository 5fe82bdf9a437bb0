using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Dashboard.Tests;

public sealed class IncidentFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync();
        await World.SettleAsync(Service);
        Administrator = await Service.AdministratorAsync();
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);

        // A site of X that a device across the border heard as well, one of Y, and one that was taken over.
        var (site, other) = (World.Site("x"), World.Site("y"));
        IncidentEvidence Heard(string region) => new(
            EvidenceChannel.Ground, "night-noise", "noise-night", new(SubjectKind.Datastream, $"{region}-device/noise"), $"f-{region}", 1.25, World.Spring, World.Spring, 3, true, World.Plot(region), World.Code(region));
        IncidentEvidence Seen(Finding finding) => new(
            EvidenceChannel.Space, "image-change", finding.RuleId, finding.Subject, finding.Id, 4, finding.PhenomenonStart, finding.PhenomenonEnd, 1, true, finding.Where!, finding.RegionCode);
        Incident Of(string id, Finding finding, params IncidentEvidence[] evidence) => An.Incident(id) with
        {
            RegionCode = finding.RegionCode, Where = finding.Where!, Evidence = evidence, Weight = evidence.Sum(e => e.Weight), Corroborated = evidence.Length > 1, Start = World.Spring.AddDays(-10), End = World.Spring,
        };
        await Service.Get<IIncidentStore>().CommitAsync(
            [Of("in-x", site, Seen(site), Heard("x"), Heard("y")), Of("in-y", other, Seen(other)), Of("old", site, Seen(site)) with { MergedInto = "in-x" }], new("incidents/findings", 1), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class IncidentTests(IncidentFixture fixture) : IClassFixture<IncidentFixture>
{
    [Fact]
    public async Task Incidents_AskedByTheAdministrator_AreThereWithEveryWeight()
    {
        var items = (await fixture.Administrator.GetAsync("/api/incidents")).GetProperty("items").EnumerateArray().ToList();

        items.Select(i => i.GetProperty("id").GetString()).ShouldBe(["in-x", "in-y"], ignoreOrder: true);
        var one = items.Single(i => i.GetProperty("id").GetString() == "in-x");
        one.GetProperty("evidence").EnumerateArray().Select(e => (e.GetProperty("kind").GetString(), e.GetProperty("weight").GetDouble()))
            .ShouldBe([("image-change", 4), ("night-noise", 1.25), ("night-noise", 1.25)]);
        (one.GetProperty("withheld").GetInt32(), one.GetProperty("corroborated").GetBoolean()).ShouldBe((0, true));
    }

    [Fact]
    public async Task Incident_AcrossTheBorder_TellsAnOfficerOnlyWhatLiesInTheirs()
    {
        var seen = await fixture.OfficerOfX.GetAsync("/api/incidents/in-x");

        seen.GetRawText().ShouldNotContain("y-device");
        seen.GetProperty("evidence").GetArrayLength().ShouldBe(2);
        (seen.GetProperty("withheld").GetInt32(), seen.GetProperty("weight").GetDouble()).ShouldBe((1, 5.25));
    }

    [Fact]
    public async Task Incident_OutsideTheScope_IsAsIfItWereNotThere()
    {
        (await fixture.OfficerOfX.Http.GetAsync("/api/incidents/in-y", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.OfficerOfX.GetAsync("/api/incidents")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()).ShouldBe(["in-x"]);
    }

    [Fact]
    public async Task Incident_TakenOver_AnswersWithTheOneThatStands() =>
        (await fixture.Administrator.GetAsync("/api/incidents/old")).GetProperty("id").GetString().ShouldBe("in-x");

    [Fact]
    public async Task Incidents_ManyThatEndAtOnce_ComeOnceEachOverPagesWithOneQuestionForTheirAlerts()
    {
        await using var service = await TestService.StartAsync(adjust: static b => b.Services.AddSingleton<IAlertStore>(static s => new WatchedAlerts(ActivatorUtilities.CreateInstance<SqliteAlertStore>(s))));
        await World.SettleAsync(service);
        await service.Get<IIncidentStore>().CommitAsync(
            [.. Enumerable.Range(0, 7).Select(i => An.Incident($"i{i}", region: World.X) with { End = World.Spring.AddTicks(i is 0 ? 1 : 0) })], new("incidents/findings", 1), TestContext.Current.CancellationToken);
        await World.RaiseAsync(service, World.Site("x"));
        var admin = await service.AdministratorAsync();
        var watched = (WatchedAlerts)service.Get<IAlertStore>();
        List<string> seen = [];
        var pages = 0;
        for (string? next = ""; next is not null; pages++)
        {
            var (asked, newest) = (watched.Asked, watched.AskedForNewest);
            var page = await admin.GetAsync($"/api/incidents?limit=2&before={Uri.EscapeDataString(next)}");
            (watched.Asked - asked, watched.AskedForNewest - newest).ShouldBe((0, page.GetProperty("items").GetArrayLength() > 0 ? 1 : 0));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            next = page.TryGetProperty("next", out var more) ? more.GetString() : null;
        }

        seen.ShouldBe(["i0", "i1", "i2", "i3", "i4", "i5", "i6"]);
        pages.ShouldBe(4);
    }

    [Fact]
    public async Task Incidents_BadQuestions_AreToldInASentence()
    {
        foreach (var question in new[] { "limit=0", "limit=201", "bbox=1,2,3", "before=yesterday", "before=~x" })
        {
            (await fixture.Administrator.Http.GetAsync($"/api/incidents?{question}", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, question);
        }
    }
}
