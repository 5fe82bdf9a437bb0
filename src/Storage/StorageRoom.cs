using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.Storage.Sqlite;

namespace Monitoring.Storage;

/// <summary>Puts the embedded stores behind the ports.</summary>
public static class StorageRoom
{
    /// <summary>
    /// Registers all stores as singletons. The directory is taken and the files are opened when the first port is asked for; resolve
    /// <see cref="IObservationStore"/> and <see cref="RegisterDatabase"/> at start-up to fail early. The container closes them in order.
    /// </summary>
    /// <param name="opened">The directory, when the caller holds it already; the caller then gives it back.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, StorageOptions options, DataDirectory? opened = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        if (opened is not null)
        {
            services.AddSingleton(opened);
        }
        else
        {
            services.AddSingleton(_ => DataDirectory.Open(options.DataDirectory));
        }

        services.AddSingleton<IEventBus, InProcessEventBus>();
        services.AddSingleton(provider => DuckDbObservationStore.Open(
            provider.GetRequiredService<DataDirectory>().Observations,
            options.Observations,
            provider.GetRequiredService<IEventBus>(),
            Logger<DuckDbObservationStore>(provider)));
        services.AddSingleton<IObservationStore>(provider => provider.GetRequiredService<DuckDbObservationStore>());
        services.AddSingleton(provider => RegisterDatabase.Open(
            provider.GetRequiredService<DataDirectory>().Registers,
            provider.GetRequiredService<TimeProvider>(),
            Logger<RegisterDatabase>(provider),
            options.RegisterReaders));
        services.AddSingleton<IPlanRegister, SqlitePlanRegister>();
        services.AddSingleton<IPushedPatches, SqlitePushedPatches>();
        services.AddSingleton<IDeviceRegister, SqliteDeviceRegister>();
        services.AddSingleton<ISceneCatalogue, SqliteSceneCatalogue>();
        services.AddSingleton<IChangeStore, SqliteChangeStore>();
        services.AddSingleton<IFindingStore, SqliteFindingStore>();
        services.AddSingleton<IIncidentStore, SqliteIncidentStore>();
        services.AddSingleton<IAlertStore, SqliteAlertStore>();
        services.AddSingleton<IIndicatorStore, SqliteIndicatorStore>();
        services.AddSingleton<ILearningStore, SqliteLearningStore>();
        services.AddSingleton<ICursorStore>(Cursors);
        services.AddSingleton<IAuditTrail, SqliteAuditTrail>();
        services.AddSingleton<IAuditWithin>(static provider =>
        {
            // Whoever writes with a connection of their own finds the register's tables made.
            _ = provider.GetRequiredService<RegisterDatabase>();
            return new SqliteAuditWithin();
        });
        return services;
    }

    /// <summary>Nobody sees a cursor before those on observations fit the file of observations.</summary>
    private static SqliteCursorStore Cursors(IServiceProvider provider)
    {
        var registers = provider.GetRequiredService<RegisterDatabase>();
        ObservationCursors.ReconcileAsync(
            registers, provider.GetRequiredService<DuckDbObservationStore>(), provider.GetRequiredService<TimeProvider>(), Logger<DuckDbObservationStore>(provider), CancellationToken.None)
            .GetAwaiter().GetResult();
        return new SqliteCursorStore(registers, provider.GetRequiredService<IEventBus>());
    }

    private static ILogger Logger<T>(IServiceProvider provider) => provider.GetService<ILogger<T>>() ?? NullLogger<T>.Instance;
}
