using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc.Watch;

/// <summary>Medians of eight lists at once, by a sorting network: the same comparisons whatever the values are.</summary>
internal static class LaneOrder
{
    /// <summary>The median of each lane, the mean of both middle values when there are two; 0 of nothing. Sorts <paramref name="values"/>.</summary>
    /// <remarks>Values are finite.</remarks>
    public static Vector512<double> Median(Span<Vector512<double>> values)
    {
        if (values.IsEmpty)
        {
            return Vector512<double>.Zero;
        }

        Sort(values);
        var upper = values[values.Length / 2];
        return values.Length % 2 == 1 ? upper : (values[(values.Length / 2) - 1] + upper) / Vector512.Create(2.0);
    }

    /// <summary>Sorts each lane ascending (Batcher's odd-even merging; Knuth, The Art of Computer Programming 3, algorithm 5.2.2 M).</summary>
    public static void Sort(Span<Vector512<double>> values)
    {
        var n = values.Length;
        var top = 1;
        while (2 * top < n)
        {
            top *= 2;
        }

        for (var p = n < 2 ? 0 : top; p > 0; p /= 2)
        {
            var (q, r, d) = (top, 0, p);
            while (true)
            {
                for (var i = 0; i < n - d; i++)
                {
                    if ((i & p) == r)
                    {
                        var (a, b) = (values[i], values[i + d]);
                        (values[i], values[i + d]) = (Vector512.MinNative(a, b), Vector512.MaxNative(a, b));
                    }
                }

                if (q == p)
                {
                    break;
                }

                (d, q, r) = (q - p, q / 2, p);
            }
        }
    }
}
