namespace Monitoring.Detection.Imagery.Patches;

/// <summary>The pixels of many groups, asked for row by row from the first on. Takes memory for the groups that reach into a row, not for their runs.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RunRows
{
    private readonly IReadOnlyList<PixelRun>[] _groups;
    private readonly List<(IReadOnlyList<PixelRun> Runs, int Next)> _open = [];
    private readonly List<PixelRun> _row = [];
    private int _first;

    /// <param name="groups">Each sorted and not empty; in any order.</param>
    public RunRows(IEnumerable<IReadOnlyList<PixelRun>> groups)
    {
        _groups = [.. groups];
        Array.Sort(_groups, static (a, b) => a[0].Row.CompareTo(b[0].Row));
    }

    /// <summary>The runs of a row, which is not before the one of the last call; good until the next call.</summary>
    public IReadOnlyList<PixelRun> Row(int y)
    {
        for (; _first < _groups.Length && _groups[_first][0].Row <= y; _first++)
        {
            _open.Add((_groups[_first], 0));
        }

        _row.Clear();
        var kept = 0;
        for (var i = 0; i < _open.Count; i++)
        {
            var (runs, next) = _open[i];
            for (; next < runs.Count && runs[next].Row <= y; next++)
            {
                if (runs[next].Row == y)
                {
                    _row.Add(runs[next]);
                }
            }

            if (next < runs.Count)
            {
                _open[kept++] = (runs, next);
            }
        }

        _open.RemoveRange(kept, _open.Count - kept);
        return _row;
    }
}
