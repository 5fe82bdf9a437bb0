using System.Globalization;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>Creating datasets and setting what they declare.</summary>
public sealed unsafe partial class RasterDataset
{
    /// <summary>GDAL's switch for <c>.aux.xml</c> files.</summary>
    private const string SideFiles = "GDAL_PAM_ENABLED";

    /// <summary>Creation options that suit a GeoTIFF meant for reading in windows: tiled, deflate, 64-bit offsets when needed.</summary>
    public static IReadOnlyList<string> TiledDeflate { get; } = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE",
        "BIGTIFF=IF_SAFER"];

    /// <summary>Creates an empty raster (pixels 0). An existing file of that name is overwritten.</summary>
    /// <param name="driver">Short name; the driver must be able to create (<c>GTiff</c>, <c>MEM</c>, <c>ENVI</c>, …). COG, PNG and JPEG
    /// can only be made by <see cref="CopyTo"/>.</param>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="bands">1 or more.</param>
    /// <param name="type">Type of all bands.</param>
    /// <param name="options">Creation options as <c>KEY=VALUE</c>.</param>
    public static RasterDataset Create(string path, string driver, int width, int height, int bands, PixelType type,
        IReadOnlyList<string>? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegative(bands);
        var d = GdalLibrary.Driver(driver);
        using var list = new NativeStringList(options);
        Errors.Begin();
        var dataset = GdalNative.GDALCreate(d, Text.NoNul(path), width, height, bands, (int)type, list.Pointer);
        if (dataset == 0)
            throw Errors.Exception($"create \"{path}\" ({driver}, {width} × {height}, {bands} bands of {type})");
        return new(new DatasetHandle(dataset), path, true);
    }

    /// <summary>An empty raster in memory; takes width × height × bands × size bytes at once.</summary>
    public static RasterDataset CreateInMemory(int width, int height, int bands, PixelType type) =>
        Create("", "MEM", width, height, bands, type);

    /// <summary>
    /// Writes this raster as a new file of another format (<c>COG</c>, <c>PNG</c>, <c>JPEG</c>, <c>GTiff</c>, …) with all that format can
    /// hold.
    /// The file is complete when the call returns.
    /// </summary>
    /// <param name="sideFiles">Whether to write what the format cannot hold (PNG: the georeference) to a <c>.aux.xml</c> beside it.
    /// Default true.</param>
    /// <exception cref="OperationCanceledException">Cancelled; a part of the file may be left.</exception>
    public void CopyTo(string path, string driver, IReadOnlyList<string>? options = null, IProgress<double>? progress = null,
        bool sideFiles = true, CancellationToken cancellation = default)
    {
        var d = GdalLibrary.Driver(driver);
        using var use = Handle.Use();
        using var list = new NativeStringList(options);
        using var scope = new ProgressScope(progress, cancellation);
        if (!sideFiles)
            GdalNative.CPLSetThreadLocalConfigOption(SideFiles, "NO");
        try
        {
            Errors.Begin();
            var copy = GdalNative.GDALCreateCopy(d, Text.NoNul(path), use.Pointer, 0, list.Pointer, scope.Function, scope.Argument);
            scope.ThrowIfInterrupted(copy == 0);
            if (copy == 0)
                throw Errors.Exception($"write \"{path}\" as {driver}");
            new RasterDataset(new DatasetHandle(copy), path, true).Dispose();
        }
        finally
        {
            if (!sideFiles)
                GdalNative.CPLSetThreadLocalConfigOption(SideFiles, null);
        }
    }

    /// <summary>
    /// Declares the nodata value of a band; null removes it. Do it before the band's mask is first asked for: GDAL may keep the mask it
    /// made.
    /// 64-bit integers take values of up to 2⁵³ exactly.
    /// </summary>
    public void SetNoData(int band, double? value) =>
        SetOnBand(band, "the nodata value", b => (value, (PixelType)GdalNative.GDALGetRasterDataType(b)) switch
    {
        (null, _) => GdalNative.GDALDeleteRasterNoDataValue(b),
        ({ } v, PixelType.Int64) => GdalNative.GDALSetRasterNoDataValueAsInt64(b, (long)v),
        ({ } v, PixelType.UInt64) => GdalNative.GDALSetRasterNoDataValueAsUInt64(b, (ulong)v),
        ({ } v, _) => GdalNative.GDALSetRasterNoDataValue(b, v),
    });

    /// <summary>Declares physical value = stored × scale + offset.</summary>
    public void SetScale(int band, double scale, double offset) =>
        SetOnBand(band, "scale and offset",
            b => Math.Max(GdalNative.GDALSetRasterScale(b, scale), GdalNative.GDALSetRasterOffset(b, offset)));

    /// <summary>Names the unit of the physical value.</summary>
    public void SetUnit(int band, string unit) => SetOnBand(band, "the unit", b => GdalNative.GDALSetRasterUnitType(b, Text.NoNul(unit)));

    /// <summary>Names a band.</summary>
    public void SetDescription(int band, string description) => SetOnBand(band, "the description", b =>
    {
        GdalNative.GDALSetDescription(b, Text.NoNul(description));
        return 0;
    });

    /// <summary>Says what a band means to the eye.</summary>
    public void SetColor(int band, ColorInterpretation color) =>
        SetOnBand(band, "the colour interpretation", b => GdalNative.GDALSetRasterColorInterpretation(b, (int)color));

    /// <summary>Sets one metadata item of a band; null removes it.</summary>
    public void SetBandMetadata(int band, string key, string? value, string domain = "") => SetOnBand(band, "metadata", b =>
        GdalNative.GDALSetMetadataItem(b, Text.NoNul(key), value is null ? null : Text.NoNul(value),
            domain.Length == 0 ? null : Text.NoNul(domain)));

    /// <summary>Gives a band of class codes its colours: entry i colours the value i. For UInt8 and UInt16 bands.</summary>
    public void SetColorTable(int band, ReadOnlySpan<(byte R, byte G, byte B, byte A)> colors)
    {
        using var use = Handle.Use();
        var target = Band(use.Pointer, band);
        var table = GdalNative.GDALCreateColorTable(1);
        try
        {
            var rgba = stackalloc short[4];
            for (var i = 0; i < colors.Length; i++)
            {
                (rgba[0], rgba[1], rgba[2], rgba[3]) = colors[i];
                GdalNative.GDALSetColorEntry(table, i, rgba);
            }
            Errors.Begin();
            if (GdalNative.GDALSetRasterColorTable(target, table) > (int)GdalErrorClass.Warning)
                throw Errors.Exception($"set the colour table of band {band} of \"{Path}\"");
        }
        finally
        {
            GdalNative.GDALDestroyColorTable(table);
        }
    }

    /// <summary>The colours of a palette band; empty when it has none.</summary>
    public IReadOnlyList<(byte R, byte G, byte B, byte A)> GetColorTable(int band)
    {
        using var use = Handle.Use();
        var table = GdalNative.GDALGetRasterColorTable(Band(use.Pointer, band));
        if (table == 0)
            return [];
        var colors = new (byte, byte, byte, byte)[GdalNative.GDALGetColorEntryCount(table)];
        var rgba = stackalloc short[4];
        for (var i = 0; i < colors.Length; i++)
        {
            _ = GdalNative.GDALGetColorEntryAsRGB(table, i, rgba);
            colors[i] = ((byte)rgba[0], (byte)rgba[1], (byte)rgba[2], (byte)rgba[3]);
        }
        return colors;
    }

    /// <summary>
    /// Adds a validity mask shared by all bands; fill it with <see cref="WriteMask"/>. GTiff keeps it in a side file unless the option
    /// GDAL_TIFF_INTERNAL_MASK is YES.
    /// </summary>
    public void CreateMask()
    {
        using var use = Handle.Use();
        Errors.Begin();
        if (GdalNative.GDALCreateDatasetMaskBand(use.Pointer, (int)MaskSources.PerDataset) > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"add a mask to \"{Path}\"");
    }

    /// <summary>Ties image points to ground points, in the given CRS.</summary>
    public void SetControlPoints(IReadOnlyList<GroundControlPoint> points, SpatialReference? crs)
    {
        using var use = Handle.Use();
        using var names = new NativeStringList(points.Select(static p => p.Id));
        var native = new NativeGcp[points.Count];
        var empty = (byte)0;
        for (var i = 0; i < native.Length; i++)
        {
            var p = points[i];
            native[i] = new() { Id = ((nint*)names.Pointer)[i], Info = (nint)(&empty), Pixel = p.Pixel, Line = p.Line, X = p.X, Y = p.Y, Z = p.Z };
        }
        Errors.Begin();
        int result;
        fixed (NativeGcp* list = native)
        {
            if (crs is null)
            {
                result = GdalNative.GDALSetGCPs2(use.Pointer, native.Length, list, 0);
            }
            else
            {
                using var srs = crs.Handle.Use();
                result = GdalNative.GDALSetGCPs2(use.Pointer, native.Length, list, srs.Pointer);
            }
        }
        if (result > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"set the control points of \"{Path}\"");
    }

    /// <summary>
    /// Builds reduced copies, inside the file when it is open for writing, else in a <c>.ovr</c> beside it. Levels are the
    /// factors of reduction, such as 2, 4, 8; an empty list removes all overviews.
    /// </summary>
    public void BuildOverviews(Resampling resampling, ReadOnlySpan<int> levels, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        foreach (var level in levels)
            ArgumentOutOfRangeException.ThrowIfLessThan(level, 2);
        var name = levels.IsEmpty ? "NONE" : resampling.ToString().ToUpperInvariant();
        using var use = Handle.Use();
        using var scope = new ProgressScope(progress, cancellation);
        Errors.Begin();
        int result;
        fixed (int* list = levels)
            result = GdalNative.GDALBuildOverviews(use.Pointer, name, levels.Length, list, 0, null, scope.Function, scope.Argument);
        scope.ThrowIfInterrupted(result != 0);
        if (result > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"build overviews of \"{Path}\"");
    }

    /// <summary>
    /// A MEM dataset whose one band is the caller's own memory, which must stay pinned until the dataset is disposed.
    /// </summary>
    internal static RasterDataset Wrap(void* pixels, int width, int height, PixelType type, GeoTransform transform)
    {
        var dataset = Create("", "MEM", width, height, 0, type);
        try
        {
            dataset.Transform = transform;
            dataset.AddBand(pixels, type);
            return new RasterDataset(dataset.Handle, "", true);
        }
        catch
        {
            dataset.Dispose();
            throw;
        }
    }

    private void AddBand(void* pixels, PixelType type)
    {
        using var use = Handle.Use();
        using var options = new NativeStringList([string.Create(CultureInfo.InvariantCulture, $"DATAPOINTER=0x{(nuint)pixels:x}")]);
        Errors.Begin();
        if (GdalNative.GDALAddBand(use.Pointer, (int)type, options.Pointer) != 0)
            throw Errors.Exception("wrap pixels in memory as a raster");
    }

    private void SetOnBand(int band, string what, Func<nint, int> set)
    {
        using var use = Handle.Use();
        var target = Band(use.Pointer, band);
        Errors.Begin();
        if (set(target) > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"set {what} of band {band} of \"{Path}\"");
    }
}
