using System.Runtime.CompilerServices;

namespace Monitoring.Detection.Imagery.Kernels;

/// <summary>Rows of floats of one width, each with its room on both sides; 0 at first.</summary>
internal sealed class PaddedRows(int rows, int width)
{
    private readonly float[] _data = new float[checked(rows * PaddedRow.StrideOf(width))];
    private readonly int _stride = PaddedRow.StrideOf(width);

    public PaddedRow this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_data, (row * _stride) + PaddedRow.Lanes, width);
    }

    /// <summary>Sets rows and the room around them to 0.</summary>
    public void Clear(int row, int count) => Array.Clear(_data, row * _stride, count * _stride);
}
