using System.Runtime.InteropServices;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// A patch laid out in metres, with what judgement asks of it: what lies in or out of other outlines, beyond a tolerance. Areas that
/// are told are geodesic; the plane serves tolerances only. Areas are summed edge by edge, and shapes are overlaid only where a shape is asked for or a sum lies too near to
/// a limit: what is told is the same either way. Not thread-safe: it remembers what it laid out.
/// </summary>
internal sealed partial class PatchPlace
{
    /// <summary>What is less than this share of the patch is rounding.</summary>
    public const double Rounding = 1e-9;

    private const double WideMeters = 1000;

    private readonly IGeodesic _geodesic;

    // Several checks ask the same of the same features.
    private readonly Dictionary<Outline, Near> _near = new(ReferenceEqualityComparer.Instance);
    private readonly List<Cover> _covers = new(4);
    private readonly List<(MapLayer Layer, bool Touching, object Features)> _found = new(8);
    private readonly bool _valid;
    private CommonArea? _round;
    private CommonArea? _frameArea;
    private CommonArea? _drawnIn;
    private FlatRing[]? _rings;
    private List<Near>? _parts;
    private double? _bows;
    private double? _whole;

    /// <param name="byOverlay">Decide everything by overlays and buffers: slow, and what the quick ways are held to.</param>
    public PatchPlace(ChangePatch patch, JudgementRules rules, IGeodesic geodesic, bool byOverlay = false)
    {
        _geodesic = geodesic;
        Plane = LocalPlane.At(patch.Outline.Box);
        Patch = patch;
        ByOverlay = byOverlay;
        ToleranceMeters = ToleranceOf(rules, patch.GsdMeters);
        NeighbourhoodMeters = ReachMeters(rules, patch.GsdMeters);
        MinAreaSquareMeters = Math.Min(rules.MinPixels * patch.GsdMeters * patch.GsdMeters, patch.Outline.AreaSquareMeters / 2);
        SearchBox = Plane.Grow(patch.Outline.Box, NeighbourhoodMeters);
        Shape = Areas(Plane.ToMeters(patch.Outline.Shape));
        Box = Shape.EnvelopeInternal;
        PlaneArea = Shape.Area;
        _valid = SimpleShapes.IsSimple(Shape) || Shape.IsValid;
        IsExact = _valid && !byOverlay && PlaneArea > 0;
        Flat = new CommonArea(Shape);
    }

    /// <summary>How far off a patch with pixels of a size something may lie and still play a part in its judgement, in m.</summary>
    public static double ReachMeters(JudgementRules rules, double gsdMeters) => (3 * ToleranceOf(rules, gsdMeters)) + 1;

    public ChangePatch Patch { get; }

    public LocalPlane Plane { get; }

    public double ToleranceMeters { get; }

    /// <summary>How far the neighbourhood reaches beyond the patch's box.</summary>
    public double NeighbourhoodMeters { get; }

    /// <summary>Less than this beyond a tolerance is not told.</summary>
    public double MinAreaSquareMeters { get; }

    /// <summary>Box in degrees: what lies outside of it plays no part.</summary>
    public Envelope SearchBox { get; }

    /// <summary>The patch in metres.</summary>
    public Geometry Shape { get; }

    /// <summary>Its box in metres.</summary>
    public Envelope Box { get; }

    /// <summary>Its area in the plane.</summary>
    public double PlaneArea { get; }

    public bool ByOverlay { get; }

    /// <summary>Areas may be summed edge by edge: it does not cross itself.</summary>
    public bool IsExact { get; }

    /// <summary>For areas in common in the plane, and on the ellipsoid.</summary>
    public CommonArea Flat { get; }

    public CommonArea Round => _round ??= new CommonArea(Shape, Plane.AreaBend);

    /// <summary>All rings of the patch.</summary>
    public FlatRing[] Rings => _rings ??= RingsOf(Shape);

    /// <summary>What its own edges may add to the difference between an area in the plane and a geodesic one, in m².</summary>
    public double Bows
    {
        get
        {
            if (_bows is not { } bows)
            {
                bows = 0;
                foreach (var ring in Rings)
                {
                    bows += BowsOf(ring);
                }

                _bows = bows;
            }

            return bows;
        }
    }

    public Geometry Nothing => Shape.Factory.CreatePolygon();

    /// <summary>Features of a layer whose box meets the neighbourhood, or the patch's own box; asked for once.</summary>
    /// <param name="index">The same at every question.</param>
    public IReadOnlyList<TFeature> Found<TFeature>(PlanIndex index, MapLayer layer, bool touching = false)
        where TFeature : MapFeature
    {
        foreach (var (of, own, features) in _found)
        {
            if (of == layer && own == touching)
            {
                return (IReadOnlyList<TFeature>)features;
            }
        }

        var found = index.InBox<TFeature>(layer, touching ? Patch.Outline.Box : SearchBox);
        _found.Add((layer, touching, found));
        return found;
    }

    public Near Near(Outline outline)
    {
        ref var near = ref CollectionsMarshal.GetValueRefOrAddDefault(_near, outline, out _);
        return near ??= new Near(this, outline);
    }

    /// <summary>Outlines taken together; asked for the same ones again, the same.</summary>
    public Cover Together(params ReadOnlySpan<Near> parts)
    {
        foreach (var cover in _covers)
        {
            if (cover.Parts.SequenceEqual(parts))
            {
                return cover;
            }
        }

        var made = new Cover(this, parts.ToArray());
        _covers.Add(made);
        return made;
    }

    public Cover Together(IEnumerable<Near> parts) => Together([.. parts]);

    /// <summary>The outlines of permits taken together.</summary>
    public Cover Together(List<Candidate> permits)
    {
        var parts = _parts ??= [];
        parts.Clear();
        foreach (var permit in permits)
        {
            parts.Add(permit.Near);
        }

        return Together(CollectionsMarshal.AsSpan(parts));
    }

    /// <summary>Whether an outline lies in the neighbourhood with more than its edge.</summary>
    public bool Meets(Near near) => near.Meets ??= FindMeets(near);

    /// <summary>Share in [0, 1] of the patch that lies in an outline.</summary>
    public double ShareIn(Near near) => PlaneArea > 0 ? Math.Clamp(CommonWith(near) / PlaneArea, 0, 1) : 0;

    /// <summary>Area in m², in the plane, of the patch inside an outline.</summary>
    public double CommonWith(Near near) => near.Common ??= FindCommon(near);

    public bool HasNoneOf(Near near) => _valid && CommonWith(near) <= Rounding * PlaneArea;

    public bool IsAllIn(Near near) => _valid && PlaneArea - CommonWith(near) <= Rounding * PlaneArea;

    /// <summary>Whether any of the patch lies in an outline.</summary>
    public bool Holds(Near near) => IsExact && (HasNoneOf(near) || CommonWith(near) > 1e-3) ? !HasNoneOf(near) : !Inside(near.Cut).IsEmpty;

    /// <summary>
    /// Geodesic area in m² of the patch inside an outline. In patches up to a kilometre wide it is the area in an equal-area plane, right to a few
    /// hundredths of a square metre for edges of a hundred metres.
    /// </summary>
    public double AreaInside(Near near) =>
        HasNoneOf(near) ? 0
        : IsAllIn(near) ? AreaOf(Shape)
        : !_valid || Box.Diameter > WideMeters ? AreaOf(Inside(near.Cut))
        : RoundWith(near);

    /// <summary>The same, so near to the geodesic area of the very part that whole m² and hundredths of a 亩 come out the same.</summary>
    public double ToldInside(Near near)
    {
        if (IsExact && IsAllIn(near))
        {
            return AreaOf(Shape);
        }

        if (IsExact && (near.Ring is not null || near.Edges is not null) && CommonWith(near) > 1e-3)
        {
            var area = RoundWith(near);
            if (IsTold(area, Bows + near.Bows))
            {
                return area;
            }
        }

        return AreaOf(Inside(near.Cut));
    }

    /// <summary>Whether an area that may be wrong by an error is told in the same digits as the true one.</summary>
    public static bool IsTold(double area, double error)
    {
        var loose = error + 1e-3 + (1e-6 * area);
        return Clear(area, loose) && Clear(100 * LandArea.ToMu(area), 100 * LandArea.ToMu(loose));

        static bool Clear(double value, double loose) => Math.Abs(value - Math.Floor(value) - 0.5) > loose;
    }

    /// <summary>Whether a part of the least area, with the patch or the outline drawn in by the tolerance, lies in it: no matter of tolerance.</summary>
    public bool IsSurelyIn(Near near)
    {
        if (IsExact)
        {
            var common = CommonWith(near);
            if (common <= Rounding * PlaneArea || common < MinAreaSquareMeters * (1 - 1e-9))
            {
                return false;
            }

            if (IsAllIn(near) && PlaneArea >= MinAreaSquareMeters && IsClearOfEdges(near))
            {
                return true;
            }

            _drawnIn ??= new CommonArea(DrawnIn);
            var drawn = near.Ring is { } ring ? _drawnIn.With(ring) : near.Edges is not null && LieOf(near) is Judgement.Near.Lie.Part ? _drawnIn.With(Column(near)) : 0;
            if (drawn > 0 && drawn >= MinAreaSquareMeters * (1 + 1e-9))
            {
                return true;
            }

            if (drawn < MinAreaSquareMeters * (1 - 1e-9) && IsDrawnInEnough(near) is { } enough)
            {
                return enough;
            }
        }

        return SurelyInside(near.Cut) is var sure && sure > 0 && sure >= MinAreaSquareMeters;
    }

    /// <summary>How an outline that is known by its edges lies to the neighbourhood.</summary>
    public Near.Lie LieOf(Near near)
    {
        if (near.LiesTo is Judgement.Near.Lie.Unknown)
        {
            var found = Scratch;
            near.Edges!.Find(SearchBox.MinX, SearchBox.MaxX, SearchBox.MinY, SearchBox.MaxY, found);
            near.LiesTo = found.Exists(Enters) ? Judgement.Near.Lie.Part
                : near.Edges.Holds((SearchBox.MinX + SearchBox.MaxX) / 2, (SearchBox.MinY + SearchBox.MaxY) / 2) ? Judgement.Near.Lie.Holds
                : Judgement.Near.Lie.Apart;
        }

        return near.LiesTo;
    }

    /// <summary>Whether a place in metres lies in the neighbourhood.</summary>
    public bool IsInNeighbourhood(double x, double y) =>
        x > Box.MinX - NeighbourhoodMeters && x < Box.MaxX + NeighbourhoodMeters && y > Box.MinY - NeighbourhoodMeters && y < Box.MaxY + NeighbourhoodMeters;

    /// <summary>Bows that edges of a ring may have inside the patch's box, in m².</summary>
    public double BowsOf(FlatRing ring)
    {
        var sum = 0.0;
        var x = ring.X;
        var y = ring.Y;
        for (var i = 1; i < x.Length; i++)
        {
            sum += Cube(LengthInBox(x[i - 1], y[i - 1], x[i], y[i]));
        }

        return Plane.BowShare * sum;
    }

    private bool FindMeets(Near near)
    {
        if (IsExact && near.Outline is { } outline)
        {
            if (!outline.Box.Intersects(SearchBox))
            {
                return false;
            }

            if (near.Ring is { } ring)
            {
                if (SearchBox.Contains(outline.Box))
                {
                    return true;
                }

                _frameArea ??= new CommonArea(Frame);
                if (_frameArea.With(ring) > 1e-6)
                {
                    return true;
                }

                if (near.Convex is not null && FlatRing.AreApart(ring, SimpleShapes.RingOf(Frame, null)!, 1e-6))
                {
                    return false;
                }
            }
            else if (near.Edges is not null)
            {
                return LieOf(near) is not Judgement.Near.Lie.Apart;
            }
        }

        return !near.Cut.IsEmpty;
    }

    private double FindCommon(Near near)
    {
        if (!IsExact)
        {
            return CommonWith(near.Cut);
        }

        if (near.Outline is { } outline && !outline.Box.Intersects(Patch.Outline.Box))
        {
            return 0;
        }

        if (near.Ring is { } ring)
        {
            return Flat.With(ring);
        }

        return near.Edges is null ? CommonWith(near.Cut) : LieOf(near) switch
        {
            Judgement.Near.Lie.Apart => 0,
            Judgement.Near.Lie.Holds => PlaneArea,
            _ => Flat.With(Column(near)),
        };
    }

    private double RoundWith(Near near) =>
        !IsExact ? Round.With(near.Cut)
        : near.Ring is { } ring ? Round.With(ring)
        : near.Edges is not null && LieOf(near) is Judgement.Near.Lie.Part ? Round.With(Column(near))
        : Round.With(near.Cut);

    /// <summary>The edges at and above the patch, in metres.</summary>
    private ReadOnlySpan<EdgeIndex.Found> Column(Near near)
    {
        var (found, box) = (Scratch, Patch.Outline.Box);
        near.Edges!.Find(box.MinX, box.MaxX, box.MinY, double.PositiveInfinity, found);
        var bows = 0.0;
        var edges = CollectionsMarshal.AsSpan(found);
        foreach (ref var edge in edges)
        {
            var ((x0, y0), (x1, y1)) = (Plane.ToMeters(edge.X0, edge.Y0), Plane.ToMeters(edge.X1, edge.Y1));
            edge = new(x0, y0, x1, y1, edge.Sign);
            bows += Cube(LengthInBox(x0, y0, x1, y1));
        }

        near.Bows = Plane.BowShare * bows;
        return edges;
    }

    /// <summary>Whether no edge of an outline that holds the patch comes nearer than the tolerance, and what the buffers of the overlay library may round.</summary>
    private bool IsClearOfEdges(Near near)
    {
        var clear = 1.02 * ToleranceMeters;
        if (near.Ring is { } ring)
        {
            for (var i = 1; i < ring.X.Length; i++)
            {
                if (!IsClear(ring.X[i - 1], ring.Y[i - 1], ring.X[i], ring.Y[i], clear))
                {
                    return false;
                }
            }

            return true;
        }

        if (near.Edges is null || LieOf(near) is Judgement.Near.Lie.Holds)
        {
            return near.Edges is not null;
        }

        var found = Scratch;
        near.Edges.Find(SearchBox.MinX, SearchBox.MaxX, SearchBox.MinY, SearchBox.MaxY, found);
        foreach (ref readonly var edge in CollectionsMarshal.AsSpan(found))
        {
            var ((x0, y0), (x1, y1)) = (Plane.ToMeters(edge.X0, edge.Y0), Plane.ToMeters(edge.X1, edge.Y1));
            if (!IsClear(x0, y0, x1, y1, clear))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an edge that does not cross the patch's keeps a distance from them: then its or their ends do.</summary>
    private bool IsClear(double x0, double y0, double x1, double y1, double clear)
    {
        if (Math.Min(x0, x1) > Box.MaxX + clear || Math.Max(x0, x1) < Box.MinX - clear || Math.Min(y0, y1) > Box.MaxY + clear || Math.Max(y0, y1) < Box.MinY - clear)
        {
            return true;
        }

        foreach (var own in Rings)
        {
            var x = own.X;
            var y = own.Y;
            for (var i = 1; i < x.Length; i++)
            {
                if (FlatRing.SquareDistance(x[i], y[i], x0, y0, x1, y1) < clear * clear
                    || FlatRing.SquareDistance(x0, y0, x[i - 1], y[i - 1], x[i], y[i]) < clear * clear
                    || FlatRing.SquareDistance(x1, y1, x[i - 1], y[i - 1], x[i], y[i]) < clear * clear)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether an edge in degrees runs through the inside of the neighbourhood.</summary>
    private bool Enters(EdgeIndex.Found edge) => ShareInBox(edge.X0, edge.Y0, edge.X1, edge.Y1, SearchBox, edges: false) > 0;

    /// <summary>Length in m of an edge in metres inside the patch's box.</summary>
    private double LengthInBox(double x0, double y0, double x1, double y1) =>
        ShareInBox(x0, y0, x1, y1, Box, edges: true) is var share && share > 0 ? share * Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0))) : 0;

    /// <summary>Share of an edge that runs in a box (Liang and Barsky 1984).</summary>
    private static double ShareInBox(double x0, double y0, double x1, double y1, Envelope box, bool edges)
    {
        var (from, to) = (0.0, 1.0);
        return Cut(x0, x1, box.MinX, box.MaxX) && Cut(y0, y1, box.MinY, box.MaxY) ? to - from : 0;

        bool Cut(double a, double b, double least, double most)
        {
            if (a == b)
            {
                return edges ? a >= least && a <= most : a > least && a < most;
            }

            var (one, two) = ((least - a) / (b - a), (most - a) / (b - a));
            (from, to) = (Math.Max(from, Math.Min(one, two)), Math.Min(to, Math.Max(one, two)));
            return from < to;
        }
    }

    private static FlatRing[] RingsOf(Geometry shape)
    {
        List<FlatRing> rings = [];
        for (var part = 0; part < shape.NumGeometries; part++)
        {
            var polygon = (Polygon)shape.GetGeometryN(part);
            rings.Add(FlatRing.Of(polygon.ExteriorRing.CoordinateSequence));
            rings.AddRange(polygon.InteriorRings.Select(r => FlatRing.Of(r.CoordinateSequence)));
        }

        return [.. rings];
    }

    private static double Cube(double meters) => meters * meters * meters;

    private static double ToleranceOf(JudgementRules rules, double gsdMeters) => Math.Max(rules.ToleranceMeters, rules.TolerancePixels * gsdMeters);

    [ThreadStatic]
    private static List<EdgeIndex.Found>? _scratch;

    /// <summary>Emptied at every question.</summary>
    private static List<EdgeIndex.Found> Scratch
    {
        get
        {
            (_scratch ??= []).Clear();
            return _scratch;
        }
    }
}
