using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Operation.Overlay;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The versioned map in memory: every feature with every effective period, found by place. Immutable; thread-safe.
/// </summary>
public sealed class PlanIndex
{
    private readonly Dictionary<MapLayer, IndexedLayer> _layers;

    /// <summary>How far each line reaches into a region: found once, whatever versions of the map they are in.</summary>
    private static readonly ConditionalWeakTable<Region, ConditionalWeakTable<ControlLine, object>> Widths = [];

    private readonly ConcurrentDictionary<(Region Region, ControlLineKind Kind, double Tolerance), IReadOnlyList<ControlLine>> _linesOf;
    private volatile HashSet<string>? _permitKinds;

    // Of which this is a part, turned; and the regions of that by those of this.
    private PlanIndex? _whole;
    private Dictionary<Region, Region> _unturned = [];

    /// <param name="before">Of which all but one layer is the same.</param>
    /// <param name="changed">That layer.</param>
    private PlanIndex(long mapVersion, Dictionary<MapLayer, IndexedLayer> layers, PlanIndex? before = null, MapLayer? changed = null)
    {
        (MapVersion, _layers) = (mapVersion, layers);

        // What is known of lines and of permits stays known while neither changes.
        _linesOf = before is not null && changed is not (MapLayer.ControlLine or MapLayer.Region) ? before._linesOf : new(new ByReference());
        _permitKinds = changed is not MapLayer.Permit ? before?._permitKinds : null;
    }

    /// <summary>Version of the map it was built from; 0 for an index of loose features.</summary>
    public long MapVersion { get; }

    public static PlanIndex Empty { get; } = new(0, []);

    /// <summary>An index of features without a register, as for a single comparison on files.</summary>
    /// <param name="known">Layers that somebody gave, even when they hold nothing; null = the layers that have features. What a layer that nobody gave would say is not known.</param>
    public static PlanIndex Of(IEnumerable<MapFeature> features, IReadOnlyCollection<MapLayer>? known = null, long mapVersion = 0)
    {
        var byLayer = features.GroupBy(f => f.Layer).ToDictionary(g => g.Key, g => new IndexedLayer(g));
        foreach (var layer in known ?? [])
        {
            byLayer.TryAdd(layer, new IndexedLayer([]));
        }

        return new(mapVersion, byLayer);
    }

    /// <summary>The same map with one layer's features inside a box replaced: what a new version of the map touched.</summary>
    /// <param name="inBox">All features of the layer whose box meets <paramref name="touched"/>, as of the new version.</param>
    public PlanIndex With(long mapVersion, MapLayer layer, Envelope touched, IEnumerable<MapFeature> inBox)
    {
        var before = _layers.TryGetValue(layer, out var old) ? old : new IndexedLayer([]);
        return new(mapVersion, new Dictionary<MapLayer, IndexedLayer>(_layers) { [layer] = before.With(touched, [.. inBox]) }, this, layer);
    }

    /// <summary>
    /// What lies around a place at the 180° meridian, turned by half a turn (<see cref="AcrossMeridian"/>). What is said of whole regions and layers is
    /// what this index says.
    /// </summary>
    /// <param name="around">Degrees, not turned; may reach over ±180°.</param>
    internal PlanIndex TurnedAround(Envelope around)
    {
        var boxes = AcrossMeridian.Within180(around);
        Dictionary<MapLayer, IndexedLayer> layers = [];
        Dictionary<Region, Region> regions = new(ReferenceEqualityComparer.Instance);
        foreach (var (layer, features) in _layers)
        {
            var near = boxes.SelectMany(features.Query<MapFeature>).Distinct<MapFeature>(ReferenceEqualityComparer.Instance).ToList();
            layers[layer] = new IndexedLayer(near.Select(AcrossMeridian.Turned));
            foreach (var region in near.OfType<Region>())
            {
                regions[AcrossMeridian.Turned(region)] = region;
            }
        }

        return new(MapVersion, layers) { _whole = this, _unturned = regions };
    }

    /// <summary>False when nobody ever gave this layer; then its absence at a place says nothing.</summary>
    public bool Knows(MapLayer layer) => _layers.ContainsKey(layer);

    /// <summary>Features of a layer whose box meets a box in degrees, whatever their period, by id and start of period.</summary>
    public IReadOnlyList<TFeature> InBox<TFeature>(MapLayer layer, Envelope box)
        where TFeature : MapFeature =>
        _layers.TryGetValue(layer, out var found) ? found.Query<TFeature>(box) : [];

    /// <summary>
    /// The smallest region in force on <paramref name="day"/> that holds the point; by id where areas are equal. Where none was in force, the
    /// one that came into force next, else the last that was: somebody must answer for the place. Null where no region ever was.
    /// </summary>
    public Region? RegionAt(Coordinate place, DateOnly day)
    {
        if (!_layers.TryGetValue(MapLayer.Region, out var layer))
        {
            return null;
        }

        var point = new Point(place.X, place.Y);
        return layer.Query<Region>(new Envelope(place))
            .Where(r => PreparedShapes.Of(r.Outline.Shape).Intersects(point))
            .OrderBy(r => DistanceInTime(r, day))
            .ThenBy(r => r.Outline.AreaSquareMeters)
            .ThenBy(r => r.Id, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    public IEnumerable<Region> Regions => _layers.TryGetValue(MapLayer.Region, out var layer) ? layer.Features.OfType<Region>() : [];

    /// <summary>Of the periods of one region the one in force on a day; where none was, the one that came into force next, else the last that was.</summary>
    /// <param name="periods">At least one.</param>
    public static Region InForce(IEnumerable<Region> periods, DateOnly day) => periods.MinBy(r => DistanceInTime(r, day))!;

    /// <summary>
    /// Lines of a kind, of any period, that reach into a region by more than a sliver: a neighbour's line that runs along the border, or whose
    /// box alone meets the region, is none of it.
    /// </summary>
    /// <param name="toleranceMeters">A common part is a sliver when its mean width (twice its area over its perimeter) is not above this.</param>
    public IReadOnlyList<ControlLine> ControlLinesOf(ControlLineKind kind, Region region, double toleranceMeters) =>
        _whole is { } whole ? whole.ControlLinesOf(kind, _unturned[region], toleranceMeters)
        : _linesOf.GetOrAdd((region, kind, toleranceMeters), key =>
            [.. InBox<ControlLine>(MapLayer.ControlLine, key.Region.Outline.Box).Where(l => l.Kind == key.Kind && WidthIn(key.Region, l) > key.Tolerance)]);

    /// <summary>Mean width in m of the widest part that a line has in common with a region, 0 where they have none.</summary>
    private static double WidthIn(Region region, ControlLine line) =>
        (double)Widths.GetValue(region, _ => []).GetValue(line, l =>
        {
            // Cut at the meridian it would be narrower.
            var across = AcrossMeridian.Reaches(l.Outline, 0);
            var (whole, own) = across ? (AcrossMeridian.Turned(region.Outline), AcrossMeridian.Turned(l.Outline)) : (region.Outline, l.Outline);
            var box = own.Shape.Factory.ToGeometry(own.Box);
            if (PreparedShapes.Of(whole.Shape).Disjoint(box))
            {
                return 0.0;
            }

            var plane = LocalPlane.At(whole.Box);
            var shape = plane.ToMeters(own.Shape);
            if (!(shape.IsValid && PreparedShapes.Of(whole.Shape).ContainsProperly(box)))
            {
                shape = OverlayNGRobust.Overlay(plane.ToMeters(whole.Shape), shape, SpatialFunction.Intersection);
            }

            return PolygonExtracter.GetPolygons(shape).Where(p => p.Area > 0).Select(p => 2 * p.Area / p.Length).DefaultIfEmpty(0).Max();
        });

    /// <summary>All lines of a kind, of any period.</summary>
    public IEnumerable<ControlLine> ControlLines(ControlLineKind kind) =>
        _whole is { } whole ? whole.ControlLines(kind)
        : _layers.TryGetValue(MapLayer.ControlLine, out var layer) ? layer.Features.OfType<ControlLine>().Where(l => l.Kind == kind) : [];

    /// <summary>Kinds of the permits it holds, of any period: of a kind that nobody ever gave nothing is known.</summary>
    public IReadOnlySet<string> PermitKinds =>
        _whole?.PermitKinds ?? (_permitKinds ??= _layers.TryGetValue(MapLayer.Permit, out var layer) ? layer.Features.OfType<Permit>().Select(p => p.Kind).ToHashSet(StringComparer.Ordinal) : []);

    /// <summary>0 where in force; then, in days, how long until it came into force; behind all of these how long it is over.</summary>
    private static long DistanceInTime(Region region, DateOnly day) =>
        region.InForceOn(day) ? 0
        : region.EffectiveFrom is { } from && from > day ? from.DayNumber - day.DayNumber
        : int.MaxValue + (long)(day.DayNumber - region.EffectiveTo!.Value.DayNumber);

    private sealed class ByReference : IEqualityComparer<(Region Region, ControlLineKind Kind, double Tolerance)>
    {
        public bool Equals((Region Region, ControlLineKind Kind, double Tolerance) x, (Region Region, ControlLineKind Kind, double Tolerance) y) =>
            ReferenceEquals(x.Region, y.Region) && x.Kind == y.Kind && x.Tolerance.Equals(y.Tolerance);

        public int GetHashCode((Region Region, ControlLineKind Kind, double Tolerance) key) => HashCode.Combine(RuntimeHelpers.GetHashCode(key.Region), key.Kind, key.Tolerance);
    }
}
