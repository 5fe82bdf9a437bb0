namespace Monitoring.Detection.Imagery.Masks;

/// <summary>What single pixels look like, as bits.</summary>
public static class PixelFlags
{
    public const byte ProductCloudBefore = 1;
    public const byte ProductCloudAfter = 2;
    public const byte BrightBefore = 4;
    public const byte BrightAfter = 8;
    public const byte DarkBefore = 16;
    public const byte DarkAfter = 32;

    /// <summary>Any hint of cloud: kept out of statistics.</summary>
    public const byte Cloudy = ProductCloudBefore | ProductCloudAfter | BrightBefore | BrightAfter;
}
