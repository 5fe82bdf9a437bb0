using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;
using Monitoring.TestKit;

namespace Monitoring.Ingest.Tests.Scenes;

public sealed class SceneReaderTests
{
    private static readonly string[] Common = ["blue", "green", "red", "nir", "swir16", "swir22"];

    private static SceneReader Reader(SceneOptions? options = null) => new(options ?? new SceneOptions(), new FakeTimeProvider(Payload.Start));

    private static Scene Scene(SceneReading reading)
    {
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    [Fact]
    public void Item_WithMultiBandGeoTiff_BecomesASceneWithAllItStates()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["pass.tif"], 7);
        var item = SceneFiles.Write(folder["pass.json"], SceneFiles.Item("pass-1", "./pass.tif"));

        var reading = Reader().Read(item);

        var scene = Scene(reading);
        scene.ShouldSatisfyAllConditions(
            s => s.Id.ShouldBe("pass-1"),
            s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 2, 40, 11, TimeSpan.Zero)),
            s => s.ReceivedAt.ShouldBe(Payload.Start),
            s => s.Platform.ShouldBe("demo-sat"),
            s => s.CloudCover.ShouldBe(12.5),
            s => s.SunElevation.ShouldBe(61.2),
            s => s.Bands.Select(b => b.CommonName).ShouldBe([.. Common, "quality"]),
            s => s.Bands[3].ShouldBe(new SceneBand("B08", "nir", 0.842, 0, 4, 10, 0, 0.0001, 0)),
            s => s.Bands[6].Scale.ShouldBe(1),
            s => s.Grid.Transform.ShouldBe([500_000, 10, 0, 3_600_000, 0, -10]),
            s => (s.Grid.Width, s.Grid.Height).ShouldBe((64, 64)),
            s => s.Footprint.SourceCrs.ShouldBe("EPSG:4549"),
            s => s.Footprint.AreaSquareMeters.ShouldBe(640 * 640, 5),
            s => s.Footprint.Box.MinX.ShouldBe(120, 1e-9),
            s => s.Assets.ShouldHaveSingleItem().Sha256.Length.ShouldBe(64),
            s => s.ContentHash.Length.ShouldBe(64));
        reading.Files.Select(Path.GetFileName).ShouldBe(["pass.json", "pass.tif"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("scl", "demo-sat", 1, QualityMeaning.Clear)]
    [InlineData("scl", "demo-sat", 4, QualityMeaning.NoData)]
    [InlineData("scl", "Sentinel-2B", 1, QualityMeaning.NoData)]
    [InlineData("scl", "Sentinel-2B", 4, QualityMeaning.Clear)]
    [InlineData("SCL", "demo-sat", 4, QualityMeaning.Clear)]
    public void Item_WithQualityBandScl_MeansSentinelsClassesOnlyWhereItIsSentinels(string name, string platform, int stored, QualityMeaning means)
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["pass.tif"], 1);
        var item = folder.Write("pass.json", $$"""
            {"type":"Feature","stac_version":"1.0.0","id":"pass-1","properties":{"datetime":"2024-05-01T02:00:00Z","proj:epsg":4549,"platform":"{{platform}}" },
             "assets":{"{{name}}":{"href":"pass.tif","roles":["data","cloud"],"eo:bands":[{"name":"{{name}}" }]} } }
            """);

        Scene(Reader().Read(item)).Bands.ShouldHaveSingleItem().Quality.ShouldNotBeNull().Of(stored).ShouldBe(means);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Identify_SceneReadWithoutHashes_IsTheSceneReadWithThem(bool withItem)
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["pass.tif"], 7);
        var path = withItem ? SceneFiles.Write(folder["pass.json"], SceneFiles.Item("pass-1", "./pass.tif")) : folder["pass.tif"];
        var how = new SceneReadOptions { AcquiredAt = new DateTimeOffset(2026, 4, 30, 2, 40, 11, TimeSpan.Zero) };
        var hashed = Scene(Reader().Read(path, how));
        var quick = Scene(Reader().Read(path, how with { HashFiles = false }));
        quick.ContentHash.ShouldNotBe(hashed.ContentHash);

        var identified = Reader().Identify(quick, TestContext.Current.CancellationToken);

        identified.ShouldSatisfyAllConditions(
            s => s.Id.ShouldBe(hashed.Id),
            s => s.ContentHash.ShouldBe(hashed.ContentHash),
            s => s.Assets.ShouldBe(hashed.Assets));
        Should.Throw<OperationCanceledException>(() => Reader().Identify(quick, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Item_OfVersion10_TakesEoAndRasterBands()
    {
        using var folder = new TempFolder();
        foreach (var (band, pixel, size) in new[] { ("B04", 10, 64), ("B11", 20, 32) })
            SceneFiles.Raster(folder[$"{band}.tif"], 1, pixel: pixel, size: size);
        var item = folder.Write("item.json", """
            {"type":"Feature","stac_version":"1.0.0","id":"S2/old","collection":"sentinel-2-l2a","properties":{"datetime":null,"start_datetime":"2024-05-01T02:00:00Z","end_datetime":"2024-05-01T02:00:10Z","proj:epsg":4549},
             "assets":{"red":{"href":"B04.tif","roles":["data"],"eo:bands":[{"name":"B04","common_name":"red","center_wavelength":0.665}],"raster:bands":[{"scale":0.0001,"offset":-0.1,"nodata":0}]},
                       "swir16":{"href":"B11.tif","roles":["data"],"eo:bands":[{"name":"B11","common_name":"swir16"}]},
                       "info":{"href":"meta.xml","type":"application/xml","roles":["metadata"]}}}
            """);
        var scene = Scene(Reader().Read(item));
        scene.Id.ShouldStartWith("S2_old-");
        scene.AcquiredAt.ShouldBe(new DateTimeOffset(2024, 5, 1, 2, 0, 0, TimeSpan.Zero));
        scene.Bands[0].ShouldBe(new SceneBand("B04", "red", 0.665, 0, 1, 10, 0, 0.0001, -0.1));
        scene.Bands[1].ShouldBe(new SceneBand("B11", "swir16", 1.610, 1, 1, 20, 0, 1, 0));
        scene.Grid.Width.ShouldBe(64);
    }

    /// <summary>STAC 1.1, common metadata: a number, or one of three words for what JSON has no number for.</summary>
    [Theory]
    [InlineData("-9999", -9999.0)]
    [InlineData("\"nan\"", double.NaN)]
    [InlineData("\"inf\"", double.PositiveInfinity)]
    [InlineData("\"-inf\"", double.NegativeInfinity)]
    [InlineData("\"none\"", null)]
    public void Item_NoDataAsANumberOrAWord_IsWhatStacSays(string text, double? expected)
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["a.tif"], 7);
        var item = SceneFiles.Item("a", "./a.tif");
        item["assets"]!["data"]!["nodata"] = JsonNode.Parse(text);
        var reading = Reader().Read(SceneFiles.Write(folder["a.json"], item));
        if (expected is { } value)
            Scene(reading).Bands[0].NoData.ShouldBe(value);
        else
            reading.Problem!.ShouldContain("nodata is no number");
        item["assets"]!["data"]!["nodata"] = 0;
        item["assets"]!["data"]!["raster:scale"] = "nan";
        Reader().Read(SceneFiles.Write(folder["a.json"], item)).Problem!.ShouldContain("raster:scale is no number");
    }

    [Fact]
    public void Folder_OfSentinelBands_IsReadByNames()
    {
        using var folder = new TempFolder();
        foreach (var (band, pixel, size) in new[] { ("B12", 20, 32), ("B02", 10, 64), ("B03", 10, 64), ("B04", 10, 64), ("B08", 10, 64), ("B11", 20, 32) })
            SceneFiles.Raster(folder[$"city/T50SQB_20240501T023551_{band}.tif"], 1, pixel: pixel, size: size);
        folder.Write("city/readme.txt", "x");
        var scene = Scene(Reader().Read(folder["city"]));
        scene.Bands.Select(b => b.CommonName).ShouldBe(Common);
        scene.AcquiredAt.ShouldBe(new DateTimeOffset(2024, 5, 1, 2, 35, 51, TimeSpan.Zero));
        scene.Bands[5].GsdMeters.ShouldBe(20);
        scene.Grid.Width.ShouldBe(64);
    }

    [Theory]
    [InlineData("{0}", new[] { "B2", "B3", "B4", "B8", "B11", "B12" }, new[] { "blue", "green", "red", "nir", "swir16", "swir22" })]
    [InlineData("2024-05-01_{0}", new[] { "B2", "B3", "B4", "B8" }, new[] { "blue", "green", "red", "nir" })]
    [InlineData("site.{0}", new[] { "B2", "B3", "B4", "B5", "B8A", "B11" }, new[] { "blue", "green", "red", "rededge071", "nir08", "swir16" })]
    [InlineData("{0}", new[] { "blue", "green", "red", "nir", "SWIR1", "swir2" }, new[] { "blue", "green", "nir", "red", "swir16", "swir22" })]
    [InlineData("县城_{0}", new[] { "红", "绿", "蓝" }, new[] { "red", "green", "blue" })]
    public void Folder_OfShortOrPlainNames_IsReadWhole(string pattern, string[] files, string[] names)
    {
        using var folder = new TempFolder();
        foreach (var file in files)
            SceneFiles.Raster(folder[$"20240501/{string.Format(CultureInfo.InvariantCulture, pattern, file)}.tif"], 1);
        Scene(Reader().Read(folder["20240501"])).Bands.Select(b => b.CommonName).ShouldBe(names, ignoreOrder: true);
    }

    [Theory]
    [InlineData("B2,B3,B4,B5,B8")]
    [InlineData("greenhouse,redlines")]
    public void Folder_WhoseNamesTellNoSensor_IsRefused(string files)
    {
        using var folder = new TempFolder();
        foreach (var file in files.Split(','))
            SceneFiles.Raster(folder[$"20240501/{file}.tif"], 1);
        Reader().Read(folder["20240501"]).Problem!.ShouldContain("plain words");
    }

    [Theory]
    [InlineData("LC08_L2SP_119038_20230206_20230210_02_T1_SR_B", new[] { 2, 3, 4, 5, 6, 7 }, new[] { "blue", "green", "red", "nir08", "swir16", "swir22" })]
    [InlineData("LT05_L2SP_119038_20030206_20200905_02_T1_SR_B", new[] { 1, 2, 3, 4, 5, 7 }, new[] { "blue", "green", "red", "nir08", "swir16", "swir22" })]
    public void Folder_OfLandsatBands_IsReadByNamesOfItsSensor(string stem, int[] bands, string[] names)
    {
        using var folder = new TempFolder();
        foreach (var band in bands)
            SceneFiles.Raster(folder[$"scene/{stem}{band}.TIF"], 1, pixel: 30);
        SceneFiles.Raster(folder[$"scene/{stem[..^4]}QA_PIXEL.TIF"], 1, pixel: 30);
        var scene = Scene(Reader().Read(folder["scene"]));
        scene.Bands.Select(b => b.CommonName).ShouldBe([.. names, "quality"]);
        scene.Bands[^1].Name.ShouldBe("QA_PIXEL");
        scene.Bands[0].ShouldSatisfyAllConditions(b => b.Scale.ShouldBe(0.0000275), b => b.Offset.ShouldBe(-0.2), b => b.NoData.ShouldBe(0));
        scene.AcquiredAt.Hour.ShouldBe(12);
        scene.Collection.ShouldBe("landsat-c2-l2");
    }

    [Fact]
    public void Raster_WithNamedBandsAndDateInItsName_NeedsNothingElse()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["drone_2026-04-30.tif"], 4, names: ["Blue", "Green", "Red", "NIR"]);
        var scene = Scene(Reader().Read(path));
        scene.Bands.Select(b => b.CommonName).ShouldBe(["blue", "green", "red", "nir"]);
        scene.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 12, 0, 0, TimeSpan.Zero));
        scene.Id.ShouldStartWith("drone_2026-04-30-");
    }

    [Fact]
    public void Raster_WithDateGiven_UsesItOverTheName()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["a_20200101.tif"]);
        SceneDates.TryParse("2026-04-30", out var day).ShouldBeTrue();
        Scene(Reader().Read(path, day)).AcquiredAt.Year.ShouldBe(2026);
    }

    [Fact]
    public void Vrt_OfTheOperator_IsReadAndRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["a.tif"], 3);
        using (var source = RasterDataset.Open(folder["a.tif"]))
            source.CopyTo(folder["a_20260430.vrt"], "VRT", cancellation: TestContext.Current.CancellationToken);
        Scene(Reader().Read(folder["a_20260430.vrt"])).Bands.Count.ShouldBe(3);
        Reader().Read(folder["a_20260430.vrt"], new SceneReadOptions { Confined = true }).Problem!.ShouldContain("VRT points to other files");
    }

    [Fact]
    public void HashFilesOff_GivesTheSameSceneWithoutReadingAll()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["a_20260430.tif"]);
        var with = Scene(Reader().Read(path));
        var without = Scene(Reader().Read(path, new SceneReadOptions { HashFiles = false }));
        without.Assets[0].Sha256.ShouldNotBe(with.Assets[0].Sha256);
        without.Grid.Width.ShouldBe(with.Grid.Width);
    }

    [Fact]
    public void Raster_CutOff_IsOneSentence()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["a_20260430.tif"], size: 512, options: ["TILED=YES", "COMPRESS=DEFLATE"]);
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length * 2 / 3);
        Reader().Read(path).Problem!.ShouldContain("cut off");
    }

    public static TheoryData<string, Action<TempFolderPath>, string, string> Bad => new()
    {
        { "no CRS", f => SceneFiles.Raster(f["x_20260430.tif"], epsg: null), "x_20260430.tif", "does not say which CRS" },
        { "no georeference", f => SceneFiles.Raster(f["x_20260430.tif"], pixel: 0), "x_20260430.tif", "no georeference" },
        { "no date", f => SceneFiles.Raster(f["x.tif"]), "x.tif", "in the raster; put it into the name (20260501), or write a STAC Item with datetime." },
        { "two dates", f => SceneFiles.Raster(f["x_20260430_20260501.tif"]), "x_20260430_20260501.tif", "no acquisition date" },
        { "no raster", f => f.Write("x_20260430.tif", "nonsense"), "x_20260430.tif", "cannot be read as a raster" },
        { "missing", _ => { }, "x.tif", "does not exist" },
        { "empty folder", f => Directory.CreateDirectory(f["x"]), "x", "no STAC Item and no band files" },
        { "JSON but no Item", f => f.Write("x.json", "{\"a\":1}"), "x.json", "no STAC Item" },
        { "not JSON", f => f.Write("x.json", "{"), "x.json", "not valid JSON at line 1" },
        { "wrong CRS", f => SceneFiles.Raster(f["x_20260430.tif"], epsg: 4490, left: 500_000, top: 3_600_000), "x_20260430.tif", "cannot be placed" },
    };

    [Theory]
    [InlineData("tile of before 2016-12: when it was made", "S2A_OPER_MSI_L1C_TL_EPA__20160706T155721_A000849_T39QZG_B02", null)]
    [InlineData("product of before 2016-12: its validity", "S2A_OPER_PRD_MSIL1C_PDMC_20160706T155721_R092_V20150810T081006_20150810T081006", "2015-08-10T08:10:06Z")]
    [InlineData("product of today", "S2B_MSIL2A_20260430T024011_N0511_R089_T50SQA_20260430T060000", "2026-04-30T02:40:11Z")]
    [InlineData("band of today", "T50SQA_20260430T024011_B02_10m", "2026-04-30T02:40:11Z")]
    [InlineData("not a Sentinel-2 name", "OPER_20260430", "2026-04-30T12:00:00Z")]
    public void Name_WithTimes_GivesTheAcquisitionOrNothing(string row, string name, string? expected)
    {
        row.ShouldNotBeEmpty();
        SceneDates.FromName(name).ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Folder_OfBandsNamedByTheirCreation_HasNoDate()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["x"]);
        SceneFiles.Raster(folder["x/S2A_OPER_MSI_L1C_TL_EPA__20160706T155721_A000849_T39QZG_B02.tif"], 1);
        Reader().Read(folder["x"], new SceneReadOptions { DateOption = "--date" }).Problem!
            .ShouldContain("(the time in an S2A_OPER_ name is when the file was made); give it with --date, put it into the name");
    }

    [Fact]
    public void Time_GivenByTheCaller_IsCheckedWhereAsked()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["a.tif"]);
        var absurd = Payload.Start.AddDays(400);
        Reader().Read(path, new SceneReadOptions { AcquiredAt = absurd }).Problem.ShouldBeNull();
        Reader().Read(path, new SceneReadOptions { AcquiredAt = absurd, CheckTime = true }).Problem!.ShouldContain("at most a day ahead");
    }

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void Input_ThatIsNoScene_IsOneSentence(string row, Action<TempFolderPath> write, string name, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        write(new TempFolderPath(folder));
        var reading = Reader().Read(folder[name]);
        reading.Scene.ShouldBeNull();
        reading.Problem!.ShouldContain(part);
        reading.Problem!.ShouldNotContain("\n");
    }

    public static TheoryData<string, Action<JsonObject>, string> BadItems => new()
    {
        { "path out of the folder", i => i["assets"]!["data"]!["href"] = "../secret.tif", "leads out of the Item's folder" },
        { "path out of the folder, encoded", i => i["assets"]!["data"]!["href"] = "%2e%2e/secret.tif", "leads out of the Item's folder" },
        { "absolute path", i => i["assets"]!["data"]!["href"] = "/etc/passwd", "leads out of the Item's folder" },
        { "address", i => i["assets"]!["data"]!["href"] = "https://example.org/a.tif", "no local file" },
        { "virtual file system", i => i["assets"]!["data"]!["href"] = "/vsicurl/http://example.org/a.tif", "no local file" },
        { "missing file", i => i["assets"]!["data"]!["href"] = "b.tif", "does not exist" },
        { "too few bands listed", i => i["assets"]!["data"]!["bands"]!.AsArray().RemoveAt(0), "lists 6 bands, but pass.tif has 7" },
        { "datetime without zone", i => i["properties"]!["datetime"] = "2026-04-30T02:40:11", "$.properties.datetime" },
        { "datetime a number", i => i["properties"]!["datetime"] = 5, "$.properties.datetime is a number" },
        { "no datetime", i => i["properties"]!["datetime"] = null, "no acquisition date" },
        { "cloud cover 120 %", i => i["properties"]!["eo:cloud_cover"] = 120, "from 0 to 100" },
        { "no pixels", i => i["assets"]!.AsObject().Remove("data"), "no asset with pixels" },
        { "assets a list", i => i["assets"] = new JsonArray(), "$.assets is a list" },
        { "a month's composite", i => { i["properties"]!["datetime"] = null; i["properties"]!["start_datetime"] = "2026-04-01T00:00:00Z"; i["properties"]!["end_datetime"] = "2026-04-30T00:00:00Z"; }, "not a composite" },
        { "version 0.9", i => i["stac_version"] = "0.9.0", "1.0 and 1.1" },
    };

    [Theory]
    [MemberData(nameof(BadItems), DisableDiscoveryEnumeration = true)]
    public void Item_WithAFault_IsOneSentence(string row, Action<JsonObject> spoil, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["in/pass.tif"], 7);
        SceneFiles.Raster(folder["secret.tif"], 7);
        var item = SceneFiles.Item("pass-1", "./pass.tif");
        spoil(item);
        var path = SceneFiles.Write(folder["in/pass.json"], item);
        Reader().Read(path, new SceneReadOptions { Confined = true }).Problem!.ShouldContain(part);
    }

    [Fact]
    public void Item_WhoseFileIsALink_IsRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["secret.tif"], 7);
        Directory.CreateDirectory(folder["in"]);
        File.CreateSymbolicLink(folder["in/pass.tif"], folder["secret.tif"]);
        var item = SceneFiles.Write(folder["in/pass.json"], SceneFiles.Item("pass-1", "pass.tif"));
        Reader().Read(item, new SceneReadOptions { Confined = true }).Problem!.ShouldContain("symbolic link");
    }

    [Fact]
    public void Folder_ThatIsALink_IsRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["real/T50SQB_20240501T023551_B02.tif"], 1);
        Directory.CreateSymbolicLink(folder["link"], folder["real"]);
        Reader().Read(folder["link"], new SceneReadOptions { Confined = true }).Problem!.ShouldContain("symbolic link");
    }

    [Fact]
    public void Raster_BeyondTheLimits_IsRefusedFromItsHeader()
    {
        using var folder = new TempFolder();
        using (var file = RasterDataset.Create(folder["x_20260430.tif"], "GTiff", 60_000, 60_000, 4, PixelType.UInt16, ["SPARSE_OK=TRUE", "TILED=YES"]))
            file.Transform = GeoTransform.NorthUp(0, 0, 1, 1);
        Reader(new SceneOptions { MaxPixelBytes = 1_000_000_000 }).Read(folder["x_20260430.tif"]).Problem!.ShouldContain("60000 × 60000");
        Reader(new SceneOptions { MaxBands = 3 }).Read(folder["x_20260430.tif"]).Problem!.ShouldContain("4 bands");
    }

    [Fact]
    public void RealScenes_AreRead()
    {
        var city = Scene(Reader().Read(TestData.Need("oscd", "abudhabi", "imgs_1"), new DateTimeOffset(2016, 1, 20, 12, 0, 0, TimeSpan.Zero)));
        city.Bands.Select(b => b.CommonName).ShouldBe(Common);
        city.AcquiredAt.ShouldBe(new DateTimeOffset(2016, 1, 20, 12, 0, 0, TimeSpan.Zero));
        city.Bands[0].GsdMeters.ShouldBeInRange(9, 11);
        city.Collection.ShouldBe("sentinel-2-l1c");

        SceneDates.TryParse("2000-03-17", out var day).ShouldBeTrue();
        var taizhou = Scene(Reader().Read(TestData.Need("landsat_taizhou", "2000TM"), day));
        taizhou.Bands.Count.ShouldBe(6);
        taizhou.Bands[0].GsdMeters.ShouldBe(30);
        taizhou.Bands.Select(b => b.CommonName).ShouldBe(Common);
    }
}

/// <summary>A folder as the rows of a table see it.</summary>
public sealed class TempFolderPath
{
    private readonly TempFolder _folder;

    internal TempFolderPath(TempFolder folder) => _folder = folder;

    public string this[string name] => _folder[name];

    public string Write(string name, string text) => _folder.Write(name, text);
}
