using MathNet.Numerics;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>The chi-square distribution, with the two values the detector needs.</summary>
public static class ChiSquare
{
    /// <summary>P(X &gt; x) for X with <paramref name="degrees"/> degrees of freedom; 1 at or below 0.</summary>
    public static double UpperTail(double x, int degrees) => x <= 0 ? 1 : 1 - SpecialFunctions.GammaLowerRegularized(degrees / 2.0, x / 2.0);

    /// <summary>The median, to about 1e-9, by bisection.</summary>
    public static double Median(int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        double low = 0, high = degrees + 10;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (UpperTail(middle, degrees) > 0.5)
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
