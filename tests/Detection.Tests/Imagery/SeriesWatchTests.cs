using System.Runtime.InteropServices;
using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The seasonal models in the service: evidence for the series detector, and a memory that survives.</summary>
public sealed class SeriesWatchTests
{
    private static readonly WatchOptions Soon = new() { InitialDays = 100 };

    /// <summary>Every series counts as large: its history is fitted in the background within three looks.</summary>
    private static readonly SeriesOptions Large = new() { TilePixels = 64, WatchedAtOncePixels = 0, FirstFitLooks = 3, BackgroundShare = 1, Watch = Soon };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Models that begin after a hundred days, then a building: the patch names the break and its interval.</summary>
    [Theory]
    [InlineData("*.watch", false)]
    [InlineData("*.states", false)]
    [InlineData("*.watch", true)]
    [InlineData("*.states", true)]
    [InlineData("*.reference", true)]
    public async Task Pipeline_BuildingWhileModelsAreFollowed_PatchCarriesTheBreakAndOutlivesDamage(string damaged, bool isLarge)
    {
        const int built = 19;
        var options = isLarge ? Large : new SeriesOptions { Watch = Soon };
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 24, built: i => i >= built) { Offered = 23 };
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path, options).WorkOffAsync(Token);

        var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.Facts["break_share"].ShouldBeGreaterThan(0.9);
        patch.Facts["break_probability"].ShouldBeGreaterThan(0.9);
        patch.Facts["break_after_unix_day"].ShouldBe(UnixDay(SeriesWorld.At(built - 1)));
        patch.Facts["break_by_unix_day"].ShouldBe(UnixDay(SeriesWorld.At(built)));
        world.Sets.Sum(s => s.Statistics["season_breaks"]).ShouldBeInRange(80, 120, "nothing else broke");

        // The file of the watch is damaged: all is made again, and nothing is told twice or otherwise.
        var told = world.Describe();
        foreach (var file in Directory.EnumerateFiles(folder.Path, damaged))
        {
            var bytes = await File.ReadAllBytesAsync(file, Token);
            for (var i = bytes.Length / 8; i < bytes.Length; i += bytes.Length / 8)
            {
                bytes[i] ^= 0x10;
            }

            await File.WriteAllBytesAsync(file, bytes, Token);
        }

        world.Offered = 24;
        var pipeline = world.Pipeline(folder.Path, options);
        await Should.ThrowAsync<SeriesMemoryException>(() => pipeline.WorkOffAsync(Token));
        await pipeline.WorkOffAsync(Token);
        world.Describe().Take(told.Count).ShouldBe(told);
        world.Sets.Count.ShouldBe(told.Count + 1);
        world.Sets[^1].Patches.ShouldBeEmpty();
    }

    /// <summary>
    /// The same scenes with the history fitted in the background between two of them, in one piece or dying after each tile, and without any time for
    /// it: the same change sets, those of a series that was watched at once.
    /// </summary>
    [Fact]
    public async Task Pipeline_LargeSeries_ToldAlikeWhateverTheBackgroundHasDone()
    {
        const int built = 22;
        using var pair = new SyntheticPair();
        List<List<string>> told = [];
        List<string> facts = [];
        List<string> models = [];
        var scenes = new SeriesWorld(pair, 26, built: i => i >= built).Scenes;
        foreach (var (options, background) in new[] { (new SeriesOptions { TilePixels = 64, Watch = Soon }, 0), (Large, 0), (Large, 1), (Large with { BackgroundPiece = TimeSpan.Zero }, 2) })
        {
            var world = new SeriesWorld(scenes) { Offered = 0 };
            using var folder = new ScratchFolder();
            var pipeline = world.Pipeline(folder.Path, options);
            while (world.Offered < 26)
            {
                world.Offered++;
                await pipeline.WorkOffAsync(Token);
                var pieces = 0;
                while (background > 0 && await pipeline.FitSomeAsync(Token))
                {
                    pieces++;
                    pipeline.Now.ShouldHaveSingleItem().Progress.ShouldBe(WatchProgress.Fitting);
                    pipeline = background == 2 ? world.Pipeline(folder.Path, options) : pipeline;
                    if (background == 2)
                    {
                        await pipeline.WorkOffAsync(Token);
                    }
                }

                // With as many looks as a model needs, over a hundred days, and not again.
                (pieces > 0).ShouldBe(background > 0 && world.Offered == 16, $"after {world.Offered}");
                var now = pipeline.Now.ShouldHaveSingleItem();
                (now.Progress, now.Share).ShouldBe(
                    world.Offered < 16 ? (WatchProgress.Gathering, 0)
                    : options.WatchedAtOncePixels > 0 || world.Offered >= 20 ? (WatchProgress.Watching, 1)
                    : (WatchProgress.Fitting, background > 0 ? 1 : 0),
                    $"after {world.Offered}");
                if (options.WatchedAtOncePixels > 0 || now.Progress != WatchProgress.Watching || world.Offered > 20)
                {
                    Directory.EnumerateFiles(folder.Path, "*.look").Count().ShouldBe(options.WatchedAtOncePixels > 0 || now.Progress == WatchProgress.Watching ? 0 : world.Offered);
                }
            }

            told.Add([.. world.Sets.Select(s => string.Join(';', s.Patches.Select(p => $"{p.Kind} {p.Score:R} {p.NotBefore:O} {p.NotAfter:O} {p.Outline.Shape.AsText()}")))]);
            var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
            patch.Facts["break_share"].ShouldBeGreaterThan(0.9);
            models.Add(StatesOf(folder.Path, 26));
            facts.Add(string.Join(' ', patch.Facts.Where(f => f.Key.StartsWith("break", StringComparison.Ordinal)).Select(f => $"{f.Key}={f.Value:R}")));
        }

        told.ShouldAllBe(t => t.SequenceEqual(told[0]));
        facts.Distinct().ShouldHaveSingleItem();
        models.Distinct().ShouldHaveSingleItem("the states of every pixel, bit by bit: no look is taken twice and none is left out");
    }

    /// <summary>
    /// Dies between the new generation and the cursor's commit: the generation of the stored cursor is there with all its files and every state as it was, so that
    /// nothing need be made again.
    /// </summary>
    [Theory]
    [InlineData(Death.Before, 19)]
    [InlineData(Death.After, 20)]
    public async Task Pipeline_DiesAtACommit_TheGenerationOfTheCursorIsWhole(Death death, long stands)
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 20, built: _ => false) { Offered = 18 };
        using var folder = new ScratchFolder();
        var options = new SeriesOptions { TilePixels = 64, Watch = Soon };
        var pipeline = world.Pipeline(folder.Path, options);
        await pipeline.WorkOffAsync(Token);
        world.Offered = 19;
        await pipeline.WorkOffAsync(Token);
        var before = StatesOf(folder.Path, 19);

        (world.Offered, world.DieAtCommit) = (20, death);
        await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(Token));

        (await world.PositionAsync("", Token)).ShouldBe(stands);
        (StatesOf(folder.Path, stands) == before).ShouldBe(death is Death.Before);
        world.DieAtCommit = Death.None;
        await world.Pipeline(folder.Path, options).WorkOffAsync(Token);
        StatesOf(folder.Path, 20).ShouldNotBe(before);
    }

    /// <summary>Hash over the states of all pixels of the one series.</summary>
    private static string StatesOf(string folder, long sequence)
    {
        var store = new SeriesStore(folder);
        var state = store.At(sequence).ShouldNotBeNull().ShouldHaveSingleItem();
        var tiles = new WatchTiles(state.Grid.Width, state.Grid.Height, 64);
        using var file = store.OpenWatch(state, tiles);
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        for (var tile = 0; tile < tiles.Count; tile++)
        {
            var states = new WatchState[tiles.Pixels(tile)];
            file.Read(tile, states);
            states.ShouldContain(s => s.Looks > 0);
            hash.AppendData(MemoryMarshal.AsBytes<WatchState>(states));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The file of the first scene is damaged or gone: nobody asks for it any more.</summary>
    [Fact]
    public async Task Pipeline_FirstSceneGone_SeriesGoesOnAsIfItWereThere()
    {
        using var pair = new SyntheticPair();
        var calm = new SeriesWorld(pair, 9, built: i => i >= 4);
        using (var folder = new ScratchFolder())
        {
            await calm.Pipeline(folder.Path).WorkOffAsync(Token);
        }

        var world = new SeriesWorld(pair, 9, built: i => i >= 4) { Offered = 3 };
        using var kept = new ScratchFolder();
        await world.Pipeline(kept.Path).WorkOffAsync(Token);
        await File.WriteAllBytesAsync(world.Scenes[0].Assets[0].Path, [1, 2, 3], Token);
        world.Offered = 9;
        await world.Pipeline(kept.Path).WorkOffAsync(Token);
        world.Describe().ShouldBe(calm.Describe());
        world.Acts.ShouldBeEmpty();
    }

    /// <summary>And when the whole memory must be made again without it, its grid and the later scenes are kept; the loss is told in one sentence.</summary>
    [Fact]
    public async Task Pipeline_FirstSceneGoneAndMemoryLost_SeriesKeepsItsGridAndGoesOn()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 9, built: i => i >= 4) { Offered = 3 };
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var series = Path.GetFileName(Directory.EnumerateFiles(folder.Path, "*.reference").ShouldHaveSingleItem());
        foreach (var file in Directory.EnumerateFiles(folder.Path).Where(f => Path.GetFileName(f) != series))
        {
            File.Delete(file);
        }

        await File.WriteAllBytesAsync(world.Scenes[0].Assets[0].Path, [1, 2, 3], Token);
        world.Offered = 9;
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var act = world.Acts.ShouldHaveSingleItem();
        (act.Action, act.Subject).ShouldBe(("detection.set-aside", world.Scenes[0].Id));
        act.Details.ShouldContain("keeps its grid and goes on with the later scenes");
        Path.GetFileName(Directory.EnumerateFiles(folder.Path, "*.reference").ShouldHaveSingleItem()).ShouldBe(series, "the same series");
        var patch = world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem();
        (patch.NotBefore, patch.NotAfter).ShouldBe((SeriesWorld.At(3), SeriesWorld.At(4)));
        world.Sets.Select(s => s.CurrentSceneId).Distinct().Count().ShouldBe(9);
    }

    /// <summary>A series on both sides of the 180° meridian is no girdle around the earth.</summary>
    [Fact]
    public void ShownBy_SeriesAcrossTheMeridian_OnlyScenesOfItsGround()
    {
        using var pair = new SyntheticPair();
        using var folder = new ScratchFolder();
        var detector = new SeriesDetector(new SeriesStore(folder.Path), new SeriesOptions());
        var scene = pair.Write("a", 1, false);
        Scene At(string id, params Envelope[] boxes) => scene with
        {
            Id = id, ContentHash = id,
            Footprint = new Outline(GeometryFactory.Default.BuildGeometry([.. boxes.Select(GeometryFactory.Default.ToGeometry)]), 1, "EPSG:4490"),
        };

        Envelope east = new(179, 180, 60, 61), west = new(-180, -179, 60, 61);
        var across = detector.Begin(At("across", east, west));
        var inland = detector.Begin(At("inland", new Envelope(20, 22, 60, 61)));
        SeriesState[] states = [across, inland];
        across.Ground.Area.ShouldBe(2);
        detector.ShownBy(states, At("b", east, west)).ShouldBe([0]);
        detector.ShownBy(states, At("c", new Envelope(20, 22, 60, 61))).ShouldBe([1]);
        detector.ShownBy(states, At("d", west)).ShouldBe([0]);
        detector.ShownBy(states, At("e", new Envelope(-100, -98, 60, 61))).ShouldBeEmpty();
        detector.ShowsNewGround([across], At("f", east)).ShouldBeFalse();
        detector.ShowsNewGround([across], At("g", new Envelope(178, 180, 60, 61))).ShouldBeTrue();
    }

    [Fact]
    public async Task Pipeline_SeriesTooLargeToWatch_ToldAsWithoutModels()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 8, built: i => i >= 4);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path, new SeriesOptions { MostWatchedPixels = 0 }).WorkOffAsync(Token);
        world.Sets.SelectMany(s => s.Patches).ShouldHaveSingleItem().Facts.ContainsKey("break_share").ShouldBeFalse();
        Directory.EnumerateFiles(folder.Path, "*.watch").ShouldBeEmpty();
    }

    /// <summary>A process that dies while it writes a generation leaves the one before; what was not written again is still there.</summary>
    [Fact]
    public void SeriesWatchFile_DiesWhileWriting_GenerationBeforeIsWhole()
    {
        using var folder = new ScratchFolder();
        string states = Path.Combine(folder.Path, "a.states"), first = Path.Combine(folder.Path, "1.watch"), second = Path.Combine(folder.Path, "2.watch");
        var tiles = new WatchTiles(40, 20, 16);
        int[] pixels = [256, 256, 128, 64, 64, 32];
        Enumerable.Range(0, tiles.Count).Select(tiles.Pixels).ShouldBe(pixels);
        using (var file = SeriesWatchFile.Open(states, null, tiles))
        {
            for (var tile = 0; tile < pixels.Length - 1; tile++)
            {
                file.Write(tile, Filled(pixels[tile], tile + 1), 1);
            }

            file.MakeDurable(first);
        }

        // Dies before the index: once, and once more over what the first left.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var file = SeriesWatchFile.Open(states, first, tiles);
            for (var tile = 0; tile < pixels.Length; tile++)
            {
                file.Write(tile, Filled(pixels[tile], 40 + attempt), 2);
            }
        }

        Expect(first, [1, 2, 3, 4, 5, 0]);
        using (var file = SeriesWatchFile.Open(states, first, tiles))
        {
            file.Write(1, Filled(pixels[1], 12), 2);
            file.Write(5, Filled(pixels[5], 16), 2);
            file.MakeDurable(second);
        }

        using (var file = SeriesWatchFile.Open(states, second, tiles))
        {
            Enumerable.Range(0, tiles.Count).Select(file.Through).ShouldBe([1, 2, 1, 1, 1, 2]);
            file.Write(1, Filled(pixels[1], 22), 3);
            file.Write(2, Filled(pixels[2], 23), 3);
        }

        Expect(second, [1, 12, 3, 4, 5, 16]);
        Should.Throw<SeriesMemoryException>(() => SeriesWatchFile.Open(states, second, new WatchTiles(41, 20, 16)));
        using (var cut = new FileStream(states, FileMode.Open))
        {
            cut.SetLength(cut.Length / 3);
        }

        Should.Throw<SeriesMemoryException>(() => Expect(second, [1, 12, 3, 4, 5, 16]));

        void Expect(string index, int[] values)
        {
            using var file = SeriesWatchFile.Open(states, index, tiles);
            for (var tile = 0; tile < pixels.Length; tile++)
            {
                var read = Filled(pixels[tile], 39);
                file.Read(tile, read);
                read.ShouldAllBe(s => s.Looks == values[tile]);
            }
        }

        static WatchState[] Filled(int count, int value)
        {
            var all = new WatchState[count];
            all.AsSpan().Fill(new WatchState { Looks = (ushort)value });
            return all;
        }
    }

    /// <summary>What is packed comes back byte by byte: pixels that share their days and pixels that do not, before and after breaks.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    public void WatchPacking_StatesOfEveryStage_ComeBackAsTheyWere(int pixels)
    {
        var random = new Random(pixels);
        var states = new WatchState[pixels];
        var watch = new TileWatch(new WatchOptions());
        var (values, clear) = (new short[pixels], new bool[pixels]);
        var packing = new WatchPacking();
        var bytes = new byte[WatchPacking.MostBytes(pixels)];
        for (var day = 1; day < 1500; day += random.Next(5, 20))
        {
            for (var i = 0; i < pixels; i++)
            {
                values[i] = (short)((2000 * Math.Sin(day / 58.13)) + 4500 + (i * 3) + random.Next(-300, 300) - (day > 800 + i && i % 7 == 0 ? 3500 : 0));
                clear[i] = i % 3 == 0 || random.Next(4) > 0;
            }

            watch.Take(states, values, clear, day, 735_000);
            var length = packing.Pack(states, bytes);
            var read = new WatchState[pixels];
            read.AsSpan().Fill(new WatchState { Looks = 7, LastBreakDay = 9 });
            WatchPacking.Unpack(bytes.AsSpan(0, length), read);
            MemoryMarshal.AsBytes(read.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(states.AsSpan())).ShouldBeTrue($"day {day}");
            Should.Throw<InvalidDataException>(() => WatchPacking.Unpack(bytes.AsSpan(0, length - 1), read));
        }

        if (pixels == 500)
        {
            states.Count(s => s.HasBreak).ShouldBeGreaterThan(20);
            states.Select(s => s.Stage).Distinct().Count().ShouldBe(2);
        }
    }

    private static double UnixDay(DateTimeOffset at) => Math.Floor((at - DateTimeOffset.UnixEpoch).TotalDays);
}
