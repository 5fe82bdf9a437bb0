namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// A group of pixels in square cells: the fullest ones, as many as come nearest to the pixels' area. Cells outside the box of the pixels
/// are cut off at its edge.
/// </summary>
internal sealed class CoarseRuns
{
    private readonly int _left;
    private readonly int _top;
    private readonly int _right;
    private readonly int _bottom;
    private readonly int _side;

    private CoarseRuns(int left, int top, int right, int bottom, int side, List<PixelRun> runs) =>
        (_left, _top, _right, _bottom, _side, Runs) = (left, top, right, bottom, side, runs);

    /// <summary>In cells; not empty.</summary>
    public IReadOnlyList<PixelRun> Runs { get; }

    /// <param name="runs">Not empty; sorted.</param>
    /// <param name="side">Pixels, from 2.</param>
    public static CoarseRuns Of(IReadOnlyList<PixelRun> runs, int side, CancellationToken cancellation)
    {
        int left = int.MaxValue, right = 0;
        long pixels = 0;
        foreach (var run in runs)
        {
            (left, right, pixels) = (Math.Min(left, run.From), Math.Max(right, run.To), pixels + run.Length);
        }

        var (top, bottom) = (runs[0].Row, runs[^1].Row + 1);

        // How many cells hold how many pixels: the fullest are taken first.
        var cells = new Dictionary<long, long>();
        EachRow((_, counts) =>
        {
            foreach (var count in counts)
            {
                cells[count] = cells.GetValueOrDefault(count) + 1;
            }
        });
        long least = 0, covered = 0;
        foreach (var (count, number) in cells.Where(c => c.Key > 0).OrderByDescending(c => c.Key))
        {
            var more = covered + (number * side * side);
            if (least > 0 && more - pixels > pixels - covered)
            {
                break;
            }

            (least, covered) = (count, more);
        }

        List<PixelRun> coarse = [];
        EachRow((row, counts) =>
        {
            for (var x = 0; x < counts.Length; x++)
            {
                var from = x;
                while (x < counts.Length && counts[x] >= least)
                {
                    x++;
                }

                if (x > from)
                {
                    coarse.Add(new PixelRun(row, from, x));
                }
            }
        });
        return new CoarseRuns(left, top, right, bottom, side, coarse);

        void EachRow(Action<int, long[]> use)
        {
            var counts = new long[(right - left + side - 1) / side];
            var row = 0;
            foreach (var run in runs)
            {
                var at = (run.Row - top) / side;
                if (at != row)
                {
                    cancellation.ThrowIfCancellationRequested();
                    use(row, counts);
                    Array.Clear(counts);
                    row = at;
                }

                for (var x = (run.From - left) / side; x <= (run.To - 1 - left) / side; x++)
                {
                    counts[x] += Math.Min(run.To, left + ((x + 1) * side)) - Math.Max(run.From, left + (x * side));
                }
            }

            use(row, counts);
        }
    }

    /// <summary>Corners of cells to corners of pixels, in place.</summary>
    public void ToPixels(List<(int X, int Y)> ring)
    {
        for (var i = 0; i < ring.Count; i++)
        {
            ring[i] = (Math.Min(_right, _left + (ring[i].X * _side)), Math.Min(_bottom, _top + (ring[i].Y * _side)));
        }
    }
}
