using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>An outline with straight sides in place of stairs.</summary>
/// <param name="Shape">Valid; in columns and rows.</param>
/// <param name="Overlap">Intersection over union with the pixels, [<see cref="OutlineRegulariser.LeastOverlap"/>, 1].</param>
/// <param name="RightAngled">All sides lie along one direction or upright on it; else it has few corners at any angle.</param>
public sealed record RegularOutline(Polygon Shape, double Overlap, bool RightAngled);

/// <summary>
/// Straight sides for the outline of a building from its pixels. Right-angled forms along three directions (that of the longest straight pieces, of the
/// smallest rectangle around, of the grid) and a form of few corners at any angle are compared by minimum description (Rissanen 1978): pixels
/// that differ plus 1.5 for each right-angled corner, 3 for any other. Where none lies close enough, the outline
/// along the pixels stays.
/// </summary>
/// <remarks>
/// The form has exactly the area of its pixels: it is scaled about its middle, by 4 % of the area at most. So the geodesic area of the outline stays what
/// the pixels cover. Holes are kept. Pure and thread-safe.
/// </remarks>
public static class OutlineRegulariser
{
    /// <summary>Least intersection over union with the pixels. The outline of a true rectangle differs by about a quarter of a pixel along its edge: 0.85 for one of 5 × 5.</summary>
    public const double LeastOverlap = 0.8;

    /// <summary>Most distance between both outlines, in pixels: the corner of a square standing on it lies up to one and a half beyond the last pixel of its tip.</summary>
    public const double MostOffset = 1.5;

    /// <summary>Rows and columns, at least.</summary>
    private const int LeastSide = 3;

    /// <summary>Most area that differs for each pixel of length: the pixels of a true rectangle leave it by a quarter on average, those of a disc leave any square by more than 0.4.</summary>
    public const double MostMeanOffset = 0.4;

    /// <summary>Below this many pixels, any form is as likely as any other.</summary>
    public const int LeastPixels = 12;

    /// <summary>Pixels that a corner must explain.</summary>
    private const double CornerCost = 1.5;

    /// <summary>The same at any angle: two numbers a corner in place of one.</summary>
    private const double FreeCornerCost = 2 * CornerCost;

    private const double MostAreaChange = 0.04;

    /// <summary>A boundary of more straight pieces, or with more holes, is no building's; bounds the work too.</summary>
    private const int MostLines = 48;

    /// <summary>Of turning the best right-angled form to either side, by half as much each time.</summary>
    private const int Rounds = 3;

    /// <summary>Pixel edges of a straight line scatter by half a pixel to either side.</summary>
    private const double Tolerance = 1;

    /// <summary>Steps shorter than these are left out, in turn, pixels.</summary>
    private static readonly double[] LeastSteps = [1.25, 3];

    /// <param name="runs">One object, sorted, runs of one row do not touch.</param>
    /// <param name="aspect">Width of a pixel on the ground over its height, &gt; 0: right angles are those of the ground.</param>
    /// <returns>Null when the outline along the pixels is to be kept.</returns>
    public static RegularOutline? Of(IReadOnlyList<PixelRun> runs, double aspect, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(aspect);
        var pixels = runs.Sum(r => (long)r.Length);
        if (pixels < LeastPixels || runs[^1].Row - runs[0].Row < LeastSide - 1 || runs.Max(r => r.To) - runs.Min(r => r.From) < LeastSide
            || new RunGroups(runs, cancellation).RingsAtMost > PixelOutline.MostRings || PixelOutline.RingsOf(runs, cancellation) is not [var rings])
        {
            return null;
        }

        // A unit in which pixels have their ground's proportions and an area of 1.
        double width = Math.Sqrt(aspect), height = 1 / width;
        List<(int X, int Y)>[] all = [rings.Shell, .. rings.Holes];
        var lines = all.Length > MostLines ? [] : all.Select(r => new RingLines(r, width, height, Tolerance, MostLines)).ToArray();
        if (lines.Length == 0 || Array.Exists(lines, l => l.Lines.Count == 0))
        {
            return null;
        }

        var found = new List<Candidate>();
        foreach (var angle in Angles(lines))
        {
            foreach (var step in LeastSteps)
            {
                Consider(lines.Select(l => RightAngledRing.Of(l, angle, step) ?? l.Box(angle)), angle, step);
            }
        }

        // A side that is off by half a pixel from end to end still shows in the pixels that differ.
        var turn = 0.5 / Math.Sqrt(pixels);
        for (var round = 0; round < Rounds && found.Count > 0; round++, turn /= 2)
        {
            var start = found.MinBy(f => f.Cost)!;
            foreach (var angle in (ReadOnlySpan<double>)[start.Angle - turn, start.Angle + turn])
            {
                Consider(lines.Select(l => RightAngledRing.Of(l, angle, start.Step) ?? l.Box(angle)), angle, start.Step);
            }
        }

        Consider(lines.Select(FewCorneredRing.Of), double.NaN, 0);
        // At any angle only where right angles need more corners: most buildings have right angles, and a tilt of a pixel from end to end is none.
        found.RemoveAll(f => f.Overlap < LeastOverlap || f.Difference > MostMeanOffset * Length(f.Rings));
        var right = found.Where(f => !f.IsFree).MinBy(f => f.Cost);
        found.RemoveAll(f => f.IsFree && f.Corners >= right?.Corners);
        foreach (var candidate in found.OrderBy(f => f.Cost))
        {
            if (Enumerable.Range(0, all.Length).All(i => Near(all[i], candidate.Rings[i], width, height))
                && ShapeOf(candidate.Rings, width, height) is { IsValid: true } shape
                && OverlayNGRobust.Overlay(shape, PixelOutline.Of(runs, Gdal.GeoTransform.Identity, cancellation), SpatialFunction.Intersection).Area / pixels is var shared
                && shared / (2 - shared) is >= LeastOverlap and var overlap)
            {
                return new RegularOutline(shape, Math.Round(overlap, 3), !candidate.IsFree);
            }
        }

        return null;

        void Consider(IEnumerable<List<(double X, double Y)>?> made, double angle, double step)
        {
            var form = made.ToArray();
            if (form.Any(f => f is null) || !Scale(form!, pixels))
            {
                return;
            }

            var difference = DifferentPixels(runs, form!, width, height);
            var cost = (double.IsNaN(angle) ? FreeCornerCost : CornerCost) * form.Sum(f => f!.Count);
            found.Add(new Candidate(form!, difference, difference + cost, (pixels - (difference / 2)) / (pixels + (difference / 2)), angle, step));
        }
    }

    /// <summary>Directions worth a try, radians.</summary>
    private static IEnumerable<double> Angles(RingLines[] lines)
    {
        var main = RingLines.MainAngle(lines.SelectMany(l => l.Lines));
        yield return main;
        var around = NetTopologySuite.Algorithm.MinimumAreaRectangle.GetMinimumRectangle(
            new MultiPoint([.. lines[0].Cuts.Select(c => new Point(c.X, c.Y))])).Coordinates;
        var box = Math.IEEERemainder(Math.Atan2(around[1].Y - around[0].Y, around[1].X - around[0].X), Math.PI / 2);
        const double same = Math.PI / 360;
        if (Math.Abs(Math.IEEERemainder(box - main, Math.PI / 2)) > same)
        {
            yield return box;
        }

        if (Math.Abs(main) > same && Math.Abs(box) > same)
        {
            yield return 0;
        }
    }

    /// <summary>Gives the form the area of the pixels; false when it is too far from it.</summary>
    private static bool Scale(List<(double X, double Y)>[] rings, long pixels)
    {
        var area = Math.Abs(PlaneLine.TwiceArea(rings[0])) / 2;
        for (var i = 1; i < rings.Length; i++)
        {
            area -= Math.Abs(PlaneLine.TwiceArea(rings[i])) / 2;
        }

        if (!(Math.Abs((area / pixels) - 1) <= MostAreaChange))
        {
            return false;
        }

        var factor = Math.Sqrt(pixels / area);
        var (x, y) = (rings[0].Average(c => c.X), rings[0].Average(c => c.Y));
        foreach (var ring in rings)
        {
            for (var i = 0; i < ring.Count; i++)
            {
                ring[i] = (x + ((ring[i].X - x) * factor), y + ((ring[i].Y - y) * factor));
            }
        }

        return true;
    }

    /// <summary>Area of what is in one of pixels and form only, in pixels, from some lines a row.</summary>
    private static double DifferentPixels(IReadOnlyList<PixelRun> runs, List<(double X, double Y)>[] rings, double width, double height)
    {
        const int lines = 6;
        var top = Math.Min(runs[0].Row, (int)Math.Floor(rings[0].Min(c => c.Y) / height));
        var bottom = Math.Max(runs[^1].Row, (int)Math.Floor(rings[0].Max(c => c.Y) / height));
        var sum = 0.0;
        var first = 0;
        var ends = new List<double>();
        for (var row = top; row <= bottom; row++)
        {
            var next = first;
            while (next < runs.Count && runs[next].Row == row)
            {
                next++;
            }

            for (var line = 0; line < lines; line++)
            {
                // Ends of pixels and of the form alike: between an odd end and the next, one of both is there alone.
                var y = (row + ((line + 0.5) / lines)) * height;
                ends.Clear();
                for (var i = first; i < next; i++)
                {
                    ends.Add(runs[i].From);
                    ends.Add(runs[i].To);
                }

                foreach (var ring in rings)
                {
                    for (var i = 0; i < ring.Count; i++)
                    {
                        var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
                        if ((a.Y > y) != (b.Y > y))
                        {
                            ends.Add((a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X))) / width);
                        }
                    }
                }

                ends.Sort();
                for (var i = 0; i + 1 < ends.Count; i += 2)
                {
                    sum += (ends[i + 1] - ends[i]) / lines;
                }
            }

            first = next;
        }

        return sum;
    }

    /// <summary>Whether no corner of either, and no middle of the form's sides, is farther from the other than allowed.</summary>
    private static bool Near(List<(int X, int Y)> pixels, List<(double X, double Y)> form, double width, double height)
    {
        List<(double X, double Y)> stairs = [.. pixels.Select(c => (c.X * width, c.Y * height))];
        return stairs.TrueForAll(c => Distance(c, form) <= MostOffset)
            && form.TrueForAll(c => Distance(c, stairs) <= MostOffset)
            && Enumerable.Range(0, form.Count).All(i => Distance(Middle(form[i], form[(i + 1) % form.Count]), stairs) <= MostOffset);

        static (double X, double Y) Middle((double X, double Y) a, (double X, double Y) b) => ((a.X + b.X) / 2, (a.Y + b.Y) / 2);
    }

    private static double Length(List<(double X, double Y)>[] rings)
    {
        var sum = 0.0;
        foreach (var ring in rings)
        {
            for (var i = 0; i < ring.Count; i++)
            {
                var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
                sum += Math.Sqrt(((b.X - a.X) * (b.X - a.X)) + ((b.Y - a.Y) * (b.Y - a.Y)));
            }
        }

        return sum;
    }

    private static double Distance((double X, double Y) point, List<(double X, double Y)> ring)
    {
        var least = double.MaxValue;
        for (var i = 0; i < ring.Count; i++)
        {
            least = Math.Min(least, PlaneLine.Distance(point, ring[i], ring[(i + 1) % ring.Count]));
        }

        return least;
    }

    private static Polygon ShapeOf(List<(double X, double Y)>[] rings, double width, double height)
    {
        return new Polygon(Ring(rings[0]), [.. rings.Skip(1).Select(Ring)]);

        LinearRing Ring(List<(double X, double Y)> ring) => new([.. ring.Append(ring[0]).Select(c => new Coordinate(c.X / width, c.Y / height))]);
    }

    private sealed record Candidate(List<(double X, double Y)>[] Rings, double Difference, double Cost, double Overlap, double Angle, double Step)
    {
        public bool IsFree => double.IsNaN(Angle);

        public int Corners => Rings.Sum(r => r.Count);
    }
}
