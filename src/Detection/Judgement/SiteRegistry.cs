using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Quadtree;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>Which changes belong together: building is not confused with what grows or floods.</summary>
public enum SiteFamily
{
    /// <summary>Built-up, bare soil, demolition.</summary>
    Construction,

    /// <summary>Vegetation loss or gain.</summary>
    Vegetation,
    Water,
}

/// <summary>
/// Gives each patch the stable id of the place it belongs to, from month to month. The rules, with merges and splits, are in
/// docs/algorithms/judgement.md. Deterministic in the order of assignment. Not thread-safe.
/// </summary>
public sealed class SiteRegistry
{
    private readonly SiteRules _rules;
    private readonly Dictionary<string, List<JudgedPatch>> _sites = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _siteOfPatch = new(StringComparer.Ordinal);
    private readonly Quadtree<ChangePatch> _places = new();

    public SiteRegistry(SiteRules rules) => _rules = rules;

    /// <summary>The registry as it was when these judgements, the newest of each patch, were stored.</summary>
    public static SiteRegistry Rebuild(SiteRules rules, IEnumerable<JudgedPatch> judged)
    {
        var registry = new SiteRegistry(rules);
        foreach (var patch in judged.OrderBy(p => p.Patch.Id, StringComparer.Ordinal))
        {
            registry.Put(patch);
        }

        return registry;
    }

    public int PatchCount => _siteOfPatch.Count;

    /// <summary>Pixel of the coarsest patch in m, 0 when there is none.</summary>
    public double CoarsestMeters { get; private set; }

    /// <summary>All sites, in ordinal order.</summary>
    public IReadOnlyList<string> Sites => [.. _sites.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Site of a patch that is known, or null.</summary>
    public string? SiteOf(string patchId) => _siteOfPatch.GetValueOrDefault(patchId);

    /// <summary>Judgements of a site's patches by current scene, then id.</summary>
    public IReadOnlyList<JudgedPatch> PatchesOf(string siteId) =>
        _sites.TryGetValue(siteId, out var patches) ? [.. patches.OrderBy(p => p.Patch.NotAfter).ThenBy(p => p.Patch.Id, StringComparer.Ordinal)] : [];

    /// <summary>The site a patch belongs to: an earlier one that it matches best, or a new one whose id follows from the patch alone.</summary>
    public string Assign(ChangePatch patch)
    {
        if (_siteOfPatch.TryGetValue(patch.Id, out var known))
        {
            return known;
        }

        var family = FamilyOf(patch.Kind);

        // An outline is no surer than its pixels: of two sensors the coarser says how near is near, whichever saw the place first.
        var reach = _rules.GapPixels * Math.Max(patch.GsdMeters, CoarsestMeters);
        var across = AcrossMeridian.Reaches(patch.Outline, reach);
        var outline = OutlineOf(patch);
        var plane = LocalPlane.At(outline.Box);
        var shape = plane.ToMeters(outline.Shape);
        var own = EarthShape.BoxOf(patch.Outline.Shape);
        var best = AcrossMeridian.Within180(plane.Grow(own, reach))
            .SelectMany(box => _places.Query(box)).DistinctBy(other => other.Id)
            .Select(other => (Site: _siteOfPatch[other.Id], Other: other))
            .Where(o => Fits(family, o.Site))
            .Select(o => (o.Site, Shape: plane.ToMeters(OutlineOf(o.Other).Shape), Gap: _rules.GapPixels * Math.Max(patch.GsdMeters, o.Other.GsdMeters)))
            .Where(o => Matches(shape, o.Shape, o.Gap))
            .GroupBy(o => o.Site)
            .Select(g => (Site: g.Key, Share: CommonShare(shape, [.. g.Select(o => o.Shape)]), First: FirstOf(g.Key)))
            .OrderByDescending(s => s.Share)
            .ThenBy(s => s.First)
            .ThenBy(s => s.Site, StringComparer.Ordinal)
            .Select(s => s.Site)
            .FirstOrDefault();
        return best ?? FindingId.Of("site", patch.Id);

        Outline OutlineOf(ChangePatch of) => across ? AcrossMeridian.Turned(of.Outline) : of.Outline;
    }

    /// <summary>Notes a judgement; one of the same patch takes the place of the earlier.</summary>
    public void Put(JudgedPatch judged)
    {
        if (!_sites.TryGetValue(judged.SiteId, out var patches))
        {
            _sites[judged.SiteId] = patches = [];
        }

        CoarsestMeters = Math.Max(CoarsestMeters, judged.Patch.GsdMeters);
        if (_siteOfPatch.TryAdd(judged.Patch.Id, judged.SiteId))
        {
            _places.Insert(judged.Patch.Outline.Box, judged.Patch);
        }
        else
        {
            patches.RemoveAll(p => p.Patch.Id == judged.Patch.Id);
        }

        patches.Add(judged);
    }

    /// <summary>Sites with a patch whose box meets a box in degrees, which may reach over ±180°, in ordinal order.</summary>
    public IReadOnlyList<string> SitesIn(Envelope box) =>
        [.. AcrossMeridian.Within180(box).SelectMany(b => _places.Query(b).Where(p => p.Outline.Box.Intersects(b))).Select(p => _siteOfPatch[p.Id]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Null where the spectrum does not tell what it became: such a patch may be of any family.</summary>
    public static SiteFamily? FamilyOf(ChangeKind kind) => kind switch
    {
        ChangeKind.BuiltUp or ChangeKind.BareSoil or ChangeKind.Demolition => SiteFamily.Construction,
        ChangeKind.Water => SiteFamily.Water,
        ChangeKind.Other => null,
        _ => SiteFamily.Vegetation,
    };

    /// <summary>A site is of the family of its patches whose kind is told; where none is, it takes up any.</summary>
    private bool Fits(SiteFamily? family, string siteId) =>
        family is null || _sites[siteId].Select(p => FamilyOf(p.Patch.Kind)).FirstOrDefault(f => f is not null) is not { } of || of == family;

    /// <summary>Whether two shapes are the same site.</summary>
    private bool Matches(Geometry a, Geometry b, double gap)
    {
        var (smaller, larger) = (Math.Min(a.Area, b.Area), Math.Max(a.Area, b.Area));
        if (larger <= 0)
        {
            return false;
        }

        var common = a.EnvelopeInternal.Intersects(b.EnvelopeInternal) ? OverlayNGRobust.Overlay(a, b, SpatialFunction.Intersection).Area : 0;
        return (common >= _rules.MinShare * smaller && common >= _rules.MinReverseShare * larger && common > 0)
            || (smaller >= _rules.MinShare * larger && a.IsWithinDistance(b, gap));
    }

    /// <summary>
    /// Common area over the area of both together, [0, 1]: the shape that is most alike wins, so that a house that grew stays itself and does
    /// not go over to the large field around it.
    /// </summary>
    private static double CommonShare(Geometry shape, IReadOnlyList<Geometry> site)
    {
        var whole = site.Count == 1 ? site[0] : OverlayNGRobust.Union(site);
        var common = shape.EnvelopeInternal.Intersects(whole.EnvelopeInternal) ? OverlayNGRobust.Overlay(shape, whole, SpatialFunction.Intersection).Area : 0;

        // In steps of a millionth, so that rounding does not decide between equals.
        return Math.Round(common / (shape.Area + whole.Area - common), 6);
    }

    private DateTimeOffset FirstOf(string siteId) => _sites[siteId].Min(p => p.Patch.NotAfter);
}
