using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Numbers that stand for "no data" in files that do not declare it: −9999, −32768 and the least number of a float or of 32 bits. Such a number counts only where it is the least
/// value of the blocks that are looked at, and where the band's scale and offset make of it a reflectance that no ground has. So nothing is taken from negative reflectances
/// (corrections go too far over water and shadow by some hundredths), nor from products that are stored with an offset.
/// </summary>
internal static class UndeclaredNoData
{
    /// <summary>Lowest reflectance that is taken for one; products declare down to −0.2 (USGS LSDS-1619, valid range of Landsat Collection 2 surface reflectance).</summary>
    private const double LeastReflectance = -0.25;

    /// <summary>Most pixels of a block that are looked at.</summary>
    private const int MaxPixels = 1 << 18;

    private static readonly double[] Usual = [-9999, short.MinValue, int.MinValue, float.MinValue];

    /// <summary>Whether a band can hold such a number: of a signed type, and without a declared one.</summary>
    public static bool MayHold(BandInfo band) =>
        band.NoData is null && band.Type is PixelType.Int16 or PixelType.Int32 or PixelType.Float32 or PixelType.Float64
        && band.Color != ColorInterpretation.Alpha && !BandNames.IsQuality(band.Description.Trim());

    /// <summary>The least finite value of a window, or of its first rows where it is large; infinite when there is none.</summary>
    public static double Least(RasterDataset dataset, BandInfo band, PixelWindow window)
    {
        var width = Math.Min(window.Width, MaxPixels);
        var height = Math.Min(window.Height, Math.Max(1, MaxPixels / width));
        var values = new double[width * height];
        dataset.Read(band.Index, window with { Width = width, Height = height }, values);
        var least = double.PositiveInfinity;
        foreach (var value in values)
        {
            if (double.IsFinite(value) && value < least)
                least = value;
        }

        return least;
    }

    public static bool Is(double value, BandInfo band) =>
        Array.IndexOf(Usual, value) >= 0 && (value * (band.Scale == 0 ? 1 : band.Scale)) + band.Offset < LeastReflectance;
}
