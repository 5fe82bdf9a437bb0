using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;

namespace Monitoring.Host;

/// <summary>Tells when every consumer on the way to a warning has worked through what is committed. Thread-safe.</summary>
/// <remarks>
/// Consumers are asked in the order of the rivers, so that one answer holds for those before it: what a later consumer could still get
/// has been stored by then.
/// </remarks>
internal sealed class CaughtUp(
    IObservationStore observations, ISceneCatalogue scenes, IChangeStore changes, IPlanRegister map, IFindingStore findings, ICursorStore cursors, IEventBus bus)
{
    /// <summary>Completes when nothing is left to do. Wakes on cursors, not on a clock.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var moved = bus.Subscribe<CursorAdvanced>();
        while (await BehindAsync(cancellationToken) is not null)
        {
            await moved.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The first consumer that is behind, or null.</summary>
    public async Task<string?> BehindAsync(CancellationToken cancellationToken)
    {
        foreach (var (consumer, isBehind) in Consumers())
        {
            if (await isBehind(await cursors.PositionAsync(consumer, cancellationToken), cancellationToken))
            {
                return consumer;
            }
        }

        return null;
    }

    private IEnumerable<(string Consumer, Func<long, CancellationToken, Task<bool>> IsBehind)> Consumers()
    {
        yield return (Detection.Imagery.Series.ChangePipeline.Consumer, async (position, stop) => (await scenes.ReadAfterAsync(position, 1, stop)).Count > 0);
        yield return (Detection.Telemetry.TelemetryPipeline.Consumer, async (position, stop) => await observations.LastSequenceAsync(stop) > position);
        yield return (Detection.Judgement.JudgementPipeline.MapConsumer, async (position, stop) => await map.CurrentVersionAsync(stop) > position);
        yield return (Detection.Judgement.JudgementPipeline.ChangesConsumer, async (position, stop) => (await changes.ReadAfterAsync(position, 1, stop)).Count > 0);
        yield return (Alerts.AlertsRoom.FindingsConsumer, async (position, stop) => (await findings.ReadAfterAsync(position, 1, stop)).Count > 0);
    }
}
