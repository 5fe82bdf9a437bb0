using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>What a file declares comes back as it was set, and as real files have it.</summary>
public sealed class RasterInfoTests
{
    [Fact]
    public void Describe_EverythingSet_ComesBack()
    {
        using var folder = new TempDirectory();
        using (var ds = RasterDataset.Create(folder.File("a.tif"), "GTiff", 40, 30, 2, PixelType.Int16, ["TILED=YES", "BLOCKXSIZE=16",
            "BLOCKYSIZE=32"]))
        {
            using var crs = SpatialReference.FromEpsg(4547);
            ds.SetSpatialReference(crs);
            ds.Transform = new GeoTransform(500000, 9, 1, 3400000, 2, -11);
            ds.SetNoData(1, -32768);
            ds.SetScale(1, 0.0001, -0.1);
            ds.SetUnit(1, "1");
            ds.SetDescription(1, "近红外");
            ds.SetDescription(2, "red");
            ds.SetMetadata("AREA_OR_POINT", "Area");
            ds.SetMetadata("note", "a = b");
            ds.SetMetadata("k", "v", "ours");
            ds.SetBandMetadata(2, "wavelength", "0.66");
        }
        using var back = RasterDataset.Open(folder.File("a.tif"));
        var info = back.Describe();
        info.Driver.ShouldBe("GTiff");
        (info.Width, info.Height, info.Bands.Count).ShouldBe((40, 30, 2));
        info.Transform.ShouldBe(new GeoTransform(500000, 9, 1, 3400000, 2, -11));
        info.Transform!.Value.IsNorthUp.ShouldBeFalse();
        info.CrsEpsg.ShouldBe(4547);
        info.CrsWkt.ShouldNotBeNull().ShouldStartWith("PROJCRS[");
        info.Metadata["note"].ShouldBe("a = b");
        info.MetadataDomains.ShouldContain("ours");
        back.Metadata("ours")["K"].ShouldBe("v");
        back.Metadata("absent").ShouldBeEmpty();
        var first = info.Bands[0];
        (first.NoData, first.Scale, first.Offset, first.Unit, first.Description).ShouldBe((-32768.0, 0.0001, -0.1, "1", "近红外"));
        (first.BlockWidth, first.BlockHeight, first.BlockBytes).ShouldBe((16, 32, 1024L));
        var second = info.Bands[1];
        (second.Scale, second.Offset, second.Description).ShouldBe((1.0, 0.0, "red"));
        second.Metadata["wavelength"].ShouldBe("0.66");
        info.PixelBytes.ShouldBe(40 * 30 * 2 * 2);
        info.ControlPoints.ShouldBeEmpty();
        back.Files.ShouldContain(folder.File("a.tif"));
    }

    [Fact]
    public void Describe_NothingSet_IsNullNotZero()
    {
        using var file = MemoryFile.Reserve("a.tif");
        RasterDataset.Create(file.Path, "GTiff", 3, 3, 1, PixelType.UInt8).Dispose();
        using var ds = RasterDataset.Open(file.Path);
        var info = ds.Describe();
        info.CrsWkt.ShouldBeNull();
        info.CrsEpsg.ShouldBeNull();
        info.Transform.ShouldBeNull();
        info.Bands[0].NoData.ShouldBeNull();
        ds.GetSpatialReference().ShouldBeNull();
    }

    [Theory]
    [InlineData(PixelType.Float32, double.NaN)]
    [InlineData(PixelType.Float64, -1.7976931348623157e308)]
    [InlineData(PixelType.UInt8, 0.0)]
    [InlineData(PixelType.UInt32, 4294967295.0)]
    [InlineData(PixelType.Int64, -9007199254740992.0)]
    [InlineData(PixelType.UInt64, 9007199254740992.0)]
    public void NoData_OfEveryKind_ComesBackAndCanBeRemoved(PixelType type, double value)
    {
        using var file = MemoryFile.Reserve("a.tif");
        using (var ds = RasterDataset.Create(file.Path, "GTiff", 2, 2, 1, type))
            ds.SetNoData(1, value);
        using (var ds = RasterDataset.Open(file.Path, new() { Update = true }))
        {
            ds.GetBand(1).NoData.ShouldBe(value);
            if (type is PixelType.Int64 or PixelType.UInt64)
                return; // GDAL 3.6's GTiff cannot remove these
            ds.SetNoData(1, null);
        }
        using (var ds = RasterDataset.Open(file.Path))
            ds.GetBand(1).NoData.ShouldBeNull();
    }

    [Fact]
    public void ControlPoints_SetAndRead_Same()
    {
        using var file = MemoryFile.Reserve("a.tif");
        GroundControlPoint[] points = [new("1", 0.5, 0.5, 120, 30, 5), new("2", 9.5, 0.5, 121, 30, 0), new("3", 0.5, 9.5, 120, 29, 0)];
        using (var ds = RasterDataset.Create(file.Path, "GTiff", 10, 10, 1, PixelType.UInt8))
        using (var crs = SpatialReference.FromEpsg(4490))
            ds.SetControlPoints(points, crs);
        using var back = RasterDataset.Open(file.Path);
        var info = back.Describe();
        info.ControlPoints.ShouldBe(points);
        info.Transform.ShouldBeNull();
        using var pointsCrs = SpatialReference.FromWkt(info.ControlPointsCrsWkt.ShouldNotBeNull());
        pointsCrs.Epsg.ShouldBe(4490);
    }

    [Fact]
    public void Overviews_Built_AreListedAndUsed()
    {
        using var folder = new TempDirectory();
        using (var ds = RasterDataset.Create(folder.File("a.tif"), "GTiff", 256, 128, 1, PixelType.UInt8, RasterDataset.TiledDeflate))
        {
            var pixels = new byte[256 * 128];
            Array.Fill(pixels, (byte)100);
            ds.Write<byte>(1, ds.FullWindow, pixels);
            ds.BuildOverviews(Resampling.Average, [2, 4]);
        }
        using (var ds = RasterDataset.Open(folder.File("a.tif"), new() { Update = true }))
        {
            ds.GetBand(1).Overviews.ShouldBe([(128, 64), (64, 32)]);
            // The full pixels change, the overviews do not: a reduced read must show the old value.
            ds.Write<byte>(1, ds.FullWindow, new byte[256 * 128]);
            var small = new byte[64 * 32];
            ds.Read(1, ds.FullWindow, 64, 32, small.AsSpan());
            small.ShouldAllBe(p => p == 100);
            ds.BuildOverviews(Resampling.Average, []);
            ds.GetBand(1).Overviews.ShouldBeEmpty();
        }
    }

    [Fact]
    public void ColorTable_SetAndRead_Same()
    {
        using var file = MemoryFile.Reserve("a.tif");
        using (var ds = RasterDataset.Create(file.Path, "GTiff", 2, 2, 1, PixelType.UInt8))
            ds.SetColorTable(1, [(0, 0, 0, 255), (230, 159, 0, 255), (1, 2, 3, 255)]);
        using var back = RasterDataset.Open(file.Path);
        back.GetColorTable(1).Take(3).ShouldBe([((byte)0, (byte)0, (byte)0, (byte)255), ((byte)230, (byte)159, (byte)0, (byte)255),
            ((byte)1, (byte)2, (byte)3, (byte)255)]);
        back.GetBand(1).Color.ShouldBe(ColorInterpretation.Palette);
    }

    [Fact]
    public void PixelBytes_HostileSize_DoesNotOverflow()
    {
        var band = new BandInfo(1, PixelType.ComplexFloat64, null, 1, 0, "", ColorInterpretation.Undefined, "", int.MaxValue,
            int.MaxValue, [], MaskSources.AllValid, new Dictionary<string, string>());
        var info = new RasterInfo("", "", int.MaxValue, int.MaxValue, [band], null, null, null, [], null, new Dictionary<string,
            string>(), [], []);
        info.PixelBytes.ShouldBe(long.MaxValue);
        band.BlockBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Describe_HostileHeader_CostsNoMemory()
    {
        // A VRT that declares two billion by two billion pixels in 3 bands: legal, and nothing that anyone may allocate.
        var vrt = """<VRTDataset rasterXSize="2000000000" rasterYSize="2000000000"><VRTRasterBand dataType="Float64" band="1"/><VRTRasterBand dataType="Float64" band="2"/></VRTDataset>""";
        using var file = MemoryFile.FromBytes(System.Text.Encoding.UTF8.GetBytes(vrt), "a.vrt");
        using var ds = RasterDataset.Open(file.Path);
        ds.Describe().PixelBytes.ShouldBe(long.MaxValue);
        Should.Throw<ArgumentException>(() => ds.Read<double>(1, ds.FullWindow,
            new double[16].AsSpan())).Message.ShouldContain("4000000000000000000");
        Should.Throw<GdalException>(() => RasterDataset.Open(file.Path, new() { AllowedDrivers = ["GTiff"] }));
    }

    [Fact]
    public void Describe_TaizhouEnvi_SixBandsOnUtm()
    {
        using var ds = RasterDataset.Open(TestData.Need("landsat_taizhou/2000TM"));
        var info = ds.Describe();
        info.Driver.ShouldBe("ENVI");
        (info.Width, info.Height, info.Bands.Count).ShouldBe((400, 400, 6));
        info.Bands.ShouldAllBe(b => b.Type == PixelType.UInt8);
        info.Transform!.Value.PixelWidth.ShouldBe(30, 0.1);
        using var crs = ds.GetSpatialReference().ShouldNotBeNull();
        crs.IsProjected.ShouldBeTrue();
        crs.IdentifyEpsg().ShouldBe(32651);
    }

    [Fact]
    public void Describe_OscdBand_GeographicUInt16()
    {
        var folder = TestData.Need("oscd/paris/imgs_1");
        using var ds = RasterDataset.Open(Directory.GetFiles(folder, "*B04.tif").Single());
        var info = ds.Describe();
        info.CrsEpsg.ShouldBe(4326);
        info.Bands[0].Type.ShouldBe(PixelType.UInt16);
        var box = info.Transform!.Value.BoundsOf(info.Width, info.Height);
        box.MinX.ShouldBeInRange(1.5, 3.5); // Paris: longitude first
        box.MinY.ShouldBeInRange(48, 50);
        var pixels = new ushort[info.Width * info.Height];
        ds.Read(1, ds.FullWindow, pixels.AsSpan());
        pixels.Average(static p => (double)p).ShouldBeInRange(100, 5000);
    }

    [Fact]
    public void ReadMask_CollarOfRealRgb_IsNotValid()
    {
        using var ds = RasterDataset.Open(TestData.Need("rasters/RGB.byte.tif"));
        var info = ds.Describe();
        info.Bands.Select(static b => b.Color).ShouldBe([ColorInterpretation.Red, ColorInterpretation.Green, ColorInterpretation.Blue]);
        info.Bands.ShouldAllBe(b => b.NoData == 0);
        var mask = new byte[ds.Width * ds.Height];
        ds.ReadMask(1, ds.FullWindow, mask);
        mask[0].ShouldBe((byte)0);
        mask[ds.Height / 2 * ds.Width + ds.Width / 2].ShouldBe((byte)255);
        var red = new byte[mask.Length];
        ds.Read(1, ds.FullWindow, red.AsSpan());
        for (var i = 0; i < red.Length; i++)
            if (red[i] == 0 != (mask[i] == 0))
                Assert.Fail($"pixel {i}: red {red[i]}, mask {mask[i]}");
    }
}
