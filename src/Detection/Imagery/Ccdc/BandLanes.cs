using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Eight doubles that go through the same arithmetic: one for each band of a pixel, or one for each column of the design. Where a product and
/// a sum are rounded once it is said (<see cref="Add"/>), so that the result does not depend on the machine's instructions.
/// </summary>
internal readonly struct BandLanes(Vector512<double> lanes)
{
    public const int Count = 8;

    private readonly Vector512<double> _lanes = lanes;

    public static BandLanes Zero => default;

    /// <summary>The mask of every lane.</summary>
    public static BandLanes AllBits => new(Vector512<double>.AllBitsSet);

    /// <summary>Lane <paramref name="lane"/>, 0 to 7.</summary>
    public double this[int lane] => _lanes[lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes All(double value) => new(Vector512.Create(value));

    /// <summary>The first eight of <paramref name="values"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Of(ReadOnlySpan<double> values) => new(Vector512.Create(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator +(BandLanes a, BandLanes b) => new(a._lanes + b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator -(BandLanes a, BandLanes b) => new(a._lanes - b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator *(BandLanes a, BandLanes b) => new(a._lanes * b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator *(BandLanes a, double b) => new(a._lanes * b);

    /// <summary>A sum and a product, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Add(BandLanes sum, BandLanes a, double b) => new(Vector512.FusedMultiplyAdd(a._lanes, Vector512.Create(b), sum._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes operator /(BandLanes a, BandLanes b) => new(a._lanes / b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Abs(BandLanes a) => new(Vector512.Abs(a._lanes));

    /// <summary>The larger ones; what NaN gives is not defined (it would cost three instructions, and none comes here).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Max(BandLanes a, BandLanes b) => new(Vector512.MaxNative(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Sqrt(BandLanes a) => new(Vector512.Sqrt(a._lanes));

    /// <summary>|a| with the sign of <paramref name="sign"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes CopySign(BandLanes a, BandLanes sign)
    {
        var bit = Vector512.Create(-0.0);
        return new BandLanes(a._lanes | (sign._lanes & bit));
    }

    /// <summary>All bits set in the lanes where a &lt; b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Less(BandLanes a, BandLanes b) => new(Vector512.LessThan(a._lanes, b._lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Either(BandLanes a, BandLanes b) => new(a._lanes | b._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Both(BandLanes a, BandLanes b) => new(a._lanes & b._lanes);

    /// <summary>The plain vector, for methods of so many operations that the compiler would no longer inline these.</summary>
    public Vector512<double> Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _lanes;
    }

    /// <summary>a without the lanes set in b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Without(BandLanes a, BandLanes b) => new(Vector512.AndNot(a._lanes, b._lanes));

    /// <summary>a where the mask's lane is set, else b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BandLanes Where(BandLanes mask, BandLanes a, BandLanes b) =>
        new(Vector512.ConditionalSelect(mask._lanes, a._lanes, b._lanes));

    /// <summary>True when any lane of a mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(BandLanes mask) => Vector512.ExtractMostSignificantBits(mask._lanes) != 0;

    /// <summary>A bit for each lane of a mask.</summary>
    public static uint Bits(BandLanes mask) => (uint)Vector512.ExtractMostSignificantBits(mask._lanes);

    /// <summary>These lanes with another value in one.</summary>
    public BandLanes With(int lane, double value) => new(_lanes.WithElement(lane, value));

    public void CopyTo(Span<double> values) => _lanes.CopyTo(values);

    /// <summary>Sum of the lanes, in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(BandLanes a) => Vector512.Sum(a._lanes);
}
