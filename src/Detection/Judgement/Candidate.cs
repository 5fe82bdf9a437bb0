using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>One version of a permit, laid beside a patch.</summary>
/// <param name="From">First day on which it is valid: as it says, else the day it was granted; null = since always.</param>
/// <param name="Near">Its outline beside the patch.</param>
/// <param name="Share">Share in [0, 1] of the patch that lies in it.</param>
internal sealed record Candidate(Permit Permit, DateOnly? From, Near Near, double Share, Standing Standing)
{
    public static Candidate Of(Permit permit, PatchPlace place, BuildingStage stage, DayInterval days, DayInterval started, JudgementRules rules)
    {
        var near = place.Near(permit.Outline);

        // A permit that does not say from when it is valid is valid from the day it was granted.
        var from = permit.EffectiveFrom ?? permit.GrantedOn;
        return new(permit, from, near, ShareOf(near, place), StandingOf(permit, from, stage, days, started, rules));
    }

    /// <summary>The same version beside another place.</summary>
    public static Candidate Beside(Candidate candidate, PatchPlace place)
    {
        var near = place.Near(candidate.Permit.Outline);
        return candidate with { Near = near, Share = ShareOf(near, place) };
    }

    /// <summary>
    /// Versions of one permit that take turns without a day between them are in force all along, where all of them reach: an amended
    /// permit did not lapse on the day of its amendment.
    /// </summary>
    public static IEnumerable<Candidate> Chained(IEnumerable<Candidate> versions, DayInterval days, PatchPlace place)
    {
        // More versions within the days of one patch are a fault of the data, not turns.
        const int atMost = 6;
        foreach (var permit in versions.Where(c => c.Standing is Standing.EndsInside or Standing.BeginsInside).GroupBy(c => c.Permit.Id))
        {
            var turns = permit.Take(atMost).ToList();
            foreach (var first in turns.Where(c => c.Standing is Standing.EndsInside))
            {
                foreach (var (last, common) in Onward(first.Near.Cut, first.Permit.EffectiveTo!.Value, turns, days.Last))
                {
                    var near = new Near(place, common);
                    yield return new(last.Permit, first.From, near, ShareOf(near, place), Standing.InForce);
                }
            }
        }
    }

    /// <summary>In steps of a thousand millionth, so that rounding does not decide between equals.</summary>
    private static double ShareOf(Near near, PatchPlace place) => Math.Round(place.ShareIn(near), 9);

    /// <summary>Every way on from a day on which turns so far end to the last day, with what all of them have in common.</summary>
    private static IEnumerable<(Candidate Last, NetTopologySuite.Geometries.Geometry Common)> Onward(NetTopologySuite.Geometries.Geometry sofar, DateOnly until, List<Candidate> turns, DateOnly lastDay)
    {
        foreach (var next in turns.Where(c => (c.From is not { } from || from <= until) && (c.Permit.EffectiveTo is not { } to || to > until)))
        {
            var common = PatchPlace.Common(sofar, next.Near.Cut);
            if (common.IsEmpty)
            {
                continue;
            }

            if (next.Permit.EffectiveTo is not { } end || end > lastDay)
            {
                yield return (next, common);
                continue;
            }

            foreach (var further in Onward(common, end, turns, lastDay))
            {
                yield return further;
            }
        }
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

        ApprovalRow? row = null;
        foreach (var approval in rules.Approvals)
        {
            if (approval.Kind == permit.Kind)
            {
                row = approval;
                break;
            }
        }

        return (stage is BuildingStage.Building ? row?.Building : row?.Earthworks) switch
        {
            Allowance.Authorises => standing,
            Allowance.Insufficient => Standing.Insufficient,
            _ => Standing.Partial,
        };
    }
}
