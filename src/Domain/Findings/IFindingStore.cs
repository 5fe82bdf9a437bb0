using Monitoring.Domain.Events;

namespace Monitoring.Domain.Findings;

/// <summary>A finding with its place in order. Sequences start at 1 and have no holes.</summary>
public sealed record StoredFinding(long Sequence, Finding Finding);

/// <summary>All findings, in the order they were stored. Thread-safe.</summary>
public interface IFindingStore
{
    /// <summary>
    /// Stores findings (an id already there is skipped), the judgements of patches and the consumer's cursor, in one transaction.
    /// </summary>
    Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken);

    /// <summary>Findings of a subject, newest first.</summary>
    Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken);

    /// <summary>The newest judgement of each patch whose box meets <paramref name="box"/>; all when null.</summary>
    Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(NetTopologySuite.Geometries.Envelope? box, CancellationToken cancellationToken);

    /// <summary>The judgements of a site's patches, oldest first.</summary>
    Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken);
}

/// <summary>Output of one step of a detector or of judgement.</summary>
public sealed record FindingBatch
{
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public IReadOnlyList<JudgedPatch> JudgedPatches { get; init; } = [];

    /// <summary>First scores of these findings; one whose finding has a score already is skipped.</summary>
    public IReadOnlyList<Learning.CandidateScore> Scores { get; init; } = [];

    public Cursor? Cursor { get; init; }
}

/// <summary>A patch with the site it belongs to and the verdict it got. A later judgement of the same patch replaces it in reading, not in the record.</summary>
/// <param name="ChangeSetId">The comparison that found it.</param>
/// <param name="Patch">The patch.</param>
/// <param name="SiteId">Stable id of the place, kept over months by overlap.</param>
/// <param name="RegionCode">Region it lies in, if known.</param>
/// <param name="MapVersion">Version of the map it was judged against.</param>
public sealed record JudgedPatch(
    string ChangeSetId, Imagery.ChangePatch Patch, string SiteId, string? RegionCode, Verdict Verdict, IReadOnlyList<Reason> Reasons, long MapVersion, DateTimeOffset JudgedAt);
