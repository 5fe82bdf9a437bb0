using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.Index.Strtree;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// The versioned map in memory: every feature with every effective period, found by place. Immutable; thread-safe.
/// </summary>
public sealed class PlanIndex
{
    private readonly Dictionary<MapLayer, Layer> _layers;

    private PlanIndex(long mapVersion, Dictionary<MapLayer, Layer> layers) => (MapVersion, _layers) = (mapVersion, layers);

    /// <summary>Version of the map it was built from; 0 for an index of loose features.</summary>
    public long MapVersion { get; }

    public static PlanIndex Empty { get; } = new(0, []);

    /// <summary>An index of features without a register, as for a single comparison on files.</summary>
    /// <param name="known">Layers that somebody gave, even when they hold nothing; null = the layers that have features. What a layer that nobody gave would say is not known.</param>
    public static PlanIndex Of(IEnumerable<MapFeature> features, IReadOnlyCollection<MapLayer>? known = null, long mapVersion = 0)
    {
        var byLayer = features.GroupBy(f => f.Layer).ToDictionary(g => g.Key, g => new Layer([.. g]));
        foreach (var layer in known ?? [])
        {
            byLayer.TryAdd(layer, new Layer([]));
        }

        return new(mapVersion, byLayer);
    }

    /// <summary>The same map with one layer's features inside a box replaced: what a new version of the map touched.</summary>
    /// <param name="inBox">All features of the layer whose box meets <paramref name="touched"/>, as of the new version.</param>
    public PlanIndex With(long mapVersion, MapLayer layer, Envelope touched, IEnumerable<MapFeature> inBox)
    {
        var kept = _layers.TryGetValue(layer, out var old) ? old.Features.Where(f => !f.Outline.Box.Intersects(touched)) : [];
        return new(mapVersion, new Dictionary<MapLayer, Layer>(_layers) { [layer] = new Layer([.. kept, .. inBox]) });
    }

    /// <summary>False when nobody ever gave this layer; then its absence at a place says nothing.</summary>
    public bool Knows(MapLayer layer) => _layers.ContainsKey(layer);

    /// <summary>Features of a layer whose box meets a box in degrees, whatever their period, by id and start of period.</summary>
    public IReadOnlyList<TFeature> InBox<TFeature>(MapLayer layer, Envelope box)
        where TFeature : MapFeature =>
        _layers.TryGetValue(layer, out var found) ? [.. found.Query(box).OfType<TFeature>()] : [];

    /// <summary>The smallest region in force on <paramref name="day"/> that holds the point, or null; by id where areas are equal.</summary>
    public Region? RegionAt(Coordinate place, DateOnly? day = null)
    {
        if (!_layers.TryGetValue(MapLayer.Region, out var layer))
        {
            return null;
        }

        var point = new Point(place.X, place.Y);
        return layer.Query(new Envelope(place))
            .OfType<Region>()
            .Where(r => day is not { } on || r.InForceOn(on))
            .Where(r => layer.Prepared(r).Intersects(point))
            .OrderBy(r => r.Outline.AreaSquareMeters)
            .ThenBy(r => r.Id, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    public IEnumerable<Region> Regions => _layers.TryGetValue(MapLayer.Region, out var layer) ? layer.Features.OfType<Region>() : [];

    /// <summary>Whether some line of a kind is known inside a box, in whatever period.</summary>
    public bool HasControlLines(ControlLineKind kind, Envelope? box) =>
        _layers.TryGetValue(MapLayer.ControlLine, out var layer)
        && (box is null ? layer.Features : layer.Query(box)).OfType<ControlLine>().Any(l => l.Kind == kind);

    private sealed class Layer
    {
        private readonly STRtree<MapFeature> _tree = new();
        private readonly Dictionary<MapFeature, IPreparedGeometry> _prepared = new(ReferenceEqualityComparer.Instance);

        public Layer(IReadOnlyList<MapFeature> features)
        {
            Features = [.. features.OrderBy(f => f.Id, StringComparer.Ordinal).ThenBy(f => f.EffectiveFrom ?? DateOnly.MinValue).ThenBy(f => f.EffectiveTo ?? DateOnly.MaxValue)];
            foreach (var feature in Features)
            {
                _tree.Insert(feature.Outline.Box, feature);
                if (feature is Region)
                {
                    _prepared[feature] = PreparedGeometryFactory.Prepare(feature.Outline.Shape);
                }
            }

            // Built here: a tree builds itself at the first query, which is not safe for several threads.
            _tree.Build();
        }

        public IReadOnlyList<MapFeature> Features { get; }

        public IPreparedGeometry Prepared(MapFeature feature) => _prepared[feature];

        public IEnumerable<MapFeature> Query(Envelope box) =>
            _tree.Query(box)
                .OrderBy(f => f.Id, StringComparer.Ordinal)
                .ThenBy(f => f.EffectiveFrom ?? DateOnly.MinValue)
                .ThenBy(f => f.EffectiveTo ?? DateOnly.MaxValue);
    }
}
