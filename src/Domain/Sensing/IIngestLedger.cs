namespace Monitoring.Domain.Sensing;

/// <summary>The doors' account of what came in and what became of it. Thread-safe.</summary>
public interface IIngestLedger
{
    /// <summary>All counters at one instant; they balance (see <see cref="LedgerSnapshot.Balances"/>).</summary>
    LedgerSnapshot Snapshot();
}

/// <summary>
/// Counters since the process started, in observations; a message that could not be decoded counts as one rejected.
/// At any instant received = accepted + duplicates + rejected + pending + returned.
/// </summary>
public sealed record LedgerSnapshot
{
    /// <summary>When counting began.</summary>
    public required DateTimeOffset Since { get; init; }

    public required long Received { get; init; }

    /// <summary>Durably stored for the first time.</summary>
    public required long Accepted { get; init; }

    /// <summary>The same result for the same datastream and phenomenon time was stored before.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Kept as dead letters, by reason; reasons without any are absent.</summary>
    public required IReadOnlyDictionary<DeadLetterReason, long> Rejected { get; init; }

    /// <summary>Handed to the store, whose commit has not returned yet.</summary>
    public required long Pending { get; init; }

    /// <summary>The store could not take them: not stored and not acknowledged, so the sender has to send them again.</summary>
    public required long Returned { get; init; }

    public long RejectedTotal => Rejected.Values.Sum();

    public bool Balances => Received == Accepted + Duplicates + RejectedTotal + Pending + Returned;
}
