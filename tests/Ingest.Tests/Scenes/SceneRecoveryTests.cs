using Monitoring.Ingest.Scenes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Scenes that are in the store when the power goes, and not yet in the catalogue.</summary>
public sealed class SceneRecoveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("file")]
    [InlineData("folder")]
    [InlineData("xml")]
    [InlineData("archive")]
    [InlineData("item")]
    public async Task Recover_SceneStoredAndNotCatalogued_IsCataloguedOnceUnderItsId(string kind)
    {
        using var calm = new SceneWorld();
        var expected = (await calm.Intake().AddAsync(Entry(calm, kind), "cli:me", Cancel)).SceneId.ShouldNotBeNull();

        using var world = new SceneWorld();
        var entry = Entry(world, kind);
        world.Step = step =>
        {
            if (step == "scene stored")
                throw new PowerCutException(step);
        };
        await Should.ThrowAsync<OperationCanceledException>(() => world.Intake().AddAsync(entry, "cli:me", Cancel));
        world.Catalogue.Scenes.ShouldBeEmpty();
        world.Restart();

        world.Deliver("later");
        await world.SettleAsync();
        world.Catalogue.Scenes.Select(s => s.Id).ShouldBe([expected, "later"]);
        File.Exists(Path.Combine(world.Options.Store, SceneStore.KeyOf(world.Catalogue.Scenes[0]), ".catalogued")).ShouldBeTrue();

        (await world.Intake().AddAsync(entry, "cli:me", Cancel)).AlreadyThere.ShouldBeTrue();
        world.Restart();
        await world.SettleAsync();
        world.Catalogue.Scenes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Recover_FolderThatHoldsAnotherScene_KeepsTheInboxOpenAndDoublesNothing()
    {
        using var world = new SceneWorld();
        world.Step = step =>
        {
            if (step == "scene stored")
                throw new PowerCutException(step);
        };
        await Should.ThrowAsync<OperationCanceledException>(() => world.Intake().AddAsync(Entry(world, "file"), "cli:me", Cancel));
        var home = Directory.GetDirectories(world.Options.Store).ShouldHaveSingleItem();
        Directory.Move(home, Path.Combine(world.Options.Store, new string('0', 64)));
        world.Restart();

        world.Deliver("later");
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Id.ShouldBe("later");
    }

    private static string Entry(SceneWorld world, string kind)
    {
        Directory.CreateDirectory(world.Folder["mine"]);
        switch (kind)
        {
            case "file":
                return SceneFiles.Raster(world.Folder["mine/pass_20260430.tif"], 7);
            case "item":
                SceneFiles.Raster(world.Folder["mine/pass.tif"], 7);
                return SceneFiles.Write(world.Folder["mine/pass.json"], SceneFiles.Item("pass-1", "./pass.tif"));
            default:
                var product = ProductFilesWritten.Sentinel2A(world.Folder["mine"]);
                return kind switch
                {
                    "folder" => product,
                    "xml" => Path.Combine(product, "MTD_MSIL2A.xml"),
                    _ => ProductFilesWritten.Zip(product),
                };
        }
    }
}
