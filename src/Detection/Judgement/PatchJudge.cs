using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>What is known of the site a patch belongs to, from the pictures so far.</summary>
/// <param name="FirstNotBefore">Start of the interval of the site's first change of a building kind.</param>
/// <param name="FirstNotAfter">End of that interval.</param>
/// <param name="Passes">Distinct current scenes that showed a change of a building kind there, ≥ 1.</param>
/// <param name="SeenFor">Time from the first of those scenes to the last.</param>
public sealed record SiteContext(DateTimeOffset FirstNotBefore, DateTimeOffset FirstNotAfter, int Passes, TimeSpan SeenFor)
{
    /// <summary>
    /// The site's other patches at the stage of building that stand, are trusted and were seen no later than the patch that is judged: with it they are what stands there by
    /// then. Empty for a patch by itself.
    /// </summary>
    public IReadOnlyList<ChangePatch> BuiltBefore { get; init; } = [];

    /// <summary>A patch that nobody saw before.</summary>
    public static SiteContext New(ChangePatch patch) => new(patch.NotBefore, patch.NotAfter, 1, TimeSpan.Zero);
}

/// <summary>What judgement says of one patch.</summary>
/// <param name="Stage">Stage of building, or null when its kind is no matter of judgement.</param>
/// <param name="Reasons">Why, most telling first.</param>
/// <param name="Inputs">Permits and control lines that played a part.</param>
public sealed record PatchJudgement(
    Verdict Verdict, BuildingStage? Stage, Severity Severity, string? RegionCode, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs);

/// <summary>
/// Judges a patch against the approvals and control lines in force when it may have happened. A pure function of patch, map, rules and
/// what is known of its site; a clue for people, never a statement that something is unlawful. docs/algorithms/judgement.md.
/// </summary>
/// <param name="rules">The rules as data.</param>
/// <param name="geodesic">For the areas that are told.</param>
public sealed class PatchJudge(JudgementRules rules, IGeodesic geodesic)
{
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(rules.TimeZone);

    /// <summary>Decide everything by overlays and buffers, as the quick ways are held to.</summary>
    internal bool ByOverlay { get; init; }

    /// <summary>Changes with the meaning of results.</summary>
    public const string Version = "4";

    /// <summary>Whether score and sightings are enough for a verdict: any row of the confirmation table for its stage is.</summary>
    public bool Trusts(ChangePatch patch, SiteContext site) =>
        rules.Stages.TryGetValue(patch.Kind, out var stage)
        && rules.Confirmation.Any(r => r.Stage == stage && patch.Score >= r.MinScore && Passes(patch, site) >= r.Passes && site.SeenFor.TotalDays >= r.Days);

    /// <summary>Passes that showed it: those of its site, or those that a detector of series counted itself.</summary>
    public static int Passes(ChangePatch patch, SiteContext site) =>
        Math.Max(site.Passes, patch.Facts.TryGetValue("seen_in_passes", out var seen) && seen is >= 1 and < 1e6 ? (int)seen : 1);

    /// <param name="site">What is known of its site; null = judge it by itself and trust it whatever its score, as for a single comparison.</param>
    public PatchJudgement Judge(ChangePatch patch, PlanIndex index, SiteContext? site = null)
    {
        ArgumentNullException.ThrowIfNull(patch);
        ArgumentNullException.ThrowIfNull(index);
        IReadOnlyList<ChangePatch> all = [patch, .. site?.BuiltBefore ?? []];
        var reach = PatchPlace.ReachMeters(rules, all.Max(static p => p.GsdMeters));
        if (all.Any(p => AcrossMeridian.Reaches(p.Outline, reach)))
        {
            var box = new NetTopologySuite.Geometries.Envelope();
            all = [.. all.Select(AcrossMeridian.Turned)];
            foreach (var one in all)
            {
                box.ExpandToInclude(one.Outline.Box);
            }

            var grown = LocalPlane.At(box).Grow(box, reach);
            (patch, index) = (all[0], index.TurnedAround(new(grown.MinX + 180, grown.MaxX + 180, grown.MinY, grown.MaxY)));
            site = site is null ? null : site with { BuiltBefore = [.. all.Skip(1)] };
        }

        var center = patch.Outline.Shape.IsEmpty ? new NetTopologySuite.Geometries.Coordinate(0, 0) : patch.Outline.Shape.InteriorPoint.Coordinate;
        var region = index.RegionAt(center, DayInterval.DayOf(patch.NotAfter, _zone));
        var zone = region is not null && region.TimeZone != rules.TimeZone && TimeZoneInfo.TryFindSystemTimeZoneById(region.TimeZone, out var found) ? found : _zone;
        List<Reason> about =
        [
            Reason.Of("change-kind", ("kind", Facts.Code(patch.Kind)), ("score", Facts.Share(patch.Score))),
            Reason.Of("change-interval", ("not_before", Facts.Time(patch.NotBefore)), ("not_after", Facts.Time(patch.NotAfter))),
        ];

        if (patch.Kind is ChangeKind.Demolition)
        {
            var seen = Reason.Of("demolition-seen", ("not_before", Facts.Time(patch.NotBefore)), ("not_after", Facts.Time(patch.NotAfter)));
            return NotJudged(null, [seen, .. about]);
        }

        if (patch.Outline.Shape.IsEmpty)
        {
            return NotJudged(null, [Reason.Of("kind-not-judged", ("kind", Facts.Code(patch.Kind))), .. about]);
        }

        var days = DayInterval.Of(patch.NotBefore, patch.NotAfter, zone);
        var place = new PatchPlace(patch, rules, geodesic, ByOverlay);
        if (!rules.Stages.TryGetValue(patch.Kind, out var stage))
        {
            return NotJudged(null, [Reason.Of("kind-not-judged", ("kind", Facts.Code(patch.Kind))), .. Occupied(false), .. about]);
        }

        if (!index.Knows(MapLayer.Permit) && !index.Knows(MapLayer.ControlLine))
        {
            return NotJudged(stage, [Reason.Of("no-plan-data"), .. Occupied(false), .. about]);
        }

        if (site is not null)
        {
            if (!Trusts(patch, site))
            {
                return NotJudged(stage, [Reason.Of("not-confirmed", ("score", Facts.Share(patch.Score)), ("passes", Facts.Count(Passes(patch, site)))), .. Occupied(false), .. about]);
            }
        }

        var started = StartOf(patch, days);
        var surface = stage is BuildingStage.Surface;
        var approvals = surface ? OfSurface(place, days, started, index) : ApprovalCheck.Check(place, stage, days, started, index, rules);
        var lines = ControlLineCheck.Check(place, approvals, days, region, index, rules, surface);
        if (surface && lines.Reasons.Count == 0)
        {
            return NotJudged(null, [Reason.Of("kind-not-judged", ("kind", Facts.Code(patch.Kind))), .. Occupied(false), .. about]);
        }

        List<CheckResult> checks = [new(approvals.Verdict, approvals.Reasons, approvals.Inputs), new(lines.Verdict, lines.Reasons, lines.Inputs)];
        if (!surface)
        {
            checks.Add(UseCheck.Check(place, approvals, days, index, rules));
            var extent = site is null || stage is not BuildingStage.Building || rules.Size is null ? null
                : SiteExtent.Of((place, approvals), site.BuiltBefore, p => DayInterval.Of(p.NotBefore, p.NotAfter, zone) is var own ? (own, StartOf(p, own)) : default, index, rules, geodesic);
            checks.Add(AreaCheck.Check(place, stage, approvals, rules, extent));
            checks.Add(HeightCheck.Check(place, stage, approvals, days, index, rules));
        }

        // Most telling first: what decided the verdict, then the rest, each in the order of the checks.
        var verdict = checks.Max(c => c.Verdict);
        List<Reason> reasons = new(24);
        List<EvidenceInput> inputs = [];
        for (var weight = verdict; weight >= Verdict.NotJudged; weight--)
        {
            foreach (var check in checks)
            {
                if (check.Verdict == weight)
                {
                    Add(check.Reasons, atEnd: false);
                }
            }
        }

        reasons.AddRange(surface ? [] : StageFindings.Of(place, stage, approvals, days, started, index, rules));
        reasons.Add(Reason.Of("stage", ("stage", Facts.Code(stage))));
        reasons.AddRange(Occupied(true));
        foreach (var check in checks)
        {
            Add(check.Reasons, atEnd: true);
            foreach (var input in check.Inputs)
            {
                if (!inputs.Contains(input))
                {
                    inputs.Add(input);
                }
            }
        }

        AddParcels(reasons, place, index, days);
        reasons.AddRange(about);
        return new(verdict, stage, SeverityOf(verdict, stage, patch, lines.Weight), region?.Id, [.. reasons], [.. inputs]);

        void Add(IReadOnlyList<Reason> own, bool atEnd)
        {
            foreach (var reason in own)
            {
                if (About(reason) == atEnd)
                {
                    reasons.Add(reason);
                }
            }
        }

        PatchJudgement NotJudged(BuildingStage? atStage, IReadOnlyList<Reason> why) => new(Verdict.NotJudged, atStage, Severity.Info, region?.Id, why, []);

        DayInterval StartOf(ChangePatch of, DayInterval own) => site is null || site.FirstNotBefore > of.NotBefore ? own : DayInterval.Of(site.FirstNotBefore, site.FirstNotAfter, zone);

        IEnumerable<Reason> Occupied(bool always) => OccupiedLand.Of(place, days, region, index, always);

        static bool About(Reason reason) => reason.Code is "planned-use" or "height-not-compared";
    }

    /// <summary>What lies on the surface needs no approval of its own; inside the red line one that covers it, with its document, is told.</summary>
    private ApprovalResult OfSurface(PatchPlace place, DayInterval days, DayInterval started, PlanIndex index)
    {
        if (place.Found<ControlLine>(index, MapLayer.ControlLine).Any(l => l.Kind is ControlLineKind.EcologicalProtectionRedLine)
            && ApprovalCheck.Check(place, BuildingStage.Earthworks, days, started, index, rules) is { Covered: true } covered)
        {
            return covered;
        }

        return new(Verdict.Compliant, false, null, 0, [], []);
    }

    private Severity SeverityOf(Verdict verdict, BuildingStage stage, ChangePatch patch, int weight)
    {
        if (verdict is not Verdict.Conflict)
        {
            return verdict is Verdict.Review ? Severity.Minor : Severity.Info;
        }

        var steps = weight + (patch.Outline.AreaSquareMeters >= rules.Severity.LargeSquareMeters ? 1 : 0);
        var basis = stage is BuildingStage.Building ? rules.Severity.Building : rules.Severity.Earthworks;
        return (Severity)Math.Min((int)Severity.Critical, (int)basis + steps);
    }

    /// <summary>The parcels touched, the largest part first, at most ten.</summary>
    private static void AddParcels(List<Reason> reasons, PatchPlace place, PlanIndex index, DayInterval days)
    {
        const int named = 10;
        List<(Parcel Parcel, double Area)> touched = [];
        var least = Math.Max(1, place.MinAreaSquareMeters / 4);
        foreach (var parcel in place.Found<Parcel>(index, MapLayer.Parcel, touching: true))
        {
            if (days.With(parcel) is not (Overlap.Before or Overlap.After) && place.Near(parcel.Outline) is var near && place.CommonWith(near) >= least)
            {
                touched.Add((parcel, place.AreaInside(near)));
            }
        }

        // In steps of a square millimetre, so that rounding does not decide between equals.
        touched.Sort((a, b) => Math.Round(b.Area, 6).CompareTo(Math.Round(a.Area, 6)) is var order && order != 0 ? order : string.CompareOrdinal(a.Parcel.Id, b.Parcel.Id));
        foreach (var (parcel, area) in touched.Take(named))
        {
            reasons.Add(Reason.Of(
                "parcel",
                ("parcel_id", parcel.Id),
                ("use_code", parcel.UseCode ?? ""),
                ("planned_use_code", parcel.PlannedUseCode ?? ""),
                ("area_m2", Facts.Area(area))));
        }
    }
}
