using Monitoring.Domain.Imagery;
using Monitoring.Domain.Sensing;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// Decides whether a failure ends the work on a scene. What the place is to blame for (a full disk, a store that is away) is tried for as
/// long as it takes: the next scene would fail too. Content that cannot be read ends it at once. Anything else, files that are not there
/// among it, is tried <see cref="Most"/> times, so that no scene blocks those behind it for ever.
/// </summary>
/// <remarks>One owner. Counts the scene at hand only, in memory: a new process begins to count again.</remarks>
internal sealed class ScenePatience
{
    /// <summary>Failures of one scene before it is set aside.</summary>
    public const int Most = 5;

    private long _sequence;
    private int _failures;

    /// <summary>Takes note of a failure.</summary>
    /// <returns>True: set the scene aside. False: try it again later.</returns>
    public bool IsOver(CataloguedScene scene, IEnumerable<Scene> others, Exception failure)
    {
        if (IsOfThePlace(failure))
        {
            return false;
        }

        if (_sequence != scene.Sequence)
        {
            (_sequence, _failures) = (scene.Sequence, 0);
        }

        _failures++;
        return _failures >= Most || IsUnreadable([scene.Scene, .. others], failure);
    }

    /// <summary>The disk, the stores and this program's own working files: nothing that a scene could do differently.</summary>
    private static bool IsOfThePlace(Exception failure) => failure switch
    {
        IOException or UnauthorizedAccessException or StoreUnavailableException or SeriesMemoryException => true,
        GdalException gdal => gdal.IsOfWriting,
        _ => false,
    };

    /// <summary>The files are all there, and one of them holds what cannot be worked.</summary>
    private static bool IsUnreadable(IReadOnlyList<Scene> scenes, Exception failure)
    {
        var paths = scenes.SelectMany(s => s.Assets).Select(a => a.Path).Where(p => !p.StartsWith("/vsi", StringComparison.Ordinal)).ToList();
        return paths.TrueForAll(File.Exists) && failure switch
        {
            // A network's fault says nothing of the scenes.
            Network.ModelException => false,
            ImageryException => true,
            GdalException gdal => paths.Exists(p => gdal.Message.Contains(p, StringComparison.Ordinal)),
            _ => false,
        };
    }
}
