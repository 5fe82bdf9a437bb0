using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>What the control lines say about a patch.</summary>
/// <param name="Weight">Steps of severity that conflicting lines add.</param>
internal sealed record ControlLineResult(Verdict Verdict, int Weight, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs);

/// <summary>
/// Sets a patch against the control lines, each kind with its own direction and outcomes. Pure. A line that took effect only after the
/// patch makes it historic stock; one that took effect, or was lifted, within the interval asks for a look.
/// </summary>
internal static class ControlLineCheck
{
    public static ControlLineResult Check(PatchPlace place, ApprovalResult approvals, DayInterval days, Region? region, PlanIndex index, JudgementRules rules, bool surface)
    {
        var verdict = Verdict.Compliant;
        var weight = 0;
        List<Reason> reasons = [];
        List<EvidenceInput> inputs = [];
        foreach (var row in rules.ControlLines)
        {
            if (surface && row.Kind is not ControlLineKind.EcologicalProtectionRedLine)
            {
                continue;
            }

            var lines = Around(place, row.Kind, days, index);
            if (lines.Count == 0 && row.Direction is not ControlLineDirection.Outside)
            {
                continue;
            }

            var outcome = surface && approvals is not { Covered: true, Document: not null } ? ControlLineOutcome.Review : approvals switch
            {
                { Covered: false } => row.Unapproved,
                { Document: null } => row.Approved,
                _ => row.ApprovedWithDocument,
            };

            if (row.Direction is ControlLineDirection.Outside)
            {
                var known = region is null ? index.ControlLines(row.Kind) : index.ControlLinesOf(row.Kind, region, place.ToleranceMeters);
                if (!known.Any(l => days.With(l) is not (Overlap.Before or Overlap.After)))
                {
                    continue;
                }

                var within = place.Together(lines.Where(l => l.Overlap is not Overlap.After).Select(l => l.Near));
                if (within.Covers)
                {
                    continue;
                }

                var area = place.AreaOf(place.Shape) - place.AreaOf(place.Inside(within.Shape));
                Tell(Reason.Of("outside-development-boundary", ("area_m2", Facts.Area(area)), ("area_mu", Facts.Mu(LandArea.ToMu(area)))), outcome, row);
                continue;
            }

            // They come by id.
            foreach (var (line, overlap, near) in lines)
            {
                // One line with several periods is told once, by the period that weighs most.
                if (lines.Exists(o => o.Line.Id == line.Id && !ReferenceEquals(o.Line, line)
                    && (Rank(o.Overlap) > Rank(overlap) || (Rank(o.Overlap) == Rank(overlap) && (o.Line.EffectiveFrom ?? DateOnly.MinValue) > (line.EffectiveFrom ?? DateOnly.MinValue)))))
                {
                    continue;
                }

                if (!place.IsSurelyIn(near))
                {
                    continue;
                }

                var area = place.ToldInside(near);
                inputs.Add(new EvidenceInput("control-line", line.Id));
                var told = Reason.Of(
                    "inside-control-line", ("control_line", line.Id), ("kind", KindCode(row.Kind)), ("area_m2", Facts.Area(area)), ("area_mu", Facts.Mu(LandArea.ToMu(area))));
                Tell(told, overlap switch
                {
                    Overlap.After => ControlLineOutcome.HistoricStock,
                    Overlap.Throughout => outcome,
                    _ => outcome is ControlLineOutcome.Conflict ? ControlLineOutcome.Review : outcome,
                }, row);
            }
        }

        return new(verdict, weight, reasons, inputs);

        void Tell(Reason reason, ControlLineOutcome outcome, ControlLineRow row)
        {
            reasons.Add(reason);
            var document = outcome is ControlLineOutcome.PermittedLimitedActivity ? approvals.Document ?? "" : "";
            var told = Reason.Of("control-line-outcome", ("kind", KindCode(row.Kind)), ("outcome", Facts.Code(outcome)), ("document", document));
            if (!reasons.Any(r => r.Code == told.Code && r.Facts["kind"] == told.Facts["kind"] && r.Facts["outcome"] == told.Facts["outcome"]))
            {
                reasons.Add(told);
            }

            var own = outcome switch
            {
                ControlLineOutcome.Conflict => Verdict.Conflict,
                ControlLineOutcome.Review => Verdict.Review,
                _ => Verdict.Compliant,
            };
            verdict = (Verdict)Math.Max((int)verdict, (int)own);
            if (own is Verdict.Conflict)
            {
                weight = Math.Max(weight, row.Weight);
            }
        }
    }

    /// <summary>Lines of a kind that come near the patch and are not over, by id.</summary>
    private static List<(ControlLine Line, Overlap Overlap, Near Near)> Around(PatchPlace place, ControlLineKind kind, DayInterval days, PlanIndex index)
    {
        List<(ControlLine, Overlap, Near)> lines = [];
        foreach (var line in place.Found<ControlLine>(index, MapLayer.ControlLine))
        {
            if (line.Kind == kind && days.With(line) is var overlap and not Overlap.Before && place.Near(line.Outline) is var near && place.Meets(near))
            {
                lines.Add((line, overlap, near));
            }
        }

        return lines;
    }

    /// <summary>The kind as the imported files spell it.</summary>
    public static string KindCode(ControlLineKind kind) => kind switch
    {
        ControlLineKind.EcologicalProtectionRedLine => "ecological_red_line",
        ControlLineKind.PermanentBasicFarmland => "permanent_basic_farmland",
        ControlLineKind.UrbanDevelopmentBoundary => "urban_development_boundary",
        _ => Facts.Code(kind),
    };

    private static int Rank(Overlap overlap) => overlap switch
    {
        Overlap.Throughout => 2,
        Overlap.BeginsInside or Overlap.EndsInside => 1,
        _ => 0,
    };
}
