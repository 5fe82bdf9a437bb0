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

    /// <summary>
    /// Outline of the valid data where the door looked for it (else of the raster), with the CRS of the finest band as source CRS; in two or more parts
    /// where it crosses the 180° meridian.
    /// </summary>
    public required Outline Footprint { get; init; }

    public required IReadOnlyList<SceneBand> Bands { get; init; }

    /// <summary>Grid of the finest band.</summary>
    public required Grid Grid { get; init; }

    /// <summary>Percent in [0, 100] (eo:cloud_cover), or null when nobody said.</summary>
    public double? CloudCover { get; init; }

    /// <summary>Degrees above the horizon, or null.</summary>
    public double? SunElevation { get; init; }

    /// <summary>Degrees clockwise from north, in [0, 360), or null.</summary>
    public double? SunAzimuth { get; init; }

    /// <summary>Id of the sensor description that was applied (docs/formats/sensors.md), or null.</summary>
    public string? Sensor { get; init; }

    /// <summary>Where clouds and shadows are told from; null in scenes of earlier versions.</summary>
    public CloudMaskSource? CloudMask { get; init; }

    /// <summary>Pixels with data as a share of the raster, in [0, 1]; null when nobody looked.</summary>
    public double? ValidShare { get; init; }

    /// <summary>
    /// Pixels that the product's quality band calls clear as a share of those with data, in [0, 1]; null when the mask is computed (then each detection tells
    /// its own) or nobody looked.
    /// </summary>
    public double? ObservableShare { get; init; }

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
    string Name, string? CommonName, double? WavelengthMicrometers, int AssetIndex, int BandIndex, double GsdMeters, double? NoData, double Scale, double Offset)
{
    /// <summary>Width of the band in µm (full width at half maximum), or null.</summary>
    public double? WidthMicrometers { get; init; }

    /// <summary>
    /// True: scale and offset give reflectance, as the product or the sensor's description says. False: digital numbers of unknown scale. Null: nobody said
    /// (always so in scenes of earlier versions), and scale and offset are what the file states.
    /// </summary>
    public bool? IsReflectance { get; init; }

    /// <summary>For a quality band: what its codes mean; null = by its name (docs/formats/scenes.md).</summary>
    public QualityTable? Quality { get; init; }

    /// <summary>
    /// For a quality band of 8 bits: a second band of the same file. Then <see cref="Quality"/> speaks of stored + 256 × what the second one stores. Null: there is none.
    /// </summary>
    public int? HighBandIndex { get; init; }
}

/// <summary>Where clouds and shadows of a scene are told from.</summary>
public enum CloudMaskSource
{
    /// <summary>A quality band of the product.</summary>
    Product,

    /// <summary>The detectors compute it from the pixels.</summary>
    Computed,
}

/// <summary>What a pixel is, as a quality band says.</summary>
public enum QualityMeaning
{
    Clear,
    Cloud,
    Shadow,
    NoData,
}

/// <summary>
/// What the stored values of a quality band mean: a value listed in <see cref="Codes"/> is what that says; else the first of <see cref="Bits"/> that is set; else
/// <see cref="Otherwise"/>.
/// </summary>
public sealed record QualityTable(IReadOnlyList<QualityCode> Codes, IReadOnlyList<QualityBit> Bits, QualityMeaning Otherwise)
{
    public QualityMeaning Of(int stored)
    {
        foreach (var code in Codes)
        {
            if (code.Stored == stored)
                return code.Means;
        }

        foreach (var bit in Bits)
        {
            if (((stored >> bit.Bit) & 1) != 0)
                return bit.Means;
        }

        return Otherwise;
    }
}

/// <param name="Stored">Value in the file, in [0, 65535].</param>
public sealed record QualityCode(int Stored, QualityMeaning Means);

/// <param name="Bit">In [0, 15], 0 = the least.</param>
public sealed record QualityBit(int Bit, QualityMeaning Means);

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
