using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Land;

/// <summary>
/// The one versioned map (一张图). Appends whole versions; nothing is overwritten. Thread-safe.
/// </summary>
public interface IPlanRegister
{
    /// <summary>
    /// Appends all features as one new version of the map, in one transaction with its outbox row and audit entry. A feature with the
    /// id of an earlier one supersedes it from its own effective-from date on: on the effective axis the earlier one is cut at that
    /// date, on the known axis what was known before stays readable. Features that the import does not name stay as they are. An import
    /// whose features all equal the ones in force makes no version.
    /// </summary>
    /// <returns>The version, or null when nothing changed.</returns>
    Task<MapVersion?> AppendAsync(MapImport import, CancellationToken cancellationToken);

    /// <summary>Versions after <paramref name="afterVersion"/>, ascending, each with what it touched (the feed of PlanChanged).</summary>
    Task<IReadOnlyList<MapVersion>> VersionsAfterAsync(long afterVersion, int limit, CancellationToken cancellationToken);

    /// <summary>The newest version number, 0 when nothing was imported.</summary>
    Task<long> CurrentVersionAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Features of a layer that satisfy the question. With <see cref="MapQuestion.InForceOn"/> null, all effective periods are given.
    /// </summary>
    Task<IReadOnlyList<TFeature>> QueryAsync<TFeature>(MapQuestion question, CancellationToken cancellationToken)
        where TFeature : MapFeature;
}

/// <param name="Features">Features of one layer, ids unique within the import.</param>
/// <param name="Source">File name the features came from.</param>
/// <param name="SourceHash">SHA-256 of the source in lower-case hex.</param>
/// <param name="Actor">Who imports.</param>
public sealed record MapImport(MapLayer Layer, IReadOnlyList<MapFeature> Features, string Source, string SourceHash, string Actor)
{
    /// <summary>Kind of all features, in the layer <see cref="MapLayer.Plan"/>; else null.</summary>
    public string? PlanKind { get; init; }
}

/// <param name="Version">Counts up by one over all layers.</param>
/// <param name="KnownFrom">When the version was committed.</param>
/// <param name="Touched">Bounding box in degrees of everything that was added or superseded.</param>
public sealed record MapVersion(long Version, MapLayer Layer, DateTimeOffset KnownFrom, string Source, string SourceHash, int FeatureCount, string Actor, Envelope Touched)
{
    /// <summary>Kind of the features, in the layer <see cref="MapLayer.Plan"/>; else null.</summary>
    public string? PlanKind { get; init; }
}

/// <summary>Which features: where, in force when, as known when. All parts are optional; together they narrow.</summary>
public sealed record MapQuestion
{
    /// <summary>Only features whose bounding box meets this one (degrees).</summary>
    public Envelope? Box { get; init; }

    public DateOnly? InForceOn { get; init; }

    /// <summary>As the map stood after this version; null = now.</summary>
    public long? AsOfVersion { get; init; }

    /// <summary>As the map stood at this instant; null = now. Together with <see cref="AsOfVersion"/> the earlier of the two counts.</summary>
    public DateTimeOffset? KnownAt { get; init; }

    /// <summary>Only this feature.</summary>
    public string? Id { get; init; }

    /// <summary>Only plan features of this kind; asks for <see cref="PlanFeature"/> only.</summary>
    public string? PlanKind { get; init; }

    public static MapQuestion Everything { get; } = new();
}
