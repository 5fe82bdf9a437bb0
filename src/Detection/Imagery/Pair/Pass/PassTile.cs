using Monitoring.Detection.Imagery.Pair.Scoring;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>
/// Room for one tile of a pass on both dates, with what scoring needs of the tiles on either side. Tiles that the sample has read are taken
/// as they are, in place of what the room held.
/// </summary>
/// <remarks>Not thread-safe, but that both dates may be filled at the same time, and read by the tiles beside it when they are.</remarks>
internal sealed class PassTile(int side, Grid grid)
{
    /// <summary>Columns before the tile's own; more than scoring looks at, so that vectors store to where they began.</summary>
    private const int Margin = 16;

    private StoredPixels? _before, _after;

    /// <summary>What the room stands for.</summary>
    public PixelWindow Window { get; private set; }

    public StoredPixels Before => _before!;

    public StoredPixels After => _after!;

    /// <summary>Which pixels nobody saw; for who scores the tile.</summary>
    public byte[] Hidden { get; } = new byte[Math.Min(side, grid.Width) * Math.Min(side, grid.Height)];

    /// <summary>Bytes of a tile.</summary>
    public static long BytesOf(GridReader before, GridReader after, int side, int rows) =>
        StoredPixels.BytesOf(before, Wide(side), rows) + StoredPixels.BytesOf(after, Wide(side), rows) + ((long)side * rows);

    /// <summary>The same of scenes as large as they come: floats, and each pixel's quality.</summary>
    public static long BytesOf(int bands, int side) => 2 * StoredPixels.BytesOf((bands * sizeof(float)) + sizeof(PixelQuality), Wide(side), side) + ((long)side * side);

    /// <summary>Room for one date of a tile, which stands for columns from the window's on.</summary>
    public static StoredPixels Room(GridReader reader, PixelWindow window, int side)
    {
        var room = new StoredPixels(reader, Wide(side), Math.Min(side, reader.Height));
        room.MoveTo(window.X - Margin);
        return room;
    }

    /// <summary>Brings one date of a tile here.</summary>
    public void Read(PixelWindow window, ReaderPool readers, bool late)
    {
        if (Open(window, readers, late))
        {
            readers.With((before, after) => (late ? after : before).ReadStored(window, late ? After : Before));
        }
    }

    /// <summary>Makes room for one date of a tile, or takes pixels that somebody has read.</summary>
    /// <returns>Whether they still must be read.</returns>
    public bool Open(PixelWindow window, ReaderPool readers, bool late)
    {
        Window = window;
        var held = readers.AtHand.Take(window, late);
        ref var own = ref late ? ref _after : ref _before;
        own = held ?? own ?? readers.With((before, after) => Room(late ? after : before, window, side));
        own.MoveTo(window.X - Margin);
        return held is null;
    }

    /// <summary>Takes the columns beside the tile's own from its neighbours, which are read.</summary>
    public void Meet(PassTile? left, PassTile? right)
    {
        if (left is not null)
        {
            Take(left, Window.X - RowScorer.Reach, RowScorer.Reach);
        }

        if (right is not null)
        {
            Take(right, right.Window.X, Math.Min(RowScorer.Reach, right.Window.Width));
        }
    }

    private void Take(PassTile from, int x, int width)
    {
        var columns = new PixelWindow(x, Window.Y, width, Window.Height);
        Before.CopyFrom(from.Before, columns);
        After.CopyFrom(from.After, columns);
    }

    private static int Wide(int side) => Margin + side + RowScorer.Reach;
}
