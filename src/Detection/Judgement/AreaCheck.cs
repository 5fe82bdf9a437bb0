using System.Globalization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// More area than approved: the ground that a patch, and its site by then, surely covers is set against the area and the floor area that their permits state,
/// which a ground floor alone may exceed. Pure. What lies outside the outline of a permit is told by place, not here.
/// </summary>
internal static class AreaCheck
{
    /// <param name="extent">What stands on the site by the day of the patch; null where that is the patch.</param>
    public static CheckResult Check(PatchPlace place, BuildingStage stage, ApprovalResult approvals, JudgementRules rules, SiteExtent? extent)
    {
        if (rules.Size is not { } size || stage is not BuildingStage.Building || (extent?.Approvals ?? approvals).Favourable.Count == 0 || place.Shape.Area <= 0)
        {
            return CheckResult.Nothing;
        }

        List<Excess> told = [.. Compare(place, approvals, [place.Patch], size, rules)];
        if (extent is not null)
        {
            // The site says more than the patch does: its figures are told, beside the patch's own.
            foreach (var whole in Compare(extent.Place, extent.Approvals, extent.Patches, size, rules))
            {
                told.RemoveAll(o => o.Which == whole.Which);
                told.Add(whole with { Own = SureArea(place, size), Patches = extent.Patches.Count });
            }
        }

        return told.Count == 0 ? CheckResult.Nothing : new(told.Max(e => e.Verdict), [.. told.OrderBy(e => e.Which, StringComparer.Ordinal).Select(e => e.ToReason())], []);
    }

    /// <summary>Each edge may lie too far out; what is left is surely covered.</summary>
    private static double SureArea(PatchPlace place, SizeRules size) => place.AreaOf(place.Shape) - (size.EdgePixels * place.Patch.GsdMeters * place.Shape.Length);

    private static IEnumerable<Excess> Compare(PatchPlace place, ApprovalResult approvals, IReadOnlyList<ChangePatch> patches, SizeRules size, JudgementRules rules)
    {
        var permits = approvals.Favourable.FindAll(c => c.Share > 0);
        if (permits.Count == 0)
        {
            return [];
        }

        // Asphalt is no floor: only what is surely a building, on pixels that part it from its yard, exceeds a floor area beyond doubt.
        var building = rules.Use is { } use && patches.All(p => p.GsdMeters <= size.FloorMaxGsdMeters && p.Facts.GetValueOrDefault("certainty_building") >= use.MinCertainty);
        return new[]
        {
            One("approved_area", p => StatedArea(p, size), Verdict.Conflict),
            One("floor_area", p => p.FloorAreaSquareMeters, building ? Verdict.Conflict : Verdict.Review),
        }.OfType<Excess>();

        Excess? One(string which, Func<Permit, double?> stated, Verdict when)
        {
            var chains = approvals.Stated;
            var limited = permits.FindAll(c => chains.States(c.Permit, stated));
            if (limited.Count == 0 || place.Together(permits.Except(limited).Select(c => c.Near)) is not { Covers: false } unlimited)
            {
                return null;
            }

            var covered = SureArea(place, size) * unlimited.ShareBeyond;
            var allowed = Sum(limited.SelectMany(c => chains.Papers(c.Permit)).Where(p => stated(p) is not null), stated);
            return covered - allowed is var over && over >= place.MinAreaSquareMeters && over > 0
                ? new(which, when, covered, allowed, [.. limited.Select(c => c.Permit.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(5)])
                : null;
        }
    }

    /// <param name="Area">That is surely covered, in m².</param>
    private sealed record Excess(string Which, Verdict Verdict, double Area, double Allowed, IReadOnlyList<string> Permits)
    {
        /// <summary>What the patch alone surely covers; null where nothing else is counted.</summary>
        public double? Own { get; init; }

        public int Patches { get; init; } = 1;

        public Reason ToReason() => Own is { } own
            ? Reason.Of(
                "more-area-of-site",
                ("which", Which), ("area_m2", Facts.Area(Area)), ("patch_area_m2", Facts.Area(Math.Max(0, own))), ("patches", Facts.Count(Patches)), ("approved_m2", Facts.Area(Allowed)),
                ("permit_no", string.Join("; ", Permits)))
            : Reason.Of("more-area", ("which", Which), ("area_m2", Facts.Area(Area)), ("approved_m2", Facts.Area(Allowed)), ("permit_no", string.Join("; ", Permits)));
    }

    /// <summary>Permits of one kind are added; of the papers of one project the kind that states most counts, since they speak of the same ground.</summary>
    private static double Sum(IEnumerable<Permit> permits, Func<Permit, double?> stated) =>
        permits.GroupBy(p => p.Id)
            .Select(g => g.MaxBy(stated)!)
            .GroupBy(p => string.IsNullOrWhiteSpace(p.Project) ? "\n" + p.Id : p.Project)
            .Sum(project => project.GroupBy(p => p.Kind).Max(kind => kind.Sum(p => stated(p)!.Value)));

    private static double? StatedArea(Permit permit, SizeRules size)
    {
        foreach (var field in size.AreaFields)
        {
            if (permit.SourceFields.TryGetValue(field.Field, out var text)
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && number > 0)
            {
                return number * field.SquareMeters;
            }
        }

        return null;
    }
}
