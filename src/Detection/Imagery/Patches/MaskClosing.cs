using System.Numerics.Tensors;

namespace Monitoring.Detection.Imagery.Patches;

/// <summary>A row of a mask as bits: pixel x is bit x mod 64 of word x / 64, the lowest first; bits past the width are 0.</summary>
internal delegate void BitRow(int y, Span<ulong> row);

/// <summary>
/// Morphological closing with a square (Serra 1982), row by row: what lies in gaps up to twice the radius wide is filled. Asks the source for
/// each row once, in order; it reads ahead by twice the radius and holds 2 · (2 · radius + 1) rows of bits.
/// </summary>
/// <remarks>Beyond the raster's edge counts as empty before and as filled after dilation, so that nothing is lost at the edge. Not thread-safe.</remarks>
internal sealed class MaskClosing
{
    private readonly int _width, _height, _radius;
    private readonly BitRow _source;
    private readonly ulong[][] _wide, _thick;
    private readonly ulong[] _row, _scratch;
    private int _nextWide, _nextThick, _nextOut;
    private int _lastFilled = -1;

    /// <param name="radius">0 to 63.</param>
    public MaskClosing(int width, int height, int radius, BitRow source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(radius, 63);
        (_width, _height, _radius, _source) = (width, height, radius, source);
        (int rows, int words) = ((2 * radius) + 1, WordsOf(width));
        _wide = [.. Enumerable.Range(0, rows).Select(_ => new ulong[words])];
        _thick = [.. Enumerable.Range(0, rows).Select(_ => new ulong[words])];
        (_row, _scratch) = (new ulong[words], new ulong[words]);
    }

    /// <summary>Words that a row takes.</summary>
    public static int WordsOf(int width) => (width + 63) / 64;

    /// <summary>Sets the bits of columns [from, to).</summary>
    public static void Fill(Span<ulong> row, int from, int to)
    {
        for (var word = from / 64; word * 64 < to; word++)
        {
            int low = Math.Max(0, from - (word * 64)), high = Math.Min(64, to - (word * 64));
            row[word] |= (ulong.MaxValue >> (64 - (high - low))) << low;
        }
    }

    /// <summary>The closed row; rows are asked for in order.</summary>
    /// <returns>Whether any bit is set.</returns>
    public bool Row(int y, Span<ulong> row)
    {
        if (y != _nextOut)
        {
            throw new ArgumentOutOfRangeException(nameof(y), y, $"Rows are asked for in order; the next is {_nextOut}.");
        }

        _nextOut++;
        for (; _nextThick <= Math.Min(_height - 1, y + _radius); _nextThick++)
        {
            for (; _nextWide <= Math.Min(_height - 1, _nextThick + _radius); _nextWide++)
            {
                _row.AsSpan().Clear();
                _source(_nextWide, _row);
                _lastFilled = _row.AsSpan().ContainsAnyExcept(0UL) ? _nextWide : _lastFilled;
                Widen(_row, _wide[_nextWide % _wide.Length]);
            }

            Fold(_wide, _nextThick, _thick[_nextThick % _thick.Length], any: true);
        }

        // Nothing within reach, neither above nor below.
        if (_lastFilled < 0 || _lastFilled < y - (2 * _radius))
        {
            row.Clear();
            return false;
        }

        Fold(_thick, y, _scratch, any: false);
        Narrow(_scratch, row);
        return row.ContainsAnyExcept(0UL);
    }

    /// <summary>Across rows y − radius to y + radius: any or all.</summary>
    private void Fold(ulong[][] rows, int y, Span<ulong> to, bool any)
    {
        int from = Math.Max(0, y - _radius), until = Math.Min(_height - 1, y + _radius);
        rows[from % rows.Length].CopyTo(to);
        for (var k = from + 1; k <= until; k++)
        {
            if (any)
            {
                TensorPrimitives.BitwiseOr(to, rows[k % rows.Length], to);
            }
            else
            {
                TensorPrimitives.BitwiseAnd(to, rows[k % rows.Length], to);
            }
        }
    }

    /// <summary>Along a row: any of the pixels within the radius.</summary>
    private void Widen(ReadOnlySpan<ulong> from, Span<ulong> to)
    {
        for (var w = 0; w < from.Length; w++)
        {
            ulong here = from[w], left = w > 0 ? from[w - 1] : 0, right = w + 1 < from.Length ? from[w + 1] : 0;
            var wide = here;
            for (var s = 1; (here | left | right) != 0 && s <= _radius; s++)
            {
                wide |= (here << s) | (left >> (64 - s)) | (here >> s) | (right << (64 - s));
            }

            to[w] = wide;
        }

        to[^1] &= Tail;
    }

    /// <summary>Along a row: all of the pixels within the radius.</summary>
    private void Narrow(Span<ulong> from, Span<ulong> to)
    {
        from[^1] |= ~Tail;
        for (var w = 0; w < from.Length; w++)
        {
            ulong here = from[w], left = w > 0 ? from[w - 1] : ulong.MaxValue, right = w + 1 < from.Length ? from[w + 1] : ulong.MaxValue;
            var narrow = here;
            for (var s = 1; narrow != 0 && s <= _radius; s++)
            {
                narrow &= ((here << s) | (left >> (64 - s))) & ((here >> s) | (right << (64 - s)));
            }

            to[w] = narrow;
        }

        to[^1] &= Tail;
    }

    private ulong Tail => ulong.MaxValue >> ((64 - (_width % 64)) % 64);
}
