using Monitoring.Detection.Judgement;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Detection.Indicators;

/// <summary>Parts of a region that indicators ask about.</summary>
public enum Zone
{
    Region,
    RedLine,
    BasicFarmland,
    OutsideBoundary,
}

/// <summary>
/// A regular sample of a region: cells in degrees over its box, which of them lie in it and in its zones, and their weight. Shares of
/// weights times the region's geodesic area give areas. Immutable; thread-safe.
/// </summary>
public sealed class SampleGrid
{
    // Neighbours' outlines agree no better than the maps they were drawn on.
    private const double SliverMeters = 10;

    private readonly byte[] _zones;
    private readonly double[] _rowWeights;

    private SampleGrid(Region region, Bounds box, int width, int height, byte[] zones, bool boundaryKnown)
    {
        (Region, Width, Height, _zones, BoundaryKnown) = (region, width, height, zones, boundaryKnown);
        Transform = GeoTransform.NorthUp(box.MinX, box.MaxY, (box.MaxX - box.MinX) / width, (box.MaxY - box.MinY) / height);

        // On a sphere a cell's area goes with the cosine of its latitude; the ellipsoid changes the ratio within a region by less than 1e-4.
        _rowWeights = [.. Enumerable.Range(0, height).Select(r => Math.Cos(Transform.Apply(0, r + 0.5).Y * Math.PI / 180))];
    }

    public Region Region { get; }

    /// <summary>Cells west to east.</summary>
    public int Width { get; }

    /// <summary>Cells north to south.</summary>
    public int Height { get; }

    /// <summary>Cells row by row; from (column, row) to longitude and latitude.</summary>
    public GeoTransform Transform { get; }

    public int Count => Width * Height;

    /// <summary>Whether an urban development boundary is known in the region; without one nothing is outside of it.</summary>
    public bool BoundaryKnown { get; }

    /// <summary>The grid over a region with the control lines in force on a day.</summary>
    public static SampleGrid Of(Region region, PlanIndex index, DateOnly day, MeasureParameters parameters)
    {
        var box = region.Outline.Box;
        var plane = LocalPlane.At(box);
        var meters = plane.ToMeters(new GeometryFactory().ToGeometry(box)).EnvelopeInternal;
        var cell = Math.Max(parameters.MinCellMeters, Math.Sqrt(meters.Width * meters.Height / parameters.MaxCells));
        var (width, height) = (Math.Max(1, (int)(meters.Width / cell)), Math.Max(1, (int)(meters.Height / cell)));
        var bounds = new Bounds(box.MinX, box.MinY, box.MaxX, box.MaxY);
        var transform = GeoTransform.NorthUp(box.MinX, box.MaxY, (box.MaxX - box.MinX) / width, (box.MaxY - box.MinY) / height);
        var zones = Burn([region.Outline], width, height, transform, 1);
        var lines = index.InBox<ControlLine>(MapLayer.ControlLine, box).Where(l => l.InForceOn(day)).ToLookup(l => l.Kind, l => l.Outline);
        var red = Burn(lines[ControlLineKind.EcologicalProtectionRedLine], width, height, transform, 2);
        var farmland = Burn(lines[ControlLineKind.PermanentBasicFarmland], width, height, transform, 4);
        var urban = Burn(lines[ControlLineKind.UrbanDevelopmentBoundary], width, height, transform, 8);

        // A neighbour's boundary along the border is no boundary of this region.
        var boundaryKnown = index.ControlLinesOf(ControlLineKind.UrbanDevelopmentBoundary, region, SliverMeters).Any(l => l.InForceOn(day));
        for (var i = 0; i < zones.Length; i++)
        {
            zones[i] |= (byte)(red[i] | farmland[i] | (boundaryKnown && urban[i] == 0 ? 8 : 0));
        }

        return new(region, bounds, width, height, zones, boundaryKnown);
    }

    /// <summary>Whether a cell lies in the region and in a zone of it.</summary>
    public bool In(Zone zone, int cell) => (_zones[cell] & 1) != 0 && zone switch
    {
        Zone.RedLine => (_zones[cell] & 2) != 0,
        Zone.BasicFarmland => (_zones[cell] & 4) != 0,
        Zone.OutsideBoundary => (_zones[cell] & 8) != 0,
        _ => true,
    };

    public double WeightOf(int cell) => _rowWeights[cell / Width];

    private static byte[] Burn(IEnumerable<Outline> outlines, int width, int height, GeoTransform transform, byte value)
    {
        var grid = new byte[width * height];
        var writer = new WKBWriter();
        List<BurnShape> shapes = [.. outlines.Where(o => o.Shape is Polygon or MultiPolygon && !o.Shape.IsEmpty).Select(o => new BurnShape(writer.Write(o.Shape), value))];
        if (shapes.Count > 0)
        {
            LabelRaster.Burn(shapes, grid.AsSpan(), width, height, transform);
        }

        return grid;
    }
}
