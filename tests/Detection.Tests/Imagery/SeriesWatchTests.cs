using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The seasonal models in the service: evidence for the series detector, and a memory that survives.</summary>
public sealed class SeriesWatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Models that begin after a hundred days, then a building: the patch names the break and its interval.</summary>
    [Theory]
    [InlineData("*.watch")]
    [InlineData("*.states")]
    public async Task Pipeline_BuildingWhileModelsAreFollowed_PatchCarriesTheBreakAndOutlivesDamage(string damaged)
    {
        const int built = 19;
        var options = new SeriesOptions { Watch = new WatchOptions { InitialDays = 100 } };
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
        string states = Path.Combine(folder.Path, "a.states"), first = Path.Combine(folder.Path, "1.watch"), second = Path.Combine(folder.Path, "2.watch"), third = Path.Combine(folder.Path, "3.watch");
        const int width = 40, height = 20, side = 16;
        int[] pixels = [256, 256, 128, 64, 64, 32];
        using (var file = SeriesWatchFile.Open(states, null, first, width, height, side))
        {
            for (var tile = 0; tile < pixels.Length - 1; tile++)
            {
                file.Write(tile, Filled(pixels[tile], tile + 1));
            }

            file.MakeDurable();
        }

        // Dies before the index: once, and once more over what the first left.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var file = SeriesWatchFile.Open(states, first, second, width, height, side);
            for (var tile = 0; tile < pixels.Length; tile++)
            {
                file.Write(tile, Filled(pixels[tile], 100 + attempt));
            }
        }

        Expect(first, [1, 2, 3, 4, 5, 0]);
        using (var file = SeriesWatchFile.Open(states, first, second, width, height, side))
        {
            file.Write(1, Filled(pixels[1], 12));
            file.Write(5, Filled(pixels[5], 16));
            file.MakeDurable();
        }

        using (var file = SeriesWatchFile.Open(states, second, third, width, height, side))
        {
            file.Write(1, Filled(pixels[1], 22));
            file.Write(2, Filled(pixels[2], 23));
        }

        Expect(second, [1, 12, 3, 4, 5, 16]);
        Should.Throw<SeriesMemoryException>(() => SeriesWatchFile.Open(states, second, third, width + 1, height, side));
        using (var cut = new FileStream(states, FileMode.Open))
        {
            cut.SetLength(cut.Length / 3);
        }

        Should.Throw<SeriesMemoryException>(() => Expect(second, [1, 12, 3, 4, 5, 16]));

        void Expect(string index, int[] values)
        {
            using var file = SeriesWatchFile.Open(states, index, third, width, height, side);
            for (var tile = 0; tile < pixels.Length; tile++)
            {
                var read = Filled(pixels[tile], 99);
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

    private static double UnixDay(DateTimeOffset at) => Math.Floor((at - DateTimeOffset.UnixEpoch).TotalDays);
}
