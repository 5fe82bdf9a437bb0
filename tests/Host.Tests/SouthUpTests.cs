using Monitoring.Gdal;
using Monitoring.TestKit;
using static Monitoring.Host.Tests.ScenePairs;

namespace Monitoring.Host.Tests;

/// <summary>A grid whose rows run from south to north is the same scene as from north to south: every output is the same, pixel for pixel.</summary>
public sealed class SouthUpTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("uint16", true, true)]
    [InlineData("uint16", true, false)]
    [InlineData("uint16", false, true)]
    [InlineData("nodata", true, true)]
    [InlineData("float", true, true)]
    [InlineData("CRS beside", true, true)]
    [InlineData("CRS in the Item", true, true)]
    [InlineData("mask and offset", true, true)]
    public async Task Detect_SouthUpScenes_GivesWhatNorthUpScenesGive(string kind, bool turnsBefore, bool turnsAfter)
    {
        using var folder = new TempDirectory();
        var (a, b) = (folder.File("n", "a_20250501.tif"), folder.File("n", "b_20260501.tif"));
        Directory.CreateDirectory(folder.File("n"));
        Directory.CreateDirectory(folder.File("s"));

        // Not square, and with a gap in one corner, so that nothing is its own mirror image.
        var (before, after) = (Before with { Height = 83 }, After with { Height = 83, Spoil = (_, x, y, v) => x < 20 && y < 10 ? 0 : v });
        if (kind == "nodata")
        {
            (before, after) = (before with { NoData = 65535 }, after with { NoData = 65535, Spoil = (_, x, y, v) => x < 20 && y < 10 ? 65535 : v });
        }

        if (kind == "float")
        {
            (before, after) = (Reals(before), Reals(after));
        }

        before.Write(a);
        after.Write(b);
        if (kind == "mask and offset")
        {
            Offset(a);
            Offset(b);
            Hide(b);
        }

        var north = await DetectAsync(folder, a, b);
        north.ExitCode.ShouldBe(0, north.Errors);
        Directory.Move(folder.File("o"), folder.File("north"));

        var (c, d) = (folder.File("s", "a_20250501.tif"), folder.File("s", "b_20260501.tif"));
        Turn(a, c, turnsBefore, saysCrs: !kind.StartsWith("CRS", StringComparison.Ordinal));
        Turn(b, d, turnsAfter, saysCrs: !kind.StartsWith("CRS", StringComparison.Ordinal));
        if (kind.StartsWith("CRS", StringComparison.Ordinal))
        {
            (c, d) = (Placed(c, kind == "CRS in the Item"), Placed(d, kind == "CRS in the Item"));
        }

        var south = await MeasuredCommand.RunAsync(
            folder.File("temporary"), Stop, "detect", "--before", c, "--after", d, "--out", folder.File("south"), "--rasters", "--chips", "1");
        south.ExitCode.ShouldBe(0, south.Errors);
        var again = await MeasuredCommand.RunAsync(
            folder.File("temporary"), Stop, "detect", "--before", a, "--after", b, "--out", folder.File("north"), "--rasters", "--chips", "1");
        again.ExitCode.ShouldBe(0, again.Errors);
        south.Output.ShouldStartWith("1 changed areas");
        foreach (var name in new[] { "change-mask.tif", "probability-cog.tif" })
        {
            Pixels(folder.File("south", name)).ShouldBe(Pixels(folder.File("north", name)), name);
        }

        // Ids go by the files' hashes, which differ; places, areas and scores do not.
        Shapes(folder.File("south", "changes.geojson")).ShouldBe(Shapes(folder.File("north", "changes.geojson")));
        foreach (var chip in new[] { "001-before.wld", "001-after.wld" })
        {
            (await File.ReadAllTextAsync(folder.File("south", "chips", chip), Stop)).ShouldBe(await File.ReadAllTextAsync(folder.File("north", "chips", chip), Stop));
        }
    }

    private static (GeoTransform?, string) Pixels(string path)
    {
        using var file = ClosedRaster.Open(path);
        var pixels = new byte[file.Width * file.Height];
        file.Read<byte>(1, file.FullWindow, pixels);
        return (file.Transform, Convert.ToHexString(pixels));
    }

    private static string Shapes(string path)
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(path));
        return string.Join('\n', json.RootElement.GetProperty("features").EnumerateArray()
            .Select(f => f.GetProperty("geometry").GetRawText() + f.GetProperty("properties").GetRawText()));
    }

    /// <summary>Where the raster is says a file beside it, a .prj or an Item.</summary>
    private static string Placed(string raster, bool byItem)
    {
        if (!byItem)
        {
            using var crs = SpatialReference.FromEpsg(Before.Epsg);
            File.WriteAllText(Path.ChangeExtension(raster, ".prj"), crs.ToWkt(WktFormat.Esri));
            return raster;
        }

        var item = Path.ChangeExtension(raster, ".json");
        var day = Path.GetFileNameWithoutExtension(raster)[^8..];
        var bands = string.Join(',', Enumerable.Range(1, Before.Bands).Select(n => $$"""{"name":"band-{{n}}"}"""));
        File.WriteAllText(item, $$"""
            {"type":"Feature","stac_version":"1.1.0","id":"{{Path.GetFileNameWithoutExtension(raster)}}","geometry":null,"links":[],
             "properties":{"datetime":"{{day[..4]}}-{{day[4..6]}}-{{day[6..]}}T12:00:00Z","proj:code":"EPSG:{{Before.Epsg}}"},
             "assets":{"data":{"href":"{{Path.GetFileName(raster)}}","roles":["data"],"bands":[{{bands}}]} } }
            """);
        return item;
    }

    private static void Offset(string path)
    {
        using var file = RasterDataset.Open(path, new() { Update = true });
        for (var band = 1; band <= file.BandCount; band++)
        {
            file.SetScale(band, 0.0001, -0.01);
        }
    }

    /// <summary>The eastern quarter of the northern half.</summary>
    private static void Hide(string path)
    {
        using var file = RasterDataset.Open(path, new() { Update = true });
        file.CreateMask();
        file.WriteMask(file.FullWindow, [.. Enumerable.Range(0, file.Width * file.Height)
            .Select(i => (byte)(i % file.Width >= file.Width * 3 / 4 && i / file.Width < file.Height / 2 ? 0 : 255))]);
    }

    /// <summary>The same raster, its rows in reverse order and saying so.</summary>
    private static void Turn(string from, string to, bool turns, bool saysCrs)
    {
        if (!turns)
        {
            File.Copy(from, to);
            return;
        }

        using var file = RasterDataset.Open(from);
        using var turned = RasterDataset.Create(to, "GTiff", file.Width, file.Height, file.BandCount, file.GetBand(1).Type);
        turned.Transform = file.Transform!.Value.WithRowsReversed(file.Height);
        turned.Transform!.Value.IsSouthUp.ShouldBeTrue();
        using var crs = file.GetSpatialReference();
        if (saysCrs)
        {
            turned.SetSpatialReference(crs!);
        }

        var isMasked = file.GetBand(1).Mask.HasFlag(MaskSources.PerDataset);
        if (isMasked)
        {
            turned.CreateMask();
        }

        var inside = new byte[file.Width];
        for (var y = 0; isMasked && y < file.Height; y++)
        {
            file.ReadMask(1, new PixelWindow(0, y, file.Width, 1), inside);
            turned.WriteMask(new PixelWindow(0, file.Height - 1 - y, file.Width, 1), inside);
        }

        var row = new double[file.Width];
        for (var band = 1; band <= file.BandCount; band++)
        {
            if (file.GetBand(band).NoData is { } missing)
            {
                turned.SetNoData(band, missing);
            }

            turned.SetScale(band, file.GetBand(band).Scale, file.GetBand(band).Offset);
            for (var y = 0; y < file.Height; y++)
            {
                file.Read<double>(band, new PixelWindow(0, y, file.Width, 1), row);
                turned.Write<double>(band, new PixelWindow(0, file.Height - 1 - y, file.Width, 1), row);
            }
        }
    }
}
