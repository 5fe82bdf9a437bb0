using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Dashboard.Tiles;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Tests;

/// <summary>A service in which each region has one of everything, also a judged case with a photo and a dead letter.</summary>
public sealed class ScopeFixture : IAsyncLifetime
{
    public static readonly byte[] PhotoOfY = [0xFF, 0xD8, 0xFF, 0xE0, 7, 7, 7];

    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public Dictionary<string, Alert> AlertOf { get; } = [];

    public static string PhotoHash => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(PhotoOfY));

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync();
        await World.SettleAsync(Service);
        foreach (var region in new[] { "x", "y" })
        {
            var footprint = World.Ground(region);
            await World.SceneAsync(Service, $"{region}-scene", footprint, World.Spring);
            await World.ObserveAsync(Service, region, 50, 1);
            await World.RaiseAsync(Service, World.Site(region), World.Site(region, 1));
            AlertOf[region] = (await Service.Get<IAlertStore>().QueryAsync(
                new AlertQuestion { Subject = new Subject(SubjectKind.Site, $"{region}-site-0") }, default)).Single();
            // Drawn for a recheck, so that it stands in the set-aside list as well.
            await Service.Get<Domain.Learning.ILearningStore>().AddScoresAsync(
                [new Domain.Learning.CandidateScore
                {
                    FindingId = World.Site(region, 1).Id, SiteId = $"{region}-site-1", AsOf = World.Spring, MapVersion = 1, SchemaVersion = 1, Features = [1], Probability = 0.01, Parts = [],
                    Triage = Domain.Learning.Triage.Recheck, InspectionChance = 0.05,
                }],
                default);
            await Service.Get<IChangeStore>().CommitAsync(
                [new ChangeSet
                {
                    Id = $"{region}-changes", BaselineSceneId = $"{region}-scene", CurrentSceneId = $"{region}-scene", DetectorId = "t", DetectorVersion = "1",
                    ObservableShare = 1, Patches = [World.Patch(region).Patch],
                }],
                null,
                default);
            await Service.Get<Domain.Sensing.IObservationStore>().CommitAsync(
                new Domain.Sensing.ObservationBatch([], [new Domain.Sensing.DeadLetter
                {
                    Door = "mqtt", DeviceId = $"{region}-device", Address = $"devices/{region}-device/obs", ReceivedTime = World.Spring,
                    Reason = Domain.Sensing.DeadLetterReason.Malformed, Detail = $"{region}-letter", Payload = new byte[] { 1 }, PayloadLength = 1,
                }]),
                default);
        }

        await Service.Get<Domain.Learning.ILearningStore>().ReplaceRiskAsync(
            new Domain.Learning.RiskPicture(World.Spring, Domain.Learning.RiskSource.Signs, 3, 100, 2, [
                .. new[] { "x", "y" }.Select(r => new Domain.Learning.RiskParcel($"{r}-parcel", World.Code(r), World.Plot(r), null, null, 2, new Dictionary<string, int> { ["earthworks"] = 1 })),
            ]),
            default);
        // Each incident has a piece of evidence from the other side of the border.
        await Service.Get<IIncidentStore>().CommitAsync(
            [.. new[] { ("x", "y"), ("y", "x") }.Select(static r => TestKit.An.Incident($"{r.Item1}-incident", region: World.Code(r.Item1)) with
            {
                Where = World.Plot(r.Item1), Evidence = [Piece(r.Item1, r.Item1), Piece(r.Item2, r.Item2)], Weight = 2, Corroborated = true, Start = World.Spring, End = World.Spring,
            })],
            new("incidents/findings", 1), default);
        Administrator = await Service.AdministratorAsync();
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("illegal"), "outcome" }, { new StringContent("Y officer"), "person" }, { new StringContent("y-reason-of-visit"), "reason" },
            { new StringContent("2026-05-01T08:00:00+08:00"), "at" }, { new ByteArrayContent(PhotoOfY), "photos", "a.jpg" },
        };
        (await Administrator.Http.PostAsync($"/api/alerts/{AlertOf["y"].Id}/verification", form)).EnsureSuccessStatusCode();
    }

    private static IncidentEvidence Piece(string region, string of) => new(
        EvidenceChannel.Space, "image-change", "building-without-approval", new Subject(SubjectKind.Site, $"{of}-site-0"), $"{of}-finding", 1, World.Spring, World.Spring, 1, true, World.Plot(region), World.Code(region));

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class ScopeTests(ScopeFixture fixture) : IClassFixture<ScopeFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Whatever is of Y carries one of these somewhere.</summary>
    private static readonly string[] MarksOfY = ["y-", "320104", "鼓楼", "118.12", "118.2", "Y officer"];

    [Fact]
    public async Task AnyQuery_OfAnOfficerOfX_GivesNothingOfY()
    {
        var asked = 0;
        foreach (var route in Routes("GET"))
        {
            foreach (var path in Fill(route))
            {
                var response = await fixture.OfficerOfX.Http.GetAsync(path, Cancel);
                var body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(Cancel));
                ((int)response.StatusCode).ShouldBeLessThan(500, $"{path}: {body}");
                if (response.Content.Headers.ContentType?.MediaType != "image/png")
                {
                    // What the question itself said may come back in a refusal.
                    var told = response.IsSuccessStatusCode ? body : "";
                    MarksOfY.Where(m => told.Contains(m, StringComparison.Ordinal)).ShouldBeEmpty($"{path} gave {body}");
                }
                else if (path.Contains("y-scene", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"{path} gave a picture of the other region.");
                }

                asked++;
            }
        }

        asked.ShouldBeGreaterThan(40);
    }

    [Fact]
    public async Task AnyQuery_OfTheAdministrator_GivesY_SoThatTheTestAboveCanFail()
    {
        var withY = new HashSet<string>();
        foreach (var route in Routes("GET"))
        {
            foreach (var path in Fill(route))
            {
                var response = await fixture.Administrator.Http.GetAsync(path, Cancel);
                var body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(Cancel));
                if (response.IsSuccessStatusCode
                    && (response.Content.Headers.ContentType?.MediaType is "image/png" or "image/jpeg" ? path.Contains("y-", StringComparison.Ordinal) || path.Contains("photos", StringComparison.Ordinal) : MarksOfY.Any(m => body.Contains(m, StringComparison.Ordinal))))
                {
                    withY.Add(route);
                }
            }
        }

        // What is refused, what a second look tells and codes of places have tests of their own (ChangeTests, PlaceTests).
        string[] withoutRegion =
        [
            "/api/session", "/api/users", "/api/indicators", "/api/alerts/{id}/assignees", "/api/scenes/refused", "/api/scenes/watch", "/api/scenes/{id}/second-look", "/api/places",
            "/api/places/{code}/qr.svg", "/api/models", "/api/models/{version}",
        ];
        Routes("GET").Except(withY).Except(withoutRegion).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("acknowledge")]
    [InlineData("assign")]
    public async Task Command_OnAnAlertOfAnotherRegion_IsNotFound(string command) =>
        await (await fixture.OfficerOfX.Http.PostAsJsonAsync($"/api/alerts/{fixture.AlertOf["y"].Id}/{command}", new { note = "x", assignee = "x" }, Cancel))
            .ShouldBeProblemAsync(HttpStatusCode.NotFound);

    [Theory]
    [InlineData("nobody-here", "Nobody has this user name")]
    [InlineData("李四", "Nobody has this user name")]
    [InlineData("XU", "xu may not see the place")]
    public async Task Assign_ToSomebodyWhoMayNotSeeThePlace_IsRefusedInOneSentence(string assignee, string sentence)
    {
        var answer = await fixture.Administrator.Http.PostAsJsonAsync($"/api/alerts/{fixture.AlertOf["y"].Id}/assign", new { assignee }, Cancel);

        (await answer.ShouldBeProblemAsync(HttpStatusCode.BadRequest)).ShouldStartWith(sentence);
        (await fixture.Administrator.GetAsync($"/api/alerts/{fixture.AlertOf["y"].Id}")).ToString().ShouldNotContain("\"assignee\":\"");
    }

    [Fact]
    public async Task Assignees_OfAnAlert_AreThoseWhoMaySeeItsPlace()
    {
        (await NamesAsync("x")).ShouldContain(fixture.OfficerOfX.Name);
        (await NamesAsync("y")).ShouldContain(fixture.Administrator.Name);
        (await NamesAsync("y")).ShouldNotContain(fixture.OfficerOfX.Name);
        await (await fixture.OfficerOfX.Http.GetAsync($"/api/alerts/{fixture.AlertOf["y"].Id}/assignees", Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound);

        async Task<string?[]> NamesAsync(string region) =>
            [.. (await fixture.Administrator.GetAsync($"/api/alerts/{fixture.AlertOf[region].Id}/assignees")).EnumerateArray().Select(static p => p.GetProperty("name").GetString())];
    }

    [Fact]
    public async Task Verification_OfAnAlertOfAnotherRegion_IsNotFound()
    {
        using var form = new MultipartFormDataContent { { new StringContent("legal"), "outcome" } };

        await (await fixture.OfficerOfX.Http.PostAsync($"/api/alerts/{fixture.AlertOf["y"].Id}/verification", form, Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task LimitedAdministrator_AuditUsersAndImport_AreForbidden()
    {
        var limited = await fixture.Service.PersonAsync(fixture.Administrator.Http, "limited", Role.Administrator, World.X);

        foreach (var path in new[] { "/api/audit", "/api/audit/export", "/api/users" })
        {
            await (await limited.Http.GetAsync(path, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
        }

        using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "a.geojson" } };
        await (await limited.Http.PostAsync("/api/import/permits", form, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task ListAndExports_AnyPrefixes_GiveExactlyTheRowsBelowThem()
    {
        var all = await fixture.Service.Get<IAlertStore>().QueryAsync(new AlertQuestion { Limit = 1000 }, Cancel);
        var number = 0;
        await Gen.OneOf("3", "32", "3201", "320102", "320104", "33", "32010299").Array[1, 3].SampleAsync(
            async prefixes =>
            {
                var person = await fixture.Service.PersonAsync(
                    fixture.Administrator.Http, $"p{Interlocked.Increment(ref number)}", Role.Viewer, [.. prefixes.Select(static p => p.Length < 2 ? "32" : p)]);
                var expected = all.Where(a => prefixes.Any(p => a.RegionCode!.StartsWith(p.Length < 2 ? "32" : p, StringComparison.Ordinal))).Select(static a => a.Id).Order().ToList();

                var listed = (await person.GetAsync("/api/alerts?limit=1000")).GetProperty("items").EnumerateArray().Select(static a => a.GetProperty("id").GetString()!).Order().ToList();
                var exported = (await person.GetAsync("/api/export/alerts.geojson")).GetProperty("features").EnumerateArray().Select(static a => a.GetProperty("id").GetString()!).Order().ToList();

                listed.ShouldBe(expected);
                exported.ShouldBe(expected);
            },
            iter: 12,
            threads: 1);
    }

    /// <summary>All routes of the interface that answer a method, as the program itself has them.</summary>
    private IReadOnlyList<string> Routes(string method) =>
    [
        .. fixture.Service.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(method) is true)
            .Select(static e => "/" + e.RoutePattern.RawText!.Trim('/'))
            .Where(static r => r.StartsWith("/api/", StringComparison.Ordinal))
            .Distinct(),
    ];

    /// <summary>The addresses to ask for a route, with the ids of both regions. A new route without an entry here fails the test.</summary>
    private IEnumerable<string> Fill(string route) => route switch
    {
        "/api/session" or "/api/users" or "/api/overview" or "/api/devices" or "/api/datastreams/latest" or "/api/ledger" or "/api/indicators"
            or "/api/audit/export" or "/api/export/alerts.geojson" or "/api/export/alerts.csv" or "/api/audit" or "/api/models" => [route],
        "/api/models/{version}" => ["/api/models/0001"],
        "/api/risk" or "/api/held-back" => [route, $"{route}?bbox=118.11,32,118.2,32.1"],
        "/api/alerts" => [route, $"{route}?bbox=118.11,32,118.2,32.1", $"{route}?state=firing,pending,resolved&limit=1000", $"{route}?rule=building-without-approval"],
        "/api/incidents" => [route, $"{route}?bbox=118.11,32,118.2,32.1", $"{route}?corroborated=true"],
        "/api/incidents/{id}" => Both(static r => $"/api/incidents/{r}-incident"),
        "/api/alerts/{id}" => Both(r => $"/api/alerts/{fixture.AlertOf[r].Id}"),
        "/api/alerts/{id}/assignees" => Both(r => $"/api/alerts/{fixture.AlertOf[r].Id}/assignees"),
        "/api/evidence/photos/{sha256}" => [$"/api/evidence/photos/{ScopeFixture.PhotoHash}"],
        "/api/datastreams/series" => Both(static r => $"/api/datastreams/series?id={r}-device/pm10&from=2026-03-31T00:00:00Z&to=2026-04-02T00:00:00Z&bucket=PT1H"),
        "/api/scenes" => [route, $"{route}?bbox=118.11,32,118.2,32.1"],
        "/api/scenes/{id}/tiles/{z:int}/{x:int}/{y:int}.png" => Both(static r => Tile(r, 12, (z, x, y) => $"/api/scenes/{r}-scene/tiles/{z}/{x}/{y}.png")),
        "/api/scenes/refused" or "/api/scenes/watch" => [route],
        "/api/scenes/{id}/changes" => Both(static r => $"/api/scenes/{r}-scene/changes"),
        "/api/scenes/{id}/second-look" => Both(static r => $"/api/scenes/{r}-scene/second-look"),
        "/api/scenes/{id}/chip.png" => Both(static r => string.Create(CultureInfo.InvariantCulture, $"/api/scenes/{r}-scene/chip.png?bbox={(r == "x" ? "118.01,32.01,118.09,32.09" : "118.11,32.01,118.19,32.09")}")),
        "/api/map/tiles/{layer}/{z:int}/{x:int}/{y:int}.mvt" => new[] { "regions", "control-lines", "permits", "parcels", "patches" }
            .SelectMany(static l => new[] { 5, 9, 12 }.SelectMany(zoom => Both(r => Tile(r, zoom, (z, x, y) => $"/api/map/tiles/{l}/{z}/{x}/{y}.mvt")))),
        "/api/map/features/{layer}/{id}" =>
        [
            $"/api/map/features/regions/{World.X}", $"/api/map/features/regions/{World.Y}", "/api/map/features/control-lines/y-line", "/api/map/features/permits/y-permit",
            "/api/map/features/parcels/y-parcel",
        ],
        "/api/map/at" => Both(static r => string.Create(CultureInfo.InvariantCulture, $"/api/map/at?lon={World.Plot(r).Box.Centre.X}&lat=32.041")),
        "/api/places" => Both(static r => string.Create(CultureInfo.InvariantCulture, $"/api/places?lon={World.Plot(r).Box.Centre.X}&lat=32.041"))
            .Concat(["/api/places?layer=permits&id=y-permit", "/api/places?layer=permits&id=x-permit"]),
        "/api/places/{code}" => Both(static r => $"/api/places/{CodeOf(r)}"),
        "/api/places/{code}/qr.svg" => Both(static r => $"/api/places/{CodeOf(r)}/qr.svg"),
        "/api/indicators/{code}" => Both(static r => $"/api/indicators/sensed-built-up?region={World.Code(r)}"),
        _ => throw new InvalidOperationException($"The route {route} is new: say here how to ask it about both regions."),
    };

    private static string CodeOf(string region) => Uri.EscapeDataString(SpatialCode.At(World.Plot(region).Box.Centre.X, 32.041).Text);

    private static IEnumerable<string> Both(Func<string, string> path) => [path("x"), path("y")];

    private static string Tile(string region, int zoom, Func<int, int, int, string> path)
    {
        var (x, y) = TileTests.TilesOver(World.Plot(region).Box, zoom).First();
        return path(zoom, x, y);
    }
}
