using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>Shapes made by overlays and buffers, where a shape is needed or nothing quicker is sure.</summary>
internal sealed partial class PatchPlace
{
    /// <summary>From so many points on it pays to index the edges of a shape.</summary>
    private const int ManyPoints = 64;

    private Dictionary<Geometry, Geometry>? _inside;
    private Dictionary<Geometry, double>? _common;
    private Dictionary<Geometry, Geometry>? _beyond;
    private Geometry? _frame;
    private FlatRing? _frameRing;
    private Geometry? _frameInDegrees;
    private Geometry? _eroded;

    /// <summary>The neighbourhood of the patch, in metres.</summary>
    private Geometry Frame => _frame ??= Shape.Factory.ToGeometry(Plane.ToMeters(Shape.Factory.ToGeometry(SearchBox)).EnvelopeInternal);

    /// <summary>The patch drawn in by the tolerance.</summary>
    private Geometry DrawnIn => _eroded ??= Areas(Shape.Buffer(-ToleranceMeters));

    /// <summary>Geodesic area in m² of a shape in metres.</summary>
    public double AreaOf(Geometry meters) =>
        meters.IsEmpty ? 0
        : ReferenceEquals(meters, Shape) ? _whole ??= _geodesic.AreaSquareMeters(Patch.Outline.Shape)
        : _geodesic.AreaSquareMeters(Plane.ToDegrees(meters));

    /// <summary>Share in [0, 1] of the patch that lies in a shape (in metres).</summary>
    public double ShareIn(Geometry near) => PlaneArea > 0 ? Math.Clamp(CommonWith(near) / PlaneArea, 0, 1) : 0;

    public Geometry Inside(Geometry near)
    {
        _inside ??= new(ReferenceEqualityComparer.Instance);
        if (!_inside.TryGetValue(near, out var inside))
        {
            _inside[near] = inside = HasNoneOf(near) ? Nothing : IsAllIn(near) ? Shape : Areas(Overlay(Shape, near, SpatialFunction.Intersection));
        }

        return inside;
    }

    /// <summary>Area in m², in the plane, of the patch inside a shape.</summary>
    public double CommonWith(Geometry near)
    {
        _common ??= new(ReferenceEqualityComparer.Instance);
        if (!_common.TryGetValue(near, out var area))
        {
            _common[near] = area = !_valid ? Areas(Overlay(Shape, near, SpatialFunction.Intersection)).Area
                : near.IsEmpty || !near.EnvelopeInternal.Intersects(Box) ? 0
                : ReferenceEquals(near, _frame) ? PlaneArea
                : Flat.With(near);
        }

        return area;
    }

    /// <summary>What two shapes (in metres) have in common.</summary>
    public static Geometry Common(Geometry one, Geometry other) => Areas(Overlay(one, other, SpatialFunction.Intersection));

    /// <summary>What of one shape (in metres) does not lie in another.</summary>
    public static Geometry Without(Geometry one, Geometry other) => other.IsEmpty ? one : Areas(Overlay(one, other, SpatialFunction.Difference));

    /// <summary>Whether what lies beyond the tolerance outside of a shape is too little to be told.</summary>
    public bool IsCoveredBy(Geometry beyond) => beyond.IsEmpty || AreaOf(beyond) < MinAreaSquareMeters;

    /// <summary>What of the patch lies further than the tolerance outside of a shape.</summary>
    public Geometry Beyond(Geometry near)
    {
        _beyond ??= new(ReferenceEqualityComparer.Instance);
        if (!_beyond.TryGetValue(near, out var beyond))
        {
            _beyond[near] = beyond =
                _valid && (near.IsEmpty || near.EnvelopeInternal.Distance(Box) > ToleranceMeters) ? Shape
                : IsAllIn(near) ? Nothing
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
            return PlaneArea;
        }

        var drawnIn = Areas(Overlay(Shape, Areas(near.Buffer(-ToleranceMeters)), SpatialFunction.Intersection)).Area;
        return Math.Max(drawnIn, Areas(Overlay(DrawnIn, near, SpatialFunction.Intersection)).Area);
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

    /// <summary>An outline in metres, cut to the neighbourhood.</summary>
    /// <param name="convex">Its ring, where that is convex.</param>
    public Geometry CutToFrame(Outline outline, FlatRing? convex)
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
                return Frame;
            }

            if (prepared.Disjoint(_frameInDegrees))
            {
                return Nothing;
            }
        }

        if (convex is not null && !SearchBox.Contains(box))
        {
            _frameRing ??= SimpleShapes.RingOf(Frame, null)!;

            // What is hardly more than an edge is left to the overlay library.
            if (FlatRing.Common(convex, _frameRing) is { } common && Math.Abs(common.SignedArea()) > 1)
            {
                return common.ToPolygon(Shape.Factory);
            }
        }

        var meters = Plane.ToMeters(shape);
        return SearchBox.Contains(box) && SimpleShapes.IsSimple(meters) ? meters : Areas(Overlay(meters, Frame, SpatialFunction.Intersection));
    }

    private bool HasNoneOf(Geometry near) => _valid && CommonWith(near) <= Rounding * PlaneArea;

    private bool IsAllIn(Geometry near) => _valid && PlaneArea - CommonWith(near) <= Rounding * PlaneArea;

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
