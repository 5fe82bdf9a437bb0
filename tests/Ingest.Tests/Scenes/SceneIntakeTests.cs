using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

public sealed class SceneIntakeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_CopiesIntoTheStoreAndCatalogues()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Folder["mine/pass.tif"], 7);
        var item = SceneFiles.Write(world.Folder["mine/pass.json"], SceneFiles.Item("pass-1", "./pass.tif"));

        var result = await world.Intake().AddAsync(item, "cli:me", Cancel);

        result.ShouldBe(new Domain.Intake.SceneIntakeResult("pass-1", false, null));
        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Assets[0].Path.ShouldStartWith(world.Options.Store);
        File.Exists(scene.Assets[0].Path).ShouldBeTrue();
        File.Exists(world.Folder["mine/pass.tif"]).ShouldBeTrue();

        (await world.Intake().AddAsync(item, "cli:me", Cancel)).AlreadyThere.ShouldBeTrue();
        world.Catalogue.Scenes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_OtherContentUnderTheSameId_IsRefused()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Folder["a/pass.tif"], 7, seed: 1);
        SceneFiles.Raster(world.Folder["b/pass.tif"], 7, seed: 2);
        var first = SceneFiles.Write(world.Folder["a/pass.json"], SceneFiles.Item("pass-1", "./pass.tif"));
        var second = SceneFiles.Write(world.Folder["b/pass.json"], SceneFiles.Item("pass-1", "./pass.tif"));
        await world.Intake().AddAsync(first, "me", Cancel);
        (await world.Intake().AddAsync(second, "me", Cancel)).Problem!.ShouldContain("another id");
    }

    [Fact]
    public async Task Add_TwoAssetsOfOneNameFromElsewhere_IsRefusedAndNothingIsStored()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Folder["a/pass.tif"], 7, seed: 1);
        SceneFiles.Raster(world.Folder["b/pass.tif"], 7, seed: 2);
        var made = SceneFiles.Item("pass-1", "../a/pass.tif");
        var second = made["assets"]!["data"]!.DeepClone();
        second["href"] = "../b/pass.tif";
        made["assets"]!["other"] = second;
        Directory.CreateDirectory(world.Folder["c"]);
        var item = SceneFiles.Write(world.Folder["c/pass.json"], made);

        (await world.Intake().AddAsync(item, "me", Cancel)).Problem!.ShouldContain("would both lie there as pass.tif; rename one of them");
        world.Catalogue.Scenes.ShouldBeEmpty();
        Directory.GetDirectories(world.Options.Store).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inbox_ItemRenamedInLast_IsMovedToTheStore()
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        await world.SettleAsync();

        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Id.ShouldBe("pass-1");
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
        Directory.GetFileSystemEntries(world.Options.Rejected).ShouldBeEmpty();
        File.Exists(scene.Assets[0].Path).ShouldBeTrue();
    }

    [Fact]
    public async Task Inbox_FileStillGrowing_WaitsUntilItIsQuietForTheSettlingTime()
    {
        using var world = new SceneWorld();
        var path = SceneFiles.Raster(world.Inbox("x_20260430.tif"));
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        await File.WriteAllBytesAsync(path, whole[..1000], Cancel);
        await world.LookAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(4));
        await File.WriteAllBytesAsync(path, whole, Cancel);
        await world.LookAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(4));
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldBeEmpty();
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Inbox_RasterBeforeItsItem_WaitsForIt()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Inbox("pass.tif"), 7);
        SceneFiles.Write(world.Inbox("pass.json.part"), SceneFiles.Item("pass-1", "pass.tif"));
        await world.LookAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(3));
        await world.LookAsync();
        File.Move(world.Inbox("pass.json.part"), world.Inbox("pass.json"));
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Id.ShouldBe("pass-1");
        Directory.GetFileSystemEntries(world.Options.Rejected).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inbox_ItemBeforeItsRaster_WaitsAndThenGivesUp()
    {
        using var world = new SceneWorld();
        SceneFiles.Write(world.Inbox("pass.json"), SceneFiles.Item("pass-1", "pass.tif"));
        await world.SettleAsync();
        File.Exists(world.Inbox("pass.json")).ShouldBeTrue();
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        await world.LookAsync();
        (await File.ReadAllTextAsync(Path.Combine(world.Options.Rejected, "pass.json.reason.txt"), Cancel)).ShouldContain("does not exist; deliver the file first");
    }

    [Fact]
    public async Task Inbox_BadFile_IsRejectedWithItsReasonAndTheNextIsTaken()
    {
        using var world = new SceneWorld();
        world.Folder.Write("scenes/inbox/a_20260430.tif", "nonsense");
        world.Deliver("pass-1");
        await world.SettleAsync();
        (await File.ReadAllTextAsync(Path.Combine(world.Options.Rejected, "a_20260430.tif.reason.txt"), Cancel)).ShouldContain("cannot be read as a raster");
        File.Exists(Path.Combine(world.Options.Rejected, "a_20260430.tif")).ShouldBeTrue();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Inbox_FolderOfBands_IsTakenWhole()
    {
        using var world = new SceneWorld();
        foreach (var band in new[] { "B02", "B03", "B04", "B08" })
            SceneFiles.Raster(world.Inbox($"T50SQB_20240501/T50SQB_20240501T023551_{band}.tif"), 1);
        world.Folder.Write("scenes/inbox/T50SQB_20240501/notes.md", "kept");
        await world.SettleAsync();
        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Assets.ShouldAllBe(a => File.Exists(a.Path) && a.Path.StartsWith(world.Options.Store));
        File.Exists(Path.Combine(Path.GetDirectoryName(scene.Assets[0].Path)!, "notes.md")).ShouldBeTrue();
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inbox_SameSceneAgain_IsPutAsideWithThatReason()
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        await world.SettleAsync();
        world.Deliver("pass-1");
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
        (await File.ReadAllTextAsync(Path.Combine(world.Options.Rejected, "pass-1.tif.reason.txt"), Cancel)).ShouldContain("in the catalogue already");
    }

    [Fact]
    public async Task Inbox_CatalogueDown_KeepsTheSceneAndCataloguesItLater()
    {
        using var world = new SceneWorld();
        world.Catalogue.IsDown = true;
        world.Deliver("pass-1");
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldBeEmpty();
        Directory.GetFileSystemEntries(world.Options.Rejected).ShouldBeEmpty();
        world.Catalogue.IsDown = false;
        await world.LookAsync();
        File.Exists(world.Catalogue.Scenes.ShouldHaveSingleItem().Assets[0].Path).ShouldBeTrue();
    }

    /// <summary>The power goes at every step in turn; after the restart the scene is there once, with all its files, and nothing lies about.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inbox_PowerCutAtAnyStep_EndsWithTheSceneInTheCatalogueOnce(bool folder)
    {
        var cuts = 0;
        for (var at = 0; ; at++)
        {
            using var world = new SceneWorld();
            if (folder)
            {
                foreach (var band in new[] { "B02", "B03", "B04" })
                    SceneFiles.Raster(world.Inbox($"T50SQB_20240501/T50SQB_20240501T023551_{band}.tif"), 1);
            }
            else
            {
                world.Deliver("pass-1");
            }

            var step = 0;
            var wasCut = false;
            world.Step = name =>
            {
                if (step++ != at)
                    return;
                wasCut = true;
                throw new PowerCutException(name);
            };
            try
            {
                await world.SettleAsync();
            }
            catch (PowerCutException)
            {
                cuts++;
            }

            world.Restart();
            await world.SettleAsync();

            var scene = world.Catalogue.Scenes.ShouldHaveSingleItem($"cut at step {at}");
            scene.Assets.ShouldAllBe(a => File.Exists(a.Path));
            Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty($"cut at step {at}");
            Directory.GetFileSystemEntries(world.Options.Rejected).ShouldBeEmpty($"cut at step {at}");
            Directory.GetDirectories(world.Options.Store).ShouldHaveSingleItem();
            if (!wasCut)
                break;
        }

        cuts.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task Watcher_OnTheRealFileSystem_TakesARenamedItemWithoutWaitingForTheSettlingTime()
    {
        using var world = new SceneWorld(TimeSpan.FromHours(1));
        using var watcher = world.Watcher(TimeProvider.System);
        await watcher.StartAsync(Cancel);
        SceneFiles.Raster(world.Inbox("pass.tif.part"), 7);
        SceneFiles.Write(world.Inbox("pass.json.part"), SceneFiles.Item("pass-1", "pass.tif"));
        await watcher.UntilAsync(() => Directory.Exists(world.Options.Store));
        File.Move(world.Inbox("pass.tif.part"), world.Inbox("pass.tif"));
        File.Move(world.Inbox("pass.json.part"), world.Inbox("pass.json"));
        await world.Catalogue.UntilAsync(static n => n == 1);
        await watcher.StopAsync(Cancel);
    }
}
