namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// Normalised-difference indices of reflectances, each in [−1, 1]; 0 where the denominator vanishes, NaN where a band is. Pure functions.
/// </summary>
public static class SpectralIndex
{
    /// <summary>Vegetation (Rouse 1974): (nir − red)/(nir + red).</summary>
    public static float Ndvi(float red, float nir) => Ratio(nir - red, nir + red);

    /// <summary>Built-up (Zha 2003): (swir16 − nir)/(swir16 + nir).</summary>
    public static float Ndbi(float nir, float swir16) => Ratio(swir16 - nir, swir16 + nir);

    /// <summary>Open water (Xu 2006): (green − swir16)/(green + swir16).</summary>
    public static float Mndwi(float green, float swir16) => Ratio(green - swir16, green + swir16);

    /// <summary>Bare soil (Rikimaru 2002): ((swir16 + red) − (nir + blue))/((swir16 + red) + (nir + blue)).</summary>
    public static float Bsi(float blue, float red, float nir, float swir16) => Ratio(swir16 + red - (nir + blue), swir16 + red + (nir + blue));

    private static float Ratio(float difference, float sum) => Math.Abs(sum) <= 1e-6f ? 0f : Math.Clamp(difference / sum, -1f, 1f);
}
