using System.Globalization;
using Monitoring.Ingest.Plans.Quality;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Ingest.Plans.XPlan;

/// <summary>
/// The closure condition of XPlanung (Flächenschluss, conformity rule 2.2.1.1): objects that close the plan's area (flaechenschluss, level
/// 0) do not overlap, share each corner of their common boundary (two corners are the same within 2 mm), and cover the area of their part
/// of the plan. Overlaps are errors; what is not covered is a warning up to version 5.4 and an error from 6.0 on. Objects whose days do not
/// meet are never in force together: each period is looked at by itself.
/// </summary>
internal sealed class XPlanClosure(Version version, IReadOnlyList<XPlanObject> objects)
{
    private const double Same = 0.002;

    /// <summary>Parts that lie outside the plan's area: compensation areas.</summary>
    private static readonly string[] OutsideMeanings = ["1800", "2000"];

    private readonly Dictionary<(string Text, long X, long Y), FormatFault> _faults = [];

    private bool GapIsError => version.Major >= 6;

    public IEnumerable<FormatFault> Check()
    {
        List<XPlanObject> closing = [.. objects.Where(o =>
            o.Texts.GetValueOrDefault("flaechenschluss") == "true" && o.Texts.GetValueOrDefault("ebene", "0") == "0" && o.Place?.Shape is IPolygonal && o.Place.Shape.IsValid)];
        foreach (var crooked in objects.Where(o => o.Element.EndsWith("_Bereich", StringComparison.Ordinal) && o.Place is { Shape.IsValid: false }))
            Tell(true, $"The outline of the part {crooked.Id} crosses or touches itself.", crooked.Id, crooked.Place!.Shape.EnvelopeInternal.Centre);
        var byId = objects.DistinctBy(o => o.Id).ToDictionary(o => o.Id, StringComparer.Ordinal);
        foreach (var day in Days(closing))
        {
            var plans = new Dictionary<XPlanObject, List<XPlanObject>>();
            foreach (var part in closing.Where(o => (o.From is not { } from || from <= day) && (o.To is not { } to || to > day)).GroupBy(o => o.Target("gehoertZuBereich")))
            {
                if (part.Key is null || !byId.TryGetValue(part.Key, out var bereich))
                    continue;
                var plan = bereich.Target("gehoertZuPlan") is { } id ? byId.GetValueOrDefault(id) : null;
                var area = bereich.Place is not null ? bereich : plan;
                List<XPlanObject> members = [.. part];
                Pairs(members);
                if (area?.Place is { Shape.IsValid: true })
                {
                    var union = Union(area, members);
                    Holes(area, members, union);
                    if (bereich.Place is { Shape.IsValid: true })
                        Cover(bereich, members, union, "the part of the plan");
                }

                if (plan is not null && !OutsideMeanings.Contains(bereich.Texts.GetValueOrDefault("bedeutung")))
                    (plans.TryGetValue(plan, out var all) ? all : plans[plan] = []).AddRange(members);
            }

            foreach (var (plan, members) in plans)
            {
                // A plan that changes another need not cover its area.
                if (plan.Place is { Shape.IsValid: true } && !plan.Links.Any(l => l.Property.StartsWith("aendert", StringComparison.Ordinal)) && !plan.Texts.Keys.Any(k => k.StartsWith("aendert", StringComparison.Ordinal)))
                    Cover(plan, members, Union(plan, members), "the plan");
            }
        }

        return _faults.Values;
    }

    /// <summary>A day of each period between the days on which something comes into force or ends.</summary>
    private static IEnumerable<DateOnly> Days(List<XPlanObject> closing) =>
        closing.SelectMany(o => new[] { o.Texts.ContainsKey("startBedingung.datumAbsolut") ? o.From : null, o.Texts.ContainsKey("endeBedingung.datumAbsolut") ? o.To : null })
            .OfType<DateOnly>().Distinct().Order().SelectMany(d => new[] { d.AddDays(-1), d }).DefaultIfEmpty(DateOnly.MaxValue.AddDays(-1)).Distinct();

    private void Pairs(List<XPlanObject> members)
    {
        for (var i = 0; i < members.Count; i++)
        {
            for (var j = i + 1; j < members.Count; j++)
            {
                var (one, other) = (members[i], members[j]);
                Geometry a = one.Place!.Shape, b = other.Place!.Shape;
                if (!a.EnvelopeInternal.Intersects(b.EnvelopeInternal))
                    continue;
                var relation = a.Relate(b);
                if (relation.IsCovers() || relation.IsCoveredBy())
                {
                    Tell(true, $"{one.Id} and {other.Id} lie one over the other altogether; areas that close the plan do not overlap.", one.Id, a.InteriorPoint.Coordinate);
                    continue;
                }

                if (!relation.IsIntersects())
                    continue;
                foreach (var common in Polygons(OverlayNGRobust.Overlay(a, b, NetTopologySuite.Operation.Overlay.SpatialFunction.Intersection)))
                {
                    var alone = Alone([(one, false), (other, false)], common);
                    foreach (var (id, at) in alone)
                        Tell(true, $"The corner of {id} has no corner of its neighbour within 2 mm.", id, at);
                    if (alone.Count == 0 && !common.Buffer(-Same / 2).IsEmpty)
                        Tell(true, $"{one.Id} and {other.Id} overlap; areas that close the plan do not.", one.Id, common.InteriorPoint.Coordinate);
                }
            }
        }
    }

    private static Geometry Union(XPlanObject area, List<XPlanObject> members)
    {
        List<Geometry> all = [.. members.Select(m => m.Place!.Shape)];
        foreach (var polygon in Polygons(area.Place!.Shape))
            all.AddRange(polygon.Holes.Select(h => polygon.Factory.CreatePolygon(h).Buffer(Same)));
        return OverlayNGRobust.Union(all);
    }

    private void Holes(XPlanObject area, List<XPlanObject> members, Geometry union)
    {
        foreach (var hole in Polygons(union).SelectMany(p => p.Holes))
        {
            foreach (var (id, at) in Alone([.. members.Where(m => m.Place!.Shape.Intersects(hole)).Select(m => (m, false)), (area, true)], hole))
                Tell(GapIsError, $"There may be a gap: the corner of {id} has no corner of a neighbour within 2 mm.", id, at);
        }
    }

    private void Cover(XPlanObject area, List<XPlanObject> members, Geometry union, string what)
    {
        var wanted = area.Place!.Shape;
        foreach (var difference in Polygons(OverlayNGRobust.Overlay(wanted, union, NetTopologySuite.Operation.Overlay.SpatialFunction.SymDifference)))
        {
            if (difference.Buffer(-Same / 2).IsEmpty)
                continue;
            var relation = wanted.Relate(difference);
            if (relation.Matches("TTT*****T"))
            {
                var ring = difference.ExteriorRing;
                var alone = Alone([.. members.Where(m => m.Place!.Shape.Intersects(ring)).Select(m => (m, false)), (area, true)], ring);
                foreach (var (id, at) in alone)
                    Tell(GapIsError, $"There may be a gap against {what}: the corner of {id} has no corner of a neighbour within 2 mm.", id, at);
                if (alone.Count == 0)
                    Tell(GapIsError, string.Create(CultureInfo.InvariantCulture, $"No area covers {difference.Area:0.###} m² of {what} {area.Id}."), area.Id, difference.InteriorPoint.Coordinate);
            }
            else if (relation.IsDisjoint())
            {
                Tell(true, $"Something lies outside {what} {area.Id}.", area.Id, difference.InteriorPoint.Coordinate);
            }
        }
    }

    /// <summary>Corners within 2 mm of a place that no other object has.</summary>
    /// <param name="takers">Objects; true = its corners only serve as partners of others.</param>
    private static List<(string Id, Coordinate At)> Alone(IReadOnlyList<(XPlanObject Object, bool PartnerOnly)> takers, Geometry place)
    {
        var near = place.Buffer(Same);
        var corners = new List<(string Id, Coordinate At, bool PartnerOnly)>();
        foreach (var (one, partnerOnly) in takers)
        {
            foreach (var at in one.Place!.Corners)
            {
                if (near.EnvelopeInternal.Contains(at) && near.Intersects(near.Factory.CreatePoint(at)))
                    corners.Add((one.Id, at, partnerOnly));
            }
        }

        return [.. corners.Where(c => !c.PartnerOnly && !corners.Any(o => o.Id != c.Id && o.At.Distance(c.At) <= Same)).Select(c => (c.Id, c.At))];
    }

    private static IEnumerable<Polygon> Polygons(Geometry shape) => Enumerable.Range(0, shape.NumGeometries).Select(shape.GetGeometryN).OfType<Polygon>();

    private void Tell(bool isError, string text, string id, Coordinate at) => _faults.TryAdd(
        (text, (long)Math.Round(at.X * 1e4), (long)Math.Round(at.Y * 1e4)),
        new FormatFault(FaultCodes.Closure, isError, string.Create(CultureInfo.InvariantCulture, $"{text.TrimEnd('.')}, at x {at.X:0.###}, y {at.Y:0.###}; mend it in the plan's source."), id, at.X, at.Y));
}
