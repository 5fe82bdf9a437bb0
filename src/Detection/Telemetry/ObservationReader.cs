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

    /// <summary>
    /// Observations of several datastreams (at most one span each) with a sequence below <paramref name="beforeSequence"/>, ascending by time
    /// for each, handed over page by page, so that memory does not grow with the spans.
    /// </summary>
    public async Task SpansAsync(IReadOnlyList<ObservationSpan> spans, long beforeSequence, Action<Observation> take, CancellationToken cancellationToken)
    {
        List<ObservationSpan> left = [.. spans];
        while (left.Count > 0)
        {
            var page = await store.ReadSpansAsync(left, PageSize, cancellationToken);
            foreach (var found in page.Where(o => o.Sequence < beforeSequence))
            {
                take(found.Observation);
            }

            if (page.Count < PageSize)
            {
                return;
            }

            // What lies before the last one is done; its own datastream goes on behind it.
            var last = page[^1].Observation;
            var at = left.FindIndex(s => s.DatastreamId == last.DatastreamId);
            left.RemoveRange(0, at);
            left[0] = left[0] with { From = last.PhenomenonTime + Microsecond };
        }
    }

    /// <summary>
    /// Newest phenomenon time of each datastream among its observations with a sequence below <paramref name="beforeSequence"/>; those that
    /// have none are missing.
    /// </summary>
    public async Task<Dictionary<string, DateTimeOffset>> NewestAsync(IReadOnlyCollection<string> datastreamIds, long beforeSequence, CancellationToken cancellationToken)
    {
        Dictionary<string, DateTimeOffset> newest = new(StringComparer.Ordinal);
        Dictionary<string, DateTimeOffset> open = new(StringComparer.Ordinal);
        foreach (var (id, latest) in await store.LatestAsync(datastreamIds, cancellationToken))
        {
            (latest.Sequence < beforeSequence ? newest : open)[id] = latest.Observation.PhenomenonTime;
        }

        // Newer data were committed meanwhile: look back in growing steps for the newest of the older ones, for all of them together.
        var floor = DateTimeOffset.UnixEpoch;
        for (var step = TimeSpan.FromHours(6); open.Count > 0; step *= 2)
        {
            List<ObservationSpan> spans = [.. open.Select(o => new ObservationSpan(o.Key, o.Value - floor > step ? o.Value - step : floor, o.Value))];
            await SpansAsync(spans, beforeSequence, o => newest[o.DatastreamId] = o.PhenomenonTime, cancellationToken);
            foreach (var span in spans)
            {
                open.Remove(span.DatastreamId);
                if (!newest.ContainsKey(span.DatastreamId) && span.From > floor)
                {
                    open[span.DatastreamId] = span.From;
                }
            }
        }

        return newest;
    }
}
