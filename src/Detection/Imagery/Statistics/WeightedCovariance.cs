using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Weighted mean and covariance of equally long bands.</summary>
public static class WeightedCovariance
{
    /// <returns>Mean per band, and the band × band covariance over the sum of weights.</returns>
    public static (double[] Mean, Matrix<double> Covariance) Of(IReadOnlyList<float[]> bands, ReadOnlySpan<double> weights)
    {
        var n = bands.Count;
        var mean = new double[n];
        double total = 0;
        foreach (var w in weights)
        {
            total += w;
        }

        for (var b = 0; b < n; b++)
        {
            double sum = 0;
            var band = bands[b];
            for (var i = 0; i < weights.Length; i++)
            {
                sum += weights[i] * band[i];
            }

            mean[b] = sum / total;
        }

        var covariance = new DenseMatrix(n, n);
        for (var b = 0; b < n; b++)
        {
            for (var c = b; c < n; c++)
            {
                double sum = 0;
                float[] left = bands[b], right = bands[c];
                for (var i = 0; i < weights.Length; i++)
                {
                    sum += weights[i] * (left[i] - mean[b]) * (right[i] - mean[c]);
                }

                covariance[b, c] = covariance[c, b] = sum / total;
            }
        }

        return (mean, covariance);
    }
}
