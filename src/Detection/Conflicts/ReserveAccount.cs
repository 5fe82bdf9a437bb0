using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts;

/// <summary>Strategic reserve (留白) against planned construction land: the share that the rules want, and what subjects take of it.</summary>
internal static class ReserveAccount
{
    /// <summary>
    /// Areas of whole features that are in force and that the asker may see: of the planned land use, and of the reserve layer where the plan holds no class of its own for it.
    /// </summary>
    public static ReserveShare? Of(PlanIndex index, ConflictQuestion question, ConflictRules rules, IReadOnlyList<CheckedPlace> places, ConflictGround ground)
    {
        if (!ground.Wants(PlanKinds.LandUsePlan) || !places.Any(p => p.Feature.Kind is PlanKinds.Project or PlanKinds.Road))
        {
            return null;
        }

        // The whole map is read only where something of it is at stake.
        if (!places.Any(p => ground.Near(PlanKinds.LandUsePlan, p.Footprint.EnvelopeInternal, 0).Cast<PlanFeature>().Any(f => Begins(f.Code, rules.Reserve.ReserveCodes))
            || ground.Near(PlanKinds.StrategicReserve, p.Footprint.EnvelopeInternal, 0).Any()))
        {
            return null;
        }

        var planned = index.InBox<PlanFeature>(MapLayer.Plan, new Envelope(-180, 180, -90, 90)).Where(f => f.Kind is PlanKinds.LandUsePlan or PlanKinds.StrategicReserve && f.InForceOn(question.On) && (question.MaySee is not { } sees || sees(f))).ToList();
        var construction = planned.Where(f => f.Kind == PlanKinds.LandUsePlan && Begins(f.Code, rules.Reserve.ConstructionCodes)).ToList();
        if (construction.Count == 0)
        {
            return null;
        }

        var inPlan = construction.Where(f => Begins(f.Code, rules.Reserve.ReserveCodes)).ToList();
        var reserve = inPlan.Count > 0 ? inPlan : planned.Where(f => f.Kind == PlanKinds.StrategicReserve).ToList();
        var zones = reserve.Select(f => ground.ZoneOf(f, false)).ToList();
        double used = 0;
        foreach (var place in places.Where(p => p.Feature.Kind is PlanKinds.Project or PlanKinds.Road))
        {
            used += zones.Sum(z => Shapes.AreaOf(ground.Plane.ToDegrees(Shapes.Areas(z.Common(place.Footprint)))));
        }

        var (whole, all) = (reserve.Sum(f => f.Outline.AreaSquareMeters), construction.Sum(f => f.Outline.AreaSquareMeters) + (inPlan.Count > 0 ? 0 : reserve.Sum(f => f.Outline.AreaSquareMeters)));
        return new ReserveShare(whole, all, used, all > 0 ? whole / all : null, all > 0 ? Math.Max(0, whole - used) / all : null, rules.Reserve.Rate);
    }

    private static bool Begins(string? code, IReadOnlyList<string> codes) => code is not null && codes.Any(c => code.StartsWith(c, StringComparison.OrdinalIgnoreCase));
}
