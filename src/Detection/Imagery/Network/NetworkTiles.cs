using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Network;

/// <summary>One run of a network.</summary>
/// <param name="Tile">What goes in: always the tile's side wide and high; sticks out to the right and below only where the raster itself is smaller.</param>
/// <param name="Kept">What is taken from the result: inside the raster, and no pixel of the raster in two of them.</param>
public readonly record struct NetworkTile(PixelWindow Tile, PixelWindow Kept);

/// <summary>
/// Cuts a raster into tiles that overlap, and keeps of each only its middle, at least <c>overlap</c> pixels from every side that is not
/// the raster's own edge. A network that sees at most <c>overlap</c> pixels around gives the same as in one run over the whole raster.
/// </summary>
public static class NetworkTiles
{
    /// <summary>All tiles, row by row.</summary>
    /// <param name="side">Of a tile, over 2 × <paramref name="overlap"/>.</param>
    public static IEnumerable<NetworkTile> Cover(int width, int height, int side, int overlap)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegative(overlap);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(side, 2 * overlap);
        return Tiles();

        IEnumerable<NetworkTile> Tiles()
        {
            foreach (var (top, fromY, toY) in Along(height, side, overlap))
            {
                foreach (var (left, fromX, toX) in Along(width, side, overlap))
                {
                    yield return new(new PixelWindow(left, top, side, side), new PixelWindow(fromX, fromY, toX - fromX, toY - fromY));
                }
            }
        }
    }

    /// <summary>One axis: where tiles begin, and from where to where (open) their results are kept.</summary>
    private static IEnumerable<(int Start, int From, int To)> Along(int length, int side, int overlap)
    {
        var from = 0;
        while (from < length)
        {
            // The last tile is moved inwards to end at the edge.
            var start = Math.Max(0, Math.Min(from == 0 ? 0 : from - overlap, length - side));
            var to = start + side >= length ? length : start + side - overlap;
            yield return (start, from, to);
            from = to;
        }
    }
}
