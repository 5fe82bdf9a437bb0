using System.Numerics.Tensors;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>
/// How far one image lies off another: the peak of the normalised cross-correlation of their high-passed pixels over whole-pixel
/// offsets, refined by a parabola in x and in y.
/// </summary>
/// <param name="Peak">Correlation at the best whole-pixel offset, in [−1, 1].</param>
/// <param name="AtRest">Correlation without any offset.</param>
public readonly record struct ShiftEstimate(PixelShift Shift, double Peak, double AtRest)
{
    /// <summary>Largest offset looked for, in pixels along each axis: products of one family agree much better than that.</summary>
    public const int Reach = 4;

    /// <summary>Below this correlation the two images share too little texture to tell.</summary>
    public const double LeastPeak = 0.3;

    /// <summary>The shift when it can be trusted, else none.</summary>
    public PixelShift Trusted => Peak >= LeastPeak && Math.Abs(Shift.X) < Reach && Math.Abs(Shift.Y) < Reach ? Shift : PixelShift.None;

    /// <param name="tiles">Matching windows of both images, same size each, row-major; pixels that are not valid hold NaN.</param>
    public static ShiftEstimate Of(IReadOnlyList<(float[] Before, float[] After, int Width, int Height)> tiles)
    {
        const int side = (2 * Reach) + 1;
        var cross = new double[side * side];
        double before2 = 0, after2 = 0;
        foreach (var (before, after, width, height) in tiles)
        {
            if (width <= 4 * Reach || height <= 4 * Reach)
            {
                continue;
            }

            var a = HighPass(before, width, height);
            var b = HighPass(after, width, height);
            var span = width - (2 * Reach);
            for (var y = Reach; y < height - Reach; y++)
            {
                var row = a.AsSpan((y * width) + Reach, span);
                before2 += TensorPrimitives.Dot<float>(row, row);
                var still = b.AsSpan((y * width) + Reach, span);
                after2 += TensorPrimitives.Dot<float>(still, still);
                for (var v = -Reach; v <= Reach; v++)
                {
                    for (var u = -Reach; u <= Reach; u++)
                    {
                        cross[((v + Reach) * side) + u + Reach] += TensorPrimitives.Dot<float>(row, b.AsSpan(((y + v) * width) + Reach + u, span));
                    }
                }
            }
        }

        var norm = Math.Sqrt(before2 * after2);
        if (!(norm > 0))
        {
            return default;
        }

        var best = 0;
        for (var i = 1; i < cross.Length; i++)
        {
            if (cross[i] > cross[best])
            {
                best = i;
            }
        }

        int bx = (best % side) - Reach, by = (best / side) - Reach;
        double x = bx, y0 = by;
        if (Math.Abs(bx) < Reach)
        {
            x += Parabola(cross[best - 1], cross[best], cross[best + 1]);
        }

        if (Math.Abs(by) < Reach)
        {
            y0 += Parabola(cross[best - side], cross[best], cross[best + side]);
        }

        return new ShiftEstimate(new PixelShift(x, y0), cross[best] / norm, cross[(Reach * side) + Reach] / norm);
    }

    private static double Parabola(double left, double middle, double right)
    {
        var bend = left - (2 * middle) + right;
        return bend < 0 ? Math.Clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0;
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
