using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts;

/// <summary>A stretch of one pipe's axis that is nearer to another pipe than was asked.</summary>
/// <param name="From">Chainage in m.</param>
/// <param name="To">Chainage in m, ≥ <paramref name="From"/>.</param>
/// <param name="Net">Least distance of the outer surfaces seen from above; below 0 the bodies overlap.</param>
/// <param name="Vertical">Where they overlap seen from above: least distance of the surfaces one over the other, below 0 where they run into each other; null where it is not known or they do not overlap.</param>
/// <param name="OverlapLength">How much of the stretch has overlapping bodies seen from above, in m.</param>
/// <param name="IsJoint">The pipes are joined there: one ends in the other, and they part near that end.</param>
internal readonly record struct PipeStretch(double From, double To, double Net, double? Vertical, double OverlapLength, bool IsJoint);

/// <summary>
/// Two pipes as bodies around their axes. The distance from a point that moves along a straight piece to another straight piece is a convex function, so the part of the piece within a
/// distance is one interval, found by where it enters and leaves the band around the other piece: exact, without drawn outlines.
/// </summary>
internal static class PipePair
{
    /// <summary>Joined pipes may stay this many times their widths together before it is told: down to about 14° between them.</summary>
    private const double JointReach = 4;
    private const double Touch = 1e-6;

    /// <summary>Stretches of <paramref name="a"/> whose outer surface is nearer to that of <paramref name="b"/> than <paramref name="clearance"/> (≥ 0), along the axis.</summary>
    public static List<PipeStretch> Compare(PipeBody a, PipeBody b, double clearance, double joinTolerance)
    {
        var bodies = a.HalfWidth + b.HalfWidth;
        var reach = bodies + clearance;
        var near = new Envelope(b.Box);
        near.ExpandBy(reach);
        if (!near.Intersects(a.Box))
        {
            return [];
        }

        var pieces = new List<Piece>();
        Walk(a, near, (from, to, start, length) => Walk(b, null, (p, q, other, otherLength) => Meet(a, b, (from, to, start, length), (p, q, other, otherLength), bodies, reach, pieces)));
        if (pieces.Count == 0)
        {
            return [];
        }

        pieces.Sort(static (x, y) => x.From != y.From ? x.From.CompareTo(y.From) : x.To.CompareTo(y.To));
        var joints = Joints(a, b, joinTolerance);
        var stretches = new List<PipeStretch>();
        for (var i = 0; i < pieces.Count;)
        {
            var (from, to, distance) = (pieces[i].From, pieces[i].To, double.MaxValue);
            double? vertical = null;
            var overlaps = new List<(double From, double To)>();
            for (; i < pieces.Count && pieces[i].From <= to + Touch; i++)
            {
                var piece = pieces[i];
                (to, distance) = (Math.Max(to, piece.To), Math.Min(distance, piece.Distance));
                vertical = piece.Vertical is { } gap ? Math.Min(vertical ?? double.MaxValue, gap) : vertical;
                if (piece.OverlapTo >= piece.OverlapFrom)
                {
                    overlaps.Add((piece.OverlapFrom, piece.OverlapTo));
                }
            }

            var joined = joints.Count > 0 && IsJoint(joints, overlaps, bodies, joinTolerance, clearance, from, to);
            stretches.Add(new PipeStretch(from, to, distance - bodies, vertical, Covered(overlaps), joined));
        }

        return stretches;
    }

    /// <summary>Chainages on <paramref name="a"/> where one of the two ends in the other's body, or beside it within the tolerance.</summary>
    private static List<double> Joints(PipeBody a, PipeBody b, double tolerance)
    {
        var joints = new List<double>();
        foreach (var (at, chainage) in a.Ends())
        {
            if (Nearest(b, at).Distance <= b.HalfWidth + tolerance)
            {
                joints.Add(chainage);
            }
        }

        foreach (var (at, _) in b.Ends())
        {
            var (distance, chainage) = Nearest(a, at);
            if (distance <= a.HalfWidth + tolerance)
            {
                joints.Add(chainage);
            }
        }

        return joints;
    }

    /// <summary>Everything of the stretch lies near a joint.</summary>
    private static bool IsJoint(List<double> joints, List<(double From, double To)> overlaps, double bodies, double tolerance, double clearance, double from, double to)
    {
        var reach = (JointReach * (bodies + clearance)) + tolerance;
        var spans = overlaps.Count > 0 ? overlaps : [(from, to)];
        return spans.TrueForAll(s => joints.Exists(j => Math.Abs(s.From - j) <= reach && Math.Abs(s.To - j) <= reach));
    }

    private static double Covered(List<(double From, double To)> spans)
    {
        spans.Sort();
        double sum = 0, end = double.MinValue;
        foreach (var (from, to) in spans)
        {
            sum += Math.Max(0, to - Math.Max(from, end));
            end = Math.Max(end, to);
        }

        return sum;
    }

    private static (double Distance, double Chainage) Nearest(PipeBody pipe, Coordinate at)
    {
        (double Distance, double Chainage) best = (double.MaxValue, 0);
        Walk(pipe, null, (p, q, start, length) =>
        {
            var t = length > 0 ? Math.Clamp((((at.X - p.X) * (q.X - p.X)) + ((at.Y - p.Y) * (q.Y - p.Y))) / (length * length), 0, 1) : 0;
            var distance = at.Distance(new Coordinate(p.X + (t * (q.X - p.X)), p.Y + (t * (q.Y - p.Y))));
            if (distance < best.Distance)
            {
                best = (distance, start + (t * length));
            }
        });
        return best;
    }

    private static void Walk(PipeBody pipe, Envelope? near, Action<Coordinate, Coordinate, double, double> piece)
    {
        for (var i = 0; i < pipe.Parts.Count; i++)
        {
            var corners = pipe.Parts[i];
            var at = pipe.Starts[i];
            for (var j = 1; j < corners.Length; j++)
            {
                var length = corners[j].Distance(corners[j - 1]);
                if (near is null || near.Intersects(corners[j - 1], corners[j]))
                {
                    piece(corners[j - 1], corners[j], at, length);
                }

                at += length;
            }
        }
    }

    private static void Meet(
        PipeBody a, PipeBody b, (Coordinate From, Coordinate To, double Start, double Length) one, (Coordinate From, Coordinate To, double Start, double Length) other, double bodies, double reach, List<Piece> pieces)
    {
        if (Within(one.From, one.To, other.From, other.To, reach) is not var (low, high))
        {
            return;
        }

        // Convex: the least distance of the pieces lies where they are within reach.
        var distance = NetTopologySuite.Algorithm.DistanceComputer.SegmentToSegment(one.From, one.To, other.From, other.To);
        var (overlapFrom, overlapTo) = (1.0, 0.0);
        double? vertical = null;
        if (bodies > 0 && Within(one.From, one.To, other.From, other.To, bodies) is var (inner, outer))
        {
            (overlapFrom, overlapTo) = (one.Start + (inner * one.Length), one.Start + (outer * one.Length));
            vertical = VerticalGap(a, b, one, other, inner, outer);
        }

        pieces.Add(new Piece(one.Start + (low * one.Length), one.Start + (high * one.Length), distance, overlapFrom, overlapTo, vertical));
    }

    /// <summary>Least vertical distance of the surfaces for points of a piece between two shares of it; both axes rise evenly, so it is enough to look where a rule changes.</summary>
    private static double? VerticalGap(
        PipeBody a, PipeBody b, (Coordinate From, Coordinate To, double Start, double Length) one, (Coordinate From, Coordinate To, double Start, double Length) other, double from, double to)
    {
        var (mine, theirs) = a.Elevation is not null && b.Elevation is not null ? (a.Elevation, b.Elevation) : (a.Depth, b.Depth);
        if (mine is not { } upper || theirs is not { } lower)
        {
            return null;
        }

        // Shares at which the nearest point of the other piece reaches its ends.
        var (dx, dy) = (one.To.X - one.From.X, one.To.Y - one.From.Y);
        var (ex, ey) = (other.To.X - other.From.X, other.To.Y - other.From.Y);
        var square = (ex * ex) + (ey * ey);
        var offset = square > 0 ? (((one.From.X - other.From.X) * ex) + ((one.From.Y - other.From.Y) * ey)) / square : 0;
        var slope = square > 0 ? ((dx * ex) + (dy * ey)) / square : 0;
        List<double> shares = [from, to];
        if (slope != 0)
        {
            shares.AddRange(new[] { -offset / slope, (1 - offset) / slope }.Where(s => s > from && s < to));
        }

        shares.Sort();
        var least = double.MaxValue;
        var before = double.NaN;
        foreach (var share in shares)
        {
            var difference = Difference(share);
            least = Math.Min(least, !double.IsNaN(before) && Math.Sign(before) * Math.Sign(difference) < 0 ? 0 : Math.Abs(difference));
            before = difference;
        }

        return least - a.HalfHeight - b.HalfHeight;

        double Difference(double share)
        {
            var chainage = one.Start + (share * one.Length);
            var at = other.Start + (Math.Clamp(offset + (slope * share), 0, 1) * other.Length);
            return upper.At(a.Length > 0 ? chainage / a.Length : 0) - lower.At(b.Length > 0 ? at / b.Length : 0);
        }
    }

    /// <summary>Shares of the piece p→q within a distance of the piece r→s, or null.</summary>
    private static (double Low, double High)? Within(Coordinate p, Coordinate q, Coordinate r, Coordinate s, double distance)
    {
        var span = (Low: double.MaxValue, High: double.MinValue);
        Circle(r);
        Circle(s);
        Band();
        return span.Low <= span.High ? span : null;

        void Take(double low, double high)
        {
            (low, high) = (Math.Max(low, 0), Math.Min(high, 1));
            if (low <= high)
            {
                span = (Math.Min(span.Low, low), Math.Max(span.High, high));
            }
        }

        void Circle(Coordinate center)
        {
            var (dx, dy, fx, fy) = (q.X - p.X, q.Y - p.Y, p.X - center.X, p.Y - center.Y);
            var (qa, qb, qc) = ((dx * dx) + (dy * dy), (fx * dx) + (fy * dy), (fx * fx) + (fy * fy) - (distance * distance));
            if (qa == 0)
            {
                if (qc <= 0)
                {
                    Take(0, 1);
                }

                return;
            }

            var inner = (qb * qb) - (qa * qc);
            if (inner >= 0)
            {
                var root = Math.Sqrt(inner);
                Take((-qb - root) / qa, (-qb + root) / qa);
            }
        }

        // The rectangle beside r→s: the cut of two half-plane pairs.
        void Band()
        {
            var (ex, ey) = (s.X - r.X, s.Y - r.Y);
            var length = Math.Sqrt((ex * ex) + (ey * ey));
            if (length == 0)
            {
                return;
            }

            var (ux, uy) = (ex / length, ey / length);
            var (along0, along1) = (((p.X - r.X) * ux) + ((p.Y - r.Y) * uy), ((q.X - r.X) * ux) + ((q.Y - r.Y) * uy));
            var (side0, side1) = (((p.Y - r.Y) * ux) - ((p.X - r.X) * uy), ((q.Y - r.Y) * ux) - ((q.X - r.X) * uy));
            var (low, high) = (0.0, 1.0);
            if (Clip(along0, along1, 0, length, ref low, ref high) && Clip(side0, side1, -distance, distance, ref low, ref high))
            {
                Take(low, high);
            }
        }
    }

    /// <summary>Cuts [low, high] to where a value that goes evenly from v0 to v1 lies in [least, most].</summary>
    private static bool Clip(double v0, double v1, double least, double most, ref double low, ref double high)
    {
        var change = v1 - v0;
        if (change == 0)
        {
            return v0 >= least && v0 <= most;
        }

        var (first, second) = ((least - v0) / change, (most - v0) / change);
        (low, high) = (Math.Max(low, Math.Min(first, second)), Math.Min(high, Math.Max(first, second)));
        return low <= high;
    }

    private readonly record struct Piece(double From, double To, double Distance, double OverlapFrom, double OverlapTo, double? Vertical);
}
