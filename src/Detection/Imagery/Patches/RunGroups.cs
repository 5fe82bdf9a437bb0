namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Runs of pixels grouped by common sides, and how many rings their outline has at most. Takes time in proportion to the runs, and 4 bytes each.</summary>
internal sealed class RunGroups
{
    private readonly IReadOnlyList<PixelRun> _runs;
    private readonly int[] _parent;

    /// <param name="runs">Not empty; sorted, runs of one row do not touch.</param>
    public RunGroups(IReadOnlyList<PixelRun> runs, CancellationToken cancellation)
    {
        _runs = runs;
        _parent = new int[runs.Count];
        long groups = runs.Count, sides = 0, diagonals = 0;
        var (above, row, start) = (0, int.MinValue, 0);
        for (var i = 0; i < runs.Count; i++)
        {
            _parent[i] = i;
            var run = runs[i];
            if (run.Row != row)
            {
                cancellation.ThrowIfCancellationRequested();
                (above, start, row) = (start, i, run.Row);
            }

            // Those that end before this run also end before the next of its row.
            while (above < start && (runs[above].Row < row - 1 || runs[above].To < run.From))
            {
                above++;
            }

            for (var j = above; j < start && runs[j].From <= run.To; j++)
            {
                if (runs[j].To == run.From || runs[j].From == run.To)
                {
                    diagonals++;
                    continue;
                }

                sides++;
                var (a, b) = (Root(i), Root(j));
                if (a != b)
                {
                    _parent[Math.Max(a, b)] = Math.Min(a, b);
                    groups--;
                }
            }
        }

        // Euler: parts less holes is runs less sides. Where pixels meet in a corner one ring may be parted in two.
        RingsAtMost = groups + (groups - runs.Count + sides) + diagonals;
    }

    /// <summary>Parts, holes, and corners where pixels meet diagonally.</summary>
    public long RingsAtMost { get; }

    /// <summary>The group of a pixel that is in a run.</summary>
    public int GroupAt(int column, int row)
    {
        int low = 0, high = _runs.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_runs[middle].CompareTo(new PixelRun(row, column, column)) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return Root(low);
    }

    private int Root(int at)
    {
        while (_parent[at] != at)
        {
            at = _parent[at] = _parent[_parent[at]];
        }

        return at;
    }
}
