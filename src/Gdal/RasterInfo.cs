namespace Monitoring.Gdal;

/// <summary>A band as declared by its file. Numbers come from the file unverified.</summary>
/// <param name="Index">1-based.</param>
/// <param name="NoData">The declared nodata value in stored units, or null. NaN is a legal value: compare with
/// <see cref="double.IsNaN(double)"/>.</param>
/// <param name="Scale">Physical value = stored × Scale + Offset; 1 when not declared.</param>
/// <param name="Offset">0 when not declared.</param>
/// <param name="Unit">Unit of the physical value as the file spells it, or "".</param>
/// <param name="Description">Band name, or "".</param>
/// <param name="BlockWidth">Natural read unit in pixels; one block of a hostile file may be large (<see cref="BlockBytes"/>).</param>
/// <param name="Overviews">Sizes (width, height) of the reduced copies, finest first.</param>
/// <param name="Mask">Where the validity mask comes from.</param>
/// <param name="Metadata">Items of the default domain.</param>
public sealed record BandInfo(
    int Index,
    PixelType Type,
    double? NoData,
    double Scale,
    double Offset,
    string Unit,
    ColorInterpretation Color,
    string Description,
    int BlockWidth,
    int BlockHeight,
    IReadOnlyList<(int Width, int Height)> Overviews,
    MaskSources Mask,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Bytes GDAL needs to hold one block. Stops at <see cref="long.MaxValue"/>.</summary>
    public long BlockBytes => RasterInfo.Saturate((Int128)BlockWidth * BlockHeight * Type.SizeOf());
}

/// <summary>A point whose place is known both in the image and on the ground.</summary>
/// <param name="Pixel">Column, fractions allowed, 0 = outer edge of the first column.</param>
/// <param name="Line">Row, likewise.</param>
/// <param name="X">Longitude or easting.</param>
/// <param name="Y">Latitude or northing.</param>
/// <param name="Z">Height, 0 when not known.</param>
public readonly record struct GroundControlPoint(string Id, double Pixel, double Line, double X, double Y, double Z);

/// <summary>
/// What a raster file declares about itself, read without touching pixels. Check <see cref="PixelBytes"/> and the blocks against your
/// limits before allocating: the numbers come from the file and may be hostile.
/// </summary>
/// <param name="Transform">Null when the file has none (then look at <paramref name="ControlPoints"/>). May be rotated: test
/// <see cref="GeoTransform.IsNorthUp"/>.</param>
/// <param name="CrsWkt">WKT2:2019 of the CRS, or null when the file has none.</param>
/// <param name="CrsEpsg">EPSG code when the CRS names one itself, else null (<see cref="SpatialReference.IdentifyEpsg"/> searches for
/// one).</param>
/// <param name="ControlPointsCrsWkt">CRS of the control points, or null.</param>
/// <param name="Metadata">Items of the default domain.</param>
/// <param name="MetadataDomains">Names of all domains; "" is the default one.</param>
/// <param name="Subdatasets">Names to open instead, for containers such as HDF5 or a SAFE folder.</param>
public sealed record RasterInfo(
    string Path,
    string Driver,
    int Width,
    int Height,
    IReadOnlyList<BandInfo> Bands,
    GeoTransform? Transform,
    string? CrsWkt,
    int? CrsEpsg,
    IReadOnlyList<GroundControlPoint> ControlPoints,
    string? ControlPointsCrsWkt,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<string> MetadataDomains,
    IReadOnlyList<string> Subdatasets)
{
    /// <summary>
    /// Width × height × bytes of all bands: what the whole raster would take in memory. Stops at <see cref="long.MaxValue"/>.
    /// </summary>
    public long PixelBytes => Saturate((Int128)Width * Height * Bands.Sum(static b => (long)b.Type.SizeOf()));

    internal static long Saturate(Int128 bytes) => bytes > long.MaxValue ? long.MaxValue : (long)bytes;
}
