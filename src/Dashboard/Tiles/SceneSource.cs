using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Dashboard.Tiles;

/// <summary>Chosen bands of a scene as one raster, whether they lie in one file or in several, with their nodata declared.</summary>
internal static class SceneSource
{
    /// <exception cref="GdalException">A file cannot be opened, or the files do not fit together.</exception>
    public static RasterDataset Open(Scene scene, IReadOnlyList<SceneBand> bands)
    {
        if (bands.All(b => b.AssetIndex == bands[0].AssetIndex))
        {
            return Part(scene, bands[0].AssetIndex, [.. bands.Select(static b => b.BandIndex)], bands[0].NoData);
        }

        var parts = new List<RasterDataset>(bands.Count);
        try
        {
            foreach (var band in bands)
            {
                parts.Add(Part(scene, band.AssetIndex, [band.BandIndex], band.NoData));
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

    private static RasterDataset Part(Scene scene, int asset, IReadOnlyList<int> bands, double? noData)
    {
        using var file = ClosedRaster.OpenStored(scene.Assets[asset].Path);
        return file.TranslateVirtual(new TranslateOptions { Bands = bands, NoData = noData });
    }
}
