using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>MQTT 3.1.1 by hand, byte for byte, to see the order and the timing of what the door writes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _tcp = new();

    private NetworkStream Stream => _tcp.GetStream();

    private static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static async Task<RawClient> OpenAsync(int port)
    {
        var client = new RawClient();
        client._tcp.NoDelay = true;
        await client._tcp.ConnectAsync(IPAddress.Loopback, port, Patience);
        return client;
    }

    public static async Task<RawClient> ConnectAsync(int port, string id, string secret = "secret-of-device", ushort keepAlive = 0, byte flags = 0xC2)
    {
        var client = await OpenAsync(port);
        await client.SendAsync(0x10, [0, 4, .. "MQTT"u8, 4, flags, (byte)(keepAlive >> 8), (byte)keepAlive, .. Field(id), .. Field(id), .. Field(secret)]);
        (await client.ReadAsync()).ShouldBe([0x20, 2, 0, 0]);
        return client;
    }

    public Task PublishAsync(string topic, string payload, ushort id, int quality = 1, bool again = false) =>
        SendAsync((byte)(0x30 | (quality << 1) | (again ? 8 : 0)), [.. Field(topic), .. quality == 0 ? Array.Empty<byte>() : [(byte)(id >> 8), (byte)id], .. Encoding.UTF8.GetBytes(payload)]);

    public Task PingAsync() => SendAsync(0xC0, []);

    public async Task SendAsync(byte first, byte[] body)
    {
        var packet = new List<byte> { first };
        var length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        packet.AddRange(body);
        await SendRawAsync([.. packet]);
    }

    public async Task SendRawAsync(byte[] bytes) => await Stream.WriteAsync(bytes, Patience);

    /// <summary>The next packet, or an empty array at the end of the connection.</summary>
    public async Task<byte[]> ReadAsync()
    {
        try
        {
            var head = new byte[2];
            if (await Stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, Patience) < 2)
                return [];
            head[1].ShouldBeLessThan((byte)128);
            var body = new byte[head[1]];
            await Stream.ReadExactlyAsync(body, Patience);
            return [.. head, .. body];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>True when bytes to read are there already.</summary>
    public bool HasBytes => Stream.DataAvailable;

    public void Dispose() => _tcp.Dispose();

    public static byte[] Field(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }
}
