using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>What the approvals say about a patch.</summary>
/// <param name="Covered">An approval that was in force covers the whole patch.</param>
/// <param name="Document">Document of the covering approval, if it names one.</param>
/// <param name="Unapproved">Area in m² that no approval covers.</param>
internal sealed record ApprovalResult(Verdict Verdict, bool Covered, string? Document, double Unapproved, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs);

/// <summary>
/// Sets a patch against the approvals that were in force when it may have happened. Pure. The decision table is in
/// docs/algorithms/judgement.md.
/// </summary>
internal static class ApprovalCheck
{
    /// <param name="days">Days on which the patch may have happened.</param>
    /// <param name="started">Days on which the site's first change may have happened; building that began under an approval may go on after it expired.</param>
    public static ApprovalResult Check(PatchPlace place, BuildingStage stage, DayInterval days, DayInterval started, PlanIndex index, JudgementRules rules)
    {
        if (!index.Knows(MapLayer.Permit))
        {
            return new(Verdict.Review, false, null, 0, [Reason.Of("approvals-unknown")], []);
        }

        var candidates = index.InBox<Permit>(MapLayer.Permit, place.SearchBox)
            .Select(p => Candidate.Of(p, place, stage, days, started, rules))
            .Where(c => !c.Near.IsEmpty)
            .GroupBy(c => c.Permit.Id)
            .Select(g => g.OrderBy(c => c.Standing).First())
            .ToList();

        List<Candidate> Standing(params Standing[] which) => [.. candidates.Where(c => which.Contains(c.Standing))];
        var inForce = Standing(Judgement.Standing.InForce);
        var soft = Standing(Judgement.Standing.EndsInside, Judgement.Standing.BeginsInside, Judgement.Standing.Partial);
        var firm = place.Union(inForce.Select(c => c.Near));
        var wide = place.Union([firm, .. soft.Select(c => c.Near)]);
        var beyondFirm = place.Beyond(firm);
        var beyondWide = place.Beyond(wide);
        var named = candidates.Where(c => c.Share >= rules.MinPermitShare).ToList();
        var inputs = named.Select(c => new EvidenceInput("permit", c.Permit.Id)).ToList();
        var approved = inForce.Where(c => c.Share >= rules.MinPermitShare)
            .Select(c => Reason.Of("approved", ("permit_no", c.Permit.Id), ("kind", c.Permit.Kind), ("share", Facts.Share(c.Share))));

        var missing = place.AreaOf(beyondWide);
        if (missing >= place.MinAreaSquareMeters && !beyondWide.IsEmpty)
        {
            List<Reason> reasons = [];
            if (place.ShareIn(wide) >= rules.MinPermitShare)
            {
                var nearest = inForce.Concat(soft).OrderByDescending(c => c.Share).ThenBy(c => c.Permit.Id, StringComparer.Ordinal).First();
                reasons.Add(Reason.Of(
                    "outside-approval",
                    ("permit_no", nearest.Permit.Id),
                    ("area_m2", Facts.Area(missing)),
                    ("distance_m", Facts.Area(PatchPlace.Reach(beyondWide, wide)))));
            }

            reasons.AddRange(Told(named.Where(c => c.Standing is not Judgement.Standing.InForce), days));
            if (place.ShareIn(wide) < rules.MinPermitShare)
            {
                reasons.Add(Reason.Of("no-approval", ("area_m2", Facts.Area(missing)), ("share", Facts.Share(beyondWide.Area / place.Shape.Area))));
            }

            return new(Verdict.Conflict, false, null, missing, [.. reasons, .. approved], inputs);
        }

        var doubtful = place.AreaOf(beyondFirm);
        if (doubtful >= place.MinAreaSquareMeters && !beyondFirm.IsEmpty)
        {
            return new(Verdict.Review, false, null, doubtful, [.. Told(soft, days), .. approved], inputs);
        }

        var document = inForce.Where(c => !string.IsNullOrWhiteSpace(c.Permit.Document)).OrderByDescending(c => c.Share).FirstOrDefault()?.Permit.Document;
        return new(Verdict.Compliant, true, document, 0, [.. approved], inputs);
    }

    private static IEnumerable<Reason> Told(IEnumerable<Candidate> candidates, DayInterval days) =>
        from c in candidates.OrderBy(c => c.Standing).ThenByDescending(c => c.Share).ThenBy(c => c.Permit.Id, StringComparer.Ordinal)
        let no = ("permit_no", c.Permit.Id)
        select c.Standing switch
        {
            Judgement.Standing.BeginsInside => Reason.Of(
                "approval-began-in-interval", no, ("valid_from", Facts.Day(c.From)), ("not_before", Facts.Day(days.First)), ("not_after", Facts.Day(days.Last))),
            Judgement.Standing.EndsInside or Judgement.Standing.Expired => Reason.Of("approval-expired", no, ("valid_to", Facts.Day(c.Permit.EffectiveTo))),
            Judgement.Standing.NotGranted => Reason.Of("approval-not-granted", no, ("status", Facts.Code(c.Permit.Status))),
            Judgement.Standing.Later => Reason.Of("approval-later", no, ("valid_from", Facts.Day(c.From)), ("not_after", Facts.Day(days.Last))),
            Judgement.Standing.Partial => Reason.Of("approval-partial", no, ("kind", c.Permit.Kind)),
            _ => Reason.Of("approval-insufficient", no, ("kind", c.Permit.Kind)),
        };

    private sealed record Candidate(Permit Permit, DateOnly? From, Geometry Near, double Share, Standing Standing)
    {
        public static Candidate Of(Permit permit, PatchPlace place, BuildingStage stage, DayInterval days, DayInterval started, JudgementRules rules)
        {
            var near = place.Near(permit.Outline);

            // A permit that does not say from when it is valid is valid from the day it was granted.
            var from = permit.EffectiveFrom ?? permit.GrantedOn;
            return new(permit, from, near, place.ShareIn(near), StandingOf(permit, from, stage, days, started, rules));
        }

        private static Standing StandingOf(Permit permit, DateOnly? from, BuildingStage stage, DayInterval days, DayInterval started, JudgementRules rules)
        {
            // The register's status is the one known now. "Expired" with its date was in force until that date.
            var wasGranted = permit.Status is PermitStatus.Granted || (permit.Status is PermitStatus.Expired && permit.EffectiveTo is not null);
            if (!wasGranted)
            {
                return days.With(from, permit.EffectiveTo) is Overlap.Before ? Standing.Expired : Standing.NotGranted;
            }

            var begunUnderIt = started.With(from, permit.EffectiveTo) is Overlap.Throughout or Overlap.EndsInside && started.First < days.First;
            var standing = days.With(from, permit.EffectiveTo) switch
            {
                Overlap.Throughout => Standing.InForce,
                Overlap.EndsInside => begunUnderIt ? Standing.InForce : Standing.EndsInside,
                Overlap.BeginsInside => Standing.BeginsInside,
                Overlap.Before => begunUnderIt ? Standing.InForce : Standing.Expired,
                _ => Standing.Later,
            };
            if (standing is Standing.Expired or Standing.Later)
            {
                return standing;
            }

            var row = rules.Approvals.FirstOrDefault(a => a.Kind == permit.Kind);
            return (stage is BuildingStage.Building ? row?.Building : row?.Earthworks) switch
            {
                Allowance.Authorises => standing,
                Allowance.Insufficient => Standing.Insufficient,
                _ => Standing.Partial,
            };
        }
    }
}

/// <summary>How a permit stands to a patch, the most favourable first.</summary>
internal enum Standing
{
    InForce,
    EndsInside,
    BeginsInside,

    /// <summary>In force, but it allows only part of this, or its kind is not known.</summary>
    Partial,
    NotGranted,
    Expired,
    Later,

    /// <summary>In force, but it is an approval of something else.</summary>
    Insufficient,
}
