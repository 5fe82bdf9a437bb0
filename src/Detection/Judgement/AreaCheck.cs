using System.Globalization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// More area than approved: the ground that a patch surely covers is set against the area and the floor area that its permits state,
/// which a ground floor alone may exceed. Pure. What lies outside the outline of a permit is told by place, not here.
/// </summary>
internal static class AreaCheck
{
    public static CheckResult Check(PatchPlace place, BuildingStage stage, ApprovalResult approvals, JudgementRules rules)
    {
        var permits = approvals.Favourable.Where(c => c.Share > 0).ToList();
        if (rules.Size is not { } size || stage is not BuildingStage.Building || permits.Count == 0 || place.Shape.Area <= 0)
        {
            return CheckResult.Nothing;
        }

        // Each edge may lie too far out; what is left is surely covered.
        var sure = place.AreaOf(place.Shape) - (size.EdgePixels * place.Patch.GsdMeters * place.Shape.Length);

        // Asphalt is no floor: only what is surely a building, on pixels that part it from its yard, exceeds a floor area beyond doubt.
        var building = place.Patch.GsdMeters <= size.FloorMaxGsdMeters && rules.Use is { } use && place.Patch.Facts.GetValueOrDefault("certainty_building") >= use.MinCertainty;
        var verdict = Verdict.Compliant;
        List<Reason> reasons = [];
        Compare("approved_area", p => StatedArea(p, size), Verdict.Conflict);
        Compare("floor_area", p => p.FloorAreaSquareMeters, building ? Verdict.Conflict : Verdict.Review);
        return new(verdict, reasons, []);

        void Compare(string which, Func<Permit, double?> stated, Verdict when)
        {
            var chains = approvals.Stated;
            var limited = permits.Where(c => chains.States(c.Permit, stated)).ToList();
            if (limited.Count == 0 || place.Together(permits.Except(limited).Select(c => c.Near)) is not { Covers: false } unlimited)
            {
                return;
            }

            var covered = sure * unlimited.ShareBeyond;
            var allowed = Sum(limited.SelectMany(c => chains.Papers(c.Permit)).Where(p => stated(p) is not null), stated);
            if (covered - allowed is var over && over >= place.MinAreaSquareMeters && over > 0)
            {
                verdict = (Verdict)Math.Max((int)verdict, (int)when);
                reasons.Add(Reason.Of(
                    "more-area",
                    ("which", which),
                    ("area_m2", Facts.Area(covered)),
                    ("approved_m2", Facts.Area(allowed)),
                    ("permit_no", string.Join("; ", limited.Select(c => c.Permit.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5)))));
            }
        }
    }

    /// <summary>Permits of one kind are added; of the papers of one project the kind that states most counts, since they speak of the same ground.</summary>
    private static double Sum(IEnumerable<Permit> permits, Func<Permit, double?> stated) =>
        permits.GroupBy(p => p.Id)
            .Select(g => g.MaxBy(stated)!)
            .GroupBy(p => string.IsNullOrWhiteSpace(p.Project) ? "\n" + p.Id : p.Project)
            .Sum(project => project.GroupBy(p => p.Kind).Max(kind => kind.Sum(p => stated(p)!.Value)));

    private static double? StatedArea(Permit permit, SizeRules size) =>
        size.AreaFields.Select(f => permit.SourceFields.TryGetValue(f.Field, out var text)
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number > 0
                ? number * f.SquareMeters
                : (double?)null)
            .FirstOrDefault(a => a is not null);
}
