using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Monitoring.Detection.Learning;

/// <summary>
/// Gradient boosted trees by ML.NET's FastTree (MART, Friedman 2001), taken out of its pipeline as <see cref="TreeEnsemble"/>. The same table, options and seed
/// give the same trees, whatever the number of threads.
/// </summary>
public static class BoostedTrees
{
    /// <exception cref="ArgumentException">Options out of range, or labels of one kind only.</exception>
    public static TreeEnsemble Fit(TrainingTable table, BoostingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults().ToList() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        }

        if (!table.Labels.Contains(true) || !table.Labels.Contains(false))
        {
            throw new ArgumentException("Learning needs confirmed and dismissed cases, both.", nameof(table));
        }

        var trees = new List<Tree>();
        var bias = 0.0;
        var members = table.Count > options.RowsForMembers ? 1 : options.Members;
        for (var member = 0; member < members; member++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (ml, data) = Load(table, options.Seed + member);
            var fitted = Trainer(ml, options, member).Fit(data).Model.SubModel.TrainedTreeEnsemble;
            bias += fitted.Bias / members;
            for (var t = 0; t < fitted.Trees.Count; t++)
            {
                trees.Add(Take(fitted.Trees[t], fitted.TreeWeights[t] / members));
            }
        }

        return new(bias, [.. trees.Select(t => WithCovers(t, table, cancellation))], table.Schema.Count);
    }

    /// <summary>A member as ML.NET trains it, and what ML.NET itself predicts with it for the same rows; for the proof that ours is the same.</summary>
    internal static float[] ScoresOfMlNet(TrainingTable table, BoostingOptions options)
    {
        var (ml, data) = Load(table, options.Seed);
        var model = Trainer(ml, options, 0).Fit(data);
        return [.. model.Transform(data).GetColumn<float>("Score")];
    }

    private static FastTreeBinaryTrainer Trainer(MLContext ml, BoostingOptions options, int member) => ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
    {
        LabelColumnName = nameof(Line.Label), FeatureColumnName = nameof(Line.Features), ExampleWeightColumnName = nameof(Line.Weight),
        NumberOfTrees = options.Trees, NumberOfLeaves = options.Leaves, LearningRate = options.LearningRate, MinimumExampleCountPerLeaf = options.LeastRows,
        FeatureFractionPerSplit = options.FeatureShare, MaximumBinCountPerFeature = options.Bins, NumberOfThreads = options.Threads, Seed = options.Seed + member,
        FeatureSelectionSeed = options.Seed + member, DiskTranspose = false,
    });

    private static (MLContext Ml, IDataView Data) Load(TrainingTable table, int seed)
    {
        var ml = new MLContext(seed);
        var schema = SchemaDefinition.Create(typeof(Line));
        schema[nameof(Line.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, table.Schema.Count);
        return (ml, ml.Data.LoadFromEnumerable(Lines(table), schema));
    }

    private static IEnumerable<Line> Lines(TrainingTable table)
    {
        for (var i = 0; i < table.Count; i++)
        {
            yield return new Line { Features = table.RowMemory(i).ToArray(), Label = table.Labels[i], Weight = table.Weights[i] };
        }
    }

    private static Tree Take(RegressionTree tree, double weight) => new(
        [.. tree.NumericalSplitFeatureIndexes], [.. tree.NumericalSplitThresholds], [.. tree.LeftChild], [.. tree.RightChild], [.. tree.LeafValues.Select(v => v * weight)],
        new double[tree.NumberOfNodes], new double[tree.NumberOfLeaves]);

    /// <summary>Weights of the training rows in each node, which the trainer does not keep.</summary>
    private static Tree WithCovers(Tree tree, TrainingTable table, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        double[] cover = new double[tree.Cover.Length], leaf = new double[tree.LeafCover.Length];

        // A sample of at most 50,000 rows says what share goes where.
        var step = Math.Max(1, table.Count / 50_000);
        for (var i = 0; i < table.Count; i += step)
        {
            var row = table.Row(i);
            leaf[tree.LeafOf(row)] += table.Weights[i];
        }

        for (var l = 0; l < leaf.Length; l++)
        {
            leaf[l] = Math.Max(leaf[l], 1e-3);
        }

        double Sum(int node) => node < 0 ? leaf[~node] : cover[node] = Sum(tree.Left[node]) + Sum(tree.Right[node]);
        if (cover.Length > 0)
        {
            Sum(0);
        }

        return tree with { Cover = cover, LeafCover = leaf };
    }

    private sealed class Line
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }

        public float Weight { get; set; }
    }
}
