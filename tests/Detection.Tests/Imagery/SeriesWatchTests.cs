using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>The seasonal models in the service: evidence for the series detector, and a memory that survives.</summary>
public sealed class SeriesWatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Models that begin after a hundred days, then a building: the patch names the break and its interval.</summary>
    [Fact]
    public async Task Pipeline_BuildingWhileModelsAreFollowed_PatchCarriesTheBreakAndOutlivesDamage()
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
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*.watch"))
        {
            var bytes = await File.ReadAllBytesAsync(file, Token);
            bytes[bytes.Length / 2] ^= 0x10;
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

    private static double UnixDay(DateTimeOffset at) => Math.Floor((at - DateTimeOffset.UnixEpoch).TotalDays);
}
