using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Tests;

/// <summary>What administrators do to people.</summary>
public sealed class PeopleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ResetPassword_Forgotten_GivesOneToBeChangedAndEndsSessions()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);

        var answer = await admin.Http.PostAsync("/api/users/wang/password", null, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var password = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("password").GetString()!;
        (await officer.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.Unauthorized);
        var client = service.Anonymous();
        (await SignInAsync(client, "wang", TestService.Password)).ShouldBe(HttpStatusCode.Unauthorized);
        (await SignInAsync(client, "wang", password)).ShouldBe(HttpStatusCode.NoContent);
        await (await client.GetAsync("/api/alerts", Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
        (await client.PostAsJsonAsync("/api/session/password", new { current = password, next = TestService.Password + "2" }, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetAsync("/api/alerts", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var entry = await EntryAsync(service, "user.password-reset");
        (entry.Actor, entry.Subject).ShouldBe(("admin", "wang"));
        entry.Details.ShouldNotContain(password);
    }

    [Fact]
    public async Task ResetPassword_PersonWhoMustWait_MaySignInAtOnce()
    {
        await using var service = await TestService.StartAsync(o => o with { FailuresBeforeWait = 1, LongestWait = TimeSpan.FromHours(1) });
        var admin = await service.AdministratorAsync();
        await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);
        var client = service.Anonymous();
        HttpStatusCode last;
        do
        {
            last = await SignInAsync(client, "wang", "wrong");
        }
        while (last != HttpStatusCode.TooManyRequests);

        var password = (await (await admin.Http.PostAsync("/api/users/wang/password", null, Cancel)).Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("password").GetString()!;

        (await SignInAsync(client, "wang", password)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task ChangeUser_RoleAndRegions_HoldAtTheNextSignInAndAreTold()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);

        var changed = await admin.Http.PutAsJsonAsync("/api/users/wang", new { displayName = "王", role = "viewer", regionPrefixes = new[] { World.Y } }, Cancel);

        changed.StatusCode.ShouldBe(HttpStatusCode.OK, await changed.Content.ReadAsStringAsync(Cancel));
        (await officer.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.Unauthorized);
        var client = service.Anonymous();
        (await SignInAsync(client, "wang", TestService.Password)).ShouldBe(HttpStatusCode.NoContent);
        var user = (await client.GetFromJsonAsync<JsonElement>("/api/session", Cancel)).GetProperty("user");
        user.GetProperty("role").GetString().ShouldBe("viewer");
        user.GetProperty("regionPrefixes").EnumerateArray().Select(static p => p.GetString()).ShouldBe([World.Y]);
        var details = JsonDocument.Parse((await EntryAsync(service, "user.change")).Details).RootElement;
        details.GetProperty("roleBefore").GetString().ShouldBe("officer");
        details.GetProperty("role").GetString().ShouldBe("viewer");
        details.GetProperty("prefixesBefore").GetString().ShouldBe(World.X);
        details.GetProperty("prefixes").GetString().ShouldBe(World.Y);
    }

    [Theory]
    [InlineData("li\u202Enimda")]
    [InlineData("li\nadmin")]
    [InlineData("li\0")]
    public async Task AddUser_NameWithUnseenCharacters_IsRefused(string shown)
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        await (await admin.Http.PostAsJsonAsync("/api/users", new { name = "li", displayName = shown, role = "viewer", regionPrefixes = new[] { World.X } }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ChangeUser_WithoutSayingTheRegions_IsRefusedAndNotEverything()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        await service.PersonAsync(admin.Http, "wang", Role.Officer, World.X);

        await (await admin.Http.PutAsJsonAsync("/api/users/wang", new { displayName = "x", role = "administrator" }, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest);

        (await admin.GetAsync("/api/users")).EnumerateArray().Single(static u => u.GetProperty("name").GetString() == "wang").GetProperty("role").GetString().ShouldBe("officer");
    }

    [Theory]
    [InlineData("PUT", "/api/users/admin")]
    [InlineData("POST", "/api/users/admin/password")]
    [InlineData("DELETE", "/api/users/admin")]
    public async Task Administrator_ActOnThemselves_IsRefused(string method, string path)
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = method == "PUT" ? JsonContent.Create(new { displayName = "x", role = "viewer", regionPrefixes = (string[]?)null }) : null,
        };

        await (await admin.Http.SendAsync(request, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task TwoAdministrators_RemovingEachOther_LeaveOne()
    {
        await using var service = await TestService.StartAsync();
        var one = await service.AdministratorAsync();
        var other = await service.PersonAsync(one.Http, "wang", Role.Administrator, null);

        var answers = await Task.WhenAll(one.Http.DeleteAsync("/api/users/wang", Cancel), other.Http.DeleteAsync("/api/users/admin", Cancel));

        answers.Count(static a => a.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
    }

    [Fact]
    public async Task AddUser_WithoutPassword_GetsOneShownOnce()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();

        var made = await admin.Http.PostAsJsonAsync("/api/users", new { name = "li", displayName = "李", role = "viewer", regionPrefixes = new[] { World.X } }, Cancel);

        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync(Cancel));
        var password = (await made.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("password").GetString()!;
        (await SignInAsync(service.Anonymous(), "li", password)).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task PasswordReset_LastAdministrator_IsBackIn()
    {
        await using var service = await TestService.StartAsync();
        var admin = await service.AdministratorAsync();

        var reset = await service.Get<PasswordReset>().ResetAsync("Admin", "cli:li", Cancel);

        (await admin.StatusOfAsync("/api/alerts")).ShouldBe(HttpStatusCode.Unauthorized);
        (await SignInAsync(service.Anonymous(), "admin", reset.Password.ShouldNotBeNull())).ShouldBe(HttpStatusCode.NoContent);
        (await EntryAsync(service, "user.password-reset")).Actor.ShouldBe("cli:li");
    }

    [Fact]
    public async Task PasswordReset_NobodyOfThatName_NamesTheAdministrators()
    {
        await using var service = await TestService.StartAsync();

        (await service.Get<PasswordReset>().ResetAsync("root", "cli:li", Cancel)).Problem.ShouldBe("There is no user root; the administrators are admin.");
    }

    private static async Task<HttpStatusCode> SignInAsync(HttpClient client, string user, string password) =>
        (await client.PostAsJsonAsync("/api/session", new { user, password }, Cancel)).StatusCode;

    private static async Task<AuditEntry> EntryAsync(TestService service, string action) =>
        (await service.Get<IAuditTrail>().ReadAfterAsync(0, 1000, Cancel)).Single(e => e.Entry.Action == action).Entry;
}
