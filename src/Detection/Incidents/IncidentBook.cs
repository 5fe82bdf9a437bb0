using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;

namespace Monitoring.Detection.Incidents;

/// <summary>
/// Puts findings into incidents: same place, same stretch of time. A pure function of a finding and the incidents around it; thread-safe.
/// docs/algorithms/incidents.md.
/// </summary>
public sealed class IncidentBook(IncidentRules rules, string rulesVersion)
{
    private readonly EvidenceScale _scale = new(rules);
    private readonly TimeSpan _window = TimeSpan.FromDays(rules.WindowDays);

    /// <summary>Whether a finding can have a place in an incident.</summary>
    public bool Concerns(Finding finding) => _scale.Weighs(finding.RuleId) && finding.Where is { Shape.IsEmpty: false };

    /// <summary>Where and when an incident must be known to take a finding up.</summary>
    public (NetTopologySuite.Geometries.Envelope Box, DateTimeOffset From, DateTimeOffset To) Reach(Finding finding)
    {
        var box = finding.Where!.Box;
        return (LocalPlane.At(box).Grow(box, rules.NearMeters), finding.PhenomenonStart - _window, finding.PhenomenonEnd + _window);
    }

    /// <summary>What a finding changes.</summary>
    /// <param name="around">Incidents that stand within <see cref="Reach"/>, and those of the finding's subject.</param>
    /// <returns>Incidents as they are after it: the one that took it up first, then those that it took over; empty when it says nothing.</returns>
    public IReadOnlyList<Incident> Take(Finding finding, IReadOnlyList<Incident> around)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(around);
        if (!Concerns(finding))
        {
            return [];
        }

        var weights = _scale.Of(finding);
        var home = HomeOf(finding, around);
        if (home is null)
        {
            return finding.Condition is FindingCondition.Holds && weights.Any(w => w.Weight > 0) ? [New(finding, weights)] : [];
        }

        var taken = With(home, finding, weights);
        if (finding.Condition is not FindingCondition.Holds)
        {
            return taken == home ? [] : [taken];
        }

        // A patch may show that what devices told of apart is one site.
        List<Incident> merged = [];
        foreach (var other in around.Where(o => o.Id != home.Id && o.MergedInto is null && Meets(o, taken) && Distance(taken.Where, o.Where) <= rules.NearMeters && !BothFromSpace(o, taken))
            .OrderBy(o => o.Start).ThenBy(o => o.Id, StringComparer.Ordinal))
        {
            taken = Settled(taken with { Evidence = Joined(taken.Evidence, other.Evidence), Start = Earlier(taken.Start, other.Start), End = Later(taken.End, other.End), RegionCode = taken.RegionCode ?? other.RegionCode });
            merged.Add(other with { MergedInto = taken.Id });
        }

        return [taken, .. merged];
    }

    /// <summary>The incident that has evidence of the same subject and rule within the window, else the nearest that stands; of equals the older.</summary>
    private Incident? HomeOf(Finding finding, IReadOnlyList<Incident> around)
    {
        var stand = around.Where(i => i.MergedInto is null && finding.PhenomenonStart <= i.End + _window && finding.PhenomenonEnd >= i.Start - _window).ToList();
        var own = stand.Where(i => i.Evidence.Any(e => e.RuleId == finding.RuleId && e.Subject == finding.Subject)).OrderByDescending(i => i.End).ThenBy(i => i.Id, StringComparer.Ordinal).FirstOrDefault();
        if (own is not null || finding.Condition is not FindingCondition.Holds)
        {
            return own;
        }

        var fromSpace = _scale.Of(finding).Any(w => w.Channel is EvidenceChannel.Space);
        return stand.Select(i => (Incident: i, Distance: Distance(i.Where, finding.Where!)))
            // Two sites that stand apart in the images are two, however near.
            .Where(i => i.Distance <= rules.NearMeters && !(fromSpace && i.Incident.Evidence.Any(e => e.Channel is EvidenceChannel.Space && e.Subject != finding.Subject)))
            .OrderBy(i => i.Distance).ThenBy(i => i.Incident.Start).ThenBy(i => i.Incident.Id, StringComparer.Ordinal)
            .FirstOrDefault().Incident;
    }

    private Incident New(Finding finding, IReadOnlyList<(EvidenceChannel Channel, string Kind, double Weight)> weights) => Settled(new Incident
    {
        Id = FindingId.Of("incident", finding.Id),
        RulesVersion = rulesVersion,
        RegionCode = finding.RegionCode,
        Where = finding.Where!,
        Start = finding.PhenomenonStart,
        End = finding.PhenomenonEnd,
        Evidence = [.. weights.Select(w => Piece(finding, w))],
        Weight = 0,
        Corroborated = false,
    });

    private Incident With(Incident home, Finding finding, IReadOnlyList<(EvidenceChannel Channel, string Kind, double Weight)> weights)
    {
        var mine = home.Evidence.Where(e => e.RuleId == finding.RuleId && e.Subject == finding.Subject).ToList();
        if (mine.Any(e => e.FindingId == finding.Id))
        {
            return home;
        }

        var holds = finding.Condition is FindingCondition.Holds;
        var approved = finding.Verdict is Verdict.Compliant || finding.Reasons.Any(r => r.Code == "approved");
        List<IncidentEvidence> evidence = [.. home.Evidence.Except(mine)];
        foreach (var old in mine)
        {
            // What turned out to be approved is no evidence any more; what merely ended still happened, and what is not told of this time stays as it was.
            var told = !holds || weights.Any(w => w.Kind == old.Kind);
            evidence.Add(!told ? old : old with
            {
                Holds = holds, Start = Earlier(old.Start, finding.PhenomenonStart), End = Later(old.End, finding.PhenomenonEnd), Findings = old.Findings + 1, Weight = approved ? 0 : old.Weight,
            });
        }

        foreach (var weight in weights.Where(_ => holds))
        {
            var at = evidence.FindIndex(e => e.RuleId == finding.RuleId && e.Subject == finding.Subject && e.Kind == weight.Kind);
            if (at < 0)
            {
                evidence.Add(Piece(finding, weight));
            }
            else if (weight.Weight > evidence[at].Weight)
            {
                evidence[at] = evidence[at] with { Weight = weight.Weight, FindingId = finding.Id, Where = finding.Where! };
            }
        }

        return Settled(home with { Evidence = evidence, Start = Earlier(home.Start, finding.PhenomenonStart), End = Later(home.End, finding.PhenomenonEnd), RegionCode = home.RegionCode ?? finding.RegionCode });
    }

    /// <summary>Place, order and sum as they follow from the evidence.</summary>
    private Incident Settled(Incident incident)
    {
        List<IncidentEvidence> evidence = [.. incident.Evidence.OrderBy(e => e.Channel).ThenByDescending(e => e.Weight).ThenBy(e => e.Kind, StringComparer.Ordinal).ThenBy(e => e.Subject.Id, StringComparer.Ordinal)];
        var kinds = evidence.GroupBy(e => (e.Channel, e.Kind)).Select(g => (g.Key.Channel, Weight: g.Max(e => e.Weight))).ToList();
        double Sum(EvidenceChannel channel) => kinds.Where(k => k.Channel == channel).Sum(k => k.Weight);
        return incident with
        {
            RulesVersion = rulesVersion,
            Evidence = evidence,
            Where = evidence.FirstOrDefault(e => e.Channel is EvidenceChannel.Space)?.Where ?? evidence.OrderBy(e => e.Start).ThenBy(e => e.Subject.Id, StringComparer.Ordinal).First().Where,
            Weight = kinds.Sum(k => k.Weight),
            Corroborated = Sum(EvidenceChannel.Space) >= rules.ChannelWeight && Sum(EvidenceChannel.Ground) >= rules.ChannelWeight,
        };
    }

    private static IncidentEvidence Piece(Finding finding, (EvidenceChannel Channel, string Kind, double Weight) weight) => new(
        weight.Channel, weight.Kind, finding.RuleId, finding.Subject, finding.Id, weight.Weight, finding.PhenomenonStart, finding.PhenomenonEnd, 1, true, finding.Where!, finding.RegionCode);

    /// <summary>One piece for each subject, rule and kind; of two the heavier, over both their times.</summary>
    private static IReadOnlyList<IncidentEvidence> Joined(IReadOnlyList<IncidentEvidence> some, IReadOnlyList<IncidentEvidence> others) =>
        [.. some.Concat(others).GroupBy(e => (e.RuleId, e.Subject, e.Kind)).Select(g => g.OrderByDescending(e => e.Weight).ThenBy(e => e.FindingId, StringComparer.Ordinal).First() with
        {
            Start = g.Min(e => e.Start), End = g.Max(e => e.End), Findings = g.Sum(e => e.Findings), Holds = g.MaxBy(e => e.End)!.Holds,
        })];

    private bool Meets(Incident a, Incident b) => a.Start <= b.End + _window && b.Start <= a.End + _window;

    private static bool BothFromSpace(Incident a, Incident b) => FromSpace(a) && FromSpace(b);

    private static bool FromSpace(Incident incident) => incident.Evidence.Any(e => e.Channel is EvidenceChannel.Space);

    private static double Distance(Outline a, Outline b)
    {
        var plane = LocalPlane.At(a.Box);
        return plane.ToMeters(a.Shape).Distance(plane.ToMeters(b.Shape));
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
