using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;

namespace Monitoring.Domain.Alerts;

/// <summary>Alerts, their changes, cases and the acts on them. One writer, many readers. Thread-safe.</summary>
public interface IAlertStore
{
    /// <summary>
    /// Stores changes (assigning the gapless sequence in the order given), cases, audit entries and the cursor in one transaction.
    /// </summary>
    /// <returns>The changes with their sequences.</returns>
    Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken);

    /// <summary>The alert of a fingerprint that is not resolved, or null.</summary>
    Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken);

    Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken);

    /// <summary>Newest state of alerts that satisfy the question, by <see cref="Alert.Sequence"/> descending, or as <see cref="AlertQuestion.ByLikelihood"/> says.</summary>
    Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken);

    /// <summary>Of each subject and rule the id of the alert with the newest change, for those that have one; in one question.</summary>
    /// <param name="regionPrefixes">As in <see cref="AlertQuestion.RegionPrefixes"/>.</param>
    Task<IReadOnlyDictionary<(Subject Subject, string RuleId), string>> NewestIdsAsync(
        IReadOnlyCollection<(Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken);

    /// <summary>Changes with a sequence greater than <paramref name="afterSequence"/>, ascending.</summary>
    Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken);

    Task<long> LastSequenceAsync(CancellationToken cancellationToken);

    Task<Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken);

    Task<IReadOnlyList<Case>> CasesAsync(CaseQuestion question, CancellationToken cancellationToken);

    /// <summary>Bytes of an evidence photo by its hash, or null.</summary>
    Task<EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken);
}

/// <summary>One atomic step of the alert writer.</summary>
public sealed record AlertBatch
{
    /// <summary>Changes in order; their sequences are assigned by the store (0 until then). Ids of new alerts are assigned by the writer.</summary>
    public IReadOnlyList<AlertChange> Changes { get; init; } = [];

    /// <summary>
    /// Alerts whose bookkeeping moved on (<see cref="Alert.LastHeldAt"/>, <see cref="Alert.LastFindingAt"/>, <see cref="Alert.ClearedSince"/>,
    /// <see cref="Alert.FindingCount"/>, <see cref="Alert.Score"/>) without a change that people are told of: each replaces the newest state of
    /// its alert (found by <see cref="Alert.Id"/>), makes no change and takes no sequence. Applied after <see cref="Changes"/>; each alert
    /// at most once, with the sequence of its newest change already in it.
    /// </summary>
    public IReadOnlyList<Alert> Seen { get; init; } = [];

    public IReadOnlyList<Case> Cases { get; init; } = [];

    /// <summary>Photos that the cases' verifications name by hash.</summary>
    public IReadOnlyList<EvidencePhoto> Photos { get; init; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];

    public Cursor? Cursor { get; init; }
}

public sealed record AlertQuestion
{
    /// <summary>Only these states; null = all.</summary>
    public IReadOnlyList<AlertState>? States { get; init; }

    /// <summary>Only regions whose code starts with one of these; null = all. An alert without region is shown to those without limit only.</summary>
    public IReadOnlyList<string>? RegionPrefixes { get; init; }

    public string? RuleId { get; init; }

    public Subject? Subject { get; init; }

    public NetTopologySuite.Geometries.Envelope? Box { get; init; }

    /// <summary>Only alerts whose newest change is below this sequence (paging).</summary>
    public long? BeforeSequence { get; init; }

    /// <summary>
    /// Likeliest first by the newest score of each alert's finding: the scored by probability, then those without a score, then those set aside; newest change first
    /// among equals. Over all alerts that satisfy the question, not the newest of them.
    /// </summary>
    public bool ByLikelihood { get; init; }

    /// <summary>Only alerts behind this place in the order by likelihood (paging).</summary>
    public LikelihoodPlace? After { get; init; }

    /// <summary>1 to 1000.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Where an alert stands in the order by likelihood.</summary>
/// <param name="Group">0 scored, 1 without a score, 2 set aside.</param>
/// <param name="Probability">0 without a score.</param>
public sealed record LikelihoodPlace(int Group, double Probability, long Sequence);
