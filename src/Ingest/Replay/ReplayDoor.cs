using System.Text;
using System.Text.Json;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Replay;

/// <summary>
/// Takes recorded device messages from a file, as if the devices sent them now: one JSON object a line, as docs/formats/replay.md fixes
/// it. What was taken before counts as duplicate, so a file may be replayed again. Thread-safe.
/// </summary>
public sealed class ReplayDoor(IngestPipeline pipeline, DeviceDirectory devices, MqttDoorOptions limits, TimeProvider time)
{
    /// <summary>Name of the door in dead letters.</summary>
    public const string Name = "replay";

    /// <summary>Messages in flight between reading and commit.</summary>
    private const int InFlight = 256;

    /// <summary>Replays a whole file. Lines that cannot be taken are told with their number and left out; the rest is taken.</summary>
    public async Task<ReplaySummary> ReplayAsync(string path, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var tally = new Tally();
        var flying = new Queue<Task>();
        var number = 0;
        using var reader = new StreamReader(path, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            var (message, fault) = await MessageOfAsync(line, cancellationToken);
            if (message is null)
            {
                problems.Add($"Line {number} of {Path.GetFileName(path)} was left out: {fault}");
                continue;
            }

            while (flying.Count >= InFlight)
            {
                await flying.Dequeue();
            }

            flying.Enqueue(pipeline.TakeAsync(message, tally, cancellationToken));
        }

        await Task.WhenAll(flying);
        return new ReplaySummary(tally.Taken, tally.NotTaken, problems);
    }

    private async Task<(InboundMessage? Message, string? Fault)> MessageOfAsync(string line, CancellationToken cancellationToken)
    {
        if (line.Length > limits.MaxPacketBytes)
        {
            return (null, $"it has {line.Length} characters; a message has at most {limits.MaxPacketBytes} bytes.");
        }

        string topic;
        byte[] payload;
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind is not JsonValueKind.Object
                || !document.RootElement.TryGetProperty("topic", out var address) || address.ValueKind is not JsonValueKind.String
                || !document.RootElement.TryGetProperty("payload", out var body))
            {
                return (null, "it needs \"topic\" (devices/{id}/obs) and \"payload\" (the device's JSON).");
            }

            topic = address.GetString()!;
            payload = Encoding.UTF8.GetBytes(body.GetRawText());
        }
        catch (JsonException fault)
        {
            return (null, $"it is not JSON: {fault.Message}");
        }

        if (topic.Split('/') is not ["devices", var id, _] || await devices.FindAsync(id, cancellationToken) is not { } device)
        {
            return (null, $"its topic \"{DeviceTopic.Show(topic)}\" names no registered device; import the device first.");
        }

        return (new InboundMessage { Door = Name, Device = device, Address = topic, Payload = payload, ReceivedTime = time.GetUtcNow() }, null);
    }

    private sealed class Tally : IAckStage
    {
        private int taken;
        private int notTaken;

        public int Taken => taken;

        public int NotTaken => notTaken;

        public void Settle(Pipeline.Taken outcome)
        {
            if (outcome is Pipeline.Taken.Durable)
            {
                Interlocked.Increment(ref taken);
            }
            else
            {
                Interlocked.Increment(ref notTaken);
            }
        }
    }
}

/// <param name="Taken">Messages that are durable: their observations, duplicates or dead letters.</param>
/// <param name="NotTaken">Messages that the store did not take; replay the file again.</param>
/// <param name="Problems">One sentence for each line that was left out.</param>
public sealed record ReplaySummary(int Taken, int NotTaken, IReadOnlyList<string> Problems);
