using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Outcomes;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Plans.Patches;
using Monitoring.Ingest.Replay;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Ingest;

/// <summary>
/// Registers the room. It needs the stores' ports (<see cref="IObservationStore"/>, <see cref="IDeviceRegister"/>, …), the event bus and
/// logging from elsewhere.
/// </summary>
public static class IngestRoom
{
    /// <summary>All implementations, in every process.</summary>
    /// <exception cref="ArgumentException">Options out of range; the message lists all of them.</exception>
    public static IServiceCollection AddIngest(this IServiceCollection services, IngestOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Pipeline);
        services.AddSingleton(options.Mqtt);

        services.AddSingleton<IngestLedger>();
        services.AddSingleton<IIngestLedger>(s => s.GetRequiredService<IngestLedger>());
        services.AddSingleton<NewestTimes>();
        services.AddSingleton<ObservationsJsonDecoder>();
        services.AddSingleton<SenMlDecoder>();
        services.AddSingleton<DecodeStage>();
        services.AddSingleton<ValidateStage>();
        services.AddSingleton<DiskFloor>();
        services.AddSingleton<CommitStage>();
        services.AddSingleton<IngestPipeline>();

        services.AddSingleton<DeviceDirectory>();
        services.AddSingleton<DoorServices>();
        services.AddSingleton<DeviceConnectionHandler>();
        services.AddSingleton<MqttDoor>();

        services.AddSingleton(options.Plans);
        services.AddSingleton<DevicesImport>();
        services.AddSingleton<OutcomesImport>();
        services.AddSingleton<MapFileReader>();
        services.AddSingleton<Domain.Conflicts.IProposalFile, ProposalFile>();
        services.AddSingleton<ReplayDoor>();
        services.AddSingleton<IRegisterImport, RegisterImport>();
        services.AddSingleton<IMapHistory, MapHistory>();
        services.AddSingleton<IPushedPatchResults, PushedPatchResults>();
        services.AddSingleton<RegisterQueries>();

        services.AddSingleton(options.Scenes);
        services.AddSingleton<IRefusedScenes, RefusedScenes>();
        services.AddSingleton<SceneReader>();
        services.AddSingleton<SceneIntake>();
        services.AddSingleton<ISceneIntake>(s => s.GetRequiredService<SceneIntake>());
        return services;
    }

    /// <summary>The loops of the role <c>ingest</c>. The host also calls <see cref="MqttDoor.Configure"/>.</summary>
    public static IServiceCollection AddIngestLoops(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IHostedService, MqttServerLoop>();
        services.AddSingleton<IHostedService, SceneInboxWatcher>();
        return services;
    }
}
