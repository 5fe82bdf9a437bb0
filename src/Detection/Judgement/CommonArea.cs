using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The area that polygons have in common with one polygon, without making the common part. Each polygon is the signed sum of the ground
/// under its edges, so the common area is the sum, over pairs of edges, of the integral of the lower of the two: exact for valid polygons
/// whatever their holes and parts, and without any case in which edges touch, run along each other or cross almost.
/// </summary>
/// <remarks>Time is the product of the numbers of edges. Rounding is about 10⁻¹⁶ of the product of width and height of both, for each pair.</remarks>
internal sealed class CommonArea
{
    private readonly Edge[] _edges;
    private int _count;
    private readonly double _bend;
    private readonly double _minX = double.PositiveInfinity;
    private readonly double _maxX = double.NegativeInfinity;
    private readonly double _minY = double.PositiveInfinity;

    /// <param name="shape">Valid polygon or polygons, in a plane.</param>
    /// <param name="bend">y is taken as y + bend·y²/2: with <see cref="LocalPlane.AreaBend"/> areas are those on the ellipsoid; 0 = as it is.</param>
    public CommonArea(Geometry shape, double bend = 0)
    {
        _bend = bend;
        _edges = new Edge[shape.NumPoints];
        Collect(shape);
        foreach (ref readonly var edge in Edges)
        {
            _minX = Math.Min(_minX, edge.X0);
            _maxX = Math.Max(_maxX, edge.X1);
            _minY = Math.Min(_minY, Math.Min(edge.Y0, edge.Y1));
        }
    }

    /// <param name="other">A ring that does not cross itself, in the same plane.</param>
    public double With(FlatRing other) => Math.Max(0, WithRing(other.X, other.Y, 1));

    /// <summary>With an upright box.</summary>
    public double WithBox(double minX, double maxX, double minY, double maxY)
    {
        var floor = Math.Min(_minY, Bend(minY));
        return Math.Max(0, WithEdge(minX, Bend(maxY), maxX, Bend(maxY), 1, floor) + WithEdge(minX, Bend(minY), maxX, Bend(minY), -1, floor));
    }

    /// <summary>
    /// With polygons of which only the edges at and above this shape are given: what runs below all of it, or beside it, adds nothing.
    /// </summary>
    /// <param name="edges">Of valid polygons, in metres: all whose boxes meet the column from this shape's lower edge up.</param>
    public double With(ReadOnlySpan<EdgeIndex.Found> edges)
    {
        var sum = 0.0;
        foreach (ref readonly var edge in edges)
        {
            if (edge.X0 < edge.X1)
            {
                sum += WithEdge(edge.X0, Bend(edge.Y0), edge.X1, Bend(edge.Y1), edge.Sign, _minY);
            }
            else if (edge.X1 < edge.X0)
            {
                sum += WithEdge(edge.X1, Bend(edge.Y1), edge.X0, Bend(edge.Y0), -edge.Sign, _minY);
            }
        }

        return Math.Max(0, sum);
    }

    /// <param name="other">Valid polygon or polygons, in the same plane.</param>
    public double With(Geometry other)
    {
        var sum = 0.0;
        for (var part = 0; part < other.NumGeometries; part++)
        {
            var polygon = (Polygon)other.GetGeometryN(part);
            if (polygon.IsEmpty)
            {
                continue;
            }

            sum += WithRing(FlatRing.Of(polygon.ExteriorRing.CoordinateSequence), 1);
            for (var hole = 0; hole < polygon.NumInteriorRings; hole++)
            {
                sum += WithRing(FlatRing.Of(polygon.GetInteriorRingN(hole).CoordinateSequence), -1);
            }
        }

        return Math.Max(0, sum);
    }

    private double WithRing(FlatRing ring, int sign) => WithRing(ring.X, ring.Y, sign);

    private double WithRing(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int sign)
    {
        var count = x.Length;
        if (count < 4)
        {
            return 0;
        }

        // The ground is measured from below both.
        var (floor, turn) = (_minY, 0.0);
        var (x0, y0) = (x[0], Bend(y[0]));
        var (firstX, firstY) = (x0, y0);
        for (var i = 1; i < count; i++)
        {
            var (x1, y1) = (x[i], Bend(y[i]));
            floor = Math.Min(floor, y1);
            turn += (x1 - x0) * ((y0 - firstY) + (y1 - firstY));
            (x0, y0) = (x1, y1);
        }

        var sum = 0.0;
        (x0, y0) = (firstX, firstY);
        for (var i = 1; i < count; i++)
        {
            var (x1, y1) = (x[i], Bend(y[i]));
            if (x0 < x1)
            {
                if (x1 > _minX && x0 < _maxX)
                {
                    sum += WithEdge(x0, y0, x1, y1, 1, floor);
                }
            }
            else if (x1 < x0 && x0 > _minX && x1 < _maxX)
            {
                sum += WithEdge(x1, y1, x0, y0, -1, floor);
            }

            (x0, y0) = (x1, y1);
        }

        return turn < 0 ? -sign * sum : sign * sum;
    }

    private double WithEdge(double x0, double y0, double x1, double y1, int sign, double floor)
    {
        var sum = 0.0;
        var slope = (y1 - y0) / (x1 - x0);
        foreach (ref readonly var edge in Edges)
        {
            var (from, to) = (Math.Max(edge.X0, x0), Math.Min(edge.X1, x1));
            if (to <= from)
            {
                continue;
            }

            var (a0, a1) = (edge.Y0 + (edge.Slope * (from - edge.X0)), edge.Y0 + (edge.Slope * (to - edge.X0)));
            var (b0, b1) = (y0 + (slope * (from - x0)), y0 + (slope * (to - x0)));
            var (d0, d1) = (a0 - b0, a1 - b1);
            double height;
            if (d0 <= 0 && d1 <= 0)
            {
                height = ((a0 + a1) / 2) - floor;
            }
            else if (d0 >= 0 && d1 >= 0)
            {
                height = ((b0 + b1) / 2) - floor;
            }
            else
            {
                // They cross: the mean of the lower is the mean of one, less the triangle in which the other is lower.
                height = ((a0 + a1) / 2) - floor - (d0 > 0 ? d0 * d0 / (d0 - d1) / 2 : d1 * d1 / (d1 - d0) / 2);
            }

            sum += edge.Sign * height * (to - from);
        }

        return sign * sum;
    }

    private ReadOnlySpan<Edge> Edges => _edges.AsSpan(0, _count);

    private void Collect(Geometry shape)
    {
        for (var part = 0; part < shape.NumGeometries; part++)
        {
            if (shape.GetGeometryN(part) is Polygon { IsEmpty: false } polygon)
            {
                CollectRing(polygon.ExteriorRing.CoordinateSequence, 1);
                for (var hole = 0; hole < polygon.NumInteriorRings; hole++)
                {
                    CollectRing(polygon.GetInteriorRingN(hole).CoordinateSequence, -1);
                }
            }
        }
    }

    private void CollectRing(CoordinateSequence ring, int sign)
    {
        var turn = 0.0;
        for (var i = 1; i < ring.Count; i++)
        {
            turn += (ring.GetX(i) - ring.GetX(i - 1)) * (ring.GetY(i - 1) - ring.GetY(0) + ring.GetY(i) - ring.GetY(0));
        }

        // Clockwise, the upper edges run to the right.
        var inside = turn < 0 ? -sign : sign;
        for (var i = 1; i < ring.Count; i++)
        {
            var (x0, y0, x1, y1) = (ring.GetX(i - 1), Bend(ring.GetY(i - 1)), ring.GetX(i), Bend(ring.GetY(i)));
            if (x0 < x1)
            {
                _edges[_count++] = new(x0, y0, x1, y1, inside);
            }
            else if (x1 < x0)
            {
                _edges[_count++] = new(x1, y1, x0, y0, -inside);
            }
        }
    }

    private double Bend(double y) => y + (_bend * y * y / 2);

    /// <param name="X0">Less than <paramref name="X1"/>.</param>
    /// <param name="Sign">1 where the polygon lies below the edge, −1 where it lies above.</param>
    private readonly record struct Edge(double X0, double Y0, double X1, double Y1, int Sign)
    {
        public double Slope { get; } = (Y1 - Y0) / (X1 - X0);
    }
}
