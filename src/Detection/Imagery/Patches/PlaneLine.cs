namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Lines in a plane.</summary>
internal static class PlaneLine
{
    /// <summary>From a point to the nearest one between <paramref name="a"/> and <paramref name="b"/>.</summary>
    public static double Distance((double X, double Y) p, (double X, double Y) a, (double X, double Y) b)
    {
        var (dx, dy) = (b.X - a.X, b.Y - a.Y);
        var length = (dx * dx) + (dy * dy);
        var t = length > 0 ? Math.Clamp((((p.X - a.X) * dx) + ((p.Y - a.Y) * dy)) / length, 0, 1) : 0;
        var (ex, ey) = (p.X - a.X - (t * dx), p.Y - a.Y - (t * dy));
        return Math.Sqrt((ex * ex) + (ey * ey));
    }

    /// <summary>Where two lines cross; null when they are closer to parallel than <paramref name="leastSine"/>.</summary>
    public static (double X, double Y)? Crossing(RingLine a, RingLine b, double leastSine)
    {
        var (ax, ay, bx, by) = (Math.Cos(a.Angle), Math.Sin(a.Angle), Math.Cos(b.Angle), Math.Sin(b.Angle));
        var sine = (ax * by) - (ay * bx);
        if (Math.Abs(sine) < leastSine)
        {
            return null;
        }

        var t = (((b.X - a.X) * by) - ((b.Y - a.Y) * bx)) / sine;
        return (a.X + (t * ax), a.Y + (t * ay));
    }

    /// <summary>Twice the signed area of a ring, its last point not the first again.</summary>
    public static double TwiceArea(IReadOnlyList<(double X, double Y)> ring)
    {
        var sum = 0.0;
        for (var i = 0; i < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
            sum += (a.X * b.Y) - (a.Y * b.X);
        }

        return sum;
    }
}
