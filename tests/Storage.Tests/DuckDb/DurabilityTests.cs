using System.Text.RegularExpressions;
using Monitoring.Storage.Tests.Child;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>What a kill cannot show, because it leaves the page cache: the order of write, fsync and receipt.</summary>
public sealed partial class DurabilityTests
{
    private const int Commits = 20;

    [Fact]
    public async Task Receipt_IsWritten_OnlyAfterTheLogIsWrittenAndSynced()
    {
        if (!OperatingSystem.IsLinux() || !Tool("strace"))
        {
            Assert.Skip("strace is not here: the order of fsync and receipt cannot be watched.");
        }

        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        var trace = folder.File("trace");
        await using (var child = ChildProcess.Start(
            [WriterChild.Mode, file, "1", "64", "0"], "strace", "-f", "-y", "-s", "16", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", trace))
        {
            for (var receipts = 0; receipts < Commits;)
            {
                var line = (await child.NextAsync(TestContext.Current.CancellationToken).Within("the traced child writes a line")).ShouldNotBeNull();
                receipts += line.Kind is 'A' ? 1 : 0;
            }

            await child.KillAsync();
        }

        var receipted = 0;
        var state = LogState.Untouched;
        foreach (var call in Calls(await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken)))
        {
            switch (call)
            {
                case Call.LogWrite:
                    state = LogState.Written;
                    break;
                case Call.LogSync when state is LogState.Written:
                    state = LogState.Synced;
                    break;
                case Call.Receipt:
                    state.ShouldBe(LogState.Synced, $"receipt {receipted} was written without a write and an fsync of the log before it");
                    state = LogState.Untouched;
                    receipted++;
                    break;
            }
        }

        receipted.ShouldBeGreaterThanOrEqualTo(Commits);
    }

    /// <summary>Completed calls in order; a call that strace shows in two parts counts where it returned, a receipt where it began.</summary>
    private static IEnumerable<Call> Calls(IEnumerable<string> lines)
    {
        var open = new Dictionary<string, Call>();
        foreach (var line in lines)
        {
            var parts = Line().Match(line);
            if (!parts.Success)
            {
                continue;
            }

            var thread = parts.Groups["thread"].Value;
            var rest = parts.Groups["rest"].Value;
            if (rest.StartsWith("<...", StringComparison.Ordinal))
            {
                if (open.Remove(thread, out var begun) && rest.Contains("= ", StringComparison.Ordinal) && !rest.Contains("= -1", StringComparison.Ordinal))
                {
                    yield return begun;
                }

                continue;
            }

            var call = rest switch
            {
                _ when rest.Contains("sync(", StringComparison.Ordinal) && rest.Contains(".wal>", StringComparison.Ordinal) => Call.LogSync,
                _ when rest.Contains("write", StringComparison.Ordinal) && rest.Contains(".wal>", StringComparison.Ordinal) => Call.LogWrite,
                _ when rest.StartsWith("write(", StringComparison.Ordinal) && rest.Contains("\"A ", StringComparison.Ordinal) => Call.Receipt,
                _ => Call.Other,
            };
            if (call is Call.Receipt || !rest.Contains("<unfinished", StringComparison.Ordinal))
            {
                yield return call;
            }
            else
            {
                open[thread] = call;
            }
        }
    }

    private static bool Tool(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    [GeneratedRegex(@"^(?<thread>\d+) +(?<rest>.*)$")]
    private static partial Regex Line();

    private enum Call
    {
        Other,
        LogWrite,
        LogSync,
        Receipt,
    }

    private enum LogState
    {
        Untouched,
        Written,
        Synced,
    }
}
