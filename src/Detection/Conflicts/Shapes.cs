using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.Buffer;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Conflicts;

/// <summary>Overlays in a plane that always give an answer, and true measures on the ellipsoid.</summary>
internal static class Shapes
{
    /// <summary>Sides of a quarter circle: areas of round ends are right to 0.2 %.</summary>
    private const int QuarterSides = 16;

    /// <summary>Of an area.</summary>
    private const double RoundingShare = 1e-4;

    public static Geometry Common(Geometry a, Geometry b) =>
        a.IsEmpty || b.IsEmpty || !a.EnvelopeInternal.Intersects(b.EnvelopeInternal) ? Nothing(a) : OverlayNGRobust.Overlay(a, b, SpatialFunction.Intersection);

    public static Geometry Without(Geometry a, Geometry b) =>
        a.IsEmpty || b.IsEmpty || !a.EnvelopeInternal.Intersects(b.EnvelopeInternal) ? a : OverlayNGRobust.Overlay(a, b, SpatialFunction.Difference);

    public static Geometry Union(IReadOnlyCollection<Geometry> all, GeometryFactory factory) => all.Count switch
    {
        0 => factory.CreatePolygon(),
        1 => all.First(),
        _ => OverlayNGRobust.Union(all),
    };

    public static Geometry Grow(Geometry shape, double meters, bool flatEnds = false) => meters <= 0 && shape.Dimension == Dimension.Surface
        ? shape
        : shape.Buffer(meters, new BufferParameters(QuarterSides, flatEnds ? EndCapStyle.Flat : EndCapStyle.Round, JoinStyle.Round, BufferParameters.DefaultMitreLimit));

    /// <summary>The polygons of a geometry alone.</summary>
    public static Geometry Areas(Geometry geometry)
    {
        if (geometry is Polygon or MultiPolygon)
        {
            return geometry;
        }

        Polygon[] polygons = [.. PolygonExtracter.GetPolygons(geometry).Cast<Polygon>().Where(p => !p.IsEmpty)];
        return polygons.Length == 1 ? polygons[0] : geometry.Factory.CreateMultiPolygon(polygons);
    }

    /// <summary>The lines of a geometry alone.</summary>
    public static Geometry Lines(Geometry geometry)
    {
        if (geometry is LineString or MultiLineString)
        {
            return geometry;
        }

        LineString[] lines = [.. LineStringExtracter.GetLines(geometry).Cast<LineString>().Where(l => !l.IsEmpty)];
        return lines.Length == 1 ? lines[0] : geometry.Factory.CreateMultiLineString(lines);
    }

    /// <summary>Parts that are no slivers: at least an area, and a mean width (twice the area over the perimeter).</summary>
    public static Geometry Telling(Geometry geometry, double minArea, double minWidth)
    {
        Polygon[] parts = [.. PolygonExtracter.GetPolygons(geometry).Cast<Polygon>().Where(p => p.Area > 0 && p.Area >= minArea && 2 * p.Area >= minWidth * p.Length)];
        return parts.Length == 1 ? parts[0] : geometry.Factory.CreateMultiPolygon(parts);
    }

    /// <summary>An area whose rings cross by what moving it between coordinate systems rounds off, without that; any other as it is.</summary>
    public static Geometry Sound(Geometry geometry) => geometry.Dimension is Dimension.Surface && !geometry.IsValid ? GeometryFixer.Fix(geometry) : geometry;

    /// <summary>True for an area whose rings cross by more than rounding.</summary>
    public static bool IsCrossed(Geometry geometry) =>
        geometry.Dimension is Dimension.Surface && !geometry.IsValid && !(Math.Abs(GeometryFixer.Fix(geometry).Area - geometry.Area) <= RoundingShare * geometry.Area);

    public static Geometry Nothing(Geometry of) => of.Factory.CreatePolygon();

    /// <summary>Geodesic m² of a geometry in degrees.</summary>
    public static double AreaOf(Geometry lonLat) => lonLat.IsEmpty || lonLat.Dimension != Dimension.Surface ? 0 : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(lonLat)).Area;

    /// <summary>Geodesic m of a line in degrees; 0 for anything else.</summary>
    public static double LengthOf(Geometry lonLat) => lonLat.IsEmpty || lonLat.Dimension != Dimension.Curve ? 0 : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(lonLat)).Length;
}
