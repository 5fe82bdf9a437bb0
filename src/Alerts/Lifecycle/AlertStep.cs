using Monitoring.Domain.Alerts;

namespace Monitoring.Alerts.Lifecycle;

/// <summary>Why a transition did what it did. The label of the pipeline's counters.</summary>
public enum StepReason
{
    /// <summary>A new alert waits for its rule's For.</summary>
    Pended,

    /// <summary>A new alert fires at once, or a pending one held for long enough.</summary>
    Fired,

    /// <summary>The condition goes on holding; nothing that people see changed.</summary>
    Held,

    /// <summary>Severity, verdict, reasons or place changed.</summary>
    Updated,

    /// <summary>Cleared before it fired.</summary>
    Withdrawn,

    /// <summary>Cleared, but KeepFiringFor has not passed yet.</summary>
    Clearing,

    /// <summary>Cleared for KeepFiringFor.</summary>
    ConditionCleared,

    DemolitionObserved,

    /// <summary>Data says it cleared, but only a person or a demolition ends this alert.</summary>
    NotEndedByData,

    /// <summary>Older than a finding that was already taken.</summary>
    Late,

    /// <summary>It may be about what a person has already judged on the spot.</summary>
    JudgedBefore,

    /// <summary>The rule makes no alert of so mild a verdict.</summary>
    BelowFiringVerdict,

    /// <summary>Cleared, and there is no alert.</summary>
    NothingToClear,

    /// <summary>A new alert was refused because as many are open as the limit allows. Said by the writer, not by the state machine.</summary>
    LimitReached,

    Acknowledged,
    Assigned,
    CaseOpened,
    Verified,

    /// <summary>Already as the command wants it.</summary>
    AlreadySo,

    /// <summary>The state does not allow the command.</summary>
    Forbidden,

    /// <summary>The command itself is wrong.</summary>
    Invalid,
}

/// <summary>Result of a transition.</summary>
/// <param name="After">The newest instance after it, or null when there is none.</param>
/// <param name="Changes">What people are told, in order; each with the alert as it is after it. Empty when nothing that people see changed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Refusal">One sentence when <paramref name="Reason"/> is <see cref="StepReason.Forbidden"/> or <see cref="StepReason.Invalid"/>.</param>
public sealed record AlertStep(
    Alert? After, IReadOnlyList<(AlertChangeKind Kind, Alert Alert)> Changes, StepReason Reason, string? Refusal = null);
