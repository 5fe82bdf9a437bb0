using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Objects;

/// <summary>
/// What the pixels of a patch are on average: indices of its mean spectra before and after, visible brightness as reflectance, score. What needs a band
/// that the scenes lack is NaN: it is not known, and no number stands for that.
/// </summary>
public sealed class PatchFacts
{
    private readonly float[] _before;
    private readonly float[] _after;

    /// <param name="before">Mean reflectance by <see cref="BandRole"/>; NaN for bands that the sensors lack.</param>
    /// <param name="after">The same of the current scene.</param>
    /// <param name="meanScore">Mean score of the pixels.</param>
    public PatchFacts(ReadOnlySpan<float> before, ReadOnlySpan<float> after, double meanScore)
    {
        (_before, _after) = (before.ToArray(), after.ToArray());
        MeanScore = meanScore;
    }

    /// <summary>What the sums say of the whole object.</summary>
    public static PatchFacts Of(ObjectSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        Span<float> means = stackalloc float[2 * RoleValues.Count];
        sums.Spectrum(after: false, means[..RoleValues.Count]);
        sums.Spectrum(after: true, means[RoleValues.Count..]);
        return new PatchFacts(means[..RoleValues.Count], means[RoleValues.Count..], sums.Mean(ObjectSums.Lane.Score));
    }

    public double MeanScore { get; }

    public double NdviBefore => Ndvi(_before);

    public double NdviAfter => Ndvi(_after);

    public double NdbiBefore => Ndbi(_before);

    public double NdbiAfter => Ndbi(_after);

    public double MndwiBefore => Mndwi(_before);

    public double MndwiAfter => Mndwi(_after);

    public double BsiBefore => Bsi(_before);

    public double BsiAfter => Bsi(_after);

    public double BrightBefore => Bright(_before);

    public double BrightAfter => Bright(_after);

    /// <summary>(red − blue)/(red + blue): soils are red, concrete and steel are not.</summary>
    public double RedBlueBefore => RedBlue(_before);

    public double RedBlueAfter => RedBlue(_after);

    private static double Ndvi(float[] s) => SpectralIndex.Ndvi(s[(int)BandRole.Red], s[(int)BandRole.Nir]);

    private static double Ndbi(float[] s) => SpectralIndex.Ndbi(s[(int)BandRole.Nir], s[(int)BandRole.Swir16]);

    private static double Mndwi(float[] s) => SpectralIndex.Mndwi(s[(int)BandRole.Green], s[(int)BandRole.Swir16]);

    private static double Bsi(float[] s) => SpectralIndex.Bsi(s[(int)BandRole.Blue], s[(int)BandRole.Red], s[(int)BandRole.Nir], s[(int)BandRole.Swir16]);

    private static double Bright(float[] s) => (s[(int)BandRole.Blue] + s[(int)BandRole.Green] + s[(int)BandRole.Red]) / 3.0;

    private static double RedBlue(float[] s) => (s[(int)BandRole.Red] + s[(int)BandRole.Blue]) switch
    {
        float.NaN => double.NaN,
        > 1e-6f and var sum => (s[(int)BandRole.Red] - s[(int)BandRole.Blue]) / (double)sum,
        _ => 0,
    };
}
