using Monitoring.Domain.Land;

namespace Monitoring.Ingest.Tests.Fakes;

internal sealed class MemoryPlans : IPlanRegister
{
    public List<MapImport> Imports { get; } = [];

    public Task<MapVersion?> AppendAsync(MapImport import, CancellationToken cancellationToken)
    {
        Imports.Add(import);
        return Task.FromResult<MapVersion?>(new MapVersion(Imports.Count, import.Layer, default, import.Source, import.SourceHash, import.Features.Count, import.Actor, new()));
    }

    public Task<IReadOnlyList<MapVersion>> VersionsAfterAsync(long afterVersion, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CurrentVersionAsync(CancellationToken cancellationToken) => Task.FromResult((long)Imports.Count);

    public Task<IReadOnlyList<TFeature>> QueryAsync<TFeature>(MapQuestion question, CancellationToken cancellationToken)
        where TFeature : MapFeature => throw new NotSupportedException();
}
