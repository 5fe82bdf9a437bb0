using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Learning;

/// <summary>A candidate of which no warning was made, or one of the recheck sample, of which one was.</summary>
/// <param name="Sequence">Of its newest finding.</param>
/// <param name="Finding">What was said of it last.</param>
/// <param name="Score">The newest of that finding.</param>
/// <param name="AlertId">The open warning of its place; null where there is none.</param>
public sealed record HeldBack(long Sequence, Finding Finding, CandidateScore Score, string? AlertId);

/// <summary>Candidates that are held back, the likeliest first.</summary>
public sealed record HeldBackQuestion
{
    public required string RuleId { get; init; }

    /// <summary>Region codes by prefix; null = all.</summary>
    public IReadOnlyList<string>? RegionPrefixes { get; init; }

    /// <summary>In degrees; null = everywhere.</summary>
    public Envelope? Box { get; init; }

    /// <summary>One place; null = all.</summary>
    public string? SiteId { get; init; }

    /// <summary>Probability and sequence of the last one read.</summary>
    public (double Probability, long Sequence)? After { get; init; }

    /// <summary>At least 1.</summary>
    public required int Limit { get; init; }
}
