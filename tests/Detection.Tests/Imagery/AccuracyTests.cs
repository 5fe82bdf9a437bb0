using System.Text.Json;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Output;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Accuracy on labelled real scenes, with the defaults and no parameter per scene. The bars are those of the project's issues.</summary>
public sealed class AccuracyTests
{
    private static readonly string[] Cities = ["rennes", "abudhabi", "bordeaux", "aguasclaras", "paris"];

    [Fact]
    public async Task Taizhou_Defaults_ReachesF1Of093()
    {
        var (before, after, label) = RealScenes.Taizhou();
        var (tp, fp, fn) = await CountAsync(before, after, label);
        var f1 = F1(tp, fp, fn);
        TestContext.Current.TestOutputHelper?.WriteLine($"precision {tp / (double)(tp + fp):F3} recall {tp / (double)(tp + fn):F3} F1 {f1:F3}");
        f1.ShouldBeGreaterThanOrEqualTo(0.93);
    }

    [Fact]
    public async Task Oscd_Defaults_ReachesMeanAndPooledF1()
    {
        double sum = 0;
        long tps = 0, fps = 0, fns = 0;
        foreach (var city in Cities)
        {
            var (before, after, label) = RealScenes.Oscd(city);
            var (tp, fp, fn) = await CountAsync(before, after, label);
            TestContext.Current.TestOutputHelper?.WriteLine($"{city}: precision {tp / (double)(tp + fp):F3} recall {tp / (double)(tp + fn):F3} F1 {F1(tp, fp, fn):F3}");
            sum += F1(tp, fp, fn);
            (tps, fps, fns) = (tps + tp, fps + fp, fns + fn);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"mean {sum / Cities.Length:F3} pooled {F1(tps, fps, fns):F3}");
        (sum / Cities.Length).ShouldBeGreaterThanOrEqualTo(0.30);
        F1(tps, fps, fns).ShouldBeGreaterThanOrEqualTo(0.30);
    }

    [Fact]
    public async Task Outputs_RealPair_LieOnTheLabelsAndHoldTogether()
    {
        var (before, after, label) = RealScenes.Oscd("rennes");
        using var folder = new ScratchFolder();
        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, new PairOptions()), TimeProvider.System, null, TestContext.Current.CancellationToken);
        DetectOutputs.Write(result, folder.Path, null, TimeProvider.System, null, TestContext.Current.CancellationToken);

        // The mask lies on the grid of the first scene's finest band.
        using var mask = RasterDataset.Open(Path.Combine(folder.Path, "change-mask.tif"));
        (mask.Width, mask.Height).ShouldBe((before.Grid.Width, before.Grid.Height));
        var transform = mask.Transform!.Value;
        transform.OriginX.ShouldBe(before.Grid.Transform[0], 1e-9);
        var pixels = new byte[mask.Width * mask.Height];
        mask.Read<byte>(1, mask.FullWindow, pixels);
        pixels.ShouldAllBe(p => p == 0 || p == 1 || p == 255);

        // Every polygon lies over changed pixels of the mask, and its geodesic area is that of its pixels.
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "changes.geojson"), TestContext.Current.CancellationToken));
        var features = json.RootElement.GetProperty("features").EnumerateArray().ToList();
        features.Count.ShouldBe(result.Changes.Patches.Count);
        long changed = pixels.Count(p => p == 1);
        features.Sum(f => f.GetProperty("properties").GetProperty("pixels").GetInt64()).ShouldBe(changed);
        var labelled = 0;
        foreach (var patch in result.Changes.Patches)
        {
            var inside = patch.Outline.Shape.InteriorPoint;
            int x = (int)((inside.X - transform.OriginX) / transform.PixelWidth), y = (int)((inside.Y - transform.OriginY) / transform.PixelHeight);
            pixels[(y * mask.Width) + x].ShouldBe((byte)1);
            (patch.Outline.AreaSquareMeters / patch.PixelCount).ShouldBe(patch.GsdMeters * patch.GsdMeters, 1);
            labelled += label[(y * mask.Width) + x] == 2 ? 1 : 0;
        }

        labelled.ShouldBeGreaterThan(features.Count / 4);
        new FileInfo(Path.Combine(folder.Path, "quicklook.png")).Length.ShouldBeGreaterThan(10_000);
        using var summary = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.Path, "summary.json"), TestContext.Current.CancellationToken));
        summary.RootElement.GetProperty("counts").GetProperty("patches").GetInt32().ShouldBe(features.Count);
    }

    [Fact]
    public async Task EveryChange_RealPair_TellsWhatTheModelDropsWithItsProbability()
    {
        var (before, after, _) = RealScenes.Oscd("rennes");
        using var usual = await PairDetector.DetectAsync(new PairRequest(before, after, new PairOptions()), TimeProvider.System, null, TestContext.Current.CancellationToken);
        using var every = await PairDetector.DetectAsync(
            new PairRequest(before, after, new PairOptions { Choice = ObjectChoice.Everything }), TimeProvider.System, null, TestContext.Current.CancellationToken);

        var all = every.Pixels.SelectMany(p => p).SelectMany(r => Enumerable.Range(r.From, r.Length).Select(x => (x, r.Row))).ToHashSet();
        usual.Pixels.SelectMany(p => p).SelectMany(r => Enumerable.Range(r.From, r.Length).Select(x => (x, r.Row))).ShouldAllBe(p => all.Contains(p));
        every.Changes.Patches.Count.ShouldBeGreaterThan(usual.Changes.Patches.Count);
        every.Changes.Patches.ShouldAllBe(p => Math.Abs(p.Score - p.Facts["urban_probability"]) < 1e-9);
        usual.Changes.Patches.Min(p => p.Score).ShouldBeGreaterThan(every.Changes.Patches.Min(p => p.Score));
        every.Changes.Id.ShouldNotBe(usual.Changes.Id);
    }

    private static async Task<(long Tp, long Fp, long Fn)> CountAsync(Scene before, Scene after, byte[] label)
    {
        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, new PairOptions()), TimeProvider.System, null, TestContext.Current.CancellationToken);
        var found = new bool[label.Length];
        foreach (var run in result.Pixels.SelectMany(p => p))
        {
            found.AsSpan((run.Row * before.Grid.Width) + run.From, run.Length).Fill(true);
        }

        long tp = 0, fp = 0, fn = 0;
        for (var i = 0; i < label.Length; i++)
        {
            switch (label[i], found[i])
            {
                case (2, true): tp++; break;
                case (1, true): fp++; break;
                case (2, false): fn++; break;
            }
        }

        return (tp, fp, fn);
    }

    private static double F1(long tp, long fp, long fn) => 2.0 * tp / ((2 * tp) + fp + fn);
}
