using Monitoring.Detection.Imagery.Kernels;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>Reflectances of one pixel on one date; 0 for bands the scene lacks.</summary>
public readonly record struct Spectrum(float Blue, float Green, float Red, float Nir, float Swir16);

/// <summary>Indices of one pixel on both dates in hundredths and visible brightness in half percents: what the facts of its patch are averaged from.</summary>
public readonly record struct PixelFacts(
    sbyte NdviBefore, sbyte NdviAfter, sbyte NdbiBefore, sbyte NdbiAfter, sbyte MndwiBefore, sbyte MndwiAfter, sbyte BsiBefore, sbyte BsiAfter,
    byte BrightBefore, byte BrightAfter, sbyte RedBlueBefore, sbyte RedBlueAfter)
{
    public static PixelFacts Of(Spectrum a, Spectrum b) => new(
        Cents(SpectralIndex.Ndvi(a.Red, a.Nir)), Cents(SpectralIndex.Ndvi(b.Red, b.Nir)),
        Cents(SpectralIndex.Ndbi(a.Nir, a.Swir16)), Cents(SpectralIndex.Ndbi(b.Nir, b.Swir16)),
        Cents(SpectralIndex.Mndwi(a.Green, a.Swir16)), Cents(SpectralIndex.Mndwi(b.Green, b.Swir16)),
        Cents(SpectralIndex.Bsi(a.Blue, a.Red, a.Nir, a.Swir16)), Cents(SpectralIndex.Bsi(b.Blue, b.Red, b.Nir, b.Swir16)),
        Brightness(a), Brightness(b), Cents(Colour(a)), Cents(Colour(b)));

    /// <summary>(red − blue)/(red + blue): soils are red, concrete and steel are not.</summary>
    private static float Colour(Spectrum s) => s.Red + s.Blue > 1e-6f ? (s.Red - s.Blue) / (s.Red + s.Blue) : 0;

    private static sbyte Cents(float index) => (sbyte)Math.Clamp(MathF.Round(index * 100), -100, 100);

    private static byte Brightness(Spectrum s) => (byte)Math.Clamp(MathF.Round((s.Blue + s.Green + s.Red) / 3 * 200), 0, 255);
}
