using Monitoring.Alerts.Cases;
using Monitoring.Alerts.Lifecycle;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Writing;

/// <summary>
/// One transaction of the alert writer while it is being made: steps of the state machine one after the other, each seeing the ones
/// before it. Touches neither store nor book; thrown away when the commit fails.
/// </summary>
internal sealed class AlertDraft(AlertBook book, IAlertRules rules, AlertsOptions options, DateTimeOffset now)
{
    private const string Machine = "system";

    private readonly Dictionary<string, Alert> newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Alert> seen = new(StringComparer.Ordinal);
    private readonly Dictionary<StepReason, int> reasons = [];
    private readonly List<AlertChange> changes = [];
    private readonly List<Case> cases = [];
    private readonly List<EvidencePhoto> photos = [];
    private readonly List<AuditEntry> audit = [];
    private readonly long before = book.LastSequence;
    private int opened;

    public IReadOnlyDictionary<StepReason, int> Reasons => reasons;

    public int FindingsTaken { get; private set; }

    /// <summary>Findings that would have made an alert beyond the limit.</summary>
    public int Refused => reasons.GetValueOrDefault(StepReason.LimitReached);

    public IEnumerable<Alert> Touched => newest.Values;

    public long LastSequence => before + changes.Count;

    public IReadOnlyList<Case> Cases => cases;

    public async Task TakeAsync(Finding finding, CancellationToken cancellationToken)
    {
        var rule = rules.Of(finding);
        var fingerprint = Alert.FingerprintOf(finding.RuleId, finding.Subject);
        var current = newest.GetValueOrDefault(fingerprint)
            ?? book.Open(fingerprint)
            ?? (finding.Condition is FindingCondition.Holds ? await book.NewestAsync(finding.RuleId, finding.Subject, cancellationToken) : null);
        var step = AlertStateMachine.Apply(current, new AlertInput.Found(finding, rule), now, $"{fingerprint}-{LastSequence + 1}");
        FindingsTaken++;
        if (IsOpen(step.After) && !IsOpen(current) && book.OpenCount + opened >= options.MaxOpenAlerts)
        {
            Count(StepReason.LimitReached);
            Record("alert.refused", finding.Subject.ToString(), ("finding", finding.Id), ("limit", Text(options.MaxOpenAlerts)), ("rule", rule.Id));
            return;
        }

        opened += (IsOpen(step.After) ? 1 : 0) - (IsOpen(current) ? 1 : 0);
        Count(step.Reason);
        var after = Keep(current, step, Machine, null);
        foreach (var (kind, alert) in step.Changes)
        {
            RecordFoundChange(kind, alert, finding, rule);
        }

        if (after is { State: AlertState.Firing, CaseId: null } && rule.Ends is AlertEnding.ByHuman)
        {
            var file = CaseLife.Open(after, now);
            cases.Add(file);
            Keep(after, AlertStateMachine.Apply(after, new AlertInput.CaseOpened(file.Id), now, after.Id), Machine, null);
            Record("case.open", file.Id, ("alert", after.Id), ("site", file.SiteId));
        }
    }

    /// <summary>A step that a person asked for and that the state allowed.</summary>
    public void Take(Alert current, AlertStep step, string actor, string? note) => Keep(current, step, actor, note);

    public void Judge(Case file, FieldVerification verification, IReadOnlyList<EvidencePhoto> evidence)
    {
        cases.Add(CaseLife.Judge(file, verification, now));
        photos.AddRange(evidence);
    }

    public void Record(string action, string subject, params ReadOnlySpan<(string Name, string? Value)> details) =>
        Record(Machine, action, subject, details);

    public void Record(string actor, string action, string subject, params ReadOnlySpan<(string Name, string? Value)> details) =>
        audit.Add(new AuditEntry(now, actor, action, subject, AuditDetails.Of(details)));

    public AlertBatch ToBatch(Cursor? cursor) => new()
    {
        Changes = changes,
        Seen = [.. seen.Values],
        Cases = cases,
        Photos = photos,
        Audit = audit,
        Cursor = cursor,
    };

    private Alert? Keep(Alert? current, AlertStep step, string actor, string? note)
    {
        var after = step.After;
        foreach (var (kind, alert) in step.Changes)
        {
            after = alert with { Sequence = LastSequence + 1 };
            changes.Add(new AlertChange(0, kind, after, now, actor, note));
            seen.Remove(after.Id);
        }

        if (after is not null && step.Changes.Count == 0 && !ReferenceEquals(after, current))
        {
            seen[after.Id] = after;
        }

        if (after is not null)
        {
            newest[after.Fingerprint] = after;
        }

        return after;
    }

    private void RecordFoundChange(AlertChangeKind kind, Alert alert, Finding finding, AlertRule rule)
    {
        switch (kind)
        {
            case AlertChangeKind.Fired:
                Record("alert.fire", alert.Id, ("finding", finding.Id), ("rule", rule.Id), ("rule_version", rule.Version), ("subject", alert.Subject.ToString()));
                break;
            case AlertChangeKind.Resolved or AlertChangeKind.Withdrawn:
                Record(kind is AlertChangeKind.Resolved ? "alert.resolve" : "alert.withdraw", alert.Id, ("finding", finding.Id), ("reason", alert.ResolveReason?.ToString()));
                break;
            default:
                break;
        }
    }

    private void Count(StepReason reason) => reasons[reason] = reasons.GetValueOrDefault(reason) + 1;

    private static bool IsOpen(Alert? alert) => alert is { State: not AlertState.Resolved };

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
