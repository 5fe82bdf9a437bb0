using System.Runtime.CompilerServices;
using Monitoring.Detection.Imagery.Kernels;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Pair.Pass;

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

    /// <summary>Columns of the scene around each pixel of the overview.</summary>
    private readonly (int From, int To)[] _around;

    /// <param name="most">Pixels of the longer side at most.</param>
    internal PairOverview(Grid grid, BandPairing pairing, int most)
    {
        _grid = grid;
        var scale = Math.Min(1.0, (double)most / Math.Max(grid.Width, grid.Height));
        (Width, Height) = (Math.Max(1, (int)(grid.Width * scale)), Math.Max(1, (int)(grid.Height * scale)));
        _radius = Math.Min(1, (int)(0.5 / scale));
        Bands = [Pick(BandRole.Red, 2), Pick(BandRole.Green, 1), Pick(BandRole.Blue, 0)];
        (_before, _after) = (new float[3 * Width * Height], new float[3 * Width * Height]);
        _around = [.. Enumerable.Range(0, Width).Select(x => Middle(x, Width, grid.Width)).Select(middle => (Math.Max(0, middle - _radius), Math.Min(grid.Width, middle + _radius + 1)))];

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
                Means(before, k, model.DecodingBefore[k], top, bottom, fromX, _before.AsSpan(to + fromX, toX - fromX));
                Means(after, k, model.DecodingAfter[k], top, bottom, fromX, _after.AsSpan(to + fromX, toX - fromX));
            }
        }

        return next;
    }

    /// <summary>Overview pixels from a column on: what of rows [top, bottom), at most three, lies around their middles.</summary>
    private void Means(StoredPixels pixels, int band, in RowMath.Decoding how, int top, int bottom, int fromX, Span<float> to)
    {
        // Where a row lies is the same for all its pixels, and not for nothing.
        Span<int> rows = stackalloc int[bottom - top];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = pixels.At(band, 0, top + i);
        }

        for (var i = 0; i < to.Length; i++)
        {
            var (left, right) = _around[fromX + i];
            to[i] = pixels.Whole.Length > 0 ? Mean(pixels.Whole, rows, left, right, how) : Mean(pixels.Real, rows, left, right, how);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mean(ushort[] pixels, ReadOnlySpan<int> rows, int left, int right, in RowMath.Decoding how)
    {
        // Nine of 16 bits are as exact in whole numbers as in floats, and added without waiting.
        int sum = 0, count = 0, missing = how.Missing is >= 0 and <= ushort.MaxValue && how.Missing == (int)how.Missing ? (int)how.Missing : 0;
        foreach (var row in rows)
        {
            var of = pixels.AsSpan(row + left, right - left);
            if (of.Length == 3)
            {
                int a = of[0], b = of[1], c = of[2];
                if ((a != 0 & a != missing) & (b != 0 & b != missing) & (c != 0 & c != missing))
                {
                    sum += a + b + c;
                    count += 3;
                    continue;
                }
            }

            foreach (var stored in of)
            {
                if (stored != 0 && stored != missing)
                {
                    sum += stored;
                    count++;
                }
            }
        }

        return Told(sum, count, how);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mean(float[] pixels, ReadOnlySpan<int> rows, int left, int right, in RowMath.Decoding how)
    {
        var (sum, count) = (0f, 0);
        foreach (var row in rows)
        {
            foreach (var stored in pixels.AsSpan(row + left, right - left))
            {
                if (stored != 0 && stored != how.Missing && float.IsFinite(stored))
                {
                    sum += stored;
                    count++;
                }
            }
        }

        return Told(sum, count, how);
    }

    private static float Told(float sum, int count, in RowMath.Decoding how) => count == 0 ? 0 : Math.Max((sum / count * how.Scale) + how.Offset, 1e-6f);

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
