namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>
/// Variance of the difference of unchanged pixels as a function of the local texture: floor + slope × texture.
/// </summary>
/// <remarks>
/// The floor is sensor noise and the scatter of the normalisation; the slope is what is left of misregistration: a difference at an
/// edge is the edge's gradient times the shift (Dai and Khorram 1998). Fitted by least squares to medians of the squared difference in
/// bins of equal count, so that changed pixels, a minority in each bin, do not move it.
/// </remarks>
/// <param name="Floor">Variance on flat ground, &gt; 0.</param>
/// <param name="Slope">Variance per unit of texture, ≥ 0.</param>
public readonly record struct DifferenceNoise(double Floor, double Slope)
{
    private const int Bins = 40;

    /// <summary>Median of a chi-square variable with one degree of freedom: turns a median square into a variance.</summary>
    private const double MedianSquare = 0.4549;

    /// <param name="difference">Differences after normalisation.</param>
    /// <param name="texture">Texture of the same pixels, ≥ 0.</param>
    /// <param name="resolution">Smallest difference the stored numbers can show, in the same units: the floor is at least its variance.</param>
    public static DifferenceNoise Fit(ReadOnlySpan<float> difference, ReadOnlySpan<float> texture, double resolution)
    {
        var least = Math.Max(resolution * resolution / 12, 1e-12);
        if (difference.Length < Bins * 25)
        {
            var (_, sigma) = difference.IsEmpty ? (0, 1) : RobustStatistics.MedianAndSigma(difference.ToArray());
            return new DifferenceNoise(Math.Max(least, sigma * (double)sigma), 0);
        }

        var order = new int[difference.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        texture.ToArray().AsSpan().Sort(order.AsSpan());
        Span<double> level = stackalloc double[Bins - 1];
        Span<double> variance = stackalloc double[Bins - 1];
        var squares = new float[(difference.Length / Bins) + 1];

        // The last bin, the sharpest edges, holds mostly objects that stand out on one date: left out.
        for (var b = 0; b < Bins - 1; b++)
        {
            int from = (int)((long)b * order.Length / Bins), to = (int)((long)(b + 1) * order.Length / Bins);
            for (var i = from; i < to; i++)
            {
                var d = difference[order[i]];
                squares[i - from] = d * d;
            }

            variance[b] = RobustStatistics.Quantile(squares.AsSpan(0, to - from), 0.5) / MedianSquare;
            level[b] = texture[order[(from + to) / 2]];
        }

        double n = Bins - 1, sx = 0, sy = 0, xx = 0, xy = 0;
        for (var b = 0; b < Bins - 1; b++)
        {
            sx += level[b];
            sy += variance[b];
            xx += level[b] * level[b];
            xy += level[b] * variance[b];
        }

        var spread = (n * xx) - (sx * sx);
        var slope = spread > 1e-18 ? Math.Max(0, ((n * xy) - (sx * sy)) / spread) : 0;
        var floor = (sy - (slope * sx)) / n;
        if (floor <= 0)
        {
            floor = sy / n * 0.1;
        }

        return new DifferenceNoise(Math.Max(floor, least), slope);
    }
}
