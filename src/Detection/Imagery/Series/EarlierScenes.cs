using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>The scenes of a place that came before one: among them is what it is compared with.</summary>
internal static class EarlierScenes
{
    /// <summary>Scenes that are asked for on each side of the 180° meridian.</summary>
    private const int Most = 400;

    /// <summary>Only what was catalogued before: the answer must not depend on when it is asked.</summary>
    public static async Task<List<Scene>> OfAsync(ISceneCatalogue scenes, CataloguedScene scene, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<long, Scene>();
        foreach (var box in EarthShape.BoxesOf(scene.Scene.Footprint.Shape))
        {
            foreach (var other in await scenes.QueryAsync(box, null, scene.Scene.AcquiredAt, Most, cancellationToken))
            {
                if (other.Sequence < scene.Sequence)
                {
                    found[other.Sequence] = other.Scene;
                }
            }
        }

        return [.. found.Values];
    }
}
