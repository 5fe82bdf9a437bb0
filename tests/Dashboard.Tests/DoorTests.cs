using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;

namespace Monitoring.Dashboard.Tests;

/// <summary>One service for all tests of who gets in and how refusals look.</summary>
public sealed class DoorFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor Viewer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync(o => o with { BaseMap = new BaseMapOptions("https://tiles.example/{z}/{x}/{y}.png", "example") }, pages: true);
        await World.SettleAsync(Service);
        Administrator = await Service.AdministratorAsync();
        Viewer = await Service.PersonAsync(Administrator.Http, "vera", Role.Viewer, null);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class DoorTests(DoorFixture fixture) : IClassFixture<DoorFixture>
{
    /// <summary>What anybody may ask: who am I, let me in, are you well, the pages themselves.</summary>
    private static readonly string[] OpenToAll = ["GET /api/session", "POST /api/session", "GET /healthz", "GET /{*path}"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryEndpoint_ButTheFewThatAreOpen_DemandsSignIn()
    {
        var client = fixture.Service.Anonymous();
        var open = new List<string>();
        var closed = 0;
        foreach (var endpoint in fixture.Service.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText!;
            var method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is [var first, ..] ? first : "*";
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                open.Add($"{method} /{pattern.TrimStart('/')}");
                continue;
            }

            var path = "/" + pattern.TrimStart('/').Replace("{z:int}", "1", StringComparison.Ordinal).Replace("{x:int}", "0", StringComparison.Ordinal).Replace("{y:int}", "0", StringComparison.Ordinal)
                .Replace("{documentName}", "v1", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(method == "*" ? "GET" : method), path) { Content = method == "POST" ? BodyFor(path) : null };
            var response = await client.SendAsync(request, Cancel);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
            closed++;
        }

        open.Order().ShouldBe(OpenToAll.Order());
        closed.ShouldBeGreaterThan(30);
    }

    [Theory]
    [InlineData("POST", "/api/alerts/x/acknowledge")]
    [InlineData("POST", "/api/alerts/x/assign")]
    [InlineData("GET", "/api/alerts/x/assignees")]
    [InlineData("POST", "/api/alerts/x/verification")]
    [InlineData("GET", "/api/users")]
    [InlineData("POST", "/api/users")]
    [InlineData("GET", "/api/audit")]
    [InlineData("GET", "/api/audit/export")]
    [InlineData("POST", "/api/import/permits")]
    public async Task Viewer_WhatIsForHigherRoles_IsForbidden(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? BodyFor(path) : null };

        await (await fixture.Viewer.Http.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/alerts/unknown", HttpStatusCode.NotFound)]
    [InlineData("/api/alerts?state=angry", HttpStatusCode.BadRequest)]
    [InlineData("/api/alerts?state=1", HttpStatusCode.BadRequest)]
    [InlineData("/api/alerts?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/alerts?limit=many", HttpStatusCode.BadRequest)]
    [InlineData("/api/alerts?bbox=1,2,3", HttpStatusCode.BadRequest)]
    [InlineData("/api/alerts?bbox=NaN,2,3,4", HttpStatusCode.BadRequest)]
    [InlineData("/api/datastreams/series?id=unknown", HttpStatusCode.NotFound)]
    [InlineData("/api/datastreams/series?id=x-device/pm10&from=2026-04-01&to=2026-04-02", HttpStatusCode.BadRequest)]
    [InlineData("/api/datastreams/series?id=x-device/pm10&from=2026-04-01T00:00:00&to=2026-04-02T00:00:00", HttpStatusCode.BadRequest)]
    [InlineData("/api/datastreams/series?id=x-device/pm10&from=2026-04-01T00:00:00Z&to=2026-04-02T00:00:00Z&bucket=P1M", HttpStatusCode.BadRequest)]
    [InlineData("/api/datastreams/series?id=x-device/pm10&from=2026-04-01T00:00:00Z&to=2027-04-02T00:00:00Z&bucket=PT1S", HttpStatusCode.BadRequest)]
    [InlineData("/api/scenes?from=yesterday", HttpStatusCode.BadRequest)]
    [InlineData("/api/map/at?lon=500&lat=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/map/at?lon=118.05&lat=32.05&on=01.05.2026", HttpStatusCode.BadRequest)]
    [InlineData("/api/map/features/secrets/a", HttpStatusCode.NotFound)]
    [InlineData("/api/map/features/permits/unknown", HttpStatusCode.NotFound)]
    [InlineData("/api/indicators/sensed-built-up", HttpStatusCode.BadRequest)]
    [InlineData("/api/indicators/unknown?region=320102", HttpStatusCode.NotFound)]
    [InlineData("/api/audit?limit=100000", HttpStatusCode.BadRequest)]
    [InlineData("/api/evidence/photos/none", HttpStatusCode.NotFound)]
    public async Task BadQuestion_Any_IsProblemDetailsWithASentence(string path, HttpStatusCode status)
    {
        var detail = await (await fixture.Administrator.Http.GetAsync(path, Cancel)).ShouldBeProblemAsync(status);

        detail.ShouldNotContain("Exception");
        detail.ShouldNotContain("/tmp");
    }

    [Fact]
    public async Task Answers_All_CarryTheSecurityHeaders()
    {
        foreach (var path in new[] { "/", "/api/session", "/api/overview", "/api/nothing", "/assets/main-abc123.js" })
        {
            var headers = (await fixture.Service.Anonymous().GetAsync(path, Cancel)).Headers;
            var policy = headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldContain("script-src 'self';");
            policy.ShouldContain("worker-src 'self' blob:");
            policy.ShouldContain("img-src 'self' data: blob: https://tiles.example");
            headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
            headers.GetValues("X-Frame-Options").Single().ShouldBe("DENY");
        }
    }

    [Fact]
    public async Task Pages_AnyPathThatIsNoFile_IsThePageAndHashedAssetsStayInCaches()
    {
        var client = fixture.Service.Anonymous();

        (await client.GetStringAsync("/", Cancel)).ShouldContain("the page");
        var deep = await client.GetAsync("/evidence/abc?tab=plan", Cancel);
        (await deep.Content.ReadAsStringAsync(Cancel)).ShouldContain("the page");
        deep.Headers.CacheControl!.NoCache.ShouldBeTrue();
        var asset = await client.GetAsync("/assets/main-abc123.js", Cancel);
        asset.Headers.CacheControl!.MaxAge.ShouldBe(TimeSpan.FromDays(365));
        (await client.GetAsync("/assets/gone.js", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task OpenApi_SignedIn_NamesTheRoutesOfTheContract()
    {
        var description = await fixture.Administrator.GetAsync("/openapi/v1.json");

        var paths = description.GetProperty("paths").EnumerateObject().Select(static p => p.Name).ToHashSet();
        foreach (var path in new[]
                 {
                     "/api/session", "/api/session/password", "/api/users", "/api/users/{name}", "/api/overview", "/api/alerts", "/api/alerts/{id}",
                     "/api/alerts/{id}/acknowledge", "/api/alerts/{id}/assign", "/api/alerts/{id}/verification", "/api/evidence/photos/{sha256}", "/api/devices",
                     "/api/datastreams/latest", "/api/datastreams/series", "/api/ledger", "/api/scenes", "/api/scenes/{id}/tiles/{z}/{x}/{y}.png",
                     "/api/scenes/{id}/chip.png", "/api/scenes/refused", "/api/scenes/watch", "/api/scenes/{id}/changes", "/api/scenes/{id}/second-look", "/api/map/tiles/{layer}/{z}/{x}/{y}.mvt", "/api/map/features/{layer}/{id}", "/api/map/at", "/api/indicators",
                     "/api/indicators/{code}", "/api/audit", "/api/audit/export", "/api/import/{kind}", "/api/export/alerts.geojson", "/api/export/alerts.csv",
                 })
        {
            paths.ShouldContain(path);
        }
    }

    private static HttpContent BodyFor(string path) => path.EndsWith("verification", StringComparison.Ordinal) || path.Contains("import", StringComparison.Ordinal)
        ? new MultipartFormDataContent { { new StringContent("legal"), "outcome" } }
        : JsonContent.Create(new { });
}
