using Monitoring.FirmwareSim.Chance;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Union;
using NetTopologySuite.Simplify;
using NetTopologySuite.Triangulate;

namespace Monitoring.FirmwareSim.World;

/// <summary>A township or the county itself, in local metres.</summary>
public sealed record Division(string Code, string Name, string NameEn, Geometry Shape);

/// <summary>The county's boundary, its townships and the three control lines, all in local metres.</summary>
internal sealed class Zones
{
    /// <summary>No real county begins with 99: the codes are well formed and plainly fictional.</summary>
    public const string CountyCode = "998421";

    private static readonly GeometryFactory Factory = new();

    public Zones(Dice dice, Layout layout, TownPainter built)
    {
        Boundary = MakeBoundary(dice.For("boundary"), layout);
        Divisions = MakeDivisions(layout);
        var towns = layout.Towns.Select(t => (Geometry)Ring(72, a =>
        {
            var r = t.RadiusAt(a) * (layout.Small ? 1.5 : 1.28) + 60;
            return (t.X + r * Math.Cos(a), t.Y + r * Math.Sin(a));
        }));
        var urban = UnaryUnionOp.Union([.. towns, Shape(layout.Industry, layout.Small ? 200 : 330)]);
        var river = Corridor(layout);
        UrbanBoundary = Inside(urban.Difference(river.Buffer(-40)), 8);
        var hills = Hills(layout, 9);
        RedLine = Inside(river.Union(hills).Difference(UrbanBoundary.Buffer(15)), 6);
        BasicFarmland = MakeFarmland(layout, built);
    }

    public Geometry Boundary { get; }

    public IReadOnlyList<Division> Divisions { get; }

    public Geometry UrbanBoundary { get; }

    public Geometry RedLine { get; }

    /// <summary>One geometry a field region.</summary>
    public IReadOnlyList<Polygon> BasicFarmland { get; }

    /// <summary>The Voronoi cells of the field regions, for parcels.</summary>
    public IReadOnlyList<(FieldRegion Region, Geometry Cell)> Cells { get; private set; } = [];

    public static Polygon Shape(Box box, double margin = 0) => Ring(box.Corners(margin));

    public static Polygon Ring(IReadOnlyList<(double X, double Y)> corners)
    {
        var ring = corners.Select(c => new Coordinate(c.X, c.Y)).ToList();
        ring.Add(ring[0].Copy());
        return Factory.CreatePolygon([.. ring]);
    }

    private static Polygon Ring(int count, Func<double, (double X, double Y)> at) =>
        Ring([.. Enumerable.Range(0, count).Select(i => at(i * 2 * Math.PI / count))]);

    private static Polygon MakeBoundary(Dice dice, Layout layout)
    {
        var inset = layout.Small ? 60.0 : 220.0;
        var noise = new ValueNoise(dice);
        return Ring(120, a =>
        {
            // A superellipse: a rectangle with rounded corners and a wavering edge.
            double c = Math.Cos(a), s = Math.Sin(a);
            var r = Math.Pow(Math.Pow(Math.Abs(c), 9) + Math.Pow(Math.Abs(s), 9), -1 / 9.0);
            var waver = 1 - 0.018 * (1 + noise.Octaves(c * 6 + 20, s * 6 + 20, 3));
            return (layout.Width / 2 + (layout.Width / 2 - inset) * r * c * waver, layout.Height / 2 + (layout.Height / 2 - inset) * r * s * waver);
        });
    }

    private List<Division> MakeDivisions(Layout layout)
    {
        var list = new List<Division> { new(CountyCode, "云泽县", "Yunze County", Boundary) };
        var builder = new VoronoiDiagramBuilder { ClipEnvelope = Boundary.EnvelopeInternal };
        builder.SetSites(layout.Towns.Select(t => new Coordinate(t.X, t.Y)).ToList());
        var cells = builder.GetDiagram(Factory);
        for (var i = 0; i < layout.Towns.Count; i++)
        {
            var town = layout.Towns[i];
            var centre = Factory.CreatePoint(new Coordinate(town.X, town.Y));
            var cell = cells.Geometries.Single(c => c.Contains(centre));
            list.Add(new Division($"{CountyCode}{101 + i:000}", town.Name, town.NameEn, cell.Intersection(Boundary)));
        }

        return list;
    }

    private static Geometry Corridor(Layout layout)
    {
        var from = layout.Small ? 0.42 : 0.5;
        var line = Enumerable.Range(0, 81).Select(i => from + (1 - from) * i / 80.0)
            .Select(t => new Coordinate(t * layout.Width, layout.RiverY(t * layout.Width)));
        return Factory.CreateLineString([.. line]).Buffer(layout.RiverHalfWidth + (layout.Small ? 120 : 230));
    }

    private static Geometry Hills(Layout layout, double above)
    {
        var squares = new List<Geometry>();
        var step = layout.Small ? 40.0 : 80.0;
        for (var y = 0.0; y < layout.Height; y += step)
            for (var x = 0.0; x < layout.Width; x += step)
                if (layout.Relief(x + step / 2, y + step / 2) > above)
                    squares.Add(Factory.ToGeometry(new Envelope(x, x + step, y, y + step)));
        return squares.Count == 0 ? Factory.CreatePolygon() : UnaryUnionOp.Union(squares).Buffer(step * 0.8).Buffer(-step);
    }

    private List<Polygon> MakeFarmland(Layout layout, TownPainter built)
    {
        var builder = new VoronoiDiagramBuilder { ClipEnvelope = new Envelope(0, layout.Width, 0, layout.Height) };
        builder.SetSites(layout.AllRegions.Select(r => new Coordinate(r.X, r.Y)).ToList());
        var regions = layout.AllRegions.ToDictionary(r => new Coordinate(r.X, r.Y));
        var cells = new List<(FieldRegion, Geometry)>();
        foreach (var cell in builder.GetSubdivision().GetVoronoiCellPolygons(Factory))
        {
            var clipped = cell.Intersection(Boundary);
            if (!clipped.IsEmpty && regions.TryGetValue((Coordinate)cell.UserData, out var region)) cells.Add((region, clipped));
        }

        Cells = [.. cells.OrderBy(c => c.Item1.Row).ThenBy(c => c.Item1.Column)];
        var kept = UnaryUnionOp.Union(
        [
            UrbanBoundary.Buffer(60), RedLine.Buffer(20), Hills(layout, 2).Buffer(40),
            .. built.Roads.Select(r => Factory.CreateLineString([.. r.Line.Select(p => new Coordinate(p.X, p.Y))]).Buffer(r.Width / 2 + 25)),
            .. built.Villages.Select(v => (Geometry)Shape(v, 35)),
            Factory.CreateLineString([.. Enumerable.Range(0, 121).Select(i => i / 120.0 * layout.Width).Select(x => new Coordinate(x, layout.RiverY(x)))])
                .Buffer(layout.RiverHalfWidth * 1.4 + 60),
        ]);
        var result = new List<Polygon>();
        foreach (var (region, cell) in Cells)
        {
            if (!region.Protected) continue;
            foreach (var part in Tidy(cell.Buffer(-24).Difference(kept), 4).Flatten())
                if (part.Area > 10_000) result.Add(part);
        }

        return result;
    }

    private Geometry Inside(Geometry geometry, double meters) => OverlayTidy(Tidy(geometry, meters).Intersection(Boundary));

    private static Geometry Tidy(Geometry geometry, double meters) =>
        OverlayTidy(DouglasPeuckerSimplifier.Simplify(geometry, meters).Buffer(0));

    private static Geometry OverlayTidy(Geometry geometry)
    {
        var parts = geometry.Flatten().Where(p => p.Area > 400).ToArray();
        return parts.Length == 1 ? parts[0] : Factory.CreateMultiPolygon(parts);
    }
}

internal static class GeometryParts
{
    /// <summary>The polygons of a geometry of any kind; lines and points are left out.</summary>
    public static IEnumerable<Polygon> Flatten(this Geometry geometry)
    {
        for (var i = 0; i < geometry.NumGeometries; i++)
            switch (geometry.GetGeometryN(i))
            {
                case Polygon { IsEmpty: false } p:
                    yield return p;
                    break;
                case GeometryCollection c:
                    foreach (var p in c.Flatten()) yield return p;
                    break;
            }
    }
}
