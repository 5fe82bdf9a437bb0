using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>
/// Both dates in three bands, small enough for a picture, gathered while the tiles pass, so that no file is read again for it. A pixel is
/// the mean of what lies around its middle, at most 7 × 7 pixels of the scene, which a tile's margin covers; 0 where nothing was seen.
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
        _radius = Math.Min(TileWindow.Margin, (int)(0.5 / scale));
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

    /// <summary>Takes what lies in the tile that is loaded, before its roots are taken.</summary>
    internal void Add(TileScorer scorer)
    {
        var core = scorer.Window.Core;
        int fromX = First(core.X, Width, _grid.Width), toX = First(core.X + core.Width, Width, _grid.Width);
        int fromY = First(core.Y, Height, _grid.Height), toY = First(core.Y + core.Height, Height, _grid.Height);
        for (var y = fromY; y < toY; y++)
        {
            for (var x = fromX; x < toX; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var to = (((c * Height) + y) * Width) + x;
                    _before[to] = Mean(scorer, scorer.Before(Bands[c]), Middle(x, Width, _grid.Width), Middle(y, Height, _grid.Height), before: true);
                    _after[to] = Mean(scorer, scorer.After(Bands[c]), Middle(x, Width, _grid.Width), Middle(y, Height, _grid.Height), before: false);
                }
            }
        }
    }

    private float Mean(TileScorer scorer, ReadOnlySpan<float> plane, int x, int y, bool before)
    {
        var outer = scorer.Window.Outer;
        var (sum, count) = (0f, 0);
        for (var v = Math.Max(outer.Y, y - _radius); v <= Math.Min(outer.Y + outer.Height - 1, y + _radius); v++)
        {
            for (var u = Math.Max(outer.X, x - _radius); u <= Math.Min(outer.X + outer.Width - 1, x + _radius); u++)
            {
                var i = ((v - outer.Y) * outer.Width) + u - outer.X;
                if (!scorer.IsMissing(i, before))
                {
                    sum += plane[i];
                    count++;
                }
            }
        }

        return count == 0 ? 0 : sum / count;
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
