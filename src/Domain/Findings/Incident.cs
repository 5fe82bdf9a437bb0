using Monitoring.Domain.Events;
using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Findings;

/// <summary>Where evidence comes from.</summary>
public enum EvidenceChannel
{
    /// <summary>Images.</summary>
    Space,

    /// <summary>Devices on the spot.</summary>
    Ground,
}

/// <summary>
/// What findings from space and from the ground say together of one place in one stretch of time (天地一体). It holds the findings together
/// and adds their weights; it warns of nothing by itself: each of them keeps its own alert and its own life.
/// </summary>
public sealed record Incident
{
    /// <summary>From its first piece of evidence.</summary>
    public required string Id { get; init; }

    /// <summary>Version of the rules that weighed the newest evidence.</summary>
    public required string RulesVersion { get; init; }

    /// <summary>Region of its place, or null when none is known there.</summary>
    public string? RegionCode { get; init; }

    /// <summary>The strongest evidence from space, else where the first device stands.</summary>
    public required Outline Where { get; init; }

    /// <summary>Start of the earliest evidence.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End of the newest.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Of each subject, rule and kind one; by channel, then the heaviest first.</summary>
    public required IReadOnlyList<IncidentEvidence> Evidence { get; init; }

    /// <summary>Sum over the kinds of the heaviest of each, ≥ 0: two meters that hear the same noise are not twice the evidence.</summary>
    public required double Weight { get; init; }

    /// <summary>Whether space and ground both weigh enough.</summary>
    public required bool Corroborated { get; init; }

    /// <summary>The incident that took its evidence over when one place turned out to be theirs both; null while it stands.</summary>
    public string? MergedInto { get; init; }
}

/// <summary>What one detector says of an incident.</summary>
/// <param name="Kind">For example <c>image-change</c>, <c>night-noise</c>, <c>truck-passes</c>; docs/algorithms/incidents.md lists them.</param>
/// <param name="Subject">What the findings are about; with the rule it is their alert's identity.</param>
/// <param name="FindingId">The finding that weighs most.</param>
/// <param name="Weight">In units that the rules define, ≥ 0; 0 for what turned out to be approved.</param>
/// <param name="Start">Start of the first of its findings.</param>
/// <param name="End">End of the last.</param>
/// <param name="Findings">How many went into it.</param>
/// <param name="Holds">Whether the newest said that the condition holds.</param>
/// <param name="Where">Place of the finding.</param>
/// <param name="RegionCode">Region it lies in, or null when none is known there.</param>
public sealed record IncidentEvidence(
    EvidenceChannel Channel, string Kind, string RuleId, Subject Subject, string FindingId, double Weight, DateTimeOffset Start, DateTimeOffset End, int Findings, bool Holds, Outline Where, string? RegionCode);

/// <summary>All incidents. One writer, many readers. Thread-safe.</summary>
public interface IIncidentStore
{
    /// <summary>Stores incidents as they are now, in the place of what stood under their ids, and the cursor, in one transaction.</summary>
    Task CommitAsync(IReadOnlyList<Incident> incidents, Cursor cursor, CancellationToken cancellationToken);

    /// <summary>Those that stand, whose box meets <paramref name="box"/> and whose time meets the stretch, both ends included; by id.</summary>
    Task<IReadOnlyList<Incident>> NearAsync(Envelope box, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Those that stand and hold evidence about a subject; newest end first.</summary>
    Task<IReadOnlyList<Incident>> OfSubjectAsync(Subject subject, CancellationToken cancellationToken);

    /// <summary>One by its id, also one that was merged into another; null when there is none.</summary>
    Task<Incident?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Those that stand, newest end first, by id among equal ends.</summary>
    Task<IReadOnlyList<Incident>> QueryAsync(IncidentQuestion question, CancellationToken cancellationToken);
}

/// <summary>Which incidents.</summary>
public sealed record IncidentQuestion
{
    /// <summary>Only in regions whose code begins with one of these; null = all, and those without a region.</summary>
    public IReadOnlyList<string>? RegionPrefixes { get; init; }

    /// <summary>Only where the box meets this one.</summary>
    public Envelope? Box { get; init; }

    /// <summary>Only those that space and ground both tell of.</summary>
    public bool CorroboratedOnly { get; init; }

    /// <summary>Only those that ended before.</summary>
    public DateTimeOffset? EndsBefore { get; init; }

    /// <summary>With <see cref="EndsBefore"/>: also those that ended just then and come behind this id.</summary>
    public string? OrThenAfterId { get; init; }

    /// <summary>At most so many, 1 to 1000.</summary>
    public required int Limit { get; init; }
}
