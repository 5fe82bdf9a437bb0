namespace Monitoring.Gdal;

/// <summary>What to write of a raster, and how.</summary>
public sealed record TranslateOptions
{
    /// <summary>Short driver name; default GTiff.</summary>
    public string Driver { get; init; } = "GTiff";

    /// <summary>The part to take; null (default) takes all.</summary>
    public PixelWindow? Window { get; init; }

    /// <summary>Columns of the result, given together with <see cref="Height"/>; null (default) keeps those of the window.</summary>
    public int? Width { get; init; }

    /// <summary>Rows of the result.</summary>
    public int? Height { get; init; }

    /// <summary>How to resample when the size changes. Default Nearest.</summary>
    public Resampling Resampling { get; init; }

    /// <summary>1-based bands in the order wanted; null (default) takes all.</summary>
    public IReadOnlyList<int>? Bands { get; init; }

    /// <summary>Type of the result's bands; values are rounded and clamped. Null (default) keeps the type.</summary>
    public PixelType? Type { get; init; }

    /// <summary>Nodata value to declare (pixels do not change); null (default) keeps the declared one.</summary>
    public double? NoData { get; init; }

    /// <summary>
    /// Linear stretches [from, to] → [low, high] with values outside clamped: one for all bands, or one for each. Null (default): none.
    /// </summary>
    public IReadOnlyList<(double From, double To, double Low, double High)>? Scale { get; init; }

    /// <summary>Creation options of the driver as <c>KEY=VALUE</c>.</summary>
    public IReadOnlyList<string>? CreationOptions { get; init; }
}
