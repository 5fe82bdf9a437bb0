using Monitoring.Domain.Land;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>Keeps imports in order and answers with the last statement of each id; no day or version is asked of it.</summary>
internal sealed class MemoryPlans : IPlanRegister
{
    public List<MapImport> Imports { get; } = [];

    public Task<MapVersion?> AppendAsync(MapImport import, CancellationToken cancellationToken)
    {
        Imports.Add(import);
        return Task.FromResult<MapVersion?>(new MapVersion(Imports.Count, import.Layer, default, import.Source, import.SourceHash, import.Features.Count, import.Actor, new()) { PlanKind = import.PlanKind });
    }

    public Task<IReadOnlyList<MapVersion>> VersionsAfterAsync(long afterVersion, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CurrentVersionAsync(CancellationToken cancellationToken) => Task.FromResult((long)Imports.Count);

    public Task<IReadOnlyList<TFeature>> QueryAsync<TFeature>(MapQuestion question, CancellationToken cancellationToken)
        where TFeature : MapFeature =>
        Task.FromResult<IReadOnlyList<TFeature>>([.. Imports.Take((int)(question.AsOfVersion ?? int.MaxValue)).SelectMany(i => i.Features).OfType<TFeature>()
            .GroupBy(f => ((f as PlanFeature)?.Kind, f.Id)).Select(g => g.Last())
            .Where(f => (question.Box is not { } box || box.Intersects(f.Outline.Box)) && (question.PlanKind is not { } kind || (f as PlanFeature)?.Kind == kind)
                && (question.InForceOn is not { } day || f.InForceOn(day)))]);
}

/// <summary>Pushed patches in memory; a delivery replaces what it names.</summary>
internal sealed class MemoryPushedPatches : IPushedPatches
{
    public List<PushedBatch> Batches { get; } = [];

    public Task<BatchDelivery?> AppendAsync(PushedBatch batch, CancellationToken cancellationToken)
    {
        Batches.Add(batch);
        return Task.FromResult<BatchDelivery?>(new BatchDelivery(batch.Batch, Batches.Count(b => b.Batch == batch.Batch), default, batch.Source, batch.SourceHash, batch.Actor, batch.Patches.Count, batch.Patches.Count));
    }

    public Task<IReadOnlyList<BatchDelivery>> DeliveriesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<BatchDelivery>>([.. Batches.Select(b => new BatchDelivery(b.Batch, 1, default, b.Source, b.SourceHash, b.Actor, b.Patches.Count, b.Patches.Count))]);

    public Task<int> DeliveryCountAsync(CancellationToken cancellationToken) => Task.FromResult(Batches.Count);

    public Task<IReadOnlyList<PushedPatch>> ChangedByAsync(string batch, int delivery, CancellationToken cancellationToken) => OfBatchAsync(batch, delivery, cancellationToken);

    public Task<IReadOnlyList<PushedPatch>> OfBatchAsync(string batch, int? delivery, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PushedPatch>>([.. Batches.Where(b => b.Batch == batch).SelectMany(b => b.Patches).GroupBy(p => p.Number).Select(g => g.Last())]);
}
