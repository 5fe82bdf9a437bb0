using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// The pass over all pixels: every tile is decoded once, scored while it is warm, and forgotten. What is left are the pieces of
/// candidate pixels, the cloud cells, the overview, and which pixels nobody saw.
/// </summary>
/// <remarks>
/// Tiles are worked row by row, from left to right, as they lie in files; a few are held (<see cref="PassLayout"/>). Reading
/// and scoring are items of one <see cref="OrderedWork"/>. What comes out depends neither on how many threads there are nor on the memory.
/// </remarks>
internal sealed class ScenePass(
    PairRequest request, BandPairing pairing, PairModel model, ReaderPool readers, CloudCells cells, PairOverview overview, PassLayers layers, PassMemory memory)
{
    /// <summary>Tiles that are planned at once: a plan takes memory too.</summary>
    private const int PlannedTiles = 8192;

    private readonly int _side = request.Options.TilePixels;
    private readonly Grid _grid = request.Baseline.Grid;
    private long _scored;

    /// <returns>The pieces of each column of tiles, from left to right; the caller's.</returns>
    public IReadOnlyList<PieceSpool> Run(PieceBudget budget, IProgress<DetectProgress>? progress, CancellationToken cancellation)
    {
        var across = (_grid.Width + _side - 1) / _side;
        var layout = readers.With((before, after) => PassLayout.Of(before, after, _grid, request.Options, memory.Most));
        memory.Take(layout.Bytes);
        var pieces = new List<PieceSpool>(across);
        try
        {
            PassTile[] slots = [.. Enumerable.Range(0, layout.Slots).Select(_ => new PassTile(_side, _grid))];
            for (var first = 0; first < across; first += layout.Columns)
            {
                var stripe = new Stripe(first, Math.Min(across, first + layout.Columns), across);
                PassColumn[] columns = [.. Enumerable.Range(first, stripe.To - first)
                    .Select(c => new PassColumn(model, pairing, _grid, c * _side, _side, cells, overview, layers, new PieceSpool(budget)))];
                pieces.AddRange(columns.Select(c => c.Pieces));
                var rows = Math.Max(1, PlannedTiles / stripe.Tiles) * _side;
                for (long top = 0; top < _grid.Height; top += rows)
                {
                    var bottom = (int)Math.Min(_grid.Height, top + rows);
                    Plan(layout, stripe, columns, slots, (int)top, bottom, progress).Run(request.Options.Threads, cancellation);
                }
            }

            return pieces;
        }
        catch
        {
            pieces.ForEach(p => p.Dispose());
            throw;
        }
        finally
        {
            memory.Return(layout.Bytes);
        }
    }

    /// <summary>Columns of tiles that are scored, [From, To), and read: those beside them too.</summary>
    private readonly record struct Stripe(int From, int To, int Across)
    {
        public int FirstRead => Math.Max(0, From - 1);

        /// <summary>In a row, of those that are read.</summary>
        public int Tiles => Math.Min(Across, To + 1) - FirstRead;

        public bool IsScored(int tile) => FirstRead + (tile % Tiles) is var column && column >= From && column < To;
    }

    /// <summary>Reading and scoring of some rows of tiles. Tiles count on from row to row.</summary>
    private OrderedWork Plan(PassLayout layout, Stripe stripe, PassColumn[] columns, PassTile[] slots, int top, int bottom, IProgress<DetectProgress>? progress)
    {
        var work = new OrderedWork();
        var tiles = stripe.Tiles * ((bottom - top + _side - 1) / _side);
        var all = (double)((_grid.Width + _side - 1) / _side) * ((_grid.Height + _side - 1) / _side);

        // By tile: the number of the item that read it last, and of the last one that scored a tile up to it.
        int[] read = new int[tiles], done = new int[tiles];
        var next = 0;
        for (var tile = 0; tile < tiles; tile++)
        {
            if (layout.ByTiles)
            {
                ReadTile(tile);
            }
            else if (tile % stripe.Tiles == 0)
            {
                ReadLines(tile);
            }

            while (next <= tile - layout.Lag)
            {
                Score(next++);
            }
        }

        while (next < tiles)
        {
            Score(next++);
        }

        return work;

        PassTile SlotOf(int tile) => slots[tile % slots.Length];

        PixelWindow WindowOf(int tile)
        {
            int x = (stripe.FirstRead + (tile % stripe.Tiles)) * _side, y = top + (tile / stripe.Tiles * _side);
            return new PixelWindow(x, y, Math.Min(_side, _grid.Width - x), Math.Min(_side, _grid.Height - y));
        }

        void ReadTile(int tile)
        {
            // What the slot held last is scored, and so is the tile to its right, which looks at it.
            var free = tile < slots.Length ? 0 : done[tile - slots.Length + 1] + 1;
            var (slot, window) = (SlotOf(tile), WindowOf(tile));
            work.Add(free, () => slot.Read(window, readers, late: false));
            read[tile] = work.Add(free, () => slot.Read(window, readers, late: true));
        }

        // A row of tiles, some lines of it at a time.
        void ReadLines(int first)
        {
            const int lines = 128;
            var free = first == 0 ? 0 : done[first - 1] + 1;
            var row = Enumerable.Range(first, stripe.Tiles).Select(t => (Slot: SlotOf(t), Window: WindowOf(t))).ToArray();
            var rows = row[0].Window.Height;
            var open = work.Add(free, () =>
            {
                foreach (var (slot, window) in row)
                {
                    slot.Open(window, readers, late: false);
                    slot.Open(window, readers, late: true);
                }
            });
            for (var y = 0; y < rows; y += lines)
            {
                var (from, height) = (y, Math.Min(lines, rows - y));
                foreach (var late in (ReadOnlySpan<bool>)[false, true])
                {
                    var isLate = late;
                    var item = work.Add(open + 1, () => readers.With((before, after) =>
                    {
                        foreach (var (slot, window) in row)
                        {
                            var part = new PixelWindow(window.X, window.Y + from, window.Width, height);
                            (isLate ? after : before).ReadStored(part, isLate ? slot.After : slot.Before);
                        }
                    }));
                    Array.Fill(read, item, first, stripe.Tiles);
                }
            }
        }

        void Score(int tile)
        {
            var place = tile % stripe.Tiles;
            if (!stripe.IsScored(tile))
            {
                done[tile] = tile == 0 ? -1 : done[tile - 1];
                return;
            }

            // Its neighbours are read, and the tile above is scored.
            var (hasLeft, hasRight) = (place > 0, place + 1 < stripe.Tiles);
            var above = tile < stripe.Tiles ? -1 : done[tile - stripe.Tiles];
            var column = columns[stripe.FirstRead + place - stripe.From];
            done[tile] = work.Add(Math.Max(read[hasRight ? tile + 1 : tile], above) + 1, () =>
            {
                var own = SlotOf(tile);
                own.Meet(hasLeft ? SlotOf(tile - 1) : null, hasRight ? SlotOf(tile + 1) : null);
                column.Score(own);
                progress?.Report(new DetectProgress("score", Interlocked.Increment(ref _scored) / all));
            });
        }
    }
}
