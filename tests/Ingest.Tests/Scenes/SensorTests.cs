using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Scenes.Sensors;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

public sealed class SensorTests
{
    private const string Own = """
        {"id":"cbers-9-wpm","title":"A sensor that does not exist","collection":"cbers-9","platform_name":"CBERS-9","certainty":"standard","source":"made up by this test","values":"reflectance",
         "recognise":{"names":["^CBERS9_WPM_"],"metadata":[{"element":"Instrument","values":["WPM[0-9]"]}]},
         "times":[{"element":"Taken","utc_offset":"+08:00"}],"sun":{"zenith":["Zenith"]},"platform":["Craft"],"cloud_percent":["Clouds"],
         "quality":{"name":"MASK","file":"_MASK$","codes":{"7":"cloud"},"bits":[{"bit":3,"means":"shadow"}],"otherwise":"clear"},
         "bands":[{"name":"P1","common_name":"red","center_nm":650,"width_nm":60,"gsd_m":2,"scale":0.002,"offset":-0.05,"nodata":0,"file":"_P1$"},
                  {"name":"P2","common_name":"nir","center_nm":830,"width_nm":100,"gsd_m":2,"scale":0.004,"file":"_P2$"}]}
        """;

    private static Scene Read(string path, string sensors)
    {
        var reading = new SceneReader(new SceneOptions { SensorFolder = sensors }, new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Survey = true });
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    [Fact]
    public void Sensor_AddedAsAFile_ReadsASceneWithoutCode()
    {
        using var folder = new TempFolder();
        folder.Write("sensors/own.json", Own);
        var raster = ProductFilesWritten.Band(folder["a/CBERS9_WPM_20260430.tif"], 16, 2, 200, bands: 2);
        Read(raster, folder["none"]).Sensor.ShouldBeNull();

        var scene = Read(raster, folder["sensors"]);
        scene.ShouldSatisfyAllConditions(
            s => s.Sensor.ShouldBe("cbers-9-wpm"), s => s.Collection.ShouldBe("cbers-9"), s => s.Platform.ShouldBe("CBERS-9"),
            s => s.Bands.Select(b => b.CommonName).ShouldBe(["red", "nir"]),
            s => s.Bands[0].ShouldBe(new SceneBand("P1", "red", 0.65, 0, 1, 2, 0, 0.002, -0.05) { WidthMicrometers = 0.06, IsReflectance = true }),
            s => s.Bands[1].Scale.ShouldBe(0.004));

        // By its sidecar, with the hour that the stated zone makes known.
        File.Move(raster, folder["a/x.tif"]);
        folder.Write("a/x.xml", "<P><Instrument>wpm1</Instrument><Taken>2026-04-30T10:30:00</Taken><Zenith>20</Zenith><Craft>CBERS-9A</Craft><Clouds>3.5</Clouds></P>");
        Read(folder["a/x.tif"], folder["sensors"]).ShouldSatisfyAllConditions(
            s => s.AcquiredAt.ShouldBe(new DateTimeOffset(2026, 4, 30, 2, 30, 0, TimeSpan.Zero)), s => s.SunElevation.ShouldBe(70), s => s.Platform.ShouldBe("CBERS-9A"), s => s.CloudCover.ShouldBe(3.5));
    }

    [Fact]
    public void Sensor_OfBandFiles_ReadsAFolderWithItsMask()
    {
        using var folder = new TempFolder();
        folder.Write("sensors/own.json", Own);
        ProductFilesWritten.Band(folder["CBERS9_WPM_20260430/x_P1.tif"], 16, 2, 200);
        ProductFilesWritten.Band(folder["CBERS9_WPM_20260430/x_P2.tif"], 8, 4, 200);
        ProductFilesWritten.Band(folder["CBERS9_WPM_20260430/x_MASK.tif"], 16, 2, 7);
        var scene = Read(folder["CBERS9_WPM_20260430"], folder["sensors"]);
        scene.Bands.Select(b => b.Name).ShouldBe(["P1", "P2", "MASK"]);
        scene.ObservableShare.ShouldBe(0);
        scene.Bands[2].Quality!.Of(7).ShouldBe(QualityMeaning.Cloud);
        scene.Bands[2].Quality!.Of(8).ShouldBe(QualityMeaning.Shadow);
        scene.Bands[2].Quality!.Of(1).ShouldBe(QualityMeaning.Clear);
    }

    /// <summary>Deliveries hold more than bands: documents, pictures, the mask in a folder of its own, what another system left.</summary>
    [Theory]
    [InlineData("CBERS9_WPM_20260430/doc/readme.txt", "CBERS9_WPM_20260430/img/x_P1.tif", "CBERS9_WPM_20260430/img/x_P2.tif", "CBERS9_WPM_20260430/qa/x_MASK.tif")]
    [InlineData("readme/readme.txt", "CBERS9_WPM_20260430/x_P1.tif", "CBERS9_WPM_20260430/x_P2.tif", "CBERS9_WPM_20260430/x_MASK.tif")]
    [InlineData("preview/look.tif", "img/CBERS9_WPM_20260430_P1.tif", "img/CBERS9_WPM_20260430_P2.tif", "img/CBERS9_WPM_20260430_MASK.tif")]
    [InlineData("__MACOSX/CBERS9_WPM_20260430/._x_P1.tif", "CBERS9_WPM_20260430/x_P1.tif", "CBERS9_WPM_20260430/x_P2.tif", "CBERS9_WPM_20260430/x_MASK.tif")]
    public void Sensor_OfBandFilesInAnArchiveOfSeveralFolders_IsOneScene(string other, string first, string second, string mask)
    {
        using var folder = new TempFolder();
        folder.Write("sensors/own.json", Own);
        folder.Write($"delivery/{other}", "no matter");
        ProductFilesWritten.Band(folder[$"delivery/{first}"], 16, 2, 200);
        ProductFilesWritten.Band(folder[$"delivery/{second}"], 8, 4, 200);
        ProductFilesWritten.Band(folder[$"delivery/{mask}"], 16, 2, 7);
        foreach (var archive in new[] { ProductFilesWritten.Zip(folder["delivery"]), ProductFilesWritten.Tar(folder["delivery"]) })
        {
            var scene = Read(archive, folder["sensors"]);
            scene.Sensor.ShouldBe("cbers-9-wpm");
            scene.Bands.Select(b => b.Name).ShouldBe(["P1", "P2", "MASK"]);
            scene.AcquiredAt.Date.ShouldBe(new DateTime(2026, 4, 30));
            scene.ObservableShare.ShouldBe(0);
        }
    }

    [Fact]
    public void Sensor_OfBandFilesTwiceInAnArchive_IsOneSentence()
    {
        using var folder = new TempFolder();
        folder.Write("sensors/own.json", Own);
        foreach (var day in new[] { "20260430", "20260501" })
        {
            ProductFilesWritten.Band(folder[$"delivery/CBERS9_WPM_{day}/x_P1.tif"], 16, 2, 200);
            ProductFilesWritten.Band(folder[$"delivery/CBERS9_WPM_{day}/x_P2.tif"], 16, 2, 200);
        }

        new SceneReader(new SceneOptions { SensorFolder = folder["sensors"] }, new FakeTimeProvider(Payload.Start)).Read(ProductFilesWritten.Zip(folder["delivery"])).Problem!
            .ShouldContain("holds band files in 2 folders (CBERS9_WPM_20260430, CBERS9_WPM_20260501, …)");
    }

    /// <summary>The folder bears the sensor's name and holds one file with all bands.</summary>
    [Fact]
    public void Sensor_OfBandFilesInAFolderOfOneFileWithAllBands_IsThatFile()
    {
        using var folder = new TempFolder();
        folder.Write("sensors/own.json", Own);
        ProductFilesWritten.Band(folder["CBERS9_WPM_20260430/CBERS9_WPM_20260430.tif"], 16, 2, 200, bands: 2);
        Read(folder["CBERS9_WPM_20260430"], folder["sensors"]).Bands.Select(b => b.Name).ShouldBe(["P1", "P2"]);
    }

    [Fact]
    public void Sensor_OfTheUser_TakesThePlaceOfTheShippedOne()
    {
        using var folder = new TempFolder();
        folder.Write("sensors/gf.json", Own.Replace("cbers-9-wpm", "gf-2-pms", StringComparison.Ordinal));
        var all = SensorCatalogue.Load(folder["sensors"]).All;
        all.Count(s => s.Id == "gf-2-pms").ShouldBe(1);
        all.First(s => s.Id == "gf-2-pms").Collection.ShouldBe("cbers-9");
    }

    [Fact]
    public void Shipped_Sensors_AreAllSoundAndSayWhereTheirFactsAreFrom()
    {
        var all = SensorCatalogue.Load(null).All;
        all.Select(s => s.Id).ShouldBe(
        [
            "drone-rgb", "generic-4band", "generic-6band", "gf-1-pms", "gf-1-wfv", "gf-2-pms", "gf-6-pms", "gf-6-wfv", "gf-7-mux", "jilin-1-01a", "jilin-1-pms", "landsat-4-5-tm-c2-l1",
            "landsat-4-5-tm-c2-l2", "landsat-7-etm-c2-l1", "landsat-7-etm-c2-l2", "landsat-8-9-oli-c2-l1", "landsat-8-9-oli-c2-l2", "sentinel-2-msi-l1c", "sentinel-2-msi-l2a", "zy-3-mux",
        ]);

        // They are read by a quicker kind of pattern; the stricter kind takes them too.
        var assembly = typeof(SensorCatalogue).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("sensors/", StringComparison.Ordinal)))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            _ = SensorFile.Read(Encoding.UTF8.GetBytes(text.ReadToEnd()), name);
        }

        foreach (var band in all.SelectMany(s => s.Bands).Where(b => b.Micrometers is not null && b.CommonName is "blue" or "green" or "red" or "nir" or "nir08" or "swir16" or "swir22"))
            (BandNames.ByWavelength(band.Micrometers ?? 0) ?? band.CommonName).ShouldBe(band.CommonName == "nir08" ? "nir" : band.CommonName);
    }

    public static TheoryData<string, Action<JsonObject>, string> Bad => new()
    {
        { "unknown key", s => s["bandz"] = 1, "$ has the key \"bandz\", which is not known here" },
        { "no id", s => s.Remove("id"), "$.id is missing; give a string." },
        { "certainty", s => s["certainty"] = "sure", "$.certainty is \"standard\" when" },
        { "wavelength in µm", s => s["bands"]![0]!["center_nm"] = 0.65, "$.bands[0].center_nm must be a number from 200 to 20000." },
        { "no scale", s => s["bands"]!.AsArray()[0]!.AsObject().Remove("scale"), "$.bands[0].scale is missing" },
        { "scale of digital numbers", s => s["values"] = "digital_numbers", "$.bands[0].scale counts only with" },
        { "pattern with look-ahead", s => s["recognise"]!["names"]![0] = "(?=a)b", "which is no regular expression without look-around" },
        { "layout of unknown band", s => s["layouts"] = new JsonArray(new JsonArray("P9")), "$.layouts names the band \"P9\"" },
        { "bit 40", s => s["quality"]!["bits"]![0]!["bit"] = 40, "$.quality.bits[0].bit must be a number from 0 to 15." },
        { "meaning", s => s["quality"]!["otherwise"] = "fog", "$.quality.otherwise has a meaning that is none of" },
        { "nothing to know it by", s => s["recognise"] = new JsonObject(), "$.recognise says by what" },
        { "two bands of a name", s => s["bands"]![1]!["name"] = "P1", "$.bands names the band \"P1\" twice" },
        { "zone", s => s["times"]![0]!["utc_offset"] = "8", "$.times[0].utc_offset is written like \"+08:00\"." },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void File_WithAFault_IsOneSentenceWithFileAndKey(string row, Action<JsonObject> spoil, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        var sensor = JsonNode.Parse(Own)!.AsObject();
        spoil(sensor);
        folder.Write("sensors/own.json", sensor.ToJsonString());
        var problem = new SceneOptions { SensorFolder = folder["sensors"] }.Problems().ShouldHaveSingleItem();
        problem.ShouldStartWith(folder["sensors/own.json"] + ": ");
        problem.ShouldContain(part);
        new SceneReader(new SceneOptions { SensorFolder = folder["sensors"] }, new FakeTimeProvider(Payload.Start)).Read(SceneFiles.Raster(folder["a_20260430.tif"])).Problem.ShouldBe(problem);
    }

    [Fact]
    public void File_TooLargeOrNoJson_IsOneSentence()
    {
        Should.Throw<RefusedInputException>(() => SensorFile.Read(new byte[SensorFile.MaxBytes + 1], "x.json")).Message.ShouldContain("at most 262144");
        Should.Throw<RefusedInputException>(() => SensorFile.Read(Encoding.UTF8.GetBytes("{"), "x.json")).Message.ShouldContain("x.json: The text is not valid JSON");
        Should.Throw<RefusedInputException>(() => SensorFile.Read(Encoding.UTF8.GetBytes("[]"), "x.json")).Message.ShouldContain("x.json: $ is a list");
    }
}
