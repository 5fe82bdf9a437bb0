using System.Net;
using System.Net.Sockets;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Mqtt;

/// <summary>Conversations with seeded damage: the door closes them, keeps its account and serves the next device.</summary>
public sealed class DamagedBytesTests
{
    private const int Rounds = 400;

    [Fact]
    public async Task Conversation_WithDamage_HarmsNothing()
    {
        await using var door = await Door.OpenAsync(o => o with { RefusedAttemptsPerMinute = 100_000, RefusedAttemptsPerMinuteOfAddress = 100_000 });
        door.Devices.Add("d1");
        door.Devices.Add("d2");
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(7919 + round);
            var bytes = Conversation(version5: round % 2 == 1, random);
            for (var damages = random.Next(1, 6); damages > 0; damages--)
                Damage(bytes, random);
            await TalkAsync(door.Port, [.. bytes]);
        }

        var handler = door.Service<DeviceConnectionHandler>();
        await handler.UntilAsync(static n => n == 0);
        door.Ledger.ShouldSatisfyAllConditions(l => l.Balances.ShouldBeTrue(), l => l.Pending.ShouldBe(0), l => l.Received.ShouldBeGreaterThan(0));
        door.Service<DoorServices>().Budget.Held.ShouldBe(0);
        door.Log.All.ShouldNotContain(l => l.StartsWith("Error") || l.StartsWith("Critical"));
        var client = await door.ConnectAsync("d2");
        (await Door.PublishAsync(client, "devices/d2/obs", Payload.Pm10(0))).IsSuccess.ShouldBeTrue();
        door.Store.Stored.ShouldContain(o => o.DatastreamId == Datastream.IdOf("d2", "pm10"));
    }

    private static List<byte> Conversation(bool version5, Random random)
    {
        var bytes = new List<byte>();
        byte[] properties = version5 ? [0] : [];
        Add(bytes, 0x10, [0, 4, .. "MQTT"u8, (byte)(version5 ? 5 : 4), 0xC2, 0, 60, .. properties, .. RawClient.Field("d1"), .. RawClient.Field("d1"), .. RawClient.Field("secret-of-device")]);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            switch (random.Next(4))
            {
                case 0:
                    Add(bytes, 0xC0, []);
                    break;
                case 1:
                    Add(bytes, 0x82, [0, 9, .. properties, .. RawClient.Field("devices/d1/#"), 1]);
                    break;
                case 2:
                    Add(bytes, 0x34, [.. RawClient.Field("devices/d1/obs"), 0, 7, .. properties, .. System.Text.Encoding.UTF8.GetBytes(Payload.Pm10(random.Next(100)))]);
                    Add(bytes, 0x62, [0, 7]);
                    break;
                default:
                    Add(bytes, 0x32, [.. RawClient.Field("devices/d1/obs"), 0, 5, .. properties, .. System.Text.Encoding.UTF8.GetBytes(Payload.Pm10(random.Next(100)))]);
                    break;
            }
        }

        Add(bytes, 0xE0, []);
        return bytes;
    }

    private static void Add(List<byte> bytes, byte first, byte[] body)
    {
        bytes.Add(first);
        for (var length = body.Length; ; length >>= 7)
        {
            bytes.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            if (length <= 0x7F)
                break;
        }

        bytes.AddRange(body);
    }

    private static void Damage(List<byte> bytes, Random random)
    {
        // Mostly behind CONNECT, so that devices get in.
        var at = random.Next(4) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(60, bytes.Count - 1), bytes.Count);
        switch (random.Next(4))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                break;
            case 2:
                bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)));
                break;
            default:
                bytes[at] ^= 0x80;
                break;
        }

        if (bytes.Count < 2)
            bytes.AddRange([0xC0, 0]);
    }

    private static async Task TalkAsync(int port, byte[] bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, patience.Token);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync(bytes, patience.Token);
            tcp.Client.Shutdown(SocketShutdown.Send);
            var sink = new byte[4096];
            while (await stream.ReadAsync(sink, patience.Token) > 0)
            {
                // Whatever it answers.
            }
        }
        catch (Exception closed) when (closed is IOException or SocketException)
        {
            // The door may close at once, with bytes of ours unread.
            return;
        }
    }
}
