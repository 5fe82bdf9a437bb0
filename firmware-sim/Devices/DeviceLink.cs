using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>The way from a device to its server. One caller at a time.</summary>
public interface IDeviceLink : IAsyncDisposable
{
    bool IsUp { get; }

    /// <summary>Connects. Throws <see cref="DeviceLinkException"/> when the server is away or refuses.</summary>
    Task ConnectAsync(CancellationToken stop);

    /// <summary>Publishes and completes when the server has acknowledged. Throws <see cref="DeviceLinkException"/> otherwise.</summary>
    Task PublishAsync(byte[] payload, CancellationToken stop);

    /// <summary>Drops the connection, politely or not. Never throws.</summary>
    Task DropAsync(bool polite);
}

/// <summary>The link failed; the message says how.</summary>
public sealed class DeviceLinkException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>MQTT 5 or 3.1.1, QoS 1, user name = client id = device id, clean start: the device's own buffer is its session.</summary>
public sealed class MqttDeviceLink : IDeviceLink
{
    private IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly MqttClientOptions _options;
    private readonly string _topic;

    public MqttDeviceLink(DeviceProfile device, string secret, string host, int port)
    {
        ArgumentNullException.ThrowIfNull(device);
        _topic = $"devices/{device.Id}/obs";
        _options = new MqttClientOptionsBuilder()
            .WithTcpServer(host, port)
            .WithClientId(device.Id)
            .WithCredentials(device.Id, secret)
            .WithProtocolVersion(device.Mqtt5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithCleanStart(true)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(30))
            .WithTimeout(TimeSpan.FromSeconds(20))
            .Build();
    }

    public bool IsUp => _client.IsConnected;

    public async Task ConnectAsync(CancellationToken stop)
    {
        try
        {
            var result = await _client.ConnectAsync(_options, stop);
            if (result.ResultCode != MqttClientConnectResultCode.Success) throw new DeviceLinkException($"the server refused: {result.ResultCode}");
        }
        catch (Exception e) when (IsLink(e, stop))
        {
            throw new DeviceLinkException(e.InnerException?.Message ?? e.Message, e);
        }
    }

    public async Task PublishAsync(byte[] payload, CancellationToken stop)
    {
        var message = new MqttApplicationMessage
        {
            Topic = _topic,
            PayloadSegment = payload,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        };
        try
        {
            var result = await _client.PublishAsync(message, stop);
            if (!result.IsSuccess) throw new DeviceLinkException($"the server did not take the message: {result.ReasonCode}");
        }
        catch (Exception e) when (IsLink(e, stop))
        {
            throw new DeviceLinkException(e.InnerException?.Message ?? e.Message, e);
        }
    }

    public async Task DropAsync(bool polite)
    {
        if (!_client.IsConnected) return;
        if (!polite)
        {
            // A dead radio says no goodbye: the connection is closed without a DISCONNECT packet.
            _client.Dispose();
            _client = new MqttClientFactory().CreateMqttClient();
            return;
        }

        try
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions());
        }
        catch (Exception e) when (IsLink(e, CancellationToken.None))
        {
            // The connection is gone, which is what was asked for.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync(true);
        _client.Dispose();
    }

    private static bool IsLink(Exception e, CancellationToken stop) =>
        e is MqttCommunicationException or MqttProtocolViolationException or TimeoutException
            or System.Net.Sockets.SocketException or IOException or InvalidOperationException or ObjectDisposedException
        || e is OperationCanceledException && !stop.IsCancellationRequested;
}
