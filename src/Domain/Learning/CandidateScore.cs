namespace Monitoring.Domain.Learning;

/// <summary>
/// What was said of a candidate (a site with a warning) at an instant: the probability that a field verification will confirm building without
/// approval, what it was said from, and why. Made in the transaction that stores its finding, never changed after; a later one of the same finding
/// takes its place in reading.
/// </summary>
public sealed record CandidateScore
{
    public required string FindingId { get; init; }

    public required string SiteId { get; init; }

    public string? RegionCode { get; init; }

    /// <summary>What was known at this instant counted, and nothing else.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Version of the map that was read; with <see cref="AsOf"/> it says which facts were there.</summary>
    public required long MapVersion { get; init; }

    /// <summary>Version of the feature schema.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>The numbers that were scored, in the order of the schema.</summary>
    public required IReadOnlyList<float> Features { get; init; }

    /// <summary>In (0, 1).</summary>
    public required double Probability { get; init; }

    /// <summary>Version of the model; null = rules and a prior.</summary>
    public string? Model { get; init; }

    /// <summary>Most telling first.</summary>
    public required IReadOnlyList<ScorePart> Parts { get; init; }

    /// <summary>What a model in the shadow would have said. No judgement; kept to compare the two on the same cases.</summary>
    public string? ShadowModel { get; init; }

    /// <inheritdoc cref="ShadowModel"/>
    public double? ShadowProbability { get; init; }

    /// <summary>Whether a patch pushed from above lay there: such a place is worked whatever a model says.</summary>
    public bool Pushed { get; init; }

    public Triage Triage { get; init; }

    /// <summary>Why it was set aside or drawn for a recheck; else null.</summary>
    public Findings.Reason? TriageReason { get; init; }

    /// <summary>Chance of the draw that sends somebody to a candidate that would be set aside; null for all others.</summary>
    public double? InspectionChance { get; init; }

    /// <summary>Least and most days between the first warning, at earthworks, and foundations; null where it did not come like that.</summary>
    public LeadDays? Lead { get; init; }
}

/// <summary>What one feature did to the log-odds.</summary>
/// <param name="Feature">Name in the schema.</param>
/// <param name="Name">In Chinese.</param>
/// <param name="NameEn">In English.</param>
/// <param name="Value">Null when nothing was known.</param>
/// <param name="LogOdds">Positive speaks for a violation.</param>
public sealed record ScorePart(string Feature, string Name, string NameEn, double? Value, double LogOdds);

/// <param name="AtLeast">To the last pass that showed no foundations yet.</param>
/// <param name="AtMost">To the first pass that shows them.</param>
public sealed record LeadDays(double AtLeast, double AtMost);

/// <summary>Whether somebody must go there now.</summary>
public enum Triage
{
    /// <summary>To be worked, in the order of the probability.</summary>
    Work,

    /// <summary>Set aside with a reason; it stays on record, on the map and in the list.</summary>
    SetAside,

    /// <summary>Would be set aside and was drawn by chance to be inspected all the same.</summary>
    Recheck,
}
