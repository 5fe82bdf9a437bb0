using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Dashboard.Regions;

/// <summary>
/// Counts the scenes without reading the catalogue again: keeps the box of each (32 bytes a scene) and reads on from where it stood.
/// Thread-safe.
/// </summary>
internal sealed class SceneDirectory(ISceneCatalogue catalogue) : IDisposable
{
    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly List<Envelope> boxes = [];
    private long position;

    public void Dispose() => reading.Dispose();

    public async Task<int> CountAsync(ScopeShape? scope, CancellationToken cancellationToken)
    {
        const int page = 500;
        await reading.WaitAsync(cancellationToken);
        try
        {
            IReadOnlyList<CataloguedScene> read;
            do
            {
                read = await catalogue.ReadAfterAsync(position, page, cancellationToken);
                foreach (var scene in read)
                {
                    boxes.Add(scene.Scene.Footprint.Box);
                    position = scene.Sequence;
                }
            }
            while (read.Count == page);

            return scope is null ? boxes.Count : boxes.Count(scope.Covers);
        }
        finally
        {
            reading.Release();
        }
    }
}
