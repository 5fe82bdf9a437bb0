using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Both dates in three bands, small enough for a picture, gathered while the tiles pass, so that no file is read again for it. A pixel is
/// the mean of what lies around its middle, at most 3 × 3 pixels of the scene; 0 where nothing was seen.
/// </summary>
/// <remarks>Tiles may add at the same time: the middle of a pixel lies in one tile only.</remarks>
public sealed class PairOverview
{
    private readonly Grid _grid;
    private readonly int _radius;
    private readonly float[] _before;
    private readonly float[] _after;

    /// <param name="most">Pixels of the longer side at most.</param>
    internal PairOverview(Grid grid, BandPairing pairing, int most)
    {
        _grid = grid;
        var scale = Math.Min(1.0, (double)most / Math.Max(grid.Width, grid.Height));
        (Width, Height) = (Math.Max(1, (int)(grid.Width * scale)), Math.Max(1, (int)(grid.Height * scale)));
        _radius = Math.Min(1, (int)(0.5 / scale));
        Bands = [Pick(BandRole.Red, 2), Pick(BandRole.Green, 1), Pick(BandRole.Blue, 0)];
        (_before, _after) = (new float[3 * Width * Height], new float[3 * Width * Height]);

        int Pick(BandRole role, int fallback) => pairing.IndexOf(role) is var k and >= 0 ? k : Math.Min(fallback, pairing.Pairs.Count - 1);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Which of the compared bands stand for red, green and blue.</summary>
    public IReadOnlyList<int> Bands { get; }

    /// <summary>Reflectance (or digital numbers / 255) of the baseline: [red, green, blue][row][column].</summary>
    public ReadOnlySpan<float> Before => _before;

    /// <summary>The same of the current scene.</summary>
    public ReadOnlySpan<float> After => _after;

    /// <summary>First row of the overview whose middle is at or behind a row of the scene.</summary>
    internal int FirstRow(int y) => First(y, Height, _grid.Height);

    /// <summary>
    /// Takes the pixels whose middle lies in a tile, and what of the tile's rows lies around it, while they are near: when
    /// <paramref name="y"/> is the last row of the scene that row <paramref name="next"/> of the overview needs from the tile, takes that row.
    /// </summary>
    /// <returns>The row to ask for with the next row of the scene.</returns>
    internal int AddRow(int next, int y, PixelWindow tile, PairModel model, StoredPixels before, StoredPixels after)
    {
        for (; next < Height && Middle(next, Height, _grid.Height) is var middle && middle < tile.Y + tile.Height && Math.Min(middle + _radius, tile.Y + tile.Height - 1) <= y; next++)
        {
            int top = Math.Max(tile.Y, middle - _radius), bottom = Math.Min(tile.Y + tile.Height, middle + _radius + 1);
            int fromX = First(tile.X, Width, _grid.Width), toX = First(tile.X + tile.Width, Width, _grid.Width);
            for (var c = 0; c < 3; c++)
            {
                var (k, to) = (Bands[c], ((c * Height) + next) * Width);
                for (var x = fromX; x < toX; x++)
                {
                    var centre = Middle(x, Width, _grid.Width);
                    int left = Math.Max(0, centre - _radius), right = Math.Min(_grid.Width, centre + _radius + 1);
                    _before[to + x] = Mean(before, k, model.DecodingBefore[k], left, top, right, bottom);
                    _after[to + x] = Mean(after, k, model.DecodingAfter[k], left, top, right, bottom);
                }
            }
        }

        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mean(StoredPixels pixels, int band, in RowMath.Decoding how, int left, int top, int right, int bottom)
    {
        var (sum, count) = (0f, 0);
        for (var y = top; y < bottom; y++)
        {
            var at = pixels.At(band, left, y);
            if (pixels.Whole.Length > 0)
            {
                foreach (var stored in pixels.Whole.AsSpan(at, right - left))
                {
                    if (stored != 0 && stored != how.Missing)
                    {
                        sum += stored;
                        count++;
                    }
                }
            }
            else
            {
                foreach (var stored in pixels.Real.AsSpan(at, right - left))
                {
                    if (stored != 0 && stored != how.Missing && float.IsFinite(stored))
                    {
                        sum += stored;
                        count++;
                    }
                }
            }
        }

        return count == 0 ? 0 : Math.Max((sum / count * how.Scale) + how.Offset, 1e-6f);
    }

    /// <summary>Scene pixel in the middle of an overview pixel.</summary>
    private static int Middle(int at, int small, int large) => (int)((at + 0.5) * large / small);

    /// <summary>First overview pixel whose middle is at or behind a scene pixel.</summary>
    private static int First(int at, int small, int large)
    {
        var first = Math.Max(0, (int)((long)at * small / large) - 1);
        while (first < small && Middle(first, small, large) < at)
        {
            first++;
        }

        return first;
    }
}
