using System.Globalization;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>Which neighbours belong together.</summary>
public enum Connectedness
{
    /// <summary>Those that share an edge. Polygons are always valid.</summary>
    Four = 4,

    /// <summary>
    /// Also those that share only a corner. Polygons may touch themselves at corners, which OGC calls invalid: repair them.
    /// </summary>
    Eight = 8,
}

/// <summary>One connected patch of equal pixels.</summary>
/// <param name="Value">The pixels' value.</param>
/// <param name="Wkb">A polygon with its holes, ISO WKB little endian, along pixel edges, in ground units.</param>
public sealed record LabelPolygon(int Value, byte[] Wkb);

/// <summary>A geometry to burn, and the value to burn.</summary>
/// <param name="Wkb">WKB in the ground units of the grid.</param>
public readonly record struct BurnShape(ReadOnlyMemory<byte> Wkb, double Value);

/// <summary>
/// From labelled pixels to polygons and back, on the caller's own memory (pinned, not copied). All spans are row-major, width × height
/// long. Stateless; safe for any number of threads on different memory.
/// </summary>
public static unsafe class LabelRaster
{
    /// <summary>Outlines every patch of equal labels.</summary>
    /// <param name="labels">byte or int values.</param>
    /// <param name="mask">Empty (all pixels count), or width × height bytes: 0 = leave out. Pass the byte labels themselves to leave out
    /// label 0.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static List<LabelPolygon> Polygonize<T>(ReadOnlySpan<T> labels, ReadOnlySpan<byte> mask, int width, int height,
        GeoTransform transform, Connectedness connectedness = Connectedness.Four, IProgress<double>? progress = null,
        CancellationToken cancellation = default) where T : unmanaged
    {
        MustBeLabels<T>(labels.Length, width, height);
        if (!mask.IsEmpty)
            ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Length, labels.Length, nameof(mask));
        fixed (T* pixels = labels)
        fixed (byte* valid = mask)
        {
            using var source = RasterDataset.Wrap(pixels, width, height, PixelTypes.Of<T>(), transform);
            using var sieve = mask.IsEmpty ? null : RasterDataset.Wrap(valid, width, height, PixelType.UInt8, transform);
            using var use = source.Handle.Use();
            var sourceBand = GdalNative.GDALGetRasterBand(use.Pointer, 1);
            if (sieve is null)
                return Polygonize(sourceBand, 0, connectedness, progress, cancellation);
            using var useMask = sieve.Handle.Use();
            return Polygonize(sourceBand, GdalNative.GDALGetRasterBand(useMask.Pointer, 1), connectedness, progress, cancellation);
        }
    }

    /// <summary>
    /// Outlines every patch of equal values of a band of integers, read row by row; pixels that its mask (nodata, alpha) calls not valid
    /// are left out.
    /// Coordinates are those of the dataset.
    /// </summary>
    public static List<LabelPolygon> Polygonize(RasterDataset dataset, int band, Connectedness connectedness = Connectedness.Four,
        IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var info = dataset.GetBand(band);
        using var use = dataset.Handle.Use();
        var source = GdalNative.GDALGetRasterBand(use.Pointer, band);
        var mask = info.Mask.HasFlag(MaskSources.AllValid) ? 0 : GdalNative.GDALGetMaskBand(source);
        return Polygonize(source, mask, connectedness, progress, cancellation);
    }

    /// <summary>
    /// Removes patches of equal labels that are smaller than <paramref name="threshold"/> pixels: each takes the label of its largest
    /// neighbour.
    /// In place. Pixels whose mask is 0 neither change nor count as neighbours.
    /// </summary>
    /// <param name="labels">byte or int values.</param>
    /// <param name="mask">Empty, or width × height bytes.</param>
    /// <param name="threshold">1 or more.</param>
    public static void Sieve<T>(Span<T> labels, ReadOnlySpan<byte> mask, int width, int height, int threshold,
        Connectedness connectedness = Connectedness.Four, IProgress<double>? progress = null,
        CancellationToken cancellation = default) where T : unmanaged
    {
        MustBeLabels<T>(labels.Length, width, height);
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        if (!mask.IsEmpty)
            ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Length, labels.Length, nameof(mask));
        fixed (T* pixels = labels)
        fixed (byte* valid = mask)
        {
            using var source = RasterDataset.Wrap(pixels, width, height, PixelTypes.Of<T>(), GeoTransform.Identity);
            using var sieve = mask.IsEmpty ? null : RasterDataset.Wrap(valid, width, height, PixelType.UInt8, GeoTransform.Identity);
            using var use = source.Handle.Use();
            using var scope = new ProgressScope(progress, cancellation);
            var band = GdalNative.GDALGetRasterBand(use.Pointer, 1);
            nint maskBand = 0;
            if (sieve is not null)
            {
                using var useMask = sieve.Handle.Use();
                maskBand = GdalNative.GDALGetRasterBand(useMask.Pointer, 1);
            }
            Errors.Begin();
            var result = GdalNative.GDALSieveFilter(band, maskBand, band, threshold, (int)connectedness, 0, scope.Function, scope.Argument);
            scope.ThrowIfInterrupted(result != 0);
            if (result > (int)GdalErrorClass.Warning)
                throw Errors.Exception("sieve the labels");
        }
    }

    /// <summary>
    /// Burns geometries into a grid: a pixel takes the value when its centre lies inside the polygon (or, with
    /// <paramref name="allTouched"/>, when the geometry touches it at all). Later shapes overwrite earlier ones; other pixels stay as they
    /// are.
    /// </summary>
    /// <param name="grid">byte, ushort, short, int, uint, float or double values.</param>
    public static void Burn<T>(IReadOnlyList<BurnShape> shapes, Span<T> grid, int width, int height, GeoTransform transform,
        bool allTouched = false, IProgress<double>? progress = null, CancellationToken cancellation = default) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(shapes);
        MustHold(grid.Length, width, height);
        if (shapes.Count == 0)
            return;
        var geometries = new nint[shapes.Count];
        var values = new double[shapes.Count];
        try
        {
            for (var i = 0; i < geometries.Length; i++)
            {
                using var geometry = Geometry.FromWkb(shapes[i].Wkb.Span);
                geometries[i] = geometry.Detach();
                values[i] = shapes[i].Value;
            }
            using var options = new NativeStringList(allTouched ? ["ALL_TOUCHED=TRUE"] : null);
            using var scope = new ProgressScope(progress, cancellation);
            var band = 1;
            fixed (T* pixels = grid)
            fixed (nint* list = geometries)
            fixed (double* burn = values)
            {
                using var target = RasterDataset.Wrap(pixels, width, height, PixelTypes.Of<T>(), transform);
                using var use = target.Handle.Use();
                Errors.Begin();
                var result = GdalNative.GDALRasterizeGeometries(use.Pointer, 1, &band, geometries.Length, list, 0, 0, burn,
                    options.Pointer, scope.Function, scope.Argument);
                scope.ThrowIfInterrupted(result != 0);
                if (result > (int)GdalErrorClass.Warning)
                    throw Errors.Exception($"burn {shapes.Count} shapes into a grid");
                GdalNative.GDALFlushCache(use.Pointer);
            }
        }
        finally
        {
            foreach (var geometry in geometries)
                if (geometry != 0)
                    GdalNative.OGR_G_DestroyGeometry(geometry);
        }
    }

    private static List<LabelPolygon> Polygonize(nint source, nint mask, Connectedness connectedness, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        using var scope = new ProgressScope(progress, cancellation);
        using var options = new NativeStringList(connectedness == Connectedness.Eight ? ["8CONNECTED=8"] : null);
        // GDAL 3.11 folded the Memory driver into MEM.
        using var sink = VectorDataset.Create("", GdalLibrary.HasDriver("Memory") ? "Memory" : "MEM");
        using var use = sink.Handle.Use();
        Errors.Begin();
        var layer = GdalNative.GDALDatasetCreateLayer(use.Pointer, "polygons", 0, 3, 0);
        if (layer == 0)
            throw Errors.Exception("make a layer in memory");
        var field = GdalNative.OGR_Fld_Create("value", 0);
        var created = GdalNative.OGR_L_CreateField(layer, field, 0);
        GdalNative.OGR_Fld_Destroy(field);
        Errors.Check(created, "make a layer in memory");
        Errors.Begin();
        var result = GdalNative.GDALPolygonize(source, mask, layer, 0, options.Pointer, scope.Function, scope.Argument);
        scope.ThrowIfInterrupted(result != 0);
        if (result > (int)GdalErrorClass.Warning)
            throw Errors.Exception("outline the labels");
        var polygons = new List<LabelPolygon>();
        GdalNative.OGR_L_ResetReading(layer);
        for (nint feature; (feature = GdalNative.OGR_L_GetNextFeature(layer)) != 0;)
        {
            try
            {
                polygons.Add(new((int)GdalNative.OGR_F_GetFieldAsInteger64(feature, 0),
                    Geometry.ToWkb(GdalNative.OGR_F_GetGeometryRef(feature))));
            }
            finally
            {
                GdalNative.OGR_F_Destroy(feature);
            }
        }
        return polygons;
    }

    private static void MustBeLabels<T>(int length, int width, int height) where T : unmanaged
    {
        if (typeof(T) != typeof(byte) && typeof(T) != typeof(int))
            throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"Labels are byte or int, not {typeof(T).Name}."));
        MustHold(length, width, height);
    }

    private static void MustHold(int length, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (length != (long)width * height)
            throw new ArgumentException($"The span holds {length} values where {width} × {height} are needed.", nameof(length));
    }
}
