namespace Monitoring.Detection.Imagery.Patches;

/// <summary>A straight piece of a ring, fitted to the middles of pixel edges.</summary>
/// <param name="X">A point of the line, the mean of its points.</param>
/// <param name="Y">The same.</param>
/// <param name="Angle">Of the line in the direction of travel, radians.</param>
/// <param name="Points">Middles of pixel edges that belong to it.</param>
internal readonly record struct RingLine(double X, double Y, double Angle, int Points);

/// <summary>
/// The straight pieces of a ring along pixel edges: the middles of its unit edges, which scatter evenly about the true boundary, are cut where the
/// line leaves them by more than a tolerance (Douglas and Peucker 1973), and each piece is fitted by least squares of the distance.
/// </summary>
internal sealed class RingLines
{
    private readonly (double X, double Y)[] _points;
    private readonly List<int> _cuts = [];
    private readonly double _area;

    /// <param name="ring">Corners in columns and rows, edges along the axes.</param>
    /// <param name="width">Of a pixel, in the unit of the result.</param>
    /// <param name="height">Of a pixel, in the unit of the result.</param>
    /// <param name="tolerance">In the unit of the result.</param>
    /// <param name="most">Pieces; a ring that needs more has none.</param>
    public RingLines(IReadOnlyList<(int X, int Y)> ring, double width, double height, double tolerance, int most)
    {
        var points = new List<(double, double)>();
        for (var i = 0; i < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
            var (length, dx, dy) = (Math.Abs(b.X - a.X) + Math.Abs(b.Y - a.Y), Math.Sign(b.X - a.X), Math.Sign(b.Y - a.Y));
            for (var k = 0; k < length; k++)
            {
                points.Add(((a.X + (dx * (k + 0.5))) * width, (a.Y + (dy * (k + 0.5))) * height));
            }
        }

        _points = [.. points];
        _area = Math.Abs(PlaneLine.TwiceArea([.. ring.Select(c => (c.X * width, c.Y * height))])) / 2;
        Cut(tolerance, most);
        Lines = [.. Enumerable.Range(0, _cuts.Count).Select(k => Fit(_cuts[k], EndOf(k)))];
    }

    /// <summary>In the direction of travel, beginning anywhere; two at least, or none when it is too ragged.</summary>
    public IReadOnlyList<RingLine> Lines { get; }

    /// <summary>Where one line goes over into the next.</summary>
    public IEnumerable<(double X, double Y)> Cuts => _cuts.Select(c => _points[c]);

    /// <summary>The direction that most of the lines have, or stand upright on, (−π/4, π/4]: mean of four times their angles, long ones by the cube of their length, as sure as they are.</summary>
    public static double MainAngle(IEnumerable<RingLine> lines)
    {
        double sin = 0, cos = 0;
        foreach (var line in lines)
        {
            var weight = Math.Pow(line.Points, 3);
            (sin, cos) = (sin + (weight * Math.Sin(4 * line.Angle)), cos + (weight * Math.Cos(4 * line.Angle)));
        }

        return Math.Atan2(sin, cos) / 4;
    }

    /// <summary>The mean of the points of some lines in a row along a unit vector, without those at both ends, where the next line begins to round the corner.</summary>
    /// <param name="first">Line.</param>
    /// <param name="count">Lines, 1 or more.</param>
    public (double Mean, int Points) Place(int first, int count, double x, double y)
    {
        var (from, to) = (_cuts[first % _cuts.Count], EndOf((first + count - 1) % _cuts.Count));
        to = to <= from ? to + _points.Length : to;
        var trim = to - from > 4 ? 1 : 0;
        var sum = 0.0;
        for (var i = from + trim; i <= to - trim; i++)
        {
            var (px, py) = _points[i % _points.Length];
            sum += (px * x) + (py * y);
        }

        return (sum / (to - from + 1 - (2 * trim)), to - from);
    }

    /// <summary>The rectangle of that direction around its points, shrunk or widened to the area that the ring has.</summary>
    public List<(double X, double Y)> Box(double angle)
    {
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        double left = double.MaxValue, right = double.MinValue, low = double.MaxValue, high = double.MinValue;
        foreach (var (x, y) in _points)
        {
            var (u, v) = ((x * cos) + (y * sin), (y * cos) - (x * sin));
            (left, right, low, high) = (Math.Min(left, u), Math.Max(right, u), Math.Min(low, v), Math.Max(high, v));
        }

        var factor = Math.Sqrt(_area / ((right - left) * (high - low))) / 2;
        var (mu, mv, du, dv) = ((left + right) / 2, (low + high) / 2, (right - left) * factor, (high - low) * factor);
        return [At(mu - du, mv - dv), At(mu + du, mv - dv), At(mu + du, mv + dv), At(mu - du, mv + dv)];

        (double X, double Y) At(double u, double v) => ((u * cos) - (v * sin), (u * sin) + (v * cos));
    }

    /// <summary>The point that a line goes on to; it begins the next.</summary>
    private int EndOf(int line) => _cuts[(line + 1) % _cuts.Count];

    private void Cut(double tolerance, int most)
    {
        var n = _points.Length;
        var (mx, my) = (_points.Average(p => p.X), _points.Average(p => p.Y));
        var first = Farthest(mx, my);
        var second = Farthest(_points[first].X, _points[first].Y);
        var open = new Stack<(int From, int To)>();
        open.Push((first, second > first ? second : second + n));
        open.Push((second > first ? second : second + n, first + n));
        while (open.TryPop(out var span))
        {
            var (a, b) = (_points[span.From % n], _points[span.To % n]);
            var (far, at) = (0.0, -1);
            for (var i = span.From + 1; i < span.To; i++)
            {
                var distance = PlaneLine.Distance(_points[i % n], a, b);
                (far, at) = distance > far ? (distance, i) : (far, at);
            }

            if (far > tolerance)
            {
                open.Push((span.From, at));
                open.Push((at, span.To));
                if (open.Count + _cuts.Count > most)
                {
                    _cuts.Clear();
                    return;
                }
            }
            else
            {
                _cuts.Add(span.From % n);
            }
        }

        _cuts.Sort();
    }

    private int Farthest(double x, double y)
    {
        var best = 0;
        var most = -1.0;
        for (var i = 0; i < _points.Length; i++)
        {
            var (dx, dy) = (_points[i].X - x, _points[i].Y - y);
            if ((dx * dx) + (dy * dy) > most)
            {
                (best, most) = (i, (dx * dx) + (dy * dy));
            }
        }

        return best;
    }

    private RingLine Fit(int from, int to)
    {
        var n = _points.Length;
        to = to <= from ? to + n : to;
        var (a, b) = (_points[from], _points[to % n]);
        var trim = to - from > 4 ? 1 : 0;
        double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
        var count = to - from + 1 - (2 * trim);
        for (var i = from + trim; i <= to - trim; i++)
        {
            var (px, py) = (_points[i % n].X - a.X, _points[i % n].Y - a.Y);
            (x, y, xx, xy, yy) = (x + px, y + py, xx + (px * px), xy + (px * py), yy + (py * py));
        }

        (x, y) = (x / count, y / count);
        (xx, xy, yy) = ((xx / count) - (x * x), (xy / count) - (x * y), (yy / count) - (y * y));
        var angle = Math.Atan2(2 * xy, xx - yy) / 2;
        if ((Math.Cos(angle) * (b.X - a.X)) + (Math.Sin(angle) * (b.Y - a.Y)) < 0)
        {
            angle += Math.PI;
        }

        return new RingLine(a.X + x, a.Y + y, angle, to - from);
    }
}
