using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.Storage.Tests.Child;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>
/// A disk that takes no more, by a limit on the size of files (every write beyond it fails as on a full disk): senders are refused,
/// nothing receipted is lost, and when there is room again the store goes on without a restart.
/// </summary>
public sealed class DiskFullTests
{
    [Fact]
    public async Task Commit_WhenTheDiskIsFull_IsRefusedAndGoesOnWhenThereIsRoom()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/bin/bash") || !File.Exists("/usr/bin/prlimit"))
        {
            Assert.Skip("bash and prlimit are needed to make a full disk.");
        }

        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        await using var child = ChildProcess.Start(
            [WriterChild.Mode, file, "2", "64", "0", "0"],
            "/bin/bash", "-c", "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -S -f 128; exec \"$@\"", "bash");
        var next = new int[2];

        await UntilAsync(child, next, refusals: 3, receipts: int.MaxValue);
        var before = next.Sum();
        before.ShouldBeGreaterThan(0);
        using (var lift = Process.Start("/usr/bin/prlimit", ["--pid", $"{child.Id}", "--fsize=unlimited"]))
        {
            await lift.WaitForExitAsync(TestContext.Current.CancellationToken);
            lift.ExitCode.ShouldBe(0);
        }

        await UntilAsync(child, next, refusals: int.MaxValue, receipts: 200);
        await child.KillAsync();
        while (await child.NextAsync(TestContext.Current.CancellationToken) is { } line)
        {
            Note(line, next);
        }

        await using var store = DuckDbObservationStore.Open(file, new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);
        var all = await store.ReadAfterAsync(0, 10_000_000, TestContext.Current.CancellationToken);
        all.Select(o => o.Sequence).ShouldBe(Enumerable.Range(1, all.Count).Select(i => (long)i));
        var results = all.ToDictionary(o => ObservationKey.Of(o.Observation), o => o.Observation.Result);
        for (var sender = 0; sender < next.Length; sender++)
        {
            foreach (var sent in Enumerable.Range(0, next[sender]).SelectMany(number => WriterChild.MessageOf(sender, number)))
            {
                results[ObservationKey.Of(sent)].ShouldBe(sent.Result);
            }
        }
    }

    private static async Task UntilAsync(ChildProcess child, int[] next, int refusals, int receipts)
    {
        while (refusals > 0 && receipts > 0)
        {
            var line = (await child.NextAsync(TestContext.Current.CancellationToken).Within("the child writes a line")).ShouldNotBeNull();
            Note(line, next);
            refusals -= line.Kind is 'F' ? 1 : 0;
            receipts -= line.Kind is 'A' ? 1 : 0;
        }
    }

    private static void Note(ChildLine line, int[] next)
    {
        if (line.Kind is 'A')
        {
            line.Number.ShouldBe(next[line.Sender]);
            next[line.Sender]++;
        }
    }
}
