using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Devices;

/// <summary>What a devices.json states (docs/formats/devices.md), secrets still in clear.</summary>
/// <param name="Devices">Enabled is null where the file does not say.</param>
/// <param name="Secrets">Secret of each device that names one.</param>
internal sealed record DevicesFile(
    IReadOnlyList<Thing> Things,
    IReadOnlyList<(string Id, string ThingId, string? Firmware, bool? Enabled)> Devices,
    IReadOnlyList<Datastream> Datastreams,
    IReadOnlyDictionary<string, string> Secrets)
{
    /// <summary>Ids of the things the file names, also of those with a fault elsewhere; null when a fault hides one.</summary>
    public IReadOnlySet<string>? NamedThings { get; init; }

    /// <summary>Reads a file; every fault is one sentence with its JSON path.</summary>
    /// <returns>Null when there is a fault.</returns>
    public static DevicesFile? Read(ReadOnlyMemory<byte> utf8, ProblemList problems) => Read(utf8, problems, static _ => { });

    /// <param name="check">Looks at what was read, faulty entries and all, before it is decided whether there is a fault.</param>
    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, ProblemList)"/>
    public static DevicesFile? Read(ReadOnlyMemory<byte> utf8, ProblemList problems, Action<DevicesFile> check)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8.Span))
        {
            problems.Add("The file is not UTF-8 text; save it as UTF-8.");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(utf8), new JsonDocumentOptions { MaxDepth = 16 });
            return new DevicesFileReader(problems).Read(document.RootElement, check);
        }
        catch (JsonException problem)
        {
            problems.Add(JsonFaults.Sentence(problem));
            return null;
        }
        catch (InvalidOperationException)
        {
            problems.Add(JsonFaults.HalfCharacter);
            return null;
        }
    }
}

internal sealed partial class DevicesFileReader(ProblemList problems)
{
    private readonly List<Thing> _things = [];
    private readonly List<(string Id, string ThingId, string? Firmware, bool? Enabled)> _devices = [];
    private readonly List<Datastream> _streams = [];
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);

    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private bool _hidden;

    public DevicesFile? Read(JsonElement root, Action<DevicesFile> check)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"$ is {JsonFaults.Name(root.ValueKind)}; the file is one object with \"things\" and \"devices\".");
            return null;
        }

        var whole = ReadList(root, "things", ReadThing);
        ReadList(root, "devices", ReadDevice);
        var file = new DevicesFile(_things, _devices, _streams, _secrets) { NamedThings = _hidden || !whole ? null : _named };
        check(file);
        return problems.Any ? null : file;
    }

    /// <returns>False when there is no list, or something in it is no object.</returns>
    private bool ReadList(JsonElement parent, string field, Action<JsonElement, string> read, string path = "$")
    {
        if (!parent.TryGetProperty(field, out var list))
        {
            problems.Add($"{path}.{field} is missing; give a list, which may be empty.");
            return false;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            problems.Add($"{path}.{field} is {JsonFaults.Name(list.ValueKind)}; it is a list of objects.");
            return false;
        }

        var (index, whole) = (0, true);
        foreach (var item in list.EnumerateArray())
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"{path}.{field}[{index++}]");
            if (item.ValueKind == JsonValueKind.Object)
            {
                read(item, at);
            }
            else
            {
                whole = false;
                problems.Add($"{at} is {JsonFaults.Name(item.ValueKind)}; it is an object.");
            }
        }

        return whole;
    }

    private void ReadThing(JsonElement thing, string path)
    {
        var id = Identifier(thing, "id", path);
        _hidden |= id is null;
        if (id is not null)
            _named.Add(id);
        var name = Text(thing, "name", path, required: true);
        var nameEn = Text(thing, "name_en", path, required: false);
        var lon = Number(thing, "lon", path, -180, 180, "degrees of longitude on CGCS2000");
        var lat = Number(thing, "lat", path, -90, 90, "degrees of latitude on CGCS2000");
        var region = Text(thing, "region", path, required: true);
        if (region is not null && !DivisionCode().IsMatch(region))
            problems.Add($"{path}.region is \"{JsonFaults.Clean(region)}\"; it is a division code of 2, 4, 6, 9 or 12 digits.");
        if (id is not null && _things.Exists(t => t.Id == id))
            problems.Add($"{path}.id is \"{id}\" for a second time; ids of things are unique.");
        if (id is not null && name is not null && lon is not null && lat is not null && region is not null)
            _things.Add(new Thing(id, name, nameEn, lon.Value, lat.Value, region));
    }

    private void ReadDevice(JsonElement device, string path)
    {
        var id = Identifier(device, "id", path);
        var thing = Identifier(device, "thing", path);
        var firmware = Text(device, "firmware", path, required: false);
        var enabled = Flag(device, "enabled", path);
        var secret = Text(device, "secret", path, required: false);
        if (secret is not null && secret.Length is < DeviceSecret.MinLength or > DeviceSecret.MaxLength)
            problems.Add($"{path}.secret has {secret!.Length} characters; give {DeviceSecret.MinLength} to {DeviceSecret.MaxLength}, drawn at random.");
        if (id is not null && _devices.Exists(d => d.Id == id))
            problems.Add($"{path}.id is \"{id}\" for a second time; ids of devices are unique.");
        if (id is not null && thing is not null)
        {
            _devices.Add((id, thing, firmware, enabled));
            if (secret is not null || (device.TryGetProperty("secret", out var said) && said.ValueKind != JsonValueKind.Null))
                _secrets[id] = secret ?? "";
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        ReadList(device, "datastreams", (stream, at) => ReadDatastream(stream, at, id ?? "?", thing ?? "?", names), path);
    }

    private void ReadDatastream(JsonElement stream, string path, string device, string thing, HashSet<string> names)
    {
        var name = Identifier(stream, "name", path);
        if (name is not null && !names.Add(name))
            problems.Add($"{path}.name is \"{name}\" for a second time in this device; names are unique within it.");
        var property = Text(stream, "property", path, required: true);
        if (property is not null && !PropertyCode().IsMatch(property))
            problems.Add($"{path}.property is \"{JsonFaults.Clean(property)}\"; it is a code of lower-case letters, digits and _, at most 64.");
        var known = property is null ? null : KnownProperty.Find(property);
        var unit = Text(stream, "unit", path, required: known is null) ?? known?.Unit;
        if (unit is not null && known is not null && !known.Takes(unit))
            problems.Add($"{path}.unit is \"{JsonFaults.Clean(unit)}\", but {property} is measured in {known.Unit}; convert at the device or use another property code.");
        else if (unit is not null && known is not null)
            unit = known.Unit;

        var interval = default(TimeSpan?);
        if (stream.TryGetProperty("interval_s", out var seconds) && seconds.ValueKind != JsonValueKind.Null
            && Number(stream, "interval_s", path, 0.001, 31_622_400, "seconds between results, or null when irregular") is { } period)
        {
            interval = TimeSpan.FromSeconds(period);
        }

        var aggregation = ReadAggregation(stream, path, known);
        if (name is not null && property is not null && unit is not null && aggregation is { } how)
            _streams.Add(new Datastream(device, thing, name, property, unit, interval, how));
    }

    private Aggregation? ReadAggregation(JsonElement stream, string path, KnownProperty? known)
    {
        var text = Text(stream, "aggregation", path, required: known is null);
        Aggregation? aggregation = text switch
        {
            null => known?.Aggregation,
            "mean" => Aggregation.Mean,
            "energy_mean" => Aggregation.EnergyMean,
            "max" => Aggregation.Max,
            "sum" => Aggregation.Sum,
            "none" => Aggregation.None,
            _ => null,
        };
        if (text is not null && aggregation is null)
        {
            problems.Add($"{path}.aggregation is \"{JsonFaults.Clean(text)}\"; it is mean, energy_mean, max, sum or none.");
        }
        else if (known is not null && aggregation is not null && aggregation != known.Aggregation)
        {
            problems.Add($"{path}.aggregation is {text}, but results of {known.Code} are combined by {known.AggregationText}; write that or leave it out.");
        }

        return aggregation;
    }

    private string? Identifier(JsonElement parent, string field, string path)
    {
        var text = Text(parent, field, path, required: true);
        if (text is null || IdentifierForm().IsMatch(text))
            return text;
        problems.Add($"{path}.{field} is \"{DeviceTopic.Show(text)}\"; it is 1 to 64 of A-Z, a-z, 0-9, _ and -.");
        return null;
    }

    private string? Text(JsonElement parent, string field, string path, bool required)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            if (required)
                problems.Add($"{path}.{field} is missing.");
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            problems.Add($"{path}.{field} is {JsonFaults.Name(value.ValueKind)}; it is a string.");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length is > 0 and <= 256)
            return text;
        problems.Add($"{path}.{field} has {text.Length} characters; it has 1 to 256.");
        return null;
    }

    private bool? Flag(JsonElement parent, string field, string path)
    {
        if (!parent.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        problems.Add($"{path}.{field} is {JsonFaults.Name(value.ValueKind)}; it is true or false.");
        return null;
    }

    private double? Number(JsonElement parent, string field, string path, double least, double most, string meaning)
    {
        if (parent.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        problems.Add(string.Create(CultureInfo.InvariantCulture, $"{path}.{field} must be a number from {least} to {most}: {meaning}."));
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]{1,64}$")]
    private static partial Regex IdentifierForm();

    [GeneratedRegex("^[a-z0-9_]{1,64}$")]
    private static partial Regex PropertyCode();

    [GeneratedRegex(@"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$")]
    private static partial Regex DivisionCode();
}
