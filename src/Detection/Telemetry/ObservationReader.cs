using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// Reads the store as it stood before a sequence: what rebuilds the state of windows after a restart, and what late data need of windows
/// that are no longer in memory.
/// </summary>
internal sealed class ObservationReader(IObservationStore store)
{
    private const int PageSize = 10_000;
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    /// <summary>Observations of [<paramref name="from"/>, <paramref name="to"/>) with a sequence below <paramref name="beforeSequence"/>, ascending by time.</summary>
    public async Task<List<Observation>> RangeAsync(
        string datastreamId, DateTimeOffset from, DateTimeOffset to, long beforeSequence, CancellationToken cancellationToken)
    {
        List<Observation> found = [];
        while (from < to)
        {
            var page = await store.ReadRangeAsync(datastreamId, from, to, PageSize, cancellationToken);
            found.AddRange(page.Where(o => o.Sequence < beforeSequence).Select(o => o.Observation));
            if (page.Count < PageSize)
            {
                break;
            }

            from = page[^1].Observation.PhenomenonTime + Microsecond;
        }

        return found;
    }

    /// <summary>Newest phenomenon time among the observations with a sequence below <paramref name="beforeSequence"/>, or null when there is none.</summary>
    public async Task<DateTimeOffset?> NewestAsync(string datastreamId, long beforeSequence, CancellationToken cancellationToken)
    {
        if (!(await store.LatestAsync([datastreamId], cancellationToken)).TryGetValue(datastreamId, out var latest))
        {
            return null;
        }

        if (latest.Sequence < beforeSequence)
        {
            return latest.Observation.PhenomenonTime;
        }

        // Newer data were committed meanwhile: look back in growing steps for the newest of the older ones.
        var to = latest.Observation.PhenomenonTime;
        var step = TimeSpan.FromHours(6);
        var floor = DateTimeOffset.UnixEpoch;
        while (to > floor)
        {
            var from = to - floor > step ? to - step : floor;
            var found = await RangeAsync(datastreamId, from, to, beforeSequence, cancellationToken);
            if (found.Count > 0)
            {
                return found[^1].PhenomenonTime;
            }

            (to, step) = (from, step * 2);
        }

        return null;
    }
}
