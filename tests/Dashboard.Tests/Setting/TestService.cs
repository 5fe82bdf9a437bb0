using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Monitoring.Alerts;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Sensing;
using Monitoring.Storage;

namespace Monitoring.Dashboard.Tests.Setting;

/// <summary>The dashboard and the alert writer on real embedded stores in a folder of their own, on Kestrel at a port of the system's choice.</summary>
public sealed class TestService : IAsyncDisposable
{
    public const string Password = "long-enough-password";

    private readonly string folder;
    private readonly WebApplication app;

    private TestService(string folder, WebApplication app, FirstRunCredentials first) => (this.folder, this.app, First) = (folder, app, first);

    public FirstRunCredentials First { get; }

    public Uri Address => new(app.Urls.Single());

    public string Folder => folder;

    public WebApplication App => app;

    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<TestService> StartAsync(
        Func<DashboardOptions, DashboardOptions>? settings = null, bool pages = false, Action<WebApplicationBuilder>? adjust = null)
    {
        var folder = Directory.CreateTempSubdirectory("dashboard-").FullName;
        var data = Path.Combine(folder, "data");
        var web = Path.Combine(folder, "wwwroot");
        if (pages)
        {
            Directory.CreateDirectory(Path.Combine(web, "assets"));
            await File.WriteAllTextAsync(Path.Combine(web, "index.html"), "<!doctype html><title>the page</title>");
            await File.WriteAllTextAsync(Path.Combine(web, "assets", "main-abc123.js"), "export {}");
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddStorage(new StorageOptions { DataDirectory = data });
        builder.Services.AddSingleton<IAlertRules>(new TestRules());
        builder.Services.AddSingleton<TestImport>();
        builder.Services.AddSingleton<IRegisterImport>(static s => s.GetRequiredService<TestImport>());
        builder.Services.AddAlerts().AddAlertsLoops();
        var options = new DashboardOptions
        {
            PeopleDatabase = Path.Combine(data, "registers.sqlite"),
            KeysFolder = Path.Combine(data, "keys"),
            UploadsFolder = Path.Combine(folder, "uploads"),
            WebRoot = web,
            SignInsPerMinute = 10_000,
        };
        builder.Services.AddDashboard(settings?.Invoke(options) ?? options);
        adjust?.Invoke(builder);
        var app = builder.Build();
        app.MapDashboard();
        var first = await app.Services.GetRequiredService<FirstRun>().EnsureAsync(default);
        await app.StartAsync();
        return new TestService(folder, app, first!);
    }

    /// <summary>A client without cookies of anybody.</summary>
    public HttpClient Anonymous(bool withHeader = true) => Client(new CookieContainer(), withHeader);

    /// <summary>The first administrator after the password was changed.</summary>
    public async Task<Visitor> AdministratorAsync()
    {
        var cookies = new CookieContainer();
        var client = Client(cookies, true);
        (await client.PostAsJsonAsync("/api/session", new { user = First.UserName, password = First.Password })).EnsureSuccessStatusCode();
        (await client.PostAsJsonAsync("/api/session/password", new { current = First.Password, next = Password })).EnsureSuccessStatusCode();
        return new Visitor(this, First.UserName, client, cookies);
    }

    /// <summary>Somebody who has signed in and has a password of their own.</summary>
    public async Task<Visitor> PersonAsync(HttpClient administrator, string name, Role role, params string[]? prefixes)
    {
        var made = await administrator.PostAsJsonAsync(
            "/api/users", new { name, displayName = name, role = role.ToString().ToLowerInvariant(), regionPrefixes = prefixes, password = Password + "-first" });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var cookies = new CookieContainer();
        var client = Client(cookies, true);
        (await client.PostAsJsonAsync("/api/session", new { user = name, password = Password + "-first" })).EnsureSuccessStatusCode();
        (await client.PostAsJsonAsync("/api/session/password", new { current = Password + "-first", next = Password })).EnsureSuccessStatusCode();
        return new Visitor(this, name, client, cookies);
    }

    /// <summary>A client with the visitor's cookies as they are now.</summary>
    public HttpClient CopyOf(Visitor visitor)
    {
        var cookies = new CookieContainer();
        cookies.Add(visitor.Cookies.GetAllCookies());
        return Client(cookies, true);
    }

    /// <summary>Runs SQL on the register beside the service.</summary>
    public async Task RegisterAsync(string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(folder, "data", "registers.sqlite")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until the alert writer has taken the finding with this sequence.</summary>
    public async Task TakenAsync(long findingSequence)
    {
        using var changed = Get<IEventBus>().Subscribe<AlertChanged>();
        while (await Get<ICursorStore>().PositionAsync("alerts/findings", TestContext.Current.CancellationToken) < findingSequence)
        {
            await changed.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private HttpClient Client(CookieContainer cookies, bool withHeader)
    {
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = Address };
        if (withHeader)
        {
            client.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
        }

        return client;
    }

    private sealed class TestRules : IAlertRules
    {
        public IReadOnlyList<AlertRule> All => [World.Building, World.Dust];

        public AlertRule? Find(string ruleId) => All.FirstOrDefault(r => r.Id == ruleId);
    }
}

/// <summary>Somebody who is signed in.</summary>
public sealed class Visitor(TestService service, string name, HttpClient http, CookieContainer cookies)
{
    public string Name => name;

    public HttpClient Http => http;

    public CookieContainer Cookies => cookies;

    public async Task<JsonElement> GetAsync(string path)
    {
        var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{path}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async Task<HttpStatusCode> StatusOfAsync(string path) => (await http.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode;

    public HubConnection Hub() => new HubConnectionBuilder()
        .WithUrl(new Uri(service.Address, "/hubs/warnings"), options =>
        {
            options.Cookies = cookies;
            options.Transports = HttpTransportType.WebSockets;
        })
        .Build();
}

/// <summary>Takes note of what it was given to import.</summary>
public sealed class TestImport : IRegisterImport
{
    public List<(ImportRequest Request, string Content)> Imports { get; } = [];

    public async Task<ImportResult> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        Imports.Add((request, await File.ReadAllTextAsync(request.Path, cancellationToken)));
        if (request.ReportFolder is not { } folder)
        {
            return new ImportResult(true, 3, 7, []);
        }

        Directory.CreateDirectory(folder);
        var (report, picture) = (Path.Combine(folder, "a.quality.json"), Path.Combine(folder, "a.quality.svg"));
        await File.WriteAllTextAsync(report, """{"faults":[{"code":"overlap"}]}""", cancellationToken);
        await File.WriteAllTextAsync(picture, "<svg/>", cancellationToken);
        return new ImportResult(false, 0, null, [$"Two overlap in {request.Path}."]) { ReportFiles = [report, picture] };
    }
}

/// <summary>Problem details as they come.</summary>
public static class ProblemReading
{
    public static async Task<string> ShouldBeProblemAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        return problem.GetProperty("detail").GetString().ShouldNotBeNull();
    }
}
