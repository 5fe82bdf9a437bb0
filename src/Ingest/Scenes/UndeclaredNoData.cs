using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Numbers that stand for "no data" in files that do not declare it: −9999, −32768 and the least number of a float or of 32 bits. Such a number counts only where it is the least
/// value of what is looked at, and where the band's scale and offset make of it a reflectance that no ground has. So nothing is taken from negative reflectances
/// (corrections go too far over water and shadow by some hundredths), nor from products that are stored with an offset.
/// </summary>
/// <remarks>
/// A frame around a turned footprint, a fringe along an edge and cut corners all reach the raster's outline: looked at are the blocks at its corners, at the middles of its edges and
/// in its middle, and the overview that is small enough, where there is one. Nine blocks of a band at most, and only of bands that can hold such a number.
/// </remarks>
internal static class UndeclaredNoData
{
    /// <summary>Lowest reflectance that is taken for one; products declare down to −0.2 (USGS LSDS-1619, valid range of Landsat Collection 2 surface reflectance).</summary>
    private const double LeastReflectance = -0.25;

    /// <summary>Most pixels of a block or of an overview that are looked at.</summary>
    private const int MaxPixels = 1 << 18;

    private static readonly double[] Usual = [-9999, short.MinValue, int.MinValue, float.MinValue];

    /// <summary>The bands as they are, with the number that was found as their nodata value. One that was found in another band of the file counts where nothing lower is.</summary>
    /// <exception cref="GdalException">A block cannot be read.</exception>
    public static IReadOnlyList<BandInfo> Told(RasterDataset dataset, IReadOnlyList<BandInfo> bands)
    {
        var least = bands.Where(MayHold).ToDictionary(b => b.Index, b => Least(dataset, b));
        var found = bands.Where(b => least.TryGetValue(b.Index, out var value) && Is(value, b)).Select(b => least[b.Index]).Distinct().Order().ToList();
        return found.Count == 0 ? bands : [.. bands.Select(b => least.TryGetValue(b.Index, out var value) && Of(b, value) is { } missing ? b with { NoData = missing } : b)];

        double? Of(BandInfo band, double value) =>
            Is(value, band) ? value : found.Exists(f => f < value && Is(f, band)) ? found.Find(f => f < value && Is(f, band)) : null;
    }

    /// <summary>Whether a band can hold such a number: of a signed type, and without a declared one.</summary>
    private static bool MayHold(BandInfo band) =>
        band.NoData is null && band.Type is PixelType.Int16 or PixelType.Int32 or PixelType.Float32 or PixelType.Float64
        && band.Color != ColorInterpretation.Alpha && !BandNames.IsQuality(band.Description.Trim());

    /// <summary>The least finite value of what is looked at; infinite when there is none.</summary>
    private static double Least(RasterDataset dataset, BandInfo band)
    {
        var least = double.PositiveInfinity;
        foreach (var window in Windows(dataset, band).Distinct())
            Look(window, window.Width, window.Height);
        var small = band.Overviews.FirstOrDefault(o => o.Width > 0 && o.Height > 0 && (long)o.Width * o.Height <= MaxPixels);
        if (small != default)
            Look(dataset.FullWindow, small.Width, small.Height);
        return least;

        void Look(PixelWindow window, int width, int height)
        {
            var values = new double[width * height];
            dataset.Read(band.Index, window, width, height, values);
            foreach (var value in values)
            {
                if (double.IsFinite(value) && value < least)
                    least = value;
            }
        }
    }

    /// <summary>The blocks that hold the corners, the middles of the edges and the middle; of large ones the part around that place.</summary>
    private static IEnumerable<PixelWindow> Windows(RasterDataset dataset, BandInfo band)
    {
        foreach (var y in new[] { 0, dataset.Height / 2, dataset.Height - 1 })
        {
            foreach (var x in new[] { 0, dataset.Width / 2, dataset.Width - 1 })
            {
                var (left, width) = Part(x, band.BlockWidth, dataset.Width, MaxPixels);
                var (top, height) = Part(y, band.BlockHeight, dataset.Height, Math.Max(1, MaxPixels / width));
                yield return new PixelWindow(left, top, width, height);
            }
        }

        static (int From, int Length) Part(int at, int block, int size, int most)
        {
            var from = at / block * block;
            var length = Math.Min(block, size - from);
            return length <= most ? (from, length) : (Math.Clamp(at - (most / 2), from, from + length - most), most);
        }
    }

    private static bool Is(double value, BandInfo band) =>
        Array.IndexOf(Usual, value) >= 0 && (value * (band.Scale == 0 ? 1 : band.Scale)) + band.Offset < LeastReflectance;
}
