using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Indicators;

/// <summary>
/// Land that waits (批而未供, 供而未用), from the register and from what judgement trusted. Pure functions of region, day and map. Which
/// kinds of permits convert and supply are the groups <c>conversion</c> and <c>supply</c> of the stage findings.
/// </summary>
/// <param name="rules">The rules as data.</param>
/// <param name="parameters">How long land may wait.</param>
/// <param name="geodesic">For the areas.</param>
public sealed class LandSupply(JudgementRules rules, MeasureParameters parameters, IGeodesic geodesic)
{
    /// <summary>Less of a permit than this is a matter of drawing, in m².</summary>
    private const double SliverSquareMeters = 100;

    /// <param name="SquareMeters">Geodesic area within the region, each place once.</param>
    /// <param name="Inputs">The permits whose land waits, by id.</param>
    public sealed record Waiting(double SquareMeters, IReadOnlyList<EvidenceInput> Inputs);

    /// <summary>批而未供: land of which the conversion is older than <see cref="MeasureParameters.SupplyMonths"/> on a day and that nobody was supplied with; null where the register holds no permits of either kind.</summary>
    public Waiting? NotSupplied(Region region, DateOnly day, PlanIndex index)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(index);
        if (KindsOf("conversion", index) is not { } conversions || KindsOf("supply", index) is not { } supplies)
        {
            return null;
        }

        return Sum(region, Granted(region, conversions, day.AddMonths(-parameters.SupplyMonths), index), permit =>
            Without(permit.Outline.Shape, Granted(index.InBox<Permit>(MapLayer.Permit, permit.Outline.Box), supplies, day).Select(s => s.Outline.Shape)));
    }

    /// <summary>供而未用: land supplied longer than <see cref="MeasureParameters.UseMonths"/> before a day of which at most a tenth was seen to change since; null where the register holds no supplies.</summary>
    /// <param name="judged">Judged patches of the region; those that were not trusted count for nothing.</param>
    public Waiting? NotUsed(Region region, DateOnly day, PlanIndex index, IReadOnlyList<JudgedPatch> judged)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(index);
        if (KindsOf("supply", index) is not { } supplies)
        {
            return null;
        }

        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(region.TimeZone, out var found) ? found : TimeZoneInfo.Utc;
        var works = judged.Where(j => j.Verdict is not Verdict.NotJudged && rules.Stages.TryGetValue(j.Patch.Kind, out var stage) && stage is not BuildingStage.Surface
            && DayInterval.DayOf(j.Patch.NotAfter, zone) <= day).ToList();
        return Sum(region, Granted(region, supplies, day.AddMonths(-parameters.UseMonths), index), permit =>
        {
            var since = From(permit);
            var seen = works.Where(j => j.Patch.Outline.Box.Intersects(permit.Outline.Box) && (since is not { } from || DayInterval.DayOf(j.Patch.NotAfter, zone) >= from));
            var left = Without(permit.Outline.Shape, seen.Select(j => j.Patch.Outline.Shape));
            return left.Area >= 0.9 * permit.Outline.Shape.Area ? permit.Outline.Shape : left.Factory.CreatePolygon();
        });
    }

    private HashSet<string>? KindsOf(string group, PlanIndex index) =>
        rules.StageFindings is { } stages && stages.Groups.TryGetValue(group, out var kinds) && kinds.Any(index.PermitKinds.Contains) ? [.. kinds] : null;

    private static DateOnly? From(Permit permit) => permit.EffectiveFrom ?? permit.GrantedOn;

    private static IEnumerable<Permit> Granted(Region region, HashSet<string> kinds, DateOnly by, PlanIndex index) =>
        Granted(index.InBox<Permit>(MapLayer.Permit, region.Outline.Box), kinds, by);

    /// <summary>Granted by a day, with a date: of one without nobody knows how long it waits. What lapsed since is not undone by that.</summary>
    private static IEnumerable<Permit> Granted(IEnumerable<Permit> permits, HashSet<string> kinds, DateOnly by) =>
        permits.Where(p => kinds.Contains(p.Kind) && (p.Status is PermitStatus.Granted or PermitStatus.Expired) && From(p) <= by);

    private Waiting Sum(Region region, IEnumerable<Permit> permits, Func<Permit, Geometry> waiting)
    {
        List<Geometry> parts = [];
        List<EvidenceInput> inputs = [];
        foreach (var permit in permits.OrderBy(p => p.Id, StringComparer.Ordinal))
        {
            var own = OverlayNGRobust.Overlay(waiting(permit), region.Outline.Shape, SpatialFunction.Intersection);
            if (own.IsEmpty || geodesic.AreaSquareMeters(own) < SliverSquareMeters)
            {
                continue;
            }

            parts.Add(own);
            inputs.Add(new EvidenceInput("permit", permit.Id));
        }

        var sum = parts.Count == 0 ? 0 : geodesic.AreaSquareMeters(OverlayNGRobust.Union(parts));
        return new(Math.Round(sum), [.. inputs.Distinct()]);
    }

    private static Geometry Without(Geometry shape, IEnumerable<Geometry> others) =>
        others.Where(o => o.EnvelopeInternal.Intersects(shape.EnvelopeInternal)).Aggregate(shape, (left, other) => OverlayNGRobust.Overlay(left, other, SpatialFunction.Difference));
}
