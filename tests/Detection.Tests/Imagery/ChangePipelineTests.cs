using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>What the river of scenes does with scenes, files and memory that are not as they should be.</summary>
public sealed class ChangePipelineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pipeline_SceneFileAwayForAWhile_IsWorkedWhenItIsBack()
    {
        using var pair = new SyntheticPair();
        var calm = new SeriesWorld(pair, 7, built: i => i >= 3);
        using (var folder = new ScratchFolder())
        {
            await calm.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        var world = new SeriesWorld(pair, 7, built: i => i >= 3);
        using var kept = new ScratchFolder();
        var pipeline = world.Pipeline(kept.Path);
        var file = world.Scenes[2].Assets[0].Path;
        File.Move(file, file + ".away");
        for (var i = 0; i < ScenePatience.Most - 1; i++)
        {
            await Should.ThrowAsync<GdalException>(() => pipeline.WorkOffAsync(Token));
            (await world.PositionAsync(ChangePipeline.Consumer, Token)).ShouldBe(2);
        }

        File.Move(file + ".away", file);
        await pipeline.WorkOffAsync(Token);
        world.Describe().ShouldBe(calm.Describe());
        world.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pipeline_SceneFileGone_IsSetAsideOnRecordAndTheRestGoesOn()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 7, built: i => i >= 3);
        using var folder = new ScratchFolder();
        var pipeline = world.Pipeline(folder.Path);
        File.Delete(world.Scenes[2].Assets[0].Path);
        for (var i = 0; i < ScenePatience.Most - 1; i++)
        {
            await Should.ThrowAsync<GdalException>(() => pipeline.WorkOffAsync(Token));
        }

        (await pipeline.WorkOffAsync(Token)).ShouldBe(5);
        (await world.PositionAsync(ChangePipeline.Consumer, Token)).ShouldBe(7);
        world.Acts.ShouldHaveSingleItem().Subject.ShouldBe(world.Scenes[2].Id);
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);

        // What was set aside does not block making the memory again either.
        using var empty = new ScratchFolder();
        world.Offered = 8;
        world.Scenes.Add(pair.Write("one-more", 9, true, quality: (_, _) => 1, at: SeriesWorld.At(8)));
        var again = world.Pipeline(empty.Path);
        for (var i = 0; i < ScenePatience.Most - 1; i++)
        {
            await Should.ThrowAsync<GdalException>(() => again.WorkOffAsync(Token));
        }

        (await again.WorkOffAsync(Token)).ShouldBe(1);
        world.Acts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Pipeline_ResultThatCannotBeStored_IsSetAsideAfterFiveTries()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 6, built: i => i >= 2) { Refused = (3, new OverflowException("More digits than the column holds.")) };
        using var folder = new ScratchFolder();
        var pipeline = world.Pipeline(folder.Path);
        for (var i = 0; i < ScenePatience.Most - 1; i++)
        {
            await Should.ThrowAsync<OverflowException>(() => pipeline.WorkOffAsync(Token));
        }

        (await pipeline.WorkOffAsync(Token)).ShouldBe(4);
        world.Acts.ShouldHaveSingleItem().Details.ShouldBe(
            """{"consumer":"imagery-pairs/scenes","problem":"More digits than the column holds.","sequence":"3"}""");
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);
    }

    [Fact]
    public void ScenePatience_DiskIsFull_NeverBlamesTheScene()
    {
        using var pair = new SyntheticPair();
        var scene = new CataloguedScene(1, pair.Write("a", 1, false));
        var patience = new ScenePatience();
        var missing = System.IO.Path.Combine(pair.Folder, "no-such-folder", "x.tif");
        var create = Should.Throw<GdalException>(() => RasterDataset.Create(missing, "GTiff", 10, 10, 1, PixelType.UInt8).Dispose());
        for (var i = 0; i < 3 * ScenePatience.Most; i++)
        {
            patience.IsOver(scene, [], create).ShouldBeFalse();
            patience.IsOver(scene, [], new IOException("No space left on device")).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Pipeline_SceneFromTheFuture_DoesNotEndItsSeries()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 9, built: i => i >= 5);
        var received = world.Scenes[2].ReceivedAt;
        world.Scenes[2] = world.Scenes[2] with { AcquiredAt = new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), ReceivedAt = received };
        world.Scenes[3] = world.Scenes[3] with { AcquiredAt = new DateTimeOffset(1901, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        using var folder = new ScratchFolder();
        (await world.Pipeline(folder.Path).WorkOffAsync(Token)).ShouldBe(9);
        world.Acts.Select(a => a.Subject).ShouldBe([world.Scenes[2].Id, world.Scenes[3].Id]);
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Kind.ShouldBe(ChangeKind.BuiltUp);
        world.Sets.SelectMany(s => s.Patches).Single().NotAfter.ShouldBe(SeriesWorld.At(5));
    }

    [Fact]
    public async Task Pipeline_MemoryDamaged_IsMadeAgain()
    {
        using var pair = new SyntheticPair();
        var calm = new SeriesWorld(pair, 8, built: i => i >= 3);
        using (var folder = new ScratchFolder())
        {
            await calm.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        var world = new SeriesWorld(pair, 8, built: i => i >= 3) { Offered = 5 };
        using var kept = new ScratchFolder();
        await world.Pipeline(kept.Path).WorkOffAsync(Token);
        foreach (var raster in Directory.GetFiles(kept.Path, "*.tif"))
        {
            await using var cut = new FileStream(raster, FileMode.Open);
            cut.SetLength(cut.Length / 3);
        }

        world.Offered = 8;
        var pipeline = world.Pipeline(kept.Path);
        await Should.ThrowAsync<SeriesMemoryException>(() => pipeline.WorkOffAsync(Token));
        await pipeline.WorkOffAsync(Token);
        world.Describe().ShouldBe(calm.Describe());
        world.Acts.ShouldBeEmpty();
    }

    /// <summary>A clip of a corner comes first; what whole scenes show of the rest is followed all the same.</summary>
    [Fact]
    public async Task Pipeline_FirstSceneIsASmallClip_RestOfTheGroundIsFollowedToo()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 8, built: i => i >= 4);
        world.Scenes[0] = Clip(world.Scenes[0], new PixelWindow(150, 120, 60, 50));
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        patch.NotBefore.ShouldBe(SeriesWorld.At(3));
        patch.NotAfter.ShouldBe(SeriesWorld.At(4));

        // The clip's own series got its looks from the whole scenes.
        world.Sets.Count(s => s.Statistics["looks"] == 8).ShouldBe(1);
    }

    /// <summary>A pass a year: the pair detector compares each with the one before, says why that one, and what differs from the year before.</summary>
    [Fact]
    public async Task Pipeline_APassAYear_TellsTheChoiceAndWhatDiffersFromLastTime()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 3, built: i => i >= 1);
        for (var i = 0; i < 3; i++)
        {
            world.Scenes[i] = world.Scenes[i] with { AcquiredAt = SeriesWorld.At(0).AddDays(365 * i), ReceivedAt = SeriesWorld.At(0).AddDays((365 * i) + 1) };
        }

        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var pairs = world.Sets.Where(s => s.DetectorId == "imagery-pair").ToList();
        pairs.Select(s => (s.BaselineSceneId, s.CurrentSceneId, s.Patches.Count)).ShouldBe([("pass-0", "pass-1", 1), ("pass-1", "pass-2", 0)]);
        pairs[0].Reasons.Select(r => r.Code).ShouldBe(["baseline-chosen"]);
        pairs[1].Reasons.Select(r => r.Code).ShouldBe(["baseline-chosen", "baseline-passed-over", "since-last-time"]);
        pairs[1].Reasons[0].Facts["same_season"].ShouldBe("true");
        pairs[1].Reasons[2].Facts.ShouldBe(new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["change_set"] = pairs[0].Id, ["grown"] = "0", ["new"] = "0", ["not_observed"] = "0", ["not_seen_again"] = "1", ["same"] = "0", ["scene"] = "pass-1",
        });

        // The first scene has nothing to be compared with, and says so.
        world.Sets.Single(s => s.CurrentSceneId == "pass-0").Reasons.Select(r => r.Facts["why"]).ShouldBe(["first-scene"]);
    }

    private static Scene Clip(Scene scene, PixelWindow window)
    {
        var path = scene.Assets[0].Path.Replace(".tif", "-clip.tif", StringComparison.Ordinal);
        using (var whole = RasterDataset.Open(scene.Assets[0].Path))
        {
            whole.TranslateTo(path, new TranslateOptions { Window = window });
        }

        return RealScenes.Of(scene.Id, [path], scene.AcquiredAt, [.. SyntheticPair.Names, ("qa", "quality")], scale: 0.0001, noData: 0);
    }
}
