using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Indicators;

/// <summary>Reads a scene on the cells of regions.</summary>
public interface ISceneSampler
{
    /// <summary>Indices at the cells' centres of each grid, in their order, or null when the scene lacks a band that they need, or holds no reflectance.</summary>
    /// <exception cref="GdalException">A file of the scene cannot be read.</exception>
    IReadOnlyList<CellIndices>? Sample(Scene scene, IReadOnlyList<SampleGrid> grids);
}

/// <summary>
/// Takes, for each cell, the pixel at its centre, masked by nodata and the quality band where there is one. Green, red, near infrared and
/// short-wave infrared 1.6 µm are needed; without blue and 2.2 µm nothing is called artificial. The files are opened once for all grids, so that their blocks are decoded once. Thread-safe: every call opens its own files.
/// </summary>
public sealed class GdalSceneSampler : ISceneSampler
{
    private static readonly string[] Needed = ["green", "red", "nir", "swir16"];

    public IReadOnlyList<CellIndices>? Sample(Scene scene, IReadOnlyList<SampleGrid> grids)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(grids);
        var bands = scene.Bands.Where(b => b.CommonName is not null).GroupBy(b => b.CommonName!).ToDictionary(g => g.Key, g => g.First());
        if (Needed.Any(n => !bands.ContainsKey(n)))
        {
            return null;
        }

        string[] wanted = [.. Needed, .. ((string[])["blue", "swir22", "quality"]).Where(bands.ContainsKey)];
        var reflectance = StoredReflectance.Of(
            scene, Enumerable.Range(0, scene.Bands.Count).Where(i => scene.Bands[i].CommonName is { } name and not "quality" && wanted.Contains(name) && bands[name] == scene.Bands[i]), CancellationToken.None);
        if (reflectance.Unstated is null)
        {
            return null;
        }

        using var files = new OpenFiles(scene, [.. wanted.Select(n => bands[n])], reflectance);
        return [.. grids.Select(grid => Sample(files, wanted, bands.GetValueOrDefault("quality"), grid))];
    }

    private static CellIndices Sample(OpenFiles files, string[] wanted, SceneBand? quality, SampleGrid grid)
    {
        var valid = new bool[grid.Count];
        Array.Fill(valid, true);
        var planes = files.Read(grid, valid);
        float[]? Plane(string name) => Array.IndexOf(wanted, name) is var at and >= 0 ? planes[at] : null;
        if (quality is not null && Plane("quality") is { } stored)
        {
            // Once for all cells: a table of 65 536 values may stand behind it.
            var codes = QualityCodes.For(quality);
            for (var i = 0; i < valid.Length; i++)
            {
                valid[i] &= IsClear(codes, (int)stored[i]);
            }
        }

        var (green, red, nir, swir) = (Plane("green")!, Plane("red")!, Plane("nir")!, Plane("swir16")!);
        var (blue, swir22) = (Plane("blue"), Plane("swir22"));
        var result = CellIndices.Empty(grid.Count);
        for (var i = 0; i < valid.Length; i++)
        {
            var seen = valid[i] && grid.In(Zone.Region, i) && nir[i] + red[i] > 0 && swir[i] + nir[i] > 0 && green[i] + swir[i] > 0;
            result.Ndvi[i] = seen ? SpectralIndex.Ndvi(red[i], nir[i]) : float.NaN;
            result.Ndbi[i] = seen ? SpectralIndex.Ndbi(nir[i], swir[i]) : float.NaN;
            result.Mndwi[i] = seen ? SpectralIndex.Mndwi(green[i], swir[i]) : float.NaN;
            result.Artificial[i] = !seen ? float.NaN
                : blue is not null && swir22 is not null && GroundEvidence.Of(blue[i], green[i], red[i], nir[i], swir[i], swir22[i]) is GroundLook.Artificial ? 1 : 0;
        }

        return result;
    }

    /// <summary>Whether a quality band calls a pixel clear surface.</summary>
    /// <param name="codes">What its codes mean.</param>
    internal static bool IsClear(QualityCodes codes, int code) => codes.Of(code) is PixelQuality.Clear;

    /// <summary>The scene's files, each open once with the bands that are wanted of it.</summary>
    private sealed class OpenFiles : IDisposable
    {
        private readonly int _bands;
        private readonly StoredReflectance _reflectance;
        private readonly string _sceneCrs;
        private readonly List<(RasterDataset File, RasterDataset Chosen, double? NoData, (SceneBand Band, int Place)[] Bands)> _files = [];

        public OpenFiles(Scene scene, SceneBand[] bands, StoredReflectance reflectance)
        {
            (_bands, _reflectance, _sceneCrs) = (bands.Length, reflectance, scene.Grid.CrsWkt);
            try
            {
                foreach (var group in bands.Select((band, place) => (band, place)).GroupBy(b => (b.band.AssetIndex, NoData: IsQuality(b.band) ? null : b.band.NoData)))
                {
                    var file = ClosedRaster.OpenStored(scene.Assets[group.Key.AssetIndex].Path);
                    try
                    {
                        _files.Add((file, file.TranslateVirtual(new TranslateOptions { Bands = [.. group.Select(b => b.band.BandIndex), .. group.Select(b => b.band.HighBandIndex).OfType<int>()] }), group.Key.NoData, [.. group]));
                    }
                    catch
                    {
                        file.Dispose();
                        throw;
                    }
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Bands on the cells, in reflectance (a quality band as stored); clears <paramref name="valid"/> where a file has nothing.</summary>
        public float[][] Read(SampleGrid grid, bool[] valid)
        {
            var planes = new float[_bands][];
            var filled = new bool[valid.Length];
            foreach (var (_, chosen, noData, bands) in _files)
            {
                using var stated = chosen.GetSpatialReference();
                using var onCells = chosen.WarpVirtual(
                    new WarpGrid("EPSG:4490", grid.Transform, grid.Width, grid.Height),
                    new WarpOptions
                    {
                        Resampling = Resampling.Nearest,
                        SourceCrs = stated is null ? _sceneCrs : null,
                        AddAlpha = true,
                        SourceNoData = noData,
                        IgnoreSourceNoData = noData is null,
                        TargetType = PixelType.Float32,
                    });
                var values = new float[onCells.BandCount * grid.Count];
                onCells.Read<float>([.. Enumerable.Range(1, onCells.BandCount)], new PixelWindow(0, 0, grid.Width, grid.Height), grid.Width, grid.Height, values);
                var alpha = values.AsSpan((onCells.BandCount - 1) * grid.Count);
                var upper = bands.Length;
                for (var n = 0; n < bands.Length; n++)
                {
                    var (band, place) = bands[n];
                    var plane = planes[place] = values.AsSpan(n * grid.Count, grid.Count).ToArray();
                    var factor = IsQuality(band) ? 1 : _reflectance.FactorOf(band);
                    var (scale, offset) = IsQuality(band) ? (1, 0) : ((band.Scale == 0 ? 1 : band.Scale) * factor, band.Offset * factor);
                    for (var i = 0; i < plane.Length; i++)
                    {
                        valid[i] &= alpha[i] > 0;
                        filled[i] |= plane[i] != 0 && !IsQuality(band);
                        plane[i] = (float)((plane[i] * scale) + offset);
                    }

                    if (band.HighBandIndex is not null)
                    {
                        // The upper half of the codes lies behind the bands.
                        var high = values.AsSpan(upper++ * grid.Count, grid.Count);
                        for (var i = 0; i < plane.Length; i++)
                        {
                            plane[i] += 256 * high[i];
                        }
                    }
                }
            }

            // What is stored as zero in all of them was never filled, whatever zero decodes to.
            for (var i = 0; i < valid.Length; i++)
            {
                valid[i] &= filled[i];
            }

            return planes;
        }

        public void Dispose()
        {
            foreach (var (file, chosen, _, _) in _files)
            {
                chosen.Dispose();
                file.Dispose();
            }
        }

        private static bool IsQuality(SceneBand band) => band.CommonName == "quality";
    }
}
