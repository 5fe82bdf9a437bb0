using System.Text.Json;
using Monitoring.Gdal;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>What <c>detect</c> writes on request, and <c>redetect</c>, as a user calls them.</summary>
public sealed class ProductCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Detect_ColourPicturesWithoutANetwork_SaysWhatItCannotDo()
    {
        using var folder = new TempDirectory();
        var (before, after, to) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"), folder.File("o"));
        MakePicture(before, built: false);
        MakePicture(after, built: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", to, "--rasters", "--chips", "2", "--data", folder.File("d"));
        code.ShouldBe(0, output);
        output.ShouldContain("scoring: colour pictures of 0.5 m a pixel and no network is installed: the built-in score compares colour and brightness only");
        foreach (var file in new[] { "change-cog.tif", "probability-cog.tif", "chips/001-before.png", "chips/001-after.png", "chips/chips.json" })
        {
            File.Exists(Path.Combine(to, file)).ShouldBeTrue(file);
        }

        using var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, "summary.json"), Stop));
        summary.RootElement.GetProperty("scoring").GetString()!.ShouldContain("cannot tell shadows");
        summary.RootElement.GetProperty("products").EnumerateArray().Select(p => p.GetString()).ShouldContain("chips/001-after.png");
        summary.RootElement.GetProperty("provenance").GetProperty("after_acquired_at").GetString().ShouldBe("2026-05-01T12:00:00Z");
        Directory.Exists(folder.File("d")).ShouldBeFalse("detect needs no data directory and makes none");
    }

    [Fact]
    public async Task Detect_ModelThatIsNone_IsBadInput()
    {
        using var folder = new TempDirectory();
        var (before, after) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"));
        MakePicture(before, built: false);
        MakePicture(after, built: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", folder.File("o"), "--model", folder.File("nowhere"));
        code.ShouldBe(2, output);
        output.ShouldContain("a network is used only with its card");
        (code, output) = await ServiceProcess.RunAsync(Stop, "detect", "--before", before, "--after", after, "--out", folder.File("o"), "--chips", "5000");
        code.ShouldBe(2, output);
        output.ShouldContain("--chips takes 0 to 1000");
    }

    [Fact]
    public async Task Redetect_ScenesOfTheCatalogue_TellsTheDifferenceAndRefusesTheUnknown()
    {
        using var folder = new TempDirectory();
        var (before, after, data, file) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"), folder.File("d"), folder.File("diff.json"));
        MakePicture(before, built: false);
        MakePicture(after, built: true);
        var (code, output) = await ServiceProcess.RunAsync(Stop, "scenes", "add", before, after, "--data", data);
        code.ShouldBe(0, output);
        var id = output.Split('\n').Single(l => l.StartsWith("b_", StringComparison.Ordinal)).Split(':')[0];
        (code, output) = await ServiceProcess.RunAsync(Stop, "redetect", id, "--data", data, "--out", file);
        code.ShouldBe(0, output);
        output.ShouldContain("nothing stored");
        output.ShouldContain("1 new");
        using (var told = JsonDocument.Parse(await File.ReadAllTextAsync(file, Stop)))
        {
            var line = told.RootElement[0].GetProperty("runs")[0].GetProperty("lines").EnumerateArray().ShouldHaveSingleItem();
            line.GetProperty("fate").GetString().ShouldBe("new");
            line.GetProperty("after").GetProperty("area_m2").GetDouble().ShouldBe(900, 120);
        }

        (code, output) = await ServiceProcess.RunAsync(Stop, "redetect", "nobody", "--data", data);
        code.ShouldBe(2, output);
        output.ShouldContain("There is no scene \"nobody\" in the catalogue");
        (code, output) = await ServiceProcess.RunAsync(Stop, "redetect", id, "--detector", "eye", "--data", data);
        code.ShouldBe(2, output);
        output.ShouldContain("it is pair or series");
    }

    /// <summary>A colour picture of half a metre; the building is 30 m by 30 m.</summary>
    private static void MakePicture(string path, bool built)
    {
        const int side = 240;
        using var file = RasterDataset.Create(path, "GTiff", side, side, 3, PixelType.UInt8, ["PHOTOMETRIC=RGB"]);
        file.Transform = GeoTransform.NorthUp(700_000, 3_570_000, 0.5, 0.5);
        using (var crs = SpatialReference.Parse("EPSG:32650"))
        {
            file.SetSpatialReference(crs);
        }

        var noise = new Random(built ? 2 : 1);
        var pixels = new byte[3 * side * side];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % side, i / side % side);
            var isBuilding = built && x is >= 90 and < 150 && y is >= 80 and < 140;
            pixels[i] = (byte)((isBuilding ? 210 : 90 + (20 * Math.Sin(x / 7.0) * Math.Cos(y / 9.0))) + noise.Next(-4, 5));
        }

        file.Write<byte>([1, 2, 3], file.FullWindow, pixels);
    }
}
