namespace Monitoring.Detection.Imagery.Patches;

/// <summary>A row of a mask: not 0 = part of a patch.</summary>
public delegate void MaskRow(int y, Span<byte> row);

/// <summary>One 8-connected group of mask pixels.</summary>
/// <param name="Pixels">How many.</param>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Last column.</param>
/// <param name="Bottom">Last row.</param>
public readonly record struct Component(int Pixels, int Left, int Top, int Right, int Bottom)
{
    public static Component None => new(0, int.MaxValue, int.MaxValue, -1, -1);

    public Component With(Component other) => new(
        Pixels + other.Pixels, Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));
}

/// <summary>
/// Labels the 8-connected groups of a mask row by row: two passes over the rows, memory by the number of groups and the width of a row,
/// not by the raster's height. Groups are numbered from 1 in the order of their first pixel, row by row, whatever is left out as too small.
/// </summary>
/// <remarks>Runs of a row are joined with those of the row above (He et al. 2008). The mask must give the same rows in both passes.</remarks>
public sealed class ComponentScanner
{
    private readonly int _width;
    private readonly int _height;
    private readonly MaskRow _mask;
    private readonly List<int> _parents = [];
    private int[] _final = [];

    public ComponentScanner(int width, int height, MaskRow mask) => (_width, _height, _mask) = (width, height, mask);

    /// <summary>Kept groups, label minus one = index. Filled by <see cref="Scan"/>.</summary>
    public IReadOnlyList<Component> Components { get; private set; } = [];

    /// <summary>First pass.</summary>
    /// <param name="leastPixels">Smaller groups are dropped (sieve).</param>
    public void Scan(int leastPixels)
    {
        var found = new List<Component>();
        Walk((label, y, from, to) =>
        {
            while (found.Count <= label)
            {
                found.Add(Component.None);
            }

            found[label] = found[label].With(new Component(to - from, from, y, to - 1, y));
        }, join: true);
        var roots = new Component[_parents.Count];
        for (var i = 0; i < roots.Length; i++)
        {
            var root = Find(i);
            // The root is always the smaller number, so it is filled before those that joined it.
            roots[root] = root == i ? found[i] : roots[root].With(found[i]);
        }

        var kept = new List<Component>();
        _final = new int[roots.Length];
        for (var i = 0; i < roots.Length; i++)
        {
            if (Find(i) == i && roots[i].Pixels >= leastPixels)
            {
                kept.Add(roots[i]);
                _final[i] = kept.Count;
            }
        }

        for (var i = 0; i < roots.Length; i++)
        {
            _final[i] = _final[Find(i)];
        }

        Components = kept;
    }

    /// <summary>Second pass: the labels of each row, 0 = none.</summary>
    public void Label(Action<int, int[]> row)
    {
        var labels = new int[_width];
        var at = 0;
        Walk(
            (label, y, from, to) => labels.AsSpan(from, to - from).Fill(_final[label]),
            join: false,
            rowDone: y =>
            {
                row(at++, labels);
                Array.Clear(labels);
            });
    }

    private void Walk(Action<int, int, int, int> run, bool join, Action<int>? rowDone = null)
    {
        var mask = new byte[_width];
        var above = new List<(int From, int To, int Label)>();
        var here = new List<(int From, int To, int Label)>();
        var next = 0;
        for (var y = 0; y < _height; y++)
        {
            _mask(y, mask);
            here.Clear();
            var first = 0;
            for (var x = 0; x < _width;)
            {
                var skip = mask.AsSpan(x).IndexOfAnyExcept((byte)0);
                if (skip < 0)
                {
                    break;
                }

                var from = x + skip;
                var length = mask.AsSpan(from).IndexOf((byte)0);
                var to = length < 0 ? _width : from + length;
                var label = -1;
                while (first < above.Count && above[first].To < from)
                {
                    first++;
                }

                for (var k = first; k < above.Count && above[k].From <= to; k++)
                {
                    if (label < 0)
                    {
                        label = above[k].Label;
                    }
                    else if (join)
                    {
                        Union(label, above[k].Label);
                    }
                }

                if (label < 0)
                {
                    label = next++;
                    if (join)
                    {
                        _parents.Add(label);
                    }
                }

                here.Add((from, to, label));
                run(label, y, from, to);
                x = to;
            }

            rowDone?.Invoke(y);
            (above, here) = (here, above);
        }
    }

    private int Find(int i)
    {
        while (_parents[i] != i)
        {
            _parents[i] = _parents[_parents[i]];
            i = _parents[i];
        }

        return i;
    }

    private void Union(int a, int b)
    {
        int ra = Find(a), rb = Find(b);
        if (ra < rb)
        {
            _parents[rb] = ra;
        }
        else if (rb < ra)
        {
            _parents[ra] = rb;
        }
    }
}
