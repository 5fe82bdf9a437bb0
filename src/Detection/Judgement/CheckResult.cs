using Monitoring.Domain.Findings;

namespace Monitoring.Detection.Judgement;

/// <summary>What one check says of a patch.</summary>
internal sealed record CheckResult(Verdict Verdict, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs)
{
    public static CheckResult Nothing { get; } = new(Verdict.Compliant, [], []);

    /// <summary>
    /// The verdict over permits that allow a thing to different degrees, read in the patch's favour: where those that allow it cover the
    /// patch, nothing is said; where those that need a look help to cover it, review; else conflict. So a permit that grows makes no
    /// verdict worse.
    /// </summary>
    /// <param name="of">What each permit says of it.</param>
    /// <returns>The verdict; the geodesic area in m² of what lies beyond those that allow it; the permits that do not, that cover part of what is left.</returns>
    public static (Verdict Verdict, double Unfit, IReadOnlyList<Candidate> Against) Favourable(
        PatchPlace place, List<Candidate> permits, Func<Candidate, Verdict> of)
    {
        var rated = permits.ConvertAll(c => (Candidate: c, Says: of(c)));
        if (rated.TrueForAll(r => r.Says is Verdict.Compliant))
        {
            return (Verdict.Compliant, 0, []);
        }

        var fits = place.Together(rated.Where(r => r.Says is Verdict.Compliant).Select(r => r.Candidate.Near));
        if (fits.Covers)
        {
            return (Verdict.Compliant, 0, []);
        }

        var against = rated.Where(r => r.Says > Verdict.Compliant && fits.LeavesTo(r.Candidate.Near))
            .OrderByDescending(r => r.Says)
            .ThenByDescending(r => r.Candidate.Share)
            .ThenBy(r => r.Candidate.Permit.Id, StringComparer.Ordinal)
            .Select(r => r.Candidate)
            .DistinctBy(c => c.Permit.Id)
            .ToList();
        if (against.Count == 0)
        {
            return (Verdict.Compliant, 0, []);
        }

        var withReview = place.Together([.. fits.Parts, .. rated.Where(r => r.Says is Verdict.Review).Select(r => r.Candidate.Near)]);
        return (withReview.Covers ? Verdict.Review : Verdict.Conflict, fits.AreaBeyond, against);
    }
}
