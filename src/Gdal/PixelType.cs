using System.Runtime.CompilerServices;

namespace Monitoring.Gdal;

#pragma warning disable CA1720 // these are the names of pixel types
/// <summary>Storage type of a band; the numbers are GDAL's own (<c>GDALDataType</c>).</summary>
public enum PixelType
{
    Unknown = 0,
    UInt8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Float64 = 7,
    ComplexInt16 = 8,
    ComplexInt32 = 9,
    ComplexFloat32 = 10,
    ComplexFloat64 = 11,
    UInt64 = 12,
    Int64 = 13,
    Int8 = 14,
    Float16 = 15,
    ComplexFloat16 = 16,
}
#pragma warning restore CA1720

/// <summary>How many bytes a pixel takes, and which type of C# it is.</summary>
public static class PixelTypes
{
    /// <summary>Bytes of one pixel of one band; 0 for <see cref="PixelType.Unknown"/>.</summary>
    public static int SizeOf(this PixelType type) => type switch
    {
        PixelType.UInt8 or PixelType.Int8 => 1,
        PixelType.UInt16 or PixelType.Int16 or PixelType.Float16 => 2,
        PixelType.UInt32 or PixelType.Int32 or PixelType.Float32 or PixelType.ComplexInt16 or PixelType.ComplexFloat16 => 4,
        PixelType.Float64 or PixelType.Int64 or PixelType.UInt64 or PixelType.ComplexInt32 or PixelType.ComplexFloat32 => 8,
        PixelType.ComplexFloat64 => 16,
        _ => 0,
    };

    /// <summary>
    /// The pixel type that a buffer of <typeparamref name="T"/> holds: byte, ushort, short, uint, int, float, double, long, ulong.
    /// </summary>
    /// <exception cref="NotSupportedException">Any other type.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PixelType Of<T>() where T : unmanaged
    {
        if (typeof(T) == typeof(byte)) return PixelType.UInt8;
        if (typeof(T) == typeof(ushort)) return PixelType.UInt16;
        if (typeof(T) == typeof(short)) return PixelType.Int16;
        if (typeof(T) == typeof(uint)) return PixelType.UInt32;
        if (typeof(T) == typeof(int)) return PixelType.Int32;
        if (typeof(T) == typeof(float)) return PixelType.Float32;
        if (typeof(T) == typeof(double)) return PixelType.Float64;
        if (typeof(T) == typeof(long)) return PixelType.Int64;
        if (typeof(T) == typeof(ulong)) return PixelType.UInt64;
        throw new NotSupportedException($"Pixels cannot be held in {typeof(T).Name}.");
    }
}

/// <summary>
/// How pixels are combined when the wanted grid is not the stored one; the numbers are GDAL's (<c>GDALRIOResampleAlg</c>).
/// </summary>
public enum Resampling
{
    /// <summary>The pixel under the centre. The only choice for class codes and bit masks, beside <see cref="Mode"/>.</summary>
    Nearest = 0,
    Bilinear = 1,
    Cubic = 2,
    CubicSpline = 3,
    Lanczos = 4,
    Average = 5,

    /// <summary>The most frequent value.</summary>
    Mode = 6,
}

/// <summary>How several bands lie in one buffer.</summary>
public enum Interleave
{
    /// <summary>All rows of the first band, then of the second: <c>[band][row][column]</c>.</summary>
    Band,

    /// <summary>All bands of the first pixel, then of the second: <c>[row][column][band]</c>.</summary>
    Pixel,
}

/// <summary>What a band means to the eye; the numbers are GDAL's (<c>GDALColorInterp</c>).</summary>
public enum ColorInterpretation
{
    Undefined = 0,
    Gray = 1,
    Palette = 2,
    Red = 3,
    Green = 4,
    Blue = 5,
    Alpha = 6,
}

/// <summary>Where a band's validity mask comes from (<c>GMF_*</c>).</summary>
[Flags]
public enum MaskSources
{
    None = 0,

    /// <summary>No mask: every pixel is valid.</summary>
    AllValid = 1,

    /// <summary>One mask for all bands.</summary>
    PerDataset = 2,

    /// <summary>The mask is an alpha band, 0 to 255.</summary>
    Alpha = 4,

    /// <summary>The mask is made from the nodata value.</summary>
    NoData = 8,
}
