using System.Globalization;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Indicators;

/// <summary>
/// Sets a month's value against the target of its region: breached, off the straight path from base to target by more than the
/// tolerance, or neither. Pure but for the clock that dates the statement. docs/algorithms/indicators.md.
/// </summary>
public sealed class TargetJudge(string catalogueVersion, TimeProvider clock)
{
    public const string DetectorId = "indicator-target";

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "1";

    /// <param name="wasTold">Whether the newest statement about the indicator in the region says that it holds.</param>
    public Finding? Judge(IndicatorDefinition definition, IndicatorTarget target, IndicatorValue value, Region region, TimeZoneInfo zone, bool wasTold)
    {
        if (definition.Direction is IndicatorDirection.Informative || value.Value is not { } actual)
        {
            return null;
        }

        // The value stands for the whole month; it is set against the path at the month's end.
        var end = value.Month.AddMonths(1);
        if (end <= target.BaseDate)
        {
            return null;
        }

        var sign = definition.Direction is IndicatorDirection.AtMost ? 1 : -1;
        var progress = Math.Min(1, (end.DayNumber - target.BaseDate.DayNumber) / (double)(target.TargetDate.DayNumber - target.BaseDate.DayNumber));
        var expected = target.BaseValue + (progress * (target.TargetValue - target.BaseValue));

        // A limit that must not be exceeded is breached on any day; a goal to be reached is missed only when it is due.
        var due = definition.Direction is IndicatorDirection.AtMost
            ? Math.Max(target.TargetValue, target.BaseValue)
            : end > target.TargetDate ? target.TargetValue : Math.Min(target.TargetValue, target.BaseValue);
        var breached = sign * (actual - due) > target.Tolerance;
        var offCourse = sign * (actual - expected) > target.Tolerance;
        if (!breached && !offCourse && !wasTold)
        {
            return null;
        }

        var month = Facts.Day(value.Month)[..7];
        List<Reason> reasons = [];
        if (breached)
        {
            reasons.Add(Reason.Of("target-breached", ("value", Number(actual)), ("target", Number(due)), ("unit", definition.Unit), ("month", month)));
        }

        if (offCourse || !breached)
        {
            reasons.Add(Reason.Of(
                "off-course", ("value", Number(actual)), ("expected", Number(expected)), ("tolerance", Number(target.Tolerance)), ("unit", definition.Unit), ("month", month)));
        }

        var condition = breached || offCourse ? FindingCondition.Holds : FindingCondition.Clears;
        var start = At(value.Month, zone);
        return new Finding
        {
            Id = FindingId.Of(
                IndicatorCatalogue.TargetRuleId, catalogueVersion, DetectorId, Version, definition.Code, definition.DefinitionVersion, target.Version, region.Id,
                Facts.Day(value.Month), condition.ToString(), actual.ToString("R", CultureInfo.InvariantCulture)),
            RuleId = IndicatorCatalogue.TargetRuleId,
            RuleVersion = definition.DefinitionVersion + "/" + target.Version,
            DetectorId = DetectorId,
            DetectorVersion = Version,
            Subject = new(SubjectKind.Indicator, $"{definition.Code}@{region.Id}"),
            Condition = condition,
            Severity = breached ? definition.Binding ? Severity.Major : Severity.Minor : Severity.Minor,
            PhenomenonStart = start,
            PhenomenonEnd = value.InputsThrough is { } through && through > start ? through : At(end, zone),
            DetectedAt = clock.GetUtcNow(),
            RegionCode = region.Id,
            Where = region.Outline,
            Score = value.ObservableShare ?? 1,
            Reasons = reasons,
            Inputs = [new EvidenceInput("indicator-value", $"{definition.Code}@{region.Id}@{month}"), .. value.Inputs.Take(50)],
        };
    }

    private static DateTimeOffset At(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
