using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Series;

/// <summary>
/// Reads a scene's tiles with what the sky hides taken out: the product's clouds and shadows with a margin, or, where a product has no
/// quality band, thick bright groups of cells.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SceneSky
{
    private readonly GridReader _reader;
    private readonly Grid _grid;
    private readonly int _margin;
    private readonly CloudCells? _cells;
    private readonly float[] _factors;
    private byte[] _hidden = [];
    private byte[] _spread = [];

    /// <param name="factors">What gives reflectance of each band's decoded values.</param>
    public SceneSky(GridReader reader, float[] factors, Grid grid, double gsd, SeriesOptions options, CancellationToken cancellation)
    {
        (_reader, _factors, _grid, _margin) = (reader, factors, grid, options.CloudMargin);
        if (reader.TellsClouds)
        {
            return;
        }

        _cells = new CloudCells(grid.Width, grid.Height, gsd, options.TilePixels);
        var side = options.TilePixels;
        var planes = new float[reader.Bands * side * side];
        var quality = new PixelQuality[side * side];
        byte[] flags = new byte[side * side], clear = new byte[side * side];
        for (var y = 0; y < grid.Height; y += side)
        {
            for (var x = 0; x < grid.Width; x += side)
            {
                var window = new PixelWindow(x, y, Math.Min(side, grid.Width - x), Math.Min(side, grid.Height - y));
                var pixels = (int)window.PixelCount;
                reader.Read(window, planes, quality, cancellation);
                for (var i = 0; i < pixels; i++)
                {
                    var isClear = quality[i] == PixelQuality.Clear;
                    clear[i] = (byte)(isClear ? 1 : 0);
                    flags[i] = isClear && CloudTest.LooksLikeCloud(planes[i] * factors[0], planes[pixels + i] * factors[1], planes[(2 * pixels) + i] * factors[2]) ? PixelFlags.BrightAfter : (byte)0;
                }

                for (var row = 0; row < window.Height; row++)
                {
                    _cells.AddRow(y + row, x, flags.AsSpan(row * window.Width, window.Width), clear.AsSpan(row * window.Width, window.Width));
                }
            }
        }

        _cells.Judge();
    }

    /// <summary>Reads a tile and its margin as reflectance.</summary>
    /// <returns>The window that was read: the core with what of the margin lies in the grid.</returns>
    public PixelWindow Read(PixelWindow core, float[] planes, PixelQuality[] clear, CancellationToken cancellation)
    {
        int left = Math.Max(0, core.X - _margin), top = Math.Max(0, core.Y - _margin);
        var window = new PixelWindow(
            left, top, Math.Min(_grid.Width, core.X + core.Width + _margin) - left, Math.Min(_grid.Height, core.Y + core.Height + _margin) - top);
        var pixels = (int)window.PixelCount;
        _reader.Read(window, planes, clear, cancellation);
        for (var b = 0; b < _factors.Length; b++)
        {
            if (_factors[b] != 1)
            {
                Kernels.PlaneMath.Line(planes.AsSpan(b * pixels, pixels), _factors[b], 0);
            }
        }

        Hide(window, clear);
        return window;
    }

    private void Hide(PixelWindow window, PixelQuality[] clear)
    {
        var pixels = (int)window.PixelCount;
        if (_hidden.Length < pixels)
        {
            (_hidden, _spread) = (new byte[pixels], new byte[pixels]);
        }

        var any = false;
        for (var i = 0; i < pixels; i++)
        {
            var cell = _cells is { } c && c.Masked.Length > 0 && c.Masked[((window.Y + (i / window.Width)) / c.Side * c.Columns) + ((window.X + (i % window.Width)) / c.Side)] != 0;
            _hidden[i] = (byte)(cell || clear[i] is PixelQuality.Cloud or PixelQuality.Shadow ? 1 : 0);
            any |= _hidden[i] != 0;
        }

        if (!any)
        {
            return;
        }

        // A square margin: along rows, then along columns.
        Spread(_hidden, _spread, window.Height, window.Width, window.Width, 1);
        Spread(_spread, _hidden, window.Width, window.Height, 1, window.Width);
        for (var i = 0; i < pixels; i++)
        {
            if (_hidden[i] != 0 && clear[i] == PixelQuality.Clear)
            {
                clear[i] = PixelQuality.Cloud;
            }
        }
    }

    private void Spread(byte[] from, byte[] to, int lines, int length, int lineStep, int step)
    {
        for (var line = 0; line < lines; line++)
        {
            var start = line * lineStep;
            var until = -1;
            for (var i = 0; i < length + _margin; i++)
            {
                if (i < length && from[start + (i * step)] != 0)
                {
                    until = i + (2 * _margin);
                }

                if (i >= _margin)
                {
                    to[start + ((i - _margin) * step)] = (byte)(i <= until ? 1 : 0);
                }
            }
        }
    }
}
