using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>Findings of changed control lines from one map version to the next. Reads only what the version touched.</summary>
/// <param name="plans">The register.</param>
/// <param name="rules">The rules as data.</param>
/// <param name="geodesic">For the areas that are told.</param>
/// <param name="clock">Dates the statement.</param>
public sealed class LineChangeFindings(IPlanRegister plans, DetectionRules rules, IGeodesic geodesic, TimeProvider clock)
{
    public const string DetectorId = "control-lines";

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "1";

    /// <summary>What a version that brought control lines says; empty for other layers.</summary>
    public async Task<IReadOnlyList<Finding>> OfAsync(MapVersion version, Func<string, Func<IReadOnlyList<Finding>>, IReadOnlyList<Finding>> guarded, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(guarded);
        if (version.Layer is not MapLayer.ControlLine || version.Version <= 1 || version.Touched.IsNull || rules.Judgement.LineChanges is not { } changes)
        {
            return [];
        }

        var question = new MapQuestion { Box = version.Touched, AsOfVersion = version.Version };
        var before = await plans.QueryAsync<ControlLine>(question with { AsOfVersion = version.Version - 1 }, cancellationToken);
        if (before.Count == 0)
        {
            return [];
        }

        var after = await plans.QueryAsync<ControlLine>(question, cancellationToken);
        var regions = PlanIndex.Of(await plans.QueryAsync<Region>(question, cancellationToken));
        return guarded($"control lines at map version {version.Version}", () =>
            [.. new LineChangeCheck(changes, geodesic).Check(Ordered(before), Ordered(after), version.Version).Select(c => Of(c, version, regions))]);
    }

    /// <summary>Periods in one order, so that lists of the same periods compare equal.</summary>
    private static List<ControlLine> Ordered(IEnumerable<ControlLine> lines) =>
        [.. lines.OrderBy(l => l.Id, StringComparer.Ordinal).ThenBy(l => l.EffectiveFrom ?? DateOnly.MinValue).ThenBy(l => l.EffectiveTo ?? DateOnly.MaxValue)];

    private Finding Of(LineChange change, MapVersion version, PlanIndex regions)
    {
        var day = DayInterval.DayOf(version.KnownFrom, TimeZoneInfo.FindSystemTimeZoneById(rules.Judgement.TimeZone));
        return new Finding
        {
            Id = FindingId.Of(
                JudgementRules.LineRuleId, rules.Version, DetectorId, Version, change.LineId, version.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            RuleId = JudgementRules.LineRuleId,
            RuleVersion = rules.Version,
            DetectorId = DetectorId,
            DetectorVersion = Version,
            Subject = new(SubjectKind.Site, "line-" + FindingId.Of(change.LineId)),
            Condition = FindingCondition.Holds,
            Severity = change.Severity,
            PhenomenonStart = version.KnownFrom,
            PhenomenonEnd = version.KnownFrom,
            DetectedAt = clock.GetUtcNow(),
            RegionCode = regions.RegionAt(change.Where.Shape.InteriorPoint.Coordinate, day)?.Id,
            Where = change.Where,
            Score = 1,
            Verdict = change.Verdict,
            Reasons = change.Reasons,
            Inputs = [new EvidenceInput("control-line", change.LineId)],
            MapVersion = version.Version,
        };
    }
}
