using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Events;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// MQTTnet's server behind the door: sessions, keep-alive, takeover. It brokers nothing: what a device publishes goes to the pipeline
/// and to no subscriber, and wills are not observations.
/// </summary>
internal sealed class MqttServerLoop(DeviceConnectionHandler handler, DoorServices door, IEventBus bus, ILogger<MqttServerLoop> log)
    : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private MqttServer? _server;
    private Task _followingDevices = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new MqttServerOptionsBuilder()
            .WithoutDefaultEndpoint()
            .WithDefaultCommunicationTimeout(door.Options.ConnectTimeout)
            .Build();
        _server = new MqttServer(options, [handler], new MqttLogBridge(log));
        _server.ValidatingConnectionAsync += ValidateAsync;
        _server.InterceptingPublishAsync += published =>
        {
            // The channel gave the message to the pipeline when it came in.
            published.ProcessPublish = false;
            return Task.CompletedTask;
        };
        _server.InterceptingSubscriptionAsync += SubscribeAsync;
        _followingDevices = FollowDevicesAsync(_stopping.Token);
        await _server.StartAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_server is not null)
        {
            await _server.StopAsync(new MqttServerStopOptions
            {
                DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
            });
        }

        await _followingDevices;
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ValidateAsync(ValidatingConnectionEventArgs connect)
    {
        var channel = (DeviceChannel)connect.ChannelAdapter;
        var (code, because) = await JudgeAsync(connect, channel);
        connect.ReasonCode = code;
        if (code == MqttConnectReasonCode.Success)
            return;
        connect.ReasonString = because;
        log.LogWarning(
            "MQTT connection of {Client} from {Address} is refused: {Because}.",
            Pipeline.DeviceTopic.Show(connect.ClientId ?? ""), channel.RemoteEndPoint, because);
    }

    private async Task<(MqttConnectReasonCode Code, string? Because)> JudgeAsync(ValidatingConnectionEventArgs connect, DeviceChannel channel)
    {
        var id = connect.ClientId ?? "";
        var secret = connect.RawPassword ?? [];
        var isForm = id.Length > 0 && connect.UserName == id;

        // Taken before the look-up: a change in between makes the channel look again.
        var version = door.Directory.Version;
        try
        {
            // Who was right before is not held up by what others try from the same address.
            var device = isForm ? await door.Directory.RecogniseAsync(id, secret, connect.CancellationToken) : null;
            if (device is null)
            {
                if (!door.Attempts.TryTake(channel.RemoteAddress, isForm ? id : ""))
                {
                    return (IsVersion5(channel) ? MqttConnectReasonCode.ConnectionRateExceeded : MqttConnectReasonCode.ServerUnavailable,
                        "too many refused connections with this id or from this address; wait a minute");
                }

                if (!isForm)
                    return (MqttConnectReasonCode.NotAuthorized, "client id and user name must both be the device id");
                device = await AuthenticateAsync(channel, id, secret, connect.CancellationToken);
            }

            if (device is null)
            {
                return (MqttConnectReasonCode.BadUserNameOrPassword, "unknown device, wrong secret or disabled device; register it with `monitoring import devices`");
            }

            await door.Newest.LoadAsync(device, connect.CancellationToken);
            channel.Admit(device, version);
            door.Connected[id] = channel;
            return (MqttConnectReasonCode.Success, null);
        }
        catch (Domain.Sensing.StoreUnavailableException problem)
        {
            log.LogError(problem, "The register could not be read for a connecting device.");
            return (MqttConnectReasonCode.ServerUnavailable, "the service cannot read its register just now; try again");
        }
    }

    /// <summary>The attempt is taken already; it is given back unless the secret was wrong.</summary>
    private async Task<Domain.Sensing.RegisteredDevice?> AuthenticateAsync(DeviceChannel channel, string id, byte[] secret, CancellationToken cancellationToken)
    {
        var wasWrong = false;
        try
        {
            var device = await door.Directory.AuthenticateAsync(id, secret, cancellationToken);
            wasWrong = device is null;
            return device;
        }
        finally
        {
            if (!wasWrong)
                door.Attempts.GiveBack(channel.RemoteAddress, id);
        }
    }

    private Task SubscribeAsync(InterceptingSubscriptionEventArgs subscribe)
    {
        var channel = door.Connected.GetValueOrDefault(subscribe.ClientId);
        if (!Pipeline.DeviceTopic.IsBelow(subscribe.ClientId, subscribe.TopicFilter.Topic))
        {
            // MQTT 3.1.1 knows one failure code only.
            subscribe.ProcessSubscription = false;
            subscribe.Response.ReasonCode = channel is not null && IsVersion5(channel) ? MqttSubscribeReasonCode.NotAuthorized : MqttSubscribeReasonCode.UnspecifiedError;
            if (channel is { WasToldOfSubscription: false })
            {
                channel.WasToldOfSubscription = true;
                log.LogWarning(
                    "Device {Device} may not subscribe to '{Filter}', only to topics of its own.",
                    subscribe.ClientId, Pipeline.DeviceTopic.Show(subscribe.TopicFilter.Topic));
            }
        }
        else if (channel is null || ++channel.Subscriptions > door.Options.MaxSubscriptions)
        {
            subscribe.ProcessSubscription = false;
            subscribe.Response.ReasonCode = channel is not null && IsVersion5(channel) ? MqttSubscribeReasonCode.QuotaExceeded : MqttSubscribeReasonCode.UnspecifiedError;
        }

        return Task.CompletedTask;
    }

    /// <summary>A device that says nothing is sent away too; one that the register cannot be asked about meets the question with its next message.</summary>
    private async Task CloseUnwelcomeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var registered = (await door.Directory.AllAsync(cancellationToken)).ToDictionary(d => d.Device.Id, StringComparer.Ordinal);
            foreach (var (id, channel) in door.Connected)
                await channel.LeaveUnlessWelcomeAsync(registered.GetValueOrDefault(id));
        }
        catch (Domain.Sensing.StoreUnavailableException problem)
        {
            log.LogError(problem, "The register could not be read after a change of devices; connected devices are looked at with their next message.");
        }
    }

    private async Task FollowDevicesAsync(CancellationToken cancellationToken)
    {
        using var changes = bus.Subscribe<DevicesChanged>();
        try
        {
            while (true)
            {
                await changes.WaitAsync(cancellationToken);
                door.Directory.Changed();
                await CloseUnwelcomeAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            log.LogDebug("The MQTT door follows the register no more: the service is stopping.");
        }
    }

    private static bool IsVersion5(DeviceChannel channel) => channel.PacketFormatterAdapter.ProtocolVersion == MQTTnet.Formatter.MqttProtocolVersion.V500;
}
