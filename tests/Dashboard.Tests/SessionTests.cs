using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Tests;

public sealed class SessionTests
{
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

    [Fact]
    public async Task SignIn_WrongPasswordAgainAndAgain_LocksOutAlsoTheRightOne()
    {
        await using var service = await TestService.StartAsync(o => o with { FailuresBeforeLockout = 3 });
        var client = service.Anonymous();
        for (var i = 0; i < 2; i++)
        {
            await (await SignIn("wrong")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized);
        }

        var locked = await SignIn("wrong");
        await locked.ShouldBeProblemAsync(HttpStatusCode.TooManyRequests);
        locked.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.FromMinutes(1));
        await (await SignIn(service.First.Password)).ShouldBeProblemAsync(HttpStatusCode.TooManyRequests);
        var actions = (await service.Get<IAuditTrail>().ReadAfterAsync(0, 100, Cancel)).Select(static e => e.Entry.Action).ToList();
        actions.Count(static a => a == "user.sign-in-failed").ShouldBe(4);

        Task<HttpResponseMessage> SignIn(string password) => client.PostAsJsonAsync("/api/session", new { user = "admin", password }, Cancel);
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

    public static TheoryData<string, object> BadUsers => new()
    {
        { "name", new { name = "a b", displayName = "x", role = "viewer", password = TestService.Password } },
        { "role", new { name = "ab", displayName = "x", role = "king", password = TestService.Password } },
        { "short password", new { name = "ab", displayName = "x", role = "viewer", password = "short" } },
        { "no prefix", new { name = "ab", displayName = "x", role = "viewer", regionPrefixes = Array.Empty<string>(), password = TestService.Password } },
        { "prefix of letters", new { name = "ab", displayName = "x", role = "viewer", regionPrefixes = new[] { "%" }, password = TestService.Password } },
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
}
