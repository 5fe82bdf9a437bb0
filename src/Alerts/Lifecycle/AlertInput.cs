using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Lifecycle;

/// <summary>What may move an alert: a finding, or a command of a person.</summary>
public abstract record AlertInput
{
    private AlertInput()
    {
    }

    /// <param name="Finding">What a detector said.</param>
    /// <param name="Rule">The finding's rule; see <see cref="RuleBook.Of"/> for unknown ones.</param>
    public sealed record Found(Finding Finding, AlertRule Rule) : AlertInput;

    /// <summary>A case was opened for a firing alert.</summary>
    public sealed record CaseOpened(string CaseId) : AlertInput;

    public sealed record Acknowledge(string Actor) : AlertInput;

    /// <param name="Assignee">Who takes it, or null to take it back.</param>
    public sealed record Assign(string? Assignee) : AlertInput;

    /// <param name="Verification">Checked by <see cref="FieldVerification.Fault"/> before.</param>
    /// <param name="Case">The alert's case as it stands, or null when it has none.</param>
    public sealed record Verify(FieldVerification Verification, Case? Case) : AlertInput;
}
