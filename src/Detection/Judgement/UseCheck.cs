using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Sets what a patch shows, and what is planned there, against the uses that its permits state. Pure. A kind that cannot be told, or
/// not surely enough, says nothing of use.
/// </summary>
internal static class UseCheck
{
    private const string Certainty = "certainty_";

    public static CheckResult Check(PatchPlace place, ApprovalResult approvals, DayInterval days, PlanIndex index, JudgementRules rules)
    {
        if (rules.Use is not { } use)
        {
            return CheckResult.Nothing;
        }

        var permits = approvals.Favourable;
        var stated = approvals.Stated;
        var verdict = Verdict.Compliant;
        List<Reason> reasons = [];
        if (KindOf(place.Patch, use) is { } kind && use.Kinds.FirstOrDefault(k => k.Kind == kind.Name) is { } row)
        {
            var (own, area, against) = CheckResult.Favourable(place, permits, c => Best(stated.Uses(c.Permit).Select(row.Of)));
            verdict = own;
            reasons.AddRange(against.Take(3).Select(c => Reason.Of(
                "other-use",
                ("permit_no", c.Permit.Id),
                ("use_code", string.Join("; ", stated.Uses(c.Permit))),
                ("shows", kind.Name),
                ("certainty", Facts.Share(kind.Certainty)),
                ("area_m2", Facts.Area(area)))));
        }

        List<(string Code, string Source, string Id, double Share)> planned = [.. Planned(place, days, index, rules)];
        var (plan, told) = permits.Count == 0 ? (Verdict.Compliant, []) : AgainstPlan(place, permits, stated, planned, use);
        reasons.AddRange(told);
        foreach (var (code, source, id, share) in planned)
        {
            reasons.Add(Reason.Of("planned-use", ("code", code), ("source", source), ("plan_id", id), ("share", Facts.Share(share))));
        }

        return new((Verdict)Math.Max((int)verdict, (int)plan), reasons, []);
    }

    /// <summary>The surest kind that the patch may be, when it is sure enough and no kind of "other".</summary>
    private static (string Name, double Certainty)? KindOf(ChangePatch patch, UseRules use)
    {
        if (patch.Facts.Count == 0 || patch.Facts.GetValueOrDefault("kind_cannot_be_told") > 0)
        {
            return null;
        }

        var surest = patch.Facts.Where(f => f.Key.StartsWith(Certainty, StringComparison.Ordinal))
            .OrderByDescending(f => f.Value)
            .ThenBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => (Name: f.Key[Certainty.Length..], Certainty: f.Value))
            .FirstOrDefault();
        return surest.Name is not null && surest.Certainty >= use.MinCertainty ? surest : null;
    }

    /// <summary>A permit that states no use contradicts none; of several uses the best counts.</summary>
    private static Verdict Best(IEnumerable<Verdict> verdicts) => verdicts.DefaultIfEmpty(Verdict.Compliant).Min();

    private static (Verdict Verdict, List<Reason> Reasons) AgainstPlan(
        PatchPlace place, List<Candidate> permits, Stated stated, List<(string Code, string Source, string Id, double Share)> planned, UseRules use)
    {
        List<Reason> reasons = [];
        foreach (var (code, source, id, share) in planned)
        {
            if (share < 0.5)
            {
                continue;
            }

            var (own, area, against) = CheckResult.Favourable(place, permits, c => Best(stated.Uses(c.Permit).Select(u => Agrees(u, code, source, use) ? Verdict.Compliant : Verdict.Review)));
            if (own > Verdict.Compliant)
            {
                reasons.AddRange(against.Take(1).Select(c => Reason.Of(
                    "use-against-plan",
                    ("permit_no", c.Permit.Id),
                    ("use_code", string.Join("; ", stated.Uses(c.Permit))),
                    ("code", code),
                    ("source", source),
                    ("plan_id", id),
                    ("area_m2", Facts.Area(area)))));
            }
        }

        return (reasons.Count > 0 ? use.PlanVerdict : Verdict.Compliant, reasons);
    }

    private static bool Agrees(string useCode, string planned, string source, UseRules use)
    {
        if (source == PlanKinds.Zoning)
        {
            return use.Zones.FirstOrDefault(z => z.Zone == planned)?.Unfit.Any(u => useCode.StartsWith(u, StringComparison.Ordinal)) is not true;
        }

        var digits = Math.Min(use.PlanDigits, Math.Min(useCode.Length, planned.Length));
        return digits == 0 || string.CompareOrdinal(useCode, 0, planned, 0, digits) == 0;
    }

    /// <summary>
    /// What is planned at the place, per source the largest part: the detailed plan before the planned land use before the parcel's own
    /// entry, of which the first that says something counts; and the zone.
    /// </summary>
    private static IEnumerable<(string Code, string Source, string Id, double Share)> Planned(PatchPlace place, DayInterval days, PlanIndex index, JudgementRules rules)
    {
        var plans = place.Found<PlanFeature>(index, MapLayer.Plan);
        var use = Largest(plans, PlanKinds.DetailedPlan, f => PlannedCode(f, PlanKinds.DetailedPlan))
            ?? Largest(plans, PlanKinds.LandUsePlan, f => PlannedCode(f, PlanKinds.LandUsePlan))
            ?? Largest(place.Found<Parcel>(index, MapLayer.Parcel, touching: rules.MinPermitShare > 0), "parcel", p => string.IsNullOrWhiteSpace(p.PlannedUseCode) ? null : p.PlannedUseCode);
        if (use is { } found)
        {
            yield return found;
        }

        if (Largest(plans, PlanKinds.Zoning, f => f.Kind == PlanKinds.Zoning ? f.Code : null) is { } zone)
        {
            yield return zone;
        }

        static string? PlannedCode(PlanFeature feature, string kind) => feature.Kind == kind && feature.CodeList is LandCodes.LandUse2023 ? feature.Code : null;

        // Where shares are equal the smaller id counts.
        (string, string, string, double)? Largest<TFeature>(IReadOnlyList<TFeature> features, string source, Func<TFeature, string?> codeOf)
            where TFeature : MapFeature
        {
            (string Code, string Source, string Id, double Share)? largest = null;
            foreach (var feature in features)
            {
                if (codeOf(feature) is not { } code || days.With(feature) is not (Overlap.Throughout or Overlap.EndsInside))
                {
                    continue;
                }

                // In steps of a thousand millionth, so that rounding does not decide between equals.
                var share = Math.Round(place.ShareIn(place.Near(feature.Outline)), 9);
                if (share >= rules.MinPermitShare
                    && (largest is not { } best || share > best.Share || (share == best.Share && string.CompareOrdinal(feature.Id, best.Id) < 0)))
                {
                    largest = (code, source, feature.Id, share);
                }
            }

            return largest;
        }
    }
}
