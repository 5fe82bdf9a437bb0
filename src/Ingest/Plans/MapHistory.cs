using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Ingest.Plans;

/// <inheritdoc cref="IMapHistory"/>
public sealed class MapHistory(IPlanRegister register) : IMapHistory
{
    /// <inheritdoc/>
    /// <remarks>A feature with several periods in a view (no day asked) is compared by the last of them.</remarks>
    public async Task<IReadOnlyList<FeatureChange>> DiffAsync(MapDiffQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var before = ById(await ViewAsync(question.Layer, question.PlanKind, question.Before, cancellationToken));
        var after = ById(await ViewAsync(question.Layer, question.PlanKind, question.After, cancellationToken));
        var changes = new List<FeatureChange>();
        foreach (var id in before.Keys.Union(after.Keys).Order())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (old, now) = (before.GetValueOrDefault(id), after.GetValueOrDefault(id));
            if (old is null || now is null)
            {
                changes.Add(old is null
                    ? new FeatureChange(FeatureChangeKind.Added, id.Id, null, now, [], now!.Outline.AreaSquareMeters, 0)
                    : new FeatureChange(FeatureChangeKind.Ended, id.Id, old, null, [], 0, old.Outline.AreaSquareMeters));
            }
            else if (Changed(id.Id, old, now) is { } changed)
            {
                changes.Add(changed);
            }
        }

        return changes;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MapFeature>> ViewAsync(MapLayer layer, string? planKind, MapView view, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        var question = new MapQuestion { InForceOn = view.InForceOn, AsOfVersion = view.AsOfVersion, KnownAt = view.KnownAt, PlanKind = planKind };
        return layer switch
        {
            MapLayer.Region => await register.QueryAsync<Region>(question, cancellationToken),
            MapLayer.ControlLine => await register.QueryAsync<ControlLine>(question, cancellationToken),
            MapLayer.Permit => await register.QueryAsync<Permit>(question, cancellationToken),
            MapLayer.Parcel => await register.QueryAsync<Parcel>(question, cancellationToken),
            MapLayer.Plan => await register.QueryAsync<PlanFeature>(question, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, "No such layer."),
        };
    }

    private static Dictionary<FeatureKey, MapFeature> ById(IReadOnlyList<MapFeature> features)
    {
        var last = new Dictionary<FeatureKey, MapFeature>();
        foreach (var feature in features)
            last[new FeatureKey((feature as PlanFeature)?.Kind ?? "", feature.Id)] = feature;
        return last;
    }

    private static FeatureChange? Changed(string id, MapFeature old, MapFeature now)
    {
        var (was, has) = (FeatureFieldsText.Of(old), FeatureFieldsText.Of(now));
        List<FieldChange> fields = [.. was.Keys.Union(has.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(n => new FieldChange(n, was.GetValueOrDefault(n), has.GetValueOrDefault(n))).Where(c => c.Before != c.After)];
        double gained = 0, lost = 0;
        var moved = !old.Outline.Shape.EqualsExact(now.Outline.Shape);
        if (moved && old.Outline.Shape is IPolygonal && now.Outline.Shape is IPolygonal)
        {
            gained = Area(OverlayNGRobust.Overlay(now.Outline.Shape, old.Outline.Shape, NetTopologySuite.Operation.Overlay.SpatialFunction.Difference));
            lost = Area(OverlayNGRobust.Overlay(old.Outline.Shape, now.Outline.Shape, NetTopologySuite.Operation.Overlay.SpatialFunction.Difference));
        }

        if (moved)
            fields.Insert(0, new FieldChange("geometry", null, null));
        return fields.Count == 0 ? null : new FeatureChange(FeatureChangeKind.Changed, id, old, now, fields, gained, lost);
    }

    private static double Area(Geometry shape) => shape.IsEmpty || shape.Dimension != Dimension.Surface ? 0 : Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area;

    private readonly record struct FeatureKey(string Kind, string Id) : IComparable<FeatureKey>
    {
        public int CompareTo(FeatureKey other) => string.CompareOrdinal(Kind, other.Kind) is not 0 and var byKind ? byKind : string.CompareOrdinal(Id, other.Id);
    }
}
