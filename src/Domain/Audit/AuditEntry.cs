namespace Monitoring.Domain.Audit;

/// <summary>One act, before it is chained.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Actor">Person's user name, <c>system</c>, or <c>cli:{os user}</c>.</param>
/// <param name="Action">Verb, for example <c>alert.acknowledge</c>, <c>map.import</c>, <c>user.sign-in-failed</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Details">Canonical JSON object: keys in ordinal order, no white space.</param>
public sealed record AuditEntry(DateTimeOffset At, string Actor, string Action, string Subject, string Details);

/// <summary>An act in the chain: each hash covers the entry and the hash before it, so nothing can be changed, dropped or inserted unseen.</summary>
/// <param name="Sequence">Starts at 1, no holes.</param>
/// <param name="PreviousHash">Hash of the entry before; 64 zeros for the first.</param>
/// <param name="Hash">See <see cref="AuditChain.HashOf"/>.</param>
public sealed record ChainedAuditEntry(long Sequence, AuditEntry Entry, string PreviousHash, string Hash);

/// <summary>The audit trail. Appending happens inside the transactions of the stores; this port is for acts that change nothing else, and for reading.</summary>
public interface IAuditTrail
{
    Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken);

    Task<IReadOnlyList<ChainedAuditEntry>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);
}
