using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Tests;

public sealed class SessionTests
{
    private static void Still(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(World.Spring));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstRun_FreshRegister_GivesAPasswordThatMustBeChanged()
    {
        await using var service = await TestService.StartAsync();
        var client = service.Anonymous();
        (await client.PostAsJsonAsync("/api/session", new { user = service.First.UserName, password = service.First.Password }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var session = await client.GetFromJsonAsync<JsonElement>("/api/session", Cancel);
        session.GetProperty("user").GetProperty("mustChangePassword").GetBoolean().ShouldBeTrue();
        session.GetProperty("user").GetProperty("regionPrefixes").ValueKind.ShouldBe(JsonValueKind.Null);
        (await (await client.GetAsync("/api/overview", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden)).ShouldContain("password");

        (await client.PostAsJsonAsync("/api/session/password", new { current = service.First.Password, next = TestService.Password }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetAsync("/api/overview", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await service.Get<FirstRun>().EnsureAsync(Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task FirstRun_PasswordNeverChanged_GivesANewOneAtTheNextStart()
    {
        await using var service = await TestService.StartAsync();

        var again = await service.Get<FirstRun>().EnsureAsync(Cancel);

        again.ShouldNotBeNull().Password.ShouldNotBe(service.First.Password);
        var client = service.Anonymous();
        (await client.PostAsJsonAsync("/api/session", new { user = "admin", password = service.First.Password }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PostAsJsonAsync("/api/session", new { user = "admin", password = again.Password }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("nobody")]
    public async Task SignIn_WrongPasswordAgainAndAgain_WaitsWhoeverItIs(string user)
    {
        await using var service = await TestService.StartAsync(o => o with { FailuresBeforeWait = 3 }, adjust: Still);
        var client = service.Anonymous();
        for (var i = 0; i < 3; i++)
        {
            (await (await SignIn("wrong")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized)).ShouldBe("User or password is wrong.");
        }

        var waits = await SignIn(service.First.Password);

        (await waits.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests)).ShouldBe("Too many wrong passwords: wait a moment before the next try.");
        waits.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));

        Task<HttpResponseMessage> SignIn(string password) => client.PostAsJsonAsync("/api/session", new { user, password }, Cancel);
    }

    [Fact]
    public async Task SignIn_Failing_IsToldOfAnonymousAndSummedUp()
    {
        var clock = new FakeTimeProvider(World.Spring);
        await using var service = await TestService.StartAsync(o => o with { FailuresBeforeWait = 2 }, adjust: b => b.Services.AddSingleton<TimeProvider>(clock));
        var client = service.Anonymous();
        for (var i = 0; i < 20; i++)
        {
            await client.PostAsJsonAsync("/api/session", new { user = i % 2 == 0 ? "admin" : $"made-up-{i}", password = "wrong" }, Cancel);
            clock.Advance(TimeSpan.FromMinutes(6));
        }

        var failures = (await service.Get<IAuditTrail>().ReadAfterAsync(0, 100, Cancel)).Select(static e => e.Entry).Where(static e => e.Action == "user.sign-in-failed").ToList();
        failures.ShouldAllBe(static e => e.Actor == "anonymous");
        failures.Where(static e => e.Subject == "admin").Select(static e => JsonDocument.Parse(e.Details).RootElement.GetProperty("failures").GetString()).ShouldBe(["1", "2", "4", "8"]);
        failures.Count(static e => e.Subject != "admin").ShouldBe(4);
    }

    [Fact]
    public async Task SignIn_WrongPasswordAndGone_LeavesATraceAllTheSame()
    {
        await using var service = await TestService.StartAsync(adjust: HangUp);

        await HangUpAsync(service, service.Anonymous(), "/api/session", new { user = "admin", password = "wrong" });

        (await EntriesAsync(service, "user.sign-in-failed")).ShouldHaveSingleItem().Subject.ShouldBe("admin");
    }

    [Fact]
    public async Task AddUser_HangingUpMeanwhile_IsActAndEntry()
    {
        await using var service = await TestService.StartAsync(adjust: HangUp);
        var admin = await service.AdministratorAsync();

        await HangUpAsync(service, admin.Http, "/api/users", new { name = "wang", displayName = "x", role = "viewer", password = TestService.Password });

        (await NamesAsync(admin)).ShouldBe(["admin", "wang"]);
        (await EntriesAsync(service, "user.create")).ShouldContain(static e => e.Actor == "admin" && e.Subject == "wang");
    }

    [Fact]
    public async Task ChangePassword_HangingUpMeanwhile_EndsOtherSessions()
    {
        await using var service = await TestService.StartAsync(adjust: HangUp);
        var admin = await service.AdministratorAsync();
        var other = service.CopyOf(admin);
        (await other.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await HangUpAsync(service, admin.Http, "/api/session/password", new { current = TestService.Password, next = TestService.Password + "2" });

        (await other.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await EntriesAsync(service, "user.password")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task ActOnPeople_TrailThatCannotBeWritten_IsNotDone()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);
        await service.RegisterAsync("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");

        (await admin.Http.PostAsJsonAsync("/api/users", new { name = "li", displayName = "x", role = "viewer", password = TestService.Password }, Cancel)).IsSuccessStatusCode.ShouldBeFalse();
        (await admin.Http.DeleteAsync("/api/users/wang", Cancel)).IsSuccessStatusCode.ShouldBeFalse();

        (await NamesAsync(admin)).ShouldBe(["admin", "wang"]);
    }

    [Fact]
    public async Task SignIn_TooManyFromOneAddress_IsToldToWait()
    {
        await using var service = await TestService.StartAsync(o => o with { SignInsPerMinute = 2 });
        var client = service.Anonymous();
        for (var i = 0; i < 2; i++)
        {
            await client.PostAsJsonAsync("/api/session", new { user = $"nobody{i}", password = "x" }, Cancel);
        }

        var limited = await client.PostAsJsonAsync("/api/session", new { user = "nobody", password = "x" }, Cancel);

        await limited.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests);
        limited.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task StateChangingRequest_WithoutTheHeader_IsRefused()
    {
        await using var service = await TestService.StartAsync();
        var client = service.Anonymous(withHeader: false);

        var detail = await (await client.PostAsJsonAsync("/api/session", new { user = "admin", password = service.First.Password }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);

        detail.ShouldContain("X-Requested-With");
    }

    [Theory]
    [InlineData("/api/session")]
    [InlineData("/hubs/warnings/negotiate")]
    public async Task Request_FromAnotherOriginsPage_IsRefused(string path)
    {
        await using var service = await TestService.StartAsync();
        var client = service.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { user = "admin", password = service.First.Password }) };
        request.Headers.Add("Origin", "https://elsewhere.example");

        await (await client.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task DeletedPerson_WithAnOpenSession_IsOutAtOnce()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);
        (await officer.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.OK);

        (await admin.Http.DeleteAsync("/api/users/wang", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await officer.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SignOut_SignedIn_EndsTheSession()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();

        (await admin.Http.DeleteAsync("/api/session", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await admin.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SignOut_CopyOfTheCookie_StandsNoMore()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var copy = service.CopyOf(admin);
        (await copy.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await admin.Http.DeleteAsync("/api/session", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await copy.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SignOut_OfOneSession_LeavesTheOtherOfThePerson()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var phone = service.Anonymous();
        (await phone.PostAsJsonAsync("/api/session", new { user = "admin", password = TestService.Password }, Cancel)).EnsureSuccessStatusCode();

        (await admin.Http.DeleteAsync("/api/session", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await phone.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SignOut_WithAnOpenDashboard_CutsItOff()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        await using var hub = admin.Hub();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(Cancel);
        await hub.InvokeAsync<object>("Subscribe", null, 0L, Cancel);

        await admin.Http.DeleteAsync("/api/session", Cancel);

        await closed.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task Session_UsedAllTheTime_EndsAtItsLastDay()
    {
        var clock = new FakeTimeProvider(World.Spring);
        await using var service = await TestService.StartAsync(o => o with { SessionLongest = TimeSpan.FromDays(2) }, adjust: b => b.Services.AddSingleton<TimeProvider>(clock));
        var admin = await service.AdministratorAsync();
        for (var hours = 0; hours <= 44; hours += 11)
        {
            (await admin.StatusOfAsync("/api/users")).ShouldBe(HttpStatusCode.OK, $"after {hours} hours");
            if (hours < 44)
            {
                clock.Advance(TimeSpan.FromHours(11));
            }
        }

        // Five hours after its last use, well within the twelve that it may lie idle.
        clock.Advance(TimeSpan.FromHours(5));

        (await admin.StatusOfAsync("/api/users")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    public static TheoryData<string, object> BadUsers => new()
    {
        { "name", new { name = "a b", displayName = "x", role = "viewer", password = TestService.Password } },
        { "role", new { name = "ab", displayName = "x", role = "king", password = TestService.Password } },
        { "short password", new { name = "ab", displayName = "x", role = "viewer", password = "short" } },
        { "no prefix", new { name = "ab", displayName = "x", role = "viewer", regionPrefixes = Array.Empty<string>(), password = TestService.Password } },
        { "prefix of letters", new { name = "ab", displayName = "x", role = "viewer", regionPrefixes = new[] { "%" }, password = TestService.Password } },
        { "a name of the audit trail", new { name = "System", displayName = "x", role = "viewer", password = TestService.Password } },
        { "taken", new { name = "admin", displayName = "x", role = "viewer", password = TestService.Password } },
    };

    [Theory]
    [MemberData(nameof(BadUsers))]
    public async Task AddUser_BadInput_IsOneSentence(string what, object user)
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();

        (await (await admin.Http.PostAsJsonAsync("/api/users", user, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest)).ShouldNotBeNullOrWhiteSpace(what);
    }

    private static void HangUp(WebApplicationBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<HangUpHasher>();
        builder.Services.AddSingleton<IPasswordHasher<Person>>(static s => s.GetRequiredService<HangUpHasher>());
    }

    /// <summary>Asks, and hangs up while the service is at it; returns when the service is done.</summary>
    private static async Task HangUpAsync(TestService service, HttpClient client, string path, object body)
    {
        var hasher = service.Get<HangUpHasher>();
        hasher.Arm();
        using var gone = new CancellationTokenSource();
        var asking = client.PostAsJsonAsync(path, body, gone.Token);
        await hasher.Begun.Task.WaitAsync(Cancel);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);
        await hasher.Ended.Task.WaitAsync(Cancel);
    }

    private static async Task<List<AuditEntry>> EntriesAsync(TestService service, string action) =>
        [.. (await service.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Cancel)).Select(static e => e.Entry).Where(e => e.Action == action)];

    private static async Task<List<string?>> NamesAsync(Visitor administrator) =>
        [.. (await administrator.GetAsync("/api/users")).EnumerateArray().Select(static u => u.GetProperty("name").GetString())];
}
