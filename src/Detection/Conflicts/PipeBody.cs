using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;

namespace Monitoring.Detection.Conflicts;

/// <summary>
/// A pipe as a body: its axis in the plane, half its width and height, and where it lies below or above as far as that is known. Immutable.
/// </summary>
/// <remarks>
/// Two terms of height are kept apart: elevations over a datum, and depths below the ground. Depths of two pipes compare where they meet, because the ground there is the
/// same; a depth and an elevation do not compare.
/// </remarks>
internal sealed class PipeBody
{
    public PipeBody(PlanFeature feature, Geometry meters, bool isWhole, ConflictRules rules)
    {
        Feature = feature;
        Medium = feature.Code ?? "other";
        var width = ConflictGround.WidthOf(feature, rules, out var assumed);
        WidthAssumed = assumed;
        HalfWidth = width / 2;
        HalfHeight = (feature.Number("height_mm") is { } height and > 0 ? height / 1000 : width) / 2;
        Parts = [.. LineStringExtracter.GetLines(meters).Cast<LineString>().Where(l => l.NumPoints >= 2).Select(l => l.Coordinates)];
        Starts = new double[Parts.Count];
        for (var i = 0; i < Parts.Count; i++)
        {
            Starts[i] = Length;
            for (var j = 1; j < Parts[i].Length; j++)
            {
                Length += Parts[i][j].Distance(Parts[i][j - 1]);
            }
        }

        foreach (var part in Parts)
        {
            foreach (var corner in part)
            {
                Box.ExpandToInclude(corner);
            }
        }

        if (!isWhole)
        {
            return;
        }

        if (feature.Number("start_elevation_m") is { } from && feature.Number("end_elevation_m") is { } to)
        {
            var toAxis = rules.Pipes.ElevationOfMedium(Medium) switch { ElevationOf.Top => -HalfHeight, ElevationOf.Invert => HalfHeight, _ => 0 };
            Elevation = new Profile(from + toAxis, to + toAxis);
        }

        var (start, end) = (feature.Number("start_depth_m") ?? feature.Number("depth_m"), feature.Number("end_depth_m") ?? feature.Number("depth_m"));
        if (start is { } first && end is { } last)
        {
            Depth = new Profile(-first - HalfHeight, -last - HalfHeight);
        }
    }

    public PlanFeature Feature { get; }

    public string Medium { get; }

    /// <summary>m.</summary>
    public double HalfWidth { get; }

    public double HalfHeight { get; }

    public bool WidthAssumed { get; }

    /// <summary>Corners of each part, in metres.</summary>
    public IReadOnlyList<Coordinate[]> Parts { get; }

    /// <summary>Chainage at which each part starts.</summary>
    public double[] Starts { get; }

    /// <summary>Length of the axis in the plane.</summary>
    public double Length { get; }

    public Envelope Box { get; } = new();

    /// <summary>Height of the axis over the datum; null = not known.</summary>
    public Profile? Elevation { get; }

    /// <summary>Height of the axis over the ground (below 0); null = not known.</summary>
    public Profile? Depth { get; }

    /// <summary>Least depth of the top, most depth of the bottom, m below the ground; null = not known.</summary>
    public (double Top, double Bottom)? DepthRange =>
        Depth is { } known ? (-Math.Max(known.Start, known.End) - HalfHeight, -Math.Min(known.Start, known.End) + HalfHeight) : null;

    /// <summary>The ends of the axis with their chainage: of each part, since parts of one pipe need not touch.</summary>
    public IEnumerable<(Coordinate At, double Chainage)> Ends()
    {
        for (var i = 0; i < Parts.Count; i++)
        {
            yield return (Parts[i][0], Starts[i]);
            yield return (Parts[i][^1], i + 1 < Parts.Count ? Starts[i + 1] : Length);
        }
    }

    /// <summary>The axis between two chainages, as lines.</summary>
    public Geometry Stretch(double from, double to, GeometryFactory factory)
    {
        var lines = new List<LineString>();
        for (var i = 0; i < Parts.Count; i++)
        {
            var points = new List<Coordinate>();
            var at = Starts[i];
            for (var j = 1; j < Parts[i].Length; j++)
            {
                var (a, b) = (Parts[i][j - 1], Parts[i][j]);
                var length = a.Distance(b);
                var (low, high) = (Math.Max(from, at), Math.Min(to, at + length));
                if (length > 0 && high >= low)
                {
                    Add(points, Between(a, b, (low - at) / length));
                    Add(points, Between(a, b, (high - at) / length));
                }

                at += length;
            }

            if (points.Count >= 2)
            {
                lines.Add(factory.CreateLineString([.. points]));
            }
        }

        return lines.Count == 1 ? lines[0] : factory.CreateMultiLineString([.. lines]);
    }

    private static void Add(List<Coordinate> points, Coordinate next)
    {
        if (points.Count == 0 || points[^1].Distance(next) > 1e-9)
        {
            points.Add(next);
        }
    }

    private static Coordinate Between(Coordinate a, Coordinate b, double t) => new(a.X + (t * (b.X - a.X)), a.Y + (t * (b.Y - a.Y)));

    /// <summary>A height that changes evenly from the first corner to the last.</summary>
    internal readonly record struct Profile(double Start, double End)
    {
        public double At(double share) => Start + (share * (End - Start));
    }
}
