using System.Globalization;
using CsCheck;

namespace Monitoring.Gdal.Tests;

/// <summary>Tiles that are read without GDAL hold what GDAL reads.</summary>
public sealed class DeflatedTilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tiles-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadStrided_WholeTiles_EqualsGdal() =>
        Gen.Select(Gen.Int[17, 150], Gen.Int[1, 130], Gen.Int[1, 19], Gen.Bool, Gen.Bool, Gen.Int[0, int.MaxValue - 1]).Sample(
            (width, height, bands, differenced, separate, seed) =>
            {
                var random = new Random(seed);
                var path = Make(width, height, bands, differenced, separate, random);
                using var fast = RasterDataset.Open(path);
                using var slow = RasterDataset.Open(path);
                int[] wanted = [.. Enumerable.Range(1, bands).Where(_ => random.Next(4) > 0).DefaultIfEmpty(bands)];
                if (random.Next(3) == 0)
                {
                    random.Shuffle(wanted);
                }

                // From a tile's corner to another one's, or to the raster's edge.
                int x = random.Next((width + 15) / 16) * 16, y = random.Next((height + 15) / 16) * 16;
                var window = new PixelWindow(x, y, Math.Min(16 * random.Next(1, 6), width - x), Math.Min(16 * random.Next(1, 6), height - y));
                var (lineStride, between) = (window.Width + random.Next(5), random.Next(5));
                var bandStride = (window.Height * lineStride) + between;
                ushort[] expected = new ushort[wanted.Length * bandStride], actual = new ushort[expected.Length];
                Array.Fill(expected, (ushort)7);
                Array.Fill(actual, (ushort)7);
                for (var n = 0; n < wanted.Length; n++)
                {
                    var plane = new ushort[window.Width * window.Height];
                    slow.Read(wanted[n], window, plane);
                    for (var row = 0; row < window.Height; row++)
                    {
                        plane.AsSpan(row * window.Width, window.Width).CopyTo(expected.AsSpan((n * bandStride) + (row * lineStride)));
                    }
                }

                fast.ReadStrided<ushort>(wanted, window, actual, lineStride, bandStride);

                actual.ShouldBe(expected);
                fast.Tiles.ShouldNotBeNull().Count.ShouldBeGreaterThan(0);
            }, iter: 150, threads: 1);

    [Fact]
    public void Spread_Row_EqualsTheSlowReference() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[2, 26], Gen.Bool, Gen.Int[0, int.MaxValue - 1]).Sample(
            (width, samples, differenced, seed) =>
            {
                var random = new Random(seed);
                var row = new ushort[(width * samples) + 16];
                foreach (ref var number in row.AsSpan())
                {
                    number = (ushort)random.Next(65_536);
                }

                // Some of them, in any order, one of them perhaps twice.
                int[] bands = [.. Enumerable.Range(1, samples)];
                random.Shuffle(bands);
                bands = [.. bands[random.Next(samples)..], .. bands[..random.Next(2)]];
                ushort[] expected = new ushort[bands.Length * (width + 3)], actual = new ushort[expected.Length];

                DeflatedTiles.SpreadSlowly(row, samples, differenced, bands, width, expected, width + 3);
                DeflatedTiles.Spread(row, samples, differenced, bands, width, actual, width + 3);

                actual.ShouldBe(expected);
            }, iter: 2000, threads: 1);

    [Theory]
    [InlineData(5, 0, 32, 32)]
    [InlineData(0, 5, 32, 32)]
    [InlineData(0, 0, 20, 32)]
    [InlineData(0, 0, 32, 20)]
    public void ReadStrided_WindowThatCutsTiles_IsLeftToGdal(int x, int y, int width, int height)
    {
        using var file = RasterDataset.Open(Make(64, 64, 6, true, false, new Random(1)));
        var window = new PixelWindow(x, y, width, height);
        ushort[] expected = new ushort[6 * width * height], actual = new ushort[expected.Length];
        file.Read<ushort>([1, 2, 3, 4, 5, 6], window, width, height, expected);

        file.ReadStrided<ushort>([1, 2, 3, 4, 5, 6], window, actual, width, width * height);

        actual.ShouldBe(expected);
        file.Tiles.ShouldNotBeNull().Count.ShouldBe(0);
    }

    /// <summary>GDAL says what is wrong; nothing half-read is taken for pixels.</summary>
    [Fact]
    public void ReadStrided_DamagedTile_FailsAsGdalDoes()
    {
        var path = Make(64, 64, 6, true, false, new Random(2));
        long offset;
        using (var whole = RasterDataset.Open(path))
        {
            offset = long.Parse(whole.BandItem(1, "BLOCK_OFFSET_1_1", "TIFF")!, CultureInfo.InvariantCulture);
        }

        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.Write(file, new byte[40], offset);
        }

        using var damaged = RasterDataset.Open(path);
        var pixels = new ushort[6 * 16 * 16];
        damaged.ReadStrided<ushort>([1, 2, 3, 4, 5, 6], new PixelWindow(0, 0, 16, 16), pixels, 16, 256);
        Should.Throw<GdalException>(() => damaged.ReadStrided<ushort>([1, 2, 3, 4, 5, 6], new PixelWindow(16, 16, 16, 16), pixels, 16, 256));
    }

    [Fact]
    public void ReadStrided_TileThatWasNeverWritten_IsEmptyAsGdalSays()
    {
        var path = Path.Combine(_folder, "sparse.tif");
        using (var file = RasterDataset.Create(path, "GTiff", 64, 64, 2, PixelType.UInt16, ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE", "SPARSE_OK=TRUE"]))
        {
            file.Write<ushort>([1, 2], new PixelWindow(0, 0, 16, 16), [.. Enumerable.Repeat((ushort)9, 512)]);
        }

        using var sparse = RasterDataset.Open(path);
        var pixels = new ushort[2 * 32 * 16];
        Array.Fill(pixels, (ushort)5);

        sparse.ReadStrided<ushort>([1, 2], new PixelWindow(0, 0, 32, 16), pixels, 32, 512);

        pixels.ShouldBe([.. Enumerable.Range(0, 1024).Select(i => (ushort)(i % 32 < 16 ? 9 : 0))]);
    }

    /// <summary>GDAL tells what a sidecar says of the storage but decodes by the file: stored as differences and said not to be, it would come out as noise.</summary>
    [Theory]
    [InlineData("<Metadata domain=\"IMAGE_STRUCTURE\"><MDI key=\"PREDICTOR\">1</MDI></Metadata>", false)]
    [InlineData("<Metadata><MDI key=\"AREA_OR_POINT\">Area</MDI></Metadata>", true)]
    public void ReadStrided_SidecarSaysOtherwise_EqualsGdal(string metadata, bool isFast)
    {
        var path = Make(64, 64, 3, true, false, new Random(4));
        File.WriteAllText(path + ".aux.xml", $"<PAMDataset>{metadata}</PAMDataset>");
        using var file = RasterDataset.Open(path);

        // With the place GDAL reads the sidecar.
        file.Transform.ShouldBeNull();
        ushort[] expected = new ushort[3 * 64 * 64], actual = new ushort[expected.Length];
        file.Read<ushort>([1, 2, 3], file.FullWindow, 64, 64, expected);

        file.ReadStrided<ushort>([1, 2, 3], file.FullWindow, actual, 64, 64 * 64);

        actual.ShouldBe(expected);
        (file.Tiles is not null).ShouldBe(isFast);
    }

    /// <summary>A table of tiles that says of each that it is megabytes long makes nobody read or hold them.</summary>
    [Fact]
    public void ReadStrided_TileSaidToBeFarTooLong_IsLeftToGdal()
    {
        var path = Path.Combine(_folder, "long.tif");
        using (var made = RasterDataset.Create(path, "GTiff", 512, 256, 1, PixelType.UInt16, ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE"]))
        {
            var random = new Random(5);
            made.Write<ushort>(1, made.FullWindow, [.. Enumerable.Range(0, 512 * 256).Select(_ => (ushort)random.Next(65_536))]);
        }

        var bytes = File.ReadAllBytes(path);

        // The field TileByteCounts (325) of the one directory, two longs elsewhere in the file.
        var directory = BitConverter.ToInt32(bytes, 4);
        var field = Enumerable.Range(0, BitConverter.ToUInt16(bytes, directory)).Select(i => directory + 2 + (12 * i)).Single(at => BitConverter.ToUInt16(bytes, at) == 325);
        BitConverter.ToUInt16(bytes, field + 2).ShouldBe((ushort)4, "longs");
        var counts = BitConverter.ToInt32(bytes, field + 8);
        for (var tile = 0; tile < 2; tile++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(counts + (4 * tile)), 30 << 20).ShouldBeTrue();
        }

        File.WriteAllBytes(path, bytes);
        using (var grown = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(grown, 40 << 20);
        }

        using var file = RasterDataset.Open(path);
        var pixels = new ushort[512 * 256];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.NotThrow(() => file.ReadStrided<ushort>([1], file.FullWindow, pixels, 512, 512 * 256));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        file.Tiles.ShouldNotBeNull().Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("COMPRESS=ZSTD")]
    [InlineData("COMPRESS=DEFLATE", "NBITS=12")]
    [InlineData("COMPRESS=DEFLATE", "ENDIANNESS=BIG")]
    [InlineData("COMPRESS=NONE")]
    public void Tiles_OfOtherKinds_AreLeftToGdal(params string[] options)
    {
        var path = Path.Combine(_folder, "other.tif");
        using (var file = RasterDataset.Create(path, "GTiff", 64, 64, 2, PixelType.UInt16, ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", .. options]))
        {
            file.Write<ushort>([1, 2], file.FullWindow, [.. Enumerable.Range(0, 2 * 64 * 64).Select(i => (ushort)(i % 4096))]);
        }

        using var other = RasterDataset.Open(path);
        other.Tiles.ShouldBeNull();
        var pixels = new ushort[2 * 64 * 64];
        other.ReadStrided<ushort>([1, 2], other.FullWindow, pixels, 64, 64 * 64);
        pixels.ShouldBe([.. Enumerable.Range(0, pixels.Length).Select(i => (ushort)(i % 4096))]);
    }

    private string Make(int width, int height, int bands, bool differenced, bool separate, Random random)
    {
        var path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{Guid.CreateVersion7():N}.tif"));
        using var file = RasterDataset.Create(path, "GTiff", width, height, bands, PixelType.UInt16,
            ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=DEFLATE", $"PREDICTOR={(differenced ? 2 : 1)}", $"INTERLEAVE={(separate ? "BAND" : "PIXEL")}"]);
        var pixels = new ushort[width * height];
        for (var band = 1; band <= bands; band++)
        {
            foreach (ref var number in pixels.AsSpan())
            {
                number = (ushort)random.Next(65_536);
            }

            file.Write<ushort>(band, file.FullWindow, pixels);
        }

        return path;
    }
}
