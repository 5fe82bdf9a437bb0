namespace Monitoring.Detection.Imagery.Patches;

/// <summary>A ring of few corners at any angle: the fitted straight pieces of a boundary, those that hardly turn joined, crossed anew.</summary>
internal static class FewCorneredRing
{
    /// <summary>Neighbours that turn less than this are one side.</summary>
    private const double LeastTurn = 20 * Math.PI / 180;

    /// <returns>Corners, three at least, or null.</returns>
    public static List<(double X, double Y)>? Of(RingLines ring)
    {
        var lines = ring.Lines.ToList();
        while (lines.Count > 3)
        {
            var (at, least) = (0, double.MaxValue);
            for (var k = 0; k < lines.Count; k++)
            {
                var turn = Math.Abs(Math.IEEERemainder(lines[(k + 1) % lines.Count].Angle - lines[k].Angle, 2 * Math.PI));
                (at, least) = turn < least ? (k, turn) : (at, least);
            }

            if (least >= LeastTurn)
            {
                break;
            }

            lines[at] = Joined(lines[at], lines[(at + 1) % lines.Count]);
            lines.RemoveAt((at + 1) % lines.Count);
        }

        var corners = new List<(double X, double Y)>(lines.Count);
        for (var k = 0; k < lines.Count; k++)
        {
            if (PlaneLine.Crossing(lines[k], lines[(k + 1) % lines.Count], Math.Sin(LeastTurn) / 2) is not { } corner)
            {
                return null;
            }

            corners.Add(corner);
        }

        return corners.Count >= 3 ? corners : null;
    }

    private static RingLine Joined(RingLine a, RingLine b)
    {
        double all = a.Points + b.Points;
        var angle = a.Angle + (Math.IEEERemainder(b.Angle - a.Angle, 2 * Math.PI) * b.Points / all);
        return new RingLine(((a.X * a.Points) + (b.X * b.Points)) / all, ((a.Y * a.Points) + (b.Y * b.Points)) / all, angle, a.Points + b.Points);
    }
}
