using Monitoring.Gdal;
using Monitoring.TestKit;
using static Monitoring.Host.Tests.ScenePairs;

namespace Monitoring.Host.Tests;

/// <summary>
/// Damaged and hostile scenes through the whole <c>monitoring detect</c>, each in a process of its own: exit code 2 and one sentence that says
/// what is wrong, memory below <see cref="MostMiB"/>, and nothing left behind.
/// </summary>
public sealed class BadSceneTests
{
    /// <summary>Refused: what, how the two files are made, what the sentence must hold.</summary>
    public static TheoryData<string, Action<string, string>, string> Refused => new()
    {
        { "truncated", Pair(Before, After, (_, b) => Cut(b, 0.5)), "b_20260501.tif is damaged or was cut off while it was copied; deliver it again" },
        { "truncated both", Pair(Before, After, (a, b) => { Cut(a, 0.3); Cut(b, 0.3); }), "is damaged or was cut off while it was copied; deliver it again" },
        { "damaged in the middle", Pair(Before, After with { Options = ["COMPRESS=DEFLATE"] }, (_, b) => Damage(b)), "A scene cannot be read to its end" },
        { "zero bytes", Pair(Before, After, (_, b) => File.WriteAllBytes(b, [])), "b_20260501.tif cannot be read as a raster" },
        { "zero width", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 0, 96, 0, [1, 2]); }, "b_20260501.tif cannot be read as a raster" },
        { "zero height tiled", (a, b) => { HandMadeTiff.Write(a, 96, 0, 256, []); Before.Write(b); }, "a_20250501.tif cannot be read as a raster" },
        { "one pixel both", Pair(Before with { Width = 1, Height = 1 }, After with { Width = 1, Height = 1 }), "(1 sampled pixels, at least 500 are needed): choose larger scenes" },
        { "one pixel after", Pair(Before, After with { Width = 1, Height = 1 }), "(1 sampled pixels, at least 500 are needed): choose larger scenes" },
        { "one pixel before", Pair(Before with { Width = 1, Height = 1 }, After), "(1 sampled pixels, at least 500 are needed): choose larger scenes" },
        { "one line", Pair(Before with { Height = 1 }, After with { Height = 1 }), "at least 500 are needed): choose larger scenes" },
        { "one column", Pair(Before with { Width = 1 }, After with { Width = 1 }), "at least 500 are needed): choose larger scenes" },
        { "all cloud by quality", Pair(Before with { Bands = 5, Names = Scl, NoData = null }, After with { Bands = 5, Names = Scl, Spoil = (band, _, _, v) => band == 5 ? 9 : v }), "(0 sampled pixels, at least 500 are needed): choose larger scenes that overlap, with fewer clouds" },
        { "all cloud by brightness", Pair(Before, After with { Built = false, Spoil = (band, x, y, v) => 8000 + (v / 10) }), "(0 sampled pixels, at least 500 are needed): choose larger scenes that overlap, with fewer clouds" },
        { "all nodata", Pair(Before, After with { NoData = 7, Spoil = (_, _, _, _) => 7 }), "no common clear ground to compare (0 sampled pixels" },
        { "all zero", Pair(Before, After with { Spoil = (_, _, _, _) => 0 }), "no common clear ground to compare (0 sampled pixels" },
        { "all NaN", Pair(Reals(Before), Reals(After) with { Spoil = (_, _, _, _) => double.NaN }), "no common clear ground to compare (0 sampled pixels" },
        { "all infinite", Pair(Reals(Before), Reals(After) with { Spoil = (_, x, _, _) => x % 2 == 0 ? double.PositiveInfinity : double.NegativeInfinity }), "no common clear ground to compare (0 sampled pixels" },
        { "nodata NaN everywhere", Pair(Reals(Before), Reals(After) with { NoData = double.NaN, Spoil = (_, _, _, _) => double.NaN }), "no common clear ground to compare (0 sampled pixels" },
        { "wrong band count", Pair(Before, After with { Bands = 3 }), "(3) cannot be matched: name them" },
        { "sensors: landsat six and sentinel quality only", Pair(Before with { Bands = 6, Names = Six }, After with { Bands = 2, Names = ["red", "nir"] }), "cannot be matched: name them" },
        { "no overlap", Pair(Before, After with { Transform = GeoTransform.NorthUp(760_000, 3_570_000, 10, 10), Middle = (760_480, 3_569_520) }), "do not lie on the same ground: choose two scenes of one place" },
        { "touching", Pair(Before, After with { Transform = GeoTransform.NorthUp(700_960, 3_570_000, 10, 10) }), "no common clear ground to compare (0 sampled pixels" },
        { "rotated before", Pair(Before with { Transform = Rotated }, After), "is rotated: warp the scene to a north-up grid first" },
        { "east to west", Pair(Before with { Transform = new GeoTransform(700_960, -10, 0, 3_570_000, 0, -10) }, After), "run from south to north or from east to west" },
        { "no CRS on one", Pair(Before, After with { HasCrs = false }), "b_20260501.tif does not say which CRS it is in; set it" },
        { "no CRS on both", Pair(Before with { HasCrs = false }, After with { HasCrs = false }), "a_20250501.tif does not say which CRS it is in; set it" },
        { "no geotransform on both", Pair(Before with { Transform = null }, After with { Transform = null }), "a_20250501.tif has no georeference (no place and pixel size); deliver it with its world file" },
        { "coordinates off the earth", Pair(Before with { Epsg = 4326, Transform = GeoTransform.NorthUp(700_000, 3_570_000, 10, 10), MiddleEpsg = 4326 }, After), "its coordinates do not fit its CRS (EPSG:4326 WGS 84); correct the CRS" },
        { "pixel size zero", Pair(Before with { Transform = new GeoTransform(700_000, 0, 0, 3_570_000, 0, 0) }, After), "has no georeference (no place and pixel size)" },
        { "pixel size NaN", Pair(Before with { Transform = new GeoTransform(700_000, double.NaN, 0, 3_570_000, 0, -10) }, After), "has no georeference (no place and pixel size)" },
        { "pixel size tiny", Pair(Before with { Transform = GeoTransform.NorthUp(700_000, 3_570_000, 1e-9, 1e-9) }, After), "does not lie on the earth (pixel 0 × 0 m): check its CRS and georeference" },
        { "pixel size of a continent", Pair(Before with { Transform = GeoTransform.NorthUp(-5_000_000, 9_000_000, 100_000, 100_000) }, After), "no common clear ground to compare (0 sampled pixels" },
        { "palette", Pair(Before, After, (_, b) => Palette(b)), "expand it (gdal_translate -expand rgb" },
        { "complex", Pair(Before, After with { Type = PixelType.ComplexFloat32 }), "b_20260501.tif holds complex numbers (band 1)" },
        { "complex both", Pair(Before with { Type = PixelType.ComplexInt16 }, After with { Type = PixelType.ComplexInt16 }), "holds complex numbers (band 1)" },
        { "2 TB in one strip", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 1_400_000, 1_400_000, 0, []); }, "declares 1400000 × 1400000 pixels in 1 bands (1960000000000 bytes); a scene has at most 274877906944 bytes" },
        { "2 TB in tiles", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 1_400_000, 1_400_000, 16384, []); }, "b_20260501.tif" },
        { "2 TB in small tiles", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 1_400_000, 1_400_000, 16, []); }, "b_20260501.tif cannot be read as a raster" },
        { "2 TB in a VRT", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(1_400_000, 1_400_000, "a_20250501.tif")); }, "declares 1400000 × 1400000 pixels in 4 bands" },
        { "200 GB in a VRT, one file", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(400_000, 400_000, "a_20250501.tif")); }, "declares 400000 × 400000 pixels in 4 bands" },
        { "bomb in small tiles", (a, b) => { HandMadeTiff.Write(a, 100_000, 100_000, 4096, HandMadeTiff.Zeros(4096 * 4096)); File.Copy(a, b); }, "no common clear ground to compare (0 sampled pixels" },
        { "bomb in large tiles", (a, b) => { HandMadeTiff.Write(a, 100_000, 100_000, 16384, HandMadeTiff.Zeros(16384L * 16384)); File.Copy(a, b); }, "write it with tiles (TILED=YES), blocks have at most 67108864 bytes" },
        { "bomb in a strip", (a, b) => { HandMadeTiff.Write(a, 100_000, 100_000, 0, HandMadeTiff.Zeros(1 << 24)); File.Copy(a, b); }, "a_20250501.tif" },
        { "bomb that is short", (a, b) => { HandMadeTiff.Write(a, 16_000, 16_000, 16000, HandMadeTiff.Zeros(1 << 20)); File.Copy(a, b); }, "write it with tiles (TILED=YES), blocks have at most 67108864 bytes" },
        { "description of 1 GB declared", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 96, 96, 96, HandMadeTiff.Zeros(96 * 96), 1L << 30); }, "states 1073741824 bytes for its TIFF field 270, and a field has at most 16777216; write it again without that metadata" },
        { "description of 1 GB there", (a, b) => { Before.Write(a); HandMadeTiff.Write(b, 96, 96, 96, HandMadeTiff.Zeros(96 * 96), 1L << 30, descriptionIsThere: true); }, "states 1073741824 bytes for its TIFF field 270, and a field has at most 16777216; write it again without that metadata" },
        { "deep VRT", (a, b) => { Before.Write(a); File.WriteAllText(b, string.Concat(Enumerable.Repeat("<VRTDataset>", 200_000))); }, "b_20260501.tif is no well-formed XML" },
        { "VRT of itself", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(96, 96, "b_20260501.tif")); }, "b_20260501.tif is damaged" },
        { "VRT to a secret", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(96, 96, "../../../../../../etc/passwd")); }, "b_20260501.tif is damaged" },
        { "VRT to an address", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(96, 96, "/vsicurl/http://127.0.0.1:9/x.tif")); }, "remote reading is off" },
        { "VRT of a VRT to an address", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(96, 96, "c.vrt")); File.WriteAllText(Path.Combine(Path.GetDirectoryName(b)!, "c.vrt"), Vrt(96, 96, "/vsicurl/http://127.0.0.1:9/x.tif")); }, "name the host 127.0.0.1:9 in SceneHosts" },
        { "VRT to a bucket", (a, b) => { Before.Write(a); File.WriteAllText(b, Vrt(96, 96, "/vsis3/bucket/x.tif")); }, "leads to /vsis3/bucket/x.tif, which is not on this machine" },
        { "web service", (a, b) => { Before.Write(a); File.WriteAllText(b, "<GDAL_WMS><Service name=\"TMS\"><ServerUrl>http://127.0.0.1:9/${z}/${x}/${y}.png</ServerUrl></Service></GDAL_WMS>"); }, "remote reading is off" },
        { "kilometres after", Pair(Before, After with { Transform = GeoTransform.NorthUp(650_000, 3_620_000, 1000, 1000) }), "no common clear ground to compare (0 sampled pixels" },
        { "huge values", Pair(Reals(Before) with { Tenth = 1e30 }, Reals(After) with { Tenth = 1e30 }), "are neither reflectance nor digital numbers" },
        { "negative values", Pair(Reals(Before) with { Spoil = (_, _, _, v) => -v }, Reals(After) with { Spoil = (_, _, _, v) => -v }), "are neither reflectance nor digital numbers" },
        { "bomb of many bands", (a, b) => { HandMadeTiff.Write(a, 100_000, 100_000, 4096, HandMadeTiff.Zeros(4096 * 4096 * 16), bands: 16); File.Copy(a, b); }, "write it with tiles (TILED=YES), blocks have at most 67108864 bytes" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task Detect_SceneThatCannotBeCompared_IsOneSentence(string row, Action<string, string> write, string part)
    {
        using var folder = new TempDirectory();
        var (a, b) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"));
        write(a, b);
        MustBeRefused(row, await DetectAsync(folder, a, b), folder, part);
    }

    [Theory]
    [InlineData("b_20260501.tif", "a_20250501.tif", "The scene before is of 2026-05-01 and the scene after of 2025-05-01; swap them")]
    [InlineData("a_20260501.tif", "b_20260501.tif", "Both scenes are of 2026-05-01T12:00:00Z; give scenes of two times")]
    public async Task Detect_DatesInTheWrongOrder_IsOneSentence(string before, string after, string part)
    {
        using var folder = new TempDirectory();
        Before.Write(folder.File(before));
        After.Write(folder.File(after));
        MustBeRefused(before, await DetectAsync(folder, folder.File(before), folder.File(after)), folder, part);
    }

    [Theory]
    [InlineData("a\nmonitoring: all is well\n_20250501.tif")]
    [InlineData("a\u001b[2J\u001b]0;title\u0007_20250501.tif")]
    [InlineData("a\u009b31m\u202egnp_20250501.tif")]
    public async Task Detect_NameThatSpeaksToTheTerminal_IsOneSentenceWithoutIt(string name)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.File(name), "none");
        After.Write(folder.File("b_20260501.tif"));
        MustBeRefused(name, await DetectAsync(folder, folder.File(name), folder.File("b_20260501.tif")), folder, "cannot be read as a raster");
        MustBeRefused(name, await DetectAsync(folder, folder.File("none", name), folder.File("b_20260501.tif")), folder, "does not exist");
        After.Write(folder.File(name));
        MustBeRefused(name, await DetectAsync(folder, folder.File(name), folder.File(name)), folder, "Both scenes are of");
        Before.Write(folder.File("b_20260501.tif"));
        var run = await DetectAsync(folder, folder.File(name), folder.File("b_20260501.tif"));
        run.ExitCode.ShouldBe(0, run.Errors);
        MustBeQuiet(run.Output + run.Errors);
    }
}
