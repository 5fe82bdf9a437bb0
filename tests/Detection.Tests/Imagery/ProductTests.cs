using System.Text.Json;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>What is written besides patches: rasters for other programs, pictures for people, and where all of it comes from.</summary>
public sealed class ProductTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_Rasters_AreCloudOptimisedAndSayWhereTheyComeFrom()
    {
        using var pair = new SyntheticPair();
        using var result = await DetectAsync(pair);
        using var to = new ScratchFolder();
        var files = DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Rasters: true));
        files.Select(f => Path.GetFileName(f)).ShouldBe(["changes.geojson", "change-mask.tif", "quicklook.png", "summary.json", "change-cog.tif", "probability-cog.tif"]);
        Directory.GetFileSystemEntries(to.Path).Length.ShouldBe(6, "nothing of the work is left");
        using var mask = RasterDataset.Open(Path.Combine(to.Path, "change-mask.tif"));
        foreach (var name in new[] { "change-cog.tif", "probability-cog.tif" })
        {
            using var cog = RasterDataset.Open(Path.Combine(to.Path, name));
            cog.Metadata("IMAGE_STRUCTURE")["LAYOUT"].ShouldBe("COG");
            cog.Transform.ShouldBe(mask.Transform);
            cog.GetBand(1).NoData.ShouldBe(255);
            var said = cog.Metadata();
            said["MONITORING_CHANGE_SET"].ShouldBe(result.Changes.Id);
            said["MONITORING_BEFORE_CONTENT_HASH"].ShouldBe(result.Request.Baseline.ContentHash);
            said["MONITORING_PARAMETERS"].ShouldContain("floor 2");
        }

        using var change = RasterDataset.Open(Path.Combine(to.Path, "change-cog.tif"));
        Pixels(change).ShouldBe(Pixels(mask));
    }

    [Theory]
    [InlineData(12, 308, 2, "a strip is not enlarged to any length")]
    [InlineData(24, 24, 27, "a few pixels fill a panel")]
    [InlineData(391, 408, 2, "a small scene is enlarged")]
    [InlineData(785, 800, 1, "what fills a panel is left")]
    [InlineData(800, 1, 1, "a line of pixels is left")]
    public void Quicklook_Zoom_KeepsPanelsWithinTheirSize(int width, int height, int expected, string because)
    {
        Quicklook.Zoom(width, height).ShouldBe(expected, because);
        (height * expected).ShouldBeLessThanOrEqualTo(900);
    }

    [Theory]
    [InlineData(0, 0, "No change found, 2016 → 2017")]
    [InlineData(1, 0.2589, "Change 2016 → 2017: 1 area, 2589 m²")]
    [InlineData(17, 9.84, "Change 2016 → 2017: 17 areas, 9.8 ha")]
    [InlineData(900, 12345.67, "Change 2016 → 2017: 900 areas, 12,345.7 ha")]
    public void Quicklook_Title_SaysWhatWasFound(int areas, double hectares, string expected) => Lettering.Title("2016 → 2017", areas, hectares).ShouldBe(expected);

    [Fact]
    public void Quicklook_KindsOfChange_GoOnInTheNextLine()
    {
        string[] kinds = ["built-up 92", "water 14", "other 10", "vegetation-gain 5"];
        Lettering.Wrapped(kinds, 30 * BitmapFont.Advance, 1, 2).ShouldBe(["built-up 92, water 14,", "other 10, vegetation-gain 5"]);
        Lettering.Wrapped(kinds, 15 * BitmapFont.Advance, 1, 2).ShouldBe(["built-up 92,", "water 14, other 10, vegetation-gain 5"], "the last line is cut where it is written");
        Lettering.Wrapped([], 100, 1, 2).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(400, "not observed (no data, cloud, shadow)")]
    [InlineData(204, "not observed (cloud, no data)")]
    [InlineData(150, "not observed")]
    [InlineData(48, "not ob..")]
    public void Quicklook_LegendOfANarrowPanel_StaysWithinIt(int width, string expected)
    {
        Lettering.NotObserved(width, 1).ShouldBe(expected);
        (expected.Length * BitmapFont.Advance).ShouldBeLessThanOrEqualTo(width);
    }

    [Fact]
    public async Task Write_Probability_IsAHalfAtTheThresholdAndRisesWithTheScore()
    {
        using var pair = new SyntheticPair();
        using var result = await DetectAsync(pair);
        using var to = new ScratchFolder();
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Rasters: true));
        using var file = RasterDataset.Open(Path.Combine(to.Path, "probability-cog.tif"));
        var probability = Pixels(file);
        var scores = new byte[probability.Length];
        result.Scores!.Read<byte>(new PixelWindow(0, 0, SyntheticPair.Width, SyntheticPair.Height), scores);
        var threshold = (int)Math.Round(result.Changes.Statistics["threshold"] * 16);
        var steps = ProductRasters.StepsOf(result);
        (steps[threshold] / 254.0).ShouldBe(0.5, 0.003);
        steps.Take(255).ShouldBe(steps.Take(255).Order());
        probability.ShouldBe([.. scores.Select(s => steps[s])]);
        file.GetBand(1).Scale.ShouldBe(1 / 254.0);
        var (x, y, w, h) = SyntheticPair.Building;
        probability[((y + (h / 2)) * SyntheticPair.Width) + x + (w / 2)].ShouldBeGreaterThan((byte)200);
    }

    [Fact]
    public async Task Write_ChipsOverAFolderOfSomebodyElse_IsRefusedAndLeavesIt()
    {
        using var pair = new SyntheticPair();
        using var result = await DetectAsync(pair);
        using var to = new ScratchFolder();
        var chips = Directory.CreateDirectory(Path.Combine(to.Path, "chips")).FullName;
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 5));
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 5));
        File.Delete(Path.Combine(chips, "chips.json"));
        Should.Throw<ImageryException>(() => DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 5))).Message.ShouldContain(chips);
        File.Exists(Path.Combine(chips, "001-before.png")).ShouldBeTrue();
    }

    [Fact]
    public async Task Write_Chips_ShowThePatchAtItsPlace()
    {
        using var pair = new SyntheticPair();
        using var result = await DetectAsync(pair);
        using var to = new ScratchFolder();
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 5));
        var chips = Path.Combine(to.Path, "chips");
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(chips, "chips.json"), Token));
        var entry = list.RootElement.EnumerateArray().ShouldHaveSingleItem();
        entry.GetProperty("patch").GetString().ShouldBe(result.Changes.Patches[0].Id);
        using var before = RasterDataset.Open(Path.Combine(chips, "001-before.png"));
        using var after = RasterDataset.Open(Path.Combine(chips, "001-after.png"));
        File.Exists(Path.Combine(chips, "001-after.wld")).ShouldBeTrue();
        using var crs = after.GetSpatialReference();
        crs!.Epsg.ShouldBe(32650);

        // The middle of the building, found through the world file: white roof after, field before.
        var (bx, by, w, h) = SyntheticPair.Building;
        var (x, y) = after.Transform!.Value.Invert().Apply(500_000 + (10 * (bx + (w / 2.0))), 3_400_000 - (10 * (by + (h / 2.0))));
        Brightness(after, (int)x, (int)y).ShouldBeGreaterThan(230);
        Brightness(before, (int)x, (int)y).ShouldBeLessThan(200);

        // Its left edge is drawn.
        var (ex, _) = after.Transform!.Value.Invert().Apply(500_000 + (10 * bx), 0);
        Enumerable.Range((int)ex - 12, 25).Any(at => IsChangeInk(after, at, (int)y)).ShouldBeTrue();
        after.Metadata()["Description"].ShouldContain(result.Changes.Id);
    }

    [Fact]
    public async Task Write_FewerChipsThanPatches_TakesTheHighestScoresAndLeavesNoneOfBefore()
    {
        using var pair = new SyntheticPair();

        // Lines of missing pixels cut the building into pieces.
        using var result = await DetectAsync(pair, new PairOptions { LeastPixels = 1, LeastSquareMeters = 0 }, (x, _) => x % 4 == 3);
        using var to = new ScratchFolder();
        result.Changes.Patches.Count.ShouldBeGreaterThanOrEqualTo(3);
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 3));
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, new ProductOptions(Chips: 2));
        var chips = Path.Combine(to.Path, "chips");
        Directory.GetFiles(chips, "*.png").Length.ShouldBe(4);
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(chips, "chips.json"), Token));
        list.RootElement.EnumerateArray().Select(e => e.GetProperty("score").GetDouble()).ShouldBe(result.Changes.Patches.Select(p => p.Score).OrderDescending().Take(2));
    }

    [Fact]
    public async Task Write_Twice_GivesTheSameBytes()
    {
        using var pair = new SyntheticPair();
        var options = new ProductOptions(Rasters: true, Chips: 3);
        using var one = new ScratchFolder();
        using var two = new ScratchFolder();
        foreach (var to in new[] { one, two })
        {
            using var result = await DetectAsync(pair);
            DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token, options);
        }

        var files = Directory.GetFiles(one.Path, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(one.Path, f)).Where(f => f != "summary.json").ToList();
        files.Count.ShouldBeGreaterThan(8);
        foreach (var file in files)
        {
            File.ReadAllBytes(Path.Combine(two.Path, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(one.Path, file))).ShouldBeTrue(file);
        }
    }

    [Fact]
    public async Task Summary_AnyRun_NamesInputsVersionsAndParameters()
    {
        using var pair = new SyntheticPair();
        using var result = await DetectAsync(pair);
        using var to = new ScratchFolder();
        DetectOutputs.Write(result, to.Path, null, TimeProvider.System, null, Token);
        Directory.GetFileSystemEntries(to.Path).Length.ShouldBe(4, "products are asked for, not given");
        using var summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to.Path, "summary.json"), Token));
        var said = summary.RootElement.GetProperty("provenance");
        said.GetProperty("after_content_hash").GetString().ShouldBe(result.Request.Current.ContentHash);
        said.GetProperty("parameters").GetString().ShouldBe(result.Request.Options.Fingerprint);
        said.GetProperty("gdal").GetString().ShouldBe(GdalLibrary.Version);
        summary.RootElement.GetProperty("products").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData(1234, 1000)]
    [InlineData(999, 500)]
    [InlineData(2.4, 2)]
    [InlineData(0.07, 0.05)]
    public void ScaleBar_AnyRoom_HasARoundLength(double most, double length) => Canvas.RoundLength(most).ShouldBe(length, 1e-12);

    private static async Task<PairResult> DetectAsync(SyntheticPair pair, PairOptions? options = null, Func<int, int, bool>? missing = null) =>
        await PairDetector.DetectAsync(
            new PairRequest(pair.Write("before", 1, false), pair.Write("after", 2, true, missing: missing), options ?? new PairOptions()) { KeepScores = true }, TimeProvider.System, null, Token);

    private static byte[] Pixels(RasterDataset file)
    {
        var pixels = new byte[file.Width * file.Height];
        file.Read<byte>(1, file.FullWindow, pixels);
        return pixels;
    }

    private static byte[] Rgb(RasterDataset file, int x, int y)
    {
        var pixel = new byte[3];
        file.Read<byte>([1, 2, 3], new PixelWindow(x, y, 1, 1), 1, 1, pixel);
        return pixel;
    }

    private static double Brightness(RasterDataset file, int x, int y) => Rgb(file, x, y).Average(v => (double)v);

    private static bool IsChangeInk(RasterDataset file, int x, int y) => Rgb(file, x, y) is [255, 64, 32];
}
