namespace Monitoring.Domain.Land;

/// <summary>How the map is looked at: in force on a day, as known then. All null = all periods, as known now.</summary>
public sealed record MapView
{
    public DateOnly? InForceOn { get; init; }

    public long? AsOfVersion { get; init; }

    public DateTimeOffset? KnownAt { get; init; }
}

public enum FeatureChangeKind
{
    /// <summary>Only in the later view.</summary>
    Added,

    /// <summary>In both, saying different things.</summary>
    Changed,

    /// <summary>Only in the earlier view.</summary>
    Ended,
}

/// <summary>A field that differs; null = not stated.</summary>
public sealed record FieldChange(string Field, string? Before, string? After);

/// <param name="Fields">Fields that differ, by name; empty for added and ended features.</param>
/// <param name="GainedSquareMeters">Geodesic area that only the later outline covers.</param>
/// <param name="LostSquareMeters">Geodesic area that only the earlier outline covers.</param>
public sealed record FeatureChange(
    FeatureChangeKind Kind, string Id, MapFeature? Before, MapFeature? After, IReadOnlyList<FieldChange> Fields, double GainedSquareMeters, double LostSquareMeters);

/// <summary>Which two views of which layer.</summary>
public sealed record MapDiffQuestion(MapLayer Layer, MapView Before, MapView After)
{
    /// <summary>In the layer <see cref="MapLayer.Plan"/>: the kind.</summary>
    public string? PlanKind { get; init; }
}

/// <summary>Compares two views of the map. Thread-safe.</summary>
public interface IMapHistory
{
    /// <summary>What differs, by id. The difference of two equal views is empty.</summary>
    Task<IReadOnlyList<FeatureChange>> DiffAsync(MapDiffQuestion question, CancellationToken cancellationToken);

    /// <summary>The features of a layer in one view, by id.</summary>
    Task<IReadOnlyList<MapFeature>> ViewAsync(MapLayer layer, string? planKind, MapView view, CancellationToken cancellationToken);
}

/// <summary>What a feature states, as texts by field name: for differences and exports.</summary>
public static class FeatureFieldsText
{
    public static SortedDictionary<string, string> Of(MapFeature feature)
    {
        ArgumentNullException.ThrowIfNull(feature);
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in feature.SourceFields)
            all[$"source.{name}"] = value;
        Add("document", feature.Document);
        Add("effective_from", Day(feature.EffectiveFrom));
        Add("effective_to", Day(feature.EffectiveTo));
        switch (feature)
        {
            case Region r:
                Add("revision", r.Revision);
                Add("name", r.Name);
                Add("name_en", r.NameEn);
                Add("time_zone", r.TimeZone);
                break;
            case ControlLine c:
                Add("kind", c.Kind.ToString());
                Add("name", c.Name);
                break;
            case Permit p:
                Add("kind", p.Kind);
                Add("status", p.Status.ToString());
                Add("project", p.Project);
                Add("use_code", p.UseCode);
                Add("max_height_m", Number(p.MaxHeightMeters));
                Add("floor_area_m2", Number(p.FloorAreaSquareMeters));
                Add("granted_on", Day(p.GrantedOn));
                Add("conditions", p.Conditions);
                break;
            case Parcel p:
                Add("use_code", p.UseCode);
                Add("planned_use_code", p.PlannedUseCode);
                Add("legal_area_m2", Number(p.LegalAreaSquareMeters));
                break;
            case PlanFeature p:
                Add("kind", p.Kind);
                Add("name", p.Name);
                Add("code", p.Code);
                Add("code_list", p.CodeList);
                foreach (var (name, value) in p.Values)
                    all[name] = value;
                break;
        }

        return all;

        void Add(string name, string? value)
        {
            if (value is not null)
                all[name] = value;
        }
    }

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static string? Number(double? number) => number?.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
