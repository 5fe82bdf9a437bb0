using Monitoring.Domain.Imagery;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Tests.Fakes;

internal sealed class MemoryCatalogue : ISceneCatalogue
{
    private readonly List<Scene> _scenes = [];

    public bool IsDown { get; set; }

    public IReadOnlyList<Scene> Scenes => _scenes;

    /// <summary>Raised after a scene was added.</summary>
    public event Action? Added;

    public Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken)
    {
        if (IsDown)
            throw new StoreUnavailableException("the register is locked");
        if (_scenes.Find(s => s.Id == scene.Id) is { } there)
            return there.ContentHash == scene.ContentHash ? Task.FromResult(false) : throw new InvalidOperationException("other content");
        _scenes.Add(scene);
        Added?.Invoke();
        return Task.FromResult(true);
    }

    public Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken) =>
        Task.FromResult(_scenes.FindIndex(s => s.Id == sceneId) is var i and >= 0 ? new CataloguedScene(i + 1, _scenes[i]) : null);

    public Task<IReadOnlyList<CataloguedScene>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CataloguedScene>> QueryAsync(Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
