using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>A control line that a new version of the map draws otherwise, without a document that is entitled to.</summary>
/// <param name="Where">What it lost and gained.</param>
public sealed record LineChange(string LineId, ControlLineKind Kind, Verdict Verdict, Severity Severity, Outline Where, IReadOnlyList<Reason> Reasons);

/// <summary>
/// Sets two versions of the control lines against each other. A change of place or validity is a finding when the new version names no
/// document (conflict), one of too low a level (conflict), one whose level is not known, or the one of the line before (review). Pure. A line of which nothing was
/// known before is new, not changed.
/// </summary>
/// <param name="rules">The rules as data.</param>
/// <param name="geodesic">For the areas that are told.</param>
public sealed class LineChangeCheck(LineChangeRules rules, IGeodesic geodesic)
{
    /// <param name="before">All periods of the lines near what was touched, as of the version before.</param>
    /// <param name="after">The same as of the new version.</param>
    /// <param name="version">The new version.</param>
    /// <returns>At most one change a line and kind, by id.</returns>
    public IReadOnlyList<LineChange> Check(IReadOnlyList<ControlLine> before, IReadOnlyList<ControlLine> after, long version)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var now = after.ToLookup(l => l.Id, StringComparer.Ordinal);

        // A line that becomes one of another kind is lost to its own.
        return
        [
            .. before.GroupBy(l => (l.Id, l.Kind)).OrderBy(g => g.Key.Id, StringComparer.Ordinal).ThenBy(g => g.Key.Kind)
                .Select(g => Of([.. g], [.. now[g.Key.Id].Where(l => l.Kind == g.Key.Kind)], [.. now[g.Key.Id].Where(l => l.Kind != g.Key.Kind)], version)).OfType<LineChange>(),
        ];
    }

    /// <param name="elsewhere">Periods of the line under other kinds, as of the new version.</param>
    private LineChange? Of(List<ControlLine> before, List<ControlLine> after, List<ControlLine> elsewhere, long version)
    {
        if (rules.Lines.FirstOrDefault(r => r.Kind == before[0].Kind) is not { } row || (before.Count == after.Count && before.Zip(after).All(p => Same(p.First, p.Second))))
        {
            return null;
        }

        // What is in force only changes on the first and last days of periods: the day on which most differs tells the change.
        var days = before.Concat(after).SelectMany(l => (DateOnly?[])[l.EffectiveFrom ?? DateOnly.MinValue, l.EffectiveTo]).OfType<DateOnly>().Distinct().Order();
        (DateOnly Day, double Lost, double Gained, Geometry Where)? worst = null;
        foreach (var day in days)
        {
            var (was, becomes) = (InForce(before, day), InForce(after, day));
            if (was.EqualsExact(becomes))
            {
                continue;
            }

            var lost = OverlayNGRobust.Overlay(was, becomes, SpatialFunction.Difference);
            var gained = OverlayNGRobust.Overlay(becomes, was, SpatialFunction.Difference);
            var (lostArea, gainedArea) = (geodesic.AreaSquareMeters(lost), geodesic.AreaSquareMeters(gained));
            if (lostArea + gainedArea > (worst is { } most ? most.Lost + most.Gained : 0))
            {
                worst = (day, lostArea, gainedArea, OverlayNGRobust.Overlay(lost, gained, SpatialFunction.Union));
            }
        }

        if (worst is not { } change || change.Lost + change.Gained < rules.MinSquareMeters)
        {
            return null;
        }

        // The document that speaks for the change is that of the period which is new; where a line only ends, that of the period that ends.
        var changed = after.Where(a => !before.Any(b => Same(a, b))).ToList();
        var fresh = changed.Where(a => !before.Any(b => b.EffectiveFrom == a.EffectiveFrom && b.Document == a.Document && b.Outline.Shape.EqualsExact(a.Outline.Shape))).ToList();
        if (fresh.Count == 0)
        {
            fresh = elsewhere;
        }

        var told = fresh.Concat(changed).LastOrDefault();

        // A line that is cut short, under the document that drew it, has none for its end.
        var document = fresh.Count > 0 && !string.IsNullOrWhiteSpace(told?.Document) ? told.Document.Trim() : null;
        var level = document is null ? null : rules.LevelOf(document);
        var needed = rules.Levels.ToList().FindIndex(l => l.Id == row.Level);

        // What approved the line as it was does not approve another line.
        var again = document is not null && before.Any(b => b.Document?.Trim() == document);
        if (level <= needed && !again)
        {
            return null;
        }

        var why = document is null ? "no-document" : level is null ? "level-unknown" : level > needed ? "level-too-low" : "same-document";

        var reason = Reason.Of(
            "control-line-changed",
            ("control_line", before[0].Id),
            ("kind", ControlLineCheck.KindCode(row.Kind)),
            ("why", why),
            ("document", document ?? ""),
            ("document_before", before.Select(b => b.Document).LastOrDefault(d => !string.IsNullOrWhiteSpace(d)) ?? ""),
            ("level", level is { } at ? rules.Levels[at].Id : ""),
            ("level_needed", row.Level),
            ("from", change.Day == DateOnly.MinValue ? "" : Facts.Day(change.Day)),
            ("lost_m2", Facts.Area(change.Lost)),
            ("lost_mu", Facts.Mu(LandArea.ToMu(change.Lost))),
            ("gained_m2", Facts.Area(change.Gained)),
            ("gained_mu", Facts.Mu(LandArea.ToMu(change.Gained))),
            ("version_before", Facts.Count(version - 1)),
            ("version", Facts.Count(version)));
        return new(
            before[0].Id, row.Kind, why is "level-unknown" or "same-document" ? Verdict.Review : Verdict.Conflict, row.Severity,
            new(change.Where, change.Lost + change.Gained, "EPSG:4490"), [reason]);
    }

    private static Geometry InForce(List<ControlLine> periods, DateOnly day)
    {
        var shapes = periods.Where(p => p.InForceOn(day)).Select(p => p.Outline.Shape).ToList();
        return shapes.Count switch
        {
            0 => (periods.Count > 0 ? periods[0].Outline.Shape.Factory : new GeometryFactory()).CreatePolygon(),
            1 => shapes[0],
            _ => OverlayNGRobust.Union(shapes),
        };
    }

    private static bool Same(ControlLine one, ControlLine other) =>
        one.EffectiveFrom == other.EffectiveFrom && one.EffectiveTo == other.EffectiveTo && one.Kind == other.Kind && one.Document == other.Document
        && (ReferenceEquals(one.Outline.Shape, other.Outline.Shape) || one.Outline.Shape.EqualsExact(other.Outline.Shape));
}
