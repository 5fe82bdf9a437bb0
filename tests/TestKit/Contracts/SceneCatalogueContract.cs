using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="ISceneCatalogue"/> and <see cref="IChangeStore"/> promise.</summary>
public abstract class SceneCatalogueContract : StoreContract
{
    [Fact]
    public async Task Add_Scene_IsReadBackWithAuditAndEvent()
    {
        var scene = An.Scene();
        (await Stores.Scenes.AddAsync(scene, "tester", Cancellation)).ShouldBeTrue();
        await Stores.ReopenAsync();

        var found = (await Stores.Scenes.FindAsync("S1", Cancellation)).ShouldNotBeNull();
        found.Sequence.ShouldBe(1);
        found.Scene.Bands.ShouldBe(scene.Bands);
        found.Scene.Assets.ShouldBe(scene.Assets);
        found.Scene.Grid.Transform.ShouldBe(scene.Grid.Transform);
        found.Scene.Footprint.Shape.EqualsExact(scene.Footprint.Shape).ShouldBeTrue();
        (found.Scene with { Bands = scene.Bands, Assets = scene.Assets, Grid = scene.Grid, Footprint = scene.Footprint }).ShouldBe(scene);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldHaveSingleItem().Entry.Action.ShouldBe("scene.add");
        Stores.Bus.Of<SceneArrived>().ShouldHaveSingleItem().Through.ShouldBe(1);
    }

    [Fact]
    public async Task Add_SameContentAgain_ChangesNothing()
    {
        await Stores.Scenes.AddAsync(An.Scene(), "tester", Cancellation);

        (await Stores.Scenes.AddAsync(An.Scene(), "tester", Cancellation)).ShouldBeFalse();
        (await Stores.Scenes.ReadAfterAsync(0, 10, Cancellation)).Count.ShouldBe(1);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_SameIdWithOtherContent_IsRefused()
    {
        await Stores.Scenes.AddAsync(An.Scene(), "tester", Cancellation);

        await Should.ThrowAsync<InvalidOperationException>(() => Stores.Scenes.AddAsync(An.Scene(content: "c2"), "tester", Cancellation));
        (await Stores.Scenes.FindAsync("S1", Cancellation))!.Scene.ContentHash.ShouldBe("c1");
    }

    [Fact]
    public async Task Query_ByBoxAndTime_NewestFirst()
    {
        await Stores.Scenes.AddAsync(An.Scene("late", 20), "tester", Cancellation);
        await Stores.Scenes.AddAsync(An.Scene("early", 0), "tester", Cancellation);
        await Stores.Scenes.AddAsync(An.Scene("elsewhere", 10, An.Square(100, 20)), "tester", Cancellation);

        (await Query(null, null, null)).ShouldBe(["late", "elsewhere", "early"]);
        (await Query(new Envelope(119, 121, 29, 31), null, null)).ShouldBe(["late", "early"]);
        (await Query(null, An.Epoch, An.Epoch.AddDays(10))).ShouldBe(["elsewhere", "early"]);
        (await Query(null, null, null, 1)).ShouldBe(["late"]);
        (await Stores.Scenes.ReadAfterAsync(1, 10, Cancellation)).Select(s => (s.Sequence, s.Scene.Id)).ShouldBe([(2, "early"), (3, "elsewhere")]);
    }

    [Fact]
    public async Task ChangeSets_Committed_AreReadBackAndSkippedTheSecondTime()
    {
        var set = An.ChangeSet("cs1", "S2", An.Patch("cs1-1"), An.Patch("cs1-2", An.Square(121, 31)));
        await Stores.Changes.CommitAsync([set], new Cursor("mad/scenes", 2), Cancellation);
        await Stores.Changes.CommitAsync([set, An.ChangeSet("cs2", "S3")], new Cursor("mad/scenes", 3), Cancellation);
        await Stores.ReopenAsync();

        var all = await Stores.Changes.ReadAfterAsync(0, 10, Cancellation);
        all.Select(c => (c.Sequence, c.ChangeSet.Id)).ShouldBe([(1, "cs1"), (2, "cs2")]);
        var read = all[0].ChangeSet;
        read.Patches.Select(p => p.Id).ShouldBe(["cs1-1", "cs1-2"]);
        read.Patches[1].Outline.Shape.EqualsExact(set.Patches[1].Outline.Shape).ShouldBeTrue();
        (read.Patches[0] with { Outline = set.Patches[0].Outline, Facts = set.Patches[0].Facts }).ShouldBe(set.Patches[0]);
        read.Patches[0].Facts["ndvi"].ShouldBe(-0.3);
        read.Statistics["threshold"].ShouldBe(3.2);
        (await Stores.Changes.FindAsync("cs2", Cancellation)).ShouldNotBeNull().Patches.ShouldBeEmpty();
        (await Stores.Changes.OfCurrentSceneAsync("S2", Cancellation)).ShouldHaveSingleItem().Id.ShouldBe("cs1");
        (await Stores.Cursors.PositionAsync("mad/scenes", Cancellation)).ShouldBe(3);
        Stores.Bus.Of<ChangesDetected>().Select(e => e.Through).ShouldBe([1, 2]);
    }

    private async Task<IEnumerable<string>> Query(Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit = 10) =>
        (await Stores.Scenes.QueryAsync(box, from, to, limit, Cancellation)).Select(s => s.Scene.Id);
}
