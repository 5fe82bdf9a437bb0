namespace Monitoring.Detection.Imagery.Masks;

/// <summary>
/// Clouds and their shadows on a grid of cells of about 80 m, gathered from the pixel tests of all tiles and then judged by size and
/// shape. Cells belong to one tile each, so tiles may add at the same time; <see cref="Judge"/> is called once, when all have.
/// </summary>
/// <remarks>
/// A cloud is a group of bright cells of at least 4 ha that somewhere is three cells thick: no roof is. A shadow is dark, and has the
/// shape of the date's clouds moved by one common offset (Zhu and Woodcock 2012): dark ground without a cloud to cast it stays observed.
/// </remarks>
public sealed class CloudCells
{
    private const double LeastCloudSquareMeters = 40_000;
    private const double ReachMeters = 5_000;
    private const double LeastOverlap = 0.35;
    private readonly int[] _pixels;
    private readonly Counts[] _counts;

    public CloudCells(int width, int height, double gsdMeters)
    {
        // Divides a tile, so that no cell lies in two.
        Side = gsdMeters >= 60 ? 1 : gsdMeters >= 30 ? 2 : gsdMeters >= 14 ? 4 : gsdMeters >= 7 ? 8 : gsdMeters >= 3 ? 16 : 64;
        (Columns, Rows) = ((width + Side - 1) / Side, (height + Side - 1) / Side);
        Meters = Side * gsdMeters;
        _pixels = new int[Columns * Rows];
        _counts = new Counts[Columns * Rows];
    }

    /// <summary>Side of a cell in pixels.</summary>
    public int Side { get; }

    public int Columns { get; }

    public int Rows { get; }

    public double Meters { get; }

    /// <summary>Per cell after <see cref="Judge"/>: 1 = cloud or shadow on one of the dates.</summary>
    public byte[] Masked { get; private set; } = [];

    public void Add(int x, int y, byte flags)
    {
        var cell = ((y / Side) * Columns) + (x / Side);
        _pixels[cell]++;
        if (flags == 0)
        {
            return;
        }

        ref var c = ref _counts[cell];
        c.ProductBefore += (ushort)(flags & 1);
        c.ProductAfter += (ushort)((flags >> 1) & 1);
        c.BrightBefore += (ushort)((flags >> 2) & 1);
        c.BrightAfter += (ushort)((flags >> 3) & 1);
        c.DarkBefore += (ushort)((flags >> 4) & 1);
        c.DarkAfter += (ushort)((flags >> 5) & 1);
    }

    public void Judge()
    {
        Masked = new byte[_pixels.Length];
        JudgeDate(c => c.BrightBefore, c => c.ProductBefore, c => c.DarkBefore);
        JudgeDate(c => c.BrightAfter, c => c.ProductAfter, c => c.DarkAfter);
    }

    private void JudgeDate(Func<Counts, int> bright, Func<Counts, int> product, Func<Counts, int> dark)
    {
        var cloud = Thick(Share(bright, 0.5), Share(bright, 0.25));
        var fromProduct = Share(product, 0.3);
        var any = false;
        for (var i = 0; i < cloud.Length; i++)
        {
            cloud[i] |= fromProduct[i];
            any |= cloud[i] != 0;
        }

        if (!any)
        {
            return;
        }

        var shadow = ShadowOf(cloud, Share(dark, 0.5));
        Mark(Grow(cloud, Meters < 60 ? 4 : 2));
        Mark(Grow(shadow, 2));
    }

    private byte[] Share(Func<Counts, int> count, double least)
    {
        var result = new byte[_pixels.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(_pixels[i] > 0 && count(_counts[i]) >= least * _pixels[i] ? 1 : 0);
        }

        return result;
    }

    /// <summary>Groups of <paramref name="wide"/> cells (8-connected) that are large enough and hold a cell of <paramref name="core"/> all of whose neighbours are core.</summary>
    private byte[] Thick(byte[] core, byte[] wide)
    {
        var result = new byte[wide.Length];
        var group = new List<int>();
        var seen = new bool[wide.Length];
        var least = Math.Max(6, LeastCloudSquareMeters / (Meters * Meters));
        for (var start = 0; start < wide.Length; start++)
        {
            if (wide[start] == 0 || seen[start])
            {
                continue;
            }

            group.Clear();
            group.Add(start);
            seen[start] = true;
            var thick = false;
            for (var next = 0; next < group.Count; next++)
            {
                int x = group[next] % Columns, y = group[next] / Columns;
                var full = core[group[next]] != 0;
                for (var v = y - 1; v <= y + 1; v++)
                {
                    for (var u = x - 1; u <= x + 1; u++)
                    {
                        if ((uint)u >= (uint)Columns || (uint)v >= (uint)Rows)
                        {
                            continue;
                        }

                        var cell = (v * Columns) + u;
                        full &= core[cell] != 0;
                        if (wide[cell] != 0 && !seen[cell])
                        {
                            seen[cell] = true;
                            group.Add(cell);
                        }
                    }
                }

                thick |= full;
            }

            if (thick && group.Count >= least)
            {
                foreach (var cell in group)
                {
                    result[cell] = 1;
                }
            }
        }

        return result;
    }

    /// <summary>The dark cells that the clouds, moved by the offset that meets most of them, cover; empty when no offset meets enough.</summary>
    private byte[] ShadowOf(byte[] cloud, byte[] dark)
    {
        var result = new byte[cloud.Length];
        var clouds = new List<(int X, int Y)>();
        for (var i = 0; i < cloud.Length; i++)
        {
            if (cloud[i] != 0)
            {
                clouds.Add((i % Columns, i / Columns));
            }
        }

        // A few thousand cells tell the shape as well as all of them.
        var step = Math.Max(1, clouds.Count / 2000);
        var reach = (int)Math.Min(ReachMeters / Meters, Math.Max(Columns, Rows));
        var best = 0.0;
        var at = (X: 0, Y: 0);
        for (var v = -reach; v <= reach; v++)
        {
            for (var u = -reach; u <= reach; u++)
            {
                if (((u * u) + (v * v)) > reach * reach)
                {
                    continue;
                }

                int inside = 0, met = 0;
                for (var i = 0; i < clouds.Count; i += step)
                {
                    int x = clouds[i].X + u, y = clouds[i].Y + v;
                    if ((uint)x < (uint)Columns && (uint)y < (uint)Rows)
                    {
                        inside++;
                        met += dark[(y * Columns) + x];
                    }
                }

                var overlap = inside * step * Meters * Meters >= LeastCloudSquareMeters ? (double)met / inside : 0;
                if (overlap > best)
                {
                    (best, at) = (overlap, (u, v));
                }
            }
        }

        if (best < LeastOverlap)
        {
            return result;
        }

        var moved = new byte[cloud.Length];
        foreach (var (x, y) in clouds)
        {
            if ((uint)(x + at.X) < (uint)Columns && (uint)(y + at.Y) < (uint)Rows)
            {
                moved[((y + at.Y) * Columns) + x + at.X] = 1;
            }
        }

        var near = Grow(moved, 3);
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(moved[i] | (dark[i] & near[i]));
        }

        return result;
    }

    private byte[] Grow(byte[] cells, int by)
    {
        var result = new byte[cells.Length];
        for (var y = 0; y < Rows; y++)
        {
            for (var x = 0; x < Columns; x++)
            {
                if (cells[(y * Columns) + x] == 0)
                {
                    continue;
                }

                for (var v = Math.Max(0, y - by); v <= Math.Min(Rows - 1, y + by); v++)
                {
                    result.AsSpan((v * Columns) + Math.Max(0, x - by), Math.Min(Columns - 1, x + by) - Math.Max(0, x - by) + 1).Fill(1);
                }
            }
        }

        return result;
    }

    private void Mark(byte[] cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            Masked[i] |= cells[i];
        }
    }

    private struct Counts
    {
        public ushort ProductBefore, ProductAfter, BrightBefore, BrightAfter, DarkBefore, DarkAfter;
    }
}
