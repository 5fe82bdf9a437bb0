using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Dashboard;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.People;
using Monitoring.Domain.Audit;
using Monitoring.Gdal;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest.Mqtt;
using Monitoring.Storage;
using Serilog;
using Serilog.Events;

namespace Monitoring.Host;

/// <summary>The whole service in one process: doors, loops, pages. Owns the data directory while it lives.</summary>
internal sealed class MonitoringApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataDirectory data;

    private MonitoringApp(WebApplication app, DataDirectory data) => (this.app, this.data) = (app, data);

    public IServiceProvider Services => app.Services;

    /// <summary>Name and password of the administrator who has not taken over yet; to be printed once. Null when one has.</summary>
    public FirstRunCredentials? FirstPassword { get; private init; }

    /// <summary>Where the pages are; final after the start.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where devices connect; final after the start.</summary>
    public IPEndPoint MqttEndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Builds and starts everything.</summary>
    /// <param name="adjust">Last word on the services, for tests (virtual time).</param>
    /// <exception cref="BadInputException">A port is taken, or the data directory belongs to another world.</exception>
    /// <exception cref="DataDirectoryInUseException">Another process holds the data directory.</exception>
    public static async Task<MonitoringApp> StartAsync(HostSettings settings, CancellationToken cancellationToken, Action<IServiceCollection>? adjust = null)
    {
        GdalLibrary.Initialize();
        Doors.Try(settings);
        var data = Rooms.OpenData(settings);
        WebApplication? app = null;
        try
        {
            WorldKind.Check(data, settings.Demonstration);
            app = Build(settings, data, adjust);
            var key = await LocalApi.WriteKeyAsync(Path.Combine(data.Keys, LocalApi.KeyFile), cancellationToken);
            LocalApi.Guard(app, key);
            app.MapDashboard();
            LocalApi.Map(app);
            var running = new MonitoringApp(app, data) { FirstPassword = await app.Services.GetRequiredService<FirstRun>().EnsureAsync(cancellationToken) };
            await running.StartAsync(settings, cancellationToken);
            return running;
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            data.Dispose();
            throw;
        }
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => HostingAbstractionsHostExtensions.WaitForShutdownAsync(app, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        data.Dispose();
    }

    private static WebApplication Build(HostSettings settings, DataDirectory data, Action<IServiceCollection>? adjust)
    {
        // The content root is the program's own folder, so that its pages are found from wherever it is started.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
            EnvironmentName = "Production",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(log => log
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(settings.LogLevel, ignoreCase: true))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            // It warns at each first start that the cookie keys are not encrypted; the data directory's mode 700 is what guards them.
            .MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogEventLevel.Error)
            .WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {SourceContext:l} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.BindAddress, settings.HttpPort);
            if (settings.Roles.Contains("ingest", StringComparer.Ordinal))
            {
                MqttDoor.Configure(kestrel);
            }
        });
        builder.Services.AddRooms(settings, data);
        builder.Services.AddLoops(settings.Roles);
        adjust?.Invoke(builder.Services);
        return builder.Build();
    }

    private async Task StartAsync(HostSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            throw new BadInputException(
                $"A port is taken already ({settings.Bind}: HTTP {settings.HttpPort}, MQTT {MqttPorts(settings)}); end the program that holds it, or choose others with --http-port and --mqtt-port.");
        }

        var door = app.Services.GetRequiredService<MqttDoor>();
        if (door.EndPoints is [var first, ..])
        {
            MqttEndPoint = first;
        }

        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = addresses.Select(a => new Uri(a)).First(a => a.Scheme.StartsWith("http", StringComparison.Ordinal) && a.Port != MqttEndPoint.Port);
        data.Announce(Reachable(Address).ToString());
        if (await AuditHead.FindAsync(app.Services.GetRequiredService<IAuditTrail>(), cancellationToken) is { } head)
        {
            // A note outside the register: an end that was cut off, or a history written anew, shows against it (verify-audit --follows).
            app.Services.GetRequiredService<ILogger<MonitoringApp>>().LogInformation("The audit trail stands at {Sequence}:{Hash}", head.Sequence, head.Hash);
        }
    }

    private static string MqttPorts(HostSettings settings) =>
        string.Join(" and ", new int?[] { settings.PlainMqttPort, settings.CertificateFile is null ? null : settings.MqttTlsPort }.Where(p => p is not null));

    /// <summary>The address as this machine reaches it.</summary>
    public static Uri Reachable(Uri address) =>
        address.Host is "0.0.0.0" or "[::]" ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri : address;
}
