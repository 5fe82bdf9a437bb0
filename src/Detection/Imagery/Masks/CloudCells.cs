namespace Monitoring.Detection.Imagery.Masks;

/// <summary>
/// Clouds and their shadows on a grid of cells of about 80 m, gathered from the pixel tests of all tiles and then judged by size and
/// shape. Cells belong to one tile each, so tiles may add at the same time; <see cref="Judge"/> is called once, when all have.
/// </summary>
/// <remarks>
/// A cloud is a group of bright cells of at least 4 ha that somewhere is three cells thick: no roof is. A shadow is dark, and has the
/// shape of the date's clouds moved by one common offset (Zhu and Woodcock 2012): dark ground without a cloud to cast it stays observed.
/// Pixels of 60 m and more are cells themselves, unless there would be more than <see cref="MostCells"/>: then cells are larger, whatever the pixels,
/// and memory stays below some 300 MB.
/// </remarks>
public sealed class CloudCells
{
    private const double LeastCloudSquareMeters = 40_000;
    private const double ReachMeters = 5_000;
    private const double LeastOverlap = 0.35;

    /// <summary>A Landsat scene of 30 m at two pixels a cell has 15 million.</summary>
    internal const int MostCells = 1 << 24;

    /// <summary>Pixels of a larger cell could not be counted in 16 bits.</summary>
    private const int LargestSide = 128;

    /// <summary>Offsets tried in each direction at most; pixels of 0.3 m need 260 for all of them.</summary>
    private const int MostOffsets = 260;

    /// <summary>Looks of a cell on one date: half of it bright, a quarter bright, cloudy by the product, half of it dark.</summary>
    private const int Core = 1, Wide = 2, Product = 4, Dark = 8;
    private readonly int _width;
    private readonly int _height;
    private readonly ushort[] _clear;
    private readonly byte[] _looks;
    private readonly Counts[] _open;

    /// <param name="tilePixels">Side of the tiles that add, which a cell's side must divide so that no cell lies in two.</param>
    /// <exception cref="ImageryException">There would be too many cells.</exception>
    public CloudCells(int width, int height, double gsdMeters, int tilePixels = 64)
    {
        var side = gsdMeters >= 60 ? 1 : gsdMeters >= 30 ? 2 : gsdMeters >= 14 ? 4 : gsdMeters >= 7 ? 8 : gsdMeters >= 3 ? 16 : 64;
        while (tilePixels % side != 0)
        {
            side /= 2;
        }

        while (Cells() > MostCells && side < LargestSide && tilePixels % (2 * side) == 0)
        {
            side *= 2;
        }

        if (Cells() > MostCells)
        {
            throw new ImageryException($"A grid of {width} × {height} pixels is too large to look for clouds in: cut the scenes into parts, or set larger tiles.");
        }

        (_width, _height, Side) = (width, height, side);
        (Columns, Rows) = ((int)Along(width), (int)Along(height));
        Meters = Side * gsdMeters;
        (_clear, _looks, _open) = (new ushort[Columns * Rows], new byte[Columns * Rows], new Counts[Columns]);

        long Along(int pixels) => (pixels + (long)side - 1) / side;

        long Cells() => Along(width) * Along(height);
    }

    /// <summary>Side of a cell in pixels.</summary>
    public int Side { get; }

    public int Columns { get; }

    public int Rows { get; }

    public double Meters { get; }

    /// <summary>Per cell after <see cref="Judge"/>: 1 = cloud or shadow on one of the dates.</summary>
    public byte[] Masked { get; private set; } = [];

    /// <summary>
    /// Takes what the pixels of a piece of a row look like. The rows of a cell come one after the other, from the first to the last, each
    /// whole; pieces of different cells may come from different threads.
    /// </summary>
    /// <param name="x">First column, a multiple of <see cref="Side"/>.</param>
    /// <param name="flags">One of <see cref="PixelFlags"/> for each pixel.</param>
    /// <param name="clear">Not 0 where the pixel is observed on both dates; as long as <paramref name="flags"/>.</param>
    public void AddRow(int y, int x, ReadOnlySpan<byte> flags, ReadOnlySpan<byte> clear)
    {
        if (!flags.ContainsAnyExcept((byte)0) && !clear.Contains((byte)0) && y % Side != 0 && y % Side != Side - 1 && y != _height - 1)
        {
            // Nothing to see in the middle of a cell, which is most of all rows.
            for (var from = 0; from < flags.Length; from += Side)
            {
                _open[(x + from) / Side].Clear += (ushort)Math.Min(Side, flags.Length - from);
            }

            return;
        }

        for (var from = 0; from < flags.Length; from += Side)
        {
            var length = Math.Min(Side, flags.Length - from);
            AddPiece(y, (x + from) / Side, flags.Slice(from, length), clear.Slice(from, length));
        }
    }

    /// <summary>Whether a pixel lies in a masked cell; false before <see cref="Judge"/>.</summary>
    public bool IsMasked(int x, int y) => Masked.Length > 0 && Masked[(y / Side * Columns) + (x / Side)] != 0;

    /// <summary>How many of the pixels of a cell were observed on both dates.</summary>
    public int ClearPixels(int cell) => _clear[cell];

    public void Judge()
    {
        Masked = new byte[_looks.Length];
        JudgeDate(0);
        JudgeDate(4);
    }

    private void AddPiece(int y, int column, ReadOnlySpan<byte> flags, ReadOnlySpan<byte> clear)
    {
        ref var open = ref _open[column];
        if (y % Side == 0)
        {
            open = default;
        }

        open.Clear += (ushort)(clear.Length - clear.Count((byte)0));
        if (flags.ContainsAnyExcept((byte)0))
        {
            foreach (var f in flags)
            {
                open.ProductBefore += (ushort)(f & 1);
                open.ProductAfter += (ushort)((f >> 1) & 1);
                open.BrightBefore += (ushort)((f >> 2) & 1);
                open.BrightAfter += (ushort)((f >> 3) & 1);
                open.DarkBefore += (ushort)((f >> 4) & 1);
                open.DarkAfter += (ushort)((f >> 5) & 1);
            }
        }

        if (y % Side == Side - 1 || y == _height - 1)
        {
            var cell = (y / Side * Columns) + column;
            var pixels = Math.Min(Side, _width - (column * Side)) * ((y % Side) + 1);
            _clear[cell] = open.Clear;
            _looks[cell] = (byte)(Looks(open.BrightBefore, open.ProductBefore, open.DarkBefore, pixels) | (Looks(open.BrightAfter, open.ProductAfter, open.DarkAfter, pixels) << 4));
        }
    }

    private static int Looks(int bright, int product, int dark, int pixels) =>
        (bright >= 0.5 * pixels ? Core : 0) | (bright >= 0.25 * pixels ? Wide : 0) | (product >= 0.3 * pixels ? Product : 0) | (dark >= 0.5 * pixels ? Dark : 0);

    private void JudgeDate(int shift)
    {
        // Most scenes have no cloud at all, and most of the work below is for those that have.
        var some = (byte)((Core | Product) << shift);
        var found = false;
        for (var i = 0; i < _looks.Length && !found; i++)
        {
            found = (_looks[i] & some) != 0;
        }

        if (!found)
        {
            return;
        }

        var cloud = Thick(Of(Core << shift), Of(Wide << shift));
        var fromProduct = Of(Product << shift);
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

        var shadow = ShadowOf(cloud, Of(Dark << shift));
        Mark(Grow(cloud, Meters < 60 ? 4 : 2));
        Mark(Grow(shadow, 2));
    }

    private byte[] Of(int look)
    {
        var result = new byte[_looks.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)((_looks[i] & look) != 0 ? 1 : 0);
        }

        return result;
    }

    /// <summary>Groups of <paramref name="wide"/> cells (8-connected) that are large enough and hold a cell of <paramref name="core"/> all of whose neighbours are core.</summary>
    private byte[] Thick(byte[] core, byte[] wide)
    {
        // What is known of a cell; only the edge of a growing group is held as a list.
        const byte open = 0, seen = 1, kept = 2;
        var state = new byte[wide.Length];
        var edge = new Queue<int>();
        var least = Math.Max(6, LeastCloudSquareMeters / (Meters * Meters));
        for (var start = 0; start < wide.Length; start++)
        {
            if (wide[start] != 0 && state[start] == open && Spread(start, open, seen) is (var cells, true) && cells >= least)
            {
                Spread(start, seen, kept);
            }
        }

        for (var i = 0; i < state.Length; i++)
        {
            state[i] = (byte)(state[i] == kept ? 1 : 0);
        }

        return state;

        // Takes a group from one state to the next: how many cells, and whether one lies in the middle of core.
        (long Cells, bool IsThick) Spread(int start, byte from, byte to)
        {
            edge.Enqueue(start);
            state[start] = to;
            var (count, thick) = (0L, false);
            while (edge.TryDequeue(out var at))
            {
                count++;
                int x = at % Columns, y = at / Columns;
                var full = core[at] != 0;
                for (var v = Math.Max(0, y - 1); v <= Math.Min(Rows - 1, y + 1); v++)
                {
                    for (var u = Math.Max(0, x - 1); u <= Math.Min(Columns - 1, x + 1); u++)
                    {
                        var cell = (v * Columns) + u;
                        full &= core[cell] != 0;
                        if (wide[cell] != 0 && state[cell] == from)
                        {
                            state[cell] = to;
                            edge.Enqueue(cell);
                        }
                    }
                }

                thick |= full;
            }

            return (count, thick);
        }
    }

    /// <summary>The dark cells that the clouds, moved by the offset that meets most of them, cover; empty when no offset meets enough.</summary>
    private byte[] ShadowOf(byte[] cloud, byte[] dark)
    {
        // A few thousand cells tell the shape as well as all of them.
        var step = Math.Max(1, (cloud.Length - cloud.AsSpan().Count((byte)0)) / 2000);
        var clouds = new List<(int X, int Y)>();
        var cells = 0;
        for (var i = 0; i < cloud.Length; i++)
        {
            if (cloud[i] != 0 && cells++ % step == 0)
            {
                clouds.Add((i % Columns, i / Columns));
            }
        }

        // Where cells are small a cloud covers many of them, and an offset need not be met to the cell.
        var reach = (int)Math.Min(ReachMeters / Meters, Math.Max(Columns, Rows));
        var stride = Math.Max(1, (reach + MostOffsets - 1) / MostOffsets);
        var best = 0.0;
        var at = (X: 0, Y: 0);
        for (var v = -reach; v <= reach; v += stride)
        {
            for (var u = -reach; u <= reach; u += stride)
            {
                if (((u * u) + (v * v)) > reach * reach)
                {
                    continue;
                }

                int inside = 0, met = 0;
                foreach (var cell in clouds)
                {
                    int x = cell.X + u, y = cell.Y + v;
                    if ((uint)x < (uint)Columns && (uint)y < (uint)Rows)
                    {
                        inside++;
                        met += dark[(y * Columns) + x];
                    }
                }

                var overlap = inside * (double)step * Meters * Meters >= LeastCloudSquareMeters ? (double)met / inside : 0;
                if (overlap > best)
                {
                    (best, at) = (overlap, (u, v));
                }
            }
        }

        var result = new byte[cloud.Length];
        if (best < LeastOverlap)
        {
            return result;
        }

        var moved = new byte[cloud.Length];
        for (var i = 0; i < cloud.Length; i++)
        {
            int x = (i % Columns) + at.X, y = (i / Columns) + at.Y;
            if (cloud[i] != 0 && (uint)x < (uint)Columns && (uint)y < (uint)Rows)
            {
                moved[(y * Columns) + x] = 1;
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
        public ushort Clear, ProductBefore, ProductAfter, BrightBefore, BrightAfter, DarkBefore, DarkAfter;
    }
}
