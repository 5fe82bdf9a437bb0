using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>
/// Iteratively reweighted multivariate alteration detection (Nielsen 2007): canonical correlation of the two dates, in which each
/// pixel weighs as much as it looks unchanged.
/// </summary>
/// <remarks>
/// The sum of the squared, standardised canonical differences is chi-square distributed for unchanged pixels, with one degree of
/// freedom per band. Taken literally the reweighting can collapse onto a few pixels of one smooth cover (a river), because each round
/// shrinks the variance that the next round measures with. Here the statistic is scaled in each round so that its median is the median
/// of the chi-square distribution: at least half of the pixels then count as unchanged, which is what the statistic is used for.
/// It is invariant to any linear change of either date's bands, so it needs no calibration.
/// </remarks>
public static class MultivariateAlteration
{
    private const int Block = 1024;

    /// <param name="before">Bands of the first date, equally long; the caller's, not changed.</param>
    /// <param name="after">Bands of the second date, as many and as long.</param>
    /// <param name="rounds">Reweightings, 0 to 50; Nielsen's figures are stable after 10.</param>
    /// <param name="literal">True leaves the scaling out, which is the published form: for comparisons.</param>
    /// <returns>Probability of no change for each pixel, in [0, 1]; null when the bands are linearly dependent or too few pixels.</returns>
    public static double[]? NoChangeProbability(IReadOnlyList<float[]> before, IReadOnlyList<float[]> after, int rounds, bool literal = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(before.Count, after.Count);
        int bands = before.Count, count = before[0].Length;
        if (count < 50 * bands)
        {
            return null;
        }

        var weights = new double[count];
        var shares = new float[count];
        Array.Fill(shares, 1f);
        var statistic = new float[count];
        var expected = ChiSquare.Median(bands);
        for (var round = 0; round <= rounds; round++)
        {
            if (Statistic(before, after, shares, statistic) is false)
            {
                return null;
            }

            var scale = literal ? 1 : expected / Math.Max(RobustStatistics.Quantile(((ReadOnlySpan<float>)statistic).ToArray(), 0.5), 1e-12f);
            for (var i = 0; i < count; i++)
            {
                weights[i] = ChiSquare.UpperTail(statistic[i] * scale, bands);
                shares[i] = (float)weights[i];
            }
        }

        return weights;
    }

    private static bool Statistic(IReadOnlyList<float[]> before, IReadOnlyList<float[]> after, float[] weights, float[] statistic)
    {
        var bands = before.Count;
        IReadOnlyList<float[]> all = [.. before, .. after];
        var (mean, covariance) = WeightedCovariance.Of(all, weights);
        var s11 = covariance.SubMatrix(0, bands, 0, bands);
        var s22 = covariance.SubMatrix(bands, bands, bands, bands);
        var s12 = covariance.SubMatrix(0, bands, bands, bands);
        Matrix<double> inverse11, inverse22;
        try
        {
            inverse11 = s11.Cholesky().Factor.Inverse();
            inverse22 = s22.Cholesky().Solve(DenseMatrix.CreateIdentity(bands));
        }
        catch (ArgumentException)
        {
            // Not positive definite: two bands say the same, or one is constant.
            return false;
        }

        var symmetric = inverse11 * s12 * inverse22 * s12.Transpose() * inverse11.Transpose();
        var evd = ((symmetric + symmetric.Transpose()) * 0.5).Evd(Symmetricity.Symmetric);
        var a = inverse11.Transpose() * evd.EigenVectors;
        var b = inverse22 * s12.Transpose() * a;
        Array.Clear(statistic);
        var scratch = new float[2 * Block];
        for (var k = 0; k < bands; k++)
        {
            var correlation = Math.Sqrt(Math.Clamp(evd.EigenValues[k].Real, 0, 1 - 1e-9));
            var right = b.Column(k);
            var length = Math.Sqrt(right * (s22 * right));
            if (length > 0)
            {
                right /= length;
            }

            // (aᵀx − bᵀy)²/σ² of every pixel, in blocks that stay in the cache.
            var deviation = Math.Sqrt(2 * (1 - correlation));
            for (var from = 0; from < statistic.Length; from += Block)
            {
                var count = Math.Min(Block, statistic.Length - from);
                Span<float> m = scratch.AsSpan(0, count), part = scratch.AsSpan(Block, count);
                m.Clear();
                for (var band = 0; band < bands; band++)
                {
                    Fold(before[band].AsSpan(from, count), mean[band], a[band, k] / deviation, m, part);
                    Fold(after[band].AsSpan(from, count), mean[bands + band], -right[band] / deviation, m, part);
                }

                TensorPrimitives.MultiplyAdd(m, m, statistic.AsSpan(from, count), statistic.AsSpan(from, count));
            }
        }

        return true;

        static void Fold(ReadOnlySpan<float> band, double mean, double factor, Span<float> sum, Span<float> part)
        {
            TensorPrimitives.Subtract(band, (float)mean, part);
            TensorPrimitives.MultiplyAdd(part, (float)factor, sum, sum);
        }
    }
}
