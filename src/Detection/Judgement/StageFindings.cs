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
    public static List<Reason> Of(PatchPlace place, BuildingStage stage, ApprovalResult approvals, DayInterval days, DayInterval started, PlanIndex index, JudgementRules rules)
    {
        if (rules.StageFindings is not { } findings || !index.Knows(MapLayer.Permit))
        {
            return [];
        }

        List<Reason> told = [];
        List<(string Group, Papers? Papers)> groups = new(4);
        List<(string Key, Papers? Is)> all = new(4);
        foreach (var definition in findings.Definitions)
        {
            if (!definition.Stages.Contains(stage) || !Fits(definition))
            {
                continue;
            }

            var area = all.Select(g => g.Is!).FirstOrDefault(g => g.State is not PaperState.InForce)?.Lacks?.AreaBeyond ?? place.AreaOf(place.Shape);
            told.Add(Reason.Of(
                "stage-finding",
                [
                    ("finding", definition.Id), ("stage", Facts.Code(stage)), ("seen_from", Facts.Day(started.First)), ("seen_to", Facts.Day(days.Last)),
                    ("area_m2", Facts.Area(area)), ("area_mu", Facts.Mu(LandArea.ToMu(area))),
                    .. all.SelectMany(g => ((string, string)[])[(g.Key, Facts.Code(g.Is!.State)), ($"{g.Key}_permits", string.Join("; ", g.Is!.Permits.Take(5)))]),
                ]));
        }

        return told;

        // All groups that it asks for are in one of the states that it names.
        bool Fits(StageDefinition definition)
        {
            all.Clear();
            foreach (var (group, allowed) in definition.When)
            {
                var at = groups.FindIndex(g => g.Group == group);
                if (at < 0)
                {
                    at = groups.Count;
                    groups.Add((group, PapersOf(group, place, stage, approvals, started, index, rules, findings)));
                }

                if (groups[at].Papers is not { } papers || !allowed.Contains(papers.State))
                {
                    return false;
                }

                all.Add((group, papers));
            }

            return true;
        }
    }

    /// <summary>How the papers of a group stand; null where the register holds none of its kinds.</summary>
    private static Papers? PapersOf(
        string group, PatchPlace place, BuildingStage stage, ApprovalResult approvals, DayInterval started, PlanIndex index, JudgementRules rules, StageRules findings)
    {
        var works = group == StageRules.Works;
        if (!works && !findings.Groups[group].Any(index.PermitKinds.Contains))
        {
            return null;
        }

        List<Candidate> since = [], late = [], applied = [];
        foreach (var candidate in approvals.Candidates)
        {
            var permit = candidate.Permit;
            if (!(works ? Authorises(permit.Kind, stage, rules) : findings.Groups[group].Contains(permit.Kind)))
            {
                continue;
            }

            if (permit.Status is PermitStatus.Granted || (permit.Status is PermitStatus.Expired && permit.EffectiveTo is not null))
            {
                if (started.With(candidate.From, permit.EffectiveTo) is Overlap.Throughout or Overlap.EndsInside)
                {
                    since.Add(candidate);
                }
                else if (candidate.From > started.First)
                {
                    late.Add(candidate);
                }
            }
            else if (permit.Status is PermitStatus.Applied)
            {
                applied.Add(candidate);
            }
        }

        var firm = place.Together(since);
        if (firm.Covers)
        {
            return new(PaperState.InForce, null, Ids(since));
        }

        if (late.FindAll(Matters) is { Count: > 0 } matter)
        {
            return new(PaperState.Late, firm, Ids(matter));
        }

        return applied.FindAll(Matters) is { Count: > 0 } asked ? new(PaperState.Applied, firm, Ids(asked)) : new(PaperState.None, firm, []);

        bool Matters(Candidate c) => firm.BeyondHoldsShare(c.Near, rules.MinPermitShare);
    }

    private static bool Authorises(string kind, BuildingStage stage, JudgementRules rules)
    {
        foreach (var row in rules.Approvals)
        {
            if (row.Kind == kind && (stage is BuildingStage.Building ? row.Building : row.Earthworks) is Allowance.Authorises)
            {
                return true;
            }
        }

        return false;
    }

    private static List<string> Ids(List<Candidate> candidates) =>
        [.. candidates.Where(c => c.Share > 0).Select(c => c.Permit.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <param name="Lacks">The papers in force, where they do not cover all; null where they do.</param>
    private sealed record Papers(PaperState State, Cover? Lacks, List<string> Permits);
}
