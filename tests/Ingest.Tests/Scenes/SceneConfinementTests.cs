using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>What strangers put into the inbox reads nothing but itself, stays what was hashed, and stops nobody else.</summary>
public sealed class SceneConfinementTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SceneReadOptions Confined => new() { Confined = true };

    private static SceneReader Reader() => new(new SceneOptions(), new FakeTimeProvider(Payload.Start));

    /// <summary>A recipe that names another raster, as a side file may hold it.</summary>
    private static string Recipe(string secret, int bands) =>
        $"""<VRTDataset rasterXSize="32" rasterYSize="32">{string.Concat(Enumerable.Range(1, bands).Select(b => $"""<VRTRasterBand dataType="UInt16" band="{b}"><SimpleSource><SourceFilename relativeToVRT="0">{secret}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"""))}</VRTDataset>""";

    [Theory]
    [InlineData(".ovr")]
    [InlineData(".aux.xml")]
    public void SideFile_ThatNamesAnotherFile_IsNotOpened(string ending)
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["secret.tif"], 6, size: 32);
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        folder.Write("x_20260430.tif" + ending, ending == ".ovr"
            ? Recipe(folder["secret.tif"], 6)
            : $"""<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{folder["secret.tif"]}</MDI></Metadata></PAMDataset>""");

        // GDAL by itself follows the name: without that the test would prove nothing.
        using (var open = RasterDataset.Open(path))
            open.Describe().Bands[0].Overviews.Count.ShouldBe(1);
        using (var closed = ClosedRaster.Open(path))
            closed.Describe().Bands[0].Overviews.Count.ShouldBe(0);
        using (var stored = ClosedRaster.OpenStored(path))
            stored.Describe().Bands[0].Overviews.Count.ShouldBe(0);
        var reading = Reader().Read(path, Confined);
        reading.Problem.ShouldBeNull();
        reading.Files.Select(Path.GetFileName).ShouldBe(["x_20260430.tif"]);
    }

    [Fact]
    public void MetadataOfTheRaster_ThatNamesAnotherFile_IsRefused()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["secret.tif"], 6, size: 32);
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        using (var file = RasterDataset.Open(path, new() { Update = true }))
            file.SetMetadata("OVERVIEW_FILE", folder["secret.tif"], "OVERVIEWS");
        File.Exists(path + ".aux.xml").ShouldBeFalse();

        Reader().Read(path, Confined).Problem!.ShouldContain("names another file to read its overviews from");
        Should.Throw<GdalException>(() => ClosedRaster.OpenStored(path)).Message.ShouldContain("OVERVIEWS");
    }

    [Theory]
    [InlineData("ENVI")]
    [InlineData("HFA")]
    public void Format_ThatIsNotClosed_IsTakenOfTheOperatorOnly(string driver)
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["x_20260430.img"], driver: driver);
        Reader().Read(path, Confined).Problem!.ShouldContain("takes GeoTIFF, JPEG 2000, PNG and JPEG");
        Reader().Read(path).Problem.ShouldBeNull();
    }

    /// <summary>The readers of stored scenes in other rooms; a file of the service's own (a history) may be opened by GDAL alone.</summary>
    [Fact]
    public void Sources_OpenScenes_ByClosedRasterOnly()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Monitoring.sln")))
            root = root.Parent.ShouldNotBeNull();
        string[] allowed = ["ClosedRaster.cs", "RasterSource.cs", "SeriesState.cs"];
        var source = Path.Combine(root.FullName, "src");
        var others = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !allowed.Contains(Path.GetFileName(f)))
            .Where(f => File.ReadAllText(f).Contains("RasterDataset.Open(", StringComparison.Ordinal));
        others.ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_OfTheOperatorsOtherFormat_KeepsItsSideFiles()
    {
        using var world = new SceneWorld();
        var path = SceneFiles.Raster(world.Folder["mine/x_20260430.img"], driver: "ENVI");
        world.Folder.Write("mine/x_20260430.img.aux.xml", "<PAMDataset/>");
        (await world.Intake().AddAsync(path, "me", Cancel)).Problem.ShouldBeNull();
        var stored = world.Catalogue.Scenes.ShouldHaveSingleItem().Assets[0].Path;
        Directory.GetFiles(Path.GetDirectoryName(stored)!).Select(Path.GetFileName).ShouldContain("x_20260430.img.aux.xml");
        using var dataset = ClosedRaster.OpenStored(stored);
        dataset.Driver.ShouldBe("ENVI");
    }

    [Fact]
    public async Task Inbox_SideFilesOfARaster_AreNotStored()
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        world.Folder.Write("scenes/inbox/pass-1.tif.ovr", Recipe(world.Folder["secret.tif"], 7));
        foreach (var band in new[] { "B02", "B03" })
            SceneFiles.Raster(world.Inbox($"T50SQB_20240501/T50SQB_20240501T023551_{band}.tif"), 1);
        world.Folder.Write("scenes/inbox/T50SQB_20240501/T50SQB_20240501T023551_B02.tif.msk", Recipe(world.Folder["secret.tif"], 1));

        await world.SettleAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await world.LookAsync();

        world.Catalogue.Scenes.Count.ShouldBe(2);
        Directory.GetFiles(world.Options.Store, "*", SearchOption.AllDirectories).ShouldNotContain(f => f.EndsWith(".ovr", StringComparison.Ordinal) || f.EndsWith(".msk", StringComparison.Ordinal));
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
        world.Reasons.Count.ShouldBe(2);
        world.Reasons.ShouldAllBe(r => r.Contains("not read"));
    }

    [Fact]
    public async Task Inbox_RasterWithWorldFile_IsPlacedByIt()
    {
        using var world = new SceneWorld();
        SceneFiles.Raster(world.Inbox("pass.tif"), 7, epsg: null, pixel: 0);
        world.Folder.Write("scenes/inbox/pass.tfw", "10\n0\n0\n-10\n500005\n3599995\n");
        SceneFiles.Write(world.Inbox("pass.json"), SceneFiles.Item("pass-1", "pass.tif"));
        await world.SettleAsync();
        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Grid.Transform.ShouldBe([500_000, 10, 0, 3_600_000, 0, -10]);
        using var stored = ClosedRaster.OpenStored(scene.Assets[0].Path);
        stored.Transform!.Value.OriginX.ShouldBe(500_000);
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public void Item_WhoseFileLiesBehindALinkedFolder_IsRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["store/hash/pass.tif"], 7);
        Directory.CreateDirectory(folder["in"]);
        Directory.CreateSymbolicLink(folder["in/s"], folder["store/hash"]);
        var item = SceneFiles.Write(folder["in/pass.json"], SceneFiles.Item("pass-1", "s/pass.tif"));
        Reader().Read(item, Confined).Problem!.ShouldContain("symbolic link");
    }

    [Fact]
    public void WorldFile_ThatIsALink_IsRefusedWhenConfined()
    {
        using var folder = new TempFolder();
        var path = SceneFiles.Raster(folder["x_20260430.tif"]);
        File.CreateSymbolicLink(folder["x_20260430.tfw"], folder.Write("secret.txt", "10\n0\n0\n-10\n0\n0\n"));
        Reader().Read(path, Confined).Problem!.ShouldContain("symbolic link");
    }

    [Fact]
    public async Task Inbox_Fifo_IsRefusedWithoutWaitingForItsOtherEnd()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/mkfifo"), "mkfifo is not there.");
        using var world = new SceneWorld();
        foreach (var name in new[] { "x.json", "y_20260430.tif" })
            await Process.Start("/usr/bin/mkfifo", world.Inbox(name)).WaitForExitAsync(Cancel);
        world.Deliver("pass-1");
        await Task.Run(world.SettleAsync, Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        world.Catalogue.Scenes.ShouldHaveSingleItem();
        world.Reasons.Count.ShouldBe(2);
        world.Reasons.ShouldAllBe(r => r.Contains("neither a file nor a folder"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inbox_DelivererKeepsTheFileOpen_EvidenceStaysAsHashed(bool byHardLink)
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        if (byHardLink)
        {
            Assert.SkipUnless(File.Exists("/usr/bin/ln") || File.Exists("/bin/ln"), "ln is not there.");
            await Process.Start("ln", [world.Inbox("pass-1.tif"), world.Folder["kept.tif"]]).WaitForExitAsync(Cancel);
        }

        using var kept = byHardLink ? File.OpenHandle(world.Folder["kept.tif"], access: FileAccess.ReadWrite) : File.OpenHandle(world.Inbox("pass-1.tif"), access: FileAccess.ReadWrite, share: FileShare.ReadWrite | FileShare.Delete);
        await world.SettleAsync();
        RandomAccess.Write(kept, new byte[4096], 4096);

        var asset = world.Catalogue.Scenes.ShouldHaveSingleItem().Assets[0];
        Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(asset.Path, Cancel))).ShouldBe(asset.Sha256);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(asset.Path).ShouldBe(UnixFileMode.UserRead);
    }

    [Fact]
    public async Task Inbox_ItemWithANulInItsHref_IsRejectedAndTheNextIsTaken()
    {
        using var world = new SceneWorld();
        SceneFiles.Write(world.Inbox("a.json"), SceneFiles.Item("a", "%00.tif"));
        world.Deliver("pass-1");
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
        world.Reasons.ShouldHaveSingleItem().ShouldContain("no local file");
    }

    [Fact]
    public async Task Inbox_NameOfAlmost255Bytes_IsRejectedUnderAShorterOne()
    {
        using var world = new SceneWorld();
        world.Folder.Write($"scenes/inbox/{new string('a', 251)}.xml", "<a/>");
        world.Folder.Write($"scenes/inbox/b.{new string('b', 250)}", "nonsense");
        await world.SettleAsync();
        world.Clock.Advance(TimeSpan.FromMinutes(2));
        await world.LookAsync();
        world.Reasons.Count.ShouldBe(2);
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inbox_EntryThatTripsOverABug_IsLeftAndTheNextIsTaken()
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        world.Deliver("pass-2");
        var isFirst = true;
        world.Step = _ =>
        {
            if (!isFirst)
                return;
            isFirst = false;
            throw new InvalidOperationException("a bug");
        };
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Id.ShouldBe("pass-2");
        world.Clock.Advance(world.Options.RetryAfter);
        await world.LookAsync();
        world.Catalogue.Scenes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Watcher_InboxVanishes_IsMadeAgainAndWatchedOn()
    {
        using var world = new SceneWorld(TimeSpan.FromMilliseconds(1));
        using var watcher = world.Watcher(TimeProvider.System);
        await watcher.StartAsync(Cancel);
        await watcher.UntilAsync(() => Directory.Exists(world.Options.Store));
        Directory.Delete(world.Options.Inbox, recursive: true);
        await watcher.UntilAsync(() => Directory.Exists(world.Options.Inbox));

        // The Item first, which waits for its file: whenever the watcher looks, nothing is half there.
        SceneFiles.Raster(world.Folder["pass-1.tif"], 7);
        File.Move(SceneFiles.Write(world.Folder["pass-1.json"], SceneFiles.Item("pass-1", "pass-1.tif")), world.Inbox("pass-1.json"));
        File.Move(world.Folder["pass-1.tif"], world.Inbox("pass-1.tif"));
        await world.Catalogue.UntilAsync(static n => n == 1);
        await watcher.StopAsync(Cancel);
    }

    [Theory]
    [InlineData("the year 1", "0001-01-01T00:00:00Z")]
    [InlineData("before Landsat", "1971-12-31T23:59:59Z")]
    [InlineData("two days ahead", "2026-05-03T00:00:00Z")]
    [InlineData("the year 9999", "9999-12-31T23:59:59Z")]
    public void Item_AcquiredAtNoTimeOfAScene_IsRefused(string row, string time)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        SceneFiles.Raster(folder["pass.tif"], 7);
        var item = SceneFiles.Item("pass-1", "pass.tif");
        item["properties"]!["datetime"] = time;
        var path = SceneFiles.Write(folder["pass.json"], item);
        Reader().Read(path).Problem!.ShouldContain("of 1972 or later and at most a day ahead");
        Reader().Read(path, DateTimeOffset.UnixEpoch).Problem.ShouldBeNull();

        item["properties"]!["datetime"] = "2026-05-01T23:00:00Z";
        Reader().Read(SceneFiles.Write(path, item)).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Inbox_DiskFullInTheMiddle_KeepsAllFilesAndTakesTheSceneOnceLater()
    {
        using var world = new SceneWorld();
        world.Deliver("pass-1");
        var isFull = true;
        world.Step = step =>
        {
            if (isFull && step == "file in staging")
                throw new IOException("No space left on device");
        };
        await world.SettleAsync();
        Directory.GetFiles(world.Options.Inbox).Length.ShouldBe(2);
        Directory.GetFileSystemEntries(world.Options.Store).ShouldBeEmpty();

        isFull = false;
        world.Clock.Advance(world.Options.RetryAfter);
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem().Id.ShouldBe("pass-1");
        world.Reasons.ShouldBeEmpty();
        Directory.GetFileSystemEntries(world.Options.Inbox).ShouldBeEmpty();
    }

    [Fact]
    public async Task Inbox_SceneThatWouldFillTheDisk_WaitsForRoom()
    {
        using var world = new SceneWorld { Free = 1024L * 1024 * 1024 };
        world.Deliver("pass-1");
        await world.SettleAsync();
        world.Catalogue.Scenes.ShouldBeEmpty();
        Directory.GetFiles(world.Options.Inbox).Length.ShouldBe(2);

        world.Free *= 2;
        world.Clock.Advance(world.Options.RetryAfter);
        await world.LookAsync();
        world.Catalogue.Scenes.ShouldHaveSingleItem();
    }
}
