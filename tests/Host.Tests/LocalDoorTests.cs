using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Audit;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>The door for commands on the same machine, and the way back in through it.</summary>
public sealed class LocalDoorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null)]
    [InlineData("wrong", null)]
    [InlineData("right", "X-Forwarded-For")]
    [InlineData("right", "Forwarded")]
    [InlineData("right", "Via")]
    public async Task LocalDoor_NotACommandOfThisMachine_IsNotThereAndReadsNothing(string? key, string? header)
    {
        using var folder = new TempDirectory();
        await using var app = await StartAsync(folder.Path);
        using var client = new HttpClient { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add(LocalApi.Header, key == "right" ? KeyOf(folder.Path) : key);
        }

        if (header is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, "203.0.113.7");
        }

        // A body that could not be bound would be answered 400 by whoever read it.
        var answer = await client.PostAsync("/local/import", new StringContent("{ no json", Encoding.UTF8, "application/json"), Stop);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBeEmpty();
    }

    [Fact]
    public async Task LocalDoor_ThroughATrustedProxyOnThisMachine_IsNotThere()
    {
        using var folder = new TempDirectory();
        await using var app = await StartAsync(folder.Path, s => s with { TrustedProxies = ["127.0.0.1"] });
        using var client = new HttpClient { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
        client.DefaultRequestHeaders.Add(LocalApi.Header, KeyOf(folder.Path));
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");

        (await client.PostAsJsonAsync("/local/reset-password", new { user = "admin", actor = "cli:li" }, Stop)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ResetPassword_ServiceRunning_GoesThroughItAndEndsSessions()
    {
        using var folder = new TempDirectory();
        await using var app = await StartAsync(folder.Path);
        using var client = new HttpClient { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
        (await client.PostAsJsonAsync("/api/session", new { user = "admin", password = app.FirstPassword!.Password }, Stop)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var (code, output) = await ServiceProcess.RunAsync(Stop, "reset-password", "admin", "--data", folder.Path);

        code.ShouldBe(0, output);
        var password = output.Split(' ')[^1].Trim();
        (await client.GetFromJsonAsync<JsonElement>("/api/session", Stop)).GetProperty("signedIn").GetBoolean().ShouldBeFalse();
        (await client.PostAsJsonAsync("/api/session", new { user = "admin", password }, Stop)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetFromJsonAsync<JsonElement>("/api/session", Stop)).GetProperty("user").GetProperty("mustChangePassword").GetBoolean().ShouldBeTrue();
        var entry = (await app.Services.GetRequiredService<IAuditTrail>().ReadAfterAsync(0, 100, Stop)).Select(static e => e.Entry).Single(static e => e.Action == "user.password-reset");
        entry.Actor.ShouldBe($"cli:{Environment.UserName}");
        entry.Details.ShouldNotContain(password);
    }

    [Fact]
    public async Task ResetPassword_NoServiceRunning_HoldsAtTheNextStart()
    {
        using var folder = new TempDirectory();
        await (await StartAsync(folder.Path)).DisposeAsync();

        var (code, output) = await ServiceProcess.RunAsync(Stop, "reset-password", "admin", "--data", folder.Path);
        var (unknown, said) = await ServiceProcess.RunAsync(Stop, "reset-password", "root", "--data", folder.Path);

        code.ShouldBe(0, output);
        output.ShouldStartWith("user admin password ");
        unknown.ShouldBe(2, said);
        said.ShouldContain("There is no user root; the administrators are admin.");
    }

    [Fact]
    public async Task Start_AfterActs_NotesTheTrailsHeadInTheLog()
    {
        using var folder = new TempDirectory();
        await using var service = await ServiceProcess.StartAsync(folder.Path, Stop);

        service.Output.ShouldMatch("The audit trail stands at [0-9]+:\"?[0-9a-f]{64}");
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", true)]
    [InlineData("192.0.2.1", true)]
    public async Task Rooms_BoundBeyondThisMachine_DemandSecureCookies(string bind, bool secure)
    {
        using var folder = new TempDirectory();
        await using var rooms = Rooms.WithoutLoops(new HostSettings { Data = folder.Path, Bind = bind, TrustedProxies = ["10.0.0.0/8"] });

        var options = rooms.GetRequiredService<Dashboard.DashboardOptions>();

        options.SecureCookies.ShouldBe(secure);
        options.TrustedProxies.ShouldBe(["10.0.0.0/8"]);
    }

    private static Task<MonitoringApp> StartAsync(string data, Func<HostSettings, HostSettings>? adjust = null)
    {
        var settings = new HostSettings { Data = data, HttpPort = 0, MqttPort = 0, LogLevel = "Warning" };
        return MonitoringApp.StartAsync(adjust?.Invoke(settings) ?? settings, Stop);
    }

    private static string KeyOf(string data) => File.ReadAllText(Path.Combine(data, "keys", LocalApi.KeyFile));
}
