using System.Diagnostics.Metrics;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// The account of the doors. Each movement is booked whole under one lock, so every snapshot balances; see
/// <see cref="LedgerSnapshot"/>. The same numbers are instruments of the meter <c>Monitoring.Ingest</c>.
/// </summary>
public sealed class IngestLedger : IIngestLedger, IDisposable
{
    public const string MeterName = "Monitoring.Ingest";

    private static readonly DeadLetterReason[] Reasons = Enum.GetValues<DeadLetterReason>();

    private readonly Lock _gate = new();
    private readonly long[] _rejected = new long[Reasons.Length];
    private readonly DateTimeOffset _since;
    private readonly Meter _meter;
    private long _received;
    private long _accepted;
    private long _duplicates;
    private long _pending;
    private long _returned;

    public IngestLedger(TimeProvider clock, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _since = clock.GetUtcNow();
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _meter.CreateObservableCounter("ingest.received", () => Snapshot().Received, "{observation}");
        _meter.CreateObservableCounter("ingest.accepted", () => Snapshot().Accepted, "{observation}");
        _meter.CreateObservableCounter("ingest.duplicates", () => Snapshot().Duplicates, "{observation}");
        _meter.CreateObservableCounter("ingest.returned", () => Snapshot().Returned, "{observation}");
        _meter.CreateObservableUpDownCounter("ingest.pending", () => Snapshot().Pending, "{observation}");
        _meter.CreateObservableCounter(
            "ingest.rejected",
            () => Snapshot().Rejected.Select(r => new Measurement<long>(r.Value, new KeyValuePair<string, object?>("reason", r.Key.ToString()))),
            "{observation}");
    }

    /// <summary>Books <paramref name="count"/> observations as received and pending.</summary>
    public void Receive(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        lock (_gate)
        {
            _received += count;
            _pending += count;
        }
    }

    /// <summary>Moves pending observations to where they ended.</summary>
    public void Settle(int accepted, int duplicates, IReadOnlyDictionary<DeadLetterReason, int> rejected)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        lock (_gate)
        {
            var all = accepted + duplicates;
            _accepted += accepted;
            _duplicates += duplicates;
            foreach (var (reason, count) in rejected)
            {
                _rejected[(int)reason] += count;
                all += count;
            }

            _pending -= all;
        }
    }

    /// <summary>The store did not take <paramref name="count"/> pending observations.</summary>
    public void Return(int count)
    {
        lock (_gate)
        {
            _returned += count;
            _pending -= count;
        }
    }

    public LedgerSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new LedgerSnapshot
            {
                Since = _since,
                Received = _received,
                Accepted = _accepted,
                Duplicates = _duplicates,
                Rejected = Reasons.Where(r => _rejected[(int)r] > 0).ToDictionary(r => r, r => _rejected[(int)r]),
                Pending = _pending,
                Returned = _returned,
            };
        }
    }

    public void Dispose() => _meter.Dispose();
}
