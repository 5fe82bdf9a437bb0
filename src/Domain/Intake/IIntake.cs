namespace Monitoring.Domain.Intake;

/// <summary>Takes files into the registers; implemented by the doors, used by pages and command line. Thread-safe.</summary>
public interface IRegisterImport
{
    /// <summary>Reads a file and appends it as a new version, or refuses it whole with one sentence.</summary>
    Task<ImportResult> ImportAsync(ImportRequest request, CancellationToken cancellationToken);
}

/// <summary>One <c>monitoring import</c>.</summary>
public sealed record ImportRequest
{
    public required ImportKind Kind { get; init; }

    /// <summary>File, or folder for a FileGDB.</summary>
    public required string Path { get; init; }

    /// <summary>First day in force for features that do not say it themselves; null = since always.</summary>
    public DateOnly? Effective { get; init; }

    /// <summary>Layer within the file, when it has several.</summary>
    public string? Layer { get; init; }

    /// <summary>CRS that overrides the file's, for example <c>EPSG:4525</c>.</summary>
    public string? Crs { get; init; }

    /// <summary>Our field name → the file's column.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    public required string Actor { get; init; }

    /// <summary>Kind of plan layer for <see cref="ImportKind.Plan"/>, for example <c>zoning</c>; null = as the file itself says (XPlanGML, CityJSON).</summary>
    public string? PlanKind { get; init; }

    /// <summary>Only look: nothing is taken, whatever the report says.</summary>
    public bool CheckOnly { get; init; }

    /// <summary>Folder for the quality report (JSON, text, picture); null = none is written.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>Codes of faults that a person takes as they are, for example <c>overlap</c>; the report keeps them as warnings with that remark.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>Name of the batch, for <see cref="ImportKind.Patches"/> whose file has no column for it.</summary>
    public string? Batch { get; init; }
}

public enum ImportKind
{
    Regions,
    ControlLines,
    Permits,
    Parcels,
    Devices,

    /// <summary>A plan layer of <see cref="ImportRequest.PlanKind"/>.</summary>
    Plan,

    /// <summary>Patches pushed from above (下发图斑).</summary>
    Patches,

    /// <summary>Outcomes of field verifications recorded elsewhere.</summary>
    Outcomes,
}

/// <param name="Accepted">False: nothing was taken, <paramref name="Problems"/> says why.</param>
/// <param name="Features">How many features were taken.</param>
/// <param name="Version">New version of the map, or null when nothing changed or it is no map layer.</param>
/// <param name="Problems">One sentence each: what, where, how to mend. May hold warnings when accepted.</param>
public sealed record ImportResult(bool Accepted, int Features, long? Version, IReadOnlyList<string> Problems)
{
    /// <summary>Files of the quality report that were written.</summary>
    public IReadOnlyList<string> ReportFiles { get; init; } = [];

    /// <summary>Name of what was taken, when it is not the kind that was asked for: the plan layer's kind or the batch.</summary>
    public string? Taken { get; init; }
}

/// <summary>Takes scenes in. Thread-safe.</summary>
public interface ISceneIntake
{
    /// <param name="path">Raster file, VRT, STAC Item JSON (or its address, where its host is allowed), product folder or archive, or folder of one-band files.</param>
    Task<SceneIntakeResult> AddAsync(string path, string actor, CancellationToken cancellationToken);

    /// <summary>The same for a scene acquired at <paramref name="acquiredAt"/>; null = as the scene itself says.</summary>
    Task<SceneIntakeResult> AddAsync(string path, string actor, DateTimeOffset? acquiredAt, CancellationToken cancellationToken);
}

/// <param name="SceneId">The scene, or null when refused.</param>
/// <param name="AlreadyThere">The same content was there before.</param>
/// <param name="Problem">One sentence when refused.</param>
public sealed record SceneIntakeResult(string? SceneId, bool AlreadyThere, string? Problem);
