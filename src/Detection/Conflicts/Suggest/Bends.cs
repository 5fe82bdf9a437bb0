using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts.Suggest;

/// <summary>Corners of an alignment rounded by arcs of a radius, or of the greatest that fits between its neighbours.</summary>
internal static class Bends
{
    private const double ArcStepRadians = 5 * Math.PI / 180;

    /// <returns>The corners of the rounded line, and the least radius that was used; null without corners.</returns>
    public static (List<Coordinate> Line, double? LeastRadius) Round(IReadOnlyList<Coordinate> corners, double radius)
    {
        var line = new List<Coordinate> { corners[0] };
        double? least = null;
        for (var i = 1; i + 1 < corners.Count; i++)
        {
            var (p, q, r) = (corners[i - 1], corners[i], corners[i + 1]);
            var (inLength, outLength) = (p.Distance(q), q.Distance(r));
            var (ux, uy, vx, vy) = ((q.X - p.X) / inLength, (q.Y - p.Y) / inLength, (r.X - q.X) / outLength, (r.Y - q.Y) / outLength);
            var turn = Math.Atan2((ux * vy) - (uy * vx), (ux * vx) + (uy * vy));
            if (Math.Abs(turn) < 1e-6)
            {
                continue;
            }

            var half = Math.Tan(Math.Abs(turn) / 2);
            var fitting = Math.Min(radius, Math.Min(inLength, outLength) / 2 / half);
            least = Math.Min(least ?? double.MaxValue, fitting);
            var tangent = fitting * half;
            var side = Math.Sign(turn);
            var (sx, sy) = (q.X - (tangent * ux), q.Y - (tangent * uy));
            var (cx, cy) = (sx - (side * fitting * uy), sy + (side * fitting * ux));
            var start = Math.Atan2(sy - cy, sx - cx);
            var steps = Math.Max(1, (int)Math.Ceiling(Math.Abs(turn) / ArcStepRadians));
            for (var k = 0; k <= steps; k++)
            {
                var angle = start + (turn * k / steps);
                line.Add(new Coordinate(cx + (fitting * Math.Cos(angle)), cy + (fitting * Math.Sin(angle))));
            }
        }

        line.Add(corners[^1]);
        return (line, least);
    }
}
