using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// How much 耕地 and 永久基本农田 a patch takes up, in m² and 亩, with the survey and the lines that say so. Pure. Facts only: they carry no
/// verdict. Where nobody surveyed, it is unknown, never zero.
/// </summary>
/// <remarks>
/// The state before the change counts: the survey in force on the first day; where none was, the one that came into force next, else
/// the last that was. Areas are geodesic and gross: field ridges (田坎) are not taken off.
/// </remarks>
internal static class OccupiedLand
{
    /// <summary>Field that the import sets on survey classes which are 耕地.</summary>
    private const string FarmlandFlag = "is_farmland";
    private const int NamedAtMost = 5;

    private static readonly Reason NoBasicFarmland = Reason.Of(
        "occupied-basic-farmland", ("state", "none"), ("area_m2", Facts.Area(0)), ("area_mu", Facts.Mu(0)), ("lines", ""), ("from", ""), ("documents", ""));

    private static readonly Reason Unsurveyed = Reason.Of("occupied-farmland", ("state", "unknown"), ("surveyed_share", "0.00"));

    /// <param name="always">Say also that nothing is known.</param>
    public static IEnumerable<Reason> Of(PatchPlace place, DayInterval days, Region? region, PlanIndex index, bool always)
    {
        if (Farmland(place, days, index) is var farmland && (always || farmland.Facts["state"] != "unknown"))
        {
            yield return farmland;
        }

        if (BasicFarmland(place, days, region, index) is var basic && (always || basic.Facts["state"] != "unknown"))
        {
            yield return basic;
        }
    }

    private static Reason Farmland(PatchPlace place, DayInterval days, PlanIndex index)
    {
        var plans = place.Found<PlanFeature>(index, MapLayer.Plan);
        if (!plans.Any(f => f.Kind == PlanKinds.LandSurvey))
        {
            return Unsurveyed;
        }

        var classes = plans
            .Where(f => f.Kind == PlanKinds.LandSurvey)
            .OrderBy(f => Rank(f, days.First))
            .ThenBy(f => f.Id, StringComparer.Ordinal)
            .Select(f => (Class: f, Part: place.Inside(place.Near(f.Outline).Cut)))
            .Where(f => !f.Part.IsEmpty);
        var known = place.Nothing;
        var farmland = place.Nothing;
        List<PlanFeature> used = [];
        foreach (var (survey, part) in classes)
        {
            var own = PatchPlace.Without(part, known);
            if (own.IsEmpty)
            {
                continue;
            }

            known = place.Union([known, own]);
            used.Add(survey);
            if (survey.Flag(FarmlandFlag))
            {
                farmland = place.Union([farmland, own]);
            }
        }

        var (total, surveyed) = (place.AreaOf(place.Shape), place.AreaOf(known));
        if (used.Count == 0)
        {
            return Unsurveyed;
        }

        var area = place.AreaOf(farmland);
        return Reason.Of(
            "occupied-farmland",
            ("state", area >= 0.5 ? "some" : "none"),
            ("area_m2", Facts.Area(area)),
            ("area_mu", Facts.Mu(LandArea.ToMu(area))),
            ("surveyed_share", Facts.Share(total > 0 ? Math.Clamp(surveyed / total, 0, 1) : 0)),
            ("survey", Listed(used.Select(f => f.Text("survey_year") ?? Facts.Day(f.EffectiveFrom)))),
            ("codes", Listed(used.Select(f => f.Code))));
    }

    private static Reason BasicFarmland(PatchPlace place, DayInterval days, Region? region, PlanIndex index)
    {
        const ControlLineKind kind = ControlLineKind.PermanentBasicFarmland;
        var known = region is null ? index.ControlLines(kind) : index.ControlLinesOf(kind, region, place.ToleranceMeters);
        if (!known.Any())
        {
            return Reason.Of("occupied-basic-farmland", ("state", "unknown"));
        }

        List<(ControlLine Line, Near Near)> lines = [];
        foreach (var line in place.Found<ControlLine>(index, MapLayer.ControlLine))
        {
            if (line.Kind == kind && days.With(line) is not (Overlap.Before or Overlap.After) && place.Near(line.Outline) is var near && place.Holds(near))
            {
                lines.Add((line, near));
            }
        }

        if (lines.Count == 0)
        {
            return NoBasicFarmland;
        }

        var area = place.Together(lines.Select(l => l.Near)).ToldInside();
        return Reason.Of(
            "occupied-basic-farmland",
            ("state", area >= 0.5 ? "some" : "none"),
            ("area_m2", Facts.Area(area)),
            ("area_mu", Facts.Mu(LandArea.ToMu(area))),
            ("lines", Listed(lines.Select(l => l.Line.Id))),
            ("from", Listed(lines.Select(l => Facts.Day(l.Line.EffectiveFrom)))),
            ("documents", Listed(lines.Select(l => l.Line.Document))));
    }

    /// <summary>0 in force on the day, then those that came into force next, then those that were.</summary>
    private static long Rank(MapFeature feature, DateOnly day) =>
        feature.InForceOn(day) ? 0
        : feature.EffectiveFrom is { } from && from > day ? from.DayNumber - day.DayNumber
        : int.MaxValue + (long)(day.DayNumber - feature.EffectiveTo!.Value.DayNumber);

    private static string Listed(IEnumerable<string?> values)
    {
        var all = values.Where(v => !string.IsNullOrWhiteSpace(v)).Select(v => v!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return string.Join("; ", all.Take(NamedAtMost)) + (all.Count > NamedAtMost ? "; …" : "");
    }
}
