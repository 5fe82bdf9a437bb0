using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Monitoring.Detection.Imagery.Ccdc.Watch;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>kill -9 of processes that follow a series and fit its history, at seeded moments: the watch and all that is told equal an undisturbed run.</summary>
public sealed class SeriesCrashTests(ITestOutputHelper output)
{
    private const string Folder = "MONITORING_SERIES_FOLDER";
    private const string Kill = "MONITORING_SERIES_KILL";
    private const int Passes = 24;
    private const int Built = 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Looks are laid by until the 16th, the history is fitted until the 19th, then the models are kept up scene by scene.</summary>
    private static SeriesOptions Options => new()
    {
        TilePixels = 64, WatchedAtOncePixels = 0, FirstFitLooks = 2, BackgroundShare = 1, BackgroundPiece = TimeSpan.Zero, Watch = new WatchOptions { InitialDays = 100 },
    };

    [Fact]
    public async Task Watch_KilledAgainAndAgain_SameStatesAndSameTellingAsUndisturbed()
    {
        const int Seed = 20261124;
        using var pair = new SyntheticPair();
        _ = new SeriesWorld(pair, Passes, built: i => i >= Built);
        string calm = Path.Combine(pair.Folder, "calm"), rough = Path.Combine(pair.Folder, "rough");
        Directory.CreateDirectory(calm);
        Directory.CreateDirectory(rough);
        await FollowAsync(pair.Folder, calm, null);

        // Nothing is folded before.
        await FollowAsync(pair.Folder, rough, null, 14);
        var random = new Random(Seed);
        var (kills, wanted) = (0, Effort.Full ? 40 : 5);
        while (kills < wanted)
        {
            // After so many questions and commits, and then so many turns of a loop: anywhere in what follows.
            var (code, said) = await ChildAsync(pair.Folder, rough, string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 11)} {random.Next(0, 6_000_000)}"));
            code.ShouldBeOneOf([0, 137], said);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"child ended with {code} at {File.ReadLines(Path.Combine(rough, "told")).FirstOrDefault()}"));
            kills++;
            if (code == 0)
            {
                break;
            }
        }

        kills.ShouldBeGreaterThan(3, "the processes are killed long before the end");

        // Twice: what recovers must leave what recovers again.
        for (var recovery = 0; recovery < 2; recovery++)
        {
            var (code, said) = await ChildAsync(pair.Folder, rough, "");
            code.ShouldBe(0, said);
            File.ReadAllLines(Path.Combine(rough, "told")).ShouldBe(File.ReadAllLines(Path.Combine(calm, "told")));
            States(rough).ShouldBe(States(calm));
        }

        File.ReadAllText(Path.Combine(calm, "told")).ShouldContain("break_share");
    }

    /// <summary>What the child runs until it dies; on its own it follows a few scenes to the end.</summary>
    [Fact]
    public async Task Follow_SeriesInAFolder_EverySceneIsWorked()
    {
        if (Environment.GetEnvironmentVariable(Folder) is { } folder)
        {
            await FollowAsync(Path.GetDirectoryName(folder)!, folder, Environment.GetEnvironmentVariable(Kill));
            return;
        }

        using var pair = new SyntheticPair();
        _ = new SeriesWorld(pair, 3, built: _ => false);
        var own = Path.Combine(pair.Folder, "own");
        Directory.CreateDirectory(own);
        await FollowAsync(pair.Folder, own, null);
        File.ReadAllLines(Path.Combine(own, "told")).Length.ShouldBe(1 + 3);
        Directory.EnumerateFiles(Path.Combine(own, "series"), "*.look").Count().ShouldBe(3);
    }

    private static async Task FollowAsync(string scenes, string folder, string? kill, int most = int.MaxValue)
    {
        var passes = Enumerable.Range(0, Directory.EnumerateFiles(scenes, "pass-*.tif").Count());
        var world = new SeriesWorld(passes.Select(i => SyntheticPair.Of(Path.Combine(scenes, $"pass-{i}.tif"), $"pass-{i}", SeriesWorld.At(i), true))) { Journal = Path.Combine(folder, "told") };
        if (kill is { Length: > 0 })
        {
            var numbers = kill.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            world.Asked = () =>
            {
                if (--numbers[0] == 0)
                {
                    new Thread(() =>
                    {
                        Thread.SpinWait(numbers[1]);
                        Process.GetCurrentProcess().Kill();
                    }).Start();
                }
            };
        }

        var pipeline = world.Pipeline(Path.Combine(folder, "series"), Options);
        world.Offered = (int)await world.PositionAsync(ChangePipeline.Consumer, Token);
        do
        {
            await pipeline.WorkOffAsync(Token);

            // Some tiles in the background between two scenes, not all.
            for (var piece = 0; piece < 3 && await pipeline.FitSomeAsync(Token); piece++)
            {
            }
        }
        while (world.Offered++ < Math.Min(most, world.Scenes.Count));
    }

    private static async Task<(int Code, string Said)> ChildAsync(string scenes, string folder, string kill)
    {
        folder.ShouldStartWith(scenes);
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SeriesCrashTests).Assembly.Location);
        }

        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"*{nameof(SeriesCrashTests)}.{nameof(Follow_SeriesInAFolder_EverySceneIsWorked)}");
        (start.Environment[Folder], start.Environment[Kill]) = (folder, kill);
        using var child = Process.Start(start)!;
        var said = child.StandardOutput.ReadToEndAsync(Token);
        var complained = child.StandardError.ReadToEndAsync(Token);
        await child.WaitForExitAsync(Token);
        return (child.ExitCode, await said + await complained);
    }

    /// <summary>All states of the watch, as text.</summary>
    private static string States(string folder)
    {
        folder = Path.Combine(folder, "series");
        var tiles = new WatchTiles(SyntheticPair.Width, SyntheticPair.Height, Options.TilePixels);
        var states = new SeriesStore(folder).At(Passes).ShouldNotBeNull().ShouldHaveSingleItem();
        using var file = SeriesWatchFile.Open(Path.Combine(folder, SeriesStore.WatchData(states)), Path.Combine(folder, states.Watch!), tiles);
        var all = new StringBuilder();
        for (var tile = 0; tile < tiles.Count; tile++)
        {
            var read = new WatchState[tiles.Pixels(tile)];
            file.Read(tile, read);
            all.AppendLine(CultureInfo.InvariantCulture, $"{tile} {file.Through(tile)} {SeriesWatchFile.Checksum(MemoryMarshal.AsBytes(read.AsSpan()))} {read.Count(s => s.HasBreak)}");
        }

        return all.ToString();
    }
}
