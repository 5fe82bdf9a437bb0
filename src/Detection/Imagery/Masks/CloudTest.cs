namespace Monitoring.Detection.Imagery.Masks;

/// <summary>
/// Pixel tests for cloud and cloud shadow that need no thermal or cirrus band, so they hold for any sensor with visible bands in
/// reflectance. A pixel alone proves nothing (white roofs pass too): <see cref="CloudCells"/> looks at size and shape.
/// </summary>
public static class CloudTest
{
    /// <summary>Haze-optimised transform: blue − red/2 − 0.08 &gt; 0 (Zhang 2002, with the constant of Zhu and Woodcock 2012).</summary>
    internal const float Haze = 0.08f;

    /// <summary>Whiteness: mean relative deviation of the visible bands from their mean, below 0.7 (Gomez-Chova 2007).</summary>
    internal const float Whiteness = 0.7f;

    /// <summary>A cloud is brighter in blue than the same place on the other date by at least this reflectance.</summary>
    internal const float Brightening = 0.03f;

    /// <summary>In a shadow less than this share of the infrared reflectance of the other date is left.</summary>
    internal const float Darkening = 0.6f;

    public static bool LooksLikeCloud(float blue, float green, float red)
    {
        if (!(blue - (0.5f * red) > Haze))
        {
            return false;
        }

        var mean = (blue + green + red) / 3;
        return Math.Abs(blue - mean) + Math.Abs(green - mean) + Math.Abs(red - mean) < Whiteness * mean;
    }

    /// <summary>Keeps the bright flag only where that date is the brighter one, and adds the dark flags. Arguments are roots of reflectance, baseline carried onto the current scene.</summary>
    public static byte Settle(byte flags, float blueBefore, float blueAfter, float nirBefore, float nirAfter, float swirBefore, float swirAfter)
    {
        var rise = (blueAfter * blueAfter) - (Math.Max(0, blueBefore) * blueBefore);
        if (rise < Brightening)
        {
            flags &= unchecked((byte)~PixelFlags.BrightAfter);
        }

        if (-rise < Brightening)
        {
            flags &= unchecked((byte)~PixelFlags.BrightBefore);
        }

        float an = nirBefore * nirBefore, bn = nirAfter * nirAfter, a1 = swirBefore * swirBefore, b1 = swirAfter * swirAfter;
        if (bn < Darkening * an && b1 < Darkening * a1)
        {
            flags |= PixelFlags.DarkAfter;
        }
        else if (an < Darkening * bn && a1 < Darkening * b1)
        {
            flags |= PixelFlags.DarkBefore;
        }

        return flags;
    }
}
