using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Dashboard.Tiles;

/// <summary>Chosen bands of a scene as one raster, whether they lie in one file or in several, with their nodata declared; behind them the alpha band of the one file that has one.</summary>
internal static class SceneSource
{
    /// <exception cref="GdalException">A file cannot be opened, or the files do not fit together.</exception>
    public static RasterDataset Open(Scene scene, IReadOnlyList<SceneBand> bands)
    {
        if (bands.All(b => b.AssetIndex == bands[0].AssetIndex))
        {
            return Part(scene, bands[0].AssetIndex, [.. bands.Select(static b => b.BandIndex)], bands[0].NoData, withAlpha: true);
        }

        var parts = new List<RasterDataset>(bands.Count);
        try
        {
            foreach (var band in bands)
            {
                parts.Add(Part(scene, band.AssetIndex, [band.BandIndex], band.NoData, withAlpha: false));
            }

            return RasterDataset.StackVirtual(parts, Resampling.Bilinear);
        }
        finally
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }
    }

    private static RasterDataset Part(Scene scene, int asset, int[] bands, double? noData, bool withAlpha)
    {
        using var file = ClosedRaster.OpenStored(scene.Assets[asset].Path);
        var last = file.BandCount;
        int[] alpha = withAlpha && !bands.Contains(last) && file.GetBand(last).Color == ColorInterpretation.Alpha ? [last] : [];
        return file.TranslateVirtual(new TranslateOptions { Bands = [.. bands, .. alpha], NoData = noData });
    }
}
