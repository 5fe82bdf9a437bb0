using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// The outline of a group of pixels along their edges, valid as simple features are: parts that meet in a corner only are several
/// polygons, and no ring touches itself.
/// </summary>
public static class PixelOutline
{
    /// <summary>Rings of one object's outline, at most; an object that would have more is traced in coarser cells.</summary>
    public const int MostRings = 20_000;

    /// <param name="runs">Not empty; sorted, runs of one row do not touch.</param>
    /// <param name="transform">From columns and rows to the coordinates that are wanted.</param>
    /// <returns>A polygon, or a multi-polygon when there are several parts.</returns>
    public static Geometry Of(IReadOnlyList<PixelRun> runs, GeoTransform transform, CancellationToken cancellation = default) => Trace(runs, transform, MostRings, cancellation).Shape;

    /// <summary>The outline, coarser where it would have too many rings.</summary>
    /// <param name="runs">Not empty; sorted, runs of one row do not touch.</param>
    /// <param name="transform">From columns and rows to the coordinates that are wanted.</param>
    /// <param name="mostRings">≥ 1. Counted from above: parts, holes, and corners where pixels meet diagonally.</param>
    /// <param name="cancellation">Looked at all the way.</param>
    /// <returns>The shape, and the side in pixels of the cells it runs along, 1 when these are the pixels themselves.</returns>
    internal static (Geometry Shape, int Cell) Trace(IReadOnlyList<PixelRun> runs, GeoTransform transform, int mostRings, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var groups = new RunGroups(runs, cancellation);
        var cell = 1;
        CoarseRuns? coarse = null;
        while (groups.RingsAtMost > mostRings)
        {
            cell *= 2;
            coarse = CoarseRuns.Of(runs, cell, cancellation);
            groups = new RunGroups(coarse.Runs, cancellation);
        }

        var rings = RingsOf(coarse?.Runs ?? runs, groups, cancellation);
        if (coarse is not null)
        {
            foreach (var ring in rings.SelectMany(r => r.Holes.Prepend(r.Shell)))
            {
                coarse.ToPixels(ring);
            }
        }

        Polygon[] parts = [.. rings.Select(s => new Polygon(RingOf(s.Shell, transform), [.. s.Holes.Select(h => RingOf(h, transform))]))];
        return (parts.Length == 1 ? parts[0] : new MultiPolygon(parts), cell);
    }

    /// <summary>The corners of each part in columns and rows, its pixels on the right in the direction of travel, rows counting downwards; the last is not the first again.</summary>
    internal static IReadOnlyList<PixelRings> RingsOf(IReadOnlyList<PixelRun> runs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return RingsOf(runs, new RunGroups(runs, cancellation), cancellation);
    }

    private static List<PixelRings> RingsOf(IReadOnlyList<PixelRun> runs, RunGroups groups, CancellationToken cancellation)
    {
        var edges = new Edges(runs, cancellation);
        var shells = new List<PixelRings>();
        var shellOf = new Dictionary<int, PixelRings>();
        var holes = new List<List<(int X, int Y)>>();
        foreach (var corners in edges.Rings(cancellation))
        {
            if (TwiceArea(corners) > 0)
            {
                var shell = new PixelRings(corners, []);
                shells.Add(shell);

                // Pixels that are joined by their sides have one ring around them; its first corner is where a run of theirs begins.
                var (x, y) = FirstCorner(corners);
                shellOf[groups.GroupAt(x, y)] = shell;
            }
            else
            {
                holes.Add(corners);
            }
        }

        foreach (var hole in holes)
        {
            cancellation.ThrowIfCancellationRequested();

            // The pixel left of the hole's first one ends a run of those that the hole lies in.
            var (x, y) = FirstCorner(hole);
            shellOf[groups.GroupAt(x - 1, y)].Holes.Add(hole);
        }

        return shells;
    }

    /// <summary>The topmost, then leftmost corner: the ring's own pixel, of the object or of the hole, lies below and to the right of it.</summary>
    private static (int X, int Y) FirstCorner(List<(int X, int Y)> ring) => ring.MinBy(c => (c.Y, c.X));

    private static LinearRing RingOf(List<(int X, int Y)> corners, GeoTransform transform)
    {
        var points = new Coordinate[corners.Count + 1];
        for (var i = 0; i < corners.Count; i++)
        {
            var (x, y) = transform.Apply(corners[i].X, corners[i].Y);
            points[i] = new Coordinate(x, y);
        }

        points[^1] = points[0].Copy();
        return new LinearRing(points);
    }

    /// <summary>Positive for a ring that has its pixels on the right in the direction of travel, rows counting downwards: a shell.</summary>
    private static long TwiceArea(List<(int X, int Y)> ring)
    {
        long sum = 0;
        for (var i = 0; i < ring.Count; i++)
        {
            var (a, b) = (ring[i], ring[(i + 1) % ring.Count]);
            sum += ((long)a.X * b.Y) - ((long)b.X * a.Y);
        }

        return sum;
    }

    /// <summary>The directed edges around the pixels, which lie on their right; from each corner one goes on, from a corner where two parts meet two.</summary>
    private sealed class Edges
    {
        private readonly IReadOnlyList<PixelRun> _runs;
        private readonly Dictionary<(int X, int Y), ((int X, int Y) To, (int X, int Y)? OrTo)> _next;

        public Edges(IReadOnlyList<PixelRun> runs, CancellationToken cancellation)
        {
            _runs = runs;
            _next = new(runs.Count * 4);
            var (above, row, below) = (0, 0, 0);
            while (row < runs.Count)
            {
                cancellation.ThrowIfCancellationRequested();
                var y = runs[row].Row;
                var end = EndOfRow(runs, row);
                while (above < row && runs[above].Row < y - 1)
                {
                    above++;
                }

                below = Math.Max(below, end);
                var belowStart = below < runs.Count && runs[below].Row == y + 1 ? below : runs.Count;
                var aboveEnd = above < row && runs[above].Row == y - 1 ? row : above;
                for (var i = row; i < end; i++)
                {
                    var run = runs[i];
                    Add((run.From, y + 1), (run.From, y));
                    Add((run.To, y), (run.To, y + 1));
                    Uncovered(runs, above, aboveEnd, y - 1, run);
                    Uncovered(runs, belowStart, runs.Count, y + 1, run);
                }

                row = end;
            }
        }

        public List<List<(int X, int Y)>> Rings(CancellationToken cancellation)
        {
            var rings = new List<List<(int X, int Y)>>();
            // A shell has its first corner where a run begins, a hole where one ends.
            foreach (var run in _runs)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var start in (ReadOnlySpan<(int, int)>)[(run.From, run.Row), (run.To, run.Row)])
                {
                    while (_next.ContainsKey(start))
                    {
                        Split(Walk(start), rings);
                    }
                }
            }

            return rings;
        }

        private List<(int X, int Y)> Walk((int X, int Y) start)
        {
            var ring = new List<(int X, int Y)>();
            var (at, heading) = (start, (X: 0, Y: 0));
            do
            {
                var to = Leave(at, heading);
                var direction = (X: Math.Sign(to.X - at.X), Y: Math.Sign(to.Y - at.Y));
                if (direction != heading)
                {
                    ring.Add(at);
                }

                (at, heading) = (to, direction);
            }
            while (at != start || MayGoOn(at, heading));

            // A start in the middle of a straight edge is no corner.
            var (first, last) = (ring[0], ring[^1]);
            if (ring.Count > 1 && (Math.Sign(first.X - last.X), Math.Sign(first.Y - last.Y)) == heading
                && ring[1] is var second && (Math.Sign(second.X - first.X), Math.Sign(second.Y - first.Y)) == heading)
            {
                ring.RemoveAt(0);
            }

            return ring;
        }

        /// <summary>A walk that meets a corner again went around a hole that touches the outside, or around two that touch: rings touch nowhere.</summary>
        private static void Split(List<(int X, int Y)> walk, List<List<(int X, int Y)>> rings)
        {
            var seen = new Dictionary<(int X, int Y), int>();
            var open = new List<(int X, int Y)>();
            foreach (var corner in walk)
            {
                if (seen.TryGetValue(corner, out var at))
                {
                    rings.Add(open[at..]);
                    open[at..].ForEach(c => seen.Remove(c));
                    open.RemoveRange(at, open.Count - at);
                }

                seen[corner] = open.Count;
                open.Add(corner);
            }

            rings.Add(open);
        }

        /// <summary>Back at the start the ring is closed, but for a corner where parts meet, which is left by the edge that turns right.</summary>
        private bool MayGoOn((int X, int Y) at, (int X, int Y) heading) =>
            _next.TryGetValue(at, out var edges) && Right(heading) == Direction(at, edges.To);

        private (int X, int Y) Leave((int X, int Y) at, (int X, int Y) heading)
        {
            var (to, or) = _next[at];
            if (or is not { } second)
            {
                _next.Remove(at);
                return to;
            }

            // Two edges leave: turning right stays with the pixel, turning left would cross to the other part.
            if (Right(heading) == Direction(at, second))
            {
                (to, second) = (second, to);
            }

            _next[at] = (second, null);
            return to;
        }

        private void Add((int X, int Y) from, (int X, int Y) to) =>
            _next[from] = _next.TryGetValue(from, out var edges) ? (edges.To, to) : (to, null);

        private static (int X, int Y) Direction((int X, int Y) from, (int X, int Y) to) => (Math.Sign(to.X - from.X), Math.Sign(to.Y - from.Y));

        /// <summary>Turned right, rows counting downwards.</summary>
        private static (int X, int Y) Right((int X, int Y) heading) => (-heading.Y, heading.X);

        private static int EndOfRow(IReadOnlyList<PixelRun> runs, int at)
        {
            var row = runs[at].Row;
            while (at < runs.Count && runs[at].Row == row)
            {
                at++;
            }

            return at;
        }

        /// <summary>Adds edges where no run of the neighbouring row covers a run.</summary>
        private void Uncovered(IReadOnlyList<PixelRun> runs, int from, int end, int row, PixelRun run)
        {
            var at = run.From;
            for (var i = from; i < end && runs[i].Row == row && runs[i].From < run.To; i++)
            {
                if (runs[i].To <= at)
                {
                    continue;
                }

                if (runs[i].From > at)
                {
                    AddBorder(at, runs[i].From, row, run.Row);
                }

                at = Math.Max(at, runs[i].To);
            }

            if (at < run.To)
            {
                AddBorder(at, run.To, row, run.Row);
            }
        }

        private void AddBorder(int from, int to, int neighbour, int row)
        {
            if (neighbour < row)
            {
                Add((from, row), (to, row));
            }
            else
            {
                Add((to, neighbour), (from, neighbour));
            }
        }
    }
}

/// <summary>One part of an outline: corners in columns and rows.</summary>
internal sealed record PixelRings(List<(int X, int Y)> Shell, List<List<(int X, int Y)>> Holes);
