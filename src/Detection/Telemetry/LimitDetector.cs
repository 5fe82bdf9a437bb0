using System.Globalization;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Sensing;

namespace Monitoring.Detection.Telemetry;

/// <summary>
/// Sets one closed window of a datastream against a limit with hysteresis. Pure but for the clock that dates the statement.
/// docs/algorithms/limits.md.
/// </summary>
/// <remarks>
/// A window that is not complete enough states nothing: a gap neither makes nor clears. Above the limit the condition holds; at or
/// below the clear limit it is cleared; in between it stays as it was. Clearing is stated only where the condition held before, and
/// again at each closed window until two such statements lie the rule's KeepFiringFor apart.
/// </remarks>
public sealed class LimitDetector(DetectionRules rules, TimeProvider clock)
{
    public const string DetectorId = "limit";

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "2";

    /// <summary>The value of a window.</summary>
    /// <param name="Value">By the rule's aggregation, or null when there is no number.</param>
    /// <param name="Completeness">Share in [0, 1] of the expected results that are there and fit for use; null for an irregular datastream.</param>
    /// <param name="Count">Results that went in.</param>
    internal readonly record struct WindowValue(double? Value, double? Completeness, int Count);

    internal Finding? Evaluate(
        TelemetryRule rule, TelemetrySource source, DateTimeOffset start, IEnumerable<WindowResult> results, Statements statements, PlanIndex index)
    {
        var window = Combine(results, rule.Aggregation ?? source.Datastream.Aggregation, rule.Window, source.Datastream.ExpectedInterval);
        if (window.Value is not { } value || (window.Completeness ?? 0) < rule.MinCompleteness)
        {
            return null;
        }

        var applies = rule.Applies(TimeZoneInfo.ConvertTime(start, source.Zone).DateTime);
        var before = statements.Before(start);
        var condition = applies && value > rule.Limit ? FindingCondition.Holds
            : !applies || value <= rule.ClearLimit ? FindingCondition.Clears
            : before ?? FindingCondition.Clears;
        var said = statements.At(start);
        if (condition is FindingCondition.Clears && said is not FindingCondition.Holds && !statements.MustSayCleared(start, rules.Find(rule.RuleId)?.KeepFiringFor ?? TimeSpan.Zero))
        {
            return null;
        }

        return said == condition ? null : Tell(rule, source, start, window, value, condition, applies, index);
    }

    internal static WindowValue Combine(IEnumerable<WindowResult> results, Aggregation aggregation, TimeSpan length, TimeSpan? interval)
    {
        double sum = 0;
        var max = double.NegativeInfinity;
        var count = 0;
        foreach (var result in results)
        {
            if (result.Disqualified || result.Number is not { } number)
            {
                continue;
            }

            count++;
            max = Math.Max(max, number);

            // Sound is averaged in energy: Leq = 10·log10(mean(10^(L/10))).
            sum += aggregation is Aggregation.EnergyMean ? Math.Pow(10, number / 10) : number;
        }

        double? completeness = interval is { Ticks: > 0 } every ? Math.Min(1, count / Math.Max(1.0, (double)length.Ticks / every.Ticks)) : null;
        double? value = count == 0 ? null : aggregation switch
        {
            Aggregation.EnergyMean => 10 * Math.Log10(sum / count),
            Aggregation.Mean => sum / count,
            Aggregation.Max => max,
            Aggregation.Sum => sum,
            _ => null,
        };
        return new(value, completeness, count);
    }

    /// <summary>
    /// Sets an episode against the permits that allow it. One in force near makes it compliant; none, a matter for review. A register that
    /// holds no permit of such a kind says nothing of it.
    /// </summary>
    private (Verdict Verdict, Reason? Reason) Permitted(TelemetryRule rule, TelemetrySource source, DateTimeOffset start, PlanIndex index)
    {
        if (rule.PermittedBy is not { } kinds || !kinds.Any(index.PermitKinds.Contains))
        {
            return (Verdict.NotJudged, null);
        }

        var near = rules.Activity.NearMeters;
        return NearbyPermits.Nearest(source, DayInterval.DayOf(start, source.Zone), index, near, p => kinds.Contains(p.Kind)) is { } found
            ? (Verdict.Compliant, Reason.Of("episode-permitted", ("permit_no", found.Permit.Id), ("kind", found.Permit.Kind), ("distance_m", Facts.Area(found.Distance))))
            : (Verdict.Review, Reason.Of("episode-not-permitted", ("distance_m", Facts.Area(near))));
    }

    private Finding Tell(
        TelemetryRule rule, TelemetrySource source, DateTimeOffset start, WindowValue window, double value, FindingCondition condition, bool applies, PlanIndex index)
    {
        var (verdict, permitted) = condition is FindingCondition.Holds ? Permitted(rule, source, start, index) : (Verdict.NotJudged, null);
        var datastream = source.Datastream.Id;
        var end = start + rule.Window;
        var code = condition is FindingCondition.Holds ? "limit-exceeded" : applies ? "limit-cleared" : "limit-hours-ended";
        return new Finding
        {
            Id = FindingId.Of(
                rule.RuleId, rules.Version, rule.Version, DetectorId, Version, datastream, Facts.Time(start), condition.ToString(),
                window.Count.ToString(CultureInfo.InvariantCulture), value.ToString("R", CultureInfo.InvariantCulture)),
            RuleId = rule.RuleId,
            RuleVersion = rules.Version,
            DetectorId = DetectorId,
            DetectorVersion = Version,
            Subject = new(SubjectKind.Datastream, datastream),
            Condition = condition,
            Severity = verdict is Verdict.Compliant ? Severity.Info : rule.Severity,
            Verdict = verdict,
            MapVersion = permitted is null ? null : index.MapVersion,
            PhenomenonStart = start,
            PhenomenonEnd = end,
            DetectedAt = clock.GetUtcNow(),
            RegionCode = source.Thing.RegionCode,
            Where = source.Where,
            Score = window.Completeness ?? 1,
            Reasons =
            [
                Reason.Of(
                    code,
                    ("property", rule.Property),
                    ("value", value.ToString("0.0", CultureInfo.InvariantCulture)),
                    ("limit", Facts.Number(condition is FindingCondition.Clears && value <= rule.ClearLimit ? rule.ClearLimit : rule.Limit)),
                    ("unit", rule.Unit),
                    ("window_minutes", Facts.Number(rule.Window.TotalMinutes)),
                    ("completeness", Facts.Share(window.Completeness ?? 1))),
                .. permitted is null ? Array.Empty<Reason>() : [permitted],
            ],
            Inputs = [new EvidenceInput("observations", $"{datastream}@{Facts.Time(start)}/{Facts.Time(end)}")],
        };
    }
}
