namespace Monitoring.Detection.Imagery.Masks;

/// <summary>Limits on reflectance indices that separate covers; for calibrated scenes only.</summary>
public static class CoverLimits
{
    /// <summary>Below this NDVI there is little vegetation in the pixel (Sobrino 2004: bare soil below 0.2).</summary>
    public const float SparseVegetation = 0.2f;

    /// <summary>From this NDVI on vegetation covers the pixel (Sobrino 2004: full cover above 0.5).</summary>
    public const float DenseVegetation = 0.5f;

    /// <summary>Land reflects at least this at 1.6 µm; water absorbs nearly all.</summary>
    internal const float DarkestLand = 0.06f;

    /// <summary>Open water: MNDWI above 0 (Xu 2006), no vegetation, and next to nothing reflected at 1.6 µm.</summary>
    public static bool IsWater(float ndvi, float green, float swir16) => swir16 < DarkestLand && green > swir16 && ndvi < 0;
}
