using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Scenes.Products;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Scenes.ProductFilesWritten;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Products in their usual forms, as folder and as archive.</summary>
public sealed class ProductTests
{
    private static readonly SceneReadOptions Surveyed = new() { Survey = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SceneReader Reader(SceneOptions? options = null) => new(options ?? new SceneOptions(), new FakeTimeProvider(Payload.Start));

    private static Scene Scene(SceneReading reading)
    {
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    [Fact]
    public void Sentinel2A_Folder_GivesReflectanceSunAndClouds()
    {
        using var folder = new TempFolder();
        var reading = Reader().Read(Sentinel2A(folder["in"]), Surveyed);
        var scene = Scene(reading);
        scene.ShouldSatisfyAllConditions(
            s => s.Id.ShouldStartWith("S2A_MSIL2A_20260430T024011_N0511_R089_T50SQA_20260430T060000-"),
            s => s.Collection.ShouldBe("sentinel-2-l2a"),
            s => s.Sensor.ShouldBe("sentinel-2-msi-l2a"),
            s => s.Platform.ShouldBe("Sentinel-2A"),
            s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 2, 47, 32, 500, TimeSpan.Zero)),
            s => s.CloudCover.ShouldBe(12.5),
            s => s.SunElevation.ShouldBe(62.5),
            s => s.SunAzimuth.ShouldBe(142.25),
            s => s.Bands.Select(b => b.Name).ShouldBe(["B02", "B03", "B04", "B08", "B11", "B12", "SCL"]),
            s => s.Bands.Select(b => b.CommonName).ShouldBe(["blue", "green", "red", "nir", "swir16", "swir22", "quality"]),
            s => s.Bands[0].GsdMeters.ShouldBe(10),
            s => s.Bands[4].GsdMeters.ShouldBe(20),
            s => s.Bands[0].Scale.ShouldBe(0.0001),
            s => s.Bands[0].Offset.ShouldBe(-0.1),
            s => s.Bands[0].NoData.ShouldBe(0),
            s => s.Bands[0].IsReflectance.ShouldBe(true),
            s => s.Bands[0].WavelengthMicrometers!.Value.ShouldBe(0.4924, 1e-9),
            s => s.Bands[0].WidthMicrometers!.Value.ShouldBe(0.066, 1e-9),
            s => s.CloudMask.ShouldBe(CloudMaskSource.Product),
            s => s.ValidShare!.Value.ShouldBe(0.75, 0.01),
            s => s.ObservableShare!.Value.ShouldBe(0.5, 0.02));

        // The outline is that of the data: without the empty quarter in the west.
        scene.Footprint.AreaSquareMeters.ShouldBe(480 * 640, 480 * 640 * 0.01);
        reading.Files.Select(Path.GetFileName).ShouldContain("MTD_MSIL2A.xml");
        reading.Files.Select(Path.GetFileName).ShouldContain("MTD_TL.xml");
        scene.Assets.Select(a => Path.GetFileName(a.Path)).ShouldNotContain("T50SQA_20260430T024011_TCI_20m.jp2");
    }

    [Fact]
    public void Sentinel_BeforeBaseline4_HasNoOffset()
    {
        using var folder = new TempFolder();
        Scene(Reader().Read(Sentinel2A(folder["in"], "02.14", ""))).Bands[0].ShouldSatisfyAllConditions(b => b.Scale.ShouldBe(0.0001), b => b.Offset.ShouldBe(0), b => b.IsReflectance.ShouldBe(true));
    }

    [Fact]
    public void Sentinel1C_OfTheOldNaming_IsRead()
    {
        using var folder = new TempFolder();
        var scene = Scene(Reader().Read(Sentinel1COld(folder["in"])));
        scene.Collection.ShouldBe("sentinel-2-l1c");
        scene.AcquiredAt.ShouldBe(new DateTimeOffset(2015, 8, 10, 8, 10, 6, 27, TimeSpan.Zero));
        scene.Bands.Select(b => b.Name).ShouldBe(["B01", "B02", "B04", "B8A"]);
        scene.Bands[1].Offset.ShouldBe(0);
        scene.CloudMask.ShouldBe(CloudMaskSource.Computed);
        scene.Grid.Width.ShouldBe(60);
    }

    [Fact]
    public async Task Sentinel_Zip_IsTheSameSceneReadInPlaceAndStored()
    {
        using var world = new SceneWorld();
        var folder = Sentinel2A(world.Folder["in"]);
        var fromFolder = Scene(Reader().Read(folder, Surveyed));
        var zip = Zip(folder);
        var reading = Reader().Read(zip, Surveyed);
        var scene = Scene(reading);
        scene.Bands.Select(b => b with { Quality = null }).ShouldBe(fromFolder.Bands.Select(b => b with { Quality = null }));
        (scene.SunElevation, scene.AcquiredAt, scene.ObservableShare, scene.ValidShare).ShouldBe((fromFolder.SunElevation, fromFolder.AcquiredAt, fromFolder.ObservableShare, fromFolder.ValidShare));
        reading.Files.ShouldBe([Path.GetFullPath(zip)]);

        (await world.Intake().AddAsync(zip, "me", Cancel)).Problem.ShouldBeNull();
        File.Delete(zip);
        var stored = world.Catalogue.Scenes.ShouldHaveSingleItem();
        foreach (var asset in stored.Assets)
        {
            using var file = ClosedRaster.OpenStored(asset.Path);
            file.Driver.ShouldBe("JP2OpenJPEG");
        }
    }

    [Theory]
    [InlineData("txt")]
    [InlineData("json")]
    [InlineData("xml")]
    public void Landsat_Level2_InEachFormOfItsMetadata_GivesSurfaceReflectance(string form)
    {
        using var folder = new TempFolder();
        var scene = Scene(Reader().Read(Landsat(folder["in"], form), Surveyed));
        scene.ShouldSatisfyAllConditions(
            s => s.Id.ShouldStartWith(LandsatName),
            s => s.Collection.ShouldBe("landsat-c2-l2"),
            s => s.Sensor.ShouldBe("landsat-8-9-oli-c2-l2"),
            s => s.Platform.ShouldBe("LANDSAT_9"),
            s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 2, 6, 2, 31, 22, TimeSpan.Zero).AddTicks(1234560)),
            s => s.CloudCover.ShouldBe(3.2),
            s => s.SunElevation.ShouldBe(30),
            s => s.SunAzimuth.ShouldBe(159.5),
            s => s.Bands.Select(b => b.Name).ShouldBe(["SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7", "QA_PIXEL"]),
            s => s.Bands[0].Scale.ShouldBe(2.75e-5),
            s => s.Bands[0].Offset.ShouldBe(-0.2),
            s => s.ObservableShare.ShouldBe(1));
        scene.Bands[^1].Quality!.ShouldSatisfyAllConditions(
            q => q.Of(1).ShouldBe(QualityMeaning.NoData), q => q.Of(0b1000).ShouldBe(QualityMeaning.Cloud), q => q.Of(0b10000).ShouldBe(QualityMeaning.Shadow), q => q.Of(21_824).ShouldBe(QualityMeaning.Clear));
    }

    [Fact]
    public void Landsat_Level1_DividesByTheSineOfTheSunsElevation()
    {
        using var folder = new TempFolder();
        var scene = Scene(Reader().Read(Landsat(folder["in"], level2: false)));
        scene.Collection.ShouldBe("landsat-c2-l1");
        scene.Bands.Select(b => b.Name).ShouldBe(["B2", "B3", "B4", "B5", "B6", "B7", "QA_PIXEL"]);
        scene.Bands[0].Scale.ShouldBe(4e-5, 1e-12);
        scene.Bands[0].Offset.ShouldBe(-0.2, 1e-9);
    }

    [Fact]
    public async Task Landsat_Tar_IsReadInPlaceAndTakenFromTheInbox()
    {
        using var world = new SceneWorld();
        var tar = Tar(Landsat(world.Folder["in"]));
        Scene(Reader().Read(tar)).Bands.Count.ShouldBe(7);
        File.Move(tar, world.Inbox(LandsatName + ".tar"));
        await world.SettleAsync();
        world.Reasons.ShouldBeEmpty();
        var stored = world.Catalogue.Scenes.ShouldHaveSingleItem();
        stored.ObservableShare.ShouldBe(1);
        using var file = ClosedRaster.OpenStored(stored.Assets[0].Path);
        file.Width.ShouldBe(20);
        Directory.GetFiles(world.Options.Inbox).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GF1_PMS1_E119.5_N32.1_20260430_L1A0001234567-MSS1", "GF1", "PMS1", "gf-1-pms", 4)]
    [InlineData("GF1_WFV3_E119.5_N32.1_20260430_L1A0001234567", "GF1", "WFV3", "gf-1-wfv", 4)]
    [InlineData("GF2_PMS2_E119.5_N32.1_20260430_L1A0001234567-MSS2", "GF2", "PMS2", "gf-2-pms", 4)]
    [InlineData("GF6_WFV_E119.5_N32.1_20260430_L1A0001234567", "GF6", "WFV", "gf-6-wfv", 8)]
    [InlineData("GF6_PMS_E119.5_N32.1_20260430_L1A0001234567-MUX", "GF6", "PMS", "gf-6-pms", 4)]
    [InlineData("GF7_MUX_E119.5_N32.1_20260430_L1A0001234567", "GF7", "MUX", "gf-7-mux", 4)]
    [InlineData("ZY3_01a_synbavp_880176_20260430_104436_0008_SASMAC", "ZY3-01", "MUX", "zy-3-mux", 4)]
    [InlineData("JL1GF03B01_PMS_20260430111022_200012345_101_0005_001_L3A_MSS", "JL1GF03B", "PMS", "jilin-1-pms", 4)]
    public void Orthophoto_OfAChineseSatellite_IsKnownBySidecarAndByName(string name, string satellite, string sensor, string id, int bands)
    {
        using var folder = new TempFolder();
        var path = Band(folder[$"in/{name}.tiff"], 16, 8, 300, bands: bands);
        var byName = Scene(Reader().Read(path));
        byName.ShouldSatisfyAllConditions(
            s => s.Sensor.ShouldBe(id), s => s.Bands.Take(4).Select(b => b.CommonName).ShouldBe(["blue", "green", "red", "nir"]), s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 12, 0, 0, TimeSpan.Zero)),
            s => s.Bands.ShouldAllBe(b => b.IsReflectance == false), s => s.SunElevation.ShouldBeNull());

        // The sidecar also tells a file that was renamed.
        File.Move(path, folder["in/orthophoto.tiff"]);
        folder.Write("in/orthophoto.xml", Sidecar(satellite, sensor));
        var reading = Reader().Read(folder["in"]);
        Scene(reading).ShouldSatisfyAllConditions(
            s => s.Sensor.ShouldBe(id), s => s.Platform.ShouldBe(satellite), s => s.CloudCover.ShouldBe(7), s => s.SunElevation.ShouldBe(64.5), s => s.SunAzimuth.ShouldBe(151.5),
            s => s.Bands[0].WavelengthMicrometers.ShouldNotBeNull(),

            // The sidecar's times have no zone: the day counts.
            s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 12, 0, 0, TimeSpan.Zero)));
        reading.Files.Select(Path.GetFileName).ShouldBe(["orthophoto.tiff", "orthophoto.xml"], ignoreOrder: true);
    }

    [Fact]
    public void Orthophoto_WithAPanchromaticFileBeside_IsTheColours()
    {
        using var folder = new TempFolder();
        Band(folder["in/GF2_PMS1_E119.5_N32.1_20260430_L1A0001-MSS1.tiff"], 16, 4, 300, bands: 4);
        Band(folder["in/GF2_PMS1_E119.5_N32.1_20260430_L1A0001-PAN1.tiff"], 64, 1, 300);
        Scene(Reader().Read(folder["in"])).Bands.Count.ShouldBe(4);
        Scene(Reader().Read(folder["in/GF2_PMS1_E119.5_N32.1_20260430_L1A0001-PAN1.tiff"])).Bands.ShouldHaveSingleItem().CommonName.ShouldBe("pan");
    }

    [Fact]
    public void Orthophoto_WithAnotherCountOfBands_IsOneSentence()
    {
        using var folder = new TempFolder();
        Reader().Read(Band(folder["in/GF2_PMS1_E119.5_N32.1_20260430_L1A0001-MSS1.tiff"], 16, 4, 300, bands: 5)).Problem!
            .ShouldContain("has 5 bands, but the sensor gf-2-pms by which it was recognised has 1 or 4");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Drone_RgbWithAndWithoutAlpha_HasItsColours(int bands)
    {
        using var folder = new TempFolder();
        using (var file = RasterDataset.Create(folder["drone_20260430.tif"], "GTiff", 32, 32, bands, PixelType.UInt8, bands == 4 ? ["PHOTOMETRIC=RGB", "ALPHA=YES"] : ["PHOTOMETRIC=RGB"]))
        {
            using var crs = SpatialReference.FromEpsg(4549);
            file.SetSpatialReference(crs);
            file.Transform = GeoTransform.NorthUp(500_000, 3_600_000, 0.1, 0.1);
            var pixels = Enumerable.Repeat((byte)120, 32 * 32).ToArray();
            for (var band = 1; band <= 3; band++)
                file.Write<byte>(band, file.FullWindow, pixels);
            for (var i = 0; bands == 4 && i < pixels.Length; i++)
                pixels[i] = (byte)(i / 32 < 16 ? 0 : 255);
            if (bands == 4)
                file.Write<byte>(4, file.FullWindow, pixels);
        }

        var scene = Scene(Reader().Read(folder["drone_20260430.tif"], Surveyed));
        scene.Sensor.ShouldBe("drone-rgb");
        scene.Bands.Select(b => b.CommonName).Take(3).ShouldBe(["red", "green", "blue"]);
        scene.Bands[0].IsReflectance.ShouldBe(false);
        scene.CloudMask.ShouldBe(CloudMaskSource.Computed);
        scene.ValidShare.ShouldBe(bands == 4 ? 0.5 : 1);
        scene.Footprint.AreaSquareMeters.ShouldBe(bands == 4 ? 5.12 : 10.24, 0.05);
    }

    [Fact]
    public void CloudOptimizedGeoTiff_IsAClosedFileWithItsOverviews()
    {
        using var folder = new TempFolder();
        using (var source = RasterDataset.Open(SceneFiles.Raster(folder["plain.tif"], 3, size: 1024)))
            source.CopyTo(folder["cog_20260430.tif"], "COG", ["BLOCKSIZE=256"], cancellation: Cancel);
        Scene(Reader().Read(folder["cog_20260430.tif"], new SceneReadOptions { Confined = true, Survey = true })).Grid.Width.ShouldBe(1024);
        using var file = ClosedRaster.Open(folder["cog_20260430.tif"]);
        file.Metadata("IMAGE_STRUCTURE")["LAYOUT"].ShouldBe("COG");
        file.Describe().Bands[0].Overviews.ShouldBe([(512, 512), (256, 256)]);
    }

    [Fact]
    public void Jpeg2000_WithoutDriver_IsOneSentence()
    {
        Jpeg2000.Missing("/a/T50SQA_B02.jp2", hasDriver: false)!.Message.ShouldContain("lacks the driver JP2OpenJPEG. Install a GDAL that has it");
        Jpeg2000.Missing("/a/T50SQA_B02.jp2", hasDriver: true).ShouldBeNull();
        Jpeg2000.Missing("/a/T50SQA_B02.tif", hasDriver: false).ShouldBeNull();
    }
}
