using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using NetTopologySuite.Algorithm.Distance;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Buffer;
using NetTopologySuite.Operation.Linemerge;

namespace Monitoring.Detection.Conflicts.Suggest;

/// <summary>
/// Changes of a subject with less conflict: a line shifted beside itself or led another way between the same ends, an area moved or trimmed. What is optimised, over which steps and how far is
/// written in docs/algorithms/conflicts.md. Every change is checked again as a subject of its own, and only told when that report costs less than the original's. For one thread.
/// </summary>
internal sealed class WaySearch(ConflictRun run)
{
    private const double Better = 1e-6;

    /// <summary>Share of its cost that a change must save to be told: less is noise of drawing.</summary>
    private const double LeastGain = 0.005;

    /// <summary>Share of a cell.</summary>
    private const double WideMargin = 0.75;
    private const int ShiftsTried = 5;

    /// <summary>Share of all it costs that a way without margin, or with tighter bends, must save.</summary>
    private const double WorthLess = 0.01;

    private static readonly GeometryFactory Factory = new();

    private readonly SearchRules _search = run.Rules.Search;

    public (IReadOnlyList<ConflictSuggestion> Suggestions, bool WasSought) Of(CheckedPlace place)
    {
        var conflicts = run.WholeOf(place);
        var subject = place.Feature;
        bool Counts(MapFeature f) => f is not PlanFeature plan || plan.Kind != subject.Kind || plan.Id != subject.Id;
        var before = new Measured(conflicts, ConflictRun.CostOf(conflicts, place), place, Degrees(place.Shape), Degrees(place.Footprint));
        var box = place.Footprint.EnvelopeInternal.Copy();
        box.ExpandBy(place.IsLine ? _search.ReachM : _search.MostTranslateM);
        var field = CostField.Of(run, place, box, Counts);
        if (field.Zones.Count == 0)
        {
            return ([], false);
        }

        List<ConflictSuggestion?> found = [];
        if (!place.IsLine)
        {
            found.Add(Translate(place, field, before));
            found.Add(Trim(place, field, before));
        }
        else if (Single(place.Shape) is { } line)
        {
            found.Add(Shift(place, line, field, before));
            found.Add(Reroute(place, line, field, box, before));
        }
        else
        {
            return ([], false);
        }

        // The cheapest first: conflict and the subject's own ground together.
        return ([.. found.OfType<ConflictSuggestion>().OrderBy(s => s.CostAfter + (field.SelfWeight * s.AreaAfter)).ThenBy(s => s.Change, StringComparer.Ordinal)], true);
    }

    /// <summary>The line parallel to itself, ends and all: every step to both sides, the cheapest, of equal ones the nearest, of those the left.</summary>
    private ConflictSuggestion? Shift(CheckedPlace place, LineString line, CostField field, Measured before)
    {
        var width = place.WidthMeters!.Value;
        var tried = new List<(double Cost, double Offset, Geometry Line)>();
        for (var step = 1; step * _search.ShiftStepM <= _search.MostShiftM; step++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            foreach (var offset in new[] { step * _search.ShiftStepM, -step * _search.ShiftStepM })
            {
                if (OffsetCurve.GetCurve(line, offset) is LineString { IsEmpty: false } moved && IsAllowed(moved, width))
                {
                    tried.Add((field.ConflictOf(CheckedPlace.FootprintOf(moved, width)), offset, moved));
                }
            }
        }

        foreach (var (_, offset, moved) in tried.OrderBy(t => Math.Round(t.Cost, 6)).ThenBy(t => Math.Abs(t.Offset)).ThenByDescending(t => t.Offset).Take(ShiftsTried))
        {
            // The curve may run the other way round.
            var way = (LineString)(moved.Coordinates[0].Distance(line.Coordinates[0]) > moved.Coordinates[^1].Distance(line.Coordinates[0]) ? moved.Reverse() : moved);
            if (Accept(place, way, before, "shift", Math.Abs(offset), null, _search.ShiftStepM, _search.MostShiftM) is { } good)
            {
                return good;
            }
        }

        return null;
    }

    /// <summary>The cheapest way between the ends: kept free of zones by most of a cell first, then as near as it may; bends of the asked radius first, then of less.</summary>
    private ConflictSuggestion? Reroute(CheckedPlace place, LineString line, CostField field, Envelope box, Measured before)
    {
        var width = place.WidthMeters!.Value;
        var radius = _search.RadiusM.GetValueOrDefault(place.Feature.Kind, 0);
        ConflictSuggestion? best = null;
        foreach (var margin in new[] { WideMargin, 0 })
        {
            var grid = CostGrid.Of(field, box, width, _search.GridM, _search.MostCells, margin, run.Ground.Allowed);
            if (LeastCostPath.Find(grid, line.Coordinates[0], line.Coordinates[^1], _search.LeastSegmentM, run.Cancellation) is not { } corners)
            {
                continue;
            }

            foreach (var asked in radius > 0 ? new[] { radius, radius / 2, radius / 4 } : [0])
            {
                var (way, least) = asked > 0 ? Bends.Round(corners, asked) : (corners, null);
                var moved = Factory.CreateLineString([.. way]);
                if (IsAllowed(moved, width)
                    && Accept(place, moved, before, "reroute", DiscreteHausdorffDistance.Distance(moved, line, 0.05), least, grid.Step, _search.ReachM) is { } good
                    && (best is null || Whole(good) < Whole(best) * (1 - WorthLess)))
                {
                    best = good;
                }
            }
        }

        return best;

        double Whole(ConflictSuggestion way) => way.CostAfter + (_search.LengthWeight * way.AreaAfter);
    }

    /// <summary>The outline moved: of all steps of a polar net the one with the least conflict, of equal ones the nearest; then as far back as that holds.</summary>
    private ConflictSuggestion? Translate(CheckedPlace place, CostField field, Measured before)
    {
        const int Directions = 16;
        var bestCost = field.ConflictOf(place.Footprint);
        var best = new List<(double Distance, int Direction)>();
        for (var step = 1; step * _search.TranslateStepM <= _search.MostTranslateM && bestCost > Better; step++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            for (var direction = 0; direction < Directions; direction++)
            {
                var distance = step * _search.TranslateStepM;
                var moved = Moved(place.Footprint, distance, direction);
                if (!IsAllowed(moved, 0))
                {
                    continue;
                }

                var (cost, slack) = (field.ConflictOf(moved), Math.Max(Better, bestCost * 1e-9));
                if (cost < bestCost - slack)
                {
                    (bestCost, best) = (cost, [(distance, direction)]);
                }
                else if (best.Count > 0 && cost <= bestCost + slack && distance <= best[0].Distance)
                {
                    best.Add((distance, direction));
                }
            }
        }

        // Each of the equal ones as far back as it holds; a first step inside what the report leaves out as a sliver is no change.
        return best
            .Select(b => (Back: Back(b.Distance, b.Direction), b.Distance, b.Direction)).OrderBy(b => b.Back).ThenBy(b => b.Direction)
            .SelectMany(b => new[] { (b.Back, b.Direction), (b.Distance, b.Direction) })
            .Select(b => Accept(place, Moved(place.Shape, b.Item1, b.Direction), before, "translate", b.Item1, null, _search.TranslateStepM, _search.MostTranslateM)).FirstOrDefault(s => s is not null);

        double Back(double far, int direction)
        {
            var near = Math.Max(0, far - _search.TranslateStepM);
            while (far - near > 0.1)
            {
                var middle = (near + far) / 2;
                (near, far) = field.ConflictOf(Moved(place.Footprint, middle, direction)) <= bestCost + Better && IsAllowed(Moved(place.Footprint, middle, direction), 0) ? (near, middle) : (middle, far);
            }

            return far;
        }

        static Geometry Moved(Geometry shape, double distance, int direction)
        {
            var angle = 2 * Math.PI * direction / Directions;
            return AffineTransformation.TranslationInstance(distance * Math.Cos(angle), distance * Math.Sin(angle)).Transform(shape);
        }
    }

    /// <summary>The largest part of the outline that lies in no conflict of ground.</summary>
    private ConflictSuggestion? Trim(CheckedPlace place, CostField field, Measured before)
    {
        var rest = place.Footprint;
        foreach (var zone in field.Zones)
        {
            var left = Shapes.Areas(zone.IsOutside ? zone.Zone.Common(rest) : zone.Zone.Without(rest));

            // What takes nearly all of it away cannot be met by trimming: it stays as a conflict.
            rest = left.Area >= (1 - _search.MostTrimShare) * place.Footprint.Area ? left : rest;
        }

        var part = PolygonExtracter.GetPolygons(rest).Cast<Polygon>().OrderByDescending(p => p.Area).FirstOrDefault();
        return part is null || part.Area < (1 - _search.MostTrimShare) * place.Footprint.Area || part.Area >= place.Footprint.Area - Better
            ? null
            : Accept(place, part, before, "trim", 0, null, 0, 0);
    }

    /// <summary>Checks the changed subject as one of its own; null unless it costs less.</summary>
    private ConflictSuggestion? Accept(CheckedPlace place, Geometry meters, Measured before, string change, double moved, double? leastRadius, double resolution, double reach)
    {
        if (!meters.IsValid || meters.IsEmpty)
        {
            return null;
        }

        var shape = Degrees(meters);
        var feature = place.Feature with { Outline = new Outline(shape, Shapes.AreaOf(shape), place.Feature.Outline.SourceCrs) };
        var next = new CheckedPlace(feature, run.Ground, run.Rules);
        var conflicts = run.WholeOf(next);
        var after = new Measured(conflicts, ConflictRun.CostOf(conflicts, next), next, shape, Degrees(next.Footprint));
        if (after.Cost >= before.Cost - Math.Max(Better, before.Cost * LeastGain))
        {
            return null;
        }

        // Longer than the conflict is worth is no suggestion.
        if (place.IsLine && after.Cost + (_search.LengthWeight * after.Area) >= before.Cost + (_search.LengthWeight * before.Area))
        {
            return null;
        }

        return new ConflictSuggestion
        {
            SubjectKind = feature.Kind,
            SubjectId = feature.Id,
            Change = change,
            Shape = shape,
            CostBefore = before.Cost,
            CostAfter = after.Cost,
            TotalsBefore = ConflictRun.TotalsOf(before.Conflicts),
            TotalsAfter = ConflictRun.TotalsOf(after.Conflicts),
            LengthBefore = before.Length,
            LengthAfter = after.Length,
            AreaBefore = before.Area,
            AreaAfter = after.Area,
            MovedMeters = moved,
            LeastRadiusMeters = leastRadius,
            ResolutionMeters = resolution,
            ReachMeters = reach,
        };
    }

    private bool IsAllowed(Geometry meters, double width) => run.Ground.Allowed is not { } allowed || allowed.Covers(width > 0 ? CheckedPlace.FootprintOf(meters, width) : meters);

    private Geometry Degrees(Geometry meters) => run.Ground.Plane.ToDegrees(meters);

    private static LineString? Single(Geometry axis)
    {
        if (axis is LineString line)
        {
            return line.IsClosed ? null : line;
        }

        var merger = new LineMerger();
        merger.Add(axis);
        return merger.GetMergedLineStrings() is { Count: 1 } merged && merged[0] is LineString { IsClosed: false } one ? one : null;
    }

    private sealed record Measured(IReadOnlyList<Conflict> Conflicts, double Cost, CheckedPlace Place, Geometry Shape, Geometry Footprint)
    {
        public double Length { get; } = Place.IsLine ? Shapes.LengthOf(Shape) : 0;

        public double Area { get; } = Shapes.AreaOf(Footprint);
    }
}
