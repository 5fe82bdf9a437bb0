using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;
using MQTTnet.Adapter;
using MQTTnet.AspNetCore;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// One device connection, between Kestrel's pipes and MQTTnet's session. It refuses long packets at their header, hands each PUBLISH
/// to the pipeline on its way in, holds back MQTTnet's PUBACK and PUBREC on their way out, and sends its own after the durable commit,
/// in the order of the PUBLISH packets.
/// </summary>
/// <remarks>
/// The acks are tied to this object and not to MQTTnet's session, because a session outlives its connection when another one takes it
/// over. Receiving is done by one reader at a time (MQTTnet's loop); sending is guarded by a lock. If a commit fails nothing is
/// acknowledged from there on and the connection closes, so that the device sends again.
/// </remarks>
internal sealed class DeviceChannel : IMqttChannelAdapter
{
    /// <summary>Pings, subscriptions and releases that a client may ask for ahead of reading the answers.</summary>
    private const int MaxOwedAnswers = 128;

    /// <summary>Acks written in one go.</summary>
    private const int MaxAcksPerWrite = 128;

    private readonly ConnectionContext _connection;
    private readonly DoorServices _door;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _window;
    private readonly Channel<HeldAck> _held;
    private readonly Task _acks;
    private readonly CancellationTokenSource _ending = new();
    private DeviceQuota? _quota;
    private bool _wasSlowed;
    private int _directoryVersion;
    private int _owedAnswers;
    private bool _closed;

    public DeviceChannel(ConnectionContext connection, DoorServices door)
    {
        _connection = connection;
        _door = door;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        PacketFormatterAdapter = new MqttPacketFormatterAdapter(new MqttBufferWriter(256, 64 * 1024));
        _window = new SemaphoreSlim(door.Options.MaxInFlight);

        // Bounded by the window: nothing is written without one of its places.
        _held = Channel.CreateUnbounded<HeldAck>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        _acks = Task.Run(SendAcksAsync);
    }

    /// <summary>The device as authenticated; null before CONNECT was accepted.</summary>
    public RegisteredDevice? Device { get; private set; }

    public int Subscriptions { get; set; }

    /// <summary>True when the log was told of a subscription that it may not have: once a connection, whatever it tries.</summary>
    public bool WasToldOfSubscription { get; set; }

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    public X509Certificate2? ClientCertificate => _connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;

    public bool IsSecureConnection => _connection.Features.Get<ITlsHandshakeFeature>() is not null;

    public EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public EndPoint? LocalEndPoint => _connection.LocalEndPoint;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    public IPAddress RemoteAddress => AddressOf(_connection);

    private bool IsVersion5 => PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;

    public static IPAddress AddressOf(ConnectionContext connection) => (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;

    public void Admit(RegisteredDevice device, int directoryVersion)
    {
        if (Device is null)
            _door.Unknown.Leave(RemoteAddress);
        _quota ??= _door.QuotaOf(device.Device.Id);
        Device = device;
        _directoryVersion = directoryVersion;
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var (consumed, examined) = (buffer.Start, buffer.End);
            MqttPacket? packet = null;
            var size = 0;
            try
            {
                switch (FixedHeader.TryRead(buffer, out var header))
                {
                    case FixedHeaderState.Complete:
                        if (await RefusesAsync(header))
                            return null;
                        if (PacketFormatterAdapter.TryDecode(buffer, out packet, out consumed, out examined, out size))
                            BytesReceived += size;
                        break;
                    case FixedHeaderState.Malformed:
                        await CloseAsync(MqttDisconnectReasonCode.MalformedPacket, "its packet length runs over four bytes");
                        return null;
                }
            }
            catch (Exception problem) when (problem is MqttProtocolViolationException or MqttCommunicationException or ArgumentException or NotSupportedException or IndexOutOfRangeException)
            {
                // What MQTTnet's decoders throw for bytes that are no MQTT packet.
                await CloseAsync(MqttDisconnectReasonCode.MalformedPacket, $"it sent bytes that are no MQTT packet ({problem.Message})");
                return null;
            }
            finally
            {
                _input.AdvanceTo(consumed, examined);
            }

            if (packet is not null)
            {
                if (await TakesAsync(packet, size, cancellationToken))
                    return packet;
                return null;
            }

            // Without the first, a connection that ends in the middle of a packet would be read for ever.
            if (read.IsCompleted || read.IsCanceled)
                return null;
        }
    }

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        switch (packet)
        {
            case MqttPubAckPacket or MqttPubRecPacket:
                // Ours follows when the message is durable.
                return Task.CompletedTask;
            case MqttConnAckPacket { ReasonCode: MqttConnectReasonCode.Success } accepted:
                accepted.ReceiveMaximum = (ushort)_door.Options.MaxInFlight;
                accepted.MaximumPacketSize = (uint)_door.Options.MaxPacketBytes;
                accepted.TopicAliasMaximum = 0;
                accepted.RetainAvailable = false;
                accepted.SharedSubscriptionAvailable = false;
                break;
            case MqttPingRespPacket or MqttSubAckPacket or MqttUnsubAckPacket or MqttPubCompPacket:
                Interlocked.Decrement(ref _owedAnswers);
                break;
        }

        return WriteAsync(packet, cancellationToken);
    }

    /// <summary>MQTTnet's last call, when its receiving loop has ended.</summary>
    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        await CloseOutputAsync();
        await _input.CompleteAsync();
    }

    /// <summary>Ends the ack queue and waits for what is still under way; no commit is left without its booking.</summary>
    public async Task FinishAsync()
    {
        _held.Writer.TryComplete();
        await _acks;

        // Whoever closes it from outside after this finds it closed.
        await CloseOutputAsync();
    }

    public void ResetStatistics() => (BytesReceived, BytesSent) = (0, 0);

    /// <summary>
    /// The semaphores stay: who looks through the connections after a change of devices may close one that just ends, and they hold
    /// nothing that must be freed while nobody asks for their handles.
    /// </summary>
    public void Dispose() => _ending.Dispose();

    /// <summary>Ends the connection when the register has no such device any more, has it disabled, or with another secret.</summary>
    public async Task LeaveUnlessWelcomeAsync(RegisteredDevice? current)
    {
        if (!IsWelcome(current))
            await CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "it was disabled or its secret was changed");
    }

    /// <summary>Logs why, tells an MQTT 5 client and closes the connection.</summary>
    public async Task CloseAsync(MqttDisconnectReasonCode code, string because, LogLevel level = LogLevel.Warning)
    {
        _door.Log.Log(
            level,
            "MQTT connection of {Device} from {Address} is closed: {Because}.", Device?.Device.Id ?? "an unknown client", _connection.RemoteEndPoint, because);
        if (IsVersion5 && Device is not null)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _door.Clock);
            try
            {
                await WriteAsync(new MqttDisconnectPacket { ReasonCode = code, ReasonString = because }, patience.Token);
            }
            catch (OperationCanceledException)
            {
                // A client that does not read gets no farewell.
                _connection.Abort();
            }
        }

        await CloseOutputAsync();

        // The input stays with its one reader; a cancelled read tells it to stop.
        _input.CancelPendingRead();
    }

    private async Task CloseOutputAsync()
    {
        await _writing.WaitAsync(CancellationToken.None);
        try
        {
            if (_closed)
                return;
            _closed = true;
            await _ending.CancelAsync();
            await _output.CompleteAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask<bool> RefusesAsync(FixedHeader header)
    {
        var limit = Device is null ? _door.Options.MaxConnectBytes : _door.Options.MaxPacketBytes;
        if (Device is null && header.Type != FixedHeader.ConnectType)
        {
            await CloseAsync(MqttDisconnectReasonCode.ProtocolError, "its first packet is no CONNECT");
            return true;
        }

        if (header.RemainingLength <= limit)
            return false;

        var sentence = $"A packet of {header.RemainingLength} bytes was announced; this door takes at most {limit}. Send the observations in several messages.";
        if (Device is not null && header.Type == FixedHeader.PublishType)
            await _door.Pipeline.RefuseUnreadAsync(Device, MqttDoor.Name, sentence, header.RemainingLength, _door.Clock.GetUtcNow(), CancellationToken.None);
        await CloseAsync(MqttDisconnectReasonCode.PacketTooLarge, $"it announced a packet of {header.RemainingLength} bytes, more than the {limit} allowed");
        return true;
    }

    /// <summary>Looks at a packet before MQTTnet does; false when it ends the connection.</summary>
    private async ValueTask<bool> TakesAsync(MqttPacket packet, int size, CancellationToken cancellationToken)
    {
        switch (packet)
        {
            case MqttPublishPacket publish:
                return await TakesAsync(publish, size, cancellationToken);
            case MqttSubscribePacket { TopicFilters.Count: var filters } when filters > Math.Max(1, _door.Options.MaxSubscriptions):
                await CloseAsync(MqttDisconnectReasonCode.QuotaExceeded, $"it subscribes to {filters} topics at once; {_door.Options.MaxSubscriptions} are allowed");
                return false;
            case MqttPingReqPacket or MqttSubscribePacket or MqttUnsubscribePacket or MqttPubRelPacket:
                if (Interlocked.Increment(ref _owedAnswers) <= MaxOwedAnswers)
                    return true;
                await CloseAsync(MqttDisconnectReasonCode.QuotaExceeded, "it asks on without reading the answers");
                return false;
            default:
                return true;
        }
    }

    private async ValueTask<bool> TakesAsync(MqttPublishPacket publish, int size, CancellationToken cancellationToken)
    {
        if (publish.TopicAlias != 0 || string.IsNullOrEmpty(publish.Topic))
        {
            await CloseAsync(MqttDisconnectReasonCode.TopicAliasInvalid, "it used a topic alias, which this server does not offer");
            return false;
        }

        if (publish.QualityOfServiceLevel > MqttQualityOfServiceLevel.ExactlyOnce
            || (publish.QualityOfServiceLevel > MqttQualityOfServiceLevel.AtMostOnce && publish.PacketIdentifier == 0))
        {
            await CloseAsync(MqttDisconnectReasonCode.MalformedPacket, "it sent a PUBLISH without packet identifier or with quality of service 3");
            return false;
        }

        if (!await IsStillWelcomeAsync(cancellationToken))
            return false;

        var receivedTime = _door.Clock.GetUtcNow();
        if (!await HasPaidAsync(size, cancellationToken))
            return false;
        await _window.WaitAsync(cancellationToken);
        await _quota!.InFlight.AcquireAsync(size, cancellationToken);
        await _door.Budget.AcquireAsync(size, cancellationToken);
        var message = new InboundMessage
        {
            Door = MqttDoor.Name,
            Device = Device!,
            Address = publish.Topic,
            Payload = publish.Payload.IsSingleSegment ? publish.Payload.First : publish.Payload.ToArray(),
            ReceivedTime = receivedTime,
        };
        var held = new HeldAck(publish.PacketIdentifier, publish.QualityOfServiceLevel);
        held.Work = WorkAsync(message, held, size);
        _held.Writer.TryWrite(held);
        return true;
    }

    /// <summary>Waits when the device has sent more than its quota; false when the connection ended meanwhile. The message waits with it and is not lost.</summary>
    private async ValueTask<bool> HasPaidAsync(int size, CancellationToken cancellationToken)
    {
        var pause = _quota!.Take(size);
        if (pause <= TimeSpan.Zero)
            return true;
        if (!_wasSlowed)
        {
            _wasSlowed = true;
            _door.Log.LogWarning(
                "Device {Device} sends more than its quota (Mqtt:MessagesPerSecond, BytesPerSecond, RefusedPerSecond); its connection is read more slowly.", Device!.Device.Id);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token, _connection.ConnectionClosed);
        try
        {
            await Task.Delay(pause, _door.Clock, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Reads the device again when the register changed; false when it may not go on.</summary>
    private async ValueTask<bool> IsStillWelcomeAsync(CancellationToken cancellationToken)
    {
        var version = _door.Directory.Version;
        if (version == _directoryVersion)
            return true;
        var current = await _door.Directory.FindAsync(Device!.Device.Id, cancellationToken);
        if (!IsWelcome(current))
        {
            await CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "it was disabled or its secret was changed");
            return false;
        }

        Admit(current, version);
        return true;
    }

    private bool IsWelcome([NotNullWhen(true)] RegisteredDevice? current) =>
        current is not null && current.Device.Enabled && current.Device.SecretHash == Device!.Device.SecretHash;

    private async Task WorkAsync(InboundMessage message, HeldAck held, int size)
    {
        try
        {
            // Not cancelled with the connection: what was received is worth storing, the resend is then a duplicate.
            await _door.Pipeline.TakeAsync(message, held, CancellationToken.None);
            if (held.Taken is Taken.Durable { Refused: > 0 and var refused })
                _quota!.Refused(refused);
        }
        finally
        {
            _door.Budget.Release(size);
            _quota!.InFlight.Release(size);
        }
    }

    private async Task SendAcksAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(4 * MaxAcksPerWrite);
        var alive = true;
        while (await _held.Reader.WaitToReadAsync())
        {
            var count = 0;
            while (count < MaxAcksPerWrite && _held.Reader.TryPeek(out var next) && (count == 0 || next.Work.IsCompleted))
            {
                _held.Reader.TryRead(out _);
                count++;
                var problem = await ProblemOfAsync(next);
                if (!alive)
                    continue;
                if (problem is null)
                {
                    AckBytes.Write(buffer, next, IsVersion5);
                    continue;
                }

                alive = false;
                await FlushAsync(buffer);
                await CloseAsync(MqttDisconnectReasonCode.ServerBusy, $"its message could not be stored and is not acknowledged: {problem}");
            }

            if (alive)
                alive = await FlushAsync(buffer);
            _window.Release(count);
        }
    }

    private async Task<string?> ProblemOfAsync(HeldAck held)
    {
        try
        {
            await held.Work;
            return held.Taken is Taken.Returned returned ? returned.Problem : null;
        }
#pragma warning disable CA1031 // A bug behind the door must close this connection without an ack, not end the process or leave the device waiting.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            _door.Log.LogError(bug, "A message of device {Device} failed in the pipeline; it is not acknowledged.", Device?.Device.Id);
            return "an internal error, see the server's log";
        }
    }

    private async Task<bool> FlushAsync(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.WrittenCount == 0)
            return true;
        try
        {
            return await WriteAsync(buffer.WrittenMemory, CancellationToken.None);
        }
        finally
        {
            buffer.ResetWrittenCount();
        }
    }

    private async Task WriteAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_closed)
                return;
            var encoded = PacketFormatterAdapter.Encode(packet);
            _output.Write(encoded.Packet.AsSpan());
            foreach (var part in encoded.Payload)
                _output.Write(part.Span);
            BytesSent += encoded.Length;
            await _output.FlushAsync(cancellationToken);
        }
        finally
        {
            PacketFormatterAdapter.Cleanup();
            _writing.Release();
        }
    }

    private async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_closed)
                return false;
            BytesSent += bytes.Length;
            return !(await _output.WriteAsync(bytes, cancellationToken)).IsCompleted;
        }
        finally
        {
            _writing.Release();
        }
    }
}
