using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Another outline beside a patch. It is laid out in the plane only as far as somebody asks: as one ring of few corners, as edges found by place, or, where
/// neither tells enough, as a shape cut to the neighbourhood of the patch. Not thread-safe.
/// </summary>
internal sealed class Near
{
    private readonly PatchPlace _place;
    private Geometry? _cut;
    private FlatRing? _ring;
    private FlatRing? _grown;
    private EdgeIndex? _edges;
    private bool _looked;
    private bool? _convex;
    private bool? _exact;
    private double? _bows;

    public Near(PatchPlace place, Outline outline) => (_place, Outline) = (place, outline);

    /// <param name="cut">In metres.</param>
    public Near(PatchPlace place, Geometry cut) => (_place, _cut) = (place, cut);

    /// <summary>How an outline that is known by its edges lies to the neighbourhood of the patch.</summary>
    public enum Lie
    {
        Unknown,
        Apart,
        Part,

        /// <summary>It holds the whole neighbourhood.</summary>
        Holds,
    }

    /// <summary>Null for what was cut out of others.</summary>
    public Outline? Outline { get; }

    /// <summary>In metres, cut to the neighbourhood.</summary>
    public Geometry Cut => _cut ??= _place.CutToFrame(Outline!, Convex);

    /// <summary>In metres and whole, where it is one ring of few corners that does not cross itself.</summary>
    public FlatRing? Ring
    {
        get
        {
            Look();
            return _ring;
        }
    }

    /// <summary>In degrees, where it is valid and no <see cref="Ring"/>.</summary>
    public EdgeIndex? Edges
    {
        get
        {
            Look();
            return _edges;
        }
    }

    /// <summary>Its ring, where that is convex.</summary>
    public FlatRing? Convex => Ring is { } ring && (_convex ??= ring.IsConvex()) ? ring : null;

    /// <summary>Whether its grown ring is what the overlay library draws.</summary>
    public bool GrowsExactly => _exact ??= Convex is { } ring && ring.TurnsClearly();

    /// <summary>Its convex ring grown by the tolerance.</summary>
    public FlatRing? Grown => _grown ??= Convex?.Grown(_place.ToleranceMeters);

    /// <summary>Area in m², in the plane, of the patch inside it, once that is known.</summary>
    public double? Common { get; set; }

    /// <summary>What the edges around the patch may add to the difference between an area in the plane and a geodesic one, in m².</summary>
    public double Bows
    {
        get => _bows ??= Ring is { } ring ? _place.BowsOf(ring) : double.PositiveInfinity;
        set => _bows = value;
    }

    public Lie LiesTo { get; set; }

    public bool? Meets { get; set; }

    private void Look()
    {
        if (_looked)
        {
            return;
        }

        _looked = true;
        if (_place.ByOverlay)
        {
            return;
        }

        if (Outline is null)
        {
            _ring = SimpleShapes.RingOf(_cut!, null);
        }
        else
        {
            _ring = SimpleShapes.RingOf(Outline.Shape, _place.Plane);
            if (_ring is null && Outline.Shape is Polygon or MultiPolygon && EdgeIndex.Of(Outline.Shape) is { IsValid: true } edges)
            {
                _edges = edges;
            }
        }
    }
}
