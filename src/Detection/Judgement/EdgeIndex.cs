using System.Runtime.CompilerServices;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The edges of polygons in degrees, found by place, so that a line of a hundred thousand corners costs a patch only the edges around it. Kept as
/// long as the shape lives. Immutable; thread-safe.
/// </summary>
internal sealed class EdgeIndex
{
    /// <summary>Neighbours along a ring in one box: about 20 bytes an edge beside its ends.</summary>
    private const int Run = 4;

    private static readonly ConditionalWeakTable<Geometry, EdgeIndex> Known = [];

    /// <summary>Ends of edges, one ring after the other: the edge at i runs from place i to place i + 1.</summary>
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly PackedBoxes _boxes;

    /// <summary>First edge and number of edges of each box; the sign of a run is that of its ring.</summary>
    private readonly (int First, short Count, sbyte Sign)[] _runs;

    private EdgeIndex(Geometry shape)
    {
        // A valid polygon's edges do not cross: only then does the ground under edges add up to its area.
        IsValid = shape.IsValid;
        (_x, _y) = (new double[shape.NumPoints], new double[shape.NumPoints]);
        List<(int, short, sbyte)> runs = [];
        List<Envelope> boxes = [];
        var at = 0;
        for (var part = 0; part < shape.NumGeometries; part++)
        {
            if (shape.GetGeometryN(part) is not Polygon { IsEmpty: false } polygon)
            {
                continue;
            }

            Add(polygon.ExteriorRing.CoordinateSequence, 1);
            for (var hole = 0; hole < polygon.NumInteriorRings; hole++)
            {
                Add(polygon.GetInteriorRingN(hole).CoordinateSequence, -1);
            }
        }

        _runs = [.. runs];
        _boxes = new PackedBoxes(boxes);

        void Add(CoordinateSequence ring, int sign)
        {
            var (first, turn) = (at, 0.0);
            for (var i = 0; i < ring.Count; i++, at++)
            {
                (_x[at], _y[at]) = (ring.GetX(i), ring.GetY(i));
                turn += at > first ? (_x[at] - _x[at - 1]) * (_y[at] - _y[first] + _y[at - 1] - _y[first]) : 0;
            }

            // Clockwise, the polygon lies below edges that run to the right.
            var own = (sbyte)(turn < 0 ? -sign : sign);
            for (var e = first; e < at - 1; e += Run)
            {
                var count = Math.Min(Run, at - 1 - e);
                var box = new Envelope();
                for (var i = e; i <= e + count; i++)
                {
                    box.ExpandToInclude(_x[i], _y[i]);
                }

                runs.Add((e, (short)count, own));
                boxes.Add(box);
            }
        }
    }

    /// <param name="shape">Polygon or polygons.</param>
    public static EdgeIndex Of(Geometry shape) => Known.GetValue(shape, s => new EdgeIndex(s));

    public bool IsValid { get; }

    /// <summary>An edge whose box meets a box; <paramref name="Sign"/> is 1 where the polygon lies below it as it runs to the right.</summary>
    public readonly record struct Found(double X0, double Y0, double X1, double Y1, int Sign);

    /// <summary>Appends the edges whose boxes meet a box.</summary>
    public void Find(double minX, double maxX, double minY, double maxY, List<Found> found)
    {
        var runs = Scratch;
        runs.Clear();
        _boxes.Find(minX, minY, maxX, maxY, runs);
        foreach (var run in runs)
        {
            var (first, count, sign) = _runs[run];
            for (var i = first; i < first + count; i++)
            {
                if (Math.Max(_x[i], _x[i + 1]) >= minX && Math.Min(_x[i], _x[i + 1]) <= maxX && Math.Max(_y[i], _y[i + 1]) >= minY && Math.Min(_y[i], _y[i + 1]) <= maxY)
                {
                    found.Add(new(_x[i], _y[i], _x[i + 1], _y[i + 1], sign));
                }
            }
        }
    }

    /// <summary>Whether a place lies inside; one on an edge may be said to be either.</summary>
    public bool Holds(double x, double y)
    {
        var runs = Scratch;
        runs.Clear();
        _boxes.Find(x, y, double.PositiveInfinity, y, runs);
        var inside = false;
        foreach (var run in runs)
        {
            var (first, count, _) = _runs[run];
            for (var i = first; i < first + count; i++)
            {
                if (_y[i] > y != _y[i + 1] > y && x < _x[i] + ((y - _y[i]) / (_y[i + 1] - _y[i]) * (_x[i + 1] - _x[i])))
                {
                    inside = !inside;
                }
            }
        }

        return inside;
    }

    [ThreadStatic]
    private static List<int>? _scratch;

    private static List<int> Scratch => _scratch ??= [];
}
