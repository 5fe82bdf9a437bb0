namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// The dates that all pixels of a stack share, with what depends on dates alone: the rows of the design and the order by season.
/// Immutable and thread-safe.
/// </summary>
public sealed class ObservationDates
{
    /// <summary>Radians a day of one cycle a year (mean Gregorian year).</summary>
    public const double Cycle = 2 * Math.PI / 365.2425;

    /// <summary>Days after which two observations count as of the same season.</summary>
    internal const double Season = 365.25;

    private readonly int[] _days;
    private readonly BandLanes[] _rows;
    private readonly double[] _phases;
    private readonly int[] _bySeason;
    private readonly BandLanes[]?[] _longCycles;

    /// <param name="days">Day numbers of any epoch, ascending; a day may come twice (overlapping swaths).</param>
    /// <exception cref="ArgumentException">Descending.</exception>
    public ObservationDates(ReadOnlySpan<int> days)
    {
        _days = days.ToArray();
        _rows = new BandLanes[_days.Length];
        _phases = new double[_days.Length];
        Span<double> row = stackalloc double[BandLanes.Count];
        for (var i = 0; i < _days.Length; i++)
        {
            if (i > 0 && _days[i] < _days[i - 1])
            {
                throw new ArgumentException($"Day {_days[i]} comes after day {_days[i - 1]}; give the days in ascending order.", nameof(days));
            }

            var angle = Cycle * _days[i];
            row[0] = _days[i] - _days[0];
            for (var k = 1; k <= 3; k++)
            {
                (row[2 * k], row[(2 * k) - 1]) = Math.SinCos(k * angle);
            }

            row[CcdcSegment.Columns] = 1;
            _rows[i] = BandLanes.Of(row);
            _phases[i] = _days[i] - (Math.Floor(_days[i] / Season) * Season);
        }

        _bySeason = new int[_days.Length];
        for (var i = 0; i < _bySeason.Length; i++)
        {
            _bySeason[i] = i;
        }

        // Of the same phase the earlier first, so that it is defined which are nearest.
        Array.Sort(_bySeason, (a, b) => _phases[a] != _phases[b] ? _phases[a].CompareTo(_phases[b]) : a.CompareTo(b));
        _longCycles = new BandLanes[]?[_days.Length == 0 ? 0 : (int)((_days[^1] - _days[0]) / 365.0) + 3];
    }

    public int Count => _days.Length;

    public ReadOnlySpan<int> Days => _days;

    /// <summary>Rows of the design: days since the first date, cosine and sine of one to three cycles a year, 1.</summary>
    internal ReadOnlySpan<BandLanes> Rows => _rows;

    /// <summary>Day within <see cref="Season"/>, in [0, 365.25).</summary>
    internal ReadOnlySpan<double> Phases => _phases;

    /// <summary>Indices of the dates in the order of their phases.</summary>
    internal ReadOnlySpan<int> BySeason => _bySeason;

    /// <summary>
    /// Rows of the design of <see cref="CloudScreen"/>: cosine and sine of one cycle a year and of one in so many years, 1, then zeros. Made
    /// when first asked for and kept.
    /// </summary>
    /// <param name="years">From 1 to what the dates span, rounded up.</param>
    internal ReadOnlySpan<BandLanes> LongCycle(int years)
    {
        if (Volatile.Read(ref _longCycles[years]) is { } made)
        {
            return made;
        }

        var rows = new BandLanes[_days.Length];
        Span<double> row = stackalloc double[BandLanes.Count];
        row.Clear();
        row[4] = 1;
        for (var i = 0; i < rows.Length; i++)
        {
            (row[0], row[1]) = (_rows[i][1], _rows[i][2]);
            (row[3], row[2]) = Math.SinCos(Cycle / years * _days[i]);
            rows[i] = BandLanes.Of(row);
        }

        // Two threads that both make them make the same.
        Volatile.Write(ref _longCycles[years], rows);
        return rows;
    }
}
