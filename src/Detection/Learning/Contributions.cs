namespace Monitoring.Detection.Learning;

/// <summary>What one feature did to the log-odds of one case.</summary>
/// <param name="Feature">Name in the schema.</param>
/// <param name="Value">Null when nothing was known; that can contribute too.</param>
/// <param name="LogOdds">Added to the log-odds; positive speaks for a violation.</param>
public sealed record Contribution(string Feature, float? Value, double LogOdds);

/// <summary>
/// Shapley values of a tree ensemble, path-dependent TreeSHAP (Lundberg, Erion and Lee 2018, algorithm 2): contributions and the expected score add up to the
/// score exactly. Thread-safe; allocates for one row at a time.
/// </summary>
public static class Contributions
{
    /// <summary>Score that is expected when nothing is known: bias and each tree's mean over its training rows.</summary>
    public static double Expected(TreeEnsemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        return ensemble.Bias + ensemble.Trees.Sum(t => t.Leaf.Zip(t.LeafCover, (v, c) => v * c).Sum() / Math.Max(t.LeafCover.Sum(), double.Epsilon));
    }

    /// <param name="shap">One number for each feature; what was in it is overwritten.</param>
    public static void Of(TreeEnsemble ensemble, ReadOnlySpan<float> row, Span<double> shap)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        shap.Clear();
        foreach (var tree in ensemble.Trees)
        {
            if (tree.Feature.Length > 0)
            {
                Walk(tree, row, shap, 0, [], 1, 1, -1);
            }
        }
    }

    private readonly record struct Step(int Feature, double Zero, double One, double Weight);

    private static void Walk(Tree tree, ReadOnlySpan<float> row, Span<double> shap, int node, Step[] before, double zero, double one, int feature)
    {
        var path = Extend(before, zero, one, feature);
        if (node < 0)
        {
            var value = tree.Leaf[~node];
            for (var i = 1; i < path.Length; i++)
            {
                var sum = 0.0;
                foreach (var step in Unwind(path, i))
                {
                    sum += step.Weight;
                }

                shap[path[i].Feature] += sum * (path[i].One - path[i].Zero) * value;
            }

            return;
        }

        var split = tree.Feature[node];
        var (hot, cold) = row[split] <= tree.Threshold[node] ? (tree.Left[node], tree.Right[node]) : (tree.Right[node], tree.Left[node]);
        double zeroHere = 1, oneHere = 1;
        for (var k = 1; k < path.Length; k++)
        {
            if (path[k].Feature == split)
            {
                (zeroHere, oneHere) = (path[k].Zero, path[k].One);
                path = Unwind(path, k);
                break;
            }
        }

        var cover = tree.Cover[node];
        Walk(tree, row, shap, hot, path, zeroHere * CoverOf(tree, hot) / cover, oneHere, split);
        Walk(tree, row, shap, cold, path, zeroHere * CoverOf(tree, cold) / cover, 0, split);
    }

    private static double CoverOf(Tree tree, int node) => node >= 0 ? tree.Cover[node] : tree.LeafCover[~node];

    private static Step[] Extend(Step[] before, double zero, double one, int feature)
    {
        var length = before.Length;
        var path = new Step[length + 1];
        before.CopyTo(path, 0);
        path[length] = new(feature, zero, one, length == 0 ? 1 : 0);
        for (var i = length - 1; i >= 0; i--)
        {
            path[i + 1] = path[i + 1] with { Weight = path[i + 1].Weight + (one * path[i].Weight * (i + 1) / (length + 1)) };
            path[i] = path[i] with { Weight = zero * path[i].Weight * (length - i) / (length + 1) };
        }

        return path;
    }

    private static Step[] Unwind(Step[] path, int index)
    {
        var last = path.Length - 1;
        var (zero, one) = (path[index].Zero, path[index].One);
        var next = path[last].Weight;
        var shorter = path[..last];
        for (var j = last - 1; j >= 0; j--)
        {
            if (one != 0)
            {
                var kept = path[j].Weight;
                shorter[j] = shorter[j] with { Weight = next * (last + 1) / ((j + 1) * one) };
                next = kept - (shorter[j].Weight * zero * (last - j) / (last + 1));
            }
            else
            {
                shorter[j] = shorter[j] with { Weight = path[j].Weight * (last + 1) / (zero * (last - j)) };
            }
        }

        for (var j = index; j < last; j++)
        {
            shorter[j] = shorter[j] with { Feature = path[j + 1].Feature, Zero = path[j + 1].Zero, One = path[j + 1].One };
        }

        return shorter;
    }
}
