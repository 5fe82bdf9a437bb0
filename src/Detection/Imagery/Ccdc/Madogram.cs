namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// First-order madogram of a pixel: per band the median absolute difference of observations that are about a month apart, which says how
/// much the band scatters without change. Pairs closer than that see the same weather and would say too little. A workspace: not thread-safe.
/// </summary>
internal sealed class Madogram
{
    private const int MonthDays = 30;

    private double[] _differences = [];
    private int[] _gaps = [];

    /// <param name="days">Days of the observations, strictly ascending, at least two.</param>
    /// <param name="values">Their values, a lane a band.</param>
    public BandLanes Of(ReadOnlySpan<int> days, ReadOnlySpan<BandLanes> values, int bands)
    {
        if (_gaps.Length < days.Length)
        {
            _gaps = new int[days.Length];
            _differences = new double[days.Length];
        }

        var lag = 1;
        var least = int.MinValue;
        for (var tried = 1; tried < days.Length; tried++)
        {
            if (CommonGap(days, tried) > MonthDays)
            {
                (lag, least) = (tried, MonthDays + 1);
                break;
            }
        }

        Span<double> medians = stackalloc double[BandLanes.Count];
        medians.Clear();
        for (var band = 0; band < bands; band++)
        {
            var count = 0;
            for (var i = lag; i < days.Length; i++)
            {
                if (days[i] - days[i - lag] >= least)
                {
                    _differences[count++] = Math.Abs(values[i][band] - values[i - lag][band]);
                }
            }

            medians[band] = OrderStatistics.Median(_differences.AsSpan(0, count));
        }

        return BandLanes.Of(medians);
    }

    /// <summary>The gap that is met most often between observations <paramref name="lag"/> apart; the smallest of several.</summary>
    private int CommonGap(ReadOnlySpan<int> days, int lag)
    {
        var gaps = _gaps.AsSpan(0, days.Length - lag);
        for (var i = 0; i < gaps.Length; i++)
        {
            gaps[i] = days[i + lag] - days[i];
        }

        gaps.Sort();
        var (best, bestCount) = (gaps[0], 0);
        for (var from = 0; from < gaps.Length;)
        {
            var to = from + 1;
            while (to < gaps.Length && gaps[to] == gaps[from])
            {
                to++;
            }

            if (to - from > bestCount)
            {
                (best, bestCount) = (gaps[from], to - from);
            }

            from = to;
        }

        return best;
    }
}
