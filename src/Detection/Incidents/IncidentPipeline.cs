using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Incidents;

/// <summary>
/// The river from findings to incidents: read behind the cursor → the incidents around each finding → commit with the cursor. One reader; after
/// a crash it goes on behind what it stored.
/// </summary>
public sealed partial class IncidentPipeline(
    IFindingStore findings, IIncidentStore incidents, ICursorStore cursors, IEventBus bus, DetectionRules rules, TimeProvider clock, ILogger<IncidentPipeline> log) : BackgroundService
{
    public const string Consumer = "incidents/findings";
    private const int AtOnce = 200;

    private readonly IncidentBook _book = new(rules.Incidents, rules.Version);

    /// <summary>Works off all findings that are there now.</summary>
    /// <returns>How many were worked.</returns>
    public async Task<int> WorkOffAsync(CancellationToken cancellationToken)
    {
        var worked = 0;
        var position = await cursors.PositionAsync(Consumer, cancellationToken);
        while (await findings.ReadAfterAsync(position, AtOnce, cancellationToken) is { Count: > 0 } batch)
        {
            Dictionary<string, Incident> changed = new(StringComparer.Ordinal);
            foreach (var (_, finding) in batch.Where(f => _book.Concerns(f.Finding)))
            {
                foreach (var incident in _book.Take(finding, await AroundAsync(finding, changed, cancellationToken)))
                {
                    changed[incident.Id] = incident;
                }
            }

            position = batch[^1].Sequence;
            worked += batch.Count;
            await incidents.CommitAsync([.. changed.Values], new(Consumer, position), cancellationToken);
        }

        return worked;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var raised = bus.Subscribe<FindingRaised>();
        await WakeLoop.RunAsync(async token => await WorkOffAsync(token), [raised], clock, e => Failed(e), stoppingToken);
    }

    /// <summary>What is stored, with what this batch has made of it.</summary>
    private async Task<IReadOnlyList<Incident>> AroundAsync(Finding finding, Dictionary<string, Incident> changed, CancellationToken cancellationToken)
    {
        var (box, from, to) = _book.Reach(finding);
        var near = await incidents.NearAsync(box, from, to, cancellationToken);
        var own = await incidents.OfSubjectAsync(finding.Subject, cancellationToken);
        return [.. near.Concat(own).Where(i => !changed.ContainsKey(i.Id)).Concat(changed.Values).DistinctBy(i => i.Id).Where(i => i.MergedInto is null)];
    }

    [LoggerMessage(3041, LogLevel.Error, "Incidents stopped at an error and try again from what is stored")]
    private partial void Failed(Exception exception);
}
