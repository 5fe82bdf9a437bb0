namespace Monitoring.Detection.Learning;

/// <param name="DataHash">Of the rows that the trees were grown on and of those that calibrated them.</param>
/// <param name="From">Earliest scoring instant among all examples.</param>
/// <param name="To">Latest.</param>
/// <param name="Held">Of the calibrated probabilities on later examples, by cross-fitting: no example calibrates itself.</param>
public sealed record TrainedModel(ViolationModel Model, string DataHash, DateTimeOffset From, DateTimeOffset To, int Examples, int Confirmed, Metrics Held);

/// <summary>Options of the training as a whole.</summary>
public sealed record TrainingOptions
{
    public BoostingOptions Boosting { get; init; } = new();

    public OutcomeWeights Weights { get; init; } = new();

    /// <summary>Share of the examples, the latest ones, that calibrate and never grow trees. Default 0.3, range [0.1, 0.5].</summary>
    public double LaterShare { get; init; } = 0.3;

    /// <summary>Fewest confirmed and fewest dismissed examples; below it rules go on. Default 200, at least 20.</summary>
    public int LeastOfEach { get; init; } = 200;
}

/// <summary>
/// Learns from recorded outcomes: the earlier part grows trees, the later part calibrates them, so that a probability is right for what comes, not for what was.
/// Deterministic for the same examples in any order. Thread-safe.
/// </summary>
public static class ViolationTraining
{
    /// <returns>The model, or null when there are too few outcomes: then rules go on, and say so.</returns>
    public static TrainedModel? Train(IReadOnlyList<RecordedOutcome> outcomes, TrainingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(options);
        var confirmed = outcomes.Count(o => o.Confirmed);
        if (confirmed < options.LeastOfEach || outcomes.Count - confirmed < options.LeastOfEach)
        {
            return null;
        }

        RecordedOutcome[] ordered = [.. outcomes.OrderBy(o => o.Features.AsOf).ThenBy(o => o.Features.CandidateId, StringComparer.Ordinal).ThenBy(o => o.DecidedAt)];

        // An example belongs to the earlier part only when its outcome was known before the later part begins.
        var begins = ordered[(int)(ordered.Length * (1 - options.LaterShare))].Features.AsOf;
        var early = new TrainingTable(ViolationFeatures.Schema);
        var late = new TrainingTable(ViolationFeatures.Schema);
        foreach (var outcome in ordered)
        {
            var weight = (float)options.Weights.Of(outcome);
            if (outcome.Features.AsOf < begins)
            {
                if (outcome.DecidedAt <= begins)
                {
                    early.Add(outcome.Features.Values, outcome.Confirmed, weight);
                }
            }
            else if (outcome.FoundBy is not FoundBy.Complaint)
            {
                late.Add(outcome.Features.Values, outcome.Confirmed, weight);
            }
        }

        if (!Both(early) || !Both(late))
        {
            return null;
        }

        var trees = BoostedTrees.Fit(early, options.Boosting, cancellation);
        var scores = new double[late.Count];
        trees.Score(late.Values, scores);
        var model = new ViolationModel(ViolationFeatures.Schema, trees, Calibration.Fit(scores, late.Labels, late.Weights));
        return new(model, $"{early.Hash()}:{late.Hash()}", ordered[0].Features.AsOf, ordered[^1].Features.AsOf, ordered.Length, confirmed, Held(scores, late));
    }

    private static bool Both(TrainingTable table) => table.Labels.Contains(true) && table.Labels.Contains(false);

    /// <summary>Calibrated on one half of the later examples, judged on the other, and the other way round.</summary>
    private static Metrics Held(double[] scores, TrainingTable late)
    {
        var probabilities = new double[scores.Length];
        for (var half = 0; half < 2; half++)
        {
            int[] fit = [.. Enumerable.Range(0, scores.Length).Where(i => i % 2 != half)];
            if (fit.Length == 0)
            {
                continue;
            }

            var calibration = Calibration.Fit(fit.Select(i => scores[i]).ToArray(), [.. fit.Select(i => late.Labels[i])], [.. fit.Select(i => late.Weights[i])]);
            for (var i = half; i < scores.Length; i += 2)
            {
                probabilities[i] = calibration.Apply(scores[i]);
            }
        }

        return Metrics.Of(probabilities, late.Labels, late.Weights);
    }
}
