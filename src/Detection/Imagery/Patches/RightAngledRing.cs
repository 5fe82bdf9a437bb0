namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// A ring whose sides lie along one direction or upright on it: the straight pieces of a boundary snapped to the nearer of the two, pieces of one
/// side joined, steps that are too short left out, and what is left crossed anew.
/// </summary>
internal static class RightAngledRing
{
    /// <param name="angle">Of the sides, radians.</param>
    /// <param name="leastStep">Sides shorter than this are left out, as long as four remain.</param>
    /// <returns>Corners, four at least, or null when the ring does not turn so.</returns>
    public static List<(double X, double Y)>? Of(RingLines ring, double angle, double leastStep)
    {
        var (cos, sin) = (Math.Cos(angle), Math.Sin(angle));
        var sides = SidesOf(ring, angle, cos, sin);
        if (sides is null)
        {
            return null;
        }

        while (true)
        {
            var (shortest, length) = Shortest(sides);
            if (length >= leastStep)
            {
                break;
            }

            if (sides.Count <= 4)
            {
                return null;
            }

            LeaveOut(sides, shortest);
        }

        var corners = new List<(double X, double Y)>(sides.Count);
        for (var k = 0; k < sides.Count; k++)
        {
            var (a, b) = (sides[k], sides[(k + 1) % sides.Count]);
            var (u, v) = a.Along ? (b.Place, a.Place) : (a.Place, b.Place);
            corners.Add(((u * cos) - (v * sin), (u * sin) + (v * cos)));
        }

        return corners;
    }

    /// <summary>Pieces of one side joined, so that along and upright take turns.</summary>
    private static List<Side>? SidesOf(RingLines ring, double angle, double cos, double sin)
    {
        var lines = ring.Lines;
        var along = lines.Select(l => Math.Abs(Math.Cos(l.Angle - angle)) >= Math.Sqrt(0.5)).ToArray();
        var start = Enumerable.Range(0, lines.Count).FirstOrDefault(k => along[k] != along[(k + lines.Count - 1) % lines.Count], -1);
        if (start < 0)
        {
            return null;
        }

        var sides = new List<Side>();
        for (var k = 0; k < lines.Count;)
        {
            var (first, count) = (start + k, 1);
            while (k + count < lines.Count && along[(first + count) % lines.Count] == along[first % lines.Count])
            {
                count++;
            }

            var isAlong = along[first % lines.Count];
            var (place, points) = isAlong ? ring.Place(first, count, -sin, cos) : ring.Place(first, count, cos, sin);
            var travel = 0.0;
            for (var i = 0; i < count; i++)
            {
                var line = lines[(first + i) % lines.Count];
                travel += line.Points * (isAlong ? Math.Cos(line.Angle - angle) : Math.Sin(line.Angle - angle));
            }

            sides.Add(new Side(isAlong, place, points, Math.Sign(travel)));
            k += count;
        }

        return sides.Count >= 4 ? sides : null;
    }

    private static (int At, double Length) Shortest(List<Side> sides)
    {
        var (at, least) = (0, double.MaxValue);
        for (var k = 0; k < sides.Count; k++)
        {
            var length = Math.Abs(sides[(k + 1) % sides.Count].Place - sides[(k + sides.Count - 1) % sides.Count].Place);
            (at, least) = length < least ? (k, length) : (at, least);
        }

        return (at, least);
    }

    /// <summary>The sides before and after become one. Where they run against each other, as around the end of a spur, they outweigh each other, and the spur goes next.</summary>
    private static void LeaveOut(List<Side> sides, int at)
    {
        var (before, after) = ((at + sides.Count - 1) % sides.Count, (at + 1) % sides.Count);
        var (a, b) = (sides[before], sides[after]);
        var same = a.Direction == b.Direction;
        var place = ((a.Place * a.Weight) + (b.Place * b.Weight)) / (a.Weight + b.Weight);
        sides[before] = a with
        {
            Place = place,
            Weight = same ? a.Weight + b.Weight : Math.Max(1, Math.Abs(a.Weight - b.Weight)),
            Direction = same || a.Weight >= b.Weight ? a.Direction : b.Direction,
        };
        foreach (var gone in (ReadOnlySpan<int>)[Math.Max(at, after), Math.Min(at, after)])
        {
            sides.RemoveAt(gone);
        }
    }

    /// <param name="Along">Runs along the angle, not upright on it.</param>
    /// <param name="Place">Where it lies on the other axis.</param>
    /// <param name="Weight">Pixel edges.</param>
    /// <param name="Direction">Of travel, ±1.</param>
    private readonly record struct Side(bool Along, double Place, int Weight, int Direction);
}
