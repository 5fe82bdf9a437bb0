using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Names the order in which works and papers came (未批先建, 边批边建, 未供即用) as the definitions of the rules say. Pure; says nothing of the
/// verdict. A group of which the register holds no permit at all is unknown, and what asks for it is not told.
/// </summary>
internal static class StageFindings
{
    public static IEnumerable<Reason> Of(PatchPlace place, BuildingStage stage, ApprovalResult approvals, DayInterval days, DayInterval started, PlanIndex index, JudgementRules rules)
    {
        if (rules.StageFindings is not { } findings || !index.Knows(MapLayer.Permit))
        {
            yield break;
        }

        Dictionary<string, (PaperState State, Cover? Lacks, List<string> Permits)?> groups = new(StringComparer.Ordinal);
        foreach (var definition in findings.Definitions.Where(d => d.Stages.Contains(stage)))
        {
            var all = definition.When.Select(w => (w.Key, Allowed: w.Value, Is: StateOf(w.Key))).ToList();
            if (all.Any(g => g.Is is not { } known || !g.Allowed.Contains(known.State)))
            {
                continue;
            }

            var area = all.Select(g => g.Is!.Value).FirstOrDefault(g => g.State is not PaperState.InForce).Lacks?.AreaBeyond ?? place.AreaOf(place.Shape);
            yield return Reason.Of(
                "stage-finding",
                [
                    ("finding", definition.Id), ("stage", Facts.Code(stage)), ("seen_from", Facts.Day(started.First)), ("seen_to", Facts.Day(days.Last)),
                    ("area_m2", Facts.Area(area)), ("area_mu", Facts.Mu(LandArea.ToMu(area))),
                    .. all.SelectMany(g => ((string, string)[])[(g.Key, Facts.Code(g.Is!.Value.State)), ($"{g.Key}_permits", string.Join("; ", g.Is!.Value.Permits.Take(5)))]),
                ]);
        }

        (PaperState State, Cover? Lacks, List<string> Permits)? StateOf(string group)
        {
            if (!groups.TryGetValue(group, out var state))
            {
                groups[group] = state = Judge(group);
            }

            return state;
        }

        (PaperState State, Cover? Lacks, List<string> Permits)? Judge(string group)
        {
            var kinds = group == StageRules.Works
                ? [.. rules.Approvals.Where(a => (stage is BuildingStage.Building ? a.Building : a.Earthworks) is Allowance.Authorises).Select(a => a.Kind)]
                : findings.Groups[group].ToHashSet(StringComparer.Ordinal);
            if (group != StageRules.Works && !kinds.Overlaps(index.PermitKinds))
            {
                return null;
            }

            var own = approvals.Candidates.Where(c => kinds.Contains(c.Permit.Kind)).ToList();
            var granted = own.Where(c => c.Permit.Status is PermitStatus.Granted || (c.Permit.Status is PermitStatus.Expired && c.Permit.EffectiveTo is not null)).ToList();
            var since = granted.Where(c => started.With(c.From, c.Permit.EffectiveTo) is Overlap.Throughout or Overlap.EndsInside).ToList();
            var late = granted.Except(since).Where(c => c.From > started.First).ToList();
            var firm = place.Together(since.Select(c => c.Near));
            if (firm.Covers)
            {
                return (PaperState.InForce, null, Ids(since));
            }

            if (late.Any(Matters))
            {
                return (PaperState.Late, firm, Ids(late.Where(Matters)));
            }

            var applied = own.Where(c => c.Permit.Status is PermitStatus.Applied && Matters(c)).ToList();
            return applied.Count > 0 ? (PaperState.Applied, firm, Ids(applied)) : (PaperState.None, firm, []);

            bool Matters(Candidate c) => firm.BeyondHoldsShare(c.Near, rules.MinPermitShare);
        }
    }

    private static List<string> Ids(IEnumerable<Candidate> candidates) =>
        [.. candidates.Where(c => c.Share > 0).Select(c => c.Permit.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
