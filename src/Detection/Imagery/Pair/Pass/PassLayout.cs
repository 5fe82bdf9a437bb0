using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>How a pass divides its memory: nothing in it depends on the scene's height, and from some width on nothing on that.</summary>
/// <param name="Side">Of a tile, pixels.</param>
/// <param name="ByTiles">A tile is read by itself, else a row of tiles line by line: files of whole lines would be decoded again for each tile.</param>
/// <param name="Columns">Columns of tiles that are scored side by side: a stripe.</param>
/// <param name="Slots">Tiles that are held to be read and scored.</param>
/// <param name="Lag">How many tiles scoring stays behind reading, so that what a tile needs is seldom still being read.</param>
/// <param name="TileBytes">Of one tile on both dates.</param>
/// <param name="ColumnBytes">Of what is kept of a column from one tile to the next.</param>
internal sealed record PassLayout(int Side, bool ByTiles, int Columns, int Slots, int Lag, long TileBytes, long ColumnBytes)
{
    /// <summary>A tile needs its neighbours, and one more is being read.</summary>
    private const int LeastSlots = 4;

    /// <summary>Bytes that the pass takes whatever it finds.</summary>
    public long Bytes => (Slots * TileBytes) + (Columns * ColumnBytes);

    /// <param name="most">Bytes; <see cref="Bytes"/> stays below seven eighths of it where <see cref="SideFor"/> chose the side.</param>
    public static PassLayout Of(GridReader before, GridReader after, Grid grid, PairOptions options, long most)
    {
        var (side, across) = (options.TilePixels, (grid.Width + options.TilePixels - 1) / options.TilePixels);
        var (tile, column) = (PassTile.BytesOf(before, after, side, Math.Min(side, grid.Height)), RowScorer.BytesOf(before.Bands, side));
        return ReadsByTiles(before, after, side) ? ByTile(across, options, tile, column, most) : ByLine(across, options, tile, column, most);
    }

    /// <summary>What the options allow; more where the smallest tiles that a side can be halved to need it, of scenes of hundreds of bands.</summary>
    public static PassMemory MemoryFor(PairOptions options, int bands)
    {
        var side = SideFor(options.TilePixels, bands, options.MemoryBytes);
        return new PassMemory(Math.Max(options.MemoryBytes, LeastSlots * PassTile.BytesOf(bands, side) * 8 / 5));
    }

    /// <summary>Side of the tiles, halved until as many as a pass needs fit. No result depends on it.</summary>
    /// <param name="side">A multiple of 64.</param>
    public static int SideFor(int side, int bands, long most)
    {
        while (LeastSlots * PassTile.BytesOf(bands, side) > most * 5 / 8 && side % 128 == 0)
        {
            side /= 2;
        }

        return side;
    }

    /// <summary>Whether tiles are read one by one.</summary>
    public static bool ReadsByTiles(GridReader before, GridReader after, int side) => Math.Max(before.BlockWidth, after.BlockWidth) <= 2 * side;

    private static PassLayout ByTile(int across, PairOptions options, long tile, long column, long most)
    {
        var slots = (int)Math.Clamp(most / 2 / tile, LeastSlots, (2 * options.Threads) + 3);
        var columns = (int)Math.Clamp(Math.Min(most / 4, (most * 7 / 8) - (slots * tile)) / column, 1, across);
        return new PassLayout(options.TilePixels, true, columns, slots, (slots - 2) / 2, tile, column);
    }

    /// <summary>All tiles of a stripe are read before the first is scored, and the ones beside it for what lies beyond the edge.</summary>
    private static PassLayout ByLine(int across, PairOptions options, long tile, long column, long most)
    {
        var columns = (int)Math.Clamp(((most * 3 / 4) - (2 * tile)) / (tile + column), 1, across);
        return new PassLayout(options.TilePixels, false, columns, Math.Min(across, columns + 2), 0, tile, column);
    }
}
