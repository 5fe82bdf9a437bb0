using System.Globalization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Findings of projects from one map version to the next: those that a version of projects or permits touches are judged before it and
/// after it, and only differences are told. Reads only what lies around them.
/// </summary>
/// <param name="plans">The register.</param>
/// <param name="rules">The rules as data.</param>
/// <param name="geodesic">For the areas that are told.</param>
/// <param name="clock">Dates the statement.</param>
public sealed class ProjectFindings(IPlanRegister plans, DetectionRules rules, IGeodesic geodesic, TimeProvider clock)
{
    public const string DetectorId = "projects";

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "1";

    private readonly ProjectJudge _judge = new(rules.Judgement, geodesic);
    private long? _knownSince;

    /// <param name="guarded">Does the work of one item, or leaves it out where it failed again and again.</param>
    public async Task<IReadOnlyList<Finding>> OfAsync(MapVersion version, Func<string, Func<IReadOnlyList<Finding>>, IReadOnlyList<Finding>> guarded, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(guarded);
        if (rules.Judgement.Projects is not { } wanted || version.Touched.IsNull
            || !(version.Layer is MapLayer.Permit || (version.Layer is MapLayer.Plan && version.PlanKind is null or PlanKinds.Project)))
        {
            return [];
        }

        var reach = PatchPlace.ReachMeters(rules.Judgement, 1);

        // The first permits say something of every project: that its papers are known.
        var first = version.Layer is MapLayer.Permit && !await KnownAsync(version.Version - 1, cancellationToken);
        var question = new MapQuestion { Box = first ? null : LocalPlane.At(version.Touched).Grow(version.Touched, reach), AsOfVersion = version.Version, PlanKind = PlanKinds.Project };
        var projects = (await plans.QueryAsync<PlanFeature>(question, cancellationToken)).Where(p => p.Kind == PlanKinds.Project && p.Code is { } code && wanted.Stages.Contains(code)).ToList();
        if (projects.Count == 0)
        {
            return [];
        }

        var before = (await plans.QueryAsync<PlanFeature>(question with { AsOfVersion = version.Version - 1 }, cancellationToken)).Where(p => p.Kind == PlanKinds.Project).ToLookup(p => p.Id, StringComparer.Ordinal);
        var box = new Envelope();
        projects.ForEach(p => box.ExpandToInclude(p.Outline.Box));
        var around = new MapQuestion { Box = LocalPlane.At(box).Grow(box, reach), AsOfVersion = version.Version };
        var now = await IndexAsync(around, cancellationToken);
        var then = version.Layer is MapLayer.Permit ? await IndexAsync(around with { AsOfVersion = version.Version - 1 }, cancellationToken) : now;
        var day = DayInterval.DayOf(version.KnownFrom, TimeZoneInfo.FindSystemTimeZoneById(rules.Judgement.TimeZone));
        List<Finding> told = [];
        foreach (var project in projects.GroupBy(p => p.Id).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.FirstOrDefault(p => p.InForceOn(day)) ?? g.Last()))
        {
            told.AddRange(guarded($"project {project.Id} at map version {version.Version}", () =>
            {
                var judged = _judge.Judge(project, day, now);
                var was = before[project.Id].Where(p => p.InForceOn(day)).Select(p => _judge.Judge(p, day, then)).FirstOrDefault() ?? new(Verdict.NotJudged, [], []);
                var matters = judged.Verdict >= Verdict.Review || was.Verdict >= Verdict.Review;
                return matters && judged.Verdict is not Verdict.NotJudged && ClassOf(judged) != ClassOf(was) ? [Of(project, judged, version, now, day, wanted)] : [];
            }));
        }

        return told;
    }

    private async Task<PlanIndex> IndexAsync(MapQuestion around, CancellationToken cancellationToken)
    {
        if (around.AsOfVersion <= 0)
        {
            return PlanIndex.Empty;
        }

        List<MapFeature> features = [.. await plans.QueryAsync<Permit>(around, cancellationToken)];

        // None around may mean that there are none there, or that nobody ever gave any.
        var known = features.Count > 0 || await KnownAsync(around.AsOfVersion!.Value, cancellationToken);
        features.AddRange(await plans.QueryAsync<Region>(around, cancellationToken));
        return PlanIndex.Of(features, known ? [MapLayer.Permit] : [], around.AsOfVersion ?? 0);
    }

    /// <summary>Whether the register held permits at a version. They never leave it, so one look that found some is enough.</summary>
    private async Task<bool> KnownAsync(long version, CancellationToken cancellationToken)
    {
        if (version > 0 && !(_knownSince <= version) && (await plans.QueryAsync<Permit>(new MapQuestion { AsOfVersion = version }, cancellationToken)).Count > 0)
        {
            _knownSince = version;
        }

        return _knownSince <= version;
    }

    private static string ClassOf(ProjectJudgement judgement) => FindingId.Of(
        [judgement.Verdict.ToString(), .. judgement.Reasons.Select(r => r.Code + "|" + r.Facts.GetValueOrDefault("permit_no")).Order(StringComparer.Ordinal)]);

    private Finding Of(PlanFeature project, ProjectJudgement judged, MapVersion version, PlanIndex index, DateOnly day, ProjectRules wanted) => new()
    {
        Id = FindingId.Of(
            JudgementRules.ProjectRuleId, rules.Version, DetectorId, Version, project.Id, version.Version.ToString(CultureInfo.InvariantCulture), ClassOf(judged)),
        RuleId = JudgementRules.ProjectRuleId,
        RuleVersion = rules.Version,
        DetectorId = DetectorId,
        DetectorVersion = Version,
        Subject = new(SubjectKind.Site, "project-" + FindingId.Of(project.Id)),
        Condition = FindingCondition.Holds,
        Severity = judged.Verdict is Verdict.Conflict ? wanted.Severity : judged.Verdict is Verdict.Review ? Severity.Minor : Severity.Info,
        PhenomenonStart = version.KnownFrom,
        PhenomenonEnd = version.KnownFrom,
        DetectedAt = clock.GetUtcNow(),
        RegionCode = index.RegionAt(project.Outline.Shape.InteriorPoint.Coordinate, day)?.Id,
        Where = project.Outline,
        Score = 1,
        Verdict = judged.Verdict,
        Reasons = judged.Reasons,
        Inputs = judged.Inputs,
        MapVersion = version.Version,
    };
}
