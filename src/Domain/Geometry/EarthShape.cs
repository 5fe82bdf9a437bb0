using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Union;
using Shape = NetTopologySuite.Geometries.Geometry;

namespace Monitoring.Domain.Geometry;

/// <summary>
/// Shapes in degrees at the 180° meridian and the poles: shapes as RFC 7946 wants them (within ±180°, cut at the meridian, closed over the pole where
/// they hold one), and boxes of such shapes that run on over the meridian instead of around the earth. Pure functions.
/// </summary>
public static class EarthShape
{
    /// <summary>Square degrees below which a part is the dust of a cut: some 0.01 m².</summary>
    private const double LeastPart = 1e-12;

    /// <summary>A small shape whose longitudes are as a transformation gives them: beyond 180, or jumping from 180 to −180 between neighbours, which are close to each other.</summary>
    public static Shape Of(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);

        // What is small and yet wide on the map lies across the meridian or around a pole.
        if (shape.EnvelopeInternal is { MinX: >= -180, MaxX: <= 180, Width: < 180 })
        {
            return shape;
        }

        var parts = new List<Shape>();
        foreach (var polygon in PolygonExtracter.GetPolygons(shape).Cast<Polygon>())
        {
            var whole = Valid(Unrolled(polygon.ExteriorRing));
            foreach (var hole in polygon.InteriorRings)
            {
                whole = whole.Difference(Valid(Moved(Unrolled(hole), TurnsBetween(hole, whole.EnvelopeInternal))));
            }

            parts.Add(Cut(whole));
        }

        return parts.Count == 1 ? parts[0] : UnaryUnionOp.Union(parts);
    }

    /// <summary>A ring of vertices close to each other as a polygon whose longitudes run on without a jump, whatever they come to; closed over the pole where it goes once around.</summary>
    /// <param name="ring">Closed.</param>
    /// <returns>As valid as the ring is.</returns>
    public static Polygon Unrolled(LineString ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var points = ring.Coordinates;
        var run = new List<Coordinate>(points.Length + 3) { points[0].Copy() };
        for (var i = 1; i < points.Length; i++)
        {
            // A step of more than half a turn is the meridian between two neighbours.
            run.Add(new Coordinate(run[^1].X + Math.IEEERemainder(points[i].X - run[^1].X, 360), points[i].Y));
        }

        if (Math.Abs(run[^1].X - run[0].X) > 180)
        {
            // Once around: the pole is inside.
            var pole = points.Average(p => p.Y) > 0 ? 90 : -90;
            run.Add(new Coordinate(run[^1].X, pole));
            run.Add(new Coordinate(run[0].X, pole));
            run.Add(run[0].Copy());
        }
        else
        {
            run[^1] = run[0].Copy();
        }

        return ring.Factory.CreatePolygon([.. run]);
    }

    /// <summary>A valid shape whose longitudes run on, cut into its parts within ±180°.</summary>
    /// <param name="unrolled">Longitudes in [−900, 900].</param>
    public static Shape Cut(Shape unrolled)
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        var parts = new List<Shape>();
        for (var turn = -2; turn <= 2; turn++)
        {
            var cut = unrolled.Intersection(unrolled.Factory.ToGeometry(new Envelope((360 * turn) - 180, (360 * turn) + 180, -90, 90)));
            foreach (var part in PolygonExtracter.GetPolygons(cut).Cast<Polygon>().Where(p => p.Area > LeastPart))
            {
                parts.Add(Moved(part, -turn));
            }
        }

        // Where a ring around a pole begins and ends, two parts touch: they are one.
        return parts.Count == 1 ? parts[0] : UnaryUnionOp.Union(parts) ?? unrolled.Factory.CreatePolygon();
    }

    /// <summary>
    /// The narrowest box around a shape within ±180°. A shape cut at the meridian has one whose east is beyond 180, not one around the whole earth.
    /// </summary>
    public static Envelope BoxOf(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var plain = shape.EnvelopeInternal;
        if (plain.IsNull || plain.Width <= 180 || shape.NumGeometries < 2)
        {
            return plain.Copy();
        }

        // The parts in the west come after those in the east.
        var over = new Envelope();
        for (var i = 0; i < shape.NumGeometries; i++)
        {
            var part = shape.GetGeometryN(i).EnvelopeInternal;
            over.ExpandToInclude(part.MaxX <= 0 ? new Envelope(part.MinX + 360, part.MaxX + 360, part.MinY, part.MaxY) : part);
        }

        return over.Width < plain.Width ? over : plain.Copy();
    }

    /// <summary>The same box as one or two that lie within ±180°, as stores of boxes know them.</summary>
    public static IReadOnlyList<Envelope> BoxesOf(Shape shape) => BoxOf(shape) is { MaxX: > 180 } over
        ? [new Envelope(over.MinX, 180, over.MinY, over.MaxY), new Envelope(-180, over.MaxX - 360, over.MinY, over.MaxY)]
        : [shape.EnvelopeInternal.Copy()];

    /// <summary>Square degrees that two boxes of <see cref="BoxOf"/> have in common, on whichever side of the meridian each was begun.</summary>
    public static double CommonArea(Envelope a, Envelope b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var most = 0.0;
        for (var turn = -1; turn <= 1 && !b.IsNull; turn++)
        {
            most = Math.Max(most, a.Intersection(new Envelope(b.MinX + (360 * turn), b.MaxX + (360 * turn), b.MinY, b.MaxY)).Area);
        }

        return most;
    }

    private static Shape Valid(Polygon polygon) => polygon.IsValid ? polygon : GeometryFixer.Fix(polygon);

    /// <summary>Whole turns that bring a hole among the longitudes of what it is in.</summary>
    private static double TurnsBetween(LineString hole, Envelope within)
    {
        var box = Unrolled(hole).EnvelopeInternal;
        return Math.Round((((within.MinX + within.MaxX) / 2) - ((box.MinX + box.MaxX) / 2)) / 360);
    }

    /// <summary>Moved by whole turns; what then lies within rounding of ±180° lies on it.</summary>
    private static Polygon Moved(Polygon part, double turns)
    {
        return part.Factory.CreatePolygon(Ring(part.ExteriorRing), [.. part.InteriorRings.Select(Ring)]);

        LinearRing Ring(LineString ring) => part.Factory.CreateLinearRing([.. ring.Coordinates.Select(c => new Coordinate(Rounded(c.X + (360 * turns)), c.Y))]);

        static double Rounded(double longitude) => Math.Abs(Math.Abs(longitude) - 180) < 1e-9 ? Math.CopySign(180, longitude) : longitude;
    }
}
