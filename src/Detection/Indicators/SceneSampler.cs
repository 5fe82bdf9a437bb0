using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Series;
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
/// Takes, for each cell, the pixel at its centre, masked by nodata and the quality band where there is one. Green, red, near infrared and
/// short-wave infrared 1.6 µm are needed; without blue and 2.2 µm nothing is called artificial. Thread-safe: every call opens its own files.
/// </summary>
public sealed class GdalSceneSampler : ISceneSampler
{
    private static readonly string[] Needed = ["green", "red", "nir", "swir16"];

    public CellIndices? Sample(Scene scene, SampleGrid grid)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(grid);
        var bands = scene.Bands.Where(b => b.CommonName is not null).GroupBy(b => b.CommonName!).ToDictionary(g => g.Key, g => g.First());
        if (Needed.Any(n => !bands.ContainsKey(n)))
        {
            return null;
        }

        var seesGround = bands.ContainsKey("blue") && bands.ContainsKey("swir22");
        string[] wanted = [.. Needed, .. seesGround ? (string[])["blue", "swir22"] : [], .. bands.ContainsKey("quality") ? (string[])["quality"] : []];
        var valid = new bool[grid.Count];
        Array.Fill(valid, true);
        var planes = Read(scene, [.. wanted.Select(n => bands[n])], grid, valid);
        float[] Plane(string name) => planes[Array.IndexOf(wanted, name)];
        if (bands.TryGetValue("quality", out var quality))
        {
            var codes = Plane("quality");
            for (var i = 0; i < valid.Length; i++)
            {
                valid[i] &= IsClear(quality, (int)codes[i]);
            }
        }

        var (green, red, nir, swir) = (Plane("green"), Plane("red"), Plane("nir"), Plane("swir16"));
        var (blue, swir22) = seesGround ? (Plane("blue"), Plane("swir22")) : (green, swir);
        var result = CellIndices.Empty(grid.Count);
        for (var i = 0; i < valid.Length; i++)
        {
            var seen = valid[i] && grid.In(Zone.Region, i) && nir[i] + red[i] > 0 && swir[i] + nir[i] > 0 && green[i] + swir[i] > 0;
            result.Ndvi[i] = seen ? SpectralIndex.Ndvi(red[i], nir[i]) : float.NaN;
            result.Ndbi[i] = seen ? SpectralIndex.Ndbi(nir[i], swir[i]) : float.NaN;
            result.Mndwi[i] = seen ? SpectralIndex.Mndwi(green[i], swir[i]) : float.NaN;
            result.Artificial[i] = !seen ? float.NaN
                : seesGround && GroundEvidence.Of(blue[i], green[i], red[i], nir[i], swir[i], swir22[i]) is GroundLook.Artificial ? 1 : 0;
        }

        return result;
    }

    /// <summary>Whether a quality band calls a pixel clear surface.</summary>
    internal static bool IsClear(SceneBand band, int code) => QualityCodes.For(band) is { } codes ? codes.Of(code) is PixelQuality.Clear : code != 0;

    /// <summary>Bands on the cells, in reflectance (a quality band as stored); clears <paramref name="valid"/> where the files have nothing. Bands of one file are read together.</summary>
    private static float[][] Read(Scene scene, SceneBand[] bands, SampleGrid grid, bool[] valid)
    {
        var planes = new float[bands.Length][];
        foreach (var file in bands.Select((band, place) => (band, place)).GroupBy(b => (b.band.AssetIndex, NoData: b.band.CommonName == "quality" ? null : b.band.NoData)))
        {
            using var source = RasterDataset.Open(scene.Assets[file.Key.AssetIndex].Path);
            using var chosen = source.TranslateVirtual(new TranslateOptions { Bands = [.. file.Select(b => b.band.BandIndex)] });
            using var onCells = chosen.WarpVirtual(
                new WarpGrid("EPSG:4490", grid.Transform, grid.Width, grid.Height),
                new WarpOptions
                {
                    Resampling = Resampling.Nearest,
                    AddAlpha = true,
                    SourceNoData = file.Key.NoData,
                    IgnoreSourceNoData = file.Key.NoData is null,
                    TargetType = PixelType.Float32,
                });
            var window = new PixelWindow(0, 0, grid.Width, grid.Height);
            var values = new float[onCells.BandCount * grid.Count];
            onCells.Read<float>([.. Enumerable.Range(1, onCells.BandCount)], window, grid.Width, grid.Height, values);
            var alpha = values.AsSpan((onCells.BandCount - 1) * grid.Count);
            var n = 0;
            foreach (var (band, place) in file)
            {
                var plane = planes[place] = values.AsSpan(n++ * grid.Count, grid.Count).ToArray();
                var (scale, offset) = band.CommonName == "quality" ? (1, 0) : (band.Scale, band.Offset);
                for (var i = 0; i < plane.Length; i++)
                {
                    valid[i] &= alpha[i] > 0;
                    plane[i] = (float)((plane[i] * scale) + offset);
                }
            }
        }

        return planes;
    }
}
