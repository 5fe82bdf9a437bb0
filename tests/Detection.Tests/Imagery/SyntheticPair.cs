using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>A pair of small scenes whose change is known, written as real files.</summary>
internal sealed class SyntheticPair : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public const int Width = 220;
    public const int Height = 180;

    /// <summary>Where a building stands on the second date only: column, row, width, height.</summary>
    public static readonly (int X, int Y, int W, int H) Building = (60, 50, 12, 8);

    public static readonly (string Name, string Common)[] Names = [("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B08", "nir"), ("B11", "swir16"), ("B12", "swir22")];

    private static readonly double[] Field = [0.05, 0.08, 0.07, 0.30, 0.20, 0.12];
    private static readonly double[] Soil = [0.09, 0.11, 0.14, 0.20, 0.28, 0.24];
    private static readonly double[] Roof = [0.28, 0.27, 0.26, 0.28, 0.27, 0.24];

    public string Folder => _folder.Path;

    public Scene Write(string id, int seed, bool built, double gain = 1, (double X, double Y) shift = default, string crs = "EPSG:32650", Func<int, int, int>? quality = null, Func<int, int, bool>? missing = null, DateTimeOffset? at = null)
    {
        var file = System.IO.Path.Combine(_folder.Path, id + ".tif");
        var bands = quality is null ? 6 : 7;
        using (var data = RasterDataset.Create(file, "GTiff", Width, Height, bands, PixelType.UInt16))
        {
            data.Transform = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);
            using (var reference = SpatialReference.Parse(crs))
            {
                data.SetSpatialReference(reference);
            }

            var noise = new Random(seed);
            var pixels = new ushort[Width * Height];
            for (var b = 0; b < 6; b++)
            {
                for (var y = 0; y < Height; y++)
                {
                    for (var x = 0; x < Width; x++)
                    {
                        var value = Ground(b, x + shift.X, y + shift.Y, built) * gain;
                        value += Math.Sqrt(value) * 0.006 * (noise.NextDouble() + noise.NextDouble() + noise.NextDouble() - 1.5);
                        pixels[(y * Width) + x] = missing?.Invoke(x, y) == true ? (ushort)0 : (ushort)Math.Clamp(value * 10_000, 1, 65535);
                    }
                }

                data.Write<ushort>(b + 1, data.FullWindow, pixels);
                data.SetNoData(b + 1, 0);
            }

            if (quality is not null)
            {
                for (var i = 0; i < pixels.Length; i++)
                {
                    pixels[i] = (ushort)quality(i % Width, i / Width);
                }

                data.Write<ushort>(7, data.FullWindow, pixels);
            }
        }

        return Of(file, id, at ?? new DateTimeOffset(2025, 1 + (seed % 12), 1, 3, 0, 0, TimeSpan.Zero), quality is not null);
    }

    /// <summary>A scene that was written before.</summary>
    public static Scene Of(string file, string id, DateTimeOffset at, bool hasQuality) =>
        RealScenes.Of(id, [file], at, hasQuality ? [.. Names, ("qa", "quality")] : Names, scale: 0.0001, noData: 0);

    /// <summary>The same scene as reflectance in floats without a stated scale, as Earth Engine gives it.</summary>
    public Scene AsFloats(Scene scene)
    {
        var file = System.IO.Path.Combine(_folder.Path, scene.Id + "-float.tif");
        using (var from = RasterDataset.Open(scene.Assets[0].Path))
        using (var to = RasterDataset.Create(file, "GTiff", Width, Height, from.BandCount, PixelType.Float32))
        {
            to.Transform = from.Transform;
            using (var reference = from.GetSpatialReference())
            {
                to.SetSpatialReference(reference!);
            }

            var pixels = new float[Width * Height];
            for (var b = 1; b <= from.BandCount; b++)
            {
                from.Read<float>(b, from.FullWindow, pixels);
                if (b <= 6)
                {
                    Array.ForEach(Enumerable.Range(0, pixels.Length).ToArray(), i => pixels[i] *= 1e-4f);
                    to.SetNoData(b, 0);
                }

                to.Write<float>(b, to.FullWindow, pixels);
            }
        }

        return scene with
        {
            Assets = [scene.Assets[0] with { Path = file }],
            Bands = [.. scene.Bands.Select(b => b with { Scale = 1, NoData = b.CommonName == "quality" ? null : 0 })],
        };
    }

    /// <summary>Fields of two kinds in a chequer of 18 pixels with soft edges, so that a shift shows.</summary>
    private static double Ground(int band, double x, double y, bool built)
    {
        var (bx, by, w, h) = Building;
        if (built && x >= bx && x < bx + w && y >= by && y < by + h)
        {
            return Roof[band];
        }

        var wave = Math.Clamp(4 * Math.Sin(x * Math.PI / 18) * Math.Sin(y * Math.PI / 18), -1, 1);
        var mix = 0.5 + (0.5 * wave);
        return (mix * Field[band]) + ((1 - mix) * Soil[band]);
    }

    public void Dispose() => _folder.Dispose();
}
