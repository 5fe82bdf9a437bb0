using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Lifecycle;

/// <summary>
/// The life of an alert: one transition function over (newest instance × input). Pure: the same arguments give the same step, whatever
/// the machine's clock says; the clock only stamps when people were told. docs/formats/alerts.md draws it.
/// </summary>
/// <remarks>
/// Durations run in event time, from the end of one finding to the end of another. No input, no transition: a gap changes nothing.
/// There is no way to <see cref="ResolveReason.HumanOutcome"/> but <see cref="AlertInput.Verify"/>, which cannot be made without a
/// <see cref="FieldVerification"/>.
/// </remarks>
public static class AlertStateMachine
{
    /// <summary>Reason code by which a finding says that the building is gone.</summary>
    public const string DemolitionSeen = "demolition-seen";

    /// <param name="current">Newest instance of the fingerprint (open or ended), or null when there never was one.</param>
    /// <param name="input">What happened.</param>
    /// <param name="now">Machine time, for <see cref="Alert.FiredAt"/> and <see cref="Alert.AcknowledgedAt"/>.</param>
    /// <param name="newId">Id that a new instance gets.</param>
    /// <exception cref="ArgumentException">The finding belongs to another fingerprint than the alert.</exception>
    public static AlertStep Apply(Alert? current, AlertInput input, DateTimeOffset now, string newId) => (current?.State, input) switch
    {
        (null or AlertState.Resolved, AlertInput.Found { Finding.Condition: FindingCondition.Clears }) => Nothing(current, StepReason.NothingToClear),
        (null or AlertState.Resolved, AlertInput.Found found) => Raise(current, Matching(current, found), now, newId),
        (AlertState.Pending, AlertInput.Found { Finding.Condition: FindingCondition.Holds } found) => HoldPending(current!, Matching(current, found), now),
        (AlertState.Pending, AlertInput.Found found) => Withdraw(current!, Matching(current, found)),
        (AlertState.Firing, AlertInput.Found { Finding.Condition: FindingCondition.Holds } found) => HoldFiring(current!, Matching(current, found)),
        (AlertState.Firing, AlertInput.Found found) => Clear(current!, Matching(current, found)),

        (null, _) => throw new ArgumentException("A command needs the alert it is about.", nameof(current)),
        (AlertState.Firing, AlertInput.CaseOpened opened) => OpenCase(current!, opened),
        (AlertState.Firing, AlertInput.Acknowledge acknowledge) => Acknowledge(current!, acknowledge, now),
        (AlertState.Firing, AlertInput.Assign assign) => Assign(current!, assign),
        (AlertState.Firing or AlertState.Resolved, AlertInput.Verify verify) => Verify(current!, verify),
        (AlertState.Pending, _) => Forbidden(current, "The warning does not fire yet: its condition has not held for long enough."),
        (AlertState.Resolved, _) => Forbidden(current, "The warning has ended."),
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, "An input without a transition."),
    };

    private static AlertStep Raise(Alert? ended, AlertInput.Found found, DateTimeOffset now, string newId)
    {
        var finding = found.Finding;
        if (ended is { ResolveReason: ResolveReason.HumanOutcome, ResolvedAt: { } judgedAt } && finding.PhenomenonStart < judgedAt)
        {
            return Nothing(ended, StepReason.JudgedBefore);
        }

        if (ended is not null && finding.PhenomenonEnd < NewestOf(ended))
        {
            return Nothing(ended, StepReason.Late);
        }

        if (finding.Verdict < found.Rule.FiresFrom && !CalledUp.Is(finding))
        {
            return Nothing(ended, StepReason.BelowFiringVerdict);
        }

        var fires = found.Rule.For <= TimeSpan.Zero;
        var alert = new Alert
        {
            Id = newId,
            Fingerprint = Alert.FingerprintOf(finding.RuleId, finding.Subject),
            RuleId = finding.RuleId,
            Subject = finding.Subject,
            State = fires ? AlertState.Firing : AlertState.Pending,
            Severity = finding.Severity,
            Verdict = finding.Verdict,
            Score = finding.Score,
            RegionCode = finding.RegionCode,
            Where = finding.Where,
            StartsAt = finding.PhenomenonEnd,
            NotBefore = finding.Subject.Kind is SubjectKind.Site ? finding.PhenomenonStart : null,
            LastHeldAt = finding.PhenomenonEnd,
            LastFindingAt = finding.PhenomenonEnd,
            FiringSince = fires ? finding.PhenomenonEnd : null,
            FiredAt = fires ? now : null,
            FindingId = finding.Id,
            Reasons = finding.Reasons,
            FindingCount = 1,
        };
        return fires ? Told(alert, AlertChangeKind.Fired, StepReason.Fired) : Told(alert, AlertChangeKind.Pended, StepReason.Pended);
    }

    private static AlertStep HoldPending(Alert pending, AlertInput.Found found, DateTimeOffset now)
    {
        var finding = found.Finding;
        if (finding.PhenomenonEnd < NewestOf(pending))
        {
            return LateHolds(pending, found);
        }

        var held = WithFactsOf(pending, finding) with { LastHeldAt = finding.PhenomenonEnd };
        if ((finding.Verdict >= found.Rule.FiresFrom || CalledUp.Is(finding)) && finding.PhenomenonEnd - pending.StartsAt >= found.Rule.For)
        {
            return Told(
                held with { State = AlertState.Firing, FiringSince = finding.PhenomenonEnd, FiredAt = now }, AlertChangeKind.Fired, StepReason.Fired);
        }

        return ToldIfVisible(pending, held, StepReason.Held);
    }

    private static AlertStep Withdraw(Alert pending, AlertInput.Found found)
    {
        var finding = found.Finding;
        return finding.PhenomenonEnd < NewestOf(pending)
            ? Nothing(pending, StepReason.Late)
            : Told(
                WithFactsOf(pending, finding) with
                {
                    State = AlertState.Resolved,
                    ResolvedAt = finding.PhenomenonEnd,
                    ResolveReason = EndedByDemolition(finding) ? ResolveReason.DemolitionObserved
                        : found.Rule.Ends is AlertEnding.ByData ? ResolveReason.ConditionCleared
                        : null,
                },
                AlertChangeKind.Withdrawn,
                StepReason.Withdrawn);
    }

    private static AlertStep HoldFiring(Alert firing, AlertInput.Found found)
    {
        var finding = found.Finding;
        return finding.PhenomenonEnd < NewestOf(firing)
            ? LateHolds(firing, found)
            : ToldIfVisible(firing, WithFactsOf(firing, finding) with { LastHeldAt = finding.PhenomenonEnd, ClearedSince = null }, StepReason.Held);
    }

    private static AlertStep Clear(Alert firing, AlertInput.Found found)
    {
        var finding = found.Finding;
        if (finding.PhenomenonEnd < NewestOf(firing))
        {
            return Nothing(firing, StepReason.Late);
        }

        if (found.Rule.Ends is AlertEnding.ByHuman)
        {
            return EndedByDemolition(finding)
                ? Told(Resolved(WithFactsOf(firing, finding), finding, ResolveReason.DemolitionObserved), AlertChangeKind.Resolved, StepReason.DemolitionObserved)
                : ToldIfVisible(firing, WithFactsOf(firing, finding), StepReason.NotEndedByData);
        }

        var clearedSince = firing.ClearedSince ?? finding.PhenomenonEnd;
        if (finding.PhenomenonEnd - clearedSince >= found.Rule.KeepFiringFor)
        {
            return Told(
                Resolved(WithFactsOf(firing, finding) with { ClearedSince = clearedSince }, finding, ResolveReason.ConditionCleared),
                AlertChangeKind.Resolved,
                StepReason.ConditionCleared);
        }

        // What people read stays what it was when the condition last held; only the bookkeeping moves.
        return Nothing(
            firing with { ClearedSince = clearedSince, LastFindingAt = finding.PhenomenonEnd, FindingCount = firing.FindingCount + 1 }, StepReason.Clearing);
    }

    /// <summary>
    /// A late finding moves no time and no state. Where only a person ends the alert it may make it graver: a place can consist of
    /// several patches, and an approval that is revoked makes an older patch a conflict after a newer one was judged.
    /// </summary>
    private static AlertStep LateHolds(Alert open, AlertInput.Found found)
    {
        var finding = found.Finding;
        if (found.Rule.Ends is not AlertEnding.ByHuman || (finding.Verdict, finding.Severity).CompareTo((open.Verdict, open.Severity)) <= 0)
        {
            return Nothing(open, StepReason.Late);
        }

        var graver = WithFactsOf(open, finding) with { LastFindingAt = NewestOf(open) };
        return Told(graver, AlertChangeKind.Updated, StepReason.Updated);
    }

    private static AlertStep OpenCase(Alert firing, AlertInput.CaseOpened opened) =>
        firing.CaseId is null
            ? Told(firing with { CaseId = opened.CaseId }, AlertChangeKind.CaseOpened, StepReason.CaseOpened)
            : Forbidden(firing, $"The warning already has the case {firing.CaseId}.");

    private static AlertStep Acknowledge(Alert firing, AlertInput.Acknowledge acknowledge, DateTimeOffset now) =>
        firing.AcknowledgedBy is { } by
            ? Forbidden(firing, $"{by} has acknowledged the warning already.")
            : Told(firing with { AcknowledgedBy = acknowledge.Actor, AcknowledgedAt = now }, AlertChangeKind.Acknowledged, StepReason.Acknowledged);

    private static AlertStep Assign(Alert firing, AlertInput.Assign assign) => assign.Assignee switch
    {
        { Length: 0 or > 100 } => new AlertStep(firing, [], StepReason.Invalid, "An assignee is a user name of 1 to 100 characters."),
        var same when same == firing.Assignee => Nothing(firing, StepReason.AlreadySo),
        var assignee => Told(firing with { Assignee = assignee }, AlertChangeKind.Assigned, StepReason.Assigned),
    };

    private static AlertStep Verify(Alert alert, AlertInput.Verify verify)
    {
        if (verify.Case is not { } file)
        {
            return Forbidden(alert, "The warning has no case: it ends by its own data, and there is no place to verify.");
        }

        if (file.AlertId != alert.Id)
        {
            throw new ArgumentException($"Case {file.Id} belongs to alert {file.AlertId}, not to {alert.Id}.", nameof(verify));
        }

        if (file.State is CaseState.Judged)
        {
            return Forbidden(alert, $"The case was judged already, as {file.Verification?.Outcome.ToString().ToLowerInvariant()}.");
        }

        if (alert.NotBefore is { } notBefore && verify.Verification.At < notBefore)
        {
            return new AlertStep(
                alert, [], StepReason.Invalid, $"The verification is dated {verify.Verification.At:O}, before the change can have happened ({notBefore:O}).");
        }

        // A demolition may have ended the warning before anybody came; the case still waits for its outcome.
        if (alert.State is AlertState.Resolved)
        {
            return Told(alert, AlertChangeKind.Verified, StepReason.Verified);
        }

        var judged = alert with { State = AlertState.Resolved, ResolvedAt = verify.Verification.At, ResolveReason = ResolveReason.HumanOutcome };
        return new AlertStep(judged, [(AlertChangeKind.Verified, alert), (AlertChangeKind.Resolved, judged)], StepReason.Verified);
    }

    private static Alert Resolved(Alert alert, Finding finding, ResolveReason reason) =>
        alert with { State = AlertState.Resolved, ResolvedAt = finding.PhenomenonEnd, ResolveReason = reason };

    private static bool EndedByDemolition(Finding finding) =>
        finding.Condition is FindingCondition.Clears && finding.Reasons.Any(static r => r.Code == DemolitionSeen);

    private static DateTimeOffset NewestOf(Alert alert) => alert.LastFindingAt ?? alert.LastHeldAt;

    private static Alert WithFactsOf(Alert alert, Finding finding) => alert with
    {
        Severity = finding.Severity,
        Verdict = finding.Verdict,
        Score = finding.Score,
        RegionCode = finding.RegionCode ?? alert.RegionCode,
        Where = finding.Where ?? alert.Where,
        FindingId = finding.Id,
        Reasons = finding.Reasons,
        FindingCount = alert.FindingCount + 1,
        LastFindingAt = finding.PhenomenonEnd,
    };

    private static AlertStep ToldIfVisible(Alert before, Alert after, StepReason otherwise) =>
        Visible.Differ(before, after)
            ? Told(after, AlertChangeKind.Updated, otherwise is StepReason.NotEndedByData ? otherwise : StepReason.Updated)
            : Nothing(after, otherwise);

    private static AlertStep Told(Alert after, AlertChangeKind kind, StepReason reason) => new(after, [(kind, after)], reason);

    private static AlertStep Nothing(Alert? after, StepReason reason) => new(after, [], reason);

    private static AlertStep Forbidden(Alert? after, string why) => new(after, [], StepReason.Forbidden, why);

    private static AlertInput.Found Matching(Alert? current, AlertInput.Found found) =>
        current is null || (current.RuleId == found.Finding.RuleId && current.Subject == found.Finding.Subject)
            ? found
            : throw new ArgumentException(
                $"Finding {found.Finding.Id} is about {found.Finding.RuleId} of {found.Finding.Subject}, the alert about {current.RuleId} of {current.Subject}.",
                nameof(found));
}
