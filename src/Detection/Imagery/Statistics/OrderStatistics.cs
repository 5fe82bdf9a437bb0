using System.Numerics;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Medians and quantiles without sorting everything.</summary>
internal static class OrderStatistics
{
    /// <summary>From so many values on, counting first costs less than comparing.</summary>
    public const int ManyValues = 4096;

    /// <summary>Sign, exponent and three bits of the fraction.</summary>
    private const int CountedBits = 12;

    /// <summary>
    /// The same value as <see cref="Select{T}"/> for many floats: counts them by their leading bits, in the order of numbers, and sorts out
    /// only those that share the leading bits of the one looked for. Reorders <paramref name="values"/>.
    /// </summary>
    /// <remarks>Values are finite.</remarks>
    public static float SelectOfMany(Span<float> values, int rank)
    {
        Span<int> counts = stackalloc int[1 << CountedBits];
        counts.Clear();
        foreach (var value in values)
        {
            counts[Key(value)]++;
        }

        var (key, before) = (0, 0);
        while (before + counts[key] <= rank)
        {
            before += counts[key++];
        }

        var same = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (Key(values[i]) == key)
            {
                (values[same], values[i]) = (values[i], values[same]);
                same++;
            }
        }

        return Select(values[..same], rank - before);

        // Bits of negative floats run against their values.
        static int Key(float value)
        {
            var bits = BitConverter.SingleToInt32Bits(value);
            return (int)((uint)(bits ^ ((bits >> 31) | int.MinValue)) >> (32 - CountedBits));
        }
    }

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
