using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>What the approvals say about a patch.</summary>
/// <param name="Covered">An approval that was in force covers the whole patch.</param>
/// <param name="Document">Document of the covering approval, where approvals that name theirs cover the whole patch.</param>
/// <param name="Unapproved">Area in m² that no approval covers.</param>
internal sealed record ApprovalResult(Verdict Verdict, bool Covered, string? Document, double Unapproved, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs)
{
    /// <summary>Every version of every permit that comes near the patch.</summary>
    public IReadOnlyList<Candidate> Candidates
    {
        get => _candidates;
        init => (_candidates, _favourable, _stated) = (value, null, null);
    }

    private readonly IReadOnlyList<Candidate> _candidates = [];

    /// <summary>What they state of use and size.</summary>
    public Stated Stated => _stated ??= new Stated(Candidates);

    private Stated? _stated;

    /// <summary>Those that the patch may have been built under, read in its favour: in force on some of its days, and an approval of such works.</summary>
    public List<Candidate> Favourable => _favourable ??= [.. Candidates.Where(c => c.Standing <= Standing.Partial)];

    private List<Candidate>? _favourable;
}

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

        // Versions of one permit each count where they reach: what an earlier one allowed is not undone by a smaller later one.
        List<Candidate> versions = [], inForce = [], soft = [];
        foreach (var permit in place.Found<Permit>(index, MapLayer.Permit))
        {
            if (place.Meets(place.Near(permit.Outline)))
            {
                versions.Add(Candidate.Of(permit, place, stage, days, started, rules));
            }
        }

        if (versions.Exists(c => c.Standing is Standing.EndsInside))
        {
            versions.AddRange([.. Candidate.Chained(versions, days, place)]);
        }

        foreach (var version in versions)
        {
            if (version.Standing <= Standing.Partial)
            {
                (version.Standing is Standing.InForce ? inForce : soft).Add(version);
            }
        }

        var candidates = OncePerPermit(versions);
        var firm = place.Together(inForce);
        var wide = soft.Count == 0 ? firm : place.Together([.. inForce, .. soft]);
        var named = candidates.FindAll(c => c.Share >= rules.MinPermitShare);
        var inputs = named.ConvertAll(c => new EvidenceInput("permit", c.Permit.Id));
        var approved = named.FindAll(c => c.Standing is Standing.InForce)
            .ConvertAll(c => Reason.Of("approved", ("permit_no", c.Permit.Id), ("kind", c.Permit.Kind), ("share", Facts.Share(c.Share))));

        if (!wide.Covers)
        {
            var missing = wide.AreaBeyond;
            List<Reason> reasons = [];
            var outside = wide.HoldsShare(rules.MinPermitShare);
            if (outside)
            {
                var nearest = inForce.Concat(soft).OrderByDescending(c => c.Share).ThenBy(c => c.Permit.Id, StringComparer.Ordinal).First();
                reasons.Add(Reason.Of(
                    "outside-approval",
                    ("permit_no", nearest.Permit.Id),
                    ("area_m2", Facts.Area(missing)),
                    ("distance_m", Facts.Area(wide.ReachBeyond()))));
            }

            reasons.AddRange(Told(named.FindAll(c => c.Standing is not Standing.InForce), days));
            if (!outside)
            {
                reasons.Add(Reason.Of("no-approval", ("area_m2", Facts.Area(missing)), ("share", Facts.Share(wide.ShareBeyond))));
            }

            return new(Verdict.Conflict, false, null, missing, [.. reasons, .. approved], inputs) { Candidates = versions };
        }

        if (!firm.Covers)
        {
            return new(Verdict.Review, false, null, firm.AreaBeyond, [.. Told(candidates.FindAll(c => c.Standing is > Standing.InForce and <= Standing.Partial), days), .. approved], inputs) { Candidates = versions };
        }

        // A documented approval of a corner gives no document to the rest.
        var documented = inForce.FindAll(c => !string.IsNullOrWhiteSpace(c.Permit.Document));
        if (documented.Count > 1)
        {
            documented = [.. documented.OrderByDescending(c => c.Share).ThenBy(c => c.Permit.Id, StringComparer.Ordinal)];
        }

        var document = documented.Count > 0 && place.Together(documented).Covers ? documented[0].Permit.Document : null;
        return new(Verdict.Compliant, true, document, 0, [.. approved], inputs) { Candidates = versions };
    }

    /// <summary>Each permit is told once, in the way that is best for it.</summary>
    private static List<Candidate> OncePerPermit(List<Candidate> versions)
    {
        List<Candidate> best = new(versions.Count);
        foreach (var version in versions)
        {
            var known = best.FindIndex(c => c.Permit.Id == version.Permit.Id);
            if (known < 0)
            {
                best.Add(version);
            }
            else if ((version.Standing, -version.Share).CompareTo((best[known].Standing, -best[known].Share)) < 0)
            {
                best[known] = version;
            }
        }

        return best;
    }

    private static IEnumerable<Reason> Told(List<Candidate> candidates, DayInterval days) =>
        candidates.Count == 0 ? [] :
        from c in candidates.OrderBy(c => c.Standing).ThenByDescending(c => c.Share).ThenBy(c => c.Permit.Id, StringComparer.Ordinal)
        let no = ("permit_no", c.Permit.Id)
        select c.Standing switch
        {
            Standing.BeginsInside => Reason.Of(
                "approval-began-in-interval", no, ("valid_from", Facts.Day(c.From)), ("not_before", Facts.Day(days.First)), ("not_after", Facts.Day(days.Last))),
            Standing.EndsInside or Standing.Expired => Reason.Of("approval-expired", no, ("valid_to", Facts.Day(c.Permit.EffectiveTo))),
            Standing.NotGranted => Reason.Of("approval-not-granted", no, ("status", Facts.Code(c.Permit.Status))),
            Standing.Later => Reason.Of("approval-later", no, ("valid_from", Facts.Day(c.From)), ("not_after", Facts.Day(days.Last))),
            Standing.Partial => Reason.Of("approval-partial", no, ("kind", c.Permit.Kind)),
            _ => Reason.Of("approval-insufficient", no, ("kind", c.Permit.Kind)),
        };
}
