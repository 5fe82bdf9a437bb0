using CsCheck;
using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>Pixels in, the same pixels out.</summary>
public sealed class RasterPixelTests
{
    [Fact] public void RoundTrip_Byte_SamePixels() => RoundTrip<byte>(PixelType.UInt8, byte.MinValue, byte.MaxValue);

    [Fact] public void RoundTrip_UShort_SamePixels() => RoundTrip<ushort>(PixelType.UInt16, ushort.MinValue, ushort.MaxValue);

    [Fact] public void RoundTrip_Short_SamePixels() => RoundTrip<short>(PixelType.Int16, short.MinValue, short.MaxValue);

    [Fact] public void RoundTrip_UInt_SamePixels() => RoundTrip<uint>(PixelType.UInt32, uint.MinValue, uint.MaxValue);

    [Fact] public void RoundTrip_Int_SamePixels() => RoundTrip(PixelType.Int32, int.MinValue, int.MaxValue);

    [Fact] public void RoundTrip_Long_SamePixels() => RoundTrip(PixelType.Int64, long.MinValue, long.MaxValue);

    [Fact] public void RoundTrip_ULong_SamePixels() => RoundTrip(PixelType.UInt64, ulong.MinValue, ulong.MaxValue);

    [Fact] public void RoundTrip_Float_SamePixels() => RoundTrip(PixelType.Float32, float.MinValue, float.MaxValue, float.NaN,
        float.NegativeInfinity, float.Epsilon);

    [Fact] public void RoundTrip_Double_SamePixels() => RoundTrip(PixelType.Float64, double.MinValue, double.MaxValue, double.NaN,
        double.PositiveInfinity, double.Epsilon);

    [Fact]
    public void ReleaseBlocks_AfterWriting_AreInTheFileAndReadAgain()
    {
        var path = Path.Combine(Path.GetTempPath(), $"blocks-{Guid.NewGuid():N}.tif");
        try
        {
            using var raster = RasterDataset.Create(path, "GTiff", 512, 512, 1, PixelType.UInt8, ["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256"]);
            var pixels = new byte[512 * 512];
            new Random(5).NextBytes(pixels);
            raster.Write<byte>(1, raster.FullWindow, pixels);
            new FileInfo(path).Length.ShouldBeLessThan(pixels.Length / 4, "blocks wait in GDAL's cache");
            raster.ReleaseBlocks(1);
            new FileInfo(path).Length.ShouldBeGreaterThan(pixels.Length / 2, "but for what the file itself still buffers");
            var again = new byte[pixels.Length];
            raster.Read<byte>(1, raster.FullWindow, again);
            again.ShouldBe(pixels);
            Should.Throw<ArgumentOutOfRangeException>(() => raster.ReleaseBlocks(2));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void RoundTrip<T>(PixelType type, params T[] extremes) where T : unmanaged
    {
        var random = new Random(20260501);
        foreach (var (width, height) in new[] { (1, 1), (1, 7), (7, 1), (63, 65), (513, 257) })
            foreach (var options in new string[][] { [], ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=1"], ["COMPRESS=ZSTD",
                "INTERLEAVE=BAND"], [.. RasterDataset.TiledDeflate] })
            {
                const int bands = 3;
                var pixels = new T[bands * width * height];
                random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
                extremes.AsSpan(0, Math.Min(extremes.Length, pixels.Length)).CopyTo(pixels);
                using var file = MemoryFile.Reserve("a.tif");
                using (var ds = RasterDataset.Create(file.Path, "GTiff", width, height, bands, type, options))
                    ds.Write<T>([1, 2, 3], ds.FullWindow, pixels);
                using var back = RasterDataset.Open(file.Path);
                back.GetBand(2).Type.ShouldBe(type);
                var read = new T[pixels.Length];
                back.Read<T>([1, 2, 3], back.FullWindow, width, height, read);
                // Compared by bits: NaN is a value here.
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(read.AsSpan()).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()))
                    .ShouldBeTrue($"{type} {width}×{height} {string.Join(' ', options)}");
            }
    }

    [Fact]
    public void Read_RandomWindowsBandsAndOrder_EqualsSlice()
    {
        const int width = 83, height = 59, bands = 4;
        var all = new int[bands * width * height];
        for (var i = 0; i < all.Length; i++)
            all[i] = i * 7919;
        using var file = MemoryFile.Reserve("a.tif");
        using (var ds = RasterDataset.Create(file.Path, "GTiff", width, height, bands, PixelType.Int32, ["TILED=YES", "BLOCKXSIZE=16",
            "BLOCKYSIZE=32"]))
            ds.Write<int>([1, 2, 3, 4], ds.FullWindow, all);
        using var back = RasterDataset.Open(file.Path);

        var gen = from x in Gen.Int[0, width - 1]
                  from y in Gen.Int[0, height - 1]
                  from w in Gen.Int[1, width - x]
                  from h in Gen.Int[1, height - y]
                  from list in Gen.Shuffle(new[] { 1, 2, 3, 4 })
                  from count in Gen.Int[1, bands]
                  from pixelInterleaved in Gen.Bool
                  select (x, y, w, h, chosen: list.Take(count).ToArray(), pixelInterleaved);
        gen.Sample(c =>
        {
            var buffer = new int[c.chosen.Length * c.w * c.h];
            back.Read<int>(c.chosen, new(c.x, c.y, c.w, c.h), c.w, c.h, buffer, interleave: c.pixelInterleaved
                ? Interleave.Pixel
                : Interleave.Band);
            for (var b = 0; b < c.chosen.Length; b++)
                for (var row = 0; row < c.h; row++)
                    for (var column = 0; column < c.w; column++)
                    {
                        var at = c.pixelInterleaved ? (row * c.w + column) * c.chosen.Length + b : (b * c.h + row) * c.w + column;
                        if (buffer[at] != all[((c.chosen[b] - 1) * height + c.y + row) * width + c.x + column])
                            return false;
                    }
            return true;
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Write_PixelInterleavedWindow_LandsInTheRightBands()
    {
        using var ds = RasterDataset.CreateInMemory(4, 3, 2, PixelType.UInt8);
        ds.Write<byte>([2, 1], new PixelWindow(1, 1, 2, 1), [10, 20, 11, 21], Interleave.Pixel);
        var pixels = new byte[24];
        ds.Read<byte>([1, 2], ds.FullWindow, 4, 3, pixels);
        pixels.ShouldBe([0, 0, 0, 0, 0, 20, 21, 0, 0, 0, 0, 0, /* band 2 */ 0, 0, 0, 0, 0, 10, 11, 0, 0, 0, 0, 0]);
    }

    [Fact]
    public void Read_IntoNarrowerType_RoundsAndClamps()
    {
        using var ds = RasterDataset.CreateInMemory(6, 1, 1, PixelType.Float32);
        ds.Write<float>(1, ds.FullWindow, [-3f, 1.4f, 1.6f, 254.6f, 300f, float.NaN]);
        var bytes = new byte[6];
        ds.Read(1, ds.FullWindow, bytes.AsSpan());
        bytes.ShouldBe([0, 1, 2, 255, 255, 0]);
    }

    [Fact]
    public void Read_Average_IsTheMeanWithoutNoData()
    {
        using var ds = RasterDataset.CreateInMemory(4, 2, 1, PixelType.Float32);
        ds.Write<float>(1, ds.FullWindow, [1, 2, 10, -9, 3, 6, -9, -9]);
        var two = new float[2];
        ds.Read(1, ds.FullWindow, 2, 1, two.AsSpan(), Resampling.Average);
        two.ShouldBe([3f, -4.25f]);
        ds.SetNoData(1, -9);
        ds.Read(1, ds.FullWindow, 2, 1, two.AsSpan(), Resampling.Average);
        two.ShouldBe([3f, 10f]);
    }

    [Fact]
    public void Read_NearestTwice_RepeatsPixels()
    {
        using var ds = RasterDataset.CreateInMemory(2, 2, 1, PixelType.UInt8);
        ds.Write<byte>(1, ds.FullWindow, [1, 2, 3, 4]);
        var sixteen = new byte[16];
        ds.Read(1, ds.FullWindow, 4, 4, sixteen.AsSpan());
        sixteen.ShouldBe([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    }

    [Fact]
    public void ReadMask_NoDataMaskBandAlphaAndNone_SayWhatIsValid()
    {
        var mask = new byte[4];
        using var plain = RasterDataset.CreateInMemory(2, 2, 1, PixelType.Int16);
        plain.Write<short>(1, plain.FullWindow, [5, -1, 0, -1]);
        plain.GetBand(1).Mask.ShouldBe(MaskSources.AllValid);
        plain.ReadMask(1, plain.FullWindow, mask);
        mask.ShouldBe([255, 255, 255, 255]);

        using var withNoData = RasterDataset.CreateInMemory(2, 2, 1, PixelType.Int16);
        withNoData.Write<short>(1, plain.FullWindow, [5, -1, 0, -1]);
        withNoData.SetNoData(1, -1);
        withNoData.GetBand(1).Mask.ShouldBe(MaskSources.NoData);
        withNoData.ReadMask(1, withNoData.FullWindow, mask);
        mask.ShouldBe([255, 0, 255, 0]);

        using var file = MemoryFile.Reserve("m.tif");
        using (var masked = RasterDataset.Create(file.Path, "GTiff", 2, 2, 2, PixelType.UInt8))
        {
            masked.CreateMask();
            masked.WriteMask(masked.FullWindow, [0, 255, 255, 0]);
        }
        using (var masked = RasterDataset.Open(file.Path))
        {
            masked.GetBand(2).Mask.ShouldBe(MaskSources.PerDataset);
            masked.ReadMask(2, masked.FullWindow, mask);
            mask.ShouldBe([0, 255, 255, 0]);
            masked.ReadMask(2, new(1, 0, 1, 2), mask);
            mask[..2].ShouldBe([255, 0]);
        }

        using var alpha = RasterDataset.Create("", "MEM", 2, 2, 2, PixelType.UInt8);
        alpha.SetColor(2, ColorInterpretation.Alpha);
        alpha.Write<byte>(2, alpha.FullWindow, [0, 128, 255, 1]);
        alpha.GetBand(1).Mask.ShouldBe(MaskSources.Alpha | MaskSources.PerDataset);
        alpha.ReadMask(1, alpha.FullWindow, mask);
        mask.ShouldBe([0, 128, 255, 1]);
    }

    [Fact]
    public void ReadMask_NaNNoData_MarksNaN()
    {
        using var ds = RasterDataset.CreateInMemory(3, 1, 1, PixelType.Float32);
        ds.Write<float>(1, ds.FullWindow, [float.NaN, 0, 1]);
        ds.SetNoData(1, double.NaN);
        var mask = new byte[3];
        ds.ReadMask(1, ds.FullWindow, mask);
        mask.ShouldBe([0, 255, 255]);
    }

    [Fact]
    public void Read_ParallelOnSeparateDatasets_SamePixels()
    {
        const int size = 700;
        var pixels = new ushort[size * size];
        new Random(7).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(pixels.AsSpan()));
        using var folder = new TempDirectory();
        using (var ds = RasterDataset.Create(folder.File("a.tif"), "GTiff", size, size, 1, PixelType.UInt16, RasterDataset.TiledDeflate))
            ds.Write<ushort>(1, ds.FullWindow, pixels);
        var sums = new long[8];
        Parallel.For(0, sums.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var ds = RasterDataset.Open(folder.File("a.tif"));
            var row = new ushort[size];
            for (var y = 0; y < size; y++)
            {
                ds.Read(1, new(0, y, size, 1), row.AsSpan());
                if (!row.AsSpan().SequenceEqual(pixels.AsSpan(y * size, size)))
                    return;
                sums[i] += size;
            }
        });
        sums.ShouldAllBe(s => s == (long)size * size);
    }
}
