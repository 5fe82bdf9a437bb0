namespace Monitoring.Detection.Learning;

/// <summary>How a case came to be inspected.</summary>
public enum FoundBy
{
    /// <summary>Drawn by chance (recheck sample, audit): represents everything.</summary>
    RandomSample,

    /// <summary>Pushed from above; all of these are inspected.</summary>
    Pushed,

    /// <summary>Sent out in the order of rules or model.</summary>
    Ranked,

    /// <summary>Seen on patrol.</summary>
    Patrol,

    /// <summary>Reported by people: comes more often where something is wrong, whatever else is known.</summary>
    Complaint,
}

/// <summary>An example to learn from: what was known when it was scored, and what a field verification then found.</summary>
/// <param name="Features">As of the scoring, not of the outcome.</param>
/// <param name="Confirmed">Verified in the field as building without approval.</param>
/// <param name="InspectionChance">Probability in (0, 1] that a case like it is inspected, where it is known; null = by <see cref="OutcomeWeights"/>.</param>
public sealed record RecordedOutcome(ViolationFeatures Features, bool Confirmed, FoundBy FoundBy, DateTimeOffset DecidedAt, double? InspectionChance = null);

/// <summary>
/// Importance weights: an example stands for all those like it that nobody went to (Horvitz and Thompson 1952), within bounds so that a few examples do not
/// decide everything.
/// </summary>
public sealed record OutcomeWeights
{
    /// <summary>Weights by how a case was found, for those whose chance is not known; all &gt; 0.</summary>
    public IReadOnlyDictionary<FoundBy, double> ByFound { get; init; } = new Dictionary<FoundBy, double>
    {
        [FoundBy.RandomSample] = 6, [FoundBy.Pushed] = 1, [FoundBy.Ranked] = 2, [FoundBy.Patrol] = 4, [FoundBy.Complaint] = 0.25,
    };

    /// <summary>Largest weight. Default 8, at least 1.</summary>
    public double Cap { get; init; } = 8;

    /// <summary>Complaints never count fully: their chance depends on the outcome itself, which no weight by features mends.</summary>
    public double Of(RecordedOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.FoundBy is not FoundBy.Complaint && outcome.InspectionChance is { } chance and > 0 ? Math.Min(Cap, 1 / chance) : Math.Min(Cap, ByFound[outcome.FoundBy]);
    }
}
