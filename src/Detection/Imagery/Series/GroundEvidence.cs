using Monitoring.Detection.Imagery.Kernels;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>What one clear look says of one pixel.</summary>
public enum GroundLook : byte
{
    /// <summary>Not seen, or neither of the two for certain.</summary>
    Unclear,

    /// <summary>Plants, dark soil or water.</summary>
    Natural,

    /// <summary>Roof, concrete, or freshly moved subsoil.</summary>
    Artificial,
}

/// <summary>
/// Tells artificial from natural ground in one look at surface reflectance. Leaves a wide band of "unclear" between the two, so that
/// moisture, season and mixed pixels do not flip a pixel from one to the other.
/// </summary>
public static class GroundEvidence
{
    /// <summary>Roofs and concrete hold no leaves; field crops, weeds and film over seedlings reach this NDVI.</summary>
    private const float LeaflessNdvi = 0.22f;

    /// <summary>Above this NDVI a pixel is mostly plants.</summary>
    private const float PlantNdvi = 0.30f;

    /// <summary>Water and deep shade reflect less than this at 1.6 µm; white roofs can be flat, but not dark.</summary>
    private const float DarkInfrared = 0.10f;

    /// <summary>Open water reflects less in the near infrared than in red by this much.</summary>
    private const float WaterNdvi = -0.15f;

    /// <summary>Blue reflectance above that of topsoil (0.05 wet to 0.10 dry in the ECOSTRESS and USGS libraries; concrete and steel 0.15 and more).</summary>
    private const float BrightBlue = 0.105f;

    /// <summary>Red reflectance of dug-up subsoil (topsoil 0.08 wet to 0.15 dry).</summary>
    private const float BrightRed = 0.175f;

    /// <summary>
    /// Swir22/swir16: minerals and metal are flat (0.85 to 0.95); cellulose and polyethylene absorb near 2.1 and 2.3 µm (straw 0.73,
    /// greenhouse film 0.75), wet soil 0.77.
    /// </summary>
    private const float FlatInfrared = 0.82f;

    /// <summary>Upper ends of topsoil.</summary>
    private const float SoilBlue = 0.095f;
    private const float SoilRed = 0.16f;

    /// <summary>(red − blue)/(red + blue): topsoil 0.2 to 0.25, concrete 0.1, grey tile 0.07; fired tile 0.38.</summary>
    private const float SoilColour = 0.15f;
    private const float TileColour = 0.29f;

    /// <summary>Between earth (subsoil 0.31) and building (concrete 0.10, formwork 0.12, mixed sites up to 0.2).</summary>
    public const float BuiltColour = 0.20f;

    public static GroundLook Of(float blue, float green, float red, float nir, float swir16, float swir22)
    {
        var ndvi = SpectralIndex.Ndvi(red, nir);
        if (ndvi >= PlantNdvi)
        {
            return GroundLook.Natural;
        }

        if (swir16 < DarkInfrared && SpectralIndex.Mndwi(green, swir16) > 0)
        {
            // Shaded concrete is lit by the blue sky and looks like water but for the infrared.
            return ndvi < WaterNdvi ? GroundLook.Natural : GroundLook.Unclear;
        }

        if (ndvi < LeaflessNdvi && swir22 > FlatInfrared * swir16 && (blue >= BrightBlue || red >= BrightRed))
        {
            return GroundLook.Artificial;
        }

        return blue < SoilBlue && red < SoilRed && Colour(blue, red) is > SoilColour and < TileColour ? GroundLook.Natural : GroundLook.Unclear;
    }

    public static float Colour(float blue, float red) => red + blue > 1e-6f ? (red - blue) / (red + blue) : 0;
}
