using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>One closed ring of few corners in a plane, as plain numbers: what most parcels, permits and patches are. Immutable; thread-safe.</summary>
internal sealed class FlatRing
{
    /// <summary>As the buffers of the overlay library are drawn: chords to a quarter of a circle.</summary>
    private const int ChordsInQuarter = 8;

    /// <summary>The chords of a corner drawn by <see cref="Grown"/> come short of its arc by less than this share of the distance.</summary>
    public const double ChordShare = 0.0112;

    private readonly double[] _x;
    private readonly double[] _y;

    /// <param name="x">Closed: the last place is the first. Kept, not copied.</param>
    /// <param name="y">As many.</param>
    public FlatRing(double[] x, double[] y)
    {
        (_x, _y) = (x, y);
        (MinX, MaxX, MinY, MaxY) = (double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 1; i < x.Length; i++)
        {
            MinX = Math.Min(MinX, x[i]);
            MaxX = Math.Max(MaxX, x[i]);
            MinY = Math.Min(MinY, y[i]);
            MaxY = Math.Max(MaxY, y[i]);
        }
    }

    public double MinX { get; }

    public double MaxX { get; }

    public double MinY { get; }

    public double MaxY { get; }

    public int Edges => _x.Length - 1;

    public ReadOnlySpan<double> X => _x;

    public ReadOnlySpan<double> Y => _y;

    public static FlatRing Of(CoordinateSequence ring)
    {
        var (x, y) = (new double[ring.Count], new double[ring.Count]);
        for (var i = 0; i < x.Length; i++)
        {
            (x[i], y[i]) = (ring.GetX(i), ring.GetY(i));
        }

        return new(x, y);
    }

    public Polygon ToPolygon(GeometryFactory factory)
    {
        var places = new Coordinate[_x.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = new(_x[i], _y[i]);
        }

        places[^1] = places[0].Copy();
        return factory.CreatePolygon(places);
    }

    /// <summary>Distance between the boxes of two rings, 0 where they meet.</summary>
    public double BoxDistance(double minX, double maxX, double minY, double maxY)
    {
        var (dx, dy) = (Math.Max(0, Math.Max(minX - MaxX, MinX - maxX)), Math.Max(0, Math.Max(minY - MaxY, MinY - maxY)));
        return Math.Sqrt((dx * dx) + (dy * dy));
    }

    /// <summary>Whether the ring, which does not cross itself, is convex.</summary>
    public bool IsConvex()
    {
        var sense = 0;
        for (var i = 0; i < Edges; i++)
        {
            var next = i + 2 > Edges ? 1 : i + 2;
            var turn = CGAlgorithmsDD.OrientationIndex(_x[i], _y[i], _x[i + 1], _y[i + 1], _x[next], _y[next]);
            if (turn != 0 && sense != 0 && turn != sense)
            {
                return false;
            }

            sense = turn != 0 ? turn : sense;
        }

        return sense != 0;
    }

    /// <summary>Area, positive where it runs counter-clockwise.</summary>
    public double SignedArea()
    {
        var twice = 0.0;
        for (var i = 1; i < _x.Length; i++)
        {
            twice += (_x[i - 1] - _x[0]) * (_y[i] - _y[0]) - ((_x[i] - _x[0]) * (_y[i - 1] - _y[0]));
        }

        return twice / 2;
    }

    /// <summary>Distance from a place to the ring's edges.</summary>
    public double DistanceTo(double x, double y) => DistanceTo(x, y, out _, out _);

    /// <param name="atX">The place on an edge that is nearest.</param>
    public double DistanceTo(double x, double y, out double atX, out double atY)
    {
        var nearest = double.PositiveInfinity;
        (atX, atY) = (double.NaN, double.NaN);
        for (var i = 1; i < _x.Length; i++)
        {
            var (ax, ay) = (_x[i - 1], _y[i - 1]);
            var (dx, dy, px, py) = (_x[i] - ax, _y[i] - ay, x - ax, y - ay);
            var length = (dx * dx) + (dy * dy);
            var along = length > 0 ? Math.Clamp(((px * dx) + (py * dy)) / length, 0, 1) : 0;
            var (ox, oy) = (px - (along * dx), py - (along * dy));
            if ((ox * ox) + (oy * oy) is var square && square < nearest)
            {
                (nearest, atX, atY) = (square, ax + (along * dx), ay + (along * dy));
            }
        }

        return Math.Sqrt(nearest);
    }

    /// <summary>Whether a place lies inside by the even-odd rule; a place on an edge may be said to be either.</summary>
    public bool Holds(double x, double y)
    {
        var inside = false;
        for (var i = 1; i < _x.Length; i++)
        {
            if (_y[i - 1] > y != _y[i] > y && x < _x[i - 1] + ((y - _y[i - 1]) / (_y[i] - _y[i - 1]) * (_x[i] - _x[i - 1])))
            {
                inside = !inside;
            }
        }

        return inside;
    }

    /// <summary>Whether no corner turns by so little that the overlay library leaves out one end of its chord: then it draws what <see cref="Grown"/> does.</summary>
    public bool TurnsClearly()
    {
        const double straight = 1e-7;
        const double clear = 0.06;
        for (var i = 0; i < Edges; i++)
        {
            var next = i + 2 > Edges ? 1 : i + 2;
            var (ax, ay, bx, by) = (_x[i + 1] - _x[i], _y[i + 1] - _y[i], _x[next] - _x[i + 1], _y[next] - _y[i + 1]);
            if (Math.Abs(Math.Atan2((ax * by) - (ay * bx), (ax * bx) + (ay * by))) is > straight and < clear)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// A convex ring grown by a distance: its edges moved out, and chords of equal length around each corner, as many and from the same places as the overlay
    /// library draws where the ring <see cref="TurnsClearly"/>.
    /// </summary>
    public FlatRing Grown(double distance)
    {
        var area = SignedArea();
        var places = Emptied(ref _left);
        for (var i = 0; i < Edges; i++)
        {
            // Corner i between the edge before and the edge after, taken counter-clockwise.
            var corner = area > 0 ? i : Edges - i;
            var (x, y) = (_x[corner], _y[corner]);
            var (before, after) = area > 0 ? (corner == 0 ? Edges - 1 : corner - 1, corner + 1) : (corner == Edges ? 1 : corner + 1, corner - 1);
            var (x0, y0, x1, y1) = (_x[before], _y[before], _x[after], _y[after]);
            var (ax, ay) = Outward(x - x0, y - y0, distance);
            var (bx, by) = Outward(x1 - x, y1 - y, distance);
            places.Add((x + ax, y + ay));
            var start = Math.Atan2(ay, ax);
            var turn = Math.Atan2(by, bx) - start;
            turn += turn < 0 ? 2 * Math.PI : 0;
            if (turn > Math.PI)
            {
                // Edges that run straight on, but for rounding.
                continue;
            }

            var chords = (int)((turn / (Math.PI / 2 / ChordsInQuarter)) + 0.5);
            for (var c = 1; c < chords; c++)
            {
                var (sin, cos) = Math.SinCos(start + (c * (turn / chords)));
                places.Add((x + (distance * cos), y + (distance * sin)));
            }

            places.Add((x + bx, y + by));
        }

        return Closed(places);
    }

    /// <summary>What two convex rings have in common (Sutherland and Hodgman 1974), or null where that is nothing.</summary>
    public static FlatRing? Common(FlatRing one, FlatRing other)
    {
        if (one.BoxDistance(other.MinX, other.MaxX, other.MinY, other.MaxY) > 0)
        {
            return null;
        }

        var (left, next) = (Emptied(ref _left), Emptied(ref _next));
        for (var i = 0; i < one.Edges; i++)
        {
            left.Add((one._x[i], one._y[i]));
        }

        var sense = other.SignedArea() < 0 ? -1 : 1;
        for (var e = 0; e < other.Edges && left.Count > 0; e++)
        {
            var (ax, ay, bx, by) = (other._x[e], other._y[e], other._x[e + 1], other._y[e + 1]);
            var (dx, dy) = (sense * (bx - ax), sense * (by - ay));
            next.Clear();
            var (px, py) = left[^1];
            var was = (dx * (py - ay)) - (dy * (px - ax));
            foreach (var (qx, qy) in left)
            {
                var side = (dx * (qy - ay)) - (dy * (qx - ax));
                if (was < 0 != side < 0)
                {
                    var t = was / (was - side);
                    next.Add((px + (t * (qx - px)), py + (t * (qy - py))));
                }

                if (side >= 0)
                {
                    next.Add((qx, qy));
                }

                (px, py, was) = (qx, qy, side);
            }

            (left, next) = (next, left);
        }

        return left.Count < 3 ? null : Closed(left);
    }

    /// <summary>Whether a line along an edge of one of two convex rings lies between them, clear of both. False says nothing.</summary>
    public static bool AreApart(FlatRing one, FlatRing other, double clear) =>
        one.BoxDistance(other.MinX, other.MaxX, other.MinY, other.MaxY) > clear || Parts(one, other, clear) || Parts(other, one, clear);

    public static double SquareDistance(double x, double y, double ax, double ay, double bx, double by)
    {
        var (dx, dy, px, py) = (bx - ax, by - ay, x - ax, y - ay);
        var length = (dx * dx) + (dy * dy);
        var along = length > 0 ? Math.Clamp(((px * dx) + (py * dy)) / length, 0, 1) : 0;
        var (ox, oy) = (px - (along * dx), py - (along * dy));
        return (ox * ox) + (oy * oy);
    }

    private static bool Parts(FlatRing one, FlatRing other, double clear)
    {
        var sense = one.SignedArea() < 0 ? -1 : 1;
        for (var e = 0; e < one.Edges; e++)
        {
            var (ax, ay) = (one._x[e], one._y[e]);
            var (dx, dy) = (sense * (one._x[e + 1] - ax), sense * (one._y[e + 1] - ay));
            var least = -clear * Math.Sqrt((dx * dx) + (dy * dy));
            var apart = least < 0;
            for (var i = 0; i < other.Edges && apart; i++)
            {
                apart = (dx * (other._y[i] - ay)) - (dy * (other._x[i] - ax)) < least;
            }

            if (apart)
            {
                return true;
            }
        }

        return false;
    }

    private static FlatRing Closed(List<(double X, double Y)> places)
    {
        var (x, y) = (new double[places.Count + 1], new double[places.Count + 1]);
        for (var i = 0; i < places.Count; i++)
        {
            (x[i], y[i]) = places[i];
        }

        (x[^1], y[^1]) = places[0];
        return new(x, y);
    }

    // Rings are drawn and cut by the thousand: each thread keeps room for two.
    [ThreadStatic]
    private static List<(double X, double Y)>? _left;

    [ThreadStatic]
    private static List<(double X, double Y)>? _next;

    private static List<(double X, double Y)> Emptied(ref List<(double X, double Y)>? room)
    {
        (room ??= new(64)).Clear();
        return room;
    }

    private static (double X, double Y) Outward(double dx, double dy, double distance)
    {
        var length = Math.Sqrt((dx * dx) + (dy * dy));
        return (distance * dy / length, -distance * dx / length);
    }
}
