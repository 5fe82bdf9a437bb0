using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.SignalR.Client;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary>Time from the start of a publish to the observation at a dashboard's hub connection, at a steady 1,000 messages a second.</summary>
internal static class LatencyBench
{
    private const int PerSecond = 1_000;
    private const int Clients = 20;
    private const int Seconds = 20;

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var devices = PublishBench.Devices(Clients);
        await PublishBench.ImportDevicesAsync(folder.Path, devices, cancellationToken);
        await using var service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
        using var person = await SignedIn.AsFirstAdministratorAsync(service, cancellationToken);

        var sent = new ConcurrentDictionary<(string Device, DateTimeOffset Time), long>();
        var latencies = new ConcurrentBag<double>();
        await using var hub = person.Hub();
        hub.On<List<Seen>>("Observations", seen =>
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var one in seen)
            {
                if (sent.TryRemove((one.Id.Split('/')[0], one.Time), out var at))
                {
                    latencies.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
                }
            }
        });
        await hub.StartAsync(cancellationToken);
        await hub.InvokeAsync("SubscribeTelemetry", devices.Select(d => $"{d.Device}/noise").ToArray(), cancellationToken);

        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        var clients = new List<LoadClient>();
        foreach (var (device, secret) in devices)
        {
            clients.Add(await LoadClient.ConnectAsync(service.MqttPort, device, secret, start, cancellationToken));
        }

        var acks = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        var flying = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var published = 0;
        while (published < PerSecond * Seconds && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (int)(clock.Elapsed.TotalSeconds * PerSecond); published < due && published < PerSecond * Seconds; published++)
            {
                flying.Add(OneAsync(devices[published % Clients].Device, clients[published % Clients]));
            }
        }

        await Task.WhenAll(flying);
        var ack = acks.Order().ToArray();
        var hubTimes = latencies.Order().ToArray();
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await service.StopAsync(cancellationToken);
        var table = string.Create(CultureInfo.InvariantCulture,
            $"""
            # Publish-to-hub latency at {PerSecond:N0} messages a second

            {Clients} devices, QoS 1, {Seconds} s, on {Machine.Describe()}, all on the same cores. The hub sends the newest observation of a
            datastream at most four times a second, so {hubTimes.Length:N0} of {published:N0} observations were seen there; each is timed from the
            start of its publish. Made by `dotnet run -c Release --project bench -- latency`.

            | from the publish to | p50, ms | p99, ms | max, ms |
            |---|---|---|---|
            | PUBACK (durable) | {At(ack, 0.5):F1} | {At(ack, 0.99):F1} | {ack[^1]:F1} |
            | hub message | {At(hubTimes, 0.5):F1} | {At(hubTimes, 0.99):F1} | {hubTimes[^1]:F1} |

            """);
        Console.WriteLine(table);
        await File.WriteAllTextAsync(Path.Combine(results, "latency.md"), table, cancellationToken);

        async Task OneAsync(string device, LoadClient client)
        {
            var at = Stopwatch.GetTimestamp();
            await client.PublishOneAsync(cancellationToken, time => sent[(device, time)] = at);
            acks.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private sealed record Seen(string Id, DateTimeOffset Time, double? Number);
}
