using System.Globalization;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Learning;

public sealed record DriftOptions
{
    /// <summary>Population stability index from which a feature is told. Default 0.25.</summary>
    public double Stability { get; init; } = 0.25;

    /// <summary>Stated minus seen rate that is told, if it is surely not chance. Default 0.03.</summary>
    public double Calibration { get; init; } = 0.03;

    /// <summary>Standard errors that make it sure. Default 3.</summary>
    public double Errors { get; init; } = 3;

    /// <summary>Fewest rows or outcomes to speak at all. Default 200.</summary>
    public int Least { get; init; } = 200;
}

/// <summary>
/// Watches a model in use: whether what comes still looks as when it learned (population stability index of each feature), and whether as many are confirmed as it
/// said (calibration in the large). Says so as reasons of a finding about the model, never changes anything. Pure; thread-safe.
/// </summary>
public static class DriftWatch
{
    public const string RuleId = "model-drift";

    public static IReadOnlyList<Reason> OfFeatures(FeatureProfile profile, IReadOnlyList<ViolationFeatures> recent, DriftOptions options)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(recent);
        ArgumentNullException.ThrowIfNull(options);
        if (recent.Count < options.Least)
        {
            return [];
        }

        return
        [
            .. ViolationFeatures.Schema.Features.Select((f, k) => (f.Name, Index: profile.StabilityOf(k, recent)))

                // The season turns every year: that is no drift.
                .Where(f => f.Name is not ("month" or "days_to_month_end") && f.Index >= options.Stability).OrderByDescending(f => f.Index).ThenBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => Reason.Of("feature-drift", ("feature", f.Name), ("psi", Text(f.Index)), ("rows", recent.Count.ToString(CultureInfo.InvariantCulture)))),
        ];
    }

    /// <param name="stated">Probability at the time of scoring, for each outcome.</param>
    public static IReadOnlyList<Reason> OfOutcomes(IReadOnlyList<double> stated, IReadOnlyList<bool> confirmed, IReadOnlyList<float> weights, DriftOptions options)
    {
        ArgumentNullException.ThrowIfNull(stated);
        ArgumentNullException.ThrowIfNull(options);
        if (stated.Count < options.Least)
        {
            return [];
        }

        double gap = 0, variance = 0, total = 0, rate = 0;
        for (var i = 0; i < stated.Count; i++)
        {
            double w = weights[i];
            gap += w * (stated[i] - (confirmed[i] ? 1 : 0));
            variance += w * w * stated[i] * (1 - stated[i]);
            (total, rate) = (total + w, rate + (confirmed[i] ? w : 0));
        }

        var mean = gap / total;
        return Math.Abs(mean) >= options.Calibration && Math.Abs(gap) >= options.Errors * Math.Sqrt(variance)
            ? [Reason.Of("calibration-drift", ("stated", Text(mean + (rate / total))), ("seen", Text(rate / total)), ("outcomes", stated.Count.ToString(CultureInfo.InvariantCulture)))]
            : [];
    }

    /// <summary>A finding about the model, or null when there is nothing to tell. Its id is the same for the same statement.</summary>
    public static Finding? Tell(string modelVersion, IReadOnlyList<Reason> reasons, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        if (reasons is not { Count: > 0 })
        {
            return null;
        }

        var said = string.Join(';', reasons.Select(r => r.Code + string.Concat(r.Facts.Select(f => $",{f.Key}={f.Value}"))));
        return new()
        {
            Id = FindingId.Of(RuleId, modelVersion, to.ToString("O", CultureInfo.InvariantCulture), said), RuleId = RuleId, RuleVersion = "1", DetectorId = "drift-watch",
            DetectorVersion = "1", Subject = new(SubjectKind.Indicator, $"violation-model@{modelVersion}"), Condition = FindingCondition.Holds, Severity = Severity.Minor,
            PhenomenonStart = from, PhenomenonEnd = to, DetectedAt = now, Score = 1, Reasons = reasons, Inputs = [new EvidenceInput("model", modelVersion)],
        };
    }

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
