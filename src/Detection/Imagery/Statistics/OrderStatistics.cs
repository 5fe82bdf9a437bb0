using System.Numerics;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Medians and quantiles without sorting everything.</summary>
internal static class OrderStatistics
{
    /// <summary>The median, the mean of both middle values when there are two; 0 of nothing. Reorders <paramref name="values"/>.</summary>
    public static double Median(Span<double> values)
    {
        if (values.IsEmpty)
        {
            return 0;
        }

        var upper = Select(values, values.Length / 2);
        if (values.Length % 2 == 1)
        {
            return upper;
        }

        var lower = double.NegativeInfinity;
        foreach (var value in values[..(values.Length / 2)])
        {
            lower = Math.Max(lower, value);
        }

        return (lower + upper) / 2;
    }

    /// <summary>The value that would stand at <paramref name="rank"/> after sorting; smaller ones lie before it then, larger ones behind (Hoare's find).</summary>
    /// <remarks>Values are finite; NaN has no rank.</remarks>
    public static T Select<T>(Span<T> values, int rank)
        where T : IComparisonOperators<T, T, bool>
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var pivot = values[(low + high) / 2];
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot)
                {
                    i++;
                }

                while (values[j] > pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (rank <= j)
            {
                high = j;
            }
            else if (rank >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }

        return values[rank];
    }
}
