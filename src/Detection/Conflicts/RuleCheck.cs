using System.Globalization;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Conflicts;

/// <summary>One subject under the rules of ground: what of it lies where a rule does not want it. For one thread.</summary>
internal sealed class RuleCheck(ConflictGround ground, ConflictRules rules, CancellationToken cancellation)
{
    /// <summary>A line that runs through a corridor at less than this angle runs along it.</summary>
    private const double CrossingDegrees = 20;

    private static readonly double AlongFactor = 1 / Math.Sin(CrossingDegrees * Math.PI / 180);

    /// <summary>Rules that speak of a subject and of a layer that was asked for.</summary>
    public IEnumerable<ConflictRule> Of(PlanFeature subject) => rules.Rules.Where(r =>
        r.Subjects.Contains(subject.Kind) && ground.Wants(r.Layer)
        && (r.SubjectCodes is not { } codes || (subject.Code is { } code && codes.Any(c => code.StartsWith(c, StringComparison.OrdinalIgnoreCase))))
        && (r.SubjectLacks is not { } lacks || lacks.All(f => string.IsNullOrWhiteSpace(subject.Text(f)))));

    public List<Conflict> Check(CheckedPlace place, Func<MapFeature, bool> isOther)
    {
        var found = new List<Conflict>();
        foreach (var rule in Of(place.Feature))
        {
            if (rule.Relation is ConflictRelation.Outside)
            {
                Outside(rule, place, found);
                continue;
            }

            foreach (var feature in ground.Near(rule, place.Footprint.EnvelopeInternal, ReachOf(rule)).Where(isOther).Where(f => !IsOwnApproval(place.Feature, f)))
            {
                cancellation.ThrowIfCancellationRequested();
                if (Facts(rule, place.Feature, feature) is { } facts && Overlap(rule, place, feature) is { IsEmpty: false } overlap)
                {
                    found.Add(Make(rule, place, feature, overlap, facts));
                }
            }
        }

        return found;
    }

    /// <summary>What of a subject lies on the ground of a feature, in metres, without slivers and, where the rule lets it, without crossings.</summary>
    public Geometry Overlap(ConflictRule rule, CheckedPlace place, MapFeature feature)
    {
        var zone = ground.ZoneOf(feature, rule.Corridor);
        var common = Shapes.Telling(zone.Common(place.Footprint), rule.MinAreaM2, rule.MinWidthM);
        if (common.IsEmpty || !rule.CrossingOk || !place.IsLine)
        {
            return common;
        }

        var width = feature is PlanFeature plan && zone.Ground.Length > 0
            ? ground.ShapeOf(feature).Dimension is Dimension.Surface ? 2 * zone.Ground.Area / zone.Ground.Length : ConflictGround.WidthOf(plan, rules, out _) + (rule.Corridor ? 2 * (plan.Number("buffer_m") ?? 0) : 0)
            : 0;
        var most = AlongFactor * (width + place.WidthMeters!.Value);
        Polygon[] along = [.. PolygonExtracter.GetPolygons(common).Cast<Polygon>().Where(p => Shapes.Lines(Shapes.Common(place.Shape, p)).Length > most)];
        return common.Factory.CreateMultiPolygon(along);
    }

    /// <summary>Facts of a conflict, or null when the two go together.</summary>
    public IReadOnlyDictionary<string, string>? Facts(ConflictRule rule, PlanFeature subject, MapFeature feature)
    {
        switch (rule.Relation)
        {
            case ConflictRelation.ClassDiffers:
                var (mine, theirs) = (ground.Classes.Of(subject), ground.Classes.Of(feature));
                return mine.Count > 0 && theirs.Count > 0 && !mine.Intersect(theirs).Any()
                    ? new SortedDictionary<string, string>(StringComparer.Ordinal) { ["subject_class"] = ground.Classes.Name(mine), ["feature_class"] = ground.Classes.Name(theirs) }
                    : null;
            case ConflictRelation.HeightExceeds:
                var most = feature switch { Permit permit => permit.MaxHeightMeters, PlanFeature plan => plan.Number("max_height_m"), _ => null };
                return (subject.Number("height_m") ?? subject.Number("max_height_m")) is { } height && most is { } allowed && height > allowed
                    ? new SortedDictionary<string, string>(StringComparer.Ordinal) { ["height_m"] = Number(height), ["max_height_m"] = Number(allowed) }
                    : null;
            default:
                return feature switch
                {
                    Permit permit => new SortedDictionary<string, string>(StringComparer.Ordinal) { ["permit_kind"] = permit.Kind, ["project"] = permit.Project ?? "" },
                    ControlLine line => new SortedDictionary<string, string>(StringComparer.Ordinal) { ["line_kind"] = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(line.Kind.ToString()) },
                    _ => NoFacts,
                };
        }
    }

    private static readonly SortedDictionary<string, string> NoFacts = [];

    /// <summary>What a line or area takes up besides its own outline, so that nothing is missed when features are looked for by their boxes.</summary>
    private double ReachOf(ConflictRule rule) => rule.Corridor || ConflictGround.LayerOf(rule.Layer) is MapLayer.Plan ? Math.Min(ground.Reach, 1000) : 0;

    private void Outside(ConflictRule rule, CheckedPlace place, List<Conflict> found)
    {
        if (!ground.Knows(rule.Layer) || !ground.HasAny(rule))
        {
            return;
        }

        var rest = place.Footprint;
        foreach (var feature in ground.Near(rule, place.Footprint.EnvelopeInternal, 0))
        {
            rest = Shapes.Areas(ground.ZoneOf(feature, rule.Corridor).Without(rest));
        }

        var outside = Shapes.Telling(rest, rule.MinAreaM2, rule.MinWidthM);
        if (!outside.IsEmpty)
        {
            found.Add(Make(rule, place, null, outside, NoFacts));
        }
    }

    /// <summary>An approval of the same project is no other's.</summary>
    public static bool IsOwnApproval(PlanFeature subject, MapFeature feature) =>
        feature is Permit permit
        && (permit.Id == subject.Text("permit_no") || (permit.Project is { Length: > 0 } project && (project == subject.Name || project == subject.Id)));

    private Conflict Make(ConflictRule rule, CheckedPlace place, MapFeature? feature, Geometry overlap, IReadOnlyDictionary<string, string> facts)
    {
        var axis = place.IsLine ? place.Shape : feature is not null && ground.ShapeOf(feature) is var other && other.Dimension is Dimension.Curve ? other : null;
        var shape = ground.Plane.ToDegrees(overlap);
        return new Conflict
        {
            Id = ConflictIds.Of(place.Feature, rule.Id, feature),
            Kind = rule.Kind,
            Rule = rule.Id,
            RuleName = rule.Name,
            RuleNameEn = rule.NameEn,
            Severity = rule.Severity,
            Weight = rule.Weight,
            SubjectKind = place.Feature.Kind,
            SubjectId = place.Feature.Id,
            With = ConflictIds.Describe(feature),
            AreaSquareMeters = Shapes.AreaOf(shape),
            LengthMeters = axis is null ? 0 : Shapes.LengthOf(ground.Plane.ToDegrees(Shapes.Lines(Shapes.Common(axis, overlap)))),
            Facts = facts,
            Shape = shape,
        };
    }

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
