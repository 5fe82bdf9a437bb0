using System.Runtime.InteropServices;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>Reading and writing pixels.</summary>
public sealed unsafe partial class RasterDataset
{
    /// <summary>
    /// Reads a window of one band as it is stored. <paramref name="pixels"/> is row-major, at least
    /// <c>window.Width × window.Height</c> long; the rest stays untouched.
    /// </summary>
    public void Read<T>(int band, PixelWindow window, Span<T> pixels) where T : unmanaged =>
        Read([band], window, window.Width, window.Height, pixels);

    /// <summary>
    /// Reads a window of one band into a buffer of width × height pixels, resampled when that differs from the window
    /// (using the file's overviews when it has them). <paramref name="pixels"/> is row-major, at least width × height long.
    /// </summary>
    public void Read<T>(int band, PixelWindow window, int width, int height, Span<T> pixels,
        Resampling resampling = Resampling.Nearest) where T : unmanaged =>
        Read([band], window, width, height, pixels, resampling);

    /// <summary>
    /// Reads a window of several bands in one call. <paramref name="pixels"/> is at least <c>bands × width × height</c> long,
    /// ordered as <paramref name="interleave"/> says; bands may be named in any order.
    /// </summary>
    /// <exception cref="GdalException">The file is truncated or damaged there.</exception>
    /// <exception cref="ArgumentException">The window leaves the raster, a band does not exist or the span is too short.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the span's content is undefined.</exception>
    public void Read<T>(ReadOnlySpan<int> bands, PixelWindow window, int width, int height, Span<T> pixels,
        Resampling resampling = Resampling.Nearest, Interleave interleave = Interleave.Band,
        IProgress<double>? progress = null, CancellationToken cancellation = default) where T : unmanaged
    {
        fixed (T* buffer = pixels)
            Transfer(false, bands, Stored(window), width, height, buffer, pixels.Length, PixelTypes.Of<T>(), resampling, interleave, progress,
                cancellation);
        var (planes, row) = interleave == Interleave.Band ? (bands.Length, width) : (1, width * bands.Length);
        for (var plane = 0; _isTurned && plane < planes; plane++)
            ReverseRows(pixels[(plane * row * height)..], row, height, row);
    }

    /// <summary>
    /// Reads a window of several bands into part of a larger buffer: pixel (x, y) of the n-th named band goes to
    /// <c>pixels[n × bandStride + y × lineStride + x]</c>; what lies between stays untouched.
    /// </summary>
    /// <exception cref="GdalException">The file is truncated or damaged there.</exception>
    /// <exception cref="ArgumentException">The window leaves the raster, a band does not exist or the span is too short.</exception>
    public void ReadStrided<T>(ReadOnlySpan<int> bands, PixelWindow window, Span<T> pixels, int lineStride, int bandStride) where T : unmanaged
    {
        window.MustLieIn(Width, Height);
        MustHold(pixels.Length, bands.Length, window.Width, window.Height);
        ArgumentOutOfRangeException.ThrowIfLessThan(lineStride, window.Width);
        ArgumentOutOfRangeException.ThrowIfLessThan((long)bandStride, (((window.Height - 1L) * lineStride) + window.Width) * (bands.Length > 1 ? 1 : 0));
        var last = ((bands.Length - 1L) * bandStride) + ((window.Height - 1L) * lineStride) + window.Width;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, pixels.Length);
        var type = PixelTypes.Of<T>();
        var size = (long)type.SizeOf();
        using var use = Handle.Use();
        foreach (var band in bands)
            Band(use.Pointer, band);
        if (typeof(T) == typeof(ushort) && Tiles is { } tiles && tiles.TryRead(this, bands, window, MemoryMarshal.Cast<T, ushort>(pixels), lineStride, bandStride))
            return;
        var extra = new RasterIoExtraArg { Version = 1 };
        var stored = Stored(window);
        Errors.Begin();
        int result;
        fixed (T* buffer = pixels)
        fixed (int* list = bands)
            result = GdalNative.GDALDatasetRasterIOEx(use.Pointer, 0, stored.X, stored.Y, stored.Width, stored.Height, buffer, window.Width,
                window.Height, (int)type, bands.Length, list, size, size * lineStride, size * bandStride, &extra);
        if (result != 0)
            throw Errors.Exception($"read \"{Path}\"");
        for (var band = 0; _isTurned && band < bands.Length; band++)
            ReverseRows(pixels[(band * bandStride)..], window.Width, window.Height, lineStride);
    }

    /// <summary>
    /// Reads the validity of a band's pixels from nodata value, mask or alpha band: 0 = not valid, 255 = valid, between = partly
    /// transparent. Row-major, at least <c>window.Width × window.Height</c> long.
    /// </summary>
    public void ReadMask(int band, PixelWindow window, Span<byte> mask) => ReadMask(band, window, window.Width, window.Height, mask);

    /// <summary>As above, into a buffer of width × height; with averaging resamplings the mask becomes a share of 255.</summary>
    public void ReadMask(int band, PixelWindow window, int width, int height, Span<byte> mask, Resampling resampling = Resampling.Nearest)
    {
        window.MustLieIn(Width, Height);
        MustHold(mask.Length, 1, width, height);
        using var use = Handle.Use();
        var source = GdalNative.GDALGetMaskBand(Band(use.Pointer, band));
        var extra = new RasterIoExtraArg { Version = 1, Resampling = (int)resampling };
        var stored = Stored(window);
        Errors.Begin();
        fixed (byte* buffer = mask)
            if (GdalNative.GDALRasterIOEx(source, 0, stored.X, stored.Y, stored.Width, stored.Height, buffer, width, height,
                (int)PixelType.UInt8, 0, 0, &extra) != 0)
                throw Errors.Exception($"read the mask of band {band} of \"{Path}\"");
        if (_isTurned)
            ReverseRows(mask, width, height, width);
    }

    /// <summary>Bytes GDAL needs to hold one block of a band's mask.</summary>
    public long MaskBlockBytes(int band)
    {
        using var use = Handle.Use();
        var mask = GdalNative.GDALGetMaskBand(Band(use.Pointer, band));
        int width, height;
        GdalNative.GDALGetBlockSize(mask, &width, &height);
        return RasterInfo.Saturate((Int128)width * height * ((PixelType)GdalNative.GDALGetRasterDataType(mask)).SizeOf());
    }

    /// <summary>
    /// Writes a window of one band; row-major, at least <c>window.Width × window.Height</c> long. The dataset must be writable.
    /// </summary>
    public void Write<T>(int band, PixelWindow window, ReadOnlySpan<T> pixels) where T : unmanaged => Write([band], window, pixels);

    /// <summary>
    /// Writes a window of several bands; at least <c>bands × window.Width × window.Height</c> long, ordered as
    /// <paramref name="interleave"/> says.
    /// </summary>
    /// <exception cref="GdalException">The dataset is read-only, the disk is full, or the format cannot do it.</exception>
    public void Write<T>(ReadOnlySpan<int> bands, PixelWindow window, ReadOnlySpan<T> pixels, Interleave interleave = Interleave.Band,
        IProgress<double>? progress = null, CancellationToken cancellation = default) where T : unmanaged
    {
        fixed (T* buffer = pixels)
            Transfer(true, bands, window, window.Width, window.Height, buffer, pixels.Length, PixelTypes.Of<T>(), Resampling.Nearest,
                interleave, progress, cancellation);
    }

    /// <summary>
    /// Takes the blocks of a band out of GDAL's cache, those that were written to the file first. For who will not come back to them: else
    /// they stay until <see cref="GdalLibrary.CacheLimitBytes"/> are full.
    /// </summary>
    /// <exception cref="GdalException">The disk is full, and the like.</exception>
    public void ReleaseBlocks(int band)
    {
        using var use = Handle.Use();
        var pointer = Band(use.Pointer, band);
        Errors.Begin();
        if (GdalNative.GDALFlushRasterCache(pointer) > (int)GdalErrorClass.Warning)
            throw Errors.Exception($"write \"{Path}\"");
    }

    /// <summary>Writes the mask made by <see cref="CreateMask"/>: 0 = not valid, 255 = valid.</summary>
    public void WriteMask(PixelWindow window, ReadOnlySpan<byte> mask)
    {
        window.MustLieIn(Width, Height);
        MustHold(mask.Length, 1, window.Width, window.Height);
        using var use = Handle.Use();
        var target = GdalNative.GDALGetMaskBand(Band(use.Pointer, 1));
        var extra = new RasterIoExtraArg { Version = 1 };
        Errors.Begin();
        fixed (byte* buffer = mask)
            if (GdalNative.GDALRasterIOEx(target, 1, window.X, window.Y, window.Width, window.Height, buffer, window.Width, window.Height,
                (int)PixelType.UInt8, 0, 0, &extra) != 0)
                throw Errors.Exception($"write the mask of \"{Path}\"");
    }

    /// <summary>Where the pixels of a window lie in the file.</summary>
    private PixelWindow Stored(PixelWindow window) => _isTurned ? window with { Y = Height - window.Y - window.Height } : window;

    private static void ReverseRows<T>(Span<T> pixels, int width, int height, int stride)
    {
        var held = new T[width];
        for (int top = 0, bottom = height - 1; top < bottom; top++, bottom--)
        {
            Span<T> first = pixels.Slice(top * stride, width), last = pixels.Slice(bottom * stride, width);
            first.CopyTo(held);
            last.CopyTo(first);
            held.CopyTo(last);
        }
    }

    private void Transfer(bool write, ReadOnlySpan<int> bands, PixelWindow window, int width, int height, void* buffer, int length,
        PixelType type, Resampling resampling, Interleave interleave, IProgress<double>? progress, CancellationToken cancellation)
    {
        window.MustLieIn(Width, Height);
        MustHold(length, bands.Length, width, height);
        using var use = Handle.Use();
        foreach (var band in bands)
            Band(use.Pointer, band);
        using var scope = new ProgressScope(progress, cancellation);
        var size = (long)type.SizeOf();
        var (pixelSpace, lineSpace, bandSpace) = interleave == Interleave.Band
            ? (size, size * width, size * width * height)
            : (size * bands.Length, size * bands.Length * width, size);
        var extra = new RasterIoExtraArg
        {
            Version = 1,
            Resampling = (int)resampling,
            Progress = scope.Function,
            ProgressArgument = scope.Argument,
        };
        Errors.Begin();
        int result;
        fixed (int* list = bands)
            result = GdalNative.GDALDatasetRasterIOEx(use.Pointer, write ? 1 : 0,
                window.X, window.Y, window.Width, window.Height, buffer, width, height,
                (int)type, bands.Length, list, pixelSpace, lineSpace, bandSpace, &extra);
        scope.ThrowIfInterrupted(result != 0);
        if (result != 0)
            throw Errors.Exception(write ? $"write to \"{Path}\"" : $"read \"{Path}\"");
    }

    private static void MustHold(int length, int bands, int width, int height)
    {
        if (bands <= 0)
            throw new ArgumentException("Name at least one band.", nameof(bands));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var needed = (Int128)bands * width * height;
        if (length < needed)
            throw new ArgumentException($"The buffer holds {length} values where {bands} × {width} × {height} = {needed} are needed.",
                nameof(length));
    }
}
