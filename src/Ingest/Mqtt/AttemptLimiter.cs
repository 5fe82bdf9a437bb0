using System.Net;

namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// Refused connection attempts an address may make: a bucket for each address that refills over a minute. At most
/// <see cref="MaxAddresses"/> are remembered; when there are more, full buckets are forgotten first, then the fullest one. Thread-safe.
/// </summary>
internal sealed class AttemptLimiter(int perMinute, TimeProvider clock)
{
    public const int MaxAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (double Tokens, long At)> _buckets = [];

    /// <summary>False when the address has used up its refused attempts.</summary>
    public bool MayTry(IPAddress address)
    {
        lock (_gate)
            return Tokens_NeedsLock(address) >= 1;
    }

    public void Refused(IPAddress address)
    {
        lock (_gate)
        {
            var tokens = Tokens_NeedsLock(address);
            if (_buckets.Count >= MaxAddresses && !_buckets.ContainsKey(address))
                MakeRoom_NeedsLock();
            _buckets[address] = (Math.Max(0, tokens - 1), clock.GetTimestamp());
        }
    }

    private double Tokens_NeedsLock(IPAddress address) =>
        _buckets.TryGetValue(address, out var bucket)
            ? Math.Min(perMinute, bucket.Tokens + (clock.GetElapsedTime(bucket.At).TotalMinutes * perMinute))
            : perMinute;

    private void MakeRoom_NeedsLock()
    {
        foreach (var address in _buckets.Keys.Where(a => Tokens_NeedsLock(a) >= perMinute).ToList())
            _buckets.Remove(address);
        if (_buckets.Count >= MaxAddresses)
            _buckets.Remove(_buckets.Keys.MaxBy(Tokens_NeedsLock)!);
    }
}
