using System.Collections.Concurrent;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// The newest committed phenomenon time of each datastream, to flag what arrives behind it as late. One entry a registered datastream.
/// Thread-safe.
/// </summary>
public sealed class NewestTimes(IObservationStore store)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _newest = new(StringComparer.Ordinal);

    /// <summary>Loads what the store has of a device's datastreams; called when the device connects.</summary>
    public async Task LoadAsync(RegisteredDevice device, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(device);
        string[] unknown = [.. device.Datastreams.Select(d => d.Id).Where(id => !_newest.ContainsKey(id))];
        if (unknown.Length == 0)
            return;

        foreach (var latest in (await store.LatestAsync(unknown, cancellationToken)).Values)
            Advance(latest.Observation);
    }

    /// <summary>True when a newer phenomenon time of the datastream is committed.</summary>
    public bool IsBehind(string datastreamId, DateTimeOffset time) => _newest.TryGetValue(datastreamId, out var newest) && time < newest;

    public void Advance(Observation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        _newest.AddOrUpdate(
            observation.DatastreamId,
            static (_, time) => time,
            static (_, known, time) => time > known ? time : known,
            observation.PhenomenonTime);
    }
}
