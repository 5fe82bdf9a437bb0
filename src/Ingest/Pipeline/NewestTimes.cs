using System.Collections.Concurrent;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// The newest committed phenomenon time of each datastream, to flag what arrives behind it as late, and the newest time of reception, to know
/// a clock that was set back. One entry a registered datastream.
/// Thread-safe.
/// </summary>
public sealed class NewestTimes(IObservationStore store)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _newest = new(StringComparer.Ordinal);
    private long _newestReceivedTicks;

    /// <summary>When the newest observation known here was received, by the clock of that time; the year 1 when none is known.</summary>
    public DateTimeOffset NewestReceived => new(Interlocked.Read(ref _newestReceivedTicks), TimeSpan.Zero);

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
        var received = observation.ReceivedTime.UtcTicks;
        for (var known = Interlocked.Read(ref _newestReceivedTicks); received > known;)
        {
            var found = Interlocked.CompareExchange(ref _newestReceivedTicks, received, known);
            if (found == known)
                break;
            known = found;
        }

        _newest.AddOrUpdate(
            observation.DatastreamId,
            static (_, time) => time,
            static (_, known, time) => time > known ? time : known,
            observation.PhenomenonTime);
    }
}
