using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Intake;
using Monitoring.FirmwareSim.Passes;
using Monitoring.FirmwareSim.World;
using Monitoring.Host;
using Monitoring.Host.Configuration;
using Monitoring.TestKit;

namespace Monitoring.Acceptance;

/// <summary>The whole program in process over a seeded county, on virtual time: passes come as fast as they can be worked.</summary>
internal sealed class CountyRun : IAsyncDisposable
{
    private readonly TempDirectory folder = new();
    private readonly FakeTimeProvider time;

    private CountyRun(County county, FakeTimeProvider time) => (County, this.time) = (county, time);

    public County County { get; }

    public string Folder => folder.Path;

    /// <summary>Virtual now.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    public MonitoringApp App { get; private set; } = null!;

    /// <summary>What only tests may read.</summary>
    public string TruthFile => Path.Combine(folder.Path, "world", "hidden", "truth.json");

    public IServiceProvider Services => App.Services;

    public static async Task<CountyRun> StartAsync(CountySize size, long seed, CancellationToken cancellationToken)
    {
        var today = new DateOnly(2026, 11, 20);
        var county = County.Create(new CountyOptions { Size = size, Seed = seed, Today = today });
        var run = new CountyRun(county, new FakeTimeProvider(new DateTimeOffset(today, new TimeOnly(8, 0), TimeSpan.FromHours(8))));
        var world = Path.Combine(run.folder.Path, "world");
        WorldFiles.Write(county, world);
        run.App = await MonitoringApp.StartAsync(
            new HostSettings { Data = Path.Combine(run.folder.Path, "data"), HttpPort = 0, MqttPort = 0, Demonstration = true, LogLevel = "Warning" },
            cancellationToken,
            services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(run.time)));
        foreach (var (kind, name) in new[]
                 {
                     (ImportKind.Regions, "regions.geojson"), (ImportKind.ControlLines, "control-lines.geojson"), (ImportKind.Parcels, "parcels.geojson"),
                     (ImportKind.Permits, "permits.geojson"), (ImportKind.Devices, "devices.json"),
                 })
        {
            var result = await run.Services.GetRequiredService<IRegisterImport>()
                .ImportAsync(new ImportRequest { Kind = kind, Path = Path.Combine(world, name), Actor = "test" }, cancellationToken);
            result.Accepted.ShouldBeTrue(string.Join(" ", result.Problems));
        }

        return run;
    }

    /// <summary>Delivers passes in order and waits until everything they lead to is worked.</summary>
    public async Task DeliverAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        var inbox = Path.Combine(folder.Path, "passes");
        var renderer = new PassRenderer(County);
        var intake = Services.GetRequiredService<ISceneIntake>();
        foreach (var day in days)
        {
            var (_, item) = PassFiles.Deliver(inbox, County, renderer.Render(day));
            var result = await intake.AddAsync(item, "test", cancellationToken);
            result.Problem.ShouldBeNull();
            time.Advance(TimeSpan.FromSeconds(3));
        }

        await Services.GetRequiredService<CaughtUp>().WaitAsync(cancellationToken);
    }

    /// <summary>Every alert about building without approval that people were ever warned of.</summary>
    public async Task<IReadOnlyList<Alert>> BuildingWarningsAsync(CancellationToken cancellationToken) =>
        [.. (await Services.GetRequiredService<IAlertStore>().QueryAsync(new AlertQuestion { RuleId = "building-without-approval", Limit = 1_000 }, cancellationToken))
            .Where(a => a.FiredAt is not null)];

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        folder.Dispose();
    }
}
