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

    /// <summary>Refuse an <see cref="AcquiredAt"/> before 1972 or more than a day ahead too. Default false: who reads for one run only may take what they please.</summary>
    public bool CheckTime { get; init; }

    /// <summary>Option by which the caller can say the time (<c>--before-date</c>), for the sentence about a missing one; null when there is none.</summary>
    public string? DateOption { get; init; }

    /// <summary>
    /// True for input of strangers: an Item may name files of its own folder only, links are refused, and so is every format
    /// but the closed ones (<see cref="Monitoring.Gdal.ClosedRaster"/>). Default false: the operator's own command.
    /// </summary>
    public bool Confined { get; init; }

    /// <summary>
    /// Look at the pixels for the outline of the data and the clear share. Default false: a detection finds both by itself, and the look costs a pass over one band of a file
    /// without overviews.
    /// </summary>
    public bool Survey { get; init; }

    /// <summary>
    /// Hash the files' bytes. Default true. False spares reading large files once more: the hash is then over path, size and time of
    /// change, good for one run and not for the catalogue
    /// (<see cref="SceneReader.Identify"/> puts it right).
    /// </summary>
    public bool HashFiles { get; init; } = true;

    /// <summary>Ends the wait for a remote host; then reading throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }
}
