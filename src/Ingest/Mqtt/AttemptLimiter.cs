using System.Net;

namespace Monitoring.Ingest.Mqtt;

/// <summary>
/// Refused connection attempts: a bucket for each device id at an address, and a wider one for the address, because thousands of devices may
/// share one (a carrier's NAT, a balancer) and one stranger there must not shut out the others. Buckets refill over a minute. An attempt is taken
/// before the secret is looked at, so that many at once find the bucket empty, and given back when it was right. At most <see cref="MaxRemembered"/>
/// buckets are remembered; when there are more, full ones are forgotten first, then the fullest one. Thread-safe.
/// </summary>
internal sealed class AttemptLimiter(int perMinute, int perMinuteOfAddress, TimeProvider clock)
{
    public const int MaxRemembered = 10_000;

    /// <summary>Ids of devices are no longer; whatever else is tried shares a bucket.</summary>
    private const int MaxIdLength = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(IPAddress Address, string? Id), (double Tokens, long At)> _buckets = [];

    /// <summary>False when the id at the address, or the address, has used up its attempts; then nothing is taken.</summary>
    public bool TryTake(IPAddress address, string id)
    {
        var (one, all) = Keys(address, id);
        lock (_gate)
        {
            if (Tokens_NeedsLock(one) < 1 || Tokens_NeedsLock(all) < 1)
                return false;
            Add_NeedsLock(one, -1);
            Add_NeedsLock(all, -1);
            return true;
        }
    }

    /// <summary>The attempt was right, or it was our fault that it failed.</summary>
    public void GiveBack(IPAddress address, string id)
    {
        var (one, all) = Keys(address, id);
        lock (_gate)
        {
            Add_NeedsLock(one, 1);
            Add_NeedsLock(all, 1);
        }
    }

    private static ((IPAddress Address, string? Id) One, (IPAddress Address, string? Id) All) Keys(IPAddress address, string id)
    {
        var block = AddressBlock.Of(address);
        return ((block, id.Length > MaxIdLength ? "" : id), (block, null));
    }

    private double Most((IPAddress Address, string? Id) key) => key.Id is null ? perMinuteOfAddress : perMinute;

    private double Tokens_NeedsLock((IPAddress Address, string? Id) key) =>
        _buckets.TryGetValue(key, out var bucket)
            ? Math.Min(Most(key), bucket.Tokens + (clock.GetElapsedTime(bucket.At).TotalMinutes * Most(key)))
            : Most(key);

    private void Add_NeedsLock((IPAddress Address, string? Id) key, double tokens)
    {
        if (_buckets.Count >= MaxRemembered && !_buckets.ContainsKey(key))
            MakeRoom_NeedsLock();
        _buckets[key] = (Math.Min(Most(key), Tokens_NeedsLock(key) + tokens), clock.GetTimestamp());
    }

    private void MakeRoom_NeedsLock()
    {
        foreach (var key in _buckets.Keys.Where(k => Tokens_NeedsLock(k) >= Most(k)).ToList())
            _buckets.Remove(key);
        if (_buckets.Count >= MaxRemembered)
            _buckets.Remove(_buckets.Keys.MaxBy(k => Tokens_NeedsLock(k) / Most(k)));
    }
}
