using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Monitoring.Bench;

/// <summary>One device that publishes at QoS 1 with a window of unacknowledged messages. The same client loads every broker.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();
    private readonly string device;
    private readonly DateTimeOffset start;
    private long next;

    /// <summary>Whole seconds: the payload carries milliseconds.</summary>
    private LoadClient(string device, DateTimeOffset start) => (this.device, this.start) = (device, DateTimeOffset.FromUnixTimeSeconds(start.ToUnixTimeSeconds()));

    public static async Task<LoadClient> ConnectAsync(int port, string device, string? secret, DateTimeOffset start, CancellationToken cancellationToken)
    {
        var load = new LoadClient(device, start);
        var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(device).WithCleanSession().WithKeepAlivePeriod(TimeSpan.FromSeconds(60));
        if (secret is not null)
        {
            options = options.WithCredentials(device, secret);
        }

        var result = await load.client.ConnectAsync(options.Build(), cancellationToken);
        return result.ResultCode is MqttClientConnectResultCode.Success ? load : throw new InvalidOperationException($"{device} was refused: {result.ResultCode}.");
    }

    /// <summary>Publishes <paramref name="messages"/> messages with at most <paramref name="window"/> unacknowledged; returns when all are acknowledged.</summary>
    public async Task PublishAsync(int messages, int window, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(window);
        var flying = new Task[messages];
        for (var i = 0; i < messages; i++)
        {
            await slots.WaitAsync(cancellationToken);
            flying[i] = OneAsync(slots, cancellationToken);
        }

        await Task.WhenAll(flying);
    }

    /// <summary>Publishes one observation and waits for its acknowledgement.</summary>
    /// <param name="sending">Told the observation's time, which names it on the other side, before it goes out.</param>
    public async Task PublishOneAsync(CancellationToken cancellationToken, Action<DateTimeOffset>? sending = null)
    {
        // One millisecond apart: every observation is another one.
        var number = Interlocked.Increment(ref next);
        var time = start.AddMilliseconds(number);
        var payload = string.Create(CultureInfo.InvariantCulture,
            $$"""{"seq":{{number}},"observations":[{"datastream":"noise","time":"{{time:yyyy-MM-ddTHH:mm:ss.fffZ}}","result":{{50 + (number % 200) / 10.0}}}]}""");
        sending?.Invoke(time);
        var message = new MqttApplicationMessageBuilder().WithTopic($"devices/{device}/obs").WithPayload(Encoding.UTF8.GetBytes(payload))
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        var result = await client.PublishAsync(message, cancellationToken);
        if (!result.IsSuccess)
        {
            throw new InvalidOperationException($"{device} was answered {result.ReasonCode}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisconnectAsync();
        client.Dispose();
    }

    private async Task OneAsync(SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        try
        {
            await PublishOneAsync(cancellationToken);
        }
        finally
        {
            slots.Release();
        }
    }
}
