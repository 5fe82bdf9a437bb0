using Monitoring.Detection.Imagery.Masks;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Patches;

namespace Monitoring.Detection.Imagery.Pair;

/// <summary>The pixels of a tile whose score reaches the least threshold, with what is needed to name their patch: 16 bytes for each.</summary>
internal sealed record TileCandidates(TileWindow Tile, IReadOnlyList<(int Index, PixelFacts Facts, PixelSample Sample)> Pixels)
{
    /// <summary>Fills the tile's quantised scores and the cloud cells, and collects the candidates.</summary>
    public static TileCandidates Collect(TileScorer scorer, double leastThreshold, Span<byte> quantised, CloudCells cells)
    {
        var tile = scorer.Window;
        var core = tile.Core;
        var pixels = new List<(int, PixelFacts, PixelSample)>();
        ReadOnlySpan<float> valid = scorer.Valid, scores = scorer.Scores;
        var flags = scorer.Flags;
        var least = Quantise(leastThreshold);
        for (var y = 0; y < core.Height; y++)
        {
            for (var x = 0; x < core.Width; x++)
            {
                var i = ((y + tile.CoreY) * tile.Outer.Width) + x + tile.CoreX;
                var to = (y * core.Width) + x;
                cells.Add(core.X + x, core.Y + y, flags[i]);
                if (valid[i] == 0)
                {
                    quantised[to] = PairDetector.NotObserved;
                    continue;
                }

                var score = Quantise(scores[i]);
                quantised[to] = score;
                if (score >= least)
                {
                    pixels.Add((to, scorer.FactsAt(i), scorer.SampleAt(i)));
                }
            }
        }

        return new TileCandidates(tile, pixels);
    }

    public static byte Quantise(double score) => (byte)Math.Clamp((int)(score * PairDetector.ScoreSteps), 0, PairDetector.NotObserved - 1);
}
