namespace Monitoring.FirmwareSim.World;

/// <summary>
/// The county's ground at 5 m, two cells to a pixel's edge: cover code, height of what stands there (metres, for shadows),
/// texture (128 = neutral) and slope. Painting replaces; the last painter wins. Not thread safe while being painted.
/// </summary>
internal sealed class Canvas
{
    public const double CellMeters = 5;

    public Canvas(int columns, int rows)
    {
        Columns = columns;
        Rows = rows;
        Codes = new ushort[columns * rows];
        Heights = new byte[columns * rows];
        Texture = new byte[columns * rows];
        SlopeEast = new sbyte[columns * rows];
        SlopeNorth = new sbyte[columns * rows];
    }

    /// <summary>Cells across.</summary>
    public int Columns { get; }

    /// <summary>Cells down.</summary>
    public int Rows { get; }

    public ushort[] Codes { get; }

    public byte[] Heights { get; }

    public byte[] Texture { get; }

    /// <summary>dz/dx in 1/100.</summary>
    public sbyte[] SlopeEast { get; }

    /// <summary>dz/dy towards the north in 1/100.</summary>
    public sbyte[] SlopeNorth { get; }

    /// <summary>The cells whose centres lie in the ring (even-odd).</summary>
    public List<int> CellsIn(IReadOnlyList<(double X, double Y)> ring)
    {
        var cells = new List<int>();
        double low = double.MaxValue, high = double.MinValue;
        foreach (var (_, y) in ring)
        {
            low = Math.Min(low, y);
            high = Math.Max(high, y);
        }

        var first = Math.Max(0, (int)Math.Ceiling(low / CellMeters - 0.5));
        var last = Math.Min(Rows - 1, (int)Math.Floor(high / CellMeters - 0.5));
        var crossings = new List<double>();
        for (var row = first; row <= last; row++)
        {
            var y = (row + 0.5) * CellMeters;
            crossings.Clear();
            for (int i = 0, j = ring.Count - 1; i < ring.Count; j = i++)
            {
                var (ax, ay) = ring[j];
                var (bx, by) = ring[i];
                if (ay > y != by > y) crossings.Add(ax + (y - ay) / (by - ay) * (bx - ax));
            }

            crossings.Sort();
            for (var k = 0; k + 1 < crossings.Count; k += 2)
            {
                var from = Math.Max(0, (int)Math.Ceiling(crossings[k] / CellMeters - 0.5));
                var to = Math.Min(Columns - 1, (int)Math.Floor(crossings[k + 1] / CellMeters - 0.5));
                for (var column = from; column <= to; column++) cells.Add(row * Columns + column);
            }
        }

        return cells;
    }

    public void Fill(IReadOnlyList<(double X, double Y)> ring, ushort code, int height = 0)
    {
        foreach (var cell in CellsIn(ring))
        {
            Codes[cell] = code;
            Heights[cell] = (byte)height;
        }
    }

    public void Fill(Box box, ushort code, int height = 0) => Fill(box.Corners(), code, height);

    /// <summary>A line of the given width in metres.</summary>
    public void Stroke(IReadOnlyList<(double X, double Y)> line, double width, ushort code, int height = 0, Func<ushort, bool>? over = null)
    {
        for (var i = 0; i + 1 < line.Count; i++)
        {
            var (ax, ay) = line[i];
            var (bx, by) = line[i + 1];
            double dx = bx - ax, dy = by - ay, length = Math.Sqrt(dx * dx + dy * dy);
            if (length < 0.01) continue;
            var box = new Box((ax + bx) / 2, (ay + by) / 2, length + width * 0.5, Math.Max(width, CellMeters * 1.05), Math.Atan2(dy, dx));
            foreach (var cell in CellsIn(box.Corners()))
            {
                if (over is not null && !over(Codes[cell])) continue;
                Codes[cell] = code;
                Heights[cell] = (byte)height;
            }
        }
    }

    public int CellAt(double x, double y)
    {
        var column = Math.Clamp((int)(x / CellMeters), 0, Columns - 1);
        var row = Math.Clamp((int)(y / CellMeters), 0, Rows - 1);
        return row * Columns + column;
    }
}
