using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>Quick answers about polygons of few corners, as most parcels, permits and patches are.</summary>
internal static class SimpleShapes
{
    private const int FewEdges = 48;

    /// <summary>True only for one ring of few corners of which no two edges touch but neighbours at their common corner: then it is valid. False says nothing.</summary>
    public static bool IsSimple(Geometry shape) => RingOf(shape, null) is not null;

    /// <summary>The ring of a shape for which <see cref="IsSimple(Geometry)"/> holds, else null.</summary>
    /// <param name="plane">Where the shape is in degrees: the plane to lay it out in.</param>
    public static FlatRing? RingOf(Geometry shape, LocalPlane? plane)
    {
        if (shape is not Polygon { IsEmpty: false, NumInteriorRings: 0 } polygon)
        {
            return null;
        }

        var places = polygon.ExteriorRing.CoordinateSequence;
        var count = places.Count;
        if (count < 4 || count > FewEdges + 1)
        {
            return null;
        }

        var (x, y) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            (x[i], y[i]) = plane is null ? (places.GetX(i), places.GetY(i)) : plane.ToMeters(places.GetX(i), places.GetY(i));
        }

        var ring = new FlatRing(x, y);
        return IsSimple(ring) ? ring : null;
    }

    private static bool IsSimple(FlatRing ring)
    {
        var edges = ring.Edges;
        var x = ring.X;
        var y = ring.Y;
        for (var i = 0; i < edges; i++)
        {
            if (x[i].Equals(x[i + 1]) && y[i].Equals(y[i + 1]))
            {
                return false;
            }

            var next = i + 2 > edges ? 1 : i + 2;
            if (Turn(x, y, i, i + 1, next) == 0 && ((x[i + 1] - x[i]) * (x[next] - x[i + 1])) + ((y[i + 1] - y[i]) * (y[next] - y[i + 1])) < 0)
            {
                return false;
            }

            for (var j = i + 2; j < edges; j++)
            {
                if ((i != 0 || j != edges - 1) && Touch(x, y, i, j))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Touch(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int i, int j)
    {
        if (Math.Max(x[i], x[i + 1]) < Math.Min(x[j], x[j + 1]) || Math.Max(x[j], x[j + 1]) < Math.Min(x[i], x[i + 1])
            || Math.Max(y[i], y[i + 1]) < Math.Min(y[j], y[j + 1]) || Math.Max(y[j], y[j + 1]) < Math.Min(y[i], y[i + 1]))
        {
            return false;
        }

        return Turn(x, y, i, i + 1, j) * Turn(x, y, i, i + 1, j + 1) <= 0 && Turn(x, y, j, j + 1, i) * Turn(x, y, j, j + 1, i + 1) <= 0;
    }

    private static int Turn(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int a, int b, int c) =>
        CGAlgorithmsDD.OrientationIndex(x[a], y[a], x[b], y[b], x[c], y[c]);
}
