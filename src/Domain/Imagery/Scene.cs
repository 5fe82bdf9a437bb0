using Monitoring.Domain.Geometry;

namespace Monitoring.Domain.Imagery;

/// <summary>One acquisition as catalogued (STAC 1.1 Item). Pixels stay in the files.</summary>
public sealed record Scene
{
    /// <summary>Item id, unique in the catalogue.</summary>
    public required string Id { get; init; }

    /// <summary>Sensor or product family, for example <c>sentinel-2-l1c</c>.</summary>
    public string? Collection { get; init; }

    public string? Platform { get; init; }

    /// <summary>Acquisition time (STAC datetime).</summary>
    public required DateTimeOffset AcquiredAt { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Outline of the raster, with CRS of the finest band as source CRS.</summary>
    public required Outline Footprint { get; init; }

    public required IReadOnlyList<SceneBand> Bands { get; init; }

    /// <summary>Grid of the finest band.</summary>
    public required Grid Grid { get; init; }

    /// <summary>Percent in [0, 100] (eo:cloud_cover), or null when nobody said.</summary>
    public double? CloudCover { get; init; }

    /// <summary>Degrees above the horizon, or null.</summary>
    public double? SunElevation { get; init; }

    /// <summary>Stored files with their hashes.</summary>
    public required IReadOnlyList<SceneAsset> Assets { get; init; }

    /// <summary>Hash over the assets' hashes in order: the content's identity.</summary>
    public required string ContentHash { get; init; }
}

/// <param name="Name">Name in the product, for example <c>B04</c>.</param>
/// <param name="CommonName">STAC common name, for example <c>red</c>, or <c>scl</c>-like quality band as <c>quality</c>; null when unknown.</param>
/// <param name="WavelengthMicrometers">Centre wavelength in µm, or null.</param>
/// <param name="AssetIndex">Which of <see cref="Scene.Assets"/> holds it.</param>
/// <param name="BandIndex">1-based band within the file.</param>
/// <param name="GsdMeters">Ground sample distance in m.</param>
/// <param name="NoData">Stored value that means no data, or null.</param>
/// <param name="Scale">Reflectance = stored × scale + offset.</param>
/// <param name="Offset">See <paramref name="Scale"/>.</param>
public sealed record SceneBand(
    string Name, string? CommonName, double? WavelengthMicrometers, int AssetIndex, int BandIndex, double GsdMeters, double? NoData, double Scale, double Offset);

/// <param name="Path">Where GDAL opens it.</param>
/// <param name="Sha256">Lower-case hex of the file's bytes, or of its statement (VRT text, remote address) when it is not a plain file.</param>
/// <param name="Bytes">Size, 0 when unknown.</param>
public sealed record SceneAsset(string Path, string Sha256, long Bytes);

/// <summary>Where pixels lie: CRS, affine transform, size.</summary>
/// <param name="CrsWkt">WKT of the CRS.</param>
/// <param name="Transform">GDAL order: x0, dx/col, dx/row, y0, dy/col, dy/row; in CRS units. Exactly 6 numbers.</param>
/// <param name="Width">Columns, ≥ 1.</param>
/// <param name="Height">Rows, ≥ 1.</param>
public sealed record Grid(string CrsWkt, IReadOnlyList<double> Transform, int Width, int Height);

/// <summary>A scene with its place in the catalogue's order. Sequences start at 1 and have no holes.</summary>
public sealed record CataloguedScene(long Sequence, Scene Scene);

/// <summary>The scenes that were taken in. Thread-safe.</summary>
public interface ISceneCatalogue
{
    /// <summary>
    /// Adds a scene, with outbox row and audit entry. The same content under the same id again changes nothing.
    /// </summary>
    /// <returns>False when the scene was there already.</returns>
    /// <exception cref="InvalidOperationException">The id exists with other content.</exception>
    Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken);

    Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken);

    Task<IReadOnlyList<CataloguedScene>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>Scenes whose footprint box meets <paramref name="box"/> and that were acquired in [from, to], newest first.</summary>
    Task<IReadOnlyList<CataloguedScene>> QueryAsync(
        NetTopologySuite.Geometries.Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken);
}
