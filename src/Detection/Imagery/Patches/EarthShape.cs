using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Shapes in degrees as RFC 7946 wants them: within ±180°, cut at the 180° meridian, closed over the pole where they hold one.</summary>
internal static class EarthShape
{
    /// <summary>Longitudes as a transformation gives them: beyond 180 or jumping from 180 to −180 between neighbours, which are close to each other.</summary>
    public static Geometry Of(Geometry shape)
    {
        // A patch is small: what is wide on the map lies across the meridian or around a pole.
        if (shape.EnvelopeInternal is { MinX: >= -180, MaxX: <= 180, Width: < 180 })
        {
            return shape;
        }

        var factory = shape.Factory;
        var parts = new List<Geometry>();
        foreach (var polygon in PolygonExtracter.GetPolygons(shape).Cast<Polygon>())
        {
            var whole = Unrolled(polygon.ExteriorRing, null, factory);
            foreach (var hole in polygon.InteriorRings)
            {
                whole = whole.Difference(Unrolled(hole, whole.EnvelopeInternal, factory));
            }

            for (var turn = -2; turn <= 2; turn++)
            {
                var cut = whole.Intersection(factory.ToGeometry(new Envelope((360 * turn) - 180, (360 * turn) + 180, -90, 90)));
                foreach (var part in PolygonExtracter.GetPolygons(cut).Cast<Polygon>().Where(p => p.Area > 0))
                {
                    parts.Add(Moved(part, -360 * turn));
                }
            }
        }

        // Where a ring around a pole begins and ends, two parts touch: they are one.
        return parts.Count == 1 ? parts[0] : NetTopologySuite.Operation.Union.UnaryUnionOp.Union(parts);
    }

    /// <summary>A ring as a polygon whose longitudes run on without a jump.</summary>
    /// <param name="within">Longitudes that it must lie among, or null.</param>
    private static Geometry Unrolled(LineString ring, Envelope? within, GeometryFactory factory)
    {
        var points = ring.Coordinates;
        var run = new List<Coordinate>(points.Length + 3) { points[0].Copy() };
        for (var i = 1; i < points.Length; i++)
        {
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

        if (within is not null)
        {
            var middle = (run.Min(p => p.X) + run.Max(p => p.X)) / 2;
            var move = 360 * Math.Round((((within.MinX + within.MaxX) / 2) - middle) / 360);
            run.ForEach(p => p.X += move);
        }

        Geometry polygon = factory.CreatePolygon([.. run]);
        return polygon.IsValid ? polygon : GeometryFixer.Fix(polygon);
    }

    private static Polygon Moved(Polygon part, double degrees)
    {
        return part.Factory.CreatePolygon(Ring(part.ExteriorRing), [.. part.InteriorRings.Select(Ring)]);

        LinearRing Ring(LineString ring) => part.Factory.CreateLinearRing([.. ring.Coordinates.Select(c => new Coordinate(Math.Clamp(c.X + degrees, -180, 180), c.Y))]);
    }
}
