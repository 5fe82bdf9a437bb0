using System.Text.Json.Serialization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// A limit on an observed property, as versioned data (docs/formats/rules.md). For and KeepFiringFor are in the
/// <see cref="AlertRule"/> of the same id: durations belong to the life of the alert.
/// </summary>
public sealed record TelemetryRule
{
    /// <summary>Also the id of the rule in findings.</summary>
    public required string Id { get; init; }

    public required string Version { get; init; }

    /// <summary>Code of the observed property it watches.</summary>
    public required string Property { get; init; }

    /// <summary>Unit of limit and value; a datastream in another unit is not judged.</summary>
    public required string Unit { get; init; }

    /// <summary>Length of a window, one minute to one day, and a divisor of a day. Windows are aligned to 1970-01-01T00:00Z.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>How results become one value; null = as the datastream says.</summary>
    public Aggregation? Aggregation { get; init; }

    /// <summary>The condition holds above this.</summary>
    public required double Limit { get; init; }

    /// <summary>It is cleared at this or below; ≤ <see cref="Limit"/>. In between it stays as it was.</summary>
    public required double ClearLimit { get; init; }

    /// <summary>A window with a smaller share of its expected results states nothing. In [0, 1], default 0.75.</summary>
    public double MinCompleteness { get; init; } = 0.75;

    /// <summary>Local time of day from which it applies (inclusive), in the region's zone; null = all day.</summary>
    public TimeOnly? HoursFrom { get; init; }

    /// <summary>Local time of day until which it applies (exclusive); may lie before <see cref="HoursFrom"/>, over midnight.</summary>
    public TimeOnly? HoursTo { get; init; }

    /// <summary>Kinds of permits that allow what exceeds it, where one is in force near; null = it is not set against permits.</summary>
    public IReadOnlyList<string>? PermittedBy { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>First day in force, in the region's zone; null = since always.</summary>
    public DateOnly? EffectiveFrom { get; init; }

    /// <summary>First day no longer in force; null = until further notice.</summary>
    public DateOnly? EffectiveTo { get; init; }

    /// <summary>Where the figure comes from, and what is not sure about it.</summary>
    public required string Source { get; init; }

    [JsonIgnore]
    public string RuleId => Id;

    /// <summary>Whether it applies to a window that starts at a local time.</summary>
    public bool Applies(DateTime localStart)
    {
        var day = DateOnly.FromDateTime(localStart);
        return (EffectiveFrom is not { } from || day >= from) && (EffectiveTo is not { } to || day < to) && InHours(TimeOnly.FromDateTime(localStart));
    }

    internal IEnumerable<string> Faults()
    {
        if (Window < TimeSpan.FromMinutes(1) || Window > TimeSpan.FromDays(1) || TimeSpan.FromDays(1).Ticks % Window.Ticks != 0)
        {
            yield return $"Limit {Id}: the window {Window:c} is not one minute to one day and a divisor of a day.";
        }

        if (!double.IsFinite(Limit) || !(ClearLimit <= Limit))
        {
            yield return $"Limit {Id}: the clear limit must not lie above the limit.";
        }

        if (!(MinCompleteness is >= 0 and <= 1))
        {
            yield return $"Limit {Id}: min_completeness lies in [0, 1].";
        }

        if (HoursFrom is null != HoursTo is null)
        {
            yield return $"Limit {Id}: hours_from and hours_to come together.";
        }
    }

    // From = to means all day.
    private bool InHours(TimeOnly time) => HoursFrom is not { } from || HoursTo is not { } to || from == to || time.IsBetween(from, to);
}
