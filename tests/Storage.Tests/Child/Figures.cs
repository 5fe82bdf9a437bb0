using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Child;

/// <summary>
/// Figures of the observation store as a Markdown table: <c>dotnet run -c Release --project tests/Storage.Tests -- store-figures [SECONDS] [DIR]</c>.
/// No test: figures are printed, not asserted.
/// </summary>
internal static class Figures
{
    public const string Mode = "store-figures";

    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        Console.WriteLine("| rows a message | senders | messages/s | rows/s | p50 ms | p99 ms | max ms |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var rows in new[] { 1, 1000 })
        {
            foreach (var senders in new[] { 1, 4, 16, 64, 256 })
            {
                await CommitsAsync(rows, senders, TimeSpan.FromSeconds(seconds), args.Length > 1 ? args[1] : null);
            }
        }

        return 0;
    }

    private static async Task CommitsAsync(int rows, int senders, TimeSpan duration, string? parent)
    {
        var folder = parent is null ? Directory.CreateTempSubdirectory("figures-").FullName : Directory.CreateDirectory(Path.Combine(parent, $"f{rows}-{senders}")).FullName;
        try
        {
            await using var store = DuckDbObservationStore.Open(
                Path.Combine(folder, "observations.duckdb"), new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);
            var latencies = new List<double>[senders];
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
            {
                var mine = latencies[sender] = [];
                var second = 0;
                while (watch.Elapsed < duration)
                {
                    var batch = new Observation[rows];
                    for (var i = 0; i < rows; i++)
                    {
                        batch[i] = An.Observation($"d{sender}/s{i % 10}", second + (i / 10), i);
                    }

                    second += (rows / 10) + 1;
                    var began = watch.Elapsed;
                    await store.CommitAsync(ObservationBatch.Of(batch), CancellationToken.None);
                    mine.Add((watch.Elapsed - began).TotalMilliseconds);
                }
            })));
            var elapsed = watch.Elapsed.TotalSeconds;
            var all = latencies.SelectMany(l => l).Order().ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {rows} | {senders} | {all.Length / elapsed:F0} | {all.Length * (double)rows / elapsed:F0} | {all[all.Length / 2]:F2} | {all[all.Length * 99 / 100]:F2} | {all[^1]:F1} |"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
