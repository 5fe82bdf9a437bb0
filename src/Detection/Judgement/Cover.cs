using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// Several outlines beside a patch taken together: what of the patch lies further outside of all of them than the tolerance. How much that is, is found from
/// the outlines one by one where that is sure; the common outline and what lies beyond it are made only where a shape is needed. Not thread-safe.
/// </summary>
internal sealed class Cover(PatchPlace place, Near[] parts)
{
    /// <summary>Of so many outlines that overlap, the areas that several have in common are still counted one by one.</summary>
    private const int AtMost = 4;

    /// <summary>Shares of the tolerance between which a buffer drawn with chords, around an outline of which shallow corners were left out, lies.</summary>
    private const double Inner = 0.97;
    private const double Outer = 1.03;

    private readonly List<Near> _around = new(parts.Length);
    private Geometry? _shape;
    private Geometry? _beyond;
    private bool _looked;
    private bool _exact;
    private (double Least, double Most)? _bounds;
    private bool? _covers;
    private double? _told;

    public ReadOnlySpan<Near> Parts => parts;

    /// <summary>The outlines as one shape in metres, cut to the neighbourhood of the patch.</summary>
    public Geometry Shape => _shape ??= place.Union(parts.Select(p => p.Cut));

    /// <summary>What lies beyond.</summary>
    public Geometry Beyond => _beyond ??= place.Beyond(Shape);

    /// <summary>None of them comes near enough to take anything off the patch.</summary>
    public bool IsFarOff
    {
        get
        {
            Look();
            return _exact && _around.Count == 0;
        }
    }

    /// <summary>Whether what lies beyond is too little to be told.</summary>
    public bool Covers => _covers ??= FindCovers();

    /// <summary>Geodesic area in m² of what lies beyond, so near to it that whole m² and hundredths of a 亩 come out the same.</summary>
    public double AreaBeyond => _told ??= FindTold();

    /// <summary>Share in [0, 1] of the patch, in the plane, that lies beyond.</summary>
    public double ShareBeyond
    {
        get
        {
            Look();
            return (_exact ? Math.Max(0, place.PlaneArea - WithGrown(place.Flat, null, null)) : Beyond.Area) / place.PlaneArea;
        }
    }

    /// <summary>Whether at least a share of the patch lies in them.</summary>
    public bool HoldsShare(double least)
    {
        var (most, sum) = (0.0, 0.0);
        foreach (var part in parts)
        {
            var share = place.ShareIn(part);
            (most, sum) = (Math.Max(most, share), sum + share);
        }

        return most >= least || (sum >= least * (1 - 1e-9) && place.ShareIn(Shape) >= least);
    }

    /// <summary>Whether an outline holds at least a share of what lies beyond.</summary>
    public bool BeyondHoldsShare(Near other, double least)
    {
        Look();
        if (_exact && (_around.Count == 0 || other.Convex is not null))
        {
            var beyond = Math.Max(0, place.PlaneArea - WithGrown(place.Flat, null, null));
            var own = place.CommonWith(other) - (_around.Count == 0 ? 0 : WithGrown(place.Flat, null, other.Convex));
            var over = own - (least * beyond);
            if (beyond > 0 && Math.Abs(over) > 1e-6)
            {
                return over > 0;
            }
        }

        return PatchPlace.Common(Beyond, other.Cut).Area >= least * Beyond.Area;
    }

    /// <summary>Whether an outline, grown by the tolerance, meets what lies beyond.</summary>
    public bool LeavesTo(Near other) =>
        (IsFarOff && place.CommonWith(other) > PatchPlace.Rounding * place.PlaneArea) || !PatchPlace.Common(Beyond, place.Grow(other.Cut)).IsEmpty;

    /// <summary>Geodesic area in m² of the patch inside of them, so near to it that whole m² and hundredths of a 亩 come out the same.</summary>
    public double ToldInside()
    {
        if (place.IsExact)
        {
            var some = parts.Where(p => !place.HasNoneOf(p)).Distinct().ToList();
            if (some.Count == 0)
            {
                return 0;
            }

            if (some.Any(place.IsAllIn) && place.AreaOf(place.Shape) is var whole && PatchPlace.IsTold(whole, 0))
            {
                return whole;
            }

            if (some.Count == 1)
            {
                return place.ToldInside(some[0]);
            }
        }

        return place.AreaOf(place.Inside(Shape));
    }

    /// <summary>Greatest distance in m from a corner of what lies beyond to the outlines.</summary>
    public double ReachBeyond()
    {
        if (place.IsExact && parts.All(p => p.Ring is not null))
        {
            var (reach, whole) = (0.0, true);
            foreach (var own in place.Rings)
            {
                for (var i = 1; i < own.X.Length; i++)
                {
                    var (nearest, kept) = (double.PositiveInfinity, true);
                    foreach (var part in parts)
                    {
                        if (part.Ring!.Holds(own.X[i], own.Y[i]))
                        {
                            (nearest, kept) = (0, true);
                            break;
                        }

                        if (part.Ring.DistanceTo(own.X[i], own.Y[i], out var x, out var y) is var distance && distance < nearest)
                        {
                            (nearest, kept) = (distance, place.IsInNeighbourhood(x, y));
                        }
                    }

                    whole &= kept;
                    reach = Math.Max(reach, nearest);
                }
            }

            // A corner this far off lies beyond, and what is nearest to it was not cut off.
            if (whole && reach >= Outer * place.ToleranceMeters && Math.Abs((reach % 1) - 0.5) > 1e-6)
            {
                return reach;
            }
        }

        return PatchPlace.Reach(Beyond, Shape);
    }

    private bool FindCovers()
    {
        Look();
        var (least, most) = Bounds();

        // Areas in the plane are those on the ground but for a part in a hundred thousand, more where the patch reaches far from its middle, and bows.
        var scale = Math.Max(1e-5, Math.Abs(place.Plane.AreaBend) * 0.55 * place.Box.Height);
        var loose = place.Bows + (scale * place.PlaneArea) + _around.Sum(n => n.Bows);
        if (most + loose < place.MinAreaSquareMeters)
        {
            return true;
        }

        return !(least - loose >= place.MinAreaSquareMeters) && place.IsCoveredBy(Beyond);
    }

    private double FindTold()
    {
        Look();
        if (_exact && _around.Count == 0)
        {
            return place.AreaOf(place.Shape);
        }

        if (_exact)
        {
            var area = place.AreaOf(place.Shape) - WithGrown(place.Round, null, null);
            if (PatchPlace.IsTold(area, place.Bows + _around.Sum(n => place.BowsOf(n.Grown!))))
            {
                return area;
            }
        }

        return place.AreaOf(Beyond);
    }

    /// <summary>Which outlines matter, and whether all of these are convex and the buffer of all is that of each.</summary>
    private void Look()
    {
        if (_looked)
        {
            return;
        }

        _looked = true;
        _exact = place.IsExact;
        if (!_exact)
        {
            return;
        }

        foreach (var part in parts)
        {
            if (_around.Contains(part))
            {
                continue;
            }

            if (part.Ring is { } ring)
            {
                if (ring.BoxDistance(place.Box.MinX, place.Box.MaxX, place.Box.MinY, place.Box.MaxY) > place.ToleranceMeters)
                {
                    continue;
                }

                _exact &= part.GrowsExactly;
            }
            else
            {
                if (part.Edges is not null && place.LieOf(part) is Near.Lie.Apart)
                {
                    continue;
                }

                _exact = false;
            }

            _around.Add(part);
        }

        if (_exact && _around.Count > 1)
        {
            KeepWhatMatters();
        }

        _exact &= _around.Count <= AtMost;
        if (_exact && _around.Count > 1)
        {
            _exact = GrownTogether.AddUp([.. _around.Select(n => n.Convex!)], place.ToleranceMeters);
        }
    }

    /// <summary>Leaves out what lies in another, and what does not reach the patch: nothing of the patch is nearest to it.</summary>
    private void KeepWhatMatters()
    {
        for (var i = _around.Count - 1; i >= 0; i--)
        {
            var ring = _around[i].Convex!;
            var inAnother = false;
            for (var j = 0; j < _around.Count && !inAnother; j++)
            {
                inAnother = j != i && GrownTogether.IsIn(ring, _around[j].Convex!);
            }

            if (inAnother || place.Flat.With(ring.Grown(Outer * place.ToleranceMeters)) <= PatchPlace.Rounding * place.PlaneArea)
            {
                _around.RemoveAt(i);
            }
        }
    }

    /// <summary>Between which areas in the plane what lies beyond is.</summary>
    private (double Least, double Most) Bounds()
    {
        if (_bounds is { } known)
        {
            return known;
        }

        var whole = place.PlaneArea;
        if (!place.IsExact)
        {
            return (0, double.PositiveInfinity);
        }

        if (_around.Any(n => whole - place.CommonWith(n) <= PatchPlace.Rounding * whole))
        {
            _bounds = (0, 0);
        }
        else if (_exact)
        {
            var beyond = Math.Max(0, whole - WithGrown(place.Flat, null, null));
            _bounds = (beyond, beyond);
        }
        else if (_around.Count <= AtMost && _around.All(n => n.Convex is not null))
        {
            _bounds = (Math.Max(0, whole - WithGrown(place.Flat, Outer, null)), Math.Max(0, whole - WithGrown(place.Flat, Inner, null)));
        }
        else
        {
            // At least what lies in one of them is covered, and no more than what all of them and the tolerance reach.
            _bounds = (0, whole - _around.Max(place.CommonWith));
        }

        return _bounds.Value;
    }

    /// <summary>The area of the patch in the grown outlines (all convex), by inclusion and exclusion.</summary>
    /// <param name="share">Of the tolerance; null = all of it.</param>
    /// <param name="within">Only inside of this.</param>
    private double WithGrown(CommonArea patch, double? share, FlatRing? within)
    {
        var count = _around.Count;
        var sum = 0.0;
        var grown = new FlatRing[count];
        for (var i = 0; i < count; i++)
        {
            grown[i] = share is { } s ? _around[i].Convex!.Grown(s * place.ToleranceMeters) : _around[i].Grown!;
        }

        Add(0, within, 0);
        return sum;

        void Add(int from, FlatRing? common, int taken)
        {
            for (var i = from; i < count; i++)
            {
                if ((common is null ? grown[i] : FlatRing.Common(common, grown[i])) is { } next)
                {
                    sum += (taken % 2 == 0 ? 1 : -1) * patch.With(next);
                    Add(i + 1, next, taken + 1);
                }
            }
        }
    }
}
