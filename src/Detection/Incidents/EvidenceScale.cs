using System.Globalization;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Incidents;

/// <summary>What a finding weighs as evidence, by kind. A pure function of finding and rules; thread-safe.</summary>
public sealed class EvidenceScale(IncidentRules rules)
{
    private readonly Dictionary<string, EvidenceRule> _rules = rules.Evidence.ToDictionary(e => e.Rule, StringComparer.Ordinal);

    /// <summary>Whether findings of a rule are evidence at all.</summary>
    public bool Weighs(string ruleId) => _rules.ContainsKey(ruleId);

    /// <summary>
    /// Kinds and weights, ≥ 0. Of a finding that says the condition is cleared, and of what is approved (<see cref="Verdict.Compliant"/>), each weight is 0.
    /// </summary>
    public IReadOnlyList<(EvidenceChannel Channel, string Kind, double Weight)> Of(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (!_rules.TryGetValue(finding.RuleId, out var rule))
        {
            return [];
        }

        var counts = finding.Condition is FindingCondition.Holds && finding.Verdict is not Verdict.Compliant;
        if (rule.By is WeighedBy.Reasons)
        {
            return [.. finding.Reasons.Select(r => (r.Code, Weight: NumberOf(r, "weight"))).Where(r => r.Weight > 0)
                .Select(r => (rule.Channel, r.Code, counts ? Math.Min(rule.Cap, r.Weight!.Value / rule.Unit) : 0))];
        }

        return [(rule.Channel, rule.Kind!, counts ? Math.Clamp(Raw(finding, rule), 0, rule.Cap) : 0)];
    }

    private static double Raw(Finding finding, EvidenceRule rule)
    {
        if (rule.By is WeighedBy.Score)
        {
            return finding.Score / rule.Unit;
        }

        var limit = finding.Reasons.FirstOrDefault(r => r.Facts.ContainsKey("limit"));
        if (limit is null || NumberOf(limit, "value") is not { } value || NumberOf(limit, "limit") is not { } bound)
        {
            return 0;
        }

        return rule.By is WeighedBy.Excess ? (value - bound) / rule.Unit : value > 0 && bound > 0 ? Math.Log(value / bound) / Math.Log(1 + rule.Unit) : 0;
    }

    private static double? NumberOf(Reason reason, string fact) =>
        reason.Facts.TryGetValue(fact, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
}
