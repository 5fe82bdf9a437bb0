using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes;

/// <summary>The parts of a STAC Item (1.0 or 1.1, extensions eo, raster, proj, view) that a scene is made of.</summary>
/// <param name="AcquiredAt">Null when the Item has no datetime.</param>
/// <param name="Epsg">From <c>proj:code</c> or <c>proj:epsg</c>.</param>
internal sealed record StacItem(
    string Id, string? Collection, string? Platform, DateTimeOffset? AcquiredAt, double? CloudCover, double? SunElevation, int? Epsg, IReadOnlyList<StacAsset> Assets)
{
    public double? SunAzimuth { get; init; }

    /// <summary>Reads an Item.</summary>
    /// <exception cref="RefusedInputException">Not an Item, or a field is wrong; the sentence has the JSON path.</exception>
    public static StacItem Read(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
            throw new RefusedInputException("The Item is not UTF-8 text; save it as UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(utf8), new JsonDocumentOptions { MaxDepth = 64 });
            return StacItemReader.Read(document.RootElement);
        }
        catch (JsonException problem)
        {
            throw new RefusedInputException(JsonFaults.Sentence(problem), problem);
        }
        catch (InvalidOperationException problem)
        {
            throw new RefusedInputException(JsonFaults.HalfCharacter, problem);
        }
    }
}

/// <param name="Bands">In the order of the file's bands; empty when the Item does not list them.</param>
internal sealed record StacAsset(string Key, string Href, string? Type, IReadOnlyList<string> Roles, IReadOnlyList<StacBand> Bands)
{
    /// <summary>True when the asset holds pixels to compare, or their quality; false for thumbnails, pictures, metadata.</summary>
    public bool HoldsPixels =>
        !Roles.Any(r => r is "thumbnail" or "overview" or "metadata" or "visual")
        && (Bands.Count > 0 || Roles.Any(r => r is "data" or "reflectance" or "cloud" or "cloud-shadow"))
        && Type?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true
        && Type?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) != true
        && Type?.StartsWith("application/xml", StringComparison.OrdinalIgnoreCase) != true;
}

/// <param name="Scale">Null when not stated; so with offset and nodata.</param>
internal sealed record StacBand(string? Name, string? CommonName, double? Micrometers, double? NoData, double? Scale, double? Offset, bool IsQuality)
{
    public double? WidthMicrometers { get; init; }
}

internal static class StacItemReader
{
    private const int MaxAssets = 256;

    public static StacItem Read(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("stac_version", out _) && item.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is "Catalog" or "Collection")
        {
            throw new RefusedInputException("The file is a STAC catalogue; `scenes add` takes all its Items, here give one of them.");
        }

        // A member may be there and null.
        if (item.ValueKind != JsonValueKind.Object || Text(item, "type", "$") != "Feature" || Text(item, "stac_version", "$") is not { } version)
            throw new RefusedInputException("The file is no STAC Item: it has no \"type\": \"Feature\" with a \"stac_version\".");
        if (!version.StartsWith("1.", StringComparison.Ordinal))
            throw new RefusedInputException($"$.stac_version is \"{JsonFaults.Clean(version)}\"; this reader knows 1.0 and 1.1.");
        if (Text(item, "id", "$") is not { Length: > 0 } id)
            throw new RefusedInputException("$.id is missing; an Item has an id.");
        var properties = Object(item, "properties", "$") ?? throw new RefusedInputException("$.properties is missing; it holds the datetime.");
        var assets = Object(item, "assets", "$") ?? throw new RefusedInputException("$.assets is missing; it names the files.");
        var read = new List<StacAsset>();
        foreach (var asset in assets.EnumerateObject())
        {
            if (read.Count == MaxAssets)
                throw new RefusedInputException($"$.assets holds more than {MaxAssets} assets; split the Item.");
            read.Add(ReadAsset(asset.Name, asset.Value));
        }

        const string P = "$.properties";
        return new StacItem(
            id, Text(item, "collection", "$"), Text(properties, "platform", P), Time(properties), Number(properties, "eo:cloud_cover", P, 0, 100),
            Number(properties, "view:sun_elevation", P, -90, 90), Epsg(properties, P), read)
        {
            SunAzimuth = Number(properties, "view:sun_azimuth", P, 0, 360),
        };
    }

    private static DateTimeOffset? Time(JsonElement properties)
    {
        const string P = "$.properties";
        if (Instant(properties, "datetime", P) is { } time)
            return time;
        if (Instant(properties, "start_datetime", P) is { } start && Instant(properties, "end_datetime", P) is { } end)
        {
            return end >= start && end - start <= TimeSpan.FromDays(1)
                ? start
                : throw new RefusedInputException($"{P}.start_datetime to end_datetime is no span of at most a day; a scene is one acquisition, not a composite.");
        }

        return null;
    }

    private static DateTimeOffset? Instant(JsonElement parent, string field, string path)
    {
        if (Text(parent, field, path) is not { } text)
            return null;
        return Iso8601.Parse(text, out var time) == Iso8601Fault.None
            ? time
            : throw new RefusedInputException($"{path}.{field} is \"{DeviceTopic.Show(text)}\"; write RFC 3339 with a zone, for example \"2026-05-01T02:40:00Z\".");
    }

    private static int? Epsg(JsonElement properties, string path)
    {
        if (Text(properties, "proj:code", path) is { } code)
        {
            return code.StartsWith("EPSG:", StringComparison.OrdinalIgnoreCase) && int.TryParse(code.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
        }

        return Number(properties, "proj:epsg", path, 1, 1_000_000) is { } epsg ? (int)epsg : null;
    }

    private static StacAsset ReadAsset(string key, JsonElement asset)
    {
        var path = $"$.assets.{DeviceTopic.Show(key)}";
        if (asset.ValueKind != JsonValueKind.Object)
            throw new RefusedInputException($"{path} is {JsonFaults.Name(asset.ValueKind)}; an asset is an object.");
        if (Text(asset, "href", path) is not { Length: > 0 } href)
            throw new RefusedInputException($"{path}.href is missing; it names the file.");
        var roles = Strings(asset, "roles", path);
        var bands = ReadBands(asset, path, roles, Number(asset, "nodata", path, null, null), Number(asset, "raster:scale", path, null, null), Number(asset, "raster:offset", path, null, null));
        return new StacAsset(key, href, Text(asset, "type", path), roles, bands);
    }

    /// <summary>STAC 1.1 has one list <c>bands</c>; 1.0 has <c>eo:bands</c> and beside it <c>raster:bands</c>.</summary>
    private static List<StacBand> ReadBands(JsonElement asset, string path, IReadOnlyList<string> roles, double? noData, double? scale, double? offset)
    {
        var current = List(asset, "bands", path);
        var eo = List(asset, "eo:bands", path);
        var raster = List(asset, "raster:bands", path);
        if (current is null && eo is not null && raster is not null && eo.Count != raster.Count)
            throw new RefusedInputException($"{path} lists {eo.Count} eo:bands and {raster.Count} raster:bands; list each band in both.");

        var bands = new List<StacBand>();
        var count = current?.Count ?? eo?.Count ?? raster?.Count ?? 0;
        for (var i = 0; i < count; i++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{path}.{(current is not null ? "bands" : eo is not null ? "eo:bands" : "raster:bands")}[{i}]");
            var named = (current ?? eo ?? raster)![i];
            var numbers = current is not null ? named : raster is not null ? raster[i] : default;
            var name = Text(named, "name", at);
            var common = Text(named, "eo:common_name", at) ?? Text(named, "common_name", at);
            var isQuality = (name is not null && BandNames.IsQuality(name)) || Strings(named, "roles", at).Any(r => r.StartsWith("cloud", StringComparison.Ordinal));
            bands.Add(new StacBand(
                name,
                common,
                Number(named, "eo:center_wavelength", at, 0, 1e6) ?? Number(named, "center_wavelength", at, 0, 1e6),
                NumberIn(numbers, "nodata", at) ?? noData,
                NumberIn(numbers, "raster:scale", at) ?? NumberIn(numbers, "scale", at) ?? scale,
                NumberIn(numbers, "raster:offset", at) ?? NumberIn(numbers, "offset", at) ?? offset,
                isQuality)
            {
                WidthMicrometers = Number(named, "eo:full_width_half_max", at, 0, 1e6) ?? Number(named, "full_width_half_max", at, 0, 1e6),
            });
        }

        // The role "cloud" on the asset says that its last band, if it is no colour, tells clouds.
        if (bands.Count > 0 && roles.Any(r => r.StartsWith("cloud", StringComparison.Ordinal)) && !bands.Exists(b => b.IsQuality)
            && bands[^1].CommonName is null && bands.SkipLast(1).All(b => b.CommonName is not null))
        {
            bands[^1] = bands[^1] with { IsQuality = true };
        }

        return bands;
    }

    private static double? NumberIn(JsonElement parent, string field, string path) =>
        parent.ValueKind == JsonValueKind.Object ? Number(parent, field, path, null, null) : null;

    private static JsonElement? Object(JsonElement parent, string field, string path)
    {
        if (!parent.TryGetProperty(field, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Object
            ? value
            : throw new RefusedInputException($"{path}.{field} is {JsonFaults.Name(value.ValueKind)}; it is an object.");
    }

    private static List<JsonElement>? List(JsonElement parent, string field, string path)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            throw new RefusedInputException($"{path}.{field} is {JsonFaults.Name(value.ValueKind)}; it is a list.");
        var items = value.EnumerateArray().ToList();
        return items.TrueForAll(i => i.ValueKind == JsonValueKind.Object) ? items : throw new RefusedInputException($"{path}.{field} holds something that is no object.");
    }

    private static string? Text(JsonElement parent, string field, string path)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw new RefusedInputException($"{path}.{field} is {JsonFaults.Name(value.ValueKind)}; it is a string.");
        var text = value.GetString()!;
        return text.Length <= 1024 ? text : throw new RefusedInputException($"{path}.{field} has {text.Length} characters; 1024 are enough.");
    }

    private static List<string> Strings(JsonElement parent, string field, string path)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String))
            throw new RefusedInputException($"{path}.{field} is no list of strings.");
        return [.. value.EnumerateArray().Select(v => v.GetString()!)];
    }

    /// <summary>What JSON has no number for, as STAC 1.1 writes it.</summary>
    private static double? NoDataWord(string text) => text.ToUpperInvariant() switch
    {
        "NAN" => double.NaN,
        "INF" => double.PositiveInfinity,
        "-INF" => double.NegativeInfinity,
        _ => null,
    };

    private static double? Number(JsonElement parent, string field, string path, double? least, double? most)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (field == "nodata" && value.ValueKind == JsonValueKind.String && NoDataWord(value.GetString()!) is { } word)
            return word;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            && (least is null || number >= least) && (most is null || number <= most))
        {
            return number;
        }

        throw new RefusedInputException(least is null
            ? $"{path}.{field} is no number."
            : string.Create(CultureInfo.InvariantCulture, $"{path}.{field} must be a number from {least} to {most}."));
    }
}
