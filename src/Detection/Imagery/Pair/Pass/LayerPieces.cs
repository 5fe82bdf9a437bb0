using Monitoring.Detection.Imagery.Objects;

namespace Monitoring.Detection.Imagery.Pair.Pass;

/// <summary>Candidate pixels from a layer of probabilities, in place of those that the pair detector's own score gave.</summary>
internal static class LayerPieces
{
    private const double Steps = 254;

    /// <param name="own">Given back: disposed here.</param>
    /// <param name="cell">Side of a cloud cell: a piece lies in one, so that a cloud takes it whole or leaves it whole.</param>
    /// <returns>One column as wide as the layer; the caller's.</returns>
    public static IReadOnlyList<PieceSpool> InPlaceOf(
        IReadOnlyList<PieceSpool> own, RasterLayer layer, byte threshold, int cell, PieceBudget budget, CancellationToken cancellation)
    {
        foreach (var column in own)
        {
            column.Dispose();
        }

        var pieces = new PieceSpool(budget);
        var rows = new RowReader<byte>(layer);
        for (var y = 0; y < layer.Height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            var levels = rows.Row(y);
            for (var x = 0; x < levels.Length;)
            {
                if (levels[x] < threshold || levels[x] == PairDetector.NotObserved)
                {
                    x++;
                    continue;
                }

                var piece = new Piece { Row = y, From = x };
                var end = Math.Min(levels.Length, ((x / cell) + 1) * cell);
                var sum = 0f;
                for (; x < end && levels[x] >= threshold && levels[x] != PairDetector.NotObserved; x++)
                {
                    sum += levels[x];
                }

                piece.To = x;
                piece.Sums[ObjectSums.Lane.Pixels] = piece.To - piece.From;
                piece.Sums[ObjectSums.Lane.Score] = sum / PairDetector.ScoreSteps;
                pieces.Add(piece);
            }
        }

        return [pieces];
    }

    /// <summary>All that a network says of a patch.</summary>
    /// <param name="meanScore">Mean of the layer, in sixteenths as scores are.</param>
    public static SortedDictionary<string, double> FactsOf(double meanScore) =>
        new(StringComparer.Ordinal) { ["probability"] = Math.Round(meanScore * PairDetector.ScoreSteps / Steps, 4) };
}
