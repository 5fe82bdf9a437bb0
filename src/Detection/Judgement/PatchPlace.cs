using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// A patch laid out in metres, with what judgement asks of it: what lies in or out of other outlines, beyond a tolerance. Areas that
/// are told are geodesic; the plane serves tolerances only. Not thread-safe: it remembers what it laid out.
/// </summary>
internal sealed class PatchPlace
{
    /// <summary>From so many points on it pays to index the edges of a shape.</summary>
    private const int ManyPoints = 64;

    private const double WideMeters = 1000;

    /// <summary>What is less than this share of the patch is rounding.</summary>
    private const double Rounding = 1e-9;

    private readonly LocalPlane _plane;
    private readonly IGeodesic _geodesic;
    private readonly Geometry _frame;

    // Several checks ask the same of the same features.
    private readonly Dictionary<Outline, Geometry> _near = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Geometry, Geometry> _inside = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Geometry, double> _common = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Geometry, Geometry> _beyond = new(ReferenceEqualityComparer.Instance);
    private readonly bool _valid;
    private readonly double _area;
    private CommonArea? _flat;
    private CommonArea? _round;
    private double? _whole;
    private Geometry? _frameInDegrees;
    private Geometry? _eroded;

    public PatchPlace(ChangePatch patch, JudgementRules rules, IGeodesic geodesic)
    {
        _geodesic = geodesic;
        _plane = LocalPlane.At(patch.Outline.Box);
        Patch = patch;
        ToleranceMeters = ToleranceOf(rules, patch.GsdMeters);
        MinAreaSquareMeters = Math.Min(rules.MinPixels * patch.GsdMeters * patch.GsdMeters, patch.Outline.AreaSquareMeters / 2);
        SearchBox = _plane.Grow(patch.Outline.Box, ReachMeters(rules, patch.GsdMeters));
        Shape = Areas(_plane.ToMeters(patch.Outline.Shape));
        _area = Shape.Area;
        _valid = SimpleShapes.IsSimple(Shape) || Shape.IsValid;
        _frame = Shape.Factory.ToGeometry(_plane.ToMeters(Shape.Factory.ToGeometry(SearchBox)).EnvelopeInternal);
    }

    /// <summary>How far off a patch with pixels of a size something may lie and still play a part in its judgement, in m.</summary>
    public static double ReachMeters(JudgementRules rules, double gsdMeters) => (3 * ToleranceOf(rules, gsdMeters)) + 1;

    public ChangePatch Patch { get; }

    public double ToleranceMeters { get; }

    /// <summary>Less than this beyond a tolerance is not told.</summary>
    public double MinAreaSquareMeters { get; }

    /// <summary>Box in degrees: what lies outside of it plays no part.</summary>
    public Envelope SearchBox { get; }

    /// <summary>The patch in metres.</summary>
    public Geometry Shape { get; }

    public Geometry Nothing => Shape.Factory.CreatePolygon();

    /// <summary>Another outline in metres, cut to the neighbourhood of the patch.</summary>
    public Geometry Near(Outline outline)
    {
        if (!_near.TryGetValue(outline, out var near))
        {
            _near[outline] = near = CutToFrame(outline);
        }

        return near;
    }

    /// <summary>Geodesic area in m² of a shape in metres.</summary>
    public double AreaOf(Geometry meters) =>
        meters.IsEmpty ? 0
        : ReferenceEquals(meters, Shape) ? _whole ??= _geodesic.AreaSquareMeters(Patch.Outline.Shape)
        : _geodesic.AreaSquareMeters(_plane.ToDegrees(meters));

    /// <summary>Share in [0, 1] of the patch that lies in a shape (in metres).</summary>
    public double ShareIn(Geometry near) => _area > 0 ? Math.Clamp(CommonWith(near) / _area, 0, 1) : 0;

    public Geometry Inside(Geometry near)
    {
        if (!_inside.TryGetValue(near, out var inside))
        {
            _inside[near] = inside = HasNoneOf(near) ? Nothing : IsAllIn(near) ? Shape : Areas(Overlay(Shape, near, SpatialFunction.Intersection));
        }

        return inside;
    }

    /// <summary>Area in m², in the plane, of the patch inside a shape.</summary>
    public double CommonWith(Geometry near)
    {
        if (!_common.TryGetValue(near, out var area))
        {
            _common[near] = area = !_valid ? Areas(Overlay(Shape, near, SpatialFunction.Intersection)).Area
                : near.IsEmpty || !near.EnvelopeInternal.Intersects(Shape.EnvelopeInternal) ? 0
                : ReferenceEquals(near, _frame) ? _area
                : (_flat ??= new CommonArea(Shape)).With(near);
        }

        return area;
    }

    /// <summary>
    /// Geodesic area in m² of the patch inside a shape. In patches up to a kilometre wide it is the area in an equal-area plane, right to a few
    /// hundredths of a square metre for edges of a hundred metres.
    /// </summary>
    public double AreaInside(Geometry near) =>
        HasNoneOf(near) ? 0
        : IsAllIn(near) ? AreaOf(Shape)
        : !_valid || Shape.EnvelopeInternal.Diameter > WideMeters ? AreaOf(Inside(near))
        : (_round ??= new CommonArea(Shape, _plane.AreaBend)).With(near);

    /// <summary>What two shapes (in metres) have in common.</summary>
    public static Geometry Common(Geometry one, Geometry other) => Areas(Overlay(one, other, SpatialFunction.Intersection));

    /// <summary>What of one shape (in metres) does not lie in another.</summary>
    public static Geometry Without(Geometry one, Geometry other) => other.IsEmpty ? one : Areas(Overlay(one, other, SpatialFunction.Difference));

    /// <summary>Whether what lies beyond the tolerance outside of a shape is too little to be told.</summary>
    public bool IsCoveredBy(Geometry near)
    {
        var beyond = Beyond(near);
        return beyond.IsEmpty || AreaOf(beyond) < MinAreaSquareMeters;
    }

    /// <summary>What of the patch lies further than the tolerance outside of a shape.</summary>
    public Geometry Beyond(Geometry near)
    {
        if (!_beyond.TryGetValue(near, out var beyond))
        {
            _beyond[near] = beyond =
                _valid && (near.IsEmpty || near.EnvelopeInternal.Distance(Shape.EnvelopeInternal) > ToleranceMeters) ? Shape
                : IsAllIn(near) || IsWithinTolerance(near) ? Nothing
                : Areas(Overlay(Shape, Grow(near), SpatialFunction.Difference));
        }

        return beyond;
    }

    /// <summary>Area in m² of the patch inside a shape that is no matter of tolerance: with either of the two drawn in by the tolerance.</summary>
    public double SurelyInside(Geometry near)
    {
        if (HasNoneOf(near))
        {
            return 0;
        }

        if (_valid && ReferenceEquals(near, _frame))
        {
            return _area;
        }

        _eroded ??= Areas(Shape.Buffer(-ToleranceMeters));
        var drawnIn = Areas(Overlay(Shape, Areas(near.Buffer(-ToleranceMeters)), SpatialFunction.Intersection)).Area;
        return Math.Max(drawnIn, Areas(Overlay(_eroded, near, SpatialFunction.Intersection)).Area);
    }

    public Geometry Union(IEnumerable<Geometry> shapes)
    {
        Geometry sum = Nothing;
        foreach (var shape in shapes)
        {
            sum = sum.IsEmpty ? shape : Areas(Overlay(sum, shape, SpatialFunction.Union));
        }

        return sum;
    }

    public Geometry Grow(Geometry near) => near.IsEmpty ? near : Areas(near.Buffer(ToleranceMeters));

    /// <summary>
    /// Greatest distance in m from a part of the patch to a shape, over the part's vertices (exact where the shape is convex), or the
    /// reach of the neighbourhood where the shape is empty.
    /// </summary>
    public static double Reach(Geometry part, Geometry near) =>
        part.IsEmpty || near.IsEmpty ? 0 : part.Coordinates.Max(c => near.Distance(part.Factory.CreatePoint(c)));

    private bool HasNoneOf(Geometry near) => _valid && CommonWith(near) <= Rounding * _area;

    private bool IsAllIn(Geometry near) => _valid && _area - CommonWith(near) <= Rounding * _area;

    /// <summary>
    /// True only where the whole patch lies in the shape grown by the tolerance: the shape is convex and every corner is near enough. Arcs
    /// are drawn as chords, which come up to 1.5 % of the tolerance short.
    /// </summary>
    private bool IsWithinTolerance(Geometry near)
    {
        const double chord = 0.98;
        if (!_valid || near is not Polygon { NumInteriorRings: 0 } polygon || !SimpleShapes.IsConvex(polygon))
        {
            return false;
        }

        for (var part = 0; part < Shape.NumGeometries; part++)
        {
            var ring = ((Polygon)Shape.GetGeometryN(part)).ExteriorRing.CoordinateSequence;
            for (var i = 1; i < ring.Count; i++)
            {
                if (!SimpleShapes.IsWithin(polygon, ring.GetX(i), ring.GetY(i), chord * ToleranceMeters))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private Geometry CutToFrame(Outline outline)
    {
        var (shape, box) = (outline.Shape, outline.Box);
        if (!box.Intersects(SearchBox))
        {
            return Nothing;
        }

        if (shape.NumPoints >= ManyPoints && shape is Polygon or MultiPolygon)
        {
            _frameInDegrees ??= Shape.Factory.ToGeometry(SearchBox);
            var prepared = PreparedShapes.Of(shape);
            if (prepared.ContainsProperly(_frameInDegrees))
            {
                return _frame;
            }

            if (prepared.Disjoint(_frameInDegrees))
            {
                return Nothing;
            }
        }

        var meters = _plane.ToMeters(shape);
        return SearchBox.Contains(box) && SimpleShapes.IsSimple(meters) ? meters : Areas(Overlay(meters, _frame, SpatialFunction.Intersection));
    }

    private static double ToleranceOf(JudgementRules rules, double gsdMeters) => Math.Max(rules.ToleranceMeters, rules.TolerancePixels * gsdMeters);

    private static Geometry Overlay(Geometry a, Geometry b, SpatialFunction operation) => OverlayNGRobust.Overlay(a, b, operation);

    private static Geometry Areas(Geometry geometry)
    {
        if (geometry is Polygon or MultiPolygon)
        {
            return geometry;
        }

        var polygons = PolygonExtracter.GetPolygons(geometry).Cast<Polygon>().Where(p => !p.IsEmpty).ToArray();
        return polygons.Length == 1 ? polygons[0] : geometry.Factory.CreateMultiPolygon(polygons);
    }
}
