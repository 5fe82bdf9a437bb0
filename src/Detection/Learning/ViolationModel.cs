namespace Monitoring.Detection.Learning;

/// <summary>Where a probability comes from; shown wherever it is.</summary>
public enum ScoreSource
{
    /// <summary>Rules and a prior: nobody recorded enough outcomes yet.</summary>
    Rules,

    /// <summary>A model that learned from recorded outcomes.</summary>
    Model,
}

/// <param name="Probability">That a field verification will confirm building without approval, in (0, 1).</param>
/// <param name="ModelVersion">Version in the register; null for <see cref="ScoreSource.Rules"/>.</param>
/// <param name="Top">Most telling first.</param>
public sealed record ViolationScore(double Probability, ScoreSource Source, string? ModelVersion, IReadOnlyList<Contribution> Top);

/// <summary>Trees and their calibration. It orders work and decides nothing. Immutable; thread-safe.</summary>
public sealed class ViolationModel
{
    private const int ParallelFrom = 20_000;

    public ViolationModel(FeatureSchema schema, TreeEnsemble trees, Calibration calibration)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(trees);
        if (trees.FeatureCount != schema.Count)
        {
            throw new InvalidDataException($"The trees read {trees.FeatureCount} features, {schema.Id} version {schema.Version} has {schema.Count}; train the model again.");
        }

        (Schema, Trees, Calibration, Expected) = (schema, trees, calibration, Contributions.Expected(trees));
    }

    public FeatureSchema Schema { get; }

    public TreeEnsemble Trees { get; }

    public Calibration Calibration { get; }

    /// <summary>Log-odds before anything is known of a case.</summary>
    public double Expected { get; }

    public double Probability(ReadOnlySpan<float> row) => Calibration.Apply(Trees.Score(row));

    /// <summary>Probabilities of many rows on all cores.</summary>
    /// <param name="values">Row-major, Schema.Count numbers a row.</param>
    public double[] Probabilities(ReadOnlyMemory<float> values)
    {
        var count = values.Length / Schema.Count;
        var result = new double[count];
        if (count < ParallelFrom)
        {
            Part(values, result, 0, count);
            return result;
        }

        var parts = Environment.ProcessorCount * 4;
        Parallel.For(0, parts, i => Part(values, result, (int)((long)count * i / parts), (int)((long)count * (i + 1) / parts)));
        return result;
    }

    /// <param name="top">Contributions to tell, at most.</param>
    public IReadOnlyList<Contribution> Explain(ReadOnlySpan<float> row, int top = 5)
    {
        Span<double> shap = stackalloc double[Schema.Count];
        Contributions.Of(Trees, row, shap);
        var all = new List<Contribution>(Schema.Count);
        for (var k = 0; k < shap.Length; k++)
        {
            if (shap[k] != 0)
            {
                all.Add(new(Schema.Features[k].Name, row[k] == FeatureSchema.Missing ? null : row[k], shap[k]));
            }
        }

        return [.. all.OrderByDescending(c => Math.Abs(c.LogOdds)).ThenBy(c => c.Feature, StringComparer.Ordinal).Take(top)];
    }

    private void Part(ReadOnlyMemory<float> values, double[] result, int from, int to)
    {
        var slice = result.AsSpan(from, to - from);
        Trees.Score(values.Span.Slice(from * Schema.Count, slice.Length * Schema.Count), slice);
        for (var i = 0; i < slice.Length; i++)
        {
            slice[i] = Calibration.Apply(slice[i]);
        }
    }
}
