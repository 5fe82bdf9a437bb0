using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Judgement;

/// <summary>
/// One layer of the map by place: a packed tree, and beside it what later versions took away and brought, until that is an eighth of the
/// whole; so a small change of a large register costs little. Immutable; thread-safe.
/// </summary>
internal sealed class IndexedLayer
{
    private const int SmallChange = 256;
    [ThreadStatic]
    private static List<int>? _found;

    private readonly Packed _whole;
    private readonly HashSet<int> _gone;
    private readonly Packed _added;

    public IndexedLayer(IEnumerable<MapFeature> features)
        : this(new Packed(features), [], new Packed([]))
    {
    }

    private IndexedLayer(Packed whole, HashSet<int> gone, Packed added) => (_whole, _gone, _added) = (whole, gone, added);

    /// <summary>By id, then start and end of period.</summary>
    public IEnumerable<MapFeature> Features
    {
        get
        {
            var next = 0;
            for (var i = 0; i < _whole.Features.Length; i++)
            {
                if (_gone.Contains(i))
                {
                    continue;
                }

                while (next < _added.Features.Length && Compare(_added.Features[next], _whole.Features[i]) <= 0)
                {
                    yield return _added.Features[next++];
                }

                yield return _whole.Features[i];
            }

            while (next < _added.Features.Length)
            {
                yield return _added.Features[next++];
            }
        }
    }

    /// <summary>The layer with all that meets a box replaced.</summary>
    public IndexedLayer With(Envelope touched, IReadOnlyCollection<MapFeature> inBox)
    {
        List<int> met = [];
        _whole.Boxes.Find(touched, met);
        HashSet<int> gone = [.. _gone, .. met];
        List<MapFeature> added = [.. _added.Features.Where(f => !f.Outline.Box.Intersects(touched)), .. inBox];
        return gone.Count + added.Count <= Math.Max(SmallChange, _whole.Features.Length / 8)
            ? new(_whole, gone, new Packed(added))
            : new(Features.Where(f => !f.Outline.Box.Intersects(touched)).Concat(inBox));
    }

    /// <summary>Features whose box meets a box, by id, then start and end of period.</summary>
    public List<TFeature> Query<TFeature>(Envelope box)
        where TFeature : MapFeature
    {
        var found = _found ??= [];
        found.Clear();
        _whole.Boxes.Find(box, found);
        if (_gone.Count > 0)
        {
            found.RemoveAll(_gone.Contains);
        }

        if (found.Count == 0 && _added.Features.Length == 0)
        {
            return [];
        }

        var result = new List<TFeature>(found.Count);
        _whole.Pick(found, result);
        if (_added.Features.Length > 0)
        {
            found.Clear();
            _added.Boxes.Find(box, found);
            _added.Pick(found, result);
            result.Sort(Compare);
        }

        return result;
    }

    private static int Compare(MapFeature one, MapFeature other)
    {
        var order = string.CompareOrdinal(one.Id, other.Id);
        order = order != 0 ? order : (one.EffectiveFrom ?? DateOnly.MinValue).CompareTo(other.EffectiveFrom ?? DateOnly.MinValue);
        return order != 0 ? order : (one.EffectiveTo ?? DateOnly.MaxValue).CompareTo(other.EffectiveTo ?? DateOnly.MaxValue);
    }

    private sealed class Packed
    {
        public Packed(IEnumerable<MapFeature> features)
        {
            // A stable sort: equals stay in the order in which they were given.
            MapFeature[] ordered = [.. features.Order(Comparer<MapFeature>.Create(Compare))];
            Features = OfOneType<Parcel>(ordered) ?? OfOneType<Permit>(ordered) ?? OfOneType<ControlLine>(ordered) ?? OfOneType<PlanFeature>(ordered) ?? OfOneType<Region>(ordered) ?? ordered;
            Boxes = new PackedBoxes(Array.ConvertAll(Features, f => f.Outline.Box));
        }

        /// <summary>Appends those of the features with these numbers that are of a type.</summary>
        public void Pick<TFeature>(List<int> numbers, List<TFeature> picked)
            where TFeature : MapFeature
        {
            // A layer holds features of one type: they need not be looked at one by one.
            if (Features is TFeature[] all)
            {
                foreach (var number in numbers)
                {
                    picked.Add(all[number]);
                }

                return;
            }

            foreach (var number in numbers)
            {
                if (Features[number] is TFeature feature)
                {
                    picked.Add(feature);
                }
            }
        }

        private static TFeature[]? OfOneType<TFeature>(MapFeature[] features)
            where TFeature : MapFeature =>
            features.Length > 0 && Array.TrueForAll(features, f => f is TFeature) ? Array.ConvertAll(features, f => (TFeature)f) : null;

        public MapFeature[] Features { get; }

        public PackedBoxes Boxes { get; }
    }
}
