using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Events;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Tests.Child;

/// <summary>
/// Figures of the observation store as a Markdown table: <c>dotnet run -c Release --project tests/Storage.Tests -- store-figures [SECONDS] [DIR]</c>,
/// or <c>store-figures large MILLIONS</c> for questions to a large file,
/// or <c>store-figures registers THOUSANDS</c> for the map and the alerts.
/// No test: figures are printed, not asserted.
/// </summary>
internal static class Figures
{
    public const string Mode = "store-figures";

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["large", var million])
        {
            await LargeAsync(int.Parse(million, CultureInfo.InvariantCulture));
            return 0;
        }

        if (args is ["registers", var thousand])
        {
            await RegistersAsync(int.Parse(thousand, CultureInfo.InvariantCulture) * 1000);
            return 0;
        }

        var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 3;
        Console.WriteLine("| rows a message | senders | messages/s | rows/s | p50 ms | p99 ms | max ms | CPU µs a row |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
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
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
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
            cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
            var all = latencies.SelectMany(l => l).Order().ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {rows} | {senders} | {all.Length / elapsed:F0} | {all.Length * (double)rows / elapsed:F0} | {all[all.Length / 2]:F2} | {all[all.Length * 99 / 100]:F2} | {all[^1]:F1} | {cpu.TotalMicroseconds / (all.Length * (double)rows):F1} |"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>1000 datastreams at one result a second, then questions.</summary>
    private static async Task LargeAsync(int millions)
    {
        const int Streams = 1000;
        var folder = Directory.CreateTempSubdirectory("figures-").FullName;
        var file = Path.Combine(folder, "observations.duckdb");
        try
        {
            var seconds = millions * 1_000_000 / Streams;
            var store = Open();
            await TimeAsync($"write {millions} million rows", async () =>
            {
                for (var second = 0; second < seconds; second += 20)
                {
                    var from = second;
                    await store.CommitAsync(
                        ObservationBatch.Of([.. Enumerable.Range(0, 20 * Streams).Select(i => An.Observation($"d{i % Streams}/s", from + (i / Streams), i % 97))]), CancellationToken.None);
                }
            });
            await store.DisposeAsync();
            Console.WriteLine($"| file, MiB | {new FileInfo(file).Length >> 20} |");
            await TimeAsync("open", () =>
            {
                store = Open();
                return Task.CompletedTask;
            });
            for (var round = 0; round < 3; round++)
            {
                var late = (seconds / 2) + round;
                await TimeAsync("commit of one late result (look-up in the file)", () => store.CommitAsync(ObservationBatch.Of(An.Observation("d5/s", late + 0.5, 1)), CancellationToken.None));
                await TimeAsync("commit of 1000 late results over the whole time", () => store.CommitAsync(
                    ObservationBatch.Of([.. Enumerable.Range(0, 1000).Select(i => An.Observation($"d{i}/s", (i * (seconds / 1000)) + 0.25 + (round / 100.0), 1))]), CancellationToken.None));
                await TimeAsync("commit of one new result", () => store.CommitAsync(ObservationBatch.Of(An.Observation("d5/s", seconds + round, 1)), CancellationToken.None));
                await TimeAsync("page of 1000 by sequence", () => store.ReadAfterAsync(millions * 500_000L, 1000, CancellationToken.None));
                await TimeAsync("an hour of a datastream", () => store.ReadRangeAsync("d7/s", An.Epoch.AddSeconds(60), An.Epoch.AddSeconds(3660), 10_000, CancellationToken.None));
                await TimeAsync("5-minute means of a datastream, whole time", () => store.AggregateAsync(
                    An.Datastream("d7", "s", 1), An.Epoch, An.Epoch.AddSeconds(seconds), TimeSpan.FromMinutes(5), CancellationToken.None));
                await TimeAsync("latest of 1000 datastreams", () => store.LatestAsync([.. Enumerable.Range(0, Streams).Select(i => $"d{i}/s")], CancellationToken.None));
            }

            Console.WriteLine($"| resident memory, MiB | {Process.GetCurrentProcess().WorkingSet64 >> 20} |");
            await store.DisposeAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        DuckDbObservationStore Open() => DuckDbObservationStore.Open(file, new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);
    }

    /// <summary>Parcels of the map, and alert commits one after the other.</summary>
    private static async Task RegistersAsync(int parcels)
    {
        await using var stores = new EmbeddedStores();
        MapFeature[] features = [.. Enumerable.Range(0, parcels).Select(i => An.Parcel($"K-{i}", An.Square(120 + (i % 300 * 0.001), 30 + (i / 300 * 0.001), 0.0009)))];
        await TimeAsync($"import {parcels} parcels", () => stores.Plan.AppendAsync(An.Import(features), CancellationToken.None));
        await TimeAsync("import them again, unchanged", () => stores.Plan.AppendAsync(An.Import(features), CancellationToken.None));
        await TimeAsync("import them again, all changed", () => stores.Plan.AppendAsync(
            An.Import([.. features.Cast<Parcel>().Select(p => p with { PlannedUseCode = "0702", EffectiveFrom = new DateOnly(2026, 1, 1) })]), CancellationToken.None));
        await TimeAsync("read all in force on a day", () => stores.Plan.QueryAsync<Parcel>(new MapQuestion { InForceOn = new DateOnly(2026, 5, 1) }, CancellationToken.None));
        await TimeAsync("read some 100 by box", () => stores.Plan.QueryAsync<Parcel>(new MapQuestion { Box = new Envelope(120.1, 120.11, 30.02, 30.03) }, CancellationToken.None));
        await TimeAsync("1000 alert commits one after the other", async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await stores.Alerts.CommitAsync(new AlertBatch { Changes = [An.Change(An.Alert($"s{i}"))], Audit = [An.Audit()], Cursor = new Cursor("alerts", i) }, CancellationToken.None);
            }
        });
        await TimeAsync("newest 100 alerts of a region", () => stores.Alerts.QueryAsync(new AlertQuestion { RegionPrefixes = ["3301"] }, CancellationToken.None));
    }

    private static async Task TimeAsync(string what, Func<Task> act)
    {
        var watch = Stopwatch.StartNew();
        await act();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what}, ms | {watch.Elapsed.TotalMilliseconds:F1} |"));
    }
}
