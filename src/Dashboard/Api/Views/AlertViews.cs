using Monitoring.Dashboard.Regions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Api.Views;

// The shapes of docs/formats/api.md, one record each. Names of the interface, not of the domain.

internal sealed record SubjectView(SubjectKind Kind, string Id)
{
    public static SubjectView Of(Subject subject) => new(subject.Kind, subject.Id);
}

internal record AlertView
{
    public required string Id { get; init; }
    public required string Fingerprint { get; init; }
    public required string RuleId { get; init; }
    public required SubjectView Subject { get; init; }
    public required AlertState State { get; init; }
    public required Severity Severity { get; init; }
    public required Verdict Verdict { get; init; }
    public required double Score { get; init; }
    public string? RegionCode { get; init; }
    public string? RegionName { get; init; }
    public Geometry? Geometry { get; init; }
    public double? AreaSquareMeters { get; init; }
    public double[]? Center { get; init; }
    public required DateTimeOffset StartsAt { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public required DateTimeOffset LastHeldAt { get; init; }
    public DateTimeOffset? FiringSince { get; init; }
    public DateTimeOffset? FiredAt { get; init; }
    public DateTimeOffset? ResolvedAt { get; init; }
    public ResolveReason? ResolveReason { get; init; }
    public string? AcknowledgedBy { get; init; }
    public DateTimeOffset? AcknowledgedAt { get; init; }
    public string? Assignee { get; init; }
    public required string FindingId { get; init; }
    public required IReadOnlyList<Reason> Reasons { get; init; }
    public required int FindingCount { get; init; }
    public string? CaseId { get; init; }
    /// <summary>What a person found on the spot; in lists only, the detail has the whole case.</summary>
    public FieldOutcome? Outcome { get; init; }

    /// <summary>How likely a field verification confirms it; null for what is not scored.</summary>
    public LikelihoodView? Likelihood { get; init; }

    public required long Sequence { get; init; }

    public static AlertView Of(Alert alert, RegionNames names) => Fill(new AlertView
    {
        Id = alert.Id,
        Fingerprint = alert.Fingerprint,
        RuleId = alert.RuleId,
        Subject = SubjectView.Of(alert.Subject),
        State = alert.State,
        Severity = alert.Severity,
        Verdict = alert.Verdict,
        Score = alert.Score,
        StartsAt = alert.StartsAt,
        LastHeldAt = alert.LastHeldAt,
        FindingId = alert.FindingId,
        Reasons = alert.Reasons,
        FindingCount = alert.FindingCount,
        Sequence = alert.Sequence,
    }, alert, names);

    protected static T Fill<T>(T view, Alert alert, RegionNames names)
        where T : AlertView => view with
        {
            RegionCode = alert.RegionCode,
            RegionName = names.NameOf(alert.RegionCode),
            Geometry = alert.Where?.Shape,
            AreaSquareMeters = alert.Where?.AreaSquareMeters,
            Center = alert.Where is { Shape.IsEmpty: false } where ? [where.Shape.InteriorPoint.X, where.Shape.InteriorPoint.Y] : null,
            NotBefore = alert.NotBefore,
            FiringSince = alert.FiringSince,
            FiredAt = alert.FiredAt,
            ResolvedAt = alert.ResolvedAt,
            ResolveReason = alert.ResolveReason,
            AcknowledgedBy = alert.AcknowledgedBy,
            AcknowledgedAt = alert.AcknowledgedAt,
            Assignee = alert.Assignee,
            CaseId = alert.CaseId,
        };
}

internal sealed record AlertChangeView(long Sequence, AlertChangeKind Kind, DateTimeOffset At, string Actor, string? Note, AlertView Alert)
{
    public static AlertChangeView Of(AlertChange change, RegionNames names) =>
        new(change.Sequence, change.Kind, change.At, change.Actor, change.Note, AlertView.Of(change.Alert, names));
}

internal sealed record FindingView(
    string Id, string RuleId, string RuleVersion, string DetectorId, string DetectorVersion, FindingCondition Condition, Severity Severity,
    DateTimeOffset PhenomenonStart, DateTimeOffset PhenomenonEnd, DateTimeOffset DetectedAt, double Score, Verdict Verdict,
    IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs, long? MapVersion)
{
    public static FindingView Of(Finding f) => new(
        f.Id, f.RuleId, f.RuleVersion, f.DetectorId, f.DetectorVersion, f.Condition, f.Severity, f.PhenomenonStart, f.PhenomenonEnd, f.DetectedAt,
        f.Score, f.Verdict, f.Reasons, f.Inputs, f.MapVersion);
}

internal sealed record PatchView(
    string Id, string ChangeSetId, string SiteId, ChangeKind Kind, double Score, DateTimeOffset NotBefore, DateTimeOffset NotAfter,
    double AreaSquareMeters, Geometry Geometry, Verdict Verdict, IReadOnlyList<Reason> Reasons, long MapVersion, int PixelCount, double GsdMeters,
    IReadOnlyDictionary<string, double> Facts)
{
    public static PatchView Of(JudgedPatch judged) => new(
        judged.Patch.Id, judged.ChangeSetId, judged.SiteId, judged.Patch.Kind, judged.Patch.Score, judged.Patch.NotBefore, judged.Patch.NotAfter,
        judged.Patch.Outline.AreaSquareMeters, judged.Patch.Outline.Shape, judged.Verdict, judged.Reasons, judged.MapVersion,
        judged.Patch.PixelCount, judged.Patch.GsdMeters, judged.Patch.Facts);
}

internal sealed record VerificationView(
    FieldOutcome Outcome, string Person, DateTimeOffset At, string Reason, IReadOnlyList<string> PhotoHashes, double? Longitude, double? Latitude);

internal sealed record CaseView(
    string Id, string AlertId, string SiteId, CaseState State, DateTimeOffset OpenedAt, DateTimeOffset? DecidedAt, VerificationView? Verification)
{
    public static CaseView Of(Case file) => new(
        file.Id, file.AlertId, file.SiteId, file.State, file.OpenedAt, file.DecidedAt,
        file.Verification is { } v ? new VerificationView(v.Outcome, v.Person, v.At, v.Reason, v.PhotoHashes, v.Longitude, v.Latitude) : null);
}

internal sealed record PlanView(IReadOnlyList<MapFeatureView> ControlLines, IReadOnlyList<MapFeatureView> Permits, IReadOnlyList<MapFeatureView> Parcels);

/// <param name="Next">Sequence to go on before; null at the end.</param>
/// <param name="NextAfter">The same in the order by likelihood.</param>
internal sealed record AlertPageView(IReadOnlyList<AlertView> Items, long? Next, string? NextAfter = null);

internal sealed record AlertDetailView : AlertView
{
    public required IReadOnlyList<AlertChangeView> Changes { get; init; }
    public required IReadOnlyList<FindingView> Findings { get; init; }
    public required IReadOnlyList<PatchView> Patches { get; init; }
    public CaseView? Case { get; init; }
    public required PlanView Plan { get; init; }
    public SceneSummaryView? Before { get; init; }
    public SceneSummaryView? After { get; init; }
    public required IReadOnlyList<AlertView> Related { get; init; }
    /// <summary>What it says together with other findings at the place; null when it is no evidence of anything.</summary>
    public IncidentView? Incident { get; init; }

    public required IReadOnlyList<DatastreamView> Telemetry { get; init; }

    /// <summary>The comparisons that the patches come from, oldest first, without their patches.</summary>
    public IReadOnlyList<ChangeSetView> Comparisons { get; init; } = [];

    /// <summary>The alert with everything else still empty.</summary>
    public static new AlertDetailView Of(Alert alert, RegionNames names) => Fill(new AlertDetailView
    {
        Id = alert.Id,
        Fingerprint = alert.Fingerprint,
        RuleId = alert.RuleId,
        Subject = SubjectView.Of(alert.Subject),
        State = alert.State,
        Severity = alert.Severity,
        Verdict = alert.Verdict,
        Score = alert.Score,
        StartsAt = alert.StartsAt,
        LastHeldAt = alert.LastHeldAt,
        FindingId = alert.FindingId,
        Reasons = alert.Reasons,
        FindingCount = alert.FindingCount,
        Sequence = alert.Sequence,
        Changes = [],
        Findings = [],
        Patches = [],
        Plan = new PlanView([], [], []),
        Related = [],
        Telemetry = [],
    }, alert, names);
}

internal sealed record AcknowledgeRequest(string? Note);

/// <param name="Assignee">User name of somebody who may see the place; null or blank = nobody.</param>
internal sealed record AssignRequest(string? Assignee);

/// <summary>Somebody a warning may be given to.</summary>
internal sealed record AssigneeView(string Name, string DisplayName);

internal sealed record SequenceView(long Sequence);
