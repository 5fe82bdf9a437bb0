using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// More height than approved, where a height is known: the patch's own (fact <c>height_m</c> with <c>height_sd_m</c>, from a surface
/// model), or that of a building of a city model made since. Pure. Without a height nothing is compared, which is said once.
/// </summary>
internal static class HeightCheck
{
    public static CheckResult Check(PatchPlace place, BuildingStage stage, ApprovalResult approvals, DayInterval days, PlanIndex index, JudgementRules rules)
    {
        if (rules.Size is not { } size || stage is not BuildingStage.Building || approvals.Favourable.Count == 0)
        {
            return CheckResult.Nothing;
        }

        var permits = approvals.Favourable.FindAll(c => c.Share > 0);
        var stated = approvals.Stated;
        var limits = permits.Select(c => stated.Height(c.Permit)).OfType<double>().ToList();
        if (limits.Count == 0)
        {
            return CheckResult.Nothing;
        }

        if (HeightOf(place, days, index, size) is not { } height)
        {
            return new(Verdict.Compliant, [Reason.Of("height-not-compared", ("max_height_m", Facts.Number(limits.Max())))], []);
        }

        var (verdict, _, against) = CheckResult.Favourable(place, permits, c => stated.Height(c.Permit) switch
        {
            null => Verdict.Compliant,
            { } limit when height.Meters <= limit + size.HeightToleranceMeters => Verdict.Compliant,
            { } limit when height.Meters - (size.HeightSigmas * height.Sd) <= limit + size.HeightToleranceMeters => Verdict.Review,
            _ => Verdict.Conflict,
        });
        return new(
            verdict,
            [.. against.Take(1).Select(c => Reason.Of(
                "more-height",
                ("permit_no", c.Permit.Id),
                ("height_m", Facts.Number(height.Meters)),
                ("height_sd_m", Facts.Number(height.Sd)),
                ("max_height_m", Facts.Number(stated.Height(c.Permit)!.Value)),
                ("source", height.Source)))],
            height.Source == "patch" || verdict is Verdict.Compliant ? [] : [new EvidenceInput("building", height.Source)]);
    }

    private static (double Meters, double Sd, string Source)? HeightOf(PatchPlace place, DayInterval days, PlanIndex index, SizeRules size)
    {
        if (place.Patch.Facts.TryGetValue("height_m", out var own) && double.IsFinite(own) && own >= 0)
        {
            return (own, place.Patch.Facts.TryGetValue("height_sd_m", out var sd) && sd >= 0 ? sd : size.HeightSdMeters, "patch");
        }

        // A model made before the change does not show it; one without a date may be either.
        return place.Found<PlanFeature>(index, MapLayer.Plan)
            .Where(f => f.Kind == PlanKinds.Building && f.EffectiveFrom >= days.Last && f.Number("height_m") is >= 0)
            .Select(f => (Feature: f, Near: place.Near(f.Outline)))
            .Where(f => f.Near.Cut.Area > 0 && place.Inside(f.Near.Cut).Area * 2 >= f.Near.Cut.Area)
            .OrderByDescending(f => f.Feature.Number("height_m"))
            .ThenBy(f => f.Feature.Id, StringComparer.Ordinal)
            .Select(f => ((double, double, string)?)(f.Feature.Number("height_m")!.Value, f.Feature.Number("height_sd_m") ?? size.HeightSdMeters, f.Feature.Id))
            .FirstOrDefault();
    }
}
