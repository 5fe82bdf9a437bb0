using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>Which tiles of a raster the statistics come from.</summary>
internal static class SampleWindows
{
    /// <summary>At most <paramref name="most"/> tiles of the covering grid, regularly over the raster; all when there are no more.</summary>
    public static List<PixelWindow> Of(int width, int height, int side, int most)
    {
        int across = (width + side - 1) / side, down = (height + side - 1) / side;
        var (columns, rows) = (across, down);
        if ((long)across * down > most)
        {
            // As square a grid as the scene's shape allows.
            columns = Math.Clamp((int)Math.Round(Math.Sqrt((double)most * across / down)), 1, Math.Min(most, across));
            rows = Math.Clamp(most / columns, 1, down);
        }

        List<PixelWindow> tiles = [];
        for (var j = 0; j < rows; j++)
        {
            for (var i = 0; i < columns; i++)
            {
                int x = (int)((i + 0.5) * across / columns) * side, y = (int)((j + 0.5) * down / rows) * side;
                tiles.Add(new PixelWindow(x, y, Math.Min(side, width - x), Math.Min(side, height - y)));
            }
        }

        return tiles;
    }
}
