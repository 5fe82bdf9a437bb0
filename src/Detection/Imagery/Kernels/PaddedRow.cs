using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// One row of floats inside a larger array, with room on both sides: vector loops may read one element before it and up to
/// <see cref="Lanes"/> past its padded end, and may write to its padded end.
/// </summary>
internal readonly struct PaddedRow
{
    /// <summary>Floats in one vector; rows are worked in multiples of it.</summary>
    public const int Lanes = 16;

    private readonly float[] _data;
    private readonly int _at;

    /// <exception cref="ArgumentException">The array is too short for the row and its room.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PaddedRow(float[] data, int at, int width)
    {
        if (at < Lanes || at + Padded(width) + Lanes > data.Length)
        {
            ThrowTooShort(data.Length, at, width);
        }

        (_data, _at) = (data, at);
    }

    /// <summary>The next multiple of <see cref="Lanes"/>.</summary>
    public static int Padded(int width) => (width + Lanes - 1) / Lanes * Lanes;

    /// <summary>Elements that a row of this width takes with its room on both sides.</summary>
    public static int StrideOf(int width) => Padded(width) + (2 * Lanes);

    public ref float this[int x]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _data[_at + x];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Load(int x) => Vector512.LoadUnsafe(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_data), _at + x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int x, Vector512<float> values) => values.StoreUnsafe(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_data), _at + x));

    /// <summary>Sets what lies next to the row on either side.</summary>
    public void Fence(int width, float left, float right) => (_data[_at - 1], _data[_at + width]) = (left, right);

    public Span<float> Span(int width) => _data.AsSpan(_at, width);

    private static void ThrowTooShort(int length, int at, int width) =>
        throw new ArgumentException($"A row of {width} at {at} leaves no room in an array of {length}.", nameof(at));
}
