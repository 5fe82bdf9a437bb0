using Monitoring.Gdal;

namespace Monitoring.Bench;

/// <summary>
/// A large pair to measure on: bilinear enlargement of a real six-band pair to uint16 plus seeded noise, 512-pixel tiles, deflate,
/// predictor 2. Noise keeps the files from compressing into nothing.
/// </summary>
internal static class PairMaker
{
    private static readonly string[] Layout = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE", "PREDICTOR=2", "INTERLEAVE=PIXEL", "BIGTIFF=IF_SAFER"];

    /// <summary>Makes <paramref name="target"/> from the real scene unless it is there already.</summary>
    public static void Make(string source, string target, int size, int seed)
    {
        if (File.Exists(target))
        {
            return;
        }

        using var real = RasterDataset.Open(source);
        var info = real.Describe();
        var bands = Enumerable.Range(1, 6).ToArray();
        var transform = info.Transform ?? throw new InvalidOperationException($"{source} has no georeference.");
        var finer = GeoTransform.NorthUp(transform.OriginX, transform.OriginY, transform.PixelWidth * info.Width / size, Math.Abs(transform.PixelHeight) * info.Height / size);
        using (var made = RasterDataset.Create(target + ".part", "GTiff", size, size, 6, PixelType.UInt16, Layout))
        {
            made.Transform = finer;
            using (var crs = real.GetSpatialReference())
            {
                made.SetSpatialReference(crs!);
            }

            var random = new Random(seed);
            const int Strip = 512;
            var pixels = new ushort[6 * size * Strip];
            for (var row = 0; row < size; row += Strip)
            {
                var rows = Math.Min(Strip, size - row);
                var part = pixels.AsSpan(0, 6 * size * rows);
                Enlarge(real, bands, info.Width, info.Height, size, row, rows, part, random);
                made.Write<ushort>(bands, new PixelWindow(0, row, size, rows), part);
            }
        }

        File.Move(target + ".part", target);
    }

    private static void Enlarge(RasterDataset real, int[] bands, int width, int height, int size, int row, int rows, Span<ushort> output, Random random)
    {
        var source = new byte[6 * width * height];
        real.Read<byte>(bands, real.FullWindow, width, height, source);
        for (var band = 0; band < 6; band++)
        {
            for (var y = 0; y < rows; y++)
            {
                var sy = Math.Clamp(((row + y + 0.5) * height / size) - 0.5, 0, height - 1.001);
                var (y0, fy) = ((int)sy, sy - (int)sy);
                for (var x = 0; x < size; x++)
                {
                    var sx = Math.Clamp(((x + 0.5) * width / size) - 0.5, 0, width - 1.001);
                    var (x0, fx) = ((int)sx, sx - (int)sx);
                    var at = (band * height * width) + (y0 * width) + x0;
                    var value = ((source[at] * (1 - fx)) + (source[at + 1] * fx)) * (1 - fy);
                    value += ((source[at + width] * (1 - fx)) + (source[at + width + 1] * fx)) * fy;
                    var noise = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
                    output[(((band * rows) + y) * size) + x] = (ushort)Math.Clamp((value * 10) + (noise * 12) + 1, 1, 65_535);
                }
            }
        }
    }
}
