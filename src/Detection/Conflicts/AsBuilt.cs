using Monitoring.Detection.Judgement;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Conflicts;

/// <summary>
/// Buildings of a city model against outlines as built, from any layer of polygons: each outline goes to the building that it overlaps most. Areas are geodesic; heights are compared where
/// both state <c>height_m</c>. Pure; thread-safe.
/// </summary>
public static class AsBuilt
{
    /// <summary>Area that differs by less than this share, and lies outside by less, is equal: how well outlines are drawn.</summary>
    private const double EqualShare = 0.02;

    /// <summary>m; heights that differ by less are equal.</summary>
    private const double EqualHeight = 0.5;

    /// <summary>Share of an outline that must lie on a building for the two to belong together.</summary>
    private const double LeastShare = 0.1;

    /// <summary>One row for each building, and for each outline that stands on none, by id.</summary>
    public static IReadOnlyList<AsBuiltComparison> Compare(IReadOnlyList<PlanFeature> model, IReadOnlyList<MapFeature> built, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(built);
        var box = new Envelope();
        foreach (var feature in model.Concat(built))
        {
            box.ExpandToInclude(feature.Outline.Box);
        }

        if (box.IsNull)
        {
            return [];
        }

        var plane = LocalPlane.At(box);
        var buildings = model.OrderBy(m => m.Id, StringComparer.Ordinal).Select(m => (Feature: m, Shape: Shapes.Areas(Shapes.Sound(plane.ToMeters(m.Outline.Shape))))).ToList();
        var tree = new STRtree<int>();
        for (var i = 0; i < buildings.Count; i++)
        {
            tree.Insert(buildings[i].Shape.EnvelopeInternal, i);
        }

        var mine = buildings.Select(_ => new List<(MapFeature Feature, Geometry Shape)>()).ToList();
        var rows = new List<AsBuiltComparison>();
        foreach (var outline in built.OrderBy(b => b.Id, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var shape = Shapes.Areas(Shapes.Sound(plane.ToMeters(outline.Outline.Shape)));
            var best = tree.Query(shape.EnvelopeInternal).Order()
                .Select(i => (Index: i, Shapes.Common(buildings[i].Shape, shape).Area))
                .Where(b => b.Area > LeastShare * Math.Min(shape.Area, buildings[b.Index].Shape.Area))
                .OrderByDescending(b => b.Area).ThenBy(b => b.Index).Select(b => (int?)b.Index).FirstOrDefault();
            if (best is { } index)
            {
                mine[index].Add((outline, shape));
            }
            else
            {
                rows.Add(new AsBuiltComparison(null, outline.Id, 0, outline.Outline.AreaSquareMeters, outline.Outline.AreaSquareMeters, outline.Outline.AreaSquareMeters, 1, null, "unplanned")
                { Outside = outline.Outline.Shape });
            }
        }

        for (var i = 0; i < buildings.Count; i++)
        {
            rows.Add(Row(buildings[i].Feature, buildings[i].Shape, mine[i], plane));
        }

        return [.. rows.OrderBy(r => r.ModelId ?? r.BuiltId, StringComparer.Ordinal).ThenBy(r => r.BuiltId, StringComparer.Ordinal)];
    }

    private static AsBuiltComparison Row(PlanFeature model, Geometry shape, List<(MapFeature Feature, Geometry Shape)> built, LocalPlane plane)
    {
        var area = model.Outline.AreaSquareMeters;
        if (built.Count == 0)
        {
            return new AsBuiltComparison(model.Id, null, area, 0, -area, 0, 0, null, "missing");
        }

        var whole = Shapes.Areas(Shapes.Union([.. built.Select(b => b.Shape)], shape.Factory));
        var outside = plane.ToDegrees(Shapes.Areas(Shapes.Without(whole, shape)));
        var (there, over) = (Shapes.AreaOf(plane.ToDegrees(whole)), Shapes.AreaOf(outside));
        var height = built.Select(b => HeightOf(b.Feature)).Max() - HeightOf(model);
        var share = there > 0 ? over / there : 0;
        var equal = Math.Abs(there - area) <= EqualShare * area && share <= EqualShare && !(Math.Abs(height ?? 0) > EqualHeight);
        return new AsBuiltComparison(model.Id, string.Join("+", built.Select(b => b.Feature.Id)), area, there, there - area, over, share, height, equal ? "equal" : "differs")
        { Outside = outside.IsEmpty ? null : outside };
    }

    /// <summary>Of a building, or of an outline from any layer that has a column of that name.</summary>
    private static double? HeightOf(MapFeature feature) =>
        (feature as PlanFeature)?.Number("height_m")
        ?? (feature.SourceFields.TryGetValue("height_m", out var text) && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var height) ? height : null);
}
