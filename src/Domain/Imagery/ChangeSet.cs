using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Imagery;

/// <summary>What one comparison of a baseline with a current scene found. The id is a hash of its inputs, detector and version.</summary>
public sealed record ChangeSet
{
    public required string Id { get; init; }

    public required string BaselineSceneId { get; init; }

    public required string CurrentSceneId { get; init; }

    public required string DetectorId { get; init; }

    public required string DetectorVersion { get; init; }

    /// <summary>Share in [0, 1] of the whole grid of the comparison (the baseline's; with a series, the series') that was clear and valid in both scenes: what the later scene does not reach counts as not observed.</summary>
    public required double ObservableShare { get; init; }

    /// <summary>Area that was clear and valid in both scenes; the rest was not looked at. Empty: nothing was; null: not stated (series, and sets stored before nothing was told as empty).</summary>
    public Outline? Observed { get; init; }

    public required IReadOnlyList<ChangePatch> Patches { get; init; }

    /// <summary>Figures of the run as stated in docs/algorithms (thresholds, normalisation, counts).</summary>
    public IReadOnlyDictionary<string, double> Statistics { get; init; } = new Dictionary<string, double>();

    /// <summary>Why these scenes were compared, with what they were scored, and what differs from the last comparison (docs/formats/reasons.md). No part of the id.</summary>
    public IReadOnlyList<Reason> Reasons { get; init; } = [];
}

/// <summary>A connected changed area. It changed somewhere between its two images, never on a known day.</summary>
public sealed record ChangePatch
{
    /// <summary>Deterministic: change set id and number within it.</summary>
    public required string Id { get; init; }

    public required Outline Outline { get; init; }

    public required ChangeKind Kind { get; init; }

    /// <summary>Confidence that it is a real change, [0, 1]; a probability where the facts say so (docs/algorithms/pair.md and series.md).</summary>
    public required double Score { get; init; }

    /// <summary>Acquisition of the baseline scene: it had not changed yet.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Acquisition of the current scene: it had changed.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    public required int PixelCount { get; init; }

    public required double GsdMeters { get; init; }

    /// <summary>Facts behind kind and score, for example mean index differences.</summary>
    public IReadOnlyDictionary<string, double> Facts { get; init; } = new Dictionary<string, double>();
}

/// <summary>What the surface became, as far as the spectrum tells.</summary>
public enum ChangeKind
{
    /// <summary>Became roof, concrete, asphalt.</summary>
    BuiltUp,

    /// <summary>Became bare: earthworks or tilled soil.</summary>
    BareSoil,

    VegetationLoss,

    /// <summary>Became water.</summary>
    Water,

    /// <summary>Was built-up and is no more.</summary>
    Demolition,

    VegetationGain,

    Other,
}

/// <summary>A change set with its place in order. Sequences start at 1 and have no holes.</summary>
public sealed record StoredChangeSet(long Sequence, ChangeSet ChangeSet);

/// <summary>Change sets, and what judgement made of their patches. Thread-safe.</summary>
public interface IChangeStore
{
    /// <summary>Stores change sets (an id already there is skipped) and advances the detector's cursor, in one transaction.</summary>
    Task CommitAsync(IReadOnlyList<ChangeSet> changeSets, Cursor? cursor, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredChangeSet>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    Task<ChangeSet?> FindAsync(string changeSetId, CancellationToken cancellationToken);

    /// <summary>Change sets whose current scene is <paramref name="currentSceneId"/>.</summary>
    Task<IReadOnlyList<ChangeSet>> OfCurrentSceneAsync(string currentSceneId, CancellationToken cancellationToken);
}
