using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>Quick answers about polygons of few corners, as most parcels, permits and patches are.</summary>
internal static class SimpleShapes
{
    private const int FewPoints = 48;

    /// <summary>True only for one ring of few corners of which no two edges touch but neighbours at their common corner: then it is valid. False says nothing.</summary>
    public static bool IsSimple(Geometry shape)
    {
        if (shape is not Polygon { IsEmpty: false, NumInteriorRings: 0 } polygon)
        {
            return false;
        }

        var ring = polygon.ExteriorRing.CoordinateSequence;
        var edges = ring.Count - 1;
        if (edges < 3 || edges > FewPoints)
        {
            return false;
        }

        for (var i = 0; i < edges; i++)
        {
            if (ring.GetX(i).Equals(ring.GetX(i + 1)) && ring.GetY(i).Equals(ring.GetY(i + 1)))
            {
                return false;
            }

            var next = i + 2 > edges ? 1 : i + 2;
            if (Turn(ring, i, i + 1, next) == 0 && Backwards(ring, i, i + 1, next))
            {
                return false;
            }

            for (var j = i + 2; j < edges; j++)
            {
                if ((i != 0 || j != edges - 1) && Touch(ring, i, j))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a valid polygon without holes is convex.</summary>
    public static bool IsConvex(Polygon polygon)
    {
        var ring = polygon.ExteriorRing.CoordinateSequence;
        var edges = ring.Count - 1;
        var sense = 0;
        for (var i = 0; i < edges; i++)
        {
            var turn = Turn(ring, i, i + 1, i + 2 > edges ? 1 : i + 2);
            if (turn != 0 && sense != 0 && turn != sense)
            {
                return false;
            }

            sense = turn != 0 ? turn : sense;
        }

        return sense != 0;
    }

    /// <summary>Whether a place lies in a convex polygon or no further from it than a distance.</summary>
    public static bool IsWithin(Polygon convex, double x, double y, double distance)
    {
        var ring = convex.ExteriorRing.CoordinateSequence;
        var (left, right, nearest) = (false, false, double.PositiveInfinity);
        for (var i = 1; i < ring.Count; i++)
        {
            var (ax, ay) = (ring.GetX(i - 1), ring.GetY(i - 1));
            var (dx, dy) = (ring.GetX(i) - ax, ring.GetY(i) - ay);
            var length = (dx * dx) + (dy * dy);
            var (px, py) = (x - ax, y - ay);
            var side = (dx * py) - (dy * px);
            (left, right) = (left || side > 0, right || side < 0);
            var along = length > 0 ? Math.Clamp(((px * dx) + (py * dy)) / length, 0, 1) : 0;
            var (ox, oy) = (px - (along * dx), py - (along * dy));
            nearest = Math.Min(nearest, (ox * ox) + (oy * oy));
        }

        return !(left && right) || nearest <= distance * distance;
    }

    private static bool Touch(CoordinateSequence ring, int i, int j)
    {
        if (Math.Max(ring.GetX(i), ring.GetX(i + 1)) < Math.Min(ring.GetX(j), ring.GetX(j + 1))
            || Math.Max(ring.GetX(j), ring.GetX(j + 1)) < Math.Min(ring.GetX(i), ring.GetX(i + 1))
            || Math.Max(ring.GetY(i), ring.GetY(i + 1)) < Math.Min(ring.GetY(j), ring.GetY(j + 1))
            || Math.Max(ring.GetY(j), ring.GetY(j + 1)) < Math.Min(ring.GetY(i), ring.GetY(i + 1)))
        {
            return false;
        }

        return Turn(ring, i, i + 1, j) * Turn(ring, i, i + 1, j + 1) <= 0 && Turn(ring, j, j + 1, i) * Turn(ring, j, j + 1, i + 1) <= 0;
    }

    private static int Turn(CoordinateSequence ring, int a, int b, int c) =>
        CGAlgorithmsDD.OrientationIndex(ring.GetX(a), ring.GetY(a), ring.GetX(b), ring.GetY(b), ring.GetX(c), ring.GetY(c));

    private static bool Backwards(CoordinateSequence ring, int a, int b, int c) =>
        ((ring.GetX(b) - ring.GetX(a)) * (ring.GetX(c) - ring.GetX(b))) + ((ring.GetY(b) - ring.GetY(a)) * (ring.GetY(c) - ring.GetY(b))) < 0;
}
