using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.Storage.Tests.Child;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>
/// kill -9 while several senders commit: everything receipted is there once, sequences have no hole, and recovering twice gives the same.
/// </summary>
public sealed class CrashTests
{
    private const int Senders = 6;

    private static int Rounds => Effort.Full ? 40 : 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task KilledAtRandomMoments_EveryReceiptedObservation_IsThereOnce(int seed)
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        var random = new Random(seed);
        var next = new int[Senders];
        for (var round = 0; round < Rounds; round++)
        {
            await RunAndKillAsync(file, next, 1 + random.Next(400), random.Next(3));
            await CheckAsync(file, next);
            await CheckAsync(file, next);
        }

        next.Sum().ShouldBeGreaterThan(0);
        LongProofs.Record($"store crash, seed {seed}", $"the observation store killed {Rounds} times while {Senders} senders commit, recovered twice each time",
            $"all {next.Sum()} receipted observations there once, sequences without a hole");
    }

    /// <summary>A kill in the middle of a write leaves a log that ends anywhere: each prefix must open and hold a prefix of what was committed.</summary>
    [Fact]
    public async Task LogCutAnywhere_Opens_WithAPrefixOfTheCommits()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        var next = new int[Senders];
        await RunAndKillAsync(file, next, 60, 0);
        var whole = await SequencesAsync(folder, file, null);
        whole.ShouldNotBeEmpty();
        var length = new FileInfo(file + ".wal").Length;
        var random = new Random(7);
        var longest = 0;
        foreach (var cut in Enumerable.Range(0, 40).Select(i => i < 20 ? length - 1 - i : random.NextInt64(length)).Order())
        {
            var rows = await SequencesAsync(folder, file, cut);
            rows.ShouldBe(whole.Take(rows.Count));
            rows.Count.ShouldBeGreaterThanOrEqualTo(longest);
            longest = rows.Count;
        }

        longest.ShouldBeInRange(1, whole.Count);
    }

    /// <summary>Runs the child until so many receipts were read, kills it and notes all that it receipted.</summary>
    private static async Task RunAndKillAsync(string file, int[] next, int receipts, int extraLines)
    {
        await using var child = ChildProcess.Start([WriterChild.Mode, file, $"{Senders}", "1", .. next.Select(n => $"{n}")]);
        for (var read = 0; read < receipts + extraLines;)
        {
            var line = (await child.NextAsync(TestContext.Current.CancellationToken).Within("the child writes a line")).ShouldNotBeNull();
            read += Note(line, next);
        }

        await child.KillAsync();
        while (await child.NextAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Note(line, next);
        }
    }

    private static int Note(ChildLine line, int[] next)
    {
        line.Kind.ShouldBeOneOf('A', 'R');
        if (line.Kind is not 'A')
        {
            return 0;
        }

        line.Number.ShouldBe(next[line.Sender]);
        next[line.Sender]++;
        return 1;
    }

    /// <summary>Opens, checks everything that was receipted, and closes in good order.</summary>
    private static async Task CheckAsync(string file, int[] next)
    {
        await using var store = DuckDbObservationStore.Open(file, new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);
        var all = await store.ReadAfterAsync(0, 10_000_000, TestContext.Current.CancellationToken);
        all.Select(o => o.Sequence).ShouldBe(Enumerable.Range(1, all.Count).Select(i => (long)i));
        var byKey = all.ToDictionary(o => ObservationKey.Of(o.Observation), o => o.Observation.Result);
        var letters = (await store.ReadDeadLettersAsync(null, 10_000_000, TestContext.Current.CancellationToken)).Select(l => l.Letter.Detail).ToHashSet();
        for (var sender = 0; sender < next.Length; sender++)
        {
            for (var number = 0; number < next[sender]; number++)
            {
                foreach (var observation in WriterChild.MessageOf(sender, number))
                {
                    byKey.ShouldContainKey(ObservationKey.Of(observation));
                    byKey[ObservationKey.Of(observation)].ShouldBe(observation.Result);
                }

                if (number % 7 == 0)
                {
                    letters.ShouldContain($"{sender}-{number}");
                }
            }
        }

        // Beyond what was receipted there may be one message of each sender that was on its way, and nothing else.
        all.Count.ShouldBeLessThanOrEqualTo(Enumerable.Range(0, next.Length).Sum(s => Enumerable.Range(0, next[s] + 1).Sum(n => WriterChild.MessageOf(s, n).Count)));
    }

    /// <summary>The rows of a copy of the file, its log cut to <paramref name="logBytes"/>.</summary>
    private static async Task<List<(long Sequence, ObservationKey Key)>> SequencesAsync(TempDirectory folder, string file, long? logBytes)
    {
        var copy = folder.File("copy.duckdb");
        File.Copy(file, copy, overwrite: true);
        File.Copy(file + ".wal", copy + ".wal", overwrite: true);
        if (logBytes is { } bytes)
        {
            await using var log = new FileStream(copy + ".wal", FileMode.Open);
            log.SetLength(bytes);
        }

        await using var store = DuckDbObservationStore.Open(copy, new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);
        var rows = await store.ReadAfterAsync(0, 10_000_000, TestContext.Current.CancellationToken);
        await store.DisposeAsync();
        File.Delete(copy + ".wal");
        return [.. rows.Select(o => (o.Sequence, ObservationKey.Of(o.Observation)))];
    }
}
