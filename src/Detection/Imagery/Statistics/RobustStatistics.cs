namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>Order statistics that a minority of changed pixels cannot move.</summary>
public static class RobustStatistics
{
    /// <summary>1 / Φ⁻¹(0.75): turns the median absolute deviation of a normal sample into its standard deviation.</summary>
    public const double MadToSigma = 1.4826;

    /// <summary>The value at a quantile in [0, 1], lower neighbour. Reorders <paramref name="values"/>.</summary>
    /// <exception cref="ArgumentException">Empty.</exception>
    public static float Quantile(Span<float> values, double quantile)
    {
        if (values.IsEmpty)
        {
            throw new ArgumentException("A quantile of nothing is not defined.", nameof(values));
        }

        var rank = (int)Math.Clamp(quantile * values.Length, 0, values.Length - 1);
        return values.Length < OrderStatistics.ManyValues ? OrderStatistics.Select(values, rank) : OrderStatistics.SelectOfMany(values, rank);
    }

    /// <summary>Median and 1.4826 × median absolute deviation. Overwrites <paramref name="values"/>.</summary>
    public static (float Median, float Sigma) MedianAndSigma(Span<float> values)
    {
        var median = Quantile(values, 0.5);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Math.Abs(values[i] - median);
        }

        return (median, (float)(MadToSigma * Quantile(values, 0.5)));
    }
}
