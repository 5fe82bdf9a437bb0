using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Tiles of the pass that the sample has read: a block of a file is decoded whole whatever is wanted of it, so the sample reads whole tiles
/// and the pass takes them from here in place of decoding them again.
/// </summary>
/// <remarks>Thread-safe; a tile is taken once and then forgotten. At most <see cref="MostBytes"/> are held.</remarks>
internal sealed class TilesAtHand
{
    /// <summary>Memory of what is held at most: twenty tiles of twice six bands of 16 bits.</summary>
    public const long MostBytes = 160L << 20;

    private readonly object _gate = new();
    private readonly List<Tile> _tiles = [];

    /// <summary>How many tiles may be held; none where the pass reads whole lines, or tiles would not lie one in the other.</summary>
    public static int Most(GridReader before, GridReader after, PairOptions options)
    {
        var side = options.TilePixels;
        if (!ScenePass.ReadsByColumns(before, after, side) || side % options.SampleTilePixels != 0)
        {
            return 0;
        }

        return (int)(MostBytes / (StoredPixels.BytesOf(before, side, side) + StoredPixels.BytesOf(after, side, side)));
    }

    /// <summary>The tile of the pass that a window lies in.</summary>
    public static PixelWindow Around(PixelWindow window, Grid grid, int side)
    {
        int x = window.X / side * side, y = window.Y / side * side;
        return new PixelWindow(x, y, Math.Min(side, grid.Width - x), Math.Min(side, grid.Height - y));
    }

    public void Add(PixelWindow window, StoredPixels before, StoredPixels after)
    {
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

                    return found;
                }
            }

            return null;
        }
    }

    private sealed class Tile(PixelWindow window)
    {
        public PixelWindow Window { get; } = window;

        public StoredPixels? Before { get; set; }

        public StoredPixels? After { get; set; }
    }
}
