using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// The pass over all pixels: every stored block is decoded once, scored while it is warm, and forgotten. What is left are the pieces of
/// candidate pixels, the cloud cells, the overview, and which pixels nobody saw.
/// </summary>
/// <remarks>
/// A scene is worked in stripes of tiles side by side, each from top to bottom, one row of tiles at a time in one shared buffer. Reading
/// and scoring are items of one <see cref="OrderedWork"/>. What comes out does not depend on how many threads there are.
/// </remarks>
internal sealed class ScenePass(PairRequest request, BandPairing pairing, PairModel model, ReaderPool readers, CloudCells cells, PairOverview overview, PassLayers layers)
{
    /// <summary>Most columns of a stripe.</summary>
    private const int StripePixels = 8192;

    /// <summary>
    /// Most bytes that a stripe's two buffers hold, whatever the scene's width and bands (with tiles of 512, six bands of 16 bits take half of it), but that one
    /// column of tiles must fit (<see cref="SideFor"/>).
    /// </summary>
    private const long StripeBytes = 240L << 20;

    private readonly int _side = request.Options.TilePixels;
    private readonly Grid _grid = request.Baseline.Grid;
    private long _scored;

    /// <returns>The pieces of each column of tiles, from left to right; the caller's.</returns>
    public IReadOnlyList<PieceSpool> Run(PieceBudget budget, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        int across = (_grid.Width + _side - 1) / _side, rows = Math.Min(_side, _grid.Height);
        var (before, after, byColumns, stripe) = readers.With((b, a) =>
        {
            var stripe = ColumnsOf(StoredPixels.BytesOf(b, _side, rows) + StoredPixels.BytesOf(a, _side, rows), _side);
            var widest = Math.Min(_grid.Width, (stripe * _side) + (2 * RowScorer.Reach));
            return (new StoredPixels(b, widest, rows), new StoredPixels(a, widest, rows), ReadsByColumns(b, a, _side), stripe);
        });

        // A column's own rows are let go with its stripe.
        var pieces = new List<PieceSpool>(across);
        try
        {
            for (var first = 0; first < across; first += stripe)
            {
                PassColumn[] side = [.. Enumerable.Range(first, Math.Min(stripe, across - first))
                    .Select(c => new PassColumn(model, pairing, _grid, c * _side, _side, cells, overview, layers, new PieceSpool(budget)))];
                pieces.AddRange(side.Select(c => c.Pieces));
                before.MoveTo(Math.Max(0, side[0].Left - RowScorer.Reach));
                after.MoveTo(before.Left);
                Plan(side, before, after, byColumns, progress).Run(request.Options.Threads, cancellation);
            }

            return pieces;
        }
        catch
        {
            pieces.ForEach(p => p.Dispose());
            throw;
        }
    }

    /// <summary>Side of the tiles, halved until one column of them fits. No result depends on it.</summary>
    /// <param name="side">A multiple of 64.</param>
    internal static int SideFor(int side, int bands)
    {
        while (2L * bands * sizeof(float) * side * side > StripeBytes && side % 128 == 0)
        {
            side /= 2;
        }

        return side;
    }

    /// <summary>Columns of tiles that are worked side by side.</summary>
    /// <param name="columnBytes">Of both dates, of one.</param>
    internal static int ColumnsOf(long columnBytes, int side) => (int)Math.Clamp(StripeBytes / columnBytes, 1, Math.Max(1, StripePixels / side));

    /// <summary>Whether a tile is read by itself. Files of whole lines are read line by line, or each column of tiles would decode them again.</summary>
    public static bool ReadsByColumns(GridReader before, GridReader after, int side) => Math.Max(before.BlockWidth, after.BlockWidth) <= 2 * side;

    private OrderedWork Plan(PassColumn[] columns, StoredPixels before, StoredPixels after, bool byColumns, IProgress<DetectProgress>? progress)
    {
        var left = before.Left;
        var right = Math.Min(_grid.Width, columns[^1].Left + columns[^1].Width + RowScorer.Reach);
        var tiles = (double)((_grid.Width + _side - 1) / _side) * ((_grid.Height + _side - 1) / _side);
        var last = columns.Length - 1;

        // Numbers of the items that scored the row of tiles above, by column: the buffer is free again when they are done.
        var scored = new int[columns.Length];
        Array.Fill(scored, -1);
        var work = new OrderedWork();
        for (var top = 0; top < _grid.Height; top += _side)
        {
            var window = new PixelWindow(left, top, right - left, Math.Min(_side, _grid.Height - top));
            var slices = byColumns ? Columns(columns, window) : Rows(window);
            var read = new int[slices.Count];
            var next = 0;
            for (var i = 0; i < slices.Count; i++)
            {
                var slice = slices[i];
                var free = scored[byColumns ? Math.Min(i + 1, last) : last] + 1;
                work.Add(free, () => readers.ReadBefore(slice, before));
                read[i] = work.Add(free, () => readers.ReadAfter(slice, after));

                // Far enough behind the reading that what a tile needs is seldom still being read.
                while (byColumns && next <= i - request.Options.Threads)
                {
                    Score(next++);
                }
            }

            while (next <= last)
            {
                Score(next++);
            }

            void Score(int column) => scored[column] = work.Add(read[byColumns ? Math.Min(column + 1, last) : ^1] + 1, () =>
            {
                columns[column].Score(window.Y, window.Height, before, after);
                progress?.Report(new DetectProgress("score", Interlocked.Increment(ref _scored) / tiles));
            });
        }

        return work;
    }

    /// <summary>One slice for each column of tiles; the outer ones with what the stripe reads beyond its own columns.</summary>
    private static List<PixelWindow> Columns(PassColumn[] columns, PixelWindow window) => [.. columns.Select((column, i) =>
    {
        var from = i == 0 ? window.X : column.Left;
        var to = i == columns.Length - 1 ? window.X + window.Width : column.Left + column.Width;
        return new PixelWindow(from, window.Y, to - from, window.Height);
    })];

    private static List<PixelWindow> Rows(PixelWindow window)
    {
        const int rows = 128;
        List<PixelWindow> slices = [];
        for (var y = 0; y < window.Height; y += rows)
        {
            slices.Add(new PixelWindow(window.X, window.Y + y, window.Width, Math.Min(rows, window.Height - y)));
        }

        return slices;
    }
}
