using System.Globalization;
using System.Text.Json;
using Monitoring.FirmwareSim.Geo;

namespace Monitoring.FirmwareSim.Devices;

/// <summary>How a field device behaves.</summary>
public sealed record FieldDeviceOptions
{
    /// <summary>How far back the memory of a device that starts for the first time reaches. Default 30 h, range 0 to 7 d.</summary>
    public TimeSpan Backlog { get; init; } = TimeSpan.FromHours(30);

    /// <summary>How often a device looks at its sensors when it is up to date. Default 10 s.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most observation time in one message while catching up. Default 10 min.</summary>
    public TimeSpan LongestMessage { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Catch up at this many times real time, not at once. Null (default): at once. No observation is ever dated ahead of the clock.</summary>
    public double? CatchUpSpeed { get; init; }

    /// <summary>Messages that the buffer holds. Default 4096.</summary>
    public int BufferCapacity { get; init; } = 4096;

    /// <summary>File for the buffer; null (default) for memory only.</summary>
    public string? BufferPath { get; init; }

    /// <summary>Messages sent before the first of them must be acknowledged. Default 8.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Share of twenty-minute slots with an outage. Range 0 to 1, default 0.12.</summary>
    public double OutageShare { get; init; } = 0.12;

    /// <summary>Share of messages whose first acknowledgement is lost. Range 0 to 1, default 0.01.</summary>
    public double LostAckShare { get; init; } = 0.01;

    /// <summary>After a start no outage is played for this long, so that a demonstration begins with all devices. Default 5 min.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>First wait after a failed connection, doubled each time up to 30 s. Default 1 s.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Counters of a device. Sent counts every publish; Repeated those of a message that had been sent before.</summary>
public sealed record FieldDeviceCounters(long Produced, long Sent, long Repeated, long Acknowledged, long Lost, int Waiting, long LinkLosses, long LostAcks);

/// <summary>
/// A field device: produces messages from its signals, keeps them until they are acknowledged, and sends them in order over its
/// link, again after each loss, with the same sequence numbers and bytes. Runs on one task; counters may be read from any thread.
/// </summary>
public sealed class FieldDevice : IAsyncDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private readonly DeviceProfile _profile;
    private readonly DeviceSignals _signals;
    private readonly LinkPlan _plan;
    private readonly IDeviceLink _link;
    private readonly FieldDeviceOptions _options;
    private readonly TimeProvider _time;
    private readonly TextWriter _log;
    private readonly OfflineBuffer _buffer;
    private long _sentThrough;
    private long _sent, _repeated, _linkLosses, _lostAcks;
    private long _lastLostAck;
    private DateTimeOffset _began;
    private DateTimeOffset _beganAt;

    public FieldDevice(
        DeviceProfile profile, DeviceSignals signals, LinkPlan plan, IDeviceLink link, FieldDeviceOptions options, TimeProvider time, TextWriter log)
    {
        (_profile, _signals, _plan, _link, _options, _time, _log) = (profile, signals, plan, link, options, time, log);
        _buffer = new OfflineBuffer(options.BufferCapacity, options.BufferPath);
    }

    public string Id => _profile.Id;

    public FieldDeviceCounters Counters => new(
        _buffer.Appended, _sent, _repeated, _buffer.Acknowledged, _buffer.Lost, _buffer.Count, _linkLosses, _lostAcks);

    /// <summary>Runs until stopped; a stop is clean: what was not acknowledged stays in the buffer's file.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _beganAt = _time.GetUtcNow();
        _began = _buffer.ProducedThrough ?? _beganAt - _options.Backlog;
        if (_buffer.ProducedThrough is null) _buffer.Pass(_began);
        var backoff = _options.FirstBackoff;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var now = _time.GetUtcNow();
                Produce(now);
                var wait = _options.Tick;
                if (now - _beganAt >= _options.Settle && _plan.OutageUntil(now) is { } until)
                {
                    if (_link.IsUp)
                    {
                        _linkLosses++;
                        await _link.DropAsync(polite: false);
                    }

                    // A delay below a millisecond would be no delay at all.
                    var rest = until - now + TimeSpan.FromMilliseconds(1);
                    wait = rest < wait ? rest : wait;
                }
                else if (_buffer.Count > 0)
                {
                    try
                    {
                        if (!_link.IsUp) await _link.ConnectAsync(stop);
                        var more = await SendWindowAsync(stop);
                        backoff = _options.FirstBackoff;
                        if (more) continue;
                    }
                    catch (DeviceLinkException e)
                    {
                        _linkLosses++;
                        await _log.WriteLineAsync($"device {_profile.Id}: {e.Message}; {_buffer.Count} messages wait, again in {backoff.TotalSeconds:0} s");
                        await _link.DropAsync(polite: false);
                        wait = backoff;
                        backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
                    }
                }

                await Task.Delay(wait, _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A clean stop.
        }

        await _link.DropAsync(polite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _buffer.Dispose();
    }

    /// <summary>One message as it is sent: DESIGN's JSON with sequence and observations.</summary>
    public static byte[] Encode(long sequence, IReadOnlyList<SimulatedObservation> observations)
    {
        ArgumentNullException.ThrowIfNull(observations);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JsonText.Compact.Encoder }))
        {
            json.WriteStartObject();
            json.WriteNumber("seq", sequence);
            json.WriteStartArray("observations");
            foreach (var o in observations)
            {
                json.WriteStartObject();
                json.WriteString("datastream", o.Datastream);
                json.WriteString("time", o.Time.ToString(o.Time.Millisecond == 0 ? "yyyy-MM-dd'T'HH:mm:sszzz" : "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
                if (o.Number is { } number) json.WriteNumber("result", number);
                else json.WriteString("result", o.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Brings the buffer up to the time that the device has reached.</summary>
    private void Produce(DateTimeOffset now)
    {
        var reached = now;
        if (_options.CatchUpSpeed is { } speed)
        {
            var virtualNow = _began + (now - _beganAt) * speed;
            if (virtualNow < now) reached = virtualNow;
        }

        var from = _buffer.ProducedThrough!.Value;
        while (from < reached)
        {
            // Full pieces end on round times, so a restart cuts the past in the same places.
            var step = _options.LongestMessage.Ticks;
            var to = new DateTimeOffset((from.UtcTicks / step + 1) * step, TimeSpan.Zero);
            if (to > reached) to = reached;
            var observations = _signals.Between(from, to);
            if (observations.Count > 0) _buffer.Append(sequence => Encode(sequence, observations), to);
            else _buffer.Pass(to);
            from = to;
        }
    }

    /// <summary>Sends one window. True when more waits and the device should go on at once.</summary>
    private async Task<bool> SendWindowAsync(CancellationToken stop)
    {
        var window = _buffer.Peek(_options.Window);
        var flights = new List<(BufferedMessage Message, Task Flight)>(window.Count);
        foreach (var message in window)
        {
            _sent++;
            if (message.Sequence <= _sentThrough) _repeated++;
            _sentThrough = Math.Max(_sentThrough, message.Sequence);
            flights.Add((message, _link.PublishAsync(message.Payload, stop)));
        }

        DeviceLinkException? failure = null;
        foreach (var (message, flight) in flights)
            try
            {
                await flight;
                if (message.Sequence > _lastLostAck && _plan.LosesFirstAck(message.Sequence))
                {
                    _lastLostAck = message.Sequence;
                    _lostAcks++;
                    failure ??= new DeviceLinkException($"the acknowledgement of message {message.Sequence} was lost (planned)");
                    continue;
                }

                _buffer.Acknowledge(message.Sequence);
            }
            catch (DeviceLinkException e)
            {
                failure ??= e;
            }

        if (failure is not null) throw failure;
        return _buffer.Count > 0;
    }
}
