namespace Monitoring.Detection.Judgement;

/// <summary>
/// Whether the buffer of the union of convex rings is the union of their buffers, as the overlay library draws them: chords around corners, shallow
/// corners that turn in left out. True only where no corner of one lies at the other's edge and no corner between them is shallow; false says nothing.
/// </summary>
internal static class GrownTogether
{
    /// <summary>Share of the tolerance; the library rounds by half of it.</summary>
    private const double Shallow = 0.02;

    public static bool AddUp(IReadOnlyList<FlatRing> rings, double tolerance)
    {
        var clear = Shallow * tolerance;
        for (var i = 0; i < rings.Count; i++)
        {
            for (var j = 0; j < rings.Count; j++)
            {
                if (j != i && !FlatRing.AreApart(rings[i], rings[j], 1e-3) && !(CornersClear(rings, i, j, clear) && (j < i || TurnsDeep(rings, i, j, clear))))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether a ring lies in a convex one, edges included.</summary>
    public static bool IsIn(FlatRing inner, FlatRing convex)
    {
        for (var i = 1; i < inner.X.Length; i++)
        {
            if (!convex.Holds(inner.X[i], inner.Y[i]) && convex.DistanceTo(inner.X[i], inner.Y[i]) > 1e-7)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether each corner of one ring keeps off the other's edges, or lies well inside of a third.</summary>
    private static bool CornersClear(IReadOnlyList<FlatRing> rings, int one, int other, double clear)
    {
        for (var i = 1; i < rings[one].X.Length; i++)
        {
            var (x, y) = (rings[one].X[i], rings[one].Y[i]);
            if (IsAt(rings[other], x, y, clear) && !IsWellInside(rings, one, other, x, y, clear))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAt(FlatRing ring, double x, double y, double clear) =>
        x > ring.MinX - clear && x < ring.MaxX + clear && y > ring.MinY - clear && y < ring.MaxY + clear && ring.DistanceTo(x, y) < clear;

    private static bool IsWellInside(IReadOnlyList<FlatRing> rings, int one, int other, double x, double y, double clear)
    {
        for (var k = 0; k < rings.Count; k++)
        {
            if (k != one && k != other && rings[k].Holds(x, y) && rings[k].DistanceTo(x, y) >= clear)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Where edges cross, the union turns in: between the next corner or crossing along one edge outside of the other ring, and the other way round. What lies well
    /// inside of a third ring is no part of its edge; what lies at a third's edge is not sure.
    /// </summary>
    private static bool TurnsDeep(IReadOnlyList<FlatRing> rings, int first, int second, double deep)
    {
        var (one, other) = (rings[first], rings[second]);
        for (var i = 1; i < one.X.Length; i++)
        {
            var (ax, ay, bx, by) = (one.X[i - 1], one.Y[i - 1], one.X[i], one.Y[i]);
            for (var j = 1; j < other.X.Length; j++)
            {
                var (cx, cy, dx, dy) = (other.X[j - 1], other.Y[j - 1], other.X[j], other.Y[j]);
                if (!Cross(ax, ay, bx, by, cx, cy, dx, dy, out var t))
                {
                    continue;
                }

                var (px, py) = (ax + (t * (bx - ax)), ay + (t * (by - ay)));
                if (IsWellInside(rings, first, second, px, py, deep))
                {
                    continue;
                }

                for (var k = 0; k < rings.Count; k++)
                {
                    if (k != first && k != second && IsAt(rings[k], px, py, deep))
                    {
                        return false;
                    }
                }

                foreach (var (ex, ey) in ((double, double)[])[(ax, ay), (bx, by)])
                {
                    foreach (var (fx, fy) in ((double, double)[])[(cx, cy), (dx, dy)])
                    {
                        if (other.Holds(ex, ey) || one.Holds(fx, fy))
                        {
                            continue;
                        }

                        var (e, f) = (Next(rings, first, second, px, py, ex, ey), Next(rings, first, second, px, py, fx, fy));
                        if (FlatRing.SquareDistance(px, py, e.X, e.Y, f.X, f.Y) < deep * deep)
                        {
                            return false;
                        }
                    }
                }
            }
        }

        return true;
    }

    /// <summary>From a crossing along an edge to its end, or to where a third ring crosses it before.</summary>
    private static (double X, double Y) Next(IReadOnlyList<FlatRing> rings, int first, int second, double px, double py, double ex, double ey)
    {
        var until = 1.0;
        for (var k = 0; k < rings.Count; k++)
        {
            for (var i = 1; k != first && k != second && i < rings[k].X.Length; i++)
            {
                if (Cross(px, py, ex, ey, rings[k].X[i - 1], rings[k].Y[i - 1], rings[k].X[i], rings[k].Y[i], out var t))
                {
                    until = Math.Min(until, t);
                }
            }
        }

        return (px + (until * (ex - px)), py + (until * (ey - py)));
    }

    private static bool Cross(double ax, double ay, double bx, double by, double cx, double cy, double dx, double dy, out double t)
    {
        var across = ((bx - ax) * (dy - cy)) - ((by - ay) * (dx - cx));
        t = (((cx - ax) * (dy - cy)) - ((cy - ay) * (dx - cx))) / across;
        var u = (((cx - ax) * (by - ay)) - ((cy - ay) * (bx - ax))) / across;
        return t is >= 0 and <= 1 && u is >= 0 and <= 1;
    }
}
