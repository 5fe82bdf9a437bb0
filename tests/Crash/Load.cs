using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Monitoring.Crash;

/// <summary>One device's whole script: an ordered list of messages, each sent until it was acknowledged.</summary>
internal sealed class DeviceScript(string device, string secret, IReadOnlyList<ScriptedMessage> messages, int window = 8)
{
    private int acknowledged;

    public string Device => device;

    /// <summary>Messages [0, Acknowledged) were acknowledged; a device goes on behind them.</summary>
    public int Acknowledged => acknowledged;

    public IReadOnlyList<ScriptedMessage> Messages => messages;

    /// <summary>Called after each acknowledgement, on the thread that saw it.</summary>
    public Action? Advanced { get; set; }

    public bool Done => acknowledged == messages.Count;

    /// <summary>
    /// Sends from the first unacknowledged message on, with a small window, until done or the connection breaks. Messages that were in
    /// flight when it broke are sent again by the next call, as a device's buffer does.
    /// </summary>
    /// <returns>False when the connection broke before the script's end.</returns>
    public async Task<bool> SendAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var options = new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(device).WithCredentials(device, secret).WithCleanSession()
                .WithTimeout(TimeSpan.FromSeconds(20)).Build();
            await client.ConnectAsync(options, cancellationToken);
            var flying = new Queue<Task<MqttClientPublishResult>>();
            var next = acknowledged;
            while (!Done)
            {
                while (next < messages.Count && flying.Count < window)
                {
                    flying.Enqueue(client.PublishAsync(
                        new MqttApplicationMessageBuilder().WithTopic($"devices/{device}/obs").WithPayload(messages[next++].Payload)
                            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancellationToken));
                }

                var result = await flying.Dequeue();
                if (!result.IsSuccess)
                {
                    return false;
                }

                Interlocked.Increment(ref acknowledged);
                Advanced?.Invoke();
            }

            await client.DisconnectAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception broken) when (broken is MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttClientDisconnectedException
                                           or System.Net.Sockets.SocketException or IOException or ObjectDisposedException or InvalidOperationException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}

/// <param name="Payload">As it goes over the wire.</param>
/// <param name="Keys">Datastream and time of each observation in it, with its result.</param>
internal sealed record ScriptedMessage(byte[] Payload, IReadOnlyList<(string Datastream, DateTimeOffset Time, double Result)> Keys)
{
    /// <summary>
    /// A day of one-minute noise levels of a device, five in a message; loud in a seeded hour of the night, so that there is something
    /// to warn of.
    /// </summary>
    public static List<ScriptedMessage> NoisyDay(string device, DateTimeOffset midnight, int seed)
    {
        var random = new Random(seed);
        var loudFrom = 60 * random.Next(0, 4);
        var messages = new List<ScriptedMessage>();
        for (var minute = 0; minute < 1440; minute += 5)
        {
            var keys = new List<(string, DateTimeOffset, double)>();
            var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $$"""{"seq":{{minute / 5}},"observations":["""));
            for (var i = minute; i < minute + 5; i++)
            {
                var time = midnight.AddMinutes(i);
                var loud = i >= loudFrom && i < loudFrom + 120;
                var level = Math.Round((loud ? 78 : 48) + (random.NextDouble() * 4), 1);
                keys.Add(($"{device}/noise", time.ToUniversalTime(), level));
                text.Append(i == minute ? "" : ",").Append(string.Create(CultureInfo.InvariantCulture,
                    $$"""{"datastream":"noise","time":"{{time:yyyy-MM-ddTHH:mm:sszzz}}","result":{{level}}}"""));
            }

            messages.Add(new ScriptedMessage(Encoding.UTF8.GetBytes(text.Append("]}").ToString()), keys));
        }

        return messages;
    }
}
