using System.Text.Json;
using Monitoring.Gdal;
using Monitoring.TestKit;
using static Monitoring.Host.Tests.ScenePairs;

namespace Monitoring.Host.Tests;

/// <summary>
/// Odd but sound scenes through the whole <c>monitoring detect</c>, each in a process of its own: pixel types, missing pixels, poles, the 180°
/// meridian, foreign grids. What changed is known, and must be found where it is.
/// </summary>
public sealed class OddSceneTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<string, string>> Right => new()
    {
        { "plain", Pair(Before, After) },
        { "width of no vector", Pair(Before with { Width = 97, Height = 83 }, After with { Width = 97, Height = 83 }) },
        { "some NaN and infinite", Pair(Reals(Before), Reals(After) with { Spoil = (_, x, y, v) => x < 6 ? double.NaN : y < 6 ? double.PositiveInfinity : x > 90 ? double.NegativeInfinity : v }) },
        { "nodata NaN", Pair(Reals(Before) with { NoData = double.NaN }, Reals(After) with { NoData = double.NaN, Spoil = (_, x, _, v) => x < 10 ? double.NaN : v }) },
        { "nodata 65535", Pair(Before with { NoData = 65535 }, After with { NoData = 65535, Spoil = (_, x, _, v) => x < 10 ? 65535 : v }) },
        { "float64", Pair(Before with { Type = PixelType.Float64, Tenth = 0.1 }, After with { Type = PixelType.Float64, Tenth = 0.1 }) },
        { "int16", Pair(Before with { Type = PixelType.Int16 }, After with { Type = PixelType.Int16 }) },
        { "int16 with -9999", Pair(Before with { Type = PixelType.Int16, NoData = -9999 }, After with { Type = PixelType.Int16, NoData = -9999, Spoil = (_, x, _, v) => x < 10 ? -9999 : v }) },
        { "int16 with undeclared -9999", Pair(Before with { Type = PixelType.Int16 }, After with { Type = PixelType.Int16, Spoil = (_, x, _, v) => x < 30 ? -9999 : v }) },
        { "int16 with undeclared -32768 on another grid", Pair(Before, After with { Type = PixelType.Int16, Transform = GeoTransform.NorthUp(700_000, 3_570_000, 5, 5), Width = 192, Height = 192, Spoil = (_, x, _, v) => x < 60 ? -32768 : v }) },
        { "float with undeclared -9999", Pair(Reals(Before), Reals(After) with { Spoil = (_, x, _, v) => x < 30 ? -9999 : v }) },
        { "int8", Pair(Before with { Type = PixelType.UInt8, Tenth = 25, Options = ["PIXELTYPE=SIGNEDBYTE"] }, After with { Type = PixelType.UInt8, Tenth = 25, Options = ["PIXELTYPE=SIGNEDBYTE"] }) },
        { "uint8", Pair(Before with { Type = PixelType.UInt8, Tenth = 50 }, After with { Type = PixelType.UInt8, Tenth = 50 }) },
        { "uint32", Pair(Before with { Type = PixelType.UInt32 }, After with { Type = PixelType.UInt32 }) },
        { "mixed types", Pair(Before, Reals(After)) },
        { "rotated after", Pair(Before, After with { Transform = Rotated, Width = 140, Height = 140 }) },
        { "UTM neighbours", Pair(Before, Elsewhere(After, 32651, 10)) },
        { "geographic after", Pair(Before, Elsewhere(After, 4326, 0.0001)) },
        { "geographic both", Pair(Elsewhere(Before, 4490, 0.0001), Elsewhere(After, 4490, 0.0001)) },
        { "geographic 4490 and 4326", Pair(Elsewhere(Before, 4490, 0.0001), Elsewhere(After, 4326, 0.0001)) },
        { "antimeridian 179 to 181", Pair(Meridian(Before, 179.9952), Meridian(After, 179.9952)) },
        { "antimeridian -181 to -179", Pair(Meridian(Before, -180.0048), Meridian(After, -180.0048)) },
        { "antimeridian, both forms", Pair(Meridian(Before, 179.9952), Meridian(After, -180.0048)) },
        { "antimeridian in UTM 1", Pair(UtmAtMeridian(Before), UtmAtMeridian(After)) },
        { "antarctic", Pair(Polar(Before, 3031), Polar(After, 3031)) },
        { "arctic", Pair(Polar(Before, 3995), Polar(After, 3995)) },
        { "over the south pole", Pair(OverPole(Before, 3031), OverPole(After, 3031)) },
        { "over the north pole", Pair(OverPole(Before, 3995), OverPole(After, 3995)) },
        { "five metres after", Pair(Before, After with { Transform = GeoTransform.NorthUp(700_000, 3_570_000, 5, 5), Width = 192, Height = 192 }) },
        { "landsat six and GF four", Pair(Before with { Bands = 6, Names = Six }, After with { Bands = 4, Names = Four }) },
        { "one band", Pair(Before with { Bands = 1 }, After with { Bands = 1 }) },
        { "one metre after", Pair(Before, After with { Transform = GeoTransform.NorthUp(700_000, 3_570_000, 1, 1), Width = 960, Height = 960 }) },
        { "one metre before", Pair(Before with { Transform = GeoTransform.NorthUp(700_000, 3_570_000, 1, 1), Width = 960, Height = 960 }, After) },
        { "RGB and six", Pair(Before with { Bands = 6, Names = Six }, After with { Bands = 3, Type = PixelType.UInt8, Tenth = 50, Options = ["PHOTOMETRIC=RGB"] }) },
        { "half overlap", Pair(Before, After with { Transform = GeoTransform.NorthUp(700_300, 3_570_000, 10, 10) }) },
        { "12 of 16 bits", Pair(Before with { Tenth = 300, Options = ["NBITS=12", "COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"] }, After with { Tenth = 300, Options = ["NBITS=12"] }) },
        { "big-endian BigTIFF", Pair(Before with { Options = ["BIGTIFF=YES", "ENDIANNESS=BIG", "COMPRESS=DEFLATE", "PREDICTOR=2", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"] }, After) },
        { "odd blocks", Pair(Before with { Options = ["COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=48", "BLOCKYSIZE=80"] }, After with { Options = ["COMPRESS=LZW", "BLOCKYSIZE=7"] }) },
        { "sparse", Pair(Before, After with { Options = ["SPARSE_OK=TRUE", "TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"], Spoil = (_, x, _, v) => x < 32 ? 0 : v }) },
        { "JPEG", Pair(Bytes(Before), Bytes(After)) },
        { "zone number before the easting", Pair(Elsewhere(Before, 4528, 10), Elsewhere(After, 4549, 10)) },
        { "turned footprint in a frame of zeros, on another grid", Pair(Before, Framed(After with { Type = PixelType.UInt16 }, 0)) },
        { "turned footprint in a frame of -9999 nobody declares, on another grid", Pair(Before, Framed(After with { Type = PixelType.Int16 }, -9999)) },
        { "folder of bands in a frame of zeros, on another grid", Pair(Before with { Names = Four }, Framed(After, 0), (_, b) => Split(b)) },
        { "corner of -9999 in the north-east", Pair(Before, After with { Type = PixelType.Int16, Spoil = (_, x, y, v) => x - y > 70 ? -9999 : v }) },
        { "hostile names of bands", Pair(Before with { Names = ["\u001b[31mred", "a\nb", new string('x', 100_000), "<script>"] }, After with { Names = ["\u001b[31mred", "a\nb", new string('x', 100_000), "<script>"] }) },
    };

    [Theory]
    [MemberData(nameof(Right), DisableDiscoveryEnumeration = true)]
    public async Task Detect_OddButSoundScenes_FindsTheBuilding(string row, Action<string, string> write)
    {
        using var folder = new TempDirectory();
        var (a, b) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"));
        write(a, b);
        var run = await DetectAsync(folder, a, b);
        run.ExitCode.ShouldBe(0, $"{row}: {run.Errors}");
        run.PeakMiB.ShouldBeLessThan(MostMiB, row);
        run.Left.ShouldBeEmpty(row);
        Directory.GetFileSystemEntries(folder.File("o")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["change-mask.tif", "changes.geojson", "quicklook.png", "summary.json"]);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("o", "changes.geojson"), Stop));
        var patch = json.RootElement.GetProperty("features").EnumerateArray().ShouldHaveSingleItem();

        // 40 000 m² and at most the pixels around, which its edge and the 3 × 3 mean reach.
        patch.GetProperty("properties").GetProperty("area_m2").GetDouble().ShouldBeInRange(38_000, 56_000, row);
        var shape = patch.GetProperty("geometry");
        var parts = shape.GetProperty("type").GetString() == "Polygon" ? [shape.GetProperty("coordinates")] : shape.GetProperty("coordinates").EnumerateArray().ToArray();
        foreach (var part in parts)
        {
            var points = part[0].EnumerateArray().Select(p => (X: p[0].GetDouble(), Y: p[1].GetDouble())).ToList();
            points.ShouldAllBe(p => Math.Abs(p.X) <= 180 && Math.Abs(p.Y) <= 90, row);
            if (!row.StartsWith("over the", StringComparison.Ordinal))
            {
                // No part of it spans the earth.
                (points.Max(p => p.X) - points.Min(p => p.X)).ShouldBeLessThan(0.05, row);
                var (x, y) = PlaceOf(row);
                points.Average(p => Math.Abs(p.X)).ShouldBe(x, 0.05, row);
                points.Average(p => p.Y).ShouldBe(y, 0.01, row);
            }
            else
            {
                points.Min(p => Math.Abs(p.Y)).ShouldBeGreaterThan(89.99, row);
            }
        }

        if (row.StartsWith("antimeridian", StringComparison.Ordinal))
        {
            parts.Length.ShouldBe(2, "one piece on either side");
        }
    }

    /// <summary>Names as people give them, in folders and files, wherever a path goes: the command line, GDAL, JSON, pictures.</summary>
    [Fact]
    public async Task Detect_NamesInChineseWithSpacesAndSigns_FindsTheBuilding()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.File("遥感 影像 #1 100%"));
        var (a, b) = (folder.File("遥感 影像 #1 100%", "武汉 #3 50%_20250501.tif"), folder.File("遥感 影像 #1 100%", "武汉%20新 &2026年05月01日.tif"));
        Before.Write(a);
        After.Write(b);
        var run = await DetectAsync(folder, a, b);
        run.ExitCode.ShouldBe(0, run.Errors);
        run.Output.ShouldStartWith("1 changed areas");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("o", "summary.json"), Stop));
        json.RootElement.GetProperty("after").GetProperty("acquired_at").GetString().ShouldStartWith("2026-05-01");
    }

    [Fact]
    public async Task Detect_NothingDiffers_FindsNothing()
    {
        using var folder = new TempDirectory();
        var (a, b, flat, level) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"), folder.File("c_20250501.tif"), folder.File("d_20260501.tif"));
        After.Write(a);
        File.Copy(a, b);
        (Before with { Spoil = (_, _, _, _) => 1000 }).Write(flat);
        File.Copy(flat, level);
        foreach (var (before, after) in new[] { (a, b), (flat, level) })
        {
            var run = await DetectAsync(folder, before, after);
            run.ExitCode.ShouldBe(0, run.Errors);
            run.Output.ShouldStartWith("0 changed areas");
            run.Left.ShouldBeEmpty();
        }
    }

    private static GroundPicture Bytes(GroundPicture picture) =>
        picture with { Bands = 3, Type = PixelType.UInt8, Tenth = 50, Options = ["COMPRESS=JPEG", "PHOTOMETRIC=YCBCR", "INTERLEAVE=PIXEL", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"] };

    /// <summary>The file's bands in files of their own, in a folder of its name.</summary>
    private static void Split(string path)
    {
        var whole = path + ".whole";
        File.Move(path, whole);
        Directory.CreateDirectory(path);
        using (var file = RasterDataset.Open(whole))
        {
            for (var band = 1; band <= file.BandCount; band++)
            {
                file.TranslateTo(Path.Combine(path, Four[band - 1] + ".tif"), new TranslateOptions { Bands = [band] });
            }
        }

        File.Delete(whole);
    }

    /// <summary>5 m a pixel, and only a diamond of it is filled.</summary>
    private static GroundPicture Framed(GroundPicture picture, double fill) => picture with
    {
        Transform = GeoTransform.NorthUp(700_000, 3_570_000, 5, 5), Width = 192, Height = 192, Spoil = (_, x, y, v) => Math.Abs(x - 96) + Math.Abs(y - 96) > 90 ? fill : v,
    };

    /// <summary>Longitude without its sign, and latitude.</summary>
    private static (double Longitude, double Latitude) PlaceOf(string row) =>
        row.StartsWith("antimeridian", StringComparison.Ordinal) ? (180, -17)
        : row == "antarctic" ? (45, -77.04)
        : row == "arctic" ? (135, 77.04)
        : (119.128, 32.244);
}
