using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>
/// Rows of floats of one width, each with its room on both sides; 0 at first. A row's first float begins a line of the cache, so that its
/// vectors are loaded and stored whole.
/// </summary>
internal sealed class PaddedRows
{
    private const int LineBytes = PaddedRow.Lanes * sizeof(float);

    private readonly float[] _data;
    private readonly int _first;
    private readonly int _width;
    private readonly int _stride;

    public unsafe PaddedRows(int rows, int width)
    {
        (_width, _stride) = (width, PaddedRow.StrideOf(width));

        // Memory of this size stays where it is; should it be moved all the same, loops get slower and nothing else.
        _data = new float[checked((rows * _stride) + PaddedRow.Lanes)];
        var beyond = (int)((nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_data)) % LineBytes);
        _first = beyond == 0 ? 0 : (LineBytes - beyond) / sizeof(float);
    }

    public PaddedRow this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_data, _first + (row * _stride) + PaddedRow.Lanes, _width);
    }

    /// <summary>Sets rows and the room around them to 0.</summary>
    public void Clear(int row, int count) => Array.Clear(_data, _first + (row * _stride), count * _stride);
}
