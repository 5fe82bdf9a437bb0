using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Dashboard.Tests;

/// <summary>What one person may cost, who is believed about addresses, and what refusals and caches give away.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.0/8", "203.0.113.7", true)]
    [InlineData("10.0.0.1", "127.0.0.1", false)]
    [InlineData(null, "127.0.0.1", false)]
    public async Task SignIn_ThroughAProxy_CountsTheAddressOnlyATrustedOneNames(string? trusted, string from, bool secure)
    {
        await using var service = await TestService.StartAsync(o => o with { TrustedProxies = trusted is null ? [] : [trusted] });
        var client = service.Anonymous();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");

        var answer = await client.PostAsJsonAsync("/api/session", new { user = "admin", password = service.First.Password }, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        answer.Headers.GetValues("Set-Cookie").Single().Contains("secure", StringComparison.OrdinalIgnoreCase).ShouldBe(secure);
        var entry = (await service.Get<IAuditTrail>().ReadAfterAsync(0, 100, Cancel)).Select(static e => e.Entry).Single(static e => e.Action == "user.sign-in");
        JsonDocument.Parse(entry.Details).RootElement.GetProperty("from").GetString().ShouldBe(from);
    }

    [Fact]
    public async Task SignIn_BoundBeyondThisMachine_CookieIsSecureWhateverTheRequestWas()
    {
        await using var service = await TestService.StartAsync(o => o with { SecureCookies = true });

        var answer = await service.Anonymous().PostAsJsonAsync("/api/session", new { user = "admin", password = service.First.Password }, Cancel);

        answer.Headers.GetValues("Set-Cookie").Single().ToUpperInvariant().ShouldContain("SECURE");
    }

    [Fact]
    public async Task SignIn_TooManyThroughAProxy_LeavesOtherAddressesIn()
    {
        await using var service = await TestService.StartAsync(o => o with { SignInsPerMinute = 1, TrustedProxies = ["127.0.0.1"] });

        (await SignInFrom("203.0.113.7")).ShouldBe(HttpStatusCode.Unauthorized);
        (await SignInFrom("203.0.113.7")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await SignInFrom("203.0.113.8")).ShouldBe(HttpStatusCode.Unauthorized);

        async Task<HttpStatusCode> SignInFrom(string address)
        {
            var client = service.Anonymous();
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
            return (await client.PostAsJsonAsync("/api/session", new { user = "nobody", password = "wrong" }, Cancel)).StatusCode;
        }
    }

    [Fact]
    public async Task Requests_OneAfterAnother_AreLimitedByPerson()
    {
        await using var service = await TestService.StartAsync(o => o with { RequestBurst = 12, RequestsPerSecond = 1 });
        var admin = await service.AdministratorAsync();
        var other = await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);
        HttpResponseMessage last;
        do
        {
            last = await admin.Http.GetAsync("/api/session", Cancel);
        }
        while (last.IsSuccessStatusCode);

        (await last.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests)).ShouldBe("Too many requests at once; try again in a moment.");
        last.Headers.RetryAfter.ShouldNotBeNull();
        (await other.StatusOfAsync("/api/session")).ShouldBe(HttpStatusCode.OK);
        (await service.Anonymous().GetAsync("/healthz", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Uploads_MoreThanMayWait_AreRefused()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        // Two are worked on and four wait, all for bodies that never come: the seventh is the one that is answered.
        var asked = Enumerable.Range(0, 7).Select(_ =>
        {
            // Without it the client reads no answer before its body is through.
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/import/permits") { Content = new NeverEnding() };
            request.Headers.ExpectContinue = true;
            return admin.Http.SendAsync(request, enough.Token);
        }).ToList();
        var answered = await Task.WhenAny(asked);

        await (await answered).ShouldBeProblemAsync(HttpStatusCode.TooManyRequests);
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(Task.WhenAll(asked));
    }

    [Fact]
    public async Task Dashboards_OneTooMany_IsCutOff()
    {
        await using var service = await TestService.StartAsync(o => o with { DashboardsPerPerson = 1 });
        var admin = await service.AdministratorAsync();
        await using var first = admin.Hub();
        await first.StartAsync(Cancel);
        await first.InvokeAsync<object>("Subscribe", null, 0L, Cancel);
        await using var second = admin.Hub();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        second.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };

        await second.StartAsync(Cancel);

        await closed.Task.WaitAsync(Cancel);
        first.State.ShouldBe(HubConnectionState.Connected);
    }

    [Fact]
    public async Task Photos_OfALimitedPerson_AreFoundWithoutReadingAllCases()
    {
        await using var service = await TestService.StartAsync(adjust: Watch);
        await World.SettleAsync(service);
        var admin = await service.AdministratorAsync();
        var (xu, yu) = (await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X), await service.PersonAsync(admin.Http, "yu", Role.Officer, World.Y));
        for (byte n = 0; n < 3; n++)
        {
            await World.RaiseAsync(service, World.Site("x", n));
            var photo = new byte[] { 0xFF, 0xD8, 0xFF, n };
            await VerifyAsync(service, xu, $"x-site-{n}", photo);
            var path = $"/api/evidence/photos/{Convert.ToHexStringLower(SHA256.HashData(photo))}";

            (await xu.StatusOfAsync(path)).ShouldBe(HttpStatusCode.OK);
            (await yu.StatusOfAsync(path)).ShouldBe(HttpStatusCode.NotFound);
        }

        ((WatchedAlerts)service.Get<IAlertStore>()).AskedForCases.ShouldBe(1);
    }

    [Fact]
    public async Task Photo_ShownAgain_IsAskedForAndNotSentAgain()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        var admin = await service.AdministratorAsync();
        var xu = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);
        await World.RaiseAsync(service, World.Site("x"));
        byte[] photo = [0xFF, 0xD8, 0xFF, 9];
        await VerifyAsync(service, xu, "x-site-0", photo);
        var path = $"/api/evidence/photos/{Convert.ToHexStringLower(SHA256.HashData(photo))}";

        var shown = await xu.Http.GetAsync(path, Cancel);
        shown.Headers.CacheControl!.NoCache.ShouldBeTrue();
        shown.Headers.CacheControl.MaxAge.ShouldBeNull();
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(shown.Headers.ETag.ShouldNotBeNull());
        (await xu.Http.SendAsync(again, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Patches_OfTheWholeWorld_AreNotRead()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        await World.RaiseAsync(service, World.Site("x"));
        var admin = await service.AdministratorAsync();
        var (x, y) = TileTests.TilesOver(World.Plot("x").Box, 8).First();

        (await TileTests.ReadAsync(admin, "patches", 0, 0, 0)).ShouldBeEmpty();
        (await TileTests.ReadAsync(admin, "patches", 8, x, y)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task SceneTile_RegionsThatMoved_IsCutByTheNewOnes()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        await World.SceneAsync(service, "wide-scene", World.Box(118.0, 32.0, 118.2, 32.1), World.Spring);
        var admin = await service.AdministratorAsync();
        var xu = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);
        var (x, y) = TileTests.TilesOver(World.Box(118.1, 32.05, 118.1001, 32.0501).Box, 10).First();
        var path = $"/api/scenes/wide-scene/tiles/10/{x}/{y}.png";
        var before = await xu.Http.GetAsync(path, Cancel);
        before.Headers.CacheControl!.MaxAge!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(5));

        await service.Get<IPlanRegister>().AppendAsync(
            new MapImport(
                MapLayer.Region,
                [
                    new Region { Id = World.X, Outline = World.Box(118.0, 32.0, 118.05, 32.1), Revision = "201905", Name = "玄武", NameEn = "x" },
                    new Region { Id = World.Y, Outline = World.Box(118.05, 32.0, 118.2, 32.1), Revision = "201905", Name = "鼓楼", NameEn = "y" },
                ],
                "test", new string('1', 64), "test"),
            Cancel);

        (await xu.Http.GetByteArrayAsync(path, Cancel)).ShouldNotBe(await before.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task StoreFault_Any_IsAFixedSentenceAndTheCauseIsInTheLog()
    {
        using var log = new KeptLog();
        await using var service = await TestService.StartAsync(adjust: builder =>
        {
            Watch(builder);
            builder.Logging.AddProvider(log);
        });
        var admin = await service.AdministratorAsync();
        ((WatchedAlerts)service.Get<IAlertStore>()).Failure = new StoreUnavailableException("The register /srv/secret/registers.sqlite could not be read.");

        var detail = await (await admin.Http.GetAsync("/api/alerts", Cancel)).ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable);

        detail.ShouldBe("A store of the service cannot be read or written at the moment; its log says why.");
        log.Faults.ShouldContain(static fault => fault is StoreUnavailableException);
    }

    [Fact]
    public async Task AuditHead_AnyLength_IsTheLastEntry()
    {
        await using var service = await TestService.StartAsync();
        var trail = service.Get<IAuditTrail>();
        for (var n = 0; n < 20; n++)
        {
            (await AuditHead.FindAsync(trail, Cancel)).ShouldBe((await trail.ReadAfterAsync(0, 1000, Cancel))[^1]);
            await trail.AppendAsync(new AuditEntry(World.Spring, "test", "test", $"{n}", "{}"), Cancel);
        }
    }

    private static void Watch(WebApplicationBuilder builder) => builder.Services.AddSingleton<IAlertStore>(
        static s => new WatchedAlerts(ActivatorUtilities.CreateInstance<SqliteAlertStore>(s)));

    private static async Task VerifyAsync(TestService service, Visitor officer, string site, byte[] photo)
    {
        var alert = (await service.Get<IAlertStore>().QueryAsync(new AlertQuestion { Subject = new Domain.Findings.Subject(Domain.Findings.SubjectKind.Site, site) }, Cancel)).Single();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("illegal"), "outcome" }, { new StringContent("王芳"), "person" }, { new StringContent("现场核查"), "reason" },
            { new StringContent("2026-05-01T08:00:00+08:00"), "at" }, { new ByteArrayContent(photo), "photos", "a.jpg" },
        };
        var answer = await officer.Http.PostAsync($"/api/alerts/{alert.Id}/verification", form, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>A body that begins and never goes on.</summary>
    private sealed class NeverEnding : HttpContent
    {
        public NeverEnding() => Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, Cancel);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("--x\r\n"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Endless.Until(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
