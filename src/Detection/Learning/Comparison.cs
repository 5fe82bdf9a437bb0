using System.Globalization;

namespace Monitoring.Detection.Learning;

/// <summary>What must hold before a model is used instead of another.</summary>
public sealed record PromotionOptions
{
    /// <summary>Average precision must be better by more than this, at the lower end of the interval. Default 0.005.</summary>
    public double Margin { get; init; } = 0.005;

    /// <summary>Largest expected calibration error. Default 0.05.</summary>
    public double LargestEce { get; init; } = 0.05;

    /// <summary>Fewest confirmed cases to compare on. Default 100.</summary>
    public int LeastConfirmed { get; init; } = 100;

    /// <summary>Default 1000.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>One-sided. Default 0.05.</summary>
    public double Error { get; init; } = 0.05;

    public int Seed { get; init; } = 1;
}

/// <summary>Two orders on the same cases with recorded outcomes: paired bootstrap (Efron 1979) of the difference in average precision.</summary>
/// <param name="Difference">Challenger minus the one in use.</param>
/// <param name="Low">Lower end of the one-sided interval.</param>
public sealed record Comparison(Metrics Current, Metrics Challenger, double Difference, double Low, bool Promotes, string Reason)
{
    /// <param name="current">Scores of what is in use (rules count too), case by case.</param>
    /// <param name="challenger">Scores of the other, as kept in its shadow.</param>
    public static Comparison Of(IReadOnlyList<double> current, IReadOnlyList<double> challenger, IReadOnlyList<bool> confirmed, IReadOnlyList<float> weights, PromotionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (current.Count != confirmed.Count || challenger.Count != confirmed.Count || weights.Count != confirmed.Count)
        {
            throw new ArgumentException("Both models are compared on the same cases, each with outcome and weight.", nameof(challenger));
        }

        var yes = confirmed.Count(c => c);
        if (yes < options.LeastConfirmed || yes == confirmed.Count)
        {
            return None(string.Create(CultureInfo.InvariantCulture, $"{yes} confirmed of {confirmed.Count} cases are too few to compare on; {options.LeastConfirmed} are needed, and dismissed ones."));
        }

        var (a, b) = (Metrics.Of(current, confirmed, weights), Metrics.Of(challenger, confirmed, weights));
        var random = new Random(options.Seed);
        var differences = new double[options.Resamples];
        var drawn = new float[confirmed.Count];
        for (var r = 0; r < differences.Length; r++)
        {
            Array.Clear(drawn);
            for (var i = 0; i < drawn.Length; i++)
            {
                var k = random.Next(drawn.Length);
                drawn[k] += weights[k];
            }

            differences[r] = Metrics.AveragePrecisionOf(challenger, confirmed, drawn) - Metrics.AveragePrecisionOf(current, confirmed, drawn);
        }

        Array.Sort(differences);
        var low = differences[(int)(options.Error * (differences.Length - 1))];
        var better = low > options.Margin;
        var calibrated = b.Ece <= options.LargestEce;
        var reason = string.Create(
            CultureInfo.InvariantCulture,
            $"average precision {b.AveragePrecision:F3} against {a.AveragePrecision:F3} on {confirmed.Count} cases, better by at least {low:F4} ({(better ? "more" : "not more")} than {options.Margin}); calibration error {b.Ece:F4} (at most {options.LargestEce})");
        return new(a, b, b.AveragePrecision - a.AveragePrecision, low, better && calibrated, reason);
    }

    /// <summary>Nothing was compared.</summary>
    public static Comparison None(string reason) => new(Nothing, Nothing, 0, 0, false, reason);

    private static Metrics Nothing => new(0, 0, 0, 0, 0, 0);
}
