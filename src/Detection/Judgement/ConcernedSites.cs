using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>Which sites a version of the map may say something new of. Pure; reads only what lies around the version's box.</summary>
internal static class ConcernedSites
{
    /// <summary>Kinds of control lines of which one line says something of the whole region: that the kind is known there.</summary>
    private static readonly ControlLineKind[] KnownByRegion = [ControlLineKind.UrbanDevelopmentBoundary, ControlLineKind.PermanentBasicFarmland];

    /// <summary>
    /// Not all facts are local: that a layer is known at all, or that a region has an urban development boundary, is said of every place in it. Where a version
    /// does not change what is known there, only what lies near its box is concerned.
    /// </summary>
    /// <param name="before">The map as it stood before the version.</param>
    /// <param name="index">The map after it.</param>
    /// <returns>In ordinal order.</returns>
    public static IReadOnlyList<string> Of(MapVersion version, SiteRegistry sites, PlanIndex before, PlanIndex index, JudgementRules rules)
    {
        var box = version.Touched.Copy();
        if (box.IsNull)
        {
            return [];
        }

        // What plans say is said of their places alone.
        if (version.Layer is not MapLayer.Plan && !before.Knows(version.Layer))
        {
            return sites.Sites;
        }

        // Of a kind of permit that nobody gave before, or of which the last was taken back, nothing was known anywhere, or no longer is.
        if (version.Layer is MapLayer.Permit && !index.PermitKinds.SetEquals(before.PermitKinds))
        {
            return sites.Sites;
        }

        var withoutRegion = false;
        var coarsest = Math.Max(rules.ToleranceMeters, rules.TolerancePixels * sites.CoarsestMeters);
        foreach (var kind in version.Layer is MapLayer.ControlLine ? KnownByRegion : [])
        {
            if (!index.InBox<ControlLine>(MapLayer.ControlLine, version.Touched).Any(l => l.Kind == kind)
                && !before.InBox<ControlLine>(MapLayer.ControlLine, version.Touched).Any(l => l.Kind == kind))
            {
                continue;
            }

            if (!before.ControlLines(kind).Any())
            {
                return sites.Sites;
            }

            withoutRegion |= !PeriodsOf(before.ControlLines(kind)).SetEquals(PeriodsOf(index.ControlLines(kind)));
            foreach (var region in index.InBox<Region>(MapLayer.Region, version.Touched))
            {
                if (!KnowsTheSame(kind, region, before, index, rules.ToleranceMeters, coarsest))
                {
                    box.ExpandToInclude(region.Outline.Box);
                }
            }
        }

        // What lies this far off still plays a part in judgement; a box as wide as a province is narrower at its northern edge.
        const double curvature = 1.25;
        var reach = PatchPlace.ReachMeters(rules, sites.CoarsestMeters);
        var near = sites.SitesIn(LocalPlane.At(box).Grow(box, curvature * reach));

        // Of a place in no region any line tells what is known of its kind.
        var found = near.ToHashSet(StringComparer.Ordinal);
        return withoutRegion ? [.. sites.Sites.Where(s => found.Contains(s) || sites.PatchesOf(s).Any(p => p.RegionCode is null))] : near;
    }

    /// <summary>Whether lines of a kind were in force in a region on the same days before as after, at every tolerance of its patches.</summary>
    private static bool KnowsTheSame(ControlLineKind kind, Region region, PlanIndex before, PlanIndex index, double finest, double coarsest)
    {
        return Periods(before, finest) is var known && known.SetEquals(Periods(index, finest))
            && known.SetEquals(Periods(before, coarsest)) && known.SetEquals(Periods(index, coarsest));

        // A line that reaches in by more than the coarsest tolerance does by any: between two tolerances with the same periods all have them.
        HashSet<(DateOnly?, DateOnly?)> Periods(PlanIndex of, double tolerance) =>
            PeriodsOf(of.ControlLinesOf(kind, region, tolerance));
    }

    private static HashSet<(DateOnly?, DateOnly?)> PeriodsOf(IEnumerable<ControlLine> lines) => [.. lines.Select(l => (l.EffectiveFrom, l.EffectiveTo))];
}
