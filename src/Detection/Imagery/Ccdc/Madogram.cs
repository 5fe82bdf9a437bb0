using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// First-order madogram of a pixel: per band the median absolute difference of observations that are about a month apart, which says how
/// much the band scatters without change. Pairs closer than that see the same weather and would say too little. A workspace: not thread-safe.
/// </summary>
internal sealed class Madogram
{
    private const int MonthDays = 30;

    private double[] _differences = [];
    private readonly int[] _met = new int[1024];

    /// <param name="days">Days of the observations, strictly ascending, at least two.</param>
    /// <param name="values">Their values, a lane a band.</param>
    /// <param name="bands">The bands that are asked for; the others are 0.</param>
    public BandLanes Of(ReadOnlySpan<int> days, ReadOnlySpan<BandLanes> values, ReadOnlySpan<int> bands)
    {
        if (_differences.Length < days.Length)
        {
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
        var numbers = MemoryMarshal.Cast<BandLanes, double>(values);
        foreach (var band in bands)
        {
            var count = 0;
            for (var i = lag; i < days.Length; i++)
            {
                if (days[i] - days[i - lag] >= least)
                {
                    _differences[count++] = Math.Abs(numbers[(i * BandLanes.Count) + band] - numbers[((i - lag) * BandLanes.Count) + band]);
                }
            }

            medians[band] = OrderStatistics.Median(_differences.AsSpan(0, count));
        }

        return BandLanes.Of(medians);
    }

    /// <summary>The gap that is met most often between observations <paramref name="lag"/> apart; the smallest of several.</summary>
    private int CommonGap(ReadOnlySpan<int> days, int lag)
    {
        var (best, bestCount) = (int.MaxValue, 0);
        for (var i = lag; i < days.Length; i++)
        {
            // Gaps beyond the table are as good as each other: all are far more than a month.
            var gap = Math.Min(days[i] - days[i - lag], _met.Length - 1);
            var count = ++_met[gap];
            if (count > bestCount || (count == bestCount && gap < best))
            {
                (best, bestCount) = (gap, count);
            }
        }

        for (var i = lag; i < days.Length; i++)
        {
            _met[Math.Min(days[i] - days[i - lag], _met.Length - 1)] = 0;
        }

        return best;
    }
}
