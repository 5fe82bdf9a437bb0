using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Eight doubles that go through the same arithmetic: one for each band of a pixel, or one for each column of the design. Products and
/// sums stay apart (no fused multiply-add), so that the result does not depend on the machine's instructions.
/// </summary>
internal readonly struct BandLanes(Vector256<double> low, Vector256<double> high)
{
    public const int Count = 8;

    public readonly Vector256<double> Low = low;

    public readonly Vector256<double> High = high;

    public static BandLanes Zero => default;

    /// <summary>Lane <paramref name="lane"/>, 0 to 7.</summary>
    public double this[int lane] => lane < 4 ? Low[lane] : High[lane - 4];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes All(double value) => new(Vector256.Create(value), Vector256.Create(value));

    /// <summary>The first eight of <paramref name="values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Of(ReadOnlySpan<double> values) => new(Vector256.Create(values), Vector256.Create(values[4..]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator +(BandLanes a, BandLanes b) => new(a.Low + b.Low, a.High + b.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator -(BandLanes a, BandLanes b) => new(a.Low - b.Low, a.High - b.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator *(BandLanes a, BandLanes b) => new(a.Low * b.Low, a.High * b.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator *(BandLanes a, double b) => new(a.Low * b, a.High * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator /(BandLanes a, BandLanes b) => new(a.Low / b.Low, a.High / b.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Abs(BandLanes a) => new(Vector256.Abs(a.Low), Vector256.Abs(a.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Max(BandLanes a, BandLanes b) => new(Vector256.Max(a.Low, b.Low), Vector256.Max(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Sqrt(BandLanes a) => new(Vector256.Sqrt(a.Low), Vector256.Sqrt(a.High));

    /// <summary>|a| with the sign of <paramref name="sign"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes CopySign(BandLanes a, BandLanes sign)
    {
        var bit = Vector256.Create(-0.0);
        return new BandLanes(a.Low | (sign.Low & bit), a.High | (sign.High & bit));
    }

    /// <summary>All bits set in the lanes where a &lt; b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Less(BandLanes a, BandLanes b) => new(Vector256.LessThan(a.Low, b.Low), Vector256.LessThan(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Either(BandLanes a, BandLanes b) => new(a.Low | b.Low, a.High | b.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Both(BandLanes a, BandLanes b) => new(a.Low & b.Low, a.High & b.High);

    /// <summary>a without the lanes set in b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Without(BandLanes a, BandLanes b) => new(Vector256.AndNot(a.Low, b.Low), Vector256.AndNot(a.High, b.High));

    /// <summary>a where the mask's lane is set, else b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Where(BandLanes mask, BandLanes a, BandLanes b) =>
        new(Vector256.ConditionalSelect(mask.Low, a.Low, b.Low), Vector256.ConditionalSelect(mask.High, a.High, b.High));

    /// <summary>True when any lane of a mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(BandLanes mask) => Vector256.ExtractMostSignificantBits(mask.Low | mask.High) != 0;

    public void CopyTo(Span<double> values)
    {
        Low.CopyTo(values);
        High.CopyTo(values[4..]);
    }

    /// <summary>Sum of the lanes, in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(BandLanes a) => Vector256.Sum(a.Low + a.High);
}
