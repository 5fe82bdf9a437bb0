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
        var (best, bestCount, far) = (int.MaxValue, 0, 0);
        for (var i = lag; i < days.Length; i++)
        {
            var gap = days[i] - days[i - lag];
            if (gap >= _met.Length)
            {
                _differences[far++] = gap;
                continue;
            }

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

        return far > bestCount ? AmongFar(_differences.AsSpan(0, far), best, bestCount) : best;
    }

    /// <summary>The same with the gaps that are longer than the table, of years without observations.</summary>
    private static int AmongFar(Span<double> gaps, int best, int bestCount)
    {
        gaps.Sort();
        var run = 0;
        for (var i = 0; i < gaps.Length; i++)
        {
            run = i > 0 && gaps[i] == gaps[i - 1] ? run + 1 : 1;
            if (run > bestCount)
            {
                (best, bestCount) = ((int)gaps[i], run);
            }
        }

        return best;
    }
}
