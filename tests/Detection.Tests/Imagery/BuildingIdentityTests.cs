using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>One building, seen by both detectors in consecutive months, is one site: from pixels to identity.</summary>
public sealed class BuildingIdentityTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Assign_PairAndSeriesPatchesOfOneBuilding_AreOneSite()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 12, built: i => i >= 4);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        List<ChangePatch> patches = [.. world.Sets.SelectMany(s => s.Patches)];
        patches.Count.ShouldBe(1, "the series tells it once");
        for (var i = 4; i < 12; i += 2)
        {
            patches.AddRange(await CompareAsync(world.Scenes[i % 3], world.Scenes[i]));
        }

        patches.Count.ShouldBe(5);
        patches.Select(p => p.Id).Distinct().Count().ShouldBe(5);
        Sites(patches).Distinct().Count().ShouldBe(1);
        Sites([.. patches.AsEnumerable().Reverse()]).Distinct().Count().ShouldBe(1);
    }

    /// <summary>Clouds hide the left half in one month and the right half in the next; what is seen of it is the same building.</summary>
    [Fact]
    public async Task Assign_HalvesUnderClouds_AreOneSite()
    {
        using var pair = new SyntheticPair();
        var (bx, _, w, _) = SyntheticPair.Building;
        var middle = bx + (w / 2);
        var before = pair.Write("before", 1, false, quality: (_, _) => 1, at: SeriesWorld.At(0));
        var left = pair.Write("left", 2, true, quality: (x, _) => x < middle ? 1 : 2, at: SeriesWorld.At(4));
        var right = pair.Write("right", 3, true, quality: (x, _) => x >= middle ? 1 : 2, at: SeriesWorld.At(8));
        var whole = pair.Write("whole", 4, true, quality: (_, _) => 1, at: SeriesWorld.At(12));
        List<ChangePatch> patches = [];
        foreach (var scene in new[] { left, right, whole })
        {
            patches.AddRange(await CompareAsync(before, scene));
        }

        patches.Count.ShouldBe(3);
        patches[0].PixelCount.ShouldBeLessThan(patches[2].PixelCount * 2 / 3);
        Sites(patches).Distinct().Count().ShouldBe(1);
    }

    private static async Task<IReadOnlyList<ChangePatch>> CompareAsync(Scene before, Scene after)
    {
        // Without the margin of cloud cells, which is wider than this building: the product's mask alone cuts it in half.
        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, new PairOptions { MaskClouds = false }), TimeProvider.System, null, Token);
        return result.Changes.Patches;
    }

    private static string[] Sites(IReadOnlyList<ChangePatch> patches)
    {
        var registry = new SiteRegistry(DetectionRules.Default.Judgement.Site);
        return [.. patches.Select(p =>
        {
            var site = registry.Assign(p);
            registry.Put(new JudgedPatch("set", p, site, null, Verdict.Review, [], 1, p.NotAfter));
            return site;
        })];
    }
}
