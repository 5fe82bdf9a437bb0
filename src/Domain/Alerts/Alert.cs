using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Alerts;

/// <summary>Life of an alert (Prometheus). Acknowledgement and assignment are another axis and do not change it.</summary>
public enum AlertState
{
    /// <summary>The condition holds, but not yet for the rule's For.</summary>
    Pending,
    Firing,
    Resolved,
}

/// <summary>Why an alert is resolved.</summary>
public enum ResolveReason
{
    /// <summary>Data showed for KeepFiringFor that the condition held no more. Never for a patch alert.</summary>
    ConditionCleared,

    /// <summary>A person judged it in the field.</summary>
    HumanOutcome,

    /// <summary>A later scene showed that the building is gone.</summary>
    DemolitionObserved,
}

/// <summary>A warning about one subject under one rule. Changed only by the alert writer.</summary>
public sealed record Alert
{
    /// <summary>Identity of this instance: fingerprint and the sequence of the change that created it.</summary>
    public required string Id { get; init; }

    /// <summary>Identity over instances, see <see cref="FingerprintOf"/>.</summary>
    public required string Fingerprint { get; init; }

    public required string RuleId { get; init; }

    public required Subject Subject { get; init; }

    public required AlertState State { get; init; }

    public required Severity Severity { get; init; }

    public Verdict Verdict { get; init; }

    /// <summary>Confidence of the newest finding, [0, 1].</summary>
    public required double Score { get; init; }

    public string? RegionCode { get; init; }

    public Outline? Where { get; init; }

    /// <summary>Event time the condition was first seen to hold.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>For a patch: the start of the interval in which it happened (acquisition of the baseline scene).</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Newest event time the condition was seen to hold.</summary>
    public required DateTimeOffset LastHeldAt { get; init; }

    /// <summary>
    /// Newest event time any finding about it was for, whether it held or cleared; findings strictly older are late. Null only on records
    /// written before the field existed; then <see cref="LastHeldAt"/> stands for it.
    /// </summary>
    public DateTimeOffset? LastFindingAt { get; init; }

    /// <summary>Event time it was first seen not to hold, while KeepFiringFor runs.</summary>
    public DateTimeOffset? ClearedSince { get; init; }

    /// <summary>Event time it began to fire.</summary>
    public DateTimeOffset? FiringSince { get; init; }

    /// <summary>Machine time it began to fire: when people were warned.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>
    /// Event time it ended: end of the finding that ended it, or the time of the field verification. When people were told is the
    /// time of the change.
    /// </summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    public ResolveReason? ResolveReason { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    public string? Assignee { get; init; }

    /// <summary>The finding whose reasons stand for the alert now.</summary>
    public required string FindingId { get; init; }

    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>How many findings went into it.</summary>
    public required int FindingCount { get; init; }

    /// <summary>The case opened for it, if any.</summary>
    public string? CaseId { get; init; }

    /// <summary>Sequence of its newest change.</summary>
    public long Sequence { get; init; }

    /// <summary>Hash of rule and subject: the same subject under the same rule has one alert at a time.</summary>
    public static string FingerprintOf(string ruleId, Subject subject) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ruleId}\n{subject}")).AsSpan(0, 16));
}

/// <summary>What happened to an alert.</summary>
public enum AlertChangeKind
{
    Pended,
    Fired,

    /// <summary>A new finding changed severity, verdict, reasons or place.</summary>
    Updated,
    Acknowledged,
    Assigned,
    CaseOpened,
    Verified,
    Resolved,

    /// <summary>Pending went away before it fired.</summary>
    Withdrawn,
}

/// <summary>One step in the gapless sequence of alert changes.</summary>
/// <param name="Sequence">Starts at 1, no holes, given in the commit.</param>
/// <param name="Alert">The alert after the change.</param>
/// <param name="At">Machine time of the change.</param>
/// <param name="Actor">Who: a person's name, or <c>system</c>.</param>
/// <param name="Note">Free text of a person, or null.</param>
public sealed record AlertChange(long Sequence, AlertChangeKind Kind, Alert Alert, DateTimeOffset At, string Actor, string? Note = null);
