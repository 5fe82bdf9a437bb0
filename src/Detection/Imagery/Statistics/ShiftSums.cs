using System.Numerics.Tensors;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>What one pair of windows adds to a <see cref="ShiftEstimate"/>: sums of products of high-passed pixels.</summary>
/// <param name="Cross">By offset in y, then in x, from −<see cref="ShiftEstimate.Reach"/> on.</param>
/// <param name="Before2">Sum of squares of the first image.</param>
/// <param name="After2">Sum of squares of the second.</param>
internal sealed record ShiftSums(double[] Cross, double Before2, double After2)
{
    /// <param name="before">Row-major; NaN where not valid.</param>
    public static ShiftSums Of(float[] before, float[] after, int width, int height)
    {
        const int reach = ShiftEstimate.Reach, side = (2 * reach) + 1;
        var cross = new double[side * side];
        double before2 = 0, after2 = 0;
        if (width <= 4 * reach || height <= 4 * reach)
        {
            return new ShiftSums(cross, before2, after2);
        }

        var a = HighPass(before, width, height);
        var b = HighPass(after, width, height);
        var span = width - (2 * reach);
        for (var y = reach; y < height - reach; y++)
        {
            var row = a.AsSpan((y * width) + reach, span);
            before2 += TensorPrimitives.Dot<float>(row, row);
            var still = b.AsSpan((y * width) + reach, span);
            after2 += TensorPrimitives.Dot<float>(still, still);
            for (var v = -reach; v <= reach; v++)
            {
                for (var u = -reach; u <= reach; u++)
                {
                    cross[((v + reach) * side) + u + reach] += TensorPrimitives.Dot<float>(row, b.AsSpan(((y + v) * width) + reach + u, span));
                }
            }
        }

        return new ShiftSums(cross, before2, after2);
    }

    /// <summary>Value less the mean of its 9 × 9 neighbourhood, cut at the 90th percentile so that a few bright roofs do not decide; 0 where not valid.</summary>
    private static float[] HighPass(float[] plane, int width, int height)
    {
        const int radius = 4;
        var result = new float[plane.Length];
        var sums = new double[(width + 1) * (height + 1)];
        var counts = new int[(width + 1) * (height + 1)];
        for (var y = 0; y < height; y++)
        {
            double sum = 0;
            var count = 0;
            for (var x = 0; x < width; x++)
            {
                var value = plane[(y * width) + x];
                if (float.IsFinite(value))
                {
                    sum += value;
                    count++;
                }

                var at = ((y + 1) * (width + 1)) + x + 1;
                sums[at] = sums[at - width - 1] + sum;
                counts[at] = counts[at - width - 1] + count;
            }
        }

        for (var y = 0; y < height; y++)
        {
            int top = Math.Max(0, y - radius), bottom = Math.Min(height, y + radius + 1);
            for (var x = 0; x < width; x++)
            {
                var value = plane[(y * width) + x];
                if (!float.IsFinite(value))
                {
                    continue;
                }

                int left = Math.Max(0, x - radius), right = Math.Min(width, x + radius + 1);
                var sum = Box(sums, left, top, right, bottom);
                var count = counts[(bottom * (width + 1)) + right] - counts[(top * (width + 1)) + right] - counts[(bottom * (width + 1)) + left] + counts[(top * (width + 1)) + left];
                result[(y * width) + x] = value - (float)(sum / count);
            }
        }

        var sizes = new float[result.Length];
        TensorPrimitives.Abs(result, sizes);
        var cut = RobustStatistics.Quantile(sizes, 0.9);
        if (cut > 0)
        {
            TensorPrimitives.Clamp(result, -cut, cut, result);
        }

        return result;

        double Box(double[] table, int left, int top, int right, int bottom) =>
            table[(bottom * (width + 1)) + right] - table[(top * (width + 1)) + right] - table[(bottom * (width + 1)) + left] + table[(top * (width + 1)) + left];
    }
}
