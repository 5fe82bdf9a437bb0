namespace Monitoring.Domain.Land;

/// <summary>
/// The data grade of each layer: what exports carry, and from which roles a layer is kept. Plan layers can be named one by one (<c>plans/pipe</c>); those
/// that are not have the grade of <c>plans</c>. What is not named is <see cref="DataGrade.General"/>. Immutable; thread-safe.
/// </summary>
public sealed class LayerGrading(IReadOnlyDictionary<string, DataGrade> named)
{
    public const string Patches = "patches";
    public const string Alerts = "alerts";

    private const string OfPlans = "plans/";

    /// <summary>Nothing is named.</summary>
    public static LayerGrading None { get; } = new(new Dictionary<string, DataGrade>());

    /// <summary>Layers that can be named, besides <c>plans/KIND</c>.</summary>
    public static IReadOnlyList<string> Layers { get; } = [.. Enum.GetValues<MapLayer>().Select(NameOf), Patches, Alerts];

    /// <summary>Name of a layer of the map outside the program.</summary>
    public static string NameOf(MapLayer layer) => layer switch
    {
        MapLayer.Region => "regions",
        MapLayer.ControlLine => "control-lines",
        MapLayer.Permit => "permits",
        MapLayer.Parcel => "parcels",
        MapLayer.Plan => "plans",
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, null),
    };

    /// <summary>Whether a grade can be given to a layer of that name.</summary>
    public static bool CanName(string layer) => Layers.Contains(layer, StringComparer.Ordinal) || (layer.StartsWith(OfPlans, StringComparison.Ordinal) && layer.Length > OfPlans.Length);

    public DataGrade Of(string layer) => named.TryGetValue(layer, out var grade) ? grade : layer.StartsWith(OfPlans, StringComparison.Ordinal) ? Of(NameOf(MapLayer.Plan)) : DataGrade.General;

    public DataGrade Of(MapFeature feature)
    {
        ArgumentNullException.ThrowIfNull(feature);
        return feature is PlanFeature plan ? Of(OfPlans + plan.Kind) : Of(NameOf(feature.Layer));
    }

    /// <summary>The least sensitive and the most sensitive grade that features of a layer of the map can have.</summary>
    public (DataGrade Least, DataGrade Most) RangeOf(string layer)
    {
        var own = Of(layer);
        var kinds = layer == NameOf(MapLayer.Plan) ? [.. named.Where(n => n.Key.StartsWith(OfPlans, StringComparison.Ordinal)).Select(n => n.Value), own] : new[] { own };
        return (kinds.Min(), kinds.Max());
    }
}
