using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Monitoring.Alerts.Writing;
using Monitoring.Domain.Alerts;

namespace Monitoring.Alerts;

/// <summary>How a host takes the room in.</summary>
public static class AlertsRoom
{
    /// <summary>Name of the cursor with which the writer reads findings.</summary>
    public const string FindingsConsumer = AlertPipeline.Consumer;

    /// <summary>
    /// Registers <see cref="IAlertCommands"/> and what the writer needs. Commands are carried out by the loop of the same process
    /// (<see cref="AddAlertsLoops"/>). Needs the stores, <see cref="Domain.Findings.IAlertRules"/> and the event bus from other rooms.
    /// </summary>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static IServiceCollection AddAlerts(this IServiceCollection services, AlertsOptions? options = null)
    {
        options ??= new AlertsOptions();
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<AlertLedger>();
        services.AddSingleton<AlertCommands>();
        services.AddSingleton<IAlertCommands>(static s => s.GetRequiredService<AlertCommands>());
        return services;
    }

    /// <summary>Runs the writer. At most one process may do so on one register.</summary>
    public static IServiceCollection AddAlertsLoops(this IServiceCollection services) => services.AddHostedService<AlertPipeline>();
}
