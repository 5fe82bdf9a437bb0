using Monitoring.Detection.Judgement;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>The registered datastreams with their things and zones. Immutable; thread-safe.</summary>
public sealed class TelemetrySources
{
    private readonly Dictionary<string, TelemetrySource> _byDatastream;
    private readonly ILookup<string, Datastream> _byThing;

    private TelemetrySources(List<TelemetrySource> sources)
    {
        _byDatastream = sources.ToDictionary(s => s.Datastream.Id, StringComparer.Ordinal);
        _byThing = sources.OrderBy(s => s.Datastream.Id, StringComparer.Ordinal).ToLookup(s => s.Thing.Id, s => s.Datastream);
    }

    /// <param name="devices">All registered devices.</param>
    /// <param name="index">Gives each region's zone.</param>
    /// <param name="defaultZone">Zone where the region is not known.</param>
    public static TelemetrySources Of(IEnumerable<RegisteredDevice> devices, PlanIndex index, string defaultZone)
    {
        var zones = index.Regions.GroupBy(r => r.Id).ToDictionary(g => g.Key, g => g.First().TimeZone);
        return new([
            .. from device in devices
               from datastream in device.Datastreams
               let zone = zones.GetValueOrDefault(device.Thing.RegionCode, defaultZone)
               select new TelemetrySource(
                   datastream, device.Thing, TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.FindSystemTimeZoneById(defaultZone)),
        ]);
    }

    public TelemetrySource? Find(string datastreamId) => _byDatastream.GetValueOrDefault(datastreamId);

    public IEnumerable<Datastream> OfThing(string thingId) => _byThing[thingId];
}
