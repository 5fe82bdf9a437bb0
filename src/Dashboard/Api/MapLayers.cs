using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Api;

/// <summary>Layers of the map by the names of the interface, and what features carry.</summary>
internal static class MapLayers
{
    public static string NameOf(MapLayer layer) => LayerGrading.NameOf(layer);

    public static string Unknown(string? layer) => $"There is no layer {layer}; layers are {string.Join(", ", Enum.GetValues<MapLayer>().Select(NameOf))}.";

    public static MapLayer? Parse(string name) => name switch
    {
        "regions" => MapLayer.Region,
        "control-lines" => MapLayer.ControlLine,
        "permits" => MapLayer.Permit,
        "parcels" => MapLayer.Parcel,
        "plans" => MapLayer.Plan,
        _ => null,
    };

    public static async Task<IReadOnlyList<MapFeature>> QueryAsync(
        this IPlanRegister register, MapLayer layer, MapQuestion question, CancellationToken cancellationToken) => layer switch
        {
            MapLayer.Region => await register.QueryAsync<Region>(question, cancellationToken),
            MapLayer.ControlLine => await register.QueryAsync<ControlLine>(question, cancellationToken),
            MapLayer.Permit => await register.QueryAsync<Permit>(question, cancellationToken),
            MapLayer.Parcel => await register.QueryAsync<Parcel>(question, cancellationToken),
            MapLayer.Plan => await register.QueryAsync<PlanFeature>(question, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(layer), layer, null),
        };

    /// <summary>What a feature says of itself beyond place and dates; enumerations in camelCase.</summary>
    public static IReadOnlyDictionary<string, object> PropertiesOf(MapFeature feature)
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal);
        switch (feature)
        {
            case Region region:
                Add("name", region.Name);
                Add("nameEn", region.NameEn);
                Add("revision", region.Revision);
                Add("timeZone", region.TimeZone);
                break;
            case ControlLine line:
                Add("kind", Camel(line.Kind.ToString()));
                Add("name", line.Name);
                break;
            case Permit permit:
                Add("kind", permit.Kind);
                Add("status", Camel(permit.Status.ToString()));
                Add("project", permit.Project);
                Add("useCode", permit.UseCode);
                Add("maxHeightMeters", permit.MaxHeightMeters);
                Add("floorAreaSquareMeters", permit.FloorAreaSquareMeters);
                Add("grantedOn", permit.GrantedOn?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                break;
            case Parcel parcel:
                Add("useCode", parcel.UseCode);
                Add("plannedUseCode", parcel.PlannedUseCode);
                Add("legalAreaSquareMeters", parcel.LegalAreaSquareMeters);
                break;
            case PlanFeature plan:
                Add("kind", plan.Kind);
                Add("name", plan.Name);
                Add("code", plan.Code);
                Add("codeList", plan.CodeList);
                break;
            default:
                break;
        }

        return all;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }
    }

    public static string Camel(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);
}
