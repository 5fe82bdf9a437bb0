using Monitoring.Domain.Land;

namespace Monitoring.Storage.Sqlite;

/// <summary>The <c>layer</c> column: <c>region</c>, <c>controlLine</c>, <c>permit</c>, <c>parcel</c>, or <c>plan:</c> with the kind.</summary>
internal static class LayerColumn
{
    private const string Plan = "plan:";

    public static string Of(MapFeature feature) => feature is PlanFeature plan ? Plan + plan.Kind : RegisterJson.Name(feature.Layer);

    public static string Of(MapImport import) => import.Layer is MapLayer.Plan ? Plan + import.PlanKind : RegisterJson.Name(import.Layer);

    public static string OfKind(string planKind) => Plan + planKind;

    public static (MapLayer Layer, string? PlanKind) Read(string text) =>
        text.StartsWith(Plan, StringComparison.Ordinal) ? (MapLayer.Plan, text[Plan.Length..]) : (RegisterJson.Value<MapLayer>(text), null);

    /// <summary>The text range [from, to] that a question's type asks for; nulls ask for all.</summary>
    public static (string? From, string? To) Range(Type type, string? planKind)
    {
        if (type == typeof(PlanFeature))
            return planKind is null ? (Plan, "plan;") : (Plan + planKind, Plan + planKind);
        var one = type == typeof(Region) ? RegisterJson.Name(MapLayer.Region)
            : type == typeof(ControlLine) ? RegisterJson.Name(MapLayer.ControlLine)
            : type == typeof(Permit) ? RegisterJson.Name(MapLayer.Permit)
            : type == typeof(Parcel) ? RegisterJson.Name(MapLayer.Parcel)
            : type == typeof(MapFeature) ? null
            : throw new ArgumentException($"The register holds no features of type {type.Name}.");
        return planKind is null
            ? (one, one)
            : throw new ArgumentException("Only plan features have a kind of layer to ask for.", nameof(planKind));
    }
}
