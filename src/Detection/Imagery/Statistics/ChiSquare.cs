using MathNet.Numerics;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>The chi-square distribution, with the two values the detector needs.</summary>
public static class ChiSquare
{
    /// <summary>P(X &gt; x) for X with <paramref name="degrees"/> degrees of freedom; 1 at or below 0.</summary>
    public static double UpperTail(double x, int degrees) => x <= 0 ? 1 : 1 - SpecialFunctions.GammaLowerRegularized(degrees / 2.0, x / 2.0);

    /// <summary>The median, to about 1e-9.</summary>
    public static double Median(int degrees) => Quantile(0.5, degrees);

    /// <summary>The value that X stays below with a probability in (0, 1), to a relative 1e-12, by bisection.</summary>
    public static double Quantile(double probability, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(probability, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        double low = 0, high = degrees + 10;
        while (UpperTail(high, degrees) > 1 - probability)
        {
            high *= 2;
        }

        for (var i = 0; i < 80; i++)
        {
            var middle = (low + high) / 2;
            if (UpperTail(middle, degrees) > 1 - probability)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return (low + high) / 2;
    }
}
