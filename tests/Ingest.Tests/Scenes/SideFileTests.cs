using Microsoft.Extensions.Time.Testing;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>What lies beside a raster goes where the raster goes, at once; a mask, a world file and a CRS beside it are part of it.</summary>
public sealed class SideFileTests
{
    private const string Corner = "10\n0\n0\n-10\n500005\n3599995\n";

    [Fact]
    public async Task Inbox_RasterWithSideFiles_TakesWhatIsReadAndSetsTheRestAside()
    {
        using var world = new SceneWorld();
        Bare(world.Inbox("pass_20260430.tif"), masked: true);
        world.Folder.Write("scenes/inbox/pass_20260430.tfw", Corner);
        world.Folder.Write("scenes/inbox/pass_20260430.prj", Cgcs());
        world.Folder.Write("scenes/inbox/pass_20260430.tif.ovr", "no matter");
        world.Folder.Write("scenes/inbox/pass_20260430.tif.aux.xml", "<PAMDataset/>");
        await world.SettleAsync();

        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Grid.Transform.ShouldBe([500_000, 10, 0, 3_600_000, 0, -10]);
        scene.ValidShare!.Value.ShouldBe(0.5, 0.02);
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty("nothing waits for anything");
        var home = Path.GetDirectoryName(scene.Assets.ShouldHaveSingleItem().Path)!;
        Directory.GetFiles(home).Select(Path.GetFileName).Where(f => !f!.StartsWith('.')).Order(StringComparer.Ordinal)
            .ShouldBe(["pass_20260430.prj", "pass_20260430.tfw", "pass_20260430.tif", "pass_20260430.tif.msk"]);
        using var stored = ClosedRaster.OpenStored(scene.Assets[0].Path);
        stored.GetBand(1).Mask.ShouldBe(MaskSources.PerDataset);
        world.Reasons.Count.ShouldBe(2);
        world.Reasons.ShouldAllBe(r => r.Contains(scene.Id) && r.Contains("are not read"));
    }

    [Fact]
    public async Task Inbox_RasterThatIsRefused_TakesItsSideFilesAlong()
    {
        using var world = new SceneWorld();
        world.Folder.Write("scenes/inbox/bad_20260430.tif", "no raster");
        world.Folder.Write("scenes/inbox/bad_20260430.tif.ovr", "no matter");
        world.Folder.Write("scenes/inbox/bad_20260430.tfw", Corner);
        world.Folder.Write("scenes/inbox/badly_20260430.tfw", Corner);
        await world.SettleAsync();
        Directory.GetFileSystemEntries(world.Options.Inbox).Select(Path.GetFileName).ShouldBe(["badly_20260430.tfw"], "it is of another raster, which may come");
        world.Reasons.Count.ShouldBe(3);
        world.Reasons.Count(r => r.StartsWith("It lay beside bad_20260430.tif, which was refused: ", StringComparison.Ordinal)).ShouldBe(2);
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await world.LookAsync();
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
        world.Reasons.ShouldContain(r => r.StartsWith("No raster in the inbox belongs to this file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inbox_MaskStillBeingCopied_IsWaitedFor()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Inbox("pass_20260430.tif"));
        await world.LookAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(4));
        world.Folder.Write("scenes/inbox/pass_20260430.tif.msk", "II*");
        await world.LookAsync();
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldBeEmpty();
        File.Delete(world.Inbox("pass_20260430.tif.msk"));
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
    }

    /// <summary>A large raster takes longer to copy than a side file may wait for one that does not come.</summary>
    [Fact]
    public async Task Inbox_SideFilesBeforeARasterThatIsLongInComing_WaitForIt()
    {
        using var world = new SceneWorld();
        world.Folder.Write("scenes/inbox/pass_20260430.tfw", Corner);
        world.Folder.Write("scenes/inbox/pass_20260430.prj", Cgcs());
        for (var second = 0; second < 120; second += 3)
        {
            world.Folder.Write("scenes/inbox/pass_20260430.tif", new string('x', second + 1));
            await world.LookAsync();
            world.Clock.Advance(TimeSpan.FromSeconds(3));
        }

        world.Reasons.ShouldBeEmpty();
        Bare(world.Inbox("pass_20260430.tif"), masked: false);
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Grid.Transform.ShouldBe([500_000, 10, 0, 3_600_000, 0, -10]);
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public void Read_SameRasterWithAndWithoutMask_AreTwoContents()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        var without = Read(path).Scene!;
        Mask(path, 64);
        var with = Read(path).Scene!;
        with.ContentHash.ShouldNotBe(without.ContentHash);
        with.Assets[0].Sha256.ShouldBe(without.Assets[0].Sha256);
        Read(path).Files.Select(Path.GetFileName).ShouldBe(["x_20260430.tif", "x_20260430.tif.msk"]);
    }

    [Theory]
    [InlineData("another size", "has another size than the raster whose mask it is")]
    [InlineData("cut off", "cannot be read")]
    [InlineData("names another file", "names another file to read its overviews from")]
    public void Mask_ThatIsNone_IsOneSentence(string fault, string part)
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        Mask(path, 64);
        var mask = path + ".msk";
        if (fault == "another size")
        {
            SceneFiles.Raster(folder["y.tif"], 1, size: 32);
            File.Move(folder["y.tif"], mask, overwrite: true);
        }
        else if (fault == "cut off")
        {
            File.WriteAllBytes(mask, File.ReadAllBytes(mask)[..8]);
        }
        else
        {
            using var file = RasterDataset.Open(mask, new() { Update = true });
            file.SetMetadata("OVERVIEW_FILE", folder["secret.tif"], "OVERVIEWS");
        }

        var problem = Read(path).Problem.ShouldNotBeNull();
        problem.ShouldContain(part);
        problem.ShouldEndWith(".");
    }

    [Fact]
    public void Mask_ThatIsARecipe_IsNotOpened()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        folder.Write("x_20260430.tif.msk", "<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"/>");
        Read(path).Files.Select(Path.GetFileName).ShouldBe(["x_20260430.tif"]);
        using var open = ClosedRaster.Open(path);
        open.GetBand(1).Mask.HasFlag(MaskSources.PerDataset).ShouldBeFalse();
    }

    [Fact]
    public void CrsBeside_IsReadInEsrisSpellingAndOnlyWhereTheRasterSaysNone()
    {
        using var folder = new TempFolder();
        var path = Bare(folder["x_20260430.tif"], masked: false);
        folder.Write("x_20260430.tfw", Corner);
        Read(path).Problem!.ShouldContain("does not say which CRS");
        folder.Write("x_20260430.prj", Cgcs());
        var scene = Read(path).Scene.ShouldNotBeNull();
        using (var crs = SpatialReference.Parse(scene.Grid.CrsWkt))
        using (var wanted = SpatialReference.FromEpsg(4549))
            crs.IsSame(wanted).ShouldBeTrue();
        folder.Write("x_20260430.prj", "no CRS");
        Read(path).Problem!.ShouldContain("holds no CRS that can be read");
        folder.Write("x_20260430.prj", new string(' ', 100_000));
        Read(path).Problem!.ShouldContain("a CRS has at most 65536");
        var own = SceneFiles.Raster(folder["y_20260430.tif"]);
        folder.Write("y_20260430.prj", "no CRS");
        Read(own).Problem.ShouldBeNull();
    }

    private static SceneReading Read(string path) => new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Confined = true });

    private static string Cgcs()
    {
        using var crs = SpatialReference.FromEpsg(4549);
        return crs.ToWkt(WktFormat.Esri);
    }

    /// <summary>A raster that does not say where it is; the left half is masked out.</summary>
    private static string Bare(string path, bool masked)
    {
        SceneFiles.Raster(path, epsg: null, pixel: 0);
        if (masked)
            Mask(path, 64);
        return path;
    }

    private static void Mask(string path, int size)
    {
        using var file = RasterDataset.Open(path, new() { Update = true });
        file.CreateMask();
        file.WriteMask(file.FullWindow, [.. Enumerable.Range(0, size * size).Select(i => i % size < size / 2 ? (byte)0 : (byte)255)]);
    }
}
