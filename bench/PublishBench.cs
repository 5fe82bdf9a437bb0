using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary>Durable QoS 1 publishes per second through the whole pipeline, beside mosquitto in the same run with the same client.</summary>
internal static class PublishBench
{
    private static readonly (int Clients, int Window)[] Loads = [(1, 1), (8, 64), (100, 1), (100, 16)];

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        foreach (var (clients, window) in Loads)
        {
            var messages = clients * window switch { 1 when clients == 1 => 2_000, _ => 60_000 / clients };
            // A B A B A B: the machine's speed drifts.
            var ours = new List<double>();
            var theirs = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                ours.Add(await OursAsync(clients, window, messages / clients, cancellationToken));
                theirs.Add(await MosquittoAsync(clients, window, messages / clients, cancellationToken));
            }

            var (a, b) = (Median(ours), Median(theirs));
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"| {clients} | {window} | {messages} | {a:N0} | {b:N0} | {a / b:F2} |"));
            Console.WriteLine(rows[^1]);
        }

        await File.WriteAllTextAsync(Path.Combine(results, "publish.md"),
            $"""
            # Durable QoS 1 publishes per second

            One observation a message (about 110 bytes). Ours: PUBACK after decode, validation, duplicate search and the durable commit. Beside it
            mosquitto without persistence, which stores nothing: a limit of the wire and the client, not a peer in durability. Median of three
            alternating runs on {Machine.Describe()}, client and server sharing the cores. Made by `dotnet run -c Release --project bench -- publish`.

            | clients | window | messages | ours, per second | mosquitto, per second | ratio |
            |---|---|---|---|---|---|
            {string.Join('\n', rows)}

            """, cancellationToken);
    }

    internal static async Task ImportDevicesAsync(string data, IReadOnlyList<(string Device, string Secret)> devices, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(data);
        var file = Path.Combine(data, "devices.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            things = new[] { new { id = "bench", name = "压测", lon = 119.9, lat = 32.3, region = "990001" } },
            devices = devices.Select(d => new
            {
                id = d.Device,
                thing = "bench",
                secret = d.Secret,
                datastreams = new[] { new { name = "noise", property = "noise_laeq", unit = "dB(A)", interval_s = (int?)60, aggregation = "energy_mean" } },
            }),
        }), cancellationToken);
        var (code, output) = await ServiceProcess.RunAsync(cancellationToken, "import", "devices", file, "--data", data);
        if (code != 0)
        {
            throw new InvalidOperationException($"The devices could not be imported: {output}");
        }
    }

    internal static List<(string Device, string Secret)> Devices(int count) =>
        [.. Enumerable.Range(1, count).Select(i => ($"bench{i:D3}", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))))];

    private static async Task<double> OursAsync(int clients, int window, int messages, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var devices = Devices(clients);
        await ImportDevicesAsync(folder.Path, devices, cancellationToken);
        await using var service = await ServiceProcess.StartAsync(folder.Path, cancellationToken);
        var rate = await LoadAsync(service.MqttPort, devices.ConvertAll(d => (d.Device, (string?)d.Secret)), window, messages, cancellationToken);
        await service.StopAsync(cancellationToken);
        return rate;
    }

    private static async Task<double> MosquittoAsync(int clients, int window, int messages, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        await using var broker = await Mosquitto.StartAsync(folder.Path, cancellationToken);
        return await LoadAsync(broker.Port, Devices(clients).ConvertAll(d => (d.Device, (string?)null)), window, messages, cancellationToken);
    }

    private static async Task<double> LoadAsync(int port, List<(string Device, string? Secret)> devices, int window, int messages, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetUtcNow().AddHours(-1);
        var clients = new List<LoadClient>();
        foreach (var (device, secret) in devices)
        {
            clients.Add(await LoadClient.ConnectAsync(port, device, secret, start, cancellationToken));
        }

        await Task.WhenAll(clients.Select(c => c.PublishAsync(Math.Max(10, messages / 20), window, cancellationToken)));
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(clients.Select(c => c.PublishAsync(messages, window, cancellationToken)));
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        return messages * devices.Count / seconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
