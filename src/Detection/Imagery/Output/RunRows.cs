using Monitoring.Detection.Imagery.Patches;

namespace Monitoring.Detection.Imagery.Output;

/// <summary>The pixels of many patches, asked for row by row from the first on.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RunRows
{
    private readonly PixelRun[] _runs;
    private int _next;

    public RunRows(IEnumerable<IReadOnlyList<PixelRun>> patches)
    {
        _runs = [.. patches.SelectMany(p => p)];
        Array.Sort(_runs);
    }

    /// <summary>Sets the pixels of a row, which is not before the one of the last call.</summary>
    public void Mark(int y, Span<byte> row, byte value)
    {
        for (; _next < _runs.Length && _runs[_next].Row <= y; _next++)
        {
            if (_runs[_next].Row == y)
            {
                row[_runs[_next].From.._runs[_next].To].Fill(value);
            }
        }
    }
}
