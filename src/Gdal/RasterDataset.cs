using System.Globalization;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// An open raster. Pixels move between the file and the caller's span without a copy in between; GDAL converts
/// to the span's type by rounding and clamping to its range (NaN becomes 0 in integers).
/// </summary>
/// <remarks>Bands count from 1. Threads and closing: see <see cref="GdalDataset"/>.</remarks>
public sealed unsafe partial class RasterDataset : GdalDataset
{
    private const uint RasterKind = 0x02;

    private DeflatedTiles? _tiles;
    private bool _tilesKnown;
    private bool _isTurned;

    internal RasterDataset(DatasetHandle handle, string path, bool writable) : base(handle, path, writable)
    {
        using var use = handle.Use();
        Width = GdalNative.GDALGetRasterXSize(use.Pointer);
        Height = GdalNative.GDALGetRasterYSize(use.Pointer);
        BandCount = GdalNative.GDALGetRasterCount(use.Pointer);
    }

    /// <summary>
    /// Opens a raster file, or anything GDAL takes for one (<c>/vsizip/…</c>, <c>/vsimem/…</c>, a VRT, a subdataset name).
    /// </summary>
    /// <exception cref="GdalException">Missing, not a raster, damaged, or forbidden by the options.</exception>
    public static RasterDataset Open(string path, DatasetOpenOptions? options = null)
    {
        options ??= new DatasetOpenOptions();
        return new(OpenHandle(path, options, RasterKind), path, options.Update);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Number of bands; 0 for pure containers (see <see cref="RasterInfo.Subdatasets"/>).</summary>
    public int BandCount { get; }

    /// <summary>The whole raster as a window.</summary>
    public PixelWindow FullWindow => new(0, 0, Width, Height);

    /// <summary>Pixel to ground, or null when the file has none. Setting needs a writable dataset; null cannot be set.</summary>
    public GeoTransform? Transform
    {
        get
        {
            using var use = Handle.Use();
            var six = stackalloc double[6];
            if (GdalNative.GDALGetGeoTransform(use.Pointer, six) != 0)
                return null;
            var stored = GeoTransform.From(six);
            return _isTurned ? stored.WithRowsReversed(Height) : stored;
        }
        set
        {
            if (value is not { } transform)
                throw new ArgumentNullException(nameof(value));
            using var use = Handle.Use();
            var six = stackalloc double[6];
            transform.CopyTo(six);
            Errors.Begin();
            if (GdalNative.GDALSetGeoTransform(use.Pointer, six) > (int)GdalErrorClass.Warning)
                throw Errors.Exception($"set the geotransform of \"{Path}\"");
        }
    }

    /// <summary>
    /// Shows a raster that is stored from south to north with its rows in reverse order from now on: transform, windows and pixels, masks too. Nothing is resampled and
    /// nothing of what the file says is lost. Does nothing for any other grid. For reading only; files made from it keep the order in which it is stored.
    /// </summary>
    internal void ShowNorthUp() => _isTurned |= !Writable && Transform is { IsSouthUp: true };

    /// <summary>The CRS (the caller disposes it), or null when the file has none.</summary>
    public SpatialReference? GetSpatialReference()
    {
        using var use = Handle.Use();
        return SpatialReference.CopyOf(GdalNative.GDALGetSpatialRef(use.Pointer));
    }

    /// <summary>Sets or, with null, removes the CRS of a writable dataset.</summary>
    public void SetSpatialReference(SpatialReference? crs)
    {
        using var use = Handle.Use();
        Errors.Begin();
        int result;
        if (crs is null)
        {
            result = GdalNative.GDALSetSpatialRef(use.Pointer, 0);
        }
        else
        {
            using var srs = crs.Handle.Use();
            result = GdalNative.GDALSetSpatialRef(use.Pointer, srs.Pointer);
        }
        if (result > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"set the CRS of \"{Path}\"");
    }

    /// <summary>All the file declares. Reads headers only.</summary>
    public RasterInfo Describe()
    {
        using var crs = GetSpatialReference();
        using var use = Handle.Use();
        var points = ReadControlPoints(use.Pointer);
        using var pointsCrs = SpatialReference.CopyOf(GdalNative.GDALGetGCPSpatialRef(use.Pointer));
        var bands = new BandInfo[BandCount];
        for (var i = 0; i < bands.Length; i++)
            bands[i] = GetBand(i + 1);
        var subdatasets = Metadata("SUBDATASETS")
            .Where(static p => p.Key.EndsWith("_NAME", StringComparison.OrdinalIgnoreCase))
            .Select(static p => p.Value).ToArray();
        return new(Path, Driver, Width, Height, bands, Transform, crs?.ToWkt(), crs?.Epsg, points, pointsCrs?.ToWkt(), Metadata(),
            MetadataDomains, subdatasets);
    }

    /// <summary>All the file declares about one band.</summary>
    public BandInfo GetBand(int band)
    {
        using var use = Handle.Use();
        var b = Band(use.Pointer, band);
        var type = (PixelType)GdalNative.GDALGetRasterDataType(b);
        int blockWidth, blockHeight, known;
        GdalNative.GDALGetBlockSize(b, &blockWidth, &blockHeight);
        double? noData = type switch
        {
            PixelType.Int64 => GdalNative.GDALGetRasterNoDataValueAsInt64(b, &known),
            PixelType.UInt64 => GdalNative.GDALGetRasterNoDataValueAsUInt64(b, &known),
            _ => GdalNative.GDALGetRasterNoDataValue(b, &known),
        };
        if (known == 0)
            noData = null;
        var scale = GdalNative.GDALGetRasterScale(b, &known);
        if (known == 0)
            scale = 1;
        var offset = GdalNative.GDALGetRasterOffset(b, &known);
        if (known == 0)
            offset = 0;
        var overviews = new (int, int)[GdalNative.GDALGetOverviewCount(b)];
        for (var i = 0; i < overviews.Length; i++)
        {
            var overview = GdalNative.GDALGetOverview(b, i);
            if (overview != 0)
                overviews[i] = (GdalNative.GDALGetRasterBandXSize(overview), GdalNative.GDALGetRasterBandYSize(overview));
        }
        return new(band, type, noData, scale, offset,
            Text.Read(GdalNative.GDALGetRasterUnitType(b)) ?? "",
            (ColorInterpretation)GdalNative.GDALGetRasterColorInterpretation(b),
            Text.Read(GdalNative.GDALGetDescription(b)) ?? "",
            blockWidth, blockHeight, overviews,
            (MaskSources)GdalNative.GDALGetMaskFlags(b),
            NativeStringList.ReadPairs(GdalNative.GDALGetMetadata(b, null)));
    }

    private static GroundControlPoint[] ReadControlPoints(nint dataset)
    {
        var points = new GroundControlPoint[GdalNative.GDALGetGCPCount(dataset)];
        var native = (NativeGcp*)GdalNative.GDALGetGCPs(dataset);
        for (var i = 0; i < points.Length; i++)
            points[i] = new(Text.Read(native[i].Id) ?? "", native[i].Pixel, native[i].Line, native[i].X, native[i].Y, native[i].Z);
        return points;
    }

    /// <summary>The tiles of the file where they may be read without GDAL; found out when first asked for.</summary>
    internal DeflatedTiles? Tiles
    {
        get
        {
            if (!_tilesKnown)
            {
                _tiles = _isTurned ? null : DeflatedTiles.Of(this);
                _tilesKnown = true;
            }

            return _tiles;
        }
    }

    /// <summary>One metadata item of a band, or null.</summary>
    internal string? BandItem(int band, string key, string domain)
    {
        using var use = Handle.Use();
        return Text.Read(GdalNative.GDALGetMetadataItem(Band(use.Pointer, band), key, domain));
    }

    private protected override void Release() => _tiles?.Dispose();

    private nint Band(nint dataset, int band)
    {
        if (band < 1 || band > BandCount)
            throw new ArgumentOutOfRangeException(nameof(band), string.Create(CultureInfo.InvariantCulture,
                $"\"{Path}\" has bands 1 to {BandCount}, not {band}."));
        Errors.Begin();
        var pointer = GdalNative.GDALGetRasterBand(dataset, band);
        return pointer != 0 ? pointer : throw Errors.Exception($"use band {band} of \"{Path}\"");
    }
}
