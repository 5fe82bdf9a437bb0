using System.Globalization;
using System.Text.Json;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;

namespace Monitoring.Ingest.Plans;

/// <summary>What a command asks of the registers.</summary>
/// <param name="What"><c>versions</c>, <c>show</c>, <c>diff</c> or <c>export-patches</c>.</param>
public sealed record RegisterQuery(string What)
{
    /// <summary>Layer, or kind of plan layer.</summary>
    public string? Layer { get; init; }

    public MapView Before { get; init; } = new();

    /// <summary>The one view of <c>show</c>.</summary>
    public MapView After { get; init; } = new();

    public string? Batch { get; init; }

    /// <summary>File that is written; null = text only.</summary>
    public string? Out { get; init; }
}

/// <param name="Problem">One sentence when the question cannot be answered.</param>
public sealed record RegisterAnswer(IReadOnlyList<string> Lines, string? Problem);

/// <summary>Answers commands about the map in words and files (docs/formats/map-views.md). Thread-safe.</summary>
public sealed class RegisterQueries(IPlanRegister register, IMapHistory history, IPushedPatchResults results, MapFileReader reader, PlanImportOptions options)
{
    private const int MostLines = 200;

    private static readonly string[] WriteAll = ["… write all with --out FILE"];

    private static readonly Dictionary<string, MapLayer> Layers = new(StringComparer.Ordinal)
    {
        ["regions"] = MapLayer.Region,
        ["control-lines"] = MapLayer.ControlLine,
        ["permits"] = MapLayer.Permit,
        ["parcels"] = MapLayer.Parcel,
    };

    public async Task<RegisterAnswer> AskAsync(RegisterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        try
        {
            return query.What switch
            {
                "versions" => await VersionsAsync(cancellationToken),
                "show" => await ShowAsync(query, cancellationToken),
                "diff" => await DiffAsync(query, cancellationToken),
                "export-patches" => await ExportAsync(query, cancellationToken),
                _ => new RegisterAnswer([], $"There is no question '{query.What}'."),
            };
        }
        catch (RefusedInputException refused)
        {
            return new RegisterAnswer([], refused.Message);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new RegisterAnswer([], $"{query.Out} cannot be written: {fault.Message}");
        }
    }

    private async Task<RegisterAnswer> VersionsAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        long after = 0;
        while (await register.VersionsAfterAsync(after, 500, cancellationToken) is { Count: > 0 } page)
        {
            lines.AddRange(page.Select(v => string.Create(
                CultureInfo.InvariantCulture, $"{v.Version}\t{v.KnownFrom.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\t{v.PlanKind ?? Layers.First(l => l.Value == v.Layer).Key}\t{v.FeatureCount} changed\t{v.Source}\t{v.Actor}")));
            after = page[^1].Version;
        }

        return new RegisterAnswer(lines.Count == 0 ? ["The map is empty."] : lines, null);
    }

    private async Task<RegisterAnswer> ShowAsync(RegisterQuery query, CancellationToken cancellationToken)
    {
        var (layer, kind) = LayerOf(query.Layer);
        var features = await history.ViewAsync(layer, kind, query.After, cancellationToken);
        if (query.Out is { } path)
        {
            await using var stream = File.Create(path);
            await using var writer = new Utf8JsonWriter(stream, GeoJson.Compact);
            GeoJson.Collection(writer, features, f => GeoJson.Feature(writer, f.Id, f.Outline.Shape, () => Properties(writer, f)));
        }

        return new RegisterAnswer(
            [
                string.Create(CultureInfo.InvariantCulture, $"{query.Layer}: {features.Count} features, {features.Sum(f => f.Outline.AreaSquareMeters):0} m²"),
                .. query.Out is null ? features.Take(MostLines).Select(f => $"{f.Id}\t{Day(f.EffectiveFrom)}\t{Day(f.EffectiveTo)}\t{f.Outline.AreaSquareMeters.ToString("0.##", CultureInfo.InvariantCulture)} m²") : [],
                .. query.Out is null && features.Count > MostLines ? WriteAll : [],
            ],
            null);
    }

    private async Task<RegisterAnswer> DiffAsync(RegisterQuery query, CancellationToken cancellationToken)
    {
        var (layer, kind) = LayerOf(query.Layer);
        var changes = await history.DiffAsync(new MapDiffQuestion(layer, query.Before, query.After) { PlanKind = kind }, cancellationToken);
        if (query.Out is { } path)
        {
            await using var stream = File.Create(path);
            await using var writer = new Utf8JsonWriter(stream, GeoJson.Compact);
            GeoJson.Collection(writer, changes, c => GeoJson.Feature(writer, c.Id, (c.After ?? c.Before)!.Outline.Shape, () => Properties(writer, c)));
        }

        var counts = changes.CountBy(c => c.Kind).ToDictionary();
        return new RegisterAnswer(
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{query.Layer}: {counts.GetValueOrDefault(FeatureChangeKind.Added)} added, {counts.GetValueOrDefault(FeatureChangeKind.Changed)} changed, {counts.GetValueOrDefault(FeatureChangeKind.Ended)} ended; {changes.Sum(c => c.GainedSquareMeters):0.##} m² gained, {changes.Sum(c => c.LostSquareMeters):0.##} m² lost"),
                .. changes.Take(MostLines).Select(Line),
                .. changes.Count > MostLines ? WriteAll : [],
            ],
            null);
    }

    private async Task<RegisterAnswer> ExportAsync(RegisterQuery query, CancellationToken cancellationToken)
    {
        if (query.Batch is null || query.Out is null)
            return new RegisterAnswer([], "An export of patches needs --batch and --out.");
        var (patches, problem) = await results.ExportAsync(query.Batch, query.Out, cancellationToken);
        return problem is not null ? new RegisterAnswer([], problem) : new RegisterAnswer([string.Create(CultureInfo.InvariantCulture, $"{query.Batch}: {patches} patches written to {query.Out}")], null);
    }

    private (MapLayer Layer, string? Kind) LayerOf(string? name) =>
        name is not null && Layers.TryGetValue(name, out var layer) ? (layer, null)
        : name is not null && reader.PlanKinds.Contains(name) ? (MapLayer.Plan, name)
        : throw new RefusedInputException($"There is no layer '{name}'; the layers are {string.Join(", ", Layers.Keys.Concat(reader.PlanKinds))}.");

    private void Properties(Utf8JsonWriter writer, MapFeature feature)
    {
        foreach (var (name, value) in FeatureFieldsText.Of(feature))
            writer.WriteString(name, value);
        writer.WriteNumber("area_m2", Math.Round(feature.Outline.AreaSquareMeters, 2));
        writer.WriteString("grade", options.Grades.Of(feature).ToString().ToLowerInvariant());
    }

    private void Properties(Utf8JsonWriter writer, FeatureChange change)
    {
        writer.WriteString("change", change.Kind.ToString().ToLowerInvariant());
        writer.WriteNumber("gained_m2", Math.Round(change.GainedSquareMeters, 2));
        writer.WriteNumber("lost_m2", Math.Round(change.LostSquareMeters, 2));
        writer.WriteString("grade", options.Grades.Of((change.After ?? change.Before)!).ToString().ToLowerInvariant());
        writer.WriteStartArray("fields");
        foreach (var field in change.Fields)
        {
            writer.WriteStartObject();
            writer.WriteString("field", field.Field);
            writer.WriteString("before", field.Before);
            writer.WriteString("after", field.After);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Line(FeatureChange change) => change.Kind switch
    {
        FeatureChangeKind.Added => string.Create(CultureInfo.InvariantCulture, $"+ {change.Id}\t{change.GainedSquareMeters:0.##} m²"),
        FeatureChangeKind.Ended => string.Create(CultureInfo.InvariantCulture, $"- {change.Id}\t{change.LostSquareMeters:0.##} m²"),
        _ => string.Create(CultureInfo.InvariantCulture, $"~ {change.Id}\t{string.Join("; ", change.Fields.Select(f => f.Field == "geometry" ? $"geometry +{change.GainedSquareMeters:0.##} m² -{change.LostSquareMeters:0.##} m²" : $"{f.Field}: {f.Before ?? "(none)"} → {f.After ?? "(none)"}"))}"),
    };

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "…";
}
