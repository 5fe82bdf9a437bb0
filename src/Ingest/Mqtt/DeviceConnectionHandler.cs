using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Monitoring.Ingest.Mqtt;

/// <summary>Where Kestrel hands over a TCP or TLS connection, and MQTTnet takes it. Bounds how many there are.</summary>
internal sealed class DeviceConnectionHandler(DoorServices door) : ConnectionHandler, IMqttServerAdapter
{
    private int _connections;

    /// <summary>Set by MQTTnet's server while it runs.</summary>
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Raised after <see cref="Connections"/> changed, on the thread of the connection.</summary>
    internal event Action? ConnectionsMoved;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (Count(1) > door.Options.MaxConnections)
        {
            Count(-1);
            door.Log.LogWarning(
                "MQTT connection from {Address} is closed: {Max} connections are open already (Mqtt:MaxConnections).", connection.RemoteEndPoint, door.Options.MaxConnections);
            connection.Abort();
            return;
        }

        var address = DeviceChannel.AddressOf(connection);
        if (!door.Unknown.TryEnter(address))
        {
            Count(-1);
            door.Log.LogDebug(
                "MQTT connection from {Address} is closed: {Max} connections of its address have not said yet who they are (Mqtt:MaxUnknownConnectionsPerAddress).",
                connection.RemoteEndPoint, door.Options.MaxUnknownConnectionsPerAddress);
            connection.Abort();
            return;
        }

        DeviceChannel? opened = null;
        try
        {
            if (ClientHandler is not { } handle)
            {
                connection.Abort();
                return;
            }

            using var channel = opened = new DeviceChannel(connection, door);

            // Kestrel asks before it stops, and waits; without an answer it would wait for its whole shutdown time.
            using var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.Register(
                () => _ = channel.CloseAsync(MqttDisconnectReasonCode.ServerShuttingDown, "the service is stopping", LogLevel.Debug));
            try
            {
                await handle(channel);
            }
            finally
            {
                if (channel.Device is { } device)
                    door.Connected.TryRemove(new KeyValuePair<string, DeviceChannel>(device.Device.Id, channel));
                await channel.FinishAsync();
            }
        }
        finally
        {
            if (opened?.Device is null)
                door.Unknown.Leave(address);
            Count(-1);
        }
    }

    private int Count(int by)
    {
        var now = Interlocked.Add(ref _connections, by);
        ConnectionsMoved?.Invoke();
        return now;
    }

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger) => Task.CompletedTask;

    public Task StopAsync() => Task.CompletedTask;

    public void Dispose()
    {
    }
}
