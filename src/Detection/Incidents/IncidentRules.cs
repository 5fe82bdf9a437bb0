using System.Globalization;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Incidents;

/// <summary>How findings become incidents: section <c>incidents</c> of the rules (docs/formats/rules.md). Immutable.</summary>
public sealed record IncidentRules
{
    /// <summary>How far a device may stand from the place of an incident, m, &gt; 0.</summary>
    public required double NearMeters { get; init; }

    /// <summary>Longest time between pieces of evidence of one incident, days, &gt; 0.</summary>
    public required double WindowDays { get; init; }

    /// <summary>Weight from which a channel counts for corroboration, &gt; 0.</summary>
    public required double ChannelWeight { get; init; }

    /// <summary>How each rule's findings weigh. Findings of other rules are no evidence.</summary>
    public required IReadOnlyList<EvidenceRule> Evidence { get; init; }

    /// <summary>Everything that is wrong, one sentence each.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var (name, value) in new[] { ("near_meters", NearMeters), ("window_days", WindowDays), ("channel_weight", ChannelWeight) })
        {
            if (!(value > 0) || !double.IsFinite(value))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"incidents: {name} is {value}; it is a number above 0.");
            }
        }

        foreach (var group in Evidence.GroupBy(e => e.Rule).Where(g => g.Count() > 1))
        {
            yield return $"incidents: rule {group.Key} is weighed {group.Count()} times; keep one.";
        }

        foreach (var rule in Evidence)
        {
            if (string.IsNullOrWhiteSpace(rule.Kind) && rule.By is not WeighedBy.Reasons)
            {
                yield return $"incidents: rule {rule.Rule} names no kind of evidence.";
            }

            if (!(rule.Unit > 0) || !(rule.Cap > 0))
            {
                yield return $"incidents: unit and cap of rule {rule.Rule} are numbers above 0.";
            }
        }
    }
}

/// <summary>What the weight of a finding comes from.</summary>
public enum WeighedBy
{
    /// <summary>Its score, [0, 1], over the unit.</summary>
    Score,

    /// <summary>How far the value lies above the limit, over the unit: for levels in dB.</summary>
    Excess,

    /// <summary>The logarithm of value over limit, to the base of 1 + the unit: for concentrations and velocities.</summary>
    Ratio,

    /// <summary>The weights that its reasons state, each a kind of its own, over the unit.</summary>
    Reasons,
}

/// <summary>How findings of one rule weigh.</summary>
/// <param name="Rule">Rule of the findings.</param>
/// <param name="Kind">Kind of evidence; the reason's code where <paramref name="By"/> is <see cref="WeighedBy.Reasons"/>.</param>
/// <param name="Unit">What makes one unit of weight, &gt; 0.</param>
/// <param name="Cap">Most that one kind weighs, &gt; 0.</param>
public sealed record EvidenceRule(string Rule, EvidenceChannel Channel, WeighedBy By, double Unit, double Cap, string? Kind = null);
