using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>What is built on a site by the day of a patch, taken together: what grows from month to month is one building to a permit that states an area.</summary>
/// <param name="Place">All of it as if it were one patch.</param>
/// <param name="Approvals">The permits that any of it may have been built under, beside all of it.</param>
/// <param name="Patches">Which patches it is, the judged one first.</param>
internal sealed record SiteExtent(PatchPlace Place, ApprovalResult Approvals, IReadOnlyList<ChangePatch> Patches)
{
    /// <param name="own">The patch's own place and approvals.</param>
    /// <param name="before">The site's other patches that count as built by then.</param>
    /// <param name="daysOf">Days on which a patch may have happened, and those on which its site's first change may have.</param>
    /// <returns>Null where the others add nothing to the patch.</returns>
    public static SiteExtent? Of(
        (PatchPlace Place, ApprovalResult Approvals) own, IReadOnlyList<ChangePatch> before, Func<ChangePatch, (DayInterval Days, DayInterval Started)> daysOf,
        PlanIndex index, JudgementRules rules, IGeodesic geodesic)
    {
        var patch = own.Place.Patch;
        if (before.Count == 0)
        {
            return null;
        }

        var shape = Areas(OverlayNGRobust.Union([patch.Outline.Shape, .. before.Select(p => p.Outline.Shape)]));
        var area = geodesic.AreaSquareMeters(shape);
        if (area < own.Place.AreaOf(own.Place.Shape) + 1)
        {
            return null;
        }

        // An outline is no surer than its pixels: the coarsest says how sure the whole is.
        var place = new PatchPlace(
            patch with { Outline = new Outline(shape, area, patch.Outline.SourceCrs), GsdMeters = Math.Max(patch.GsdMeters, before.Max(p => p.GsdMeters)) }, rules, geodesic, own.Place.ByOverlay);

        // Each part was built on its own days; a permit counts in the way that is best for it.
        Dictionary<Permit, Candidate> best = new(ReferenceEqualityComparer.Instance);
        Take(own.Approvals.Candidates);
        foreach (var other in before)
        {
            var (days, started) = daysOf(other);
            Take(ApprovalCheck.Check(new PatchPlace(other, rules, geodesic, own.Place.ByOverlay), BuildingStage.Building, days, started, index, rules).Candidates);
        }

        List<Candidate> candidates = [.. best.Values.Select(c => Candidate.Beside(c, place)).OrderBy(c => c.Permit.Id, StringComparer.Ordinal).ThenBy(c => c.From)];
        return new(place, own.Approvals with { Candidates = candidates }, [patch, .. before]);

        void Take(IEnumerable<Candidate> found)
        {
            foreach (var candidate in found)
            {
                if (!best.TryGetValue(candidate.Permit, out var known) || candidate.Standing < known.Standing)
                {
                    best[candidate.Permit] = candidate;
                }
            }
        }
    }

    private static Geometry Areas(Geometry geometry)
    {
        if (geometry is Polygon or MultiPolygon)
        {
            return geometry;
        }

        return geometry.Factory.CreateMultiPolygon([.. PolygonExtracter.GetPolygons(geometry).Cast<Polygon>().Where(p => !p.IsEmpty)]);
    }
}
