using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Monitoring.Alerts;
using Monitoring.Dashboard;
using Monitoring.Detection;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Host.Configuration;
using Monitoring.Host.Local;
using Monitoring.Ingest;
using Monitoring.Storage;

namespace Monitoring.Host;

/// <summary>All rooms of the house, put together.</summary>
internal static class Rooms
{
    /// <summary>Every implementation, whatever the roles.</summary>
    public static IServiceCollection AddRooms(this IServiceCollection services, HostSettings settings, DataDirectory data)
    {
        services.AddStorage(new StorageOptions { DataDirectory = data.Root }, data);
        services.AddIngest(new IngestOptions
        {
            Pipeline = new() { DataFolder = data.Root },
            Mqtt = new()
            {
                Address = settings.BindAddress,
                Port = settings.PlainMqttPort,
                TlsPort = settings.MqttTlsPort,
                CertificatePath = settings.CertificateFile,
                CertificateKeyPath = settings.CertificateKeyFile,
            },
            TimeZone = settings.TimeZone,
            Plans = new() { DefinitionsFolder = Path.Combine(data.Root, "plans"), Grades = new(settings.LayerGrades) },
            Scenes = settings.SceneOptions with { Folder = Path.Combine(data.Root, "scenes") },
        });
        services.AddDetection(new DetectionOptions
        {
            RulesFile = Path.Combine(data.Root, "rules.json"),
            IndicatorsFile = Path.Combine(data.Root, "indicators.json"),
            ConflictRulesFile = Path.Combine(data.Root, "conflicts.json"),
            CodesFolder = Path.Combine(data.Root, "plans", "codes"),
            Learning = settings.Learning.Options(Path.Combine(data.Root, "models", "violation"), settings.TimeZone),
        });
        services.AddImagery(new ImageryOptions
        {
            Folder = Path.Combine(data.Root, "models", "series"),
            ChangeModels = Path.Combine(data.Root, "models", "change"),
            Pair = new() { Choice = settings.EveryChange ? ObjectChoice.Everything : ObjectChoice.Model },
            Series = new() { BackgroundShare = settings.WatchShare, MostWatchedPixels = settings.WatchPixels },
        });
        services.AddAlerts();
        services.AddDashboard(new DashboardOptions
        {
            Demonstration = settings.Demonstration,
            PeopleDatabase = data.Registers,
            KeysFolder = Path.Combine(data.Keys, "cookies"),
            UploadsFolder = data.Uploads,
            TimeZone = settings.TimeZone,
            LayerGrades = settings.LayerGrades,
            SeenUpTo = settings.SeenUpTo,
            MaxCheckBytes = (long)settings.CheckFileMebibytes << 20,
            MaxCheckUnpackedBytes = (long)settings.CheckUnpackedMebibytes << 20,
            TrustedProxies = settings.TrustedProxies,
            SecureCookies = !System.Net.IPAddress.IsLoopback(settings.BindAddress),
            BaseMap = settings.BaseMapUrl is { } url ? new BaseMapOptions(url, settings.BaseMapAttribution ?? "") : null,
        });
        services.AddSingleton<CaughtUp>();
        services.AddSingleton<ConflictWork>();
        return services;
    }

    /// <summary>The hosted loops of the chosen roles.</summary>
    public static IServiceCollection AddLoops(this IServiceCollection services, IReadOnlyList<string> roles)
    {
        foreach (var role in roles)
        {
            _ = role switch
            {
                "ingest" => services.AddIngestLoops(),
                "detect" => services.AddDetectionLoops().AddImageryLoops(),
                "alerts" => services.AddAlertsLoops(),
                "dashboard" => services,
                _ => throw new InvalidOperationException($"The settings let role {role} through."),
            };
        }

        return services;
    }

    /// <summary>Takes the data directory's lock.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the directory.</exception>
    /// <exception cref="BadInputException">It cannot be made or written.</exception>
    public static DataDirectory OpenData(HostSettings settings)
    {
        try
        {
            return DataDirectory.Open(settings.Data);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The data directory {settings.Data} cannot be used: {fault.Message} Choose another with --data, or give it to this account.");
        }
    }

    /// <summary>The rooms for a command that works once, without doors and loops. Takes the data directory's lock.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds the directory.</exception>
    public static ServiceProvider WithoutLoops(HostSettings settings)
    {
        var data = OpenData(settings);
        try
        {
            WorldKind.Check(data, settings.Demonstration);
            var services = new ServiceCollection();
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
            services.AddRooms(settings, data);
            // Registered as a factory, so that the provider gives the directory back at its end.
            services.AddSingleton(_ => new Holding(data));
            var provider = services.BuildServiceProvider();
            _ = provider.GetRequiredService<Holding>();
            return provider;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private sealed class Holding(DataDirectory data) : IDisposable
    {
        public void Dispose() => data.Dispose();
    }
}
