using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Weighted mean and covariance of equally long bands.</summary>
public static class WeightedCovariance
{
    /// <summary>Floats of a block that are added up in single precision before double takes over.</summary>
    private const int Block = 1024;

    /// <returns>Mean per band, and the band × band covariance over the sum of weights.</returns>
    public static (double[] Mean, Matrix<double> Covariance) Of(IReadOnlyList<float[]> bands, ReadOnlySpan<float> weights)
    {
        ArgumentNullException.ThrowIfNull(bands);
        var n = bands.Count;
        var mean = new double[n];
        double total = 0;
        for (var from = 0; from < weights.Length; from += Block)
        {
            var w = weights.Slice(from, Math.Min(Block, weights.Length - from));
            total += TensorPrimitives.Sum(w);
            for (var b = 0; b < n; b++)
            {
                mean[b] += TensorPrimitives.Dot(w, bands[b].AsSpan(from, w.Length));
            }
        }

        for (var b = 0; b < n; b++)
        {
            mean[b] /= total;
        }

        // Deviations from the mean are small, so that their products lose nothing in single precision.
        var covariance = new DenseMatrix(n, n);
        float[] deviation = new float[n * Block], weighted = new float[Block];
        for (var from = 0; from < weights.Length; from += Block)
        {
            var w = weights.Slice(from, Math.Min(Block, weights.Length - from));
            for (var b = 0; b < n; b++)
            {
                TensorPrimitives.Subtract(bands[b].AsSpan(from, w.Length), (float)mean[b], deviation.AsSpan(b * Block, w.Length));
            }

            for (var b = 0; b < n; b++)
            {
                TensorPrimitives.Multiply(deviation.AsSpan(b * Block, w.Length), w, weighted);
                for (var c = b; c < n; c++)
                {
                    covariance[b, c] += TensorPrimitives.Dot<float>(weighted.AsSpan(0, w.Length), deviation.AsSpan(c * Block, w.Length));
                }
            }
        }

        for (var b = 0; b < n; b++)
        {
            for (var c = b; c < n; c++)
            {
                covariance[b, c] = covariance[c, b] = covariance[b, c] / total;
            }
        }

        return (mean, covariance);
    }
}
