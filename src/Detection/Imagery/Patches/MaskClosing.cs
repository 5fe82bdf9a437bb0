namespace Monitoring.Detection.Imagery.Patches;

/// <summary>
/// Morphological closing with a square (Serra 1982), row by row: what lies in gaps up to twice the radius wide is filled. Give it the rows of a mask
/// in order, once per pass; it reads ahead by twice the radius and holds 2 · (2 · radius + 1) rows.
/// </summary>
/// <remarks>Beyond the raster's edge counts as empty before and as filled after dilation, so that nothing is lost at the edge.</remarks>
public sealed class MaskClosing
{
    private readonly int _width, _height, _radius;
    private readonly MaskRow _source;
    private readonly byte[][] _wide, _thick;
    private readonly byte[] _row, _scratch;
    private int _nextWide, _nextThick, _nextOut;

    public MaskClosing(int width, int height, int radius, MaskRow source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        (_width, _height, _radius, _source) = (width, height, radius, source);
        var rows = (2 * radius) + 1;
        _wide = [.. Enumerable.Range(0, rows).Select(_ => new byte[width])];
        _thick = [.. Enumerable.Range(0, rows).Select(_ => new byte[width])];
        (_row, _scratch) = (new byte[width], new byte[width]);
    }

    /// <summary>The closed row; asking for row 0 begins a new pass.</summary>
    public void Row(int y, Span<byte> row)
    {
        if (y == 0)
        {
            _nextWide = _nextThick = _nextOut = 0;
        }

        if (y != _nextOut)
        {
            throw new ArgumentOutOfRangeException(nameof(y), y, $"Rows are asked for in order; the next is {_nextOut}.");
        }

        _nextOut++;
        if (_radius == 0)
        {
            _source(y, row);
            return;
        }

        for (; _nextThick <= Math.Min(_height - 1, y + _radius); _nextThick++)
        {
            for (; _nextWide <= Math.Min(_height - 1, _nextThick + _radius); _nextWide++)
            {
                _source(_nextWide, _row);
                Spread(_row, _wide[_nextWide % _wide.Length], any: true);
            }

            Fold(_wide, _nextThick, _thick[_nextThick % _thick.Length], any: true);
        }

        Fold(_thick, y, _scratch, any: false);
        Spread(_scratch, row, any: false);
    }

    /// <summary>Across rows y − radius to y + radius: any or all.</summary>
    private void Fold(byte[][] rows, int y, byte[] to, bool any)
    {
        int from = Math.Max(0, y - _radius), until = Math.Min(_height - 1, y + _radius);
        rows[from % rows.Length].CopyTo(to, 0);
        for (var k = from + 1; k <= until; k++)
        {
            var other = rows[k % rows.Length];
            for (var x = 0; x < to.Length; x++)
            {
                to[x] = (byte)(any ? to[x] | other[x] : to[x] & other[x]);
            }
        }
    }

    /// <summary>Along a row: any or all of the pixels within the radius.</summary>
    private void Spread(ReadOnlySpan<byte> from, Span<byte> to, bool any)
    {
        for (var x = 0; x < _width; x++)
        {
            var near = from[Math.Max(0, x - _radius)..Math.Min(_width, x + _radius + 1)];
            to[x] = any ? (byte)(near.IndexOfAnyExcept((byte)0) >= 0 ? 1 : 0) : (byte)(near.Contains((byte)0) ? 0 : 1);
        }
    }
}
