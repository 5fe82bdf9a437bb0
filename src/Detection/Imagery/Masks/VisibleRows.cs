using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;

namespace Monitoring.Detection.Imagery.Masks;

/// <summary>One row of one date in the visible bands, as stored, for the few places where reflectances are asked for.</summary>
internal readonly ref struct VisibleRows
{
    private readonly StoredPixels _stored;
    private readonly int _blueAt, _greenAt, _redAt;
    private readonly RowMath.Decoding _blue, _green, _red;

    /// <param name="bands">Blue, green and red among the compared bands.</param>
    /// <param name="left">First column.</param>
    public VisibleRows(StoredPixels stored, int y, int left, (int Blue, int Green, int Red) bands, RowMath.Decoding[] decodings, PaddedRow blueRoots)
    {
        _stored = stored;
        (_blueAt, _greenAt, _redAt) = (stored.At(bands.Blue, left, y), stored.At(bands.Green, left, y), stored.At(bands.Red, left, y));
        (_blue, _green, _red) = (decodings[bands.Blue], decodings[bands.Green], decodings[bands.Red]);
        BlueRoots = blueRoots;
        LeastBlue = (MathF.Sqrt(CloudTest.Haze) * _blue.Slope) + _blue.Lift - 1e-4f;
    }

    /// <summary>Roots of the blue band on the common radiometry.</summary>
    public PaddedRow BlueRoots { get; }

    /// <summary>Roots of blue that are not above this are no cloud's.</summary>
    public float LeastBlue { get; }

    public Vector512<float> Blue(int x) => Of(_blueAt, _blue, x);

    public Vector512<float> Green(int x) => Of(_greenAt, _green, x);

    public Vector512<float> Red(int x) => Of(_redAt, _red, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Of(int at, in RowMath.Decoding how, int x) => _stored.Whole.Length > 0
        ? RowMath.Reflectances(_stored.Whole.AsSpan(at), x, how.Scale, how.Offset)
        : RowMath.Reflectances(_stored.Real.AsSpan(at), x, how.Scale, how.Offset);
}
