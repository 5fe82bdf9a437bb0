using System.Buffers.Binary;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>The tiles that a grid is watched in, row by row from the top left; those at the right and lower edge are smaller.</summary>
/// <param name="Side">Of a tile, in pixels.</param>
internal sealed record WatchTiles(int Width, int Height, int Side)
{
    private int Across => (Width + Side - 1) / Side;

    public int Count => Across * ((Height + Side - 1) / Side);

    public PixelWindow this[int tile]
    {
        get
        {
            int x = tile % Across * Side, y = tile / Across * Side;
            return new PixelWindow(x, y, Math.Min(Side, Width - x), Math.Min(Side, Height - y));
        }
    }

    public int Pixels(int tile) => (int)this[tile].PixelCount;

    /// <summary>Pixels of all tiles before one; of <see cref="Count"/>, all.</summary>
    public long First(int tile)
    {
        int row = tile / Across, column = tile % Across;
        var height = Math.Min(Side, Height - (row * Side));
        return tile >= Count ? (long)Width * Height : ((long)row * Side * Width) + ((long)column * Side * height);
    }

    /// <summary>What a file of the tiles begins with, behind 8 bytes of its own.</summary>
    /// <param name="bytes">Of one pixel.</param>
    public byte[] Header(int bytes)
    {
        var header = new byte[SeriesWatchFile.HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Width);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), Height);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), Side);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), bytes);
        return header;
    }
}
