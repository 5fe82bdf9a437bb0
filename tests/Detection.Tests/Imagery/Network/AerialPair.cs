using System.Globalization;
using System.Security.Cryptography;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery.Network;

/// <summary>Two aerial pictures of half a metre in red, green, blue, and networks beside them.</summary>
internal sealed class AerialPair : IDisposable
{
    private readonly ScratchFolder _folder = new();

    /// <summary>Sums |difference| over 3 × 3 pixels and channels: a pixel is changed when the mean difference is over about a quarter of the range.</summary>
    public static readonly float[] Blur = [0.5f, 1, 0.5f, 1, 2, 1, 0.5f, 1, 0.5f];

    public AerialPair(int width, int height, double gsd = 0.5, Func<int, int, bool>? missing = null)
    {
        (Width, Height) = (width, height);
        Building = (width / 3, height / 4, 40, 30);
        Before = Write("before", 1, false, gsd, null);
        After = Write("after", 2, true, gsd, missing);
    }

    public string Folder => _folder.Path;

    public int Width { get; }

    public int Height { get; }

    public (int X, int Y, int W, int H) Building { get; }

    public Scene Before { get; }

    public Scene After { get; }

    public PairRequest Request => new(Before, After, new PairOptions { LeastSquareMeters = 50, TilePixels = 64, Register = false });

    /// <summary>Puts a model on the shelf and gives its folder.</summary>
    /// <param name="change">Last word on the card's text.</param>
    public string Model(string name, byte[] onnx, string layout = "stacked", int tile = 64, int overlap = 4, string kind = "probability", string gsd = "0.3, 1.0", string values = "display", Func<string, string>? change = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "shelf", name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), onnx);
        var card = string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "name": "{{name}}", "version": "3", "licence": "CC0-1.0", "training_data": "none: weights set by hand",
              "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(onnx))}}", "gsd_m": [{{gsd}}],
              "input": { "layout": "{{layout}}", "tile": {{tile}}, "overlap": {{overlap}}, "channels": ["red", "green", "blue"], "values": "{{values}}", "mean": [0.4, 0.45, 0.5], "std": [0.2, 0.2, 0.2] },
              "output": { "kind": "{{kind}}", "threshold": 0.5 }
            }
            """);
        File.WriteAllText(Path.Combine(folder, "card.json"), change?.Invoke(card) ?? card);
        return folder;
    }

    public string Shelf => Path.Combine(_folder.Path, "shelf");

    private Scene Write(string id, int seed, bool built, double gsd, Func<int, int, bool>? missing)
    {
        var path = Path.Combine(_folder.Path, id + ".tif");
        using (var file = RasterDataset.Create(path, "GTiff", Width, Height, 3, PixelType.UInt8))
        {
            file.Transform = GeoTransform.NorthUp(500_000, 3_400_000, gsd, gsd);
            using (var crs = SpatialReference.Parse("EPSG:32650"))
            {
                file.SetSpatialReference(crs);
            }

            var noise = new Random(seed);
            var (bx, by, w, h) = Building;
            var pixels = new byte[Width * Height];
            for (var b = 1; b <= 3; b++)
            {
                for (var i = 0; i < pixels.Length; i++)
                {
                    int x = i % Width, y = i / Width;
                    var ground = 80 + (30 * Math.Sin(x / 9.0) * Math.Cos(y / 7.0)) + (5 * b) + noise.Next(-4, 5);
                    pixels[i] = missing?.Invoke(x, y) == true ? (byte)0 : built && x >= bx && x < bx + w && y >= by && y < by + h ? (byte)(215 + noise.Next(-4, 5)) : (byte)ground;
                }

                file.Write<byte>(b, file.FullWindow, pixels);
            }
        }

        var scene = RealScenes.Of(id, [path], new DateTimeOffset(2024 + seed, 5, 1, 3, 0, 0, TimeSpan.Zero), [("r", "red"), ("g", "green"), ("b", "blue")]);
        return scene with { Bands = [.. scene.Bands.Select(b => b with { GsdMeters = gsd })] };
    }

    public void Dispose() => _folder.Dispose();
}
