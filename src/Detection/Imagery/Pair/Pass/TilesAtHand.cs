using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// Tiles of the pass that the sample has read: a block of a file is decoded whole whatever is wanted of it, so the sample reads whole tiles
/// and the pass takes them from here in place of decoding them again.
/// </summary>
/// <remarks>Thread-safe; a tile is taken once and then forgotten.</remarks>
internal sealed class TilesAtHand(PassMemory memory)
{
    /// <summary>Of scenes of more tiles for each that the sample looks into, none is held: reading them again costs less than a hundredth, and they would lie there for most of the pass.</summary>
    private const int MostTilesEach = 100;

    private readonly object _gate = new();
    private readonly List<Tile> _tiles = [];

    /// <summary>How many tiles may be held; none where the pass reads whole lines, or tiles would not lie one in the other.</summary>
    /// <param name="sampled">Windows of the sample.</param>
    public static int Most(GridReader before, GridReader after, Grid grid, PairOptions options, int sampled, PassMemory memory)
    {
        var side = options.TilePixels;
        long across = (grid.Width + side - 1) / side, down = (grid.Height + side - 1) / side;
        var layout = PassLayout.Of(before, after, grid, options, memory.Most);
        return layout.ByTiles && side % options.SampleTilePixels == 0 && across * down <= (long)MostTilesEach * sampled
            ? (int)Math.Max(0, (memory.Most - layout.Bytes) / layout.TileBytes)
            : 0;
    }

    /// <summary>The tile of the pass that a window lies in.</summary>
    public static PixelWindow Around(PixelWindow window, Grid grid, int side)
    {
        int x = window.X / side * side, y = window.Y / side * side;
        return new PixelWindow(x, y, Math.Min(side, grid.Width - x), Math.Min(side, grid.Height - y));
    }

    public void Add(PixelWindow window, StoredPixels before, StoredPixels after)
    {
        memory.Take(before.Bytes + after.Bytes);
        lock (_gate)
        {
            _tiles.Add(new Tile(window) { Before = before, After = after });
        }
    }

    /// <summary>One date of a tile, or null when it is not held.</summary>
    public StoredPixels? Take(PixelWindow window, bool late)
    {
        lock (_gate)
        {
            foreach (var tile in _tiles)
            {
                if (tile.Window == window)
                {
                    var found = late ? tile.After : tile.Before;
                    if (late)
                    {
                        tile.After = null;
                    }
                    else
                    {
                        tile.Before = null;
                    }

                    memory.Return(found?.Bytes ?? 0);
                    return found;
                }
            }

            return null;
        }
    }

    /// <summary>Forgets what nobody took.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            memory.Return(_tiles.Sum(t => (t.Before?.Bytes ?? 0) + (t.After?.Bytes ?? 0)));
            _tiles.Clear();
        }
    }

    private sealed class Tile(PixelWindow window)
    {
        public PixelWindow Window { get; } = window;

        public StoredPixels? Before { get; set; }

        public StoredPixels? After { get; set; }
    }
}
