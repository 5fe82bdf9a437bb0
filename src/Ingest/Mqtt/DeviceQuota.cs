namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// What one device may send: buckets of messages, bytes and refused observations that refill evenly, and its share of the bytes in flight.
/// A device beyond them is not refused but read more slowly; nothing it sent is lost. Belongs to the device, not to its connection. Thread-safe.
/// </summary>
internal sealed class DeviceQuota
{
    /// <summary>Longest pause of a connection: what a device owes beyond it is forgiven, so that its pings are still read in time.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private Bucket _messages;
    private Bucket _bytes;
    private Bucket _refused;
    private long _at;

    public DeviceQuota(MqttDoorOptions options, TimeProvider clock)
    {
        _clock = clock;
        _at = clock.GetTimestamp();
        _messages = new Bucket(options.MessagesPerSecond, options.MessageBurst);
        _bytes = new Bucket(options.BytesPerSecond, options.ByteBurst);
        _refused = new Bucket(options.RefusedPerSecond, options.RefusedBurst);
        InFlight = new ByteBudget(Math.Max(options.MaxBytesInFlightPerDevice, options.LongestPacket));
    }

    /// <summary>Bytes of the device between reception and commit.</summary>
    public ByteBudget InFlight { get; }

    /// <summary>Books a message.</summary>
    /// <returns>How long the connection is not to be read on.</returns>
    public TimeSpan Take(int bytes)
    {
        lock (_gate)
        {
            Refill_NeedsLock();
            _messages.Take(1);
            _bytes.Take(bytes);
            var seconds = Math.Max(_messages.SecondsToZero, Math.Max(_bytes.SecondsToZero, _refused.SecondsToZero));
            return TimeSpan.FromSeconds(Math.Min(seconds, MaxPause.TotalSeconds));
        }
    }

    /// <summary>Books observations that were refused: the connection pays with its next message.</summary>
    public void Refused(int observations)
    {
        lock (_gate)
        {
            Refill_NeedsLock();
            _refused.Take(observations);
        }
    }

    private void Refill_NeedsLock()
    {
        var now = _clock.GetTimestamp();
        var seconds = _clock.GetElapsedTime(_at, now).TotalSeconds;
        _at = now;
        _messages.Refill(seconds);
        _bytes.Refill(seconds);
        _refused.Refill(seconds);
    }

    /// <summary>Holds at most its burst; goes below zero by what was taken, at most by the longest pause's worth.</summary>
    private struct Bucket(double perSecond, double burst)
    {
        private readonly double _burst = burst;
        private readonly double _perSecond = perSecond;
        private double _tokens = burst;

        public readonly double SecondsToZero => _tokens >= 0 ? 0 : -_tokens / _perSecond;

        public void Take(double amount) => _tokens = Math.Max(_tokens - amount, -_perSecond * MaxPause.TotalSeconds);

        public void Refill(double seconds) => _tokens = Math.Min(_burst, _tokens + (seconds * _perSecond));
    }
}
