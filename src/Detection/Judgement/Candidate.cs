using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>One version of a permit, laid beside a patch.</summary>
/// <param name="From">First day on which it is valid: as it says, else the day it was granted; null = since always.</param>
/// <param name="Near">Its outline in metres, cut to the neighbourhood of the patch.</param>
/// <param name="Share">Share in [0, 1] of the patch that lies in it.</param>
internal sealed record Candidate(Permit Permit, DateOnly? From, Geometry Near, double Share, Standing Standing)
{
    public static Candidate Of(Permit permit, PatchPlace place, BuildingStage stage, DayInterval days, DayInterval started, JudgementRules rules)
    {
        var near = place.Near(permit.Outline);

        // A permit that does not say from when it is valid is valid from the day it was granted.
        var from = permit.EffectiveFrom ?? permit.GrantedOn;
        return new(permit, from, near, place.ShareIn(near), StandingOf(permit, from, stage, days, started, rules));
    }

    /// <summary>
    /// Versions of one permit that take turns without a day between them are in force all along, where all of them reach: an amended
    /// permit did not lapse on the day of its amendment.
    /// </summary>
    public static IEnumerable<Candidate> Chained(IEnumerable<Candidate> versions, DayInterval days, PatchPlace place)
    {
        foreach (var permit in versions.Where(c => c.Standing is Standing.EndsInside or Standing.BeginsInside).GroupBy(c => c.Permit.Id).Where(g => g.Count() > 1))
        {
            var turns = permit.OrderBy(c => c.From ?? DateOnly.MinValue).ThenBy(c => c.Permit.EffectiveTo ?? DateOnly.MaxValue).ToList();
            var reaches = days.With(turns[0].From, turns[0].Permit.EffectiveTo) is Overlap.EndsInside ? turns[0].Permit.EffectiveTo : null;
            var common = turns[0].Near;
            foreach (var next in turns.Skip(1))
            {
                if (reaches is not { } end || next.From > end)
                {
                    break;
                }

                common = PatchPlace.Common(common, next.Near);
                if (next.Permit.EffectiveTo is not { } to || to > days.Last)
                {
                    if (!common.IsEmpty)
                    {
                        yield return new(next.Permit, turns[0].From, common, place.ShareIn(common), Standing.InForce);
                    }

                    break;
                }

                reaches = to > end ? to : end;
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

        var row = rules.Approvals.FirstOrDefault(a => a.Kind == permit.Kind);
        return (stage is BuildingStage.Building ? row?.Building : row?.Earthworks) switch
        {
            Allowance.Authorises => standing,
            Allowance.Insufficient => Standing.Insufficient,
            _ => Standing.Partial,
        };
    }
}
