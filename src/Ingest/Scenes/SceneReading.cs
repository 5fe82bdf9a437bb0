using Monitoring.Domain.Imagery;

namespace Monitoring.Ingest.Scenes;

/// <summary>What <see cref="SceneReader"/> made of a path: a scene, or one sentence.</summary>
/// <param name="Scene">Null when the input was refused.</param>
/// <param name="Problem">One sentence (what, where, how to mend); null when there is a scene.</param>
/// <param name="Files">Every file the scene consists of: its rasters, their side files and its Item.</param>
public sealed record SceneReading(Scene? Scene, string? Problem, IReadOnlyList<string> Files);

/// <summary>How to read a scene.</summary>
public sealed record SceneReadOptions
{
    /// <summary>When it was acquired; overrides what the input says.</summary>
    public DateTimeOffset? AcquiredAt { get; init; }

    /// <summary>
    /// True for input of strangers: an Item may name files of its own folder only, links are refused, and so is every format
    /// but the closed ones (<see cref="Monitoring.Gdal.ClosedRaster"/>). Default false: the operator's own command.
    /// </summary>
    public bool Confined { get; init; }

    /// <summary>
    /// Hash the files' bytes. Default true. False spares reading large files once more: the hash is then over path, size and time of
    /// change, good for one run and not for the catalogue.
    /// </summary>
    public bool HashFiles { get; init; } = true;
}
