using CsCheck;
using Monitoring.Detection.Learning;

namespace Monitoring.Detection.Tests.Learning;

public sealed class BoostedTreesTests
{
    private static readonly BoostingOptions Small = new() { Trees = 30, Leaves = 8, Members = 1, LeastRows = 10 };

    [Fact]
    public void Ensemble_OfOneMember_ScoresAsMlNetDoes()
    {
        var table = Table(3000, 5);
        var ours = BoostedTrees.Fit(table, Small, TestContext.Current.CancellationToken);
        var theirs = BoostedTrees.ScoresOfMlNet(table, Small);
        for (var i = 0; i < table.Count; i++)
        {
            ours.Score(table.Row(i)).ShouldBe(theirs[i], 1e-5);
        }

        theirs.Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Fit_TheSameTable_GivesTheSameTreesWithAnyNumberOfThreads()
    {
        var table = Table(2000, 6);
        byte[] File(int threads) => ModelFile.Write(new(
            table.Schema, BoostedTrees.Fit(table, Small with { Threads = threads, Members = 2 }, TestContext.Current.CancellationToken), new Calibration { Scores = [0], Probabilities = [0.5] }));
        var one = File(1);
        File(1).ShouldBe(one);
        File(3).ShouldBe(one);
    }

    [Fact]
    public void Fit_OneKindOfLabel_IsRefused()
    {
        var table = new TrainingTable(Table(1, 1).Schema);
        table.Add([1, 2, 3, 4], true);
        Should.Throw<ArgumentException>(() => BoostedTrees.Fit(table, Small, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Score_OfManyRows_IsThatOfEach()
    {
        var table = Table(1100, 7);
        var trees = BoostedTrees.Fit(table, Small, TestContext.Current.CancellationToken);
        foreach (var count in (int[])[0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 127, 128, 129, 511, 1100])
        {
            var scores = new double[count];
            trees.Score(table.Values[..(count * 4)], scores);
            for (var i = 0; i < count; i++)
            {
                scores[i].ShouldBe(trees.Score(table.Row(i)));
            }
        }
    }

    [Fact]
    public void Contributions_OfAnyRow_AddUpToTheScore()
    {
        var table = Table(800, 8);
        var trees = BoostedTrees.Fit(table, Small, TestContext.Current.CancellationToken);
        var expected = Contributions.Expected(trees);
        var shap = new double[4];
        for (var i = 0; i < 200; i++)
        {
            Contributions.Of(trees, table.Row(i), shap);
            (expected + shap.Sum()).ShouldBe(trees.Score(table.Row(i)), 1e-9);
        }
    }

    /// <summary>Against Shapley's definition over all orders of the features.</summary>
    [Fact]
    public void Contributions_OfAnyRow_AreShapleyValues()
    {
        var table = Table(800, 9);
        var trees = BoostedTrees.Fit(table, Small with { Trees = 5 }, TestContext.Current.CancellationToken);
        var shap = new double[4];
        for (var i = 0; i < 25; i++)
        {
            var row = table.Row(i).ToArray();
            Contributions.Of(trees, row, shap);
            for (var k = 0; k < 4; k++)
            {
                var value = 0.0;
                for (var set = 0; set < 16; set++)
                {
                    if ((set & (1 << k)) == 0)
                    {
                        var size = System.Numerics.BitOperations.PopCount((uint)set);
                        value += Factorial(size) * Factorial(3 - size) / Factorial(4) * (Given(trees, row, set | (1 << k)) - Given(trees, row, set));
                    }
                }

                shap[k].ShouldBe(value, 1e-9);
            }
        }
    }

    [Fact]
    public void ModelFile_WrittenAndRead_ScoresTheSame()
    {
        var table = Table(500, 10);
        var model = new ViolationModel(
            table.Schema, BoostedTrees.Fit(table, Small, TestContext.Current.CancellationToken), new Calibration { Scores = [-1, 1], Probabilities = [0.2, 0.7] });
        var read = ModelFile.Read(ModelFile.Write(model), table.Schema);
        for (var i = 0; i < table.Count; i++)
        {
            read.Probability(table.Row(i)).ShouldBe(model.Probability(table.Row(i)));
        }
    }

    [Theory]
    [InlineData("\"left\":[", "\"left\":[0,")]
    [InlineData("\"format\":1", "\"format\":9")]
    [InlineData("\"schema_version\":1", "\"schema_version\":2")]
    [InlineData("\"probabilities\":[0.2,0.7]", "\"probabilities\":[0.7,0.2]")]
    [InlineData("\"trees\":[", "\"trees\":[null,")]
    [InlineData("{", "[")]
    public void ModelFile_Damaged_IsRefusedInASentence(string from, string to)
    {
        var table = Table(500, 11);
        var model = new ViolationModel(
            table.Schema, BoostedTrees.Fit(table, Small with { Trees = 2 }, TestContext.Current.CancellationToken), new Calibration { Scores = [-1, 1], Probabilities = [0.2, 0.7] });
        var text = System.Text.Encoding.UTF8.GetString(ModelFile.Write(model));
        var at = text.IndexOf(from, StringComparison.Ordinal);
        at.ShouldBeGreaterThanOrEqualTo(0);
        var damaged = System.Text.Encoding.UTF8.GetBytes(text[..at] + to + text[(at + from.Length)..]);
        Should.Throw<InvalidDataException>(() => ModelFile.Read(damaged, table.Schema));
    }

    [Fact]
    public void Ensemble_WithARingInATree_IsRefused()
    {
        // Nodes 1 and 2 lead to each other: walking it would never end.
        Should.Throw<InvalidDataException>(() => new TreeEnsemble(
            0, [new Tree([0, 0, 0], [1, 1, 1], [~0, 2, 1], [~1, ~2, ~3], [0, 0, 0, 0], new double[3], new double[4])], 1));
    }

    [Fact]
    public void Calibration_OfAnyCases_NeverFallsAndIsNeverCertain()
    {
        var cases = Gen.Select(Gen.Double[-4, 4], Gen.Bool, Gen.Float[0.1f, 8]).Array[1, 400];
        Gen.Select(cases, Gen.Double[-8, 8], Gen.Double[0, 5]).Sample((all, x, step) =>
        {
            var calibration = Calibration.Fit(all.Select(c => Math.Round(c.Item1, 1)).ToArray(), [.. all.Select(c => c.Item2)], [.. all.Select(c => c.Item3)]);
            var (a, b) = (calibration.Apply(x), calibration.Apply(x + step));
            return a is > 0 and < 1 && b is > 0 and < 1 && b >= a;
        });
    }

    [Fact]
    public void Calibration_OfScoresThatAreTooSure_BringsThemBack()
    {
        var random = new Random(3);
        var scores = new double[20_000];
        var labels = new bool[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var real = (random.NextDouble() * 6) - 3;
            labels[i] = random.NextDouble() < 1 / (1 + Math.Exp(-real));
            scores[i] = 3 * real;
        }

        var calibration = Calibration.Fit(scores, labels, [.. Enumerable.Repeat(1f, scores.Length)]);
        for (var real = -2.5; real <= 2.5; real += 0.5)
        {
            calibration.Apply(3 * real).ShouldBe(1 / (1 + Math.Exp(-real)), 0.06);
        }
    }

    /// <summary>Expectation of the trees when only some features are known, along their paths by cover.</summary>
    private static double Given(TreeEnsemble trees, float[] row, int known) => trees.Bias + trees.Trees.Sum(t =>
    {
        double At(int node) => node < 0 ? t.Leaf[~node]
            : (known & (1 << t.Feature[node])) != 0 ? At(row[t.Feature[node]] <= t.Threshold[node] ? t.Left[node] : t.Right[node])
            : ((At(t.Left[node]) * CoverOf(t, t.Left[node])) + (At(t.Right[node]) * CoverOf(t, t.Right[node]))) / t.Cover[node];
        return At(0);
    });

    private static double CoverOf(Tree tree, int node) => node >= 0 ? tree.Cover[node] : tree.LeafCover[~node];

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);

    private static TrainingTable Table(int rows, int seed)
    {
        var table = new TrainingTable(new FeatureSchema("test", 1, [.. Enumerable.Range(0, 4).Select(i => new FeatureInfo($"f{i}", "", ""))]));
        var random = new Random(seed);
        for (var i = 0; i < rows; i++)
        {
            float[] row = [(float)random.NextDouble(), random.Next(3), random.NextDouble() < 0.3 ? FeatureSchema.Missing : (float)random.NextDouble(), (float)random.NextDouble()];
            table.Add(row, random.NextDouble() < 0.2 + (0.5 * row[0] * row[1] / 2) + (row[2] == FeatureSchema.Missing ? 0.2 : 0), 0.5f + (float)random.NextDouble());
        }

        return table;
    }
}
