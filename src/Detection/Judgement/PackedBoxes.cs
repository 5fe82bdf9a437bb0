using System.Runtime.InteropServices;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Boxes found by place: a tree packed once by sort-tile-recursive (Leutenegger, Lopez and Edgington 1997), 16 to a node, in flat arrays
/// (about 38 bytes a box). A question costs the logarithm of the number of boxes and what it finds. Immutable; thread-safe.
/// </summary>
internal sealed class PackedBoxes
{
    private const int Fan = 16;

    /// <summary>Boxes of all levels, the leaves first: min x, min y, max x, max y. What is empty is turned inside out and meets nothing.</summary>
    private readonly double[] _boxes;

    /// <summary>Which box each leaf is.</summary>
    private readonly int[] _items;

    /// <summary>Where each level begins in <see cref="_boxes"/>, counted in boxes; the last entry is the end.</summary>
    private readonly List<int> _levels = [0];

    public PackedBoxes(IReadOnlyList<Envelope> boxes)
    {
        _items = Order(boxes);
        var counts = new List<int> { boxes.Count };
        while (counts[^1] > 1)
        {
            counts.Add((counts[^1] + Fan - 1) / Fan);
        }

        foreach (var count in counts)
        {
            _levels.Add(_levels[^1] + count);
        }

        _boxes = new double[4 * _levels[^1]];
        for (var i = 0; i < _items.Length; i++)
        {
            var box = boxes[_items[i]];
            Put(i, box.IsNull ? (double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity) : (box.MinX, box.MinY, box.MaxX, box.MaxY));
        }

        for (var level = 1; level < counts.Count; level++)
        {
            for (var node = 0; node < counts[level]; node++)
            {
                var sum = (double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);
                for (var child = node * Fan; child < Math.Min((node + 1) * Fan, counts[level - 1]); child++)
                {
                    var at = 4 * (_levels[level - 1] + child);
                    sum = (Math.Min(sum.Item1, _boxes[at]), Math.Min(sum.Item2, _boxes[at + 1]), Math.Max(sum.Item3, _boxes[at + 2]), Math.Max(sum.Item4, _boxes[at + 3]));
                }

                Put(_levels[level] + node, sum);
            }
        }
    }

    /// <summary>Appends the numbers of the boxes that meet a box, edges included, in rising order.</summary>
    public void Find(Envelope box, List<int> found)
    {
        if (box.IsNull || _items.Length == 0)
        {
            return;
        }

        var first = found.Count;
        Find(box.MinX, box.MinY, box.MaxX, box.MaxY, found);
        CollectionsMarshal.AsSpan(found)[first..].Sort();
    }

    /// <summary>Appends the numbers of the boxes that meet a box, edges included, in no order; its upper ends may be infinite.</summary>
    public void Find(double minX, double minY, double maxX, double maxY, List<int> found)
    {
        if (_items.Length > 0)
        {
            Search(_levels.Count - 2, 0, 1, minX, minY, maxX, maxY, found);
        }
    }

    private void Search(int level, int from, int to, double minX, double minY, double maxX, double maxY, List<int> found)
    {
        var below = level == 0 ? 0 : _levels[level] - _levels[level - 1];
        for (var node = from; node < to; node++)
        {
            var at = 4 * (_levels[level] + node);
            if (_boxes[at] > maxX || _boxes[at + 1] > maxY || _boxes[at + 2] < minX || _boxes[at + 3] < minY)
            {
                continue;
            }

            if (level == 0)
            {
                found.Add(_items[node]);
            }
            else
            {
                Search(level - 1, node * Fan, Math.Min((node + 1) * Fan, below), minX, minY, maxX, maxY, found);
            }
        }
    }

    private void Put(int place, (double MinX, double MinY, double MaxX, double MaxY) box)
    {
        var at = 4 * place;
        (_boxes[at], _boxes[at + 1], _boxes[at + 2], _boxes[at + 3]) = box;
    }

    /// <summary>Upright slices by the middle's x, each by the middle's y.</summary>
    private static int[] Order(IReadOnlyList<Envelope> boxes)
    {
        var items = new int[boxes.Count];
        var keys = new double[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = i;
            keys[i] = boxes[i].IsNull ? 0 : boxes[i].MinX + boxes[i].MaxX;
        }

        Array.Sort(keys, items);
        var leaves = Math.Max(1, (items.Length + Fan - 1) / Fan);
        var slice = Fan * (int)Math.Ceiling(leaves / Math.Ceiling(Math.Sqrt(leaves)));
        for (var start = 0; start < items.Length; start += slice)
        {
            var length = Math.Min(slice, items.Length - start);
            for (var i = start; i < start + length; i++)
            {
                keys[i] = boxes[items[i]].IsNull ? 0 : boxes[items[i]].MinY + boxes[items[i]].MaxY;
            }

            Array.Sort(keys, items, start, length);
        }

        return items;
    }
}
