using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>A tile's own pixels and, around them, what its neighbourhood operations need; both inside the raster.</summary>
public readonly record struct TileWindow(PixelWindow Core, PixelWindow Outer)
{
    /// <summary>3 × 3 mean of the score over 3 × 3 sums of gradients, which reach one pixel farther.</summary>
    public const int Margin = 3;

    public int CoreX => Core.X - Outer.X;

    public int CoreY => Core.Y - Outer.Y;

    public static TileWindow Of(int x, int y, int side, int width, int height)
    {
        int right = Math.Min(width, x + side), bottom = Math.Min(height, y + side);
        int left = Math.Max(0, x - Margin), top = Math.Max(0, y - Margin);
        return new TileWindow(
            new PixelWindow(x, y, right - x, bottom - y),
            new PixelWindow(left, top, Math.Min(width, right + Margin) - left, Math.Min(height, bottom + Margin) - top));
    }

    /// <summary>All tiles, row by row.</summary>
    public static List<TileWindow> Cover(int width, int height, int side)
    {
        List<TileWindow> tiles = [];
        for (var y = 0; y < height; y += side)
        {
            for (var x = 0; x < width; x += side)
            {
                tiles.Add(Of(x, y, side, width, height));
            }
        }

        return tiles;
    }

    /// <summary>At most <paramref name="most"/> of the tiles, on a regular grid over the raster; all when there are no more.</summary>
    public static List<TileWindow> Sample(int width, int height, int side, int most)
    {
        int across = (width + side - 1) / side, down = (height + side - 1) / side;
        if ((long)across * down <= most)
        {
            return Cover(width, height, side);
        }

        // As square a grid as the scene's shape allows.
        var columns = Math.Clamp((int)Math.Round(Math.Sqrt((double)most * across / down)), 1, Math.Min(most, across));
        var rows = Math.Clamp(most / columns, 1, down);
        List<TileWindow> tiles = [];
        for (var j = 0; j < rows; j++)
        {
            for (var i = 0; i < columns; i++)
            {
                // Whole tiles of the covering grid, so that no stored block is read for a sliver.
                var x = (int)((i + 0.5) * across / columns) * side;
                var y = (int)((j + 0.5) * down / rows) * side;
                tiles.Add(Of(x, y, side, width, height));
            }
        }

        return tiles;
    }
}
