using MathNet.Numerics;

namespace Monitoring.Detection.Imagery.Statistics;

/// <summary>The chi-square distribution, with the two values the detector needs.</summary>
public static class ChiSquare
{
    /// <summary>Γ(3/2).</summary>
    private static readonly double SquareRootOfPiHalved = Math.Sqrt(Math.PI) / 2;

    /// <summary>P(X &gt; x) for X with <paramref name="degrees"/> degrees of freedom; 1 at or below 0.</summary>
    /// <remarks>
    /// The finite sums that hold for whole degrees (Abramowitz and Stegun 26.4.4 and 26.4.5): the images ask for it millions of times.
    /// </remarks>
    public static double UpperTail(double x, int degrees)
    {
        if (x <= 0)
        {
            return 1;
        }

        var half = x / 2;
        var power = degrees % 2 == 0 ? 1 : Math.Sqrt(half) / SquareRootOfPiHalved;
        var sum = degrees % 2 == 0 ? 1 : degrees == 1 ? 0 : power;
        // Terms half^i / Γ(i + 1), i whole for even degrees and half-whole for odd ones.
        for (var i = degrees % 2 == 0 ? 1 : 1.5; i < (degrees / 2.0) - 0.25; i++)
        {
            power *= half / i;
            sum += power;
        }

        var tail = sum * Math.Exp(-half);
        return degrees % 2 == 0 ? tail : tail + SpecialFunctions.Erfc(Math.Sqrt(half));
    }

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
