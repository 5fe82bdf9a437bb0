using Monitoring.Domain.Land;

namespace Monitoring.Domain.Conflicts;

/// <summary>
/// Checks what is planned against the versioned map before anything is built: docs/formats/conflicts.md, docs/algorithms/conflicts.md. Changes nothing. Thread-safe.
/// </summary>
public interface IConflictCheck
{
    /// <summary>Conflicts of the subjects with the newest version of the map, in force on a day.</summary>
    /// <exception cref="ConflictQuestionException">The question cannot be answered as it is; one sentence says what, where and how to mend it.</exception>
    Task<ConflictReport> CheckAsync(ConflictQuestion question, CancellationToken cancellationToken);
}

/// <summary>What is checked, against what, and for whom.</summary>
public sealed record ConflictQuestion
{
    /// <summary>
    /// What is planned, as features of the plan layer it will belong to: a road or pipe with its width or diameter, a project with its use, a detailed plan. Kind and id
    /// together are unique. A feature of the map with the same kind and id is the subject itself and never in conflict with it.
    /// </summary>
    public required IReadOnlyList<PlanFeature> Subjects { get; init; }

    /// <summary>Only what is in force on this day counts.</summary>
    public required DateOnly On { get; init; }

    /// <summary>Names of the layers that count: <c>control-lines</c>, <c>permits</c>, <c>parcels</c>, or a kind of plan layer; null = all.</summary>
    public IReadOnlyCollection<string>? Against { get; init; }

    /// <summary>Features that the asker may be told of; null = all.</summary>
    public Func<MapFeature, bool>? MaySee { get; init; }

    /// <summary>The ground that the asker may be told of, in degrees; null = everything. What lies outside is not looked at.</summary>
    public NetTopologySuite.Geometries.Geometry? Ground { get; init; }

    /// <summary>Also look for a shifted, re-routed or trimmed subject with less conflict.</summary>
    public bool Suggest { get; init; }
}

/// <summary>A question that cannot be answered; the message is one sentence.</summary>
public sealed class ConflictQuestionException(string message) : Exception(message);

/// <summary>Reads a file of what is planned. Implemented by the door of plans. Thread-safe.</summary>
public interface IProposalFile
{
    /// <summary>Kinds of plan layers that a file can be read as.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>Reads any vector format; nothing is stored.</summary>
    /// <exception cref="OperationCanceledException">Stopped between two features, or while a ZIP file is unpacked.</exception>
    ProposalReading Read(ProposalRequest request, CancellationToken cancellationToken);
}

/// <param name="Path">File, or folder of a FileGDB.</param>
/// <param name="Kind">Plan layer to read it as, for example <c>road</c>; null = as the file says.</param>
/// <param name="Crs">CRS that overrides the file's.</param>
public sealed record ProposalRequest(string Path, string? Kind, string? Crs = null)
{
    /// <summary>Our field name → the file's column.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    /// <summary>Layer within the file, when it has several.</summary>
    public string? SourceLayer { get; init; }

    /// <summary>Limits of a file that a stranger sent; null = those of an import.</summary>
    public ProposalLimits? Limits { get; init; }
}

/// <summary>What is taken of a file, checked before memory is taken for it.</summary>
/// <param name="MaxFileBytes">Bytes on the disk, side files too. At least 1.</param>
/// <param name="MaxUnpackedBytes">Bytes of everything in a ZIP file, counted while it is unpacked, whatever it says of itself. At least 1.</param>
/// <param name="MaxFeatures">At least 1.</param>
/// <param name="MaxVertices">Corners of all features together. At least 4.</param>
public sealed record ProposalLimits(long MaxFileBytes, long MaxUnpackedBytes, int MaxFeatures, long MaxVertices);

/// <param name="Subjects">Null when the file was refused.</param>
/// <param name="Told">Refused: what is wrong. Read: what a person should know. One sentence each.</param>
public sealed record ProposalReading(IReadOnlyList<PlanFeature>? Subjects, IReadOnlyList<string> Told);
