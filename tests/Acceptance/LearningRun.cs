using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Host;
using Monitoring.Host.Configuration;
using Monitoring.TestKit;

namespace Monitoring.Acceptance;

/// <summary>The whole program in process on virtual time, with its loops: changes go in as the detectors give them, everything behind them is real.</summary>
internal sealed class LearningRun : IAsyncDisposable
{
    private const string Password = "a-long-enough-password";

    private readonly TempDirectory folder = new();
    private readonly Calls calls = new();
    private HttpClient? http;

    private LearningRun(DateTimeOffset start) => Clock = new FakeTimeProvider(start);

    public FakeTimeProvider Clock { get; }

    public MonitoringApp App { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    /// <param name="warnFromReview">Whether doubtful places are warned of as well: a setting of the rules file.</param>
    public static async Task<LearningRun> StartAsync(DateTimeOffset start, Func<LearningOptions, LearningOptions> adjust, bool warnFromReview, CancellationToken stop)
    {
        var run = new LearningRun(start);
        var data = Path.Combine(run.folder.Path, "data");
        Directory.CreateDirectory(data);
        if (warnFromReview)
        {
            await using var rules = typeof(DetectionRules).Assembly.GetManifestResourceStream("Monitoring.Detection.rules.json")!;
            var alerts = (await JsonNode.ParseAsync(rules, cancellationToken: stop))!["alerts"]!.DeepClone();
            alerts.AsArray().Single(a => (string)a!["id"]! == "building-without-approval")!["fires_from"] = "review";
            await File.WriteAllTextAsync(Path.Combine(data, "rules.json"), new JsonObject { ["version"] = "test-1", ["alerts"] = alerts }.ToJsonString(), stop);
        }

        run.App = await MonitoringApp.StartAsync(
            new HostSettings { Data = data, HttpPort = 0, MqttPort = 0, Demonstration = true, LogLevel = "Warning" },
            stop,
            services =>
            {
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(run.Clock));
                var options = (LearningOptions)services.Single(static s => s.ServiceType == typeof(LearningOptions)).ImplementationInstance!;
                services.Replace(ServiceDescriptor.Singleton(adjust(options)));

                // Counts what the learning loop asks, so that a test can wait for its rounds.
                var store = services.Single(static s => s.ServiceType == typeof(ILearningStore));
                services.Replace(ServiceDescriptor.Singleton(s => run.calls.Around((ILearningStore)Made(s, store))));
            });
        return run;
    }

    /// <summary>What a comparison found, judged and warned of to the end.</summary>
    public async Task SeeAsync(string id, CancellationToken stop, params ChangePatch[] patches)
    {
        await Get<IChangeStore>().CommitAsync(
            [new ChangeSet { Id = id, BaselineSceneId = "before-" + id, CurrentSceneId = "after-" + id, DetectorId = "test", DetectorVersion = "1", ObservableShare = 1, Patches = patches }], null, stop);
        await Get<CaughtUp>().WaitAsync(stop);
    }

    /// <summary>
    /// Two whole rounds of the learning loop: the first may have begun before the test's last act, the second did not. A round ends with the question whether the
    /// risk map must be made again; it is asked once a round when its least time is over.
    /// </summary>
    public async Task LearnAsync(CancellationToken stop)
    {
        for (var round = 0; round < 3; round++)
        {
            var before = calls.Of(nameof(ILearningStore.RiskStampAsync));
            Get<IEventBus>().Publish(new CaseDecided("acceptance"));
            await calls.MoreThanAsync(nameof(ILearningStore.RiskStampAsync), before, stop);
        }
    }

    public async Task<IReadOnlyList<Finding>> BuildingFindingsAsync(CancellationToken stop) =>
        [.. (await Get<IFindingStore>().ReadAfterAsync(0, 10_000, stop)).Select(static f => f.Finding).Where(static f => f.RuleId == "building-without-approval")];

    public Task ImportAsync(MapLayer layer, CancellationToken stop, params MapFeature[] features) =>
        Get<IPlanRegister>().AppendAsync(new MapImport(layer, features, "file", "00", "test"), stop);

    /// <summary>As the first administrator's browser sees it.</summary>
    public async Task<JsonElement> PageAsync(string path, CancellationToken stop)
    {
        if (http is null)
        {
            http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = App.Address };
            http.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
            var first = App.FirstPassword!;
            (await http.PostAsJsonAsync("/api/session", new { user = first.UserName, password = first.Password }, stop)).EnsureSuccessStatusCode();
            (await http.PostAsJsonAsync("/api/session/password", new { current = first.Password, next = Password }, stop)).EnsureSuccessStatusCode();
        }

        return await http.GetFromJsonAsync<JsonElement>(path, stop);
    }

    /// <summary>A change of 100 m or so, <paramref name="east"/> and <paramref name="north"/> hundredths of a degree from the corner.</summary>
    public static ChangePatch Patch(string id, double east, double north, DateTimeOffset after, ChangeKind kind, double side = 0.001) => new()
    {
        Id = id, Outline = An.Square(120 + (east * 0.01), 30 + (north * 0.01), side, 10_600 * side * side / 0.000001), Kind = kind, Score = 0.9, NotBefore = after.AddDays(-10), NotAfter = after,
        PixelCount = 100, GsdMeters = 10,
    };

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        await App.DisposeAsync();
        folder.Dispose();
    }

    private static object Made(IServiceProvider services, ServiceDescriptor descriptor) =>
        descriptor.ImplementationInstance ?? descriptor.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, descriptor.ImplementationType!);
}
