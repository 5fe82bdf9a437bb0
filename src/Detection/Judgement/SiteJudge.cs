using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>What judgement says of a whole site.</summary>
/// <param name="Patches">New judgements: of patches that are new, or whose verdict or reasons differ from before; by current scene, then id.</param>
/// <param name="Findings">What people are told of it now; empty when there is nothing to tell.</param>
public sealed record SiteJudgement(string SiteId, IReadOnlyList<JudgedPatch> Patches, IReadOnlyList<Finding> Findings);

/// <summary>
/// Judges a site as one thing: its patches each by themselves, then the site by the worst of them that still stands, so that a later
/// lawful part never hides an earlier conflict, and one place gives one warning. The result depends on nothing but the arguments and
/// the rules; the clock only dates the statement. Not thread-safe: it remembers judgements of patches to save work.
/// </summary>
public sealed class SiteJudge(DetectionRules rules, IGeodesic geodesic, TimeProvider clock)
{
    public const string DetectorId = "judgement";

    private const int MemoLimit = 20_000;
    private readonly PatchJudge _judge = new(rules.Judgement, geodesic);
    private readonly Dictionary<string, Memo> _memo = new(StringComparer.Ordinal);
    private PlanIndex? _memoIndex;

    /// <summary>After a change set brought <paramref name="arrived"/> to the site.</summary>
    /// <param name="before">The site's patches as judged so far, without the new one; empty for a new site.</param>
    public SiteJudgement Arrive(string siteId, string changeSetId, ChangePatch arrived, IReadOnlyList<JudgedPatch> before, PlanIndex index)
    {
        List<(string ChangeSetId, ChangePatch Patch)> all = [.. before.Select(b => (b.ChangeSetId, b.Patch)), (changeSetId, arrived)];
        var now = JudgeAll(siteId, all, index);
        if (arrived.Kind is ChangeKind.Demolition)
        {
            // It ends the warning when it took the last of what people were warned of: what else was seen at review or conflict stands on.
            var gone = GoneOf([.. before.Select(b => b.Patch)]);
            var ends = Told(before.Where(b => !gone.Contains(b.Patch.Id))) && !Told(before.Where(now.Stands)) && !Told(now.Judged.Where(now.Stands));
            return new(siteId, Changed(before, now), ends ? [Cleared(siteId, arrived, before, now, index)] : []);
        }

        var lead = Lead(now) is { } worst ? With(worst, now, arrived) : null;
        var told = lead is not null && (lead.Judgement.Verdict >= Verdict.Review || Told(before));

        // A patch that says nothing new of a site that nobody heard of is kept, not told; nor is one that is not trusted.
        var counts = now.Judged.Single(j => j.Patch.Id == arrived.Id).Verdict is not Verdict.NotJudged
            || ClassOf(before) != ClassOf(now.Judged.Where(j => j.Patch.Id != arrived.Id));
        return new(siteId, Changed(before, now), told && counts ? [Holding(siteId, lead!, arrived, now, index, null)] : []);
    }

    /// <summary>After the map changed: findings only where verdict or reasons differ from what was said before.</summary>
    public SiteJudgement Again(string siteId, IReadOnlyList<JudgedPatch> before, PlanIndex index)
    {
        List<(string ChangeSetId, ChangePatch Patch)> all = [.. before.Select(b => (b.ChangeSetId, b.Patch))];
        var now = JudgeAll(siteId, all, index);
        var lead = Lead(now);
        var differs = ClassOf(before.Where(now.Stands)) != ClassOf(now.Judged.Where(now.Stands));
        var matters = lead is not null && (lead.Judgement.Verdict >= Verdict.Review || Told(before));
        var newest = all.Count == 0 ? null : all.MaxBy(a => (a.Patch.NotAfter, a.Patch.Id)).Patch;
        return new(siteId, Changed(before, now), differs && matters ? [Holding(siteId, lead!, newest!, now, index, index.MapVersion)] : []);
    }

    /// <param name="Gone">Ids of what demolitions took away.</param>
    private sealed record All(List<JudgedPatch> Judged, List<(ChangePatch Patch, PatchJudgement Judgement)> Pairs, SiteContext? Context, HashSet<string> Gone)
    {
        public bool Stands(ChangePatch patch) => patch.Kind is not ChangeKind.Demolition && !Gone.Contains(patch.Id);

        public bool Stands(JudgedPatch judged) => Stands(judged.Patch);
    }

    private sealed record Memo(bool Trusted, DateTimeOffset FirstNotBefore, DateTimeOffset FirstNotAfter, string Before, PatchJudgement Judgement);

    private sealed record Leading(ChangePatch Patch, PatchJudgement Judgement);

    private All JudgeAll(string siteId, List<(string ChangeSetId, ChangePatch Patch)> patches, PlanIndex index)
    {
        var gone = GoneOf([.. patches.Select(p => p.Patch)]);
        var context = ContextOf(patches.Select(p => p.Patch).Where(p => !gone.Contains(p.Id)));
        var at = clock.GetUtcNow();
        List<JudgedPatch> judged = [];
        List<(ChangePatch, PatchJudgement)> pairs = [];
        foreach (var (changeSetId, patch) in patches.OrderBy(p => p.Patch.NotAfter).ThenBy(p => p.Patch.Id, StringComparer.Ordinal))
        {
            var judgement = Judge(patch, index, context is null ? SiteContext.New(patch) : context with { BuiltBefore = BuiltBefore(patch, patches, gone, context) });
            judged.Add(new(changeSetId, patch, siteId, judgement.RegionCode, judgement.Verdict, judgement.Reasons, index.MapVersion, at));
            pairs.Add((patch, judgement));
        }

        return new(judged, pairs, context, gone);
    }

    /// <summary>What else of the site counts as built by the day of a patch: what came later makes no earlier part larger than it was.</summary>
    private List<ChangePatch> BuiltBefore(ChangePatch patch, List<(string ChangeSetId, ChangePatch Patch)> patches, HashSet<string> gone, SiteContext context) =>
    [
        .. patches.Select(p => p.Patch)
            .Where(p => p.Id != patch.Id && p.NotAfter <= patch.NotAfter && StageOf(p) is BuildingStage.Building && !gone.Contains(p.Id) && _judge.Trusts(p, context))
            .OrderBy(p => p.NotAfter).ThenBy(p => p.Id, StringComparer.Ordinal),
    ];

    private PatchJudgement Judge(ChangePatch patch, PlanIndex index, SiteContext context)
    {
        if (!ReferenceEquals(index, _memoIndex) || _memo.Count > MemoLimit)
        {
            _memo.Clear();
            _memoIndex = index;
        }

        var trusted = _judge.Trusts(patch, context);
        var before = string.Join('\n', context.BuiltBefore.Select(p => p.Id));
        if (!_memo.TryGetValue(patch.Id, out var memo)
            || (memo.Trusted, memo.FirstNotBefore, memo.FirstNotAfter, memo.Before) != (trusted, context.FirstNotBefore, context.FirstNotAfter, before))
        {
            _memo[patch.Id] = memo = new(trusted, context.FirstNotBefore, context.FirstNotAfter, before, _judge.Judge(patch, index, context));
        }

        return memo.Judgement;
    }

    private static List<JudgedPatch> Changed(IReadOnlyList<JudgedPatch> before, All now)
    {
        var old = before.ToDictionary(b => b.Patch.Id, StringComparer.Ordinal);
        return [.. now.Judged.Where(j => !old.TryGetValue(j.Patch.Id, out var was) || RecordOf(was) != RecordOf(j))];
    }

    /// <summary>
    /// What is kept of a judgement: everything it says, so that what is read does not hang on the order in which maps came. How many passes
    /// showed it is told with the finding, not kept anew with every pass.
    /// </summary>
    private static string RecordOf(JudgedPatch judged)
    {
        string[] counted = ["not-confirmed", "seen-in-passes"];
        return FindingId.Of(
        [
            judged.Verdict.ToString(),
            judged.RegionCode,
            .. judged.Reasons.Select(r => r.Code + (counted.Contains(r.Code) ? "" : string.Concat(r.Facts.Select(f => $"|{f.Key}={f.Value}")))),
        ]);
    }

    /// <summary>What the pictures so far say of the site: from its changes of a building kind that still stand.</summary>
    private SiteContext? ContextOf(IEnumerable<ChangePatch> standing)
    {
        var building = standing.Where(p => rules.Judgement.Stages.ContainsKey(p.Kind))
            .OrderBy(p => p.NotAfter).ThenBy(p => p.NotBefore).ThenBy(p => p.Id, StringComparer.Ordinal).ToList();
        return building.Count == 0
            ? null
            : new(building[0].NotBefore, building[0].NotAfter, building.Select(p => p.NotAfter).Distinct().Count(), building[^1].NotAfter - building[0].NotAfter);
    }

    /// <summary>
    /// What demolitions took away, each patch by itself: enough of it lies in what was seen gone later. Ground that was moved for buildings
    /// is gone with them, because a demolition shows where the buildings stood.
    /// </summary>
    private HashSet<string> GoneOf(List<ChangePatch> patches)
    {
        HashSet<string> gone = new(StringComparer.Ordinal);
        var demolitions = patches.Where(p => p.Kind is ChangeKind.Demolition).ToList();
        if (demolitions.Count == 0)
        {
            return gone;
        }

        // Across the meridian they are cut: turned, they are whole.
        if (patches.Exists(static p => AcrossMeridian.Reaches(p.Outline, 0)))
        {
            patches = patches.ConvertAll(AcrossMeridian.Turned);
            demolitions = demolitions.ConvertAll(AcrossMeridian.Turned);
        }

        var plane = LocalPlane.At(demolitions[0].Outline.Box);
        var shapes = patches.ToDictionary(p => p.Id, p => plane.ToMeters(p.Outline.Shape), StringComparer.Ordinal);
        foreach (var patch in patches.Where(p => p.Kind is not ChangeKind.Demolition))
        {
            var shape = shapes[patch.Id];
            var later = demolitions.Where(d => patch.NotAfter < d.NotAfter && d.Outline.Box.Intersects(patch.Outline.Box)).Select(d => shapes[d.Id]).ToList();
            var common = later.Count == 0 ? 0 : Common(shape, later.Count == 1 ? later[0] : OverlayNGRobust.Union(later));
            if (common > 0 && common >= rules.Judgement.Site.DemolishedShare * shape.Area)
            {
                gone.Add(patch.Id);
            }
        }

        var buildings = patches.Where(p => StageOf(p) is BuildingStage.Building).ToList();
        foreach (var ground in patches.Where(p => StageOf(p) is BuildingStage.Earthworks && !gone.Contains(p.Id)))
        {
            var upon = buildings.Where(b => b.NotAfter >= ground.NotAfter && b.Outline.Box.Intersects(ground.Outline.Box) && Common(shapes[b.Id], shapes[ground.Id]) * 2 >= shapes[b.Id].Area).ToList();
            if (upon.Count > 0 && upon.All(b => gone.Contains(b.Id)))
            {
                gone.Add(ground.Id);
            }
        }

        return gone;
    }

    private BuildingStage? StageOf(ChangePatch patch) => rules.Judgement.Stages.TryGetValue(patch.Kind, out var stage) ? stage : null;

    private static double Common(Geometry a, Geometry b) => OverlayNGRobust.Overlay(a, b, SpatialFunction.Intersection).Area;

    /// <summary>The worst of what stands.</summary>
    private static Leading? Lead(All now) =>
        now.Pairs
            .Where(p => p.Judgement.Verdict is not Verdict.NotJudged && now.Stands(p.Patch))
            .OrderByDescending(p => p.Judgement.Verdict)
            .ThenByDescending(p => p.Judgement.Stage is BuildingStage.Building)
            .ThenByDescending(p => p.Patch.NotAfter)
            .ThenByDescending(p => p.Patch.Outline.AreaSquareMeters)
            .ThenBy(p => p.Patch.Id, StringComparer.Ordinal)
            .Select(p => new Leading(p.Patch, p.Judgement))
            .FirstOrDefault();

    /// <summary>
    /// A patch at review or conflict speaks for itself when it arrives: a person may have judged what stood before it, so its own interval
    /// and reasons lead. It keeps the worst verdict and severity of the site, so that a mild part never hides a grave one.
    /// </summary>
    private static Leading With(Leading worst, All now, ChangePatch arrived)
    {
        var own = now.Pairs.Single(p => p.Patch.Id == arrived.Id).Judgement;
        if (own.Verdict < Verdict.Review || worst.Patch.Id == arrived.Id || arrived.NotBefore <= worst.Patch.NotBefore || !now.Stands(arrived))
        {
            return worst;
        }

        string[] about = ["stage", "parcel", "occupied-farmland", "occupied-basic-farmland", "planned-use", "height-not-compared", "stage-finding", "change-kind", "change-interval"];
        var said = own.Reasons.Select(TextOf).ToHashSet(StringComparer.Ordinal);
        return new(arrived, own with
        {
            Verdict = worst.Judgement.Verdict,
            Severity = (Severity)Math.Max((int)own.Severity, (int)worst.Judgement.Severity),
            Reasons = [.. own.Reasons, .. worst.Judgement.Reasons.Where(r => !about.Contains(r.Code) && !said.Contains(TextOf(r)))],
            Inputs = [.. own.Inputs, .. worst.Judgement.Inputs.Except(own.Inputs)],
        });

        static string TextOf(Reason reason) => reason.Code + string.Concat(reason.Facts.Select(f => $"|{f.Key}={f.Value}"));
    }

    private static bool Told(IEnumerable<JudgedPatch> patches) => patches.Any(p => p.Verdict >= Verdict.Review);

    private Finding Holding(string siteId, Leading lead, ChangePatch trigger, All now, PlanIndex index, long? mapChange)
    {
        var ruleId = lead.Judgement.Stage is BuildingStage.Surface ? JudgementRules.RedLineRuleId : JudgementRules.BuildingRuleId;
        return new Finding
        {
            Id = FindingId.Of(
                ruleId, rules.Version, DetectorId, PatchJudge.Version, siteId, trigger.Id, lead.Patch.Id, ClassOf(now.Judged),
                mapChange?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            RuleId = ruleId,
            RuleVersion = rules.Version,
            DetectorId = DetectorId,
            DetectorVersion = PatchJudge.Version,
            Subject = new(SubjectKind.Site, siteId),
            Condition = FindingCondition.Holds,
            Severity = lead.Judgement.Severity,
            PhenomenonStart = lead.Patch.NotBefore,
            PhenomenonEnd = now.Judged.Where(j => j.Verdict is not Verdict.NotJudged).Max(j => j.Patch.NotAfter),
            DetectedAt = clock.GetUtcNow(),
            RegionCode = lead.Judgement.RegionCode,
            Where = lead.Patch.Outline,
            Score = lead.Patch.Score,
            Verdict = lead.Judgement.Verdict,
            Reasons = now.Context is { } seen
                ? [.. lead.Judgement.Reasons, Reason.Of("seen-in-passes", ("count", Facts.Count(PatchJudge.Passes(lead.Patch, seen))), ("clear_pixels", Facts.Count(lead.Patch.PixelCount)))]
                : lead.Judgement.Reasons,
            Inputs = Inputs(now.Judged, lead.Judgement.Inputs),
            MapVersion = index.MapVersion,
        };
    }

    private Finding Cleared(string siteId, ChangePatch demolition, IReadOnlyList<JudgedPatch> before, All now, PlanIndex index)
    {
        var judgement = now.Pairs.Single(p => p.Patch.Id == demolition.Id).Judgement;
        return new Finding
        {
            Id = FindingId.Of(JudgementRules.BuildingRuleId, rules.Version, DetectorId, PatchJudge.Version, siteId, demolition.Id, "clears"),
            RuleId = JudgementRules.BuildingRuleId,
            RuleVersion = rules.Version,
            DetectorId = DetectorId,
            DetectorVersion = PatchJudge.Version,
            Subject = new(SubjectKind.Site, siteId),
            Condition = FindingCondition.Clears,
            Severity = Severity.Info,
            PhenomenonStart = demolition.NotBefore,
            PhenomenonEnd = demolition.NotAfter,
            DetectedAt = clock.GetUtcNow(),
            RegionCode = judgement.RegionCode ?? before.Select(b => b.RegionCode).FirstOrDefault(r => r is not null),
            Where = demolition.Outline,
            Score = demolition.Score,
            Verdict = Verdict.NotJudged,
            Reasons = judgement.Reasons,
            Inputs = Inputs(now.Judged, []),
            MapVersion = index.MapVersion,
        };
    }

    private static List<EvidenceInput> Inputs(IReadOnlyList<JudgedPatch> judged, IReadOnlyList<EvidenceInput> land) =>
    [
        .. judged.Select(j => j.ChangeSetId).Distinct().Select(id => new EvidenceInput("change-set", id)),
        .. judged.Select(j => new EvidenceInput("patch", j.Patch.Id)),
        .. land,
    ];

    /// <summary>
    /// What makes two judgements of a site different for people: verdicts, the region that answers for it, and reasons with what they name. Numbers that move a little
    /// do not.
    /// </summary>
    internal static string ClassOf(IEnumerable<JudgedPatch> patches)
    {
        string[] naming = ["permit_no", "control_line", "kind", "outcome", "document", "status", "valid_from", "valid_to", "stage", "state", "finding", "which", "shows", "use_code", "code", "plan_id"];
        string[] quiet = ["parcel", "planned-use", "height-not-compared", "change-kind", "change-interval", "seen-in-passes", "not-confirmed"];
        return FindingId.Of([.. patches.OrderBy(p => p.Patch.Id, StringComparer.Ordinal).SelectMany(p => (string?[])
        [
            p.Patch.Id,
            p.Verdict.ToString(),
            p.RegionCode,
            .. p.Reasons.Where(r => !quiet.Contains(r.Code))
                .Select(r => r.Code + "|" + string.Join("|", naming.Where(r.Facts.ContainsKey).Select(n => n + "=" + r.Facts[n])))
                .Order(StringComparer.Ordinal),
        ])]);
    }
}
