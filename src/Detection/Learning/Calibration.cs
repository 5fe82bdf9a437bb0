namespace Monitoring.Detection.Learning;

/// <summary>
/// A never-falling map from log-odds to probability: isotonic regression (pool adjacent violators, Ayer et al. 1955) on cases that the trees did not see, straight
/// between the middles of its blocks so that order is kept, and drawn a little to the mean in each block so that none is certain. Immutable; thread-safe.
/// </summary>
public sealed record Calibration
{
    /// <summary>Rising log-odds; at least one.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Never falling, each in (0, 1).</summary>
    public required IReadOnlyList<double> Probabilities { get; init; }

    /// <summary>Blocks lighter than this are merged with their neighbours before pooling, in effective cases.</summary>
    public const double LeastBlock = 40;

    /// <exception cref="ArgumentException">No rows, or arrays of other lengths.</exception>
    public static Calibration Fit(ReadOnlySpan<double> scores, IReadOnlyList<bool> labels, IReadOnlyList<float> weights)
    {
        if (scores.Length == 0 || labels.Count != scores.Length || weights.Count != scores.Length)
        {
            throw new ArgumentException("Calibration needs scores, each with its label and weight.", nameof(scores));
        }

        var order = Enumerable.Range(0, scores.Length).ToArray();
        var copy = scores.ToArray();
        Array.Sort(order, (a, b) => copy[a].CompareTo(copy[b]) is var c && c != 0 ? c : a.CompareTo(b));
        double total = 0, yes = 0;
        for (var i = 0; i < copy.Length; i++)
        {
            total += weights[i];
            yes += labels[i] ? weights[i] : 0;
        }

        var mean = (yes + 1e-3) / (total + 2e-3);
        var scale = copy.Length / total;
        var blocks = new List<Block>();
        var open = default(Block);
        for (var k = 0; k < order.Length; k++)
        {
            var i = order[k];
            var w = weights[i] * scale;
            open = open with { Weight = open.Weight + w, Yes = open.Yes + (labels[i] ? w : 0), Score = open.Score + (w * copy[i]) };

            // Cases of equal score belong together.
            if (open.Weight >= LeastBlock && (k + 1 == order.Length || copy[order[k + 1]] > copy[i]))
            {
                Pool(blocks, open);
                open = default;
            }
        }

        if (open.Weight > 0)
        {
            Pool(blocks, open);
        }

        List<double> x = [], p = [];
        foreach (var block in blocks)
        {
            var score = block.Score / block.Weight;
            var chance = (block.Yes + (2 * mean)) / (block.Weight + 2);
            if (x.Count > 0 && score <= x[^1])
            {
                continue;
            }

            x.Add(score);
            p.Add(p.Count > 0 ? Math.Max(p[^1], chance) : chance);
        }

        return new() { Scores = x, Probabilities = p };
    }

    public double Apply(double score)
    {
        int low = 0, high = Scores.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Scores[middle] <= score ? (middle + 1, high) : (low, middle);
        }

        if (low == 0)
        {
            // Beyond the ends the order goes on, ever more slowly.
            return Probabilities[0] * Squash(score - Scores[0]);
        }

        if (low == Scores.Count)
        {
            return 1 - ((1 - Probabilities[^1]) * Squash(Scores[^1] - score));
        }

        var (x0, x1, p0, p1) = (Scores[low - 1], Scores[low], Probabilities[low - 1], Probabilities[low]);
        return p0 + ((p1 - p0) * (score - x0) / (x1 - x0));
    }

    /// <summary>From 1 at 0 down to 1/2 far below.</summary>
    private static double Squash(double below) => 0.5 + (0.5 * Math.Exp(Math.Min(0, below)));

    private static void Pool(List<Block> blocks, Block block)
    {
        blocks.Add(block);
        while (blocks.Count > 1 && blocks[^2].Yes * blocks[^1].Weight >= blocks[^1].Yes * blocks[^2].Weight)
        {
            var (a, b) = (blocks[^2], blocks[^1]);
            blocks.RemoveAt(blocks.Count - 1);
            blocks[^1] = new(a.Weight + b.Weight, a.Yes + b.Yes, a.Score + b.Score);
        }
    }

    private readonly record struct Block(double Weight, double Yes, double Score);
}
