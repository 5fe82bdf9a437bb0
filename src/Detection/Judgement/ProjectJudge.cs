using System.Globalization;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>What judgement says of a registered project.</summary>
/// <param name="Verdict">Not judged where works are not under way or nobody gave permits.</param>
public sealed record ProjectJudgement(Verdict Verdict, IReadOnlyList<Reason> Reasons, IReadOnlyList<EvidenceInput> Inputs);

/// <summary>
/// Sets the outline of a project whose works are said to be under way against the permits in force on a day, as a patch is. Its works
/// began on its planned start, where that is past: who began lawfully may finish. Pure.
/// </summary>
/// <param name="rules">The rules as data.</param>
/// <param name="geodesic">For the areas that are told.</param>
public sealed class ProjectJudge(JudgementRules rules, IGeodesic geodesic)
{
    // An outline in a register is drawn, not seen: as sharp as a survey, and told from a few square metres on.
    private const double SurveyMeters = 1;

    /// <param name="project">A feature of the layer <see cref="PlanKinds.Project"/>.</param>
    /// <param name="on">Day on which it is judged.</param>
    /// <param name="index">At least the permits around it.</param>
    public ProjectJudgement Judge(PlanFeature project, DateOnly on, PlanIndex index)
    {
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(index);
        var days = new DayInterval(on, on);
        if (rules.Projects is not { } wanted || project.Code is not { } stage || !wanted.Stages.Contains(stage) || project.Outline.AreaSquareMeters <= 0
            || !project.InForceOn(on) || !index.Knows(MapLayer.Permit))
        {
            return new(Verdict.NotJudged, [], []);
        }

        var began = DateOnly.TryParse(project.Text("planned_start"), CultureInfo.InvariantCulture, out var start) && start < on ? start : on;
        var noon = new DateTimeOffset(on.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero);
        var outline = project.Outline;
        var reach = PatchPlace.ReachMeters(rules, SurveyMeters);
        if (AcrossMeridian.Reaches(outline, reach))
        {
            var box = EarthShape.BoxOf(outline.Shape);
            (outline, index) = (AcrossMeridian.Turned(outline), index.TurnedAround(LocalPlane.At(box).Grow(box, reach)));
        }

        var place = new PatchPlace(
            new ChangePatch
            {
                Id = project.Id, Outline = outline, Kind = ChangeKind.BuiltUp, Score = 1, NotBefore = noon, NotAfter = noon, PixelCount = 0, GsdMeters = SurveyMeters,
            },
            rules,
            geodesic);
        var approvals = ApprovalCheck.Check(place, BuildingStage.Building, days, new DayInterval(began, began), index, rules);
        var name = project.Name ?? project.Id;
        List<Reason> reasons = [];
        foreach (var reason in approvals.Reasons)
        {
            reasons.Add(reason.Code switch
            {
                "no-approval" => Told("project-without-approval", ("stage", stage), reason),
                "outside-approval" => Told("project-outside-approval", ("permit_no", reason.Facts["permit_no"]), reason),
                "approved" => Reason.Of("project-approved", ("project", name), ("permit_no", reason.Facts["permit_no"]), ("share", reason.Facts["share"])),
                _ => reason,
            });
        }

        return new(approvals.Verdict, reasons, [new EvidenceInput("project", project.Id), .. approvals.Inputs]);

        Reason Told(string code, (string, string) more, Reason of) => Reason.Of(
            code,
            ("project", name),
            more,
            ("area_m2", of.Facts["area_m2"]),
            ("area_mu", Facts.Mu(LandArea.ToMu(double.Parse(of.Facts["area_m2"], CultureInfo.InvariantCulture)))));
    }
}
