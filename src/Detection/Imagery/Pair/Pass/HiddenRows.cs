using Monitoring.Detection.Imagery.Masks;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>Marks, row by row from the first on, the pixels that were not observed on one of the dates, clouds and shadows among them.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class HiddenRows(PassLayers layers, CloudCells cells)
{
    private readonly RowReader<byte>? _rows = layers.Hidden is { } layer ? new RowReader<byte>(layer) : null;

    /// <summary>Whether any pixel may be hidden.</summary>
    public bool Any => _rows is not null || cells.Masked.Length > 0;

    /// <summary>Fills a row with 1 where a pixel was not observed, else 0.</summary>
    public void Fill(int y, Span<byte> row)
    {
        if (_rows is null)
        {
            row.Clear();
        }
        else
        {
            _rows.Row(y).CopyTo(row);
        }

        if (cells.Masked.Length == 0)
        {
            return;
        }

        var masked = cells.Masked.AsSpan(y / cells.Side * cells.Columns, cells.Columns);
        for (var c = masked.IndexOfAnyExcept((byte)0); c >= 0 && c < masked.Length; c++)
        {
            if (masked[c] != 0)
            {
                row[(c * cells.Side)..Math.Min(row.Length, (c + 1) * cells.Side)].Fill(1);
            }
        }
    }
}
