namespace Monitoring.Gdal;

/// <summary>A grid on the ground: CRS, pixel to ground map, size.</summary>
/// <param name="Crs">CRS as <see cref="SpatialReference.Parse"/> takes it: <c>EPSG:4547</c>, WKT, …</param>
/// <param name="Transform">Pixel to ground, in that CRS, x first.</param>
/// <param name="Width">Columns, 1 or more.</param>
/// <param name="Height">Rows, 1 or more.</param>
public sealed record WarpGrid(string Crs, GeoTransform Transform, int Width, int Height);

/// <summary>
/// How to bring pixels onto another grid. What says "only for virtual warps" is decided by the target where that exists already.
/// </summary>
public sealed record WarpOptions
{
    /// <summary>How source pixels are combined. Default <see cref="Resampling.Bilinear"/>; use Nearest or Mode for class codes.</summary>
    public Resampling Resampling { get; init; } = Resampling.Bilinear;

    /// <summary>CRS of the source, for files that name none or a wrong one; null (default) believes the file.</summary>
    public string? SourceCrs { get; init; }

    /// <summary>
    /// Source value that means "nothing here", for all bands; null (default) takes the one each band declares. Such pixels never
    /// enter an average, and a target pixel whose centre falls into one is nothing too (except with Average and Mode).
    /// </summary>
    public double? SourceNoData { get; init; }

    /// <summary>Ignore also the nodata values that the source declares. Default false.</summary>
    public bool IgnoreSourceNoData { get; init; }

    /// <summary>
    /// What target pixels get that no source pixel reaches; declared as the target's nodata. Null (default): the source's nodata value if
    /// it has one and <see cref="AddAlpha"/> is false, else 0 and nothing declared. Only for virtual warps.
    /// </summary>
    public double? TargetNoData { get; init; }

    /// <summary>
    /// What target pixels hold that nothing is written to, without being declared as nodata (so that GDAL's fast paths stay open). Finite where
    /// sources have alpha: a pixel that is half seen is weighed with it. Null (default): <see cref="TargetNoData"/> or 0. Only for virtual warps.
    /// </summary>
    public double? Unwritten { get; init; }

    /// <summary>
    /// Adds a last band of the type of the others that is opaque where a valid source pixel was reached and 0 elsewhere. Default false.
    /// Only for virtual warps.
    /// </summary>
    public bool AddAlpha { get; init; }

    /// <summary>
    /// With several bands: a pixel is nothing only when it is nodata in all bands (true), or each band for itself (false, default).
    /// </summary>
    public bool UnifiedNoData { get; init; }

    /// <summary>Type of the target's bands; null (default) keeps the source's. Only for virtual warps.</summary>
    public PixelType? TargetType { get; init; }

    /// <summary>
    /// Largest error, in source pixels, of the linear approximation of the reprojection, ≥ 0; 0 transforms every pixel exactly (slower).
    /// Default 0.125, GDAL's own.
    /// </summary>
    public double ErrorPixels { get; init; } = 0.125;

    /// <summary>Read from the source's overviews when the target is coarser: fast, but averages twice. Default false.</summary>
    public bool UseOverviews { get; init; }

    /// <summary>Threads for one warp, 1 or more. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bound of the warp's working memory in bytes, from 1 MiB. Default 64 MiB. GDAL's block cache comes on top.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;
}
