using System.Runtime.Intrinsics;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// Point spread and sub-pixel shift: a separable Gaussian of 4.5 m over four 5 m cells, centred where the pass believes the
/// pixel to be.
/// </summary>
internal sealed class Lens
{
    private const double SigmaCells = 0.9;
    private readonly int _first;
    private readonly int _firstRow;
    private readonly float[] _weights;
    private readonly int _cells;
    private readonly int _columns;

    public Lens((double East, double South) shift, int cellColumns, int cellRows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cellRows, 4);
        (_cells, _columns) = (cellColumns, columns);
        (_first, _weights) = Taps(shift.East * 2);
        (_firstRow, var down) = Taps(shift.South * 2);
        (V0, V1, V2, V3) = (down[0], down[1], down[2], down[3]);
    }

    /// <summary>Weights of the four rows.</summary>
    public float V0 { get; }

    public float V1 { get; }

    public float V2 { get; }

    public float V3 { get; }

    /// <summary>The first of the four cell rows of a pixel row; may lie outside the canvas.</summary>
    public int FirstRow(int row) => 2 * row + _firstRow;

    /// <summary>Cells of one row into pixels of one row.</summary>
    public void BlurRow(Vector256<float>[] cells, Vector256<float>[] pixels)
    {
        float w0 = _weights[0], w1 = _weights[1], w2 = _weights[2], w3 = _weights[3];
        for (var x = 0; x < _columns; x++)
        {
            var i = 2 * x + _first;
            pixels[x] = i >= 0 && i + 3 < _cells
                ? cells[i] * w0 + cells[i + 1] * w1 + cells[i + 2] * w2 + cells[i + 3] * w3
                : cells[Inside(i)] * w0 + cells[Inside(i + 1)] * w1 + cells[Inside(i + 2)] * w2 + cells[Inside(i + 3)] * w3;
        }
    }

    private int Inside(int cell) => Math.Clamp(cell, 0, _cells - 1);

    private static (int First, float[] Weights) Taps(double shiftCells)
    {
        var centre = 1 + shiftCells;
        var first = (int)Math.Floor(centre) - 2 + (centre - Math.Floor(centre) >= 0.5 ? 1 : 0);
        var raw = Enumerable.Range(0, 4).Select(k => first + k + 0.5 - centre).Select(t => Math.Exp(-t * t / (2 * SigmaCells * SigmaCells))).ToArray();
        return (first, [.. raw.Select(w => (float)(w / raw.Sum()))]);
    }
}
