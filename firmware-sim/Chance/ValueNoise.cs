namespace Monitoring.FirmwareSim.Chance;

/// <summary>Smooth two-dimensional noise on a hashed lattice; a pure function of (seed, x, y).</summary>
internal readonly struct ValueNoise(Dice dice)
{
    private readonly ulong _key = dice.Key;

    /// <summary>One octave, in [-1, 1]; x and y in lattice cells.</summary>
    public double At(double x, double y)
    {
        var fx = Math.Floor(x);
        var fy = Math.Floor(y);
        var ix = (long)fx;
        var iy = (long)fy;
        var u = Fade(x - fx);
        var v = Fade(y - fy);
        var top = Lattice(ix, iy) + (Lattice(ix + 1, iy) - Lattice(ix, iy)) * u;
        var bottom = Lattice(ix, iy + 1) + (Lattice(ix + 1, iy + 1) - Lattice(ix, iy + 1)) * u;
        return top + (bottom - top) * v;
    }

    /// <summary>Several octaves, each half the wavelength and half the weight, scaled back to about [-1, 1].</summary>
    public double Octaves(double x, double y, int count)
    {
        double sum = 0, weight = 1, total = 0;
        for (var i = 0; i < count; i++)
        {
            // Each octave looks at another place, so that lattice lines do not pile up.
            sum += weight * At(x + 17.3 * i, y - 9.1 * i);
            total += weight;
            weight *= 0.5;
            x *= 2;
            y *= 2;
        }

        return sum / total;
    }

    private double Lattice(long ix, long iy) =>
        (long)Dice.Mix(_key + (ulong)ix * 0x9E3779B97F4A7C15UL + (ulong)iy * 0xC2B2AE3D27D4EB4FUL) * (1.0 / long.MaxValue);

    private static double Fade(double t) => t * t * (3 - 2 * t);
}
