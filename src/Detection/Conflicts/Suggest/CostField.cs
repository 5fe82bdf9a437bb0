using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts.Suggest;

/// <summary>
/// What ground costs a subject: for each rule the union of the ground that it keeps free, with the rule's weight for one m². Where features of one rule overlap they count once here,
/// while a report counts each; the report decides in the end. For one thread.
/// </summary>
internal sealed class CostField
{
    private CostField(IReadOnlyList<CostZone> zones, double selfWeight) => (Zones, SelfWeight) = (zones, selfWeight);

    public IReadOnlyList<CostZone> Zones { get; }

    /// <summary>Cost of one m² of the subject itself.</summary>
    public double SelfWeight { get; }

    /// <summary>Σ weight × m² of conflict.</summary>
    public double ConflictOf(Geometry footprint) => Zones.Sum(z => z.Weight * z.AreaOf(footprint));

    /// <param name="box">In metres: only what meets it counts.</param>
    public static CostField Of(ConflictRun run, CheckedPlace place, Envelope box, Func<MapFeature, bool> counts)
    {
        var zones = new List<CostZone>();
        var factory = place.Footprint.Factory;
        foreach (var rule in run.RuleCheck.Of(place.Feature))
        {
            var outside = rule.Relation is ConflictRelation.Outside;
            if (outside && (!run.Ground.Knows(rule.Layer) || !run.Ground.HasAny(rule)))
            {
                continue;
            }

            // A crossing that a rule lets pass costs nothing there either; what runs along it is told by the report.
            if (rule.CrossingOk && place.IsLine)
            {
                continue;
            }

            var grounds = run.Ground.Near(rule, box, outside ? 0 : 1000)
                .Where(counts).Where(f => !RuleCheck.IsOwnApproval(place.Feature, f) && run.RuleCheck.Facts(rule, place.Feature, f) is not null)
                .Select(f => run.Ground.ZoneOf(f, rule.Corridor).Ground).Where(g => !g.IsEmpty).ToList();
            if (grounds.Count > 0 || outside)
            {
                zones.Add(new CostZone(rule.Weight, new Zone(Shapes.Union(grounds, factory)), outside));
            }
        }

        if (place.Feature.Kind == PlanKinds.Pipe)
        {
            AddPipes(run, place, box, counts, zones);
        }

        return new CostField(zones, run.Rules.Search.LengthWeight);
    }

    /// <summary>Other pipes with what must lie between, and buildings with theirs.</summary>
    private static void AddPipes(ConflictRun run, CheckedPlace place, Envelope box, Func<MapFeature, bool> counts, List<CostZone> zones)
    {
        var pipes = run.Rules.Pipes;
        var mine = run.PipeCheck.BodyOf(place.Feature);
        var factory = place.Footprint.Factory;
        var others = run.Ground.Near(PlanKinds.Pipe, box, pipes.Reach).Where(counts).Cast<PlanFeature>()
            .Where(o => pipes.HorizontalOf(mine.Medium, o.Code ?? "other") is not null)
            .Select(o => Shapes.Grow(Shapes.Lines(run.Ground.ShapeOf(o)), run.PipeCheck.BodyOf(o).HalfWidth + pipes.HorizontalOf(mine.Medium, o.Code ?? "other")!.Value)).ToList();
        if (others.Count > 0)
        {
            zones.Add(new CostZone(pipes.ClearanceWeight, new Zone(Shapes.Areas(Shapes.Union(others, factory))), false));
        }

        var need = pipes.FoundationOf(mine.Medium, mine.HalfWidth * 2000);
        var buildings = new[] { PlanKinds.Building, PlanKinds.Project }.SelectMany(l => run.Ground.Near(l, box, pipes.Reach)).Where(counts)
            .Select(b => Shapes.Areas(run.Ground.ShapeOf(b))).Where(b => !b.IsEmpty).Select(b => Shapes.Grow(b, need)).ToList();
        if (buildings.Count > 0)
        {
            zones.Add(new CostZone(pipes.FoundationWeight, new Zone(Shapes.Areas(Shapes.Union(buildings, factory))), false));
        }
    }
}

/// <param name="Weight">Cost of one m².</param>
/// <param name="IsOutside">What lies outside of the ground costs, not what lies in it.</param>
internal sealed record CostZone(double Weight, Zone Zone, bool IsOutside)
{
    public double AreaOf(Geometry footprint) => IsOutside ? Zone.Without(footprint).Area : Zone.Common(footprint).Area;
}
