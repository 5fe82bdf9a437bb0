using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Indicators;

/// <summary>Reads a scene on the cells of a region.</summary>
public interface ISceneSampler
{
    /// <summary>Indices at the cells' centres, or null when the scene lacks a band that they need.</summary>
    /// <exception cref="GdalException">A file of the scene cannot be read.</exception>
    CellIndices? Sample(Scene scene, SampleGrid grid);
}

/// <summary>
/// Takes, for each cell, the pixel at its centre from green, red, near infrared and short-wave infrared, masked by nodata and the quality
/// band where there is one. Thread-safe: every call opens its own files.
/// </summary>
public sealed class GdalSceneSampler : ISceneSampler
{
    private static readonly string[] Needed = ["green", "red", "nir", "swir16"];

    public CellIndices? Sample(Scene scene, SampleGrid grid)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(grid);
        var bands = Needed.Select(n => scene.Bands.FirstOrDefault(b => b.CommonName == n)).ToList();
        if (bands.Any(b => b is null))
        {
            return null;
        }

        var valid = new bool[grid.Count];
        Array.Fill(valid, true);
        var reflectance = bands.Select(b => Read(scene, b!, grid, valid)).ToList();
        if (scene.Bands.FirstOrDefault(b => b.CommonName == "quality") is { } quality)
        {
            var codes = Read(scene, quality with { NoData = null, Scale = 1, Offset = 0 }, grid, valid);
            for (var i = 0; i < valid.Length; i++)
            {
                valid[i] &= IsClear(quality.Name, (int)codes[i]);
            }
        }

        var (green, red, nir, swir) = (reflectance[0], reflectance[1], reflectance[2], reflectance[3]);
        var result = new CellIndices(new float[grid.Count], new float[grid.Count], new float[grid.Count]);
        for (var i = 0; i < valid.Length; i++)
        {
            var seen = valid[i] && grid.In(Zone.Region, i) && nir[i] + red[i] > 0 && swir[i] + nir[i] > 0 && green[i] + swir[i] > 0;
            result.Ndvi[i] = seen ? (nir[i] - red[i]) / (nir[i] + red[i]) : float.NaN;
            result.Ndbi[i] = seen ? (swir[i] - nir[i]) / (swir[i] + nir[i]) : float.NaN;
            result.Mndwi[i] = seen ? (green[i] - swir[i]) / (green[i] + swir[i]) : float.NaN;
        }

        return result;
    }

    /// <summary>
    /// Whether a quality band calls a pixel clear surface: <c>SCL</c> of Sentinel-2 L2A, <c>QA_PIXEL</c> of Landsat Collection 2, anything
    /// else as 0 no data, 1 clear, 2 cloud, 3 shadow.
    /// </summary>
    internal static bool IsClear(string band, int code) => band switch
    {
        "SCL" => code is >= 2 and not (3 or 8 or 9 or 10),
        "QA_PIXEL" or "qa_pixel" => (code & 0b11111) == 0,
        "alpha" or "mask" => code != 0,
        _ => code == 1,
    };

    /// <summary>A band on the cells, in reflectance; clears <paramref name="valid"/> where the file has nothing.</summary>
    private static float[] Read(Scene scene, SceneBand band, SampleGrid grid, bool[] valid)
    {
        using var file = RasterDataset.Open(scene.Assets[band.AssetIndex].Path);
        using var one = file.TranslateVirtual(new TranslateOptions { Bands = [band.BandIndex] });
        using var onCells = one.WarpVirtual(
            new WarpGrid("EPSG:4490", grid.Transform, grid.Width, grid.Height),
            new WarpOptions { Resampling = Resampling.Nearest, AddAlpha = true, SourceNoData = band.NoData, IgnoreSourceNoData = band.NoData is null, TargetType = PixelType.Float32 });
        var window = new PixelWindow(0, 0, grid.Width, grid.Height);
        var values = new float[grid.Count];
        var alpha = new float[grid.Count];
        onCells.Read<float>(1, window, values);
        onCells.Read<float>(onCells.BandCount, window, alpha);
        for (var i = 0; i < values.Length; i++)
        {
            valid[i] &= alpha[i] > 0;
            values[i] = (float)((values[i] * band.Scale) + band.Offset);
        }

        return values;
    }
}
