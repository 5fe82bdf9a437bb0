namespace Monitoring.Detection.Learning;

/// <summary>
/// What is believed of a candidate before anybody recorded an outcome: a stated prior and stated weights on the verdict of the rules and on evidence. Set by
/// reason, fitted to nothing; whoever shows its score says that it comes from rules.
/// </summary>
public static class RulesScorer
{
    /// <summary>Share of violations among candidates that is assumed.</summary>
    public const double PriorRate = 0.15;

    /// <summary>Its parts are the contributions.</summary>
    public static (double Probability, IReadOnlyList<Contribution> Parts) Score(ViolationFeatures features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var parts = new List<Contribution>();
        var sum = Math.Log(PriorRate / (1 - PriorRate));
        void Add(string name, Func<float, double> weight)
        {
            if (features[name] is { } value && weight(value) is var w && w != 0)
            {
                parts.Add(new(name, value, w));
                sum += w;
            }
        }

        Add("verdict", v => v switch { 0 => -2, 1 => 0, _ => 1.2 });
        Add("image_score", v => 1.5 * (v - 0.7));
        Add("kind_building", v => 0.5 * v);
        Add("kind_other", v => -0.7 * v);
        Add("farmland_share", v => 0.3 * v);
        Add("red_line_share", v => 0.4 * v);
        Add("use_fits", v => v > 0 ? -0.3 : 0.3);
        Add("permit_share", v => -0.5 * v);
        Add("expired_permit", v => 0.5 * v);
        Add("temporary_permit", v => -0.7 * v);
        Add("night_episodes", v => 0.3 * Math.Min(3, v));
        Add("growth_log_per_30d", v => Math.Clamp(v, -0.5, 0.5));
        return (1 / (1 + Math.Exp(-sum)), [.. parts.OrderByDescending(p => Math.Abs(p.LogOdds)).ThenBy(p => p.Feature, StringComparer.Ordinal)]);
    }
}
