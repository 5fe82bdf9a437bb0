namespace Monitoring.Gdal;

/// <summary>How to open a file.</summary>
/// <remarks>
/// For files of strangers, name the formats you mean in <see cref="AllowedDrivers"/>: some formats (VRT, WMS, GML with
/// schema links) are recipes that make GDAL read other files or addresses.
/// </remarks>
public sealed record DatasetOpenOptions
{
    /// <summary>Open for writing too. Default false.</summary>
    public bool Update { get; init; }

    /// <summary>Short driver names to try, and no others; null (default) tries all.</summary>
    public IReadOnlyList<string>? AllowedDrivers { get; init; }

    /// <summary>
    /// Driver options as <c>KEY=VALUE</c>, such as <c>ENCODING=GBK</c> (Shapefile) or <c>NUM_THREADS=2</c> (GTiff). Default none.
    /// </summary>
    public IReadOnlyList<string>? OpenOptions { get; init; }

    /// <summary>
    /// Do not look for side files (.aux.xml, .ovr, world files) next to the file: faster in large folders, and nothing but the
    /// file itself is trusted. Do not use it for formats of several files (Shapefile, ENVI). Default false.
    /// </summary>
    public bool IgnoreSiblingFiles { get; init; }

    /// <summary>With <see cref="IgnoreSiblingFiles"/>: names (without folder) of files beside it that may be read all the same. Default none.</summary>
    public IReadOnlyList<string> Siblings { get; init; } = [];
}
