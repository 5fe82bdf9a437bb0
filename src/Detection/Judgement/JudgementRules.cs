using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;

namespace Monitoring.Detection.Judgement;

/// <summary>How patches are judged: versioned data, never constants in code (docs/formats/rules.md, docs/algorithms/judgement.md).</summary>
public sealed record JudgementRules
{
    /// <summary>A site where something is built, or ground is moved for it, that approvals and control lines do not allow.</summary>
    public const string BuildingRuleId = ScoredRule.Id;

    /// <summary>A change inside the ecological red line that is not building.</summary>
    public const string RedLineRuleId = "red-line-change";

    /// <summary>A control line that was drawn otherwise without a document that is entitled to.</summary>
    public const string LineRuleId = "control-line-changed";

    /// <summary>A project whose works are under way beyond what is approved.</summary>
    public const string ProjectRuleId = "project-without-approval";

    /// <summary>Zone of days where no region is known. IANA. Default Asia/Shanghai.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>How far a patch may reach over an outline before it counts as outside, in m, ≥ 0; the larger of this and <see cref="TolerancePixels"/> applies.</summary>
    public required double ToleranceMeters { get; init; }

    /// <summary>The same in pixels of the patch, ≥ 0: the place of a pixel's edge is not known better.</summary>
    public required double TolerancePixels { get; init; }

    /// <summary>Area, in pixels of the patch, that must lie beyond the tolerance to tell, ≥ 0.</summary>
    public required double MinPixels { get; init; }

    /// <summary>Share of the patch in [0, 1] that a permit must cover to be named for it.</summary>
    public required double MinPermitShare { get; init; }

    /// <summary>Which kinds of change are which stage of building. Kinds that are missing are no building.</summary>
    public required IReadOnlyDictionary<ChangeKind, BuildingStage> Stages { get; init; }

    /// <summary>When a patch is trusted: satisfied when any row of its stage is.</summary>
    public required IReadOnlyList<ConfirmationRow> Confirmation { get; init; }

    /// <summary>What each kind of permit allows. A kind that is missing needs a person's look.</summary>
    public required IReadOnlyList<ApprovalRow> Approvals { get; init; }

    /// <summary>What it means to lie in (or out of) each kind of control line.</summary>
    public required IReadOnlyList<ControlLineRow> ControlLines { get; init; }

    public required SeverityRules Severity { get; init; }

    public required SiteRules Site { get; init; }

    /// <summary>Which uses fit which kinds of change; null = uses are not compared.</summary>
    public UseRules? Use { get; init; }

    /// <summary>Heights, areas and floor areas; null = sizes are not compared.</summary>
    public SizeRules? Size { get; init; }

    /// <summary>Named findings of the order of works and papers; null = none are told.</summary>
    public StageRules? StageFindings { get; init; }

    /// <summary>Which registered projects are judged; null = none.</summary>
    public ProjectRules? Projects { get; init; }

    /// <summary>Who may change a control line; null = changes are not told.</summary>
    public LineChangeRules? LineChanges { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (!(ToleranceMeters >= 0 && TolerancePixels >= 0 && MinPixels >= 0))
        {
            yield return "judgement: tolerance_meters, tolerance_pixels and min_pixels are at least 0.";
        }

        if (!(MinPermitShare is >= 0 and <= 1))
        {
            yield return "judgement: min_permit_share lies in [0, 1].";
        }

        foreach (var kind in Approvals.GroupBy(a => a.Kind).Where(g => g.Count() > 1))
        {
            yield return $"judgement: approvals name {kind.Key} {kind.Count()} times; keep one.";
        }

        foreach (var kind in ControlLines.GroupBy(a => a.Kind).Where(g => g.Count() > 1))
        {
            yield return $"judgement: control_lines name {kind.Key} {kind.Count()} times; keep one.";
        }

        if (!(Site.MinShare is > 0 and <= 1 && Site.MinReverseShare is >= 0 and <= 1 && Site.DemolishedShare is > 0 and <= 1 && Site.GapPixels >= 0))
        {
            yield return "judgement: the shares of site lie in (0, 1] and gap_pixels is at least 0.";
        }

        foreach (var fault in (Use?.Faults() ?? []).Concat(Size?.Faults() ?? []).Concat(StageFindings?.Faults() ?? []).Concat(LineChanges?.Faults() ?? []))
        {
            yield return fault;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            yield return $"judgement: time zone {TimeZone} is not known here; use an IANA name, and install tzdata if it is missing.";
        }
    }
}

/// <summary>How far building has come, as far as a picture tells.</summary>
public enum BuildingStage
{
    /// <summary>Ground is moved.</summary>
    Earthworks,

    /// <summary>Roof, concrete, asphalt.</summary>
    Building,

    /// <summary>No building: vegetation or water, told only inside the ecological red line.</summary>
    Surface,
}

/// <summary>One way for a patch to be trusted.</summary>
/// <param name="MinScore">Score of the patch, at least.</param>
/// <param name="Passes">Current scenes in which its site showed a change of a building kind, at least; 1 = the patch alone.</param>
/// <param name="Days">Time from the first such scene to the last, at least, in days.</param>
public sealed record ConfirmationRow(BuildingStage Stage, double MinScore, int Passes, double Days = 0);

/// <summary>What a permit of a kind allows.</summary>
public sealed record ApprovalRow(string Kind, Allowance Building, Allowance Earthworks);

public enum Allowance
{
    Authorises,

    /// <summary>Somebody must look: it allows part of it.</summary>
    Review,

    /// <summary>It is an approval, but of something else.</summary>
    Insufficient,
}

/// <summary>Direction and outcomes of a kind of control line.</summary>
/// <param name="Direction">Whether lying inside or outside of it is told.</param>
/// <param name="Unapproved">Without an approval that covers the place.</param>
/// <param name="Approved">With an approval that names no document.</param>
/// <param name="ApprovedWithDocument">With an approval that names its document.</param>
/// <param name="Weight">Steps of severity it adds when it conflicts, 0 to 3.</param>
public sealed record ControlLineRow(
    ControlLineKind Kind,
    ControlLineDirection Direction,
    ControlLineOutcome Unapproved,
    ControlLineOutcome Approved,
    ControlLineOutcome ApprovedWithDocument,
    int Weight = 0);

public enum ControlLineDirection
{
    Inside,
    Outside,
}

public enum ControlLineOutcome
{
    /// <summary>Told, without weight on the verdict.</summary>
    Inform,

    /// <summary>A limited activity that is allowed there, with its document (自然资发〔2022〕142号).</summary>
    PermittedLimitedActivity,

    /// <summary>It was there before the line took effect.</summary>
    HistoricStock,
    Review,
    Conflict,
}

/// <summary>Severity of a conflict: a base by stage, and steps up.</summary>
/// <param name="Earthworks">Base while ground is moved.</param>
/// <param name="Building">Base once something stands.</param>
/// <param name="LargeSquareMeters">From this area on, one step up.</param>
public sealed record SeverityRules(Severity Earthworks, Severity Building, double LargeSquareMeters);

/// <summary>When two patches are the same site; see docs/algorithms/judgement.md.</summary>
/// <param name="MinShare">Common area over the smaller of the two, at least, in (0, 1].</param>
/// <param name="MinReverseShare">Common area over the larger of the two, at least, in [0, 1].</param>
/// <param name="GapPixels">Or: they come as near to each other as this many pixels (≥ 0), and the smaller has at least MinShare of the area of the larger.</param>
/// <param name="DemolishedShare">Share of a patch that demolitions must cover to take it away, in (0, 1].</param>
public sealed record SiteRules(double MinShare, double MinReverseShare, double GapPixels, double DemolishedShare);
