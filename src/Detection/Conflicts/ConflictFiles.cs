using System.Text.Json;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Conflicts;

/// <summary>A report as files: docs/formats/conflicts.md.</summary>
public static class ConflictFiles
{
    public const string Format = "monitoring-conflicts-1";

    /// <summary>Writes <c>conflicts.json</c>, <c>conflicts.geojson</c>, <c>suggestion.geojson</c>, and <c>as-built.geojson</c> where that was asked.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public static IReadOnlyList<string> Write(ConflictReport report, string folder)
    {
        ArgumentNullException.ThrowIfNull(report);
        Directory.CreateDirectory(folder);
        List<string> files =
        [
            To("conflicts.json", json => Report(json, report)),
            To("conflicts.geojson", json => Collection(json, report.Conflicts, c => c.Shape, c => Fields(json, c))),
            To("suggestion.geojson", json => Collection(json, report.Suggestions, s => s.Shape, s => Fields(json, s))),
        ];
        if (report.AsBuilt.Count > 0)
        {
            files.Add(To("as-built.geojson", json => Collection(json, [.. report.AsBuilt.Where(a => a.Outside is not null)], a => a.Outside!, a => Fields(json, a))));
        }

        return files;

        string To(string name, Action<Utf8JsonWriter> write)
        {
            var path = Path.Combine(folder, name);
            using var stream = File.Create(path);
            using var json = new Utf8JsonWriter(stream, GeoJson.Indented);
            write(json);
            return path;
        }
    }

    private static void Report(Utf8JsonWriter json, ConflictReport report)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("rules_version", report.RulesVersion);
        json.WriteNumber("map_version", report.MapVersion);
        json.WriteString("on", Day(report.On));
        Array(json, "subjects", report.Subjects, s =>
        {
            json.WriteString("kind", s.Kind);
            json.WriteString("id", s.Id);
            Text(json, "name", s.Name);
            Number(json, "area_m2", s.AreaSquareMeters);
            Number(json, "length_m", s.LengthMeters);
            Number(json, "width_m", s.WidthMeters);
            Number(json, "cost", s.Cost);
            json.WriteNumber("conflicts", s.Conflicts);
            json.WriteBoolean("clipped", s.Clipped);
        });
        Array(json, "conflicts", report.Conflicts, c => Fields(json, c));
        Array(json, "totals", report.Totals, t => Total(json, t));
        Array(json, "suggestions", report.Suggestions, s =>
        {
            Fields(json, s);
            Array(json, "totals_before", s.TotalsBefore, t => Total(json, t));
            Array(json, "totals_after", s.TotalsAfter, t => Total(json, t));
        });
        if (report.Reserve is { } reserve)
        {
            json.WriteStartObject("reserve");
            Number(json, "reserve_m2", reserve.ReserveSquareMeters);
            Number(json, "construction_m2", reserve.ConstructionSquareMeters);
            Number(json, "used_m2", reserve.UsedSquareMeters);
            Number(json, "share", reserve.Share, 5);
            Number(json, "share_after", reserve.ShareAfter, 5);
            Number(json, "rate", reserve.Rate, 5);
            json.WriteEndObject();
        }

        if (report.AsBuilt.Count > 0)
        {
            Array(json, "as_built", report.AsBuilt, a => Fields(json, a));
        }

        Array(json, "notes", report.Notes, n =>
        {
            json.WriteString("code", n.Code);
            Facts(json, n.Facts);
        });
        json.WriteEndObject();
    }

    private static void Fields(Utf8JsonWriter json, Conflict c)
    {
        json.WriteString("id", c.Id);
        json.WriteString("kind", c.Kind);
        json.WriteString("rule", c.Rule);
        json.WriteString("rule_name", c.RuleName);
        json.WriteString("rule_name_en", c.RuleNameEn);
        json.WriteString("severity", JsonNamingPolicy.SnakeCaseLower.ConvertName(c.Severity.ToString()));
        Number(json, "weight", c.Weight);
        json.WriteString("subject_kind", c.SubjectKind);
        json.WriteString("subject_id", c.SubjectId);
        if (c.With is { } with)
        {
            json.WriteStartObject("with");
            json.WriteString("layer", with.Layer);
            json.WriteString("id", with.Id);
            Text(json, "name", with.Name);
            Text(json, "code", with.Code);
            Text(json, "document", with.Document);
            Text(json, "effective_from", with.EffectiveFrom is { } from ? Day(from) : null);
            Text(json, "effective_to", with.EffectiveTo is { } to ? Day(to) : null);
            json.WriteEndObject();
        }

        Number(json, "area_m2", c.AreaSquareMeters);
        Number(json, "area_mu", LandArea.ToMu(c.AreaSquareMeters), 4);
        Number(json, "length_m", c.LengthMeters);
        if (c.Clearance is { } clearance)
        {
            json.WriteStartObject("clearance");
            Number(json, "required_horizontal_m", clearance.RequiredHorizontal);
            Number(json, "horizontal_m", clearance.Horizontal);
            Number(json, "required_vertical_m", clearance.RequiredVertical);
            Number(json, "vertical_m", clearance.Vertical);
            json.WriteBoolean("plan_view_only", clearance.PlanViewOnly);
            json.WriteEndObject();
        }

        Facts(json, c.Facts);
    }

    private static void Fields(Utf8JsonWriter json, ConflictSuggestion s)
    {
        json.WriteString("subject_kind", s.SubjectKind);
        json.WriteString("subject_id", s.SubjectId);
        json.WriteString("change", s.Change);
        Number(json, "cost_before", s.CostBefore);
        Number(json, "cost_after", s.CostAfter);
        Number(json, "length_before_m", s.LengthBefore);
        Number(json, "length_after_m", s.LengthAfter);
        Number(json, "area_before_m2", s.AreaBefore);
        Number(json, "area_after_m2", s.AreaAfter);
        Number(json, "moved_m", s.MovedMeters);
        Number(json, "least_radius_m", s.LeastRadiusMeters);
        Number(json, "resolution_m", s.ResolutionMeters);
        Number(json, "reach_m", s.ReachMeters);
    }

    private static void Fields(Utf8JsonWriter json, AsBuiltComparison a)
    {
        Text(json, "model_id", a.ModelId);
        Text(json, "built_id", a.BuiltId);
        Number(json, "model_m2", a.ModelSquareMeters);
        Number(json, "built_m2", a.BuiltSquareMeters);
        Number(json, "area_difference_m2", a.AreaDifferenceSquareMeters);
        Number(json, "outside_m2", a.OutsideSquareMeters);
        Number(json, "outside_share", a.OutsideShare, 5);
        Number(json, "height_difference_m", a.HeightDifferenceMeters);
        json.WriteString("verdict", a.Verdict);
    }

    private static void Total(Utf8JsonWriter json, ConflictTotal total)
    {
        json.WriteString("kind", total.Kind);
        json.WriteNumber("count", total.Count);
        Number(json, "area_m2", total.AreaSquareMeters);
        Number(json, "length_m", total.LengthMeters);
    }

    private static void Collection<T>(Utf8JsonWriter json, IReadOnlyList<T> items, Func<T, Geometry> shape, Action<T> fields) =>
        GeoJson.Collection(json, items, item => GeoJson.Feature(json, null, shape(item), () => fields(item), GeoJson.ReportDecimals));

    private static void Array<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> fields)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            fields(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Facts(Utf8JsonWriter json, IReadOnlyDictionary<string, string> facts)
    {
        json.WriteStartObject("facts");
        foreach (var (name, value) in facts)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, double? value, int digits = 3)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, Math.Round(known, digits));
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
