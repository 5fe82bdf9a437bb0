namespace Monitoring.Detection.Learning;

/// <summary>One tree: inner node k asks value[Feature[k]] ≤ Threshold[k] and goes on to Left[k], else Right[k]; a negative number ~l is leaf l.</summary>
/// <param name="Leaf">What a leaf adds to the log-odds.</param>
/// <param name="Cover">Weight of the training rows in each inner node; for contributions.</param>
/// <param name="LeafCover">The same for leaves.</param>
public sealed record Tree(int[] Feature, float[] Threshold, int[] Left, int[] Right, double[] Leaf, double[] Cover, double[] LeafCover)
{
    public int LeafOf(ReadOnlySpan<float> row)
    {
        if (Feature.Length == 0)
        {
            return 0;
        }

        var node = 0;
        do
        {
            node = row[Feature[node]] <= Threshold[node] ? Left[node] : Right[node];
        }
        while (node >= 0);
        return ~node;
    }
}

/// <summary>
/// A sum of trees: the trained trees themselves, with the trainer's arithmetic and none of its pipeline, so that scoring costs the walk through the trees.
/// Equal to the trainer's own prediction up to its single precision, as a test shows. Immutable; thread-safe.
/// </summary>
public sealed class TreeEnsemble
{
    /// <summary>Rows that go through one tree together: the tree stays in the first cache.</summary>
    private const int Block = 64;

    private readonly Flat[] _flat;

    public TreeEnsemble(double bias, IReadOnlyList<Tree> trees, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(trees);
        foreach (var tree in trees)
        {
            Check(tree, featureCount);
        }

        (Bias, Trees, FeatureCount) = (bias, trees, featureCount);
        _flat = [.. trees.Select(t => new Flat(t))];
    }

    public double Bias { get; }

    public IReadOnlyList<Tree> Trees { get; }

    public int FeatureCount { get; }

    /// <summary>Log-odds of one row.</summary>
    public double Score(ReadOnlySpan<float> row)
    {
        var sum = Bias;
        foreach (var tree in Trees)
        {
            sum += tree.Leaf[tree.LeafOf(row)];
        }

        return sum;
    }

    /// <summary>Log-odds of many rows: the same numbers as <see cref="Score(ReadOnlySpan{float})"/> of each.</summary>
    /// <param name="values">Row-major, scores.Length × FeatureCount.</param>
    public void Score(ReadOnlySpan<float> values, Span<double> scores)
    {
        if (values.Length != (long)scores.Length * FeatureCount)
        {
            throw new ArgumentException($"{scores.Length} rows of {FeatureCount} features are {(long)scores.Length * FeatureCount} values, not {values.Length}.", nameof(values));
        }

        scores.Fill(Bias);
        var width = FeatureCount;
        for (var from = 0; from < scores.Length; from += Block)
        {
            var block = scores.Slice(from, Math.Min(Block, scores.Length - from));
            var rows = values.Slice(from * width, block.Length * width);
            foreach (var flat in _flat)
            {
                flat.AddTo(rows, width, block);
            }
        }
    }

    private static void Check(Tree tree, int featureCount)
    {
        var nodes = tree.Feature.Length;
        if (tree.Threshold.Length != nodes || tree.Left.Length != nodes || tree.Right.Length != nodes || tree.Cover.Length != nodes || tree.Leaf.Length != nodes + 1
            || tree.LeafCover.Length != nodes + 1)
        {
            throw new InvalidDataException($"A tree of {nodes} inner nodes has {nodes + 1} leaves and as many numbers of each kind as nodes; train the model again.");
        }

        // Each node and leaf hangs on exactly one parent that comes before it or not: walking from the root must end.
        var seen = new bool[(2 * nodes) + 1];
        for (var k = 0; k < nodes; k++)
        {
            foreach (var child in (ReadOnlySpan<int>)[tree.Left[k], tree.Right[k]])
            {
                var place = child >= 0 ? child : nodes + ~child;
                if (child == 0 || child >= nodes || ~child > nodes || seen[place])
                {
                    throw new InvalidDataException($"Node {k} of a tree leads to {child}, which is no leaf or node of its own; train the model again.");
                }

                seen[place] = true;
            }

            if ((uint)tree.Feature[k] >= (uint)featureCount)
            {
                throw new InvalidDataException($"A tree asks for feature {tree.Feature[k]} of {featureCount}; train the model again.");
            }
        }

        // With one parent each, all that the root does not reach would be a ring.
        var reached = 0;
        var open = new Stack<int>(nodes > 0 ? [0] : []);
        while (open.TryPop(out var node))
        {
            reached++;
            foreach (var child in (ReadOnlySpan<int>)[tree.Left[node], tree.Right[node]])
            {
                if (child >= 0)
                {
                    open.Push(child);
                }
            }
        }

        if (reached != nodes)
        {
            throw new InvalidDataException("A tree has nodes that its root does not reach; train the model again.");
        }
    }

    /// <summary>
    /// A tree for many rows: leaves lead to themselves and every row takes as many steps as the tree is deep, four rows side by side, so that nothing has to be
    /// guessed by the processor.
    /// </summary>
    private sealed class Flat
    {
        private readonly int[] _feature;
        private readonly float[] _threshold;
        private readonly int[] _children;
        private readonly double[] _value;
        private readonly int _depth;

        public Flat(Tree tree)
        {
            var nodes = tree.Feature.Length;
            int Place(int child) => child >= 0 ? child : nodes + ~child;
            _feature = [.. tree.Feature, .. new int[tree.Leaf.Length]];
            _threshold = [.. tree.Threshold, .. Enumerable.Repeat(float.PositiveInfinity, tree.Leaf.Length)];
            _children = new int[2 * _feature.Length];
            for (var k = 0; k < _feature.Length; k++)
            {
                (_children[2 * k], _children[(2 * k) + 1]) = k < nodes ? (Place(tree.Left[k]), Place(tree.Right[k])) : (k, k);
            }

            _value = [.. new double[nodes], .. tree.Leaf];
            int Depth(int child) => child < 0 ? 0 : 1 + Math.Max(Depth(tree.Left[child]), Depth(tree.Right[child]));
            _depth = nodes == 0 ? 0 : Depth(0);
        }

        public void AddTo(ReadOnlySpan<float> rows, int width, Span<double> sums)
        {
            ReadOnlySpan<int> feature = _feature, children = _children;
            ReadOnlySpan<float> threshold = _threshold;
            ReadOnlySpan<double> value = _value;
            var depth = _depth;
            var i = 0;
            for (; i + 4 <= sums.Length; i += 4)
            {
                ReadOnlySpan<float> ra = rows.Slice(i * width, width), rb = rows.Slice((i + 1) * width, width), rc = rows.Slice((i + 2) * width, width), rd = rows.Slice((i + 3) * width, width);
                int a = 0, b = 0, c = 0, d = 0;
                for (var step = 0; step < depth; step++)
                {
                    a = children[(2 * a) + (ra[feature[a]] > threshold[a] ? 1 : 0)];
                    b = children[(2 * b) + (rb[feature[b]] > threshold[b] ? 1 : 0)];
                    c = children[(2 * c) + (rc[feature[c]] > threshold[c] ? 1 : 0)];
                    d = children[(2 * d) + (rd[feature[d]] > threshold[d] ? 1 : 0)];
                }

                sums[i] += value[a];
                sums[i + 1] += value[b];
                sums[i + 2] += value[c];
                sums[i + 3] += value[d];
            }

            for (; i < sums.Length; i++)
            {
                var row = rows.Slice(i * width, width);
                var at = 0;
                for (var step = 0; step < depth; step++)
                {
                    at = children[(2 * at) + (row[feature[at]] > threshold[at] ? 1 : 0)];
                }

                sums[i] += value[at];
            }
        }
    }
}
