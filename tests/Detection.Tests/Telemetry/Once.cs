using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Tests.Telemetry;

/// <summary>A store whose process dies when it is about to make its second commit.</summary>
internal sealed class Once(IFindingStore store) : IFindingStore
{
    private int _commits;

    public Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken) =>
        ++_commits > 1 ? throw new IOException("killed") : store.CommitAsync(batch, cancellationToken);

    public Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => store.ReadAfterAsync(afterSequence, limit, cancellationToken);

    public Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) => store.FindAsync(findingId, cancellationToken);

    public Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) => store.OfSubjectAsync(subject, limit, cancellationToken);

    public Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(NetTopologySuite.Geometries.Envelope? box, CancellationToken cancellationToken) => store.JudgedPatchesAsync(box, cancellationToken);

    public Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) => store.PatchesOfSiteAsync(siteId, cancellationToken);
}
