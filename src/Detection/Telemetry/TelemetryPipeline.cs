using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// The river from observations to findings: read behind the cursor → limits and site activity → commit with the cursor. One reader.
/// After a crash it goes on behind what it stored, with the same findings as if nothing had happened.
/// </summary>
public sealed partial class TelemetryPipeline(
    IObservationStore observations,
    IDeviceRegister devices,
    IFindingStore findings,
    ICursorStore cursors,
    IEventBus bus,
    PlanIndexSource indexes,
    DetectionRules rules,
    TelemetryOptions options,
    TimeProvider clock,
    ILogger<TelemetryPipeline> log) : BackgroundService
{
    public const string Consumer = "telemetry/observations";

    private TelemetryStep? _step;
    private TelemetrySources? _sources;
    private long _sourcesMap = -1;

    /// <summary>Works off all observations that are there now.</summary>
    /// <returns>How many were worked.</returns>
    public async Task<long> WorkOffAsync(CancellationToken cancellationToken)
    {
        var position = await cursors.PositionAsync(Consumer, cancellationToken);
        long worked = 0;
        while (await observations.ReadAfterAsync(position, options.BatchSize, cancellationToken) is { Count: > 0 } batch)
        {
            var index = await indexes.CurrentAsync(cancellationToken);
            var sources = await SourcesAsync(batch, index, cancellationToken);
            position = batch[^1].Sequence;
            worked += batch.Count;
            await WorkAsync(batch, sources, index, cancellationToken);
        }

        return worked;
    }

    private async Task WorkAsync(IReadOnlyList<CommittedObservation> batch, TelemetrySources sources, PlanIndex index, CancellationToken cancellationToken)
    {
        _step ??= new TelemetryStep(rules, options, observations, findings, clock);
        List<Finding> told;
        try
        {
            told = await _step.WorkAsync(batch, sources, index, cancellationToken);
            await findings.CommitAsync(new FindingBatch { Findings = told, Cursor = new(Consumer, batch[^1].Sequence) }, cancellationToken);
        }
        catch
        {
            // What the step remembers of this batch may not have been stored; of all others it was.
            _step.Forget(batch, sources);
            throw;
        }

        if (told.Count > 0 && await findings.FindAsync(told[^1].Id, cancellationToken) is { } last)
        {
            bus.Publish(new FindingRaised(last.Sequence));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var accepted = bus.Subscribe<ObservationsAccepted>();
        using var imported = bus.Subscribe<DevicesChanged>();
        var changes = DevicesAsync(imported, stoppingToken);
        await WakeLoop.RunAsync(
            async token =>
            {
                var worked = await WorkOffAsync(token);
                if (worked > 0)
                {
                    Worked(worked);
                }
            },
            [accepted],
            clock,
            e => Failed(e),
            stoppingToken);
        await changes;
    }

    private async Task DevicesAsync(IWakeSubscription imported, CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await imported.WaitAsync(stoppingToken);
                Volatile.Write(ref _sources, null);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>The register as it is now; read again when devices were imported, the map moved on, or a datastream is not known yet.</summary>
    private async Task<TelemetrySources> SourcesAsync(IReadOnlyList<CommittedObservation> batch, PlanIndex index, CancellationToken cancellationToken)
    {
        var sources = Volatile.Read(ref _sources);
        if (sources is null || _sourcesMap != index.MapVersion || batch.Any(o => sources.Find(o.Observation.DatastreamId) is null))
        {
            sources = TelemetrySources.Of(await devices.AllAsync(cancellationToken), index, rules.Judgement.TimeZone);
            Volatile.Write(ref _sources, sources);
            _sourcesMap = index.MapVersion;
        }

        return sources;
    }

    [LoggerMessage(3011, LogLevel.Debug, "Worked {Observations} observations")]
    private partial void Worked(long observations);

    [LoggerMessage(3012, LogLevel.Error, "Telemetry stopped at an error and tries again from what is stored")]
    private partial void Failed(Exception exception);
}
