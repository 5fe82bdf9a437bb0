using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Findings;

/// <summary>
/// An evidence-bearing statement of a detector: at a time in the world a rule's condition held, or no longer held, for a subject.
/// A clue, never a violation.
/// </summary>
/// <remarks>
/// The id is deterministic (<see cref="FindingId.Of"/>): the same inputs through the same detector version give the same id, so a
/// repeat after a crash changes nothing. A detector that watches a stream states its condition again at each closed window for as long
/// as the condition holds and, after it cleared, until the rule's KeepFiringFor has passed; windows without data state nothing.
/// </remarks>
public sealed record Finding
{
    public required string Id { get; init; }

    /// <summary>Rule, for example <c>building-without-approval</c> or <c>noise-night</c>.</summary>
    public required string RuleId { get; init; }

    /// <summary>Version of the rule or definition that was applied.</summary>
    public required string RuleVersion { get; init; }

    public required string DetectorId { get; init; }

    public required string DetectorVersion { get; init; }

    /// <summary>What it is about; with the rule it is the alert's identity.</summary>
    public required Subject Subject { get; init; }

    public required FindingCondition Condition { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>Start of the time in the world the statement is about.</summary>
    public required DateTimeOffset PhenomenonStart { get; init; }

    /// <summary>End of it; for a patch the acquisition of the current scene. Durations run on this time.</summary>
    public required DateTimeOffset PhenomenonEnd { get; init; }

    /// <summary>When the detector said so.</summary>
    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>Division code of the region it lies in, or null when no region is known there.</summary>
    public string? RegionCode { get; init; }

    /// <summary>Where it is, or null for subjects without a place.</summary>
    public Outline? Where { get; init; }

    /// <summary>Confidence in [0, 1].</summary>
    public required double Score { get; init; }

    public Verdict Verdict { get; init; } = Verdict.NotJudged;

    /// <summary>Why, most telling first.</summary>
    public required IReadOnlyList<Reason> Reasons { get; init; }

    /// <summary>What it was made from.</summary>
    public required IReadOnlyList<EvidenceInput> Inputs { get; init; }

    /// <summary>Version of the map it was judged against, or null when the map played no part.</summary>
    public long? MapVersion { get; init; }
}

/// <summary>What a finding or alert is about.</summary>
/// <param name="Kind">Site (a place on the map that keeps its id), datastream, or indicator.</param>
/// <param name="Id">SiteId, datastream id, or <c>{indicator code}@{region code}</c>.</param>
public readonly record struct Subject(SubjectKind Kind, string Id)
{
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Id}";
}

public enum SubjectKind
{
    Site,
    Datastream,

    /// <summary>A monitored installation, from several datastreams together.</summary>
    Thing,
    Indicator,
}

public enum FindingCondition
{
    /// <summary>The condition is true.</summary>
    Holds,

    /// <summary>Data shows that it is true no more.</summary>
    Clears,
}

public enum Severity
{
    Info,
    Minor,
    Major,
    Critical,
}

/// <summary>Judgement of a change against approvals and control lines.</summary>
public enum Verdict
{
    NotJudged,
    Compliant,
    Review,
    Conflict,
}

/// <summary>One reason as a code with its facts; the pages put it into words in the reader's language.</summary>
/// <param name="Code">For example <c>no-approval</c>, <c>inside-control-line</c>; docs/formats/reasons.md lists all.</param>
/// <param name="Facts">Numbers with unit in the name (<c>area_m2</c>), ids, dates; culture-invariant text.</param>
public sealed record Reason(string Code, IReadOnlyDictionary<string, string> Facts)
{
    /// <param name="facts">Of a name that comes twice the last counts.</param>
    public static Reason Of(string code, params ReadOnlySpan<(string Name, string Value)> facts) => new(code, new FactList(facts));
}

/// <summary>One input of a finding.</summary>
/// <param name="Kind">Scene, change set, patch, observations, permit, control line, indicator value …</param>
/// <param name="Id">Its id in its own register; for observations <c>{datastream}@{from}/{to}</c>.</param>
/// <param name="Hash">Content hash where there is one.</param>
public sealed record EvidenceInput(string Kind, string Id, string? Hash = null);
