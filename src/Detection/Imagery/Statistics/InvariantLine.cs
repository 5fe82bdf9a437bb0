namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>
/// The line that carries the first date's values of one band onto the second's, fitted to pixels that did not change (relative
/// radiometric normalisation, Canty and Nielsen 2008): orthogonal regression, because both dates are noisy.
/// </summary>
/// <param name="Slope">&gt; 0.</param>
/// <param name="Offset">In the units of the second date.</param>
/// <param name="Pixels">Pixels that carried the last fit.</param>
public readonly record struct InvariantLine(double Slope, double Offset, int Pixels)
{
    public static InvariantLine None => new(1, 0, 0);

    private const int Rounds = 8;
    private const double KeepSigmas = 2;

    /// <param name="weights">Weight of each pixel in [0, 1], for example its probability of no change; empty = all 1.</param>
    /// <remarks>Starts from medians and median deviations and drops, in each round, pixels farther than 2 robust sigmas from the line.</remarks>
    public static InvariantLine Fit(ReadOnlySpan<float> before, ReadOnlySpan<float> after, ReadOnlySpan<double> weights)
    {
        if (before.Length < 100)
        {
            return None;
        }

        var (medianBefore, sigmaBefore) = RobustStatistics.MedianAndSigma(before.ToArray());
        var (medianAfter, sigmaAfter) = RobustStatistics.MedianAndSigma(after.ToArray());
        if (sigmaBefore <= 0 || sigmaAfter <= 0)
        {
            return new InvariantLine(1, medianAfter - medianBefore, 0);
        }

        double slope = sigmaAfter / sigmaBefore, offset = medianAfter - (slope * medianBefore);
        var kept = 0;
        var residual = new float[before.Length];
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < residual.Length; i++)
            {
                residual[i] = (float)(after[i] - (slope * before[i]) - offset);
            }

            var (middle, sigma) = RobustStatistics.MedianAndSigma((float[])residual.Clone());
            double n = 0, sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
            kept = 0;
            for (var i = 0; i < residual.Length; i++)
            {
                if (Math.Abs(residual[i] - middle) > KeepSigmas * sigma)
                {
                    continue;
                }

                var w = weights.IsEmpty ? 1 : weights[i];
                kept++;
                n += w;
                sx += w * before[i];
                sy += w * after[i];
                xx += w * before[i] * before[i];
                yy += w * (double)after[i] * after[i];
                xy += w * (double)before[i] * after[i];
            }

            if (n < 30)
            {
                break;
            }

            double vx = (xx / n) - (sx / n * sx / n), vy = (yy / n) - (sy / n * sy / n), c = (xy / n) - (sx / n * sy / n);
            if (!(c > 1e-12))
            {
                break;
            }

            slope = (vy - vx + Math.Sqrt(((vy - vx) * (vy - vx)) + (4 * c * c))) / (2 * c);
            offset = (sy - (slope * sx)) / n;
        }

        return new InvariantLine(slope, offset, kept);
    }
}
