using Monitoring.Detection.Judgement;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Telemetry;

/// <summary>Which permit was in force at or near a thing on a day. Pure.</summary>
internal static class NearbyPermits
{
    /// <param name="nearMeters">How far off it may lie.</param>
    /// <param name="allows">Which permits count.</param>
    /// <returns>The nearest, by id where two are as near, with its distance in m; null where none is.</returns>
    public static (Permit Permit, double Distance)? Nearest(TelemetrySource source, DateOnly day, PlanIndex index, double nearMeters, Func<Permit, bool> allows)
    {
        var plane = new LocalPlane(source.Thing.Longitude, source.Thing.Latitude);
        var here = plane.ToMeters(source.Where.Shape);
        var search = plane.Grow(new Envelope(new Coordinate(source.Thing.Longitude, source.Thing.Latitude)), nearMeters);
        return index.InBox<Permit>(MapLayer.Permit, search)
            .Where(p => InForce(p, day) && allows(p))
            .Select(p => ((Permit Permit, double Distance)?)(p, plane.ToMeters(p.Outline.Shape).Distance(here)))
            .Where(p => p!.Value.Distance <= nearMeters)
            .OrderBy(p => p!.Value.Distance)
            .ThenBy(p => p!.Value.Permit.Id, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static bool InForce(Permit permit, DateOnly day) =>
        (permit.Status is PermitStatus.Granted || (permit.Status is PermitStatus.Expired && permit.EffectiveTo is not null))
        && ((permit.EffectiveFrom ?? permit.GrantedOn) is not { } from || day >= from)
        && (permit.EffectiveTo is not { } to || day < to);
}
