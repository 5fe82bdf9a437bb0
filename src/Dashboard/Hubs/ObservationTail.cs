using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Hubs;

/// <summary>
/// Reads new observations once for all dashboards and offers each to those that watch its datastream. While nobody watches it does not
/// read; far behind, it jumps to the newest of each datastream, because dashboards only show that.
/// </summary>
internal sealed class ObservationTail(
    IObservationStore observations, IEventBus bus, Connections connections, TimeProvider clock, ILogger<ObservationTail> log) : BackgroundService
{
    private const int Page = 1000;
    private const int FarthestBehind = 5 * Page;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var accepted = bus.Subscribe<ObservationsAccepted>();
        long? position = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                position ??= await observations.LastSequenceAsync(stoppingToken);
                await accepted.WaitAsync(stoppingToken);
                position = await TellAsync(position.Value, stoppingToken);
            }
            catch (Exception problem) when (problem is StoreUnavailableException or DbException or IOException)
            {
                log.LogWarning(problem, "New observations could not be read; trying again in a second.");
                await Task.Delay(TimeSpan.FromSeconds(1), clock, stoppingToken);
            }
        }
    }

    private async Task<long> TellAsync(long position, CancellationToken cancellationToken)
    {
        var last = await observations.LastSequenceAsync(cancellationToken);
        if (!connections.AnyWatches)
        {
            return last;
        }

        if (last - position > FarthestBehind)
        {
            var ids = connections.All.SelectMany(static c => c.Watched).ToHashSet(StringComparer.Ordinal);
            Offer((await observations.LatestAsync(ids, cancellationToken)).Values);
            return last;
        }

        IReadOnlyList<CommittedObservation> read;
        do
        {
            read = await observations.ReadAfterAsync(position, Page, cancellationToken);
            Offer(read);
            position = read.Count > 0 ? read[^1].Sequence : position;
        }
        while (read.Count == Page);

        return position;
    }

    private void Offer(IEnumerable<CommittedObservation> read)
    {
        var watching = connections.All.Where(static c => c.Watches).ToList();
        foreach (var observation in read)
        {
            foreach (var connection in watching)
            {
                connection.Offer(observation);
            }
        }
    }
}
