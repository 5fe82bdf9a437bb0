using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>What the machine lacks for a while costs the memory of the series nothing.</summary>
public sealed class SeriesRoomTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Somebody holds a file of the memory (a backup, a scanner): the work waits, the memory stays and goes on afterwards.</summary>
    [Theory]
    [InlineData("*.states")]
    [InlineData("*.reference")]
    public async Task Pipeline_FileOfTheMemoryIsHeld_MemoryIsNotForgotten(string held)
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 6, built: _ => false) { Offered = 4 };
        using var folder = new ScratchFolder();
        var pipeline = world.Pipeline(folder.Path);
        await pipeline.WorkOffAsync(Token);
        var had = Files(folder.Path);

        world.Offered = 5;
        using (new FileStream(Directory.EnumerateFiles(folder.Path, held).ShouldHaveSingleItem(), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            (await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(Token))).ShouldNotBeOfType<SeriesMemoryException>();
            Files(folder.Path).Intersect(had).ShouldBe(had, "what stood is still there");
        }

        await pipeline.WorkOffAsync(Token);
        pipeline.Now.ShouldHaveSingleItem().Looks.ShouldBe(5);
        world.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task References_FileIsHeld_IsNotDeleted()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 1, built: _ => false);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var store = new SeriesStore(folder.Path);
        var file = Directory.EnumerateFiles(folder.Path, "*.reference").ShouldHaveSingleItem();
        using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Should.Throw<IOException>(() => store.References());
        }

        store.References().ShouldHaveSingleItem();
    }

    /// <summary>GDAL says the same of a damaged file and of one that it had no descriptor left for.</summary>
    [Fact]
    public async Task Open_GdalCannotButTheSystemCanOrLacksSomething_IsNoDamage()
    {
        using var pair = new SyntheticPair();
        using var folder = new ScratchFolder();
        await new SeriesWorld(pair, 1, built: _ => false).Pipeline(folder.Path).WorkOffAsync(Token);
        var path = Directory.EnumerateFiles(folder.Path, "*.tif").ShouldHaveSingleItem();
        var lacks = true;
        var store = new SeriesStore(folder.Path)
        {
            OpenRaster = file =>
            {
                var missing = lacks;
                lacks = false;
                return RasterDataset.Open(missing ? file + ".none" : file);
            },
        };
        store.Open(Path.GetFileName(path)).Dispose();

        lacks = true;
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Should.Throw<IOException>(() => store.Open(Path.GetFileName(path)));
        }

        await File.WriteAllTextAsync(path, "no raster at all", Token);
        Should.Throw<SeriesMemoryException>(() => store.Open(Path.GetFileName(path)));
        File.Delete(path);
        Should.Throw<SeriesMemoryException>(() => store.Open(Path.GetFileName(path)));
    }

    [Theory]
    [InlineData(28, false)]
    [InlineData(24, false)]
    [InlineData(122, false)]
    [InlineData(5, true)]
    public void IsDamage_FaultsOfTheSystem_OnlyThoseOfTheFileAre(int number, bool isDamage)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Numbers of Linux.");
        SeriesMemoryException.IsDamage(new IOException("As the system says it.", number)).ShouldBe(isDamage);
        SeriesMemoryException.IsDamage(new FileNotFoundException()).ShouldBeTrue();
    }

    [Fact]
    public void Step_DiskIsNearlyFull_OneSentenceAndNothingIsWritten()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 2, built: _ => false);
        using var folder = new ScratchFolder();
        long free = long.MaxValue;
        var detector = new SeriesDetector(new SeriesStore(folder.Path) { FreeBytes = _ => free }, new SeriesOptions());
        var state = detector.Step(detector.Begin(world.Scenes[0]), new CataloguedScene(1, world.Scenes[0]), Token).State;
        var had = Files(folder.Path);

        free = 63L << 20;
        var problem = Should.Throw<NoRoomException>(() => detector.Step(state, new CataloguedScene(2, world.Scenes[1]), Token));
        problem.Message.ShouldContain(folder.Path);
        problem.Message.ShouldContain("63 MB are free");
        problem.Message.Count(c => c == '.').ShouldBe(1 + folder.Path.Count(c => c == '.'), "one sentence");
        Files(folder.Path).ShouldBe(had);

        // The scene is no worse for it: it waits for ever.
        var patience = new ScenePatience();
        Enumerable.Range(0, 3 * ScenePatience.Most).ShouldAllBe(_ => !patience.IsOver(new CataloguedScene(2, world.Scenes[1]), Array.Empty<Scene>(), problem));
        free = 70L << 20;
        detector.Step(state, new CataloguedScene(2, world.Scenes[1]), Token).State.Scenes.Count.ShouldBe(2);
    }

    /// <summary>A large series asks for the room of a look while looks are laid by, for both places before its first fit and for the second when it is first heard.</summary>
    [Fact]
    public void RoomFor_LargeSeries_IsWhatTheNextGenerationTakes()
    {
        const long pixels = 4000 * 3000;
        var options = new SeriesOptions { FirstFitLooks = 2 };
        var state = new SeriesState
        {
            SeriesId = "a", Grid = new Grid("", [0, 10, 0, 0, 0, -10], 4000, 3000), Box = [], HistoryHash = "", Raster = "",
            Scenes = [.. Enumerable.Range(0, 20).Select(i => new SeriesScene(i + 1, $"s{i}", new DateTimeOffset(2022, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(40 * i)))],
        };
        SeriesState With(int scenes, string? watch, params int[] laid) => state with { Scenes = [.. state.Scenes.Take(scenes)], Watch = watch, Laid = laid };
        var speaks = new WatchSchedule(state, options).SpeaksFrom;
        speaks.ShouldBeInRange(13, 20);

        SeriesWatch.RoomFor(With(3, null), options).ShouldBe(2 * pixels);
        SeriesWatch.RoomFor(With(speaks, "a.watch", 1, 2), options).ShouldBe(75 * pixels);
        SeriesWatch.RoomFor(With(speaks, null, 1, 2), options).ShouldBe(150 * pixels);
        SeriesWatch.RoomFor(With(speaks + 1, "a.watch"), options).ShouldBe(0);
        SeriesWatch.RoomFor(With(3, null), options with { MostWatchedPixels = 0 }).ShouldBe(0);
    }

    [Fact]
    public void Fingerprint_TilesOfAnotherSize_IsAnother() =>
        new SeriesOptions { TilePixels = 128 }.Fingerprint.ShouldNotBe(new SeriesOptions().Fingerprint, "each tile levels its looks by its own ground");

    /// <summary>A cloud across tiles: hidden in all its parts, and nothing far from it. The small one is seen only by cells that divide a tile of 100 pixels.</summary>
    [Theory]
    [InlineData(64, 84, 84, 64, 40)]
    [InlineData(100, 84, 84, 64, 40)]
    [InlineData(100, 93, 112, 20, 20)]
    public void SceneSky_CloudAcrossTiles_IsHidden(int side, int left, int top, int width, int height)
    {
        using var pair = new SyntheticPair();
        var scene = pair.Write("cloudy", 1, built: false);
        (int X, int Y, int W, int H) cloud = (left, top, width, height);
        using (var data = RasterDataset.Open(scene.Assets[0].Path, new DatasetOpenOptions { Update = true }))
        {
            var white = new ushort[cloud.W * cloud.H];
            Array.Fill(white, (ushort)4500);
            foreach (var band in Enumerable.Range(1, 6))
            {
                data.Write<ushort>(band, new PixelWindow(cloud.X, cloud.Y, cloud.W, cloud.H), white);
            }
        }

        int[] bands = [0, 1, 2, 3, 4, 5];
        using var reader = new GridReader(scene, scene.Grid, bands, null, []);
        var sky = new SceneSky(reader, [1, 1, 1, 1, 1, 1], scene.Grid, 10, new SeriesOptions { TilePixels = side }, Token);
        var planes = new float[6 * SyntheticPair.Width * SyntheticPair.Height];
        var clear = new PixelQuality[SyntheticPair.Width * SyntheticPair.Height];
        sky.Read(new PixelWindow(0, 0, SyntheticPair.Width, SyntheticPair.Height), planes, clear, Token);
        for (var i = 0; i < clear.Length; i++)
        {
            var (x, y) = (i % SyntheticPair.Width, i / SyntheticPair.Width);
            var (dx, dy) = (Math.Max(cloud.X - x, x - (cloud.X + cloud.W - 1)), Math.Max(cloud.Y - y, y - (cloud.Y + cloud.H - 1)));
            if (Math.Max(dx, dy) <= 0)
            {
                clear[i].ShouldBe(PixelQuality.Cloud, $"({x}, {y}) lies in the cloud");
            }
            else if (Math.Max(dx, dy) > 48)
            {
                clear[i].ShouldBe(PixelQuality.Clear, $"({x}, {y}) lies far from the cloud");
            }
        }
    }

    private static List<string> Files(string folder) => [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
}
