using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Monitoring.Detection.Imagery.Ccdc;

/// <summary>
/// Four bands for each column of the design, in memory that begins at a cache line: arrays are aligned to 8 bytes only, and a vector that lies
/// across two lines takes two loads and comes back late when it was just stored. Not thread-safe.
/// </summary>
internal sealed class ColumnLanes
{
    /// <summary>Bands side by side.</summary>
    public const int Count = 4;

    private const int Line = 64;
    private const int Doubles = CcdcSegment.Columns * Count;

    private readonly double[] _memory = GC.AllocateArray<double>(Doubles + (Line / sizeof(double)), pinned: true);
    private readonly int _offset;

    public ColumnLanes()
    {
        var beyond = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0) % Line);
        _offset = (Line - beyond) % Line / sizeof(double);
    }

    /// <summary>All columns, at first 0.</summary>
    public Span<Vector256<double>> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.Cast<double, Vector256<double>>(_memory.AsSpan(_offset, Doubles))[..CcdcSegment.Columns];
    }

    /// <summary>The same, <see cref="Count"/> numbers a column.</summary>
    public Span<double> Numbers => _memory.AsSpan(_offset, Doubles);
}
