using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Monitoring.Domain.Imagery;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Sensors;

/// <summary>Reads sensor descriptions (docs/formats/sensors.md).</summary>
/// <remarks>
/// Patterns of the operator's files run in time linear in the name, whatever they are. Those that come with the program are known to be harmless, and are made for the
/// interpreter, which starts many times faster: every command reads them.
/// </remarks>
internal static class SensorFile
{
    public const int MaxBytes = 256 * 1024;

    private const int MaxList = 64;
    private const int MaxPattern = 256;
    private const RegexOptions ShippedOptions = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
    private const RegexOptions PatternOptions = ShippedOptions | RegexOptions.NonBacktracking;

    /// <param name="file">How sentences call the file.</param>
    /// <param name="shipped">It came with the program.</param>
    /// <exception cref="RefusedInputException">Something is wrong with it: one sentence with file, key and remedy.</exception>
    public static Sensor Read(ReadOnlyMemory<byte> utf8, string file, bool shipped = false)
    {
        if (utf8.Length > MaxBytes)
            throw new RefusedInputException($"{file} has {utf8.Length} bytes; a sensor's description has at most {MaxBytes}.");
        if (!Utf8.IsValid(utf8.Span))
            throw new RefusedInputException($"{file} is not UTF-8 text; save it as UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(utf8), new JsonDocumentOptions { MaxDepth = 16 });
            return Read(new JsonNodeReader(file, "$", document.RootElement, shipped ? ShippedOptions : PatternOptions));
        }
        catch (JsonException problem)
        {
            throw new RefusedInputException($"{file}: {JsonFaults.Sentence(problem)}", problem);
        }
        catch (InvalidOperationException problem)
        {
            throw new RefusedInputException($"{file}: {JsonFaults.HalfCharacter}", problem);
        }
    }

    private static Sensor Read(JsonNodeReader root)
    {
        root.Only("id", "title", "collection", "platform_name", "certainty", "source", "note", "values", "recognise", "layouts", "quality", "times", "sun", "cloud_percent", "platform", "bands");
        var id = root.NeedText("id");
        if (id.Length > 64 || id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            throw root.Fault("id", "may have up to 64 letters, digits and - _ .");
        if (root.Text("certainty") is not ("standard" or "memory"))
            throw root.Fault("certainty", "is \"standard\" when \"source\" names a document that says these facts, else \"memory\"");
        root.NeedText("source");
        root.Text("note");
        var values = root.NeedText("values") switch
        {
            "reflectance" => SensorValues.Reflectance,
            "product" => SensorValues.Product,
            "digital_numbers" => SensorValues.DigitalNumbers,
            "unstated" => SensorValues.Unstated,
            _ => throw root.Fault("values", "is \"reflectance\", \"product\", \"digital_numbers\" or \"unstated\""),
        };
        var bands = root.NeedList("bands").Select(b => Band(b, values)).ToList();
        if (bands.Count == 0)
            throw root.Fault("bands", "lists at least one band");
        if (bands.GroupBy(b => b.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw root.Fault("bands", $"names the band \"{twice.Key}\" twice; give each a name of its own");

        var recognise = root.NeedObject("recognise");
        recognise.Only("names", "metadata", "colors");
        var names = recognise.Patterns("names", whole: false);
        var metadata = recognise.List("metadata").Select(Element).ToList();
        var colors = recognise.Texts("colors");
        if (names.Count == 0 && metadata.Count == 0 && colors.Count == 0)
            throw root.Fault("recognise", "says by what the sensor is recognised: give \"names\", \"metadata\" or \"colors\"");
        if (colors.Any(c => c is not ("red" or "green" or "blue" or "gray")))
            throw recognise.Fault("colors", "lists red, green, blue or gray in the order of the bands");
        var sun = root.Object("sun");
        sun?.Only("zenith", "elevation", "azimuth");
        return new Sensor
        {
            Id = id,
            Title = root.NeedText("title"),
            Collection = root.Text("collection"),
            Platform = root.Text("platform_name"),
            Values = values,
            Names = names,
            Metadata = metadata,
            Colors = colors,
            Bands = bands,
            Layouts = Layouts(root, bands),
            Quality = root.Object("quality") is { } quality ? Quality(quality) : null,
            Times = [.. root.List("times").Select(Time)],
            SunZenith = sun?.Texts("zenith") ?? [],
            SunElevation = sun?.Texts("elevation") ?? [],
            SunAzimuth = sun?.Texts("azimuth") ?? [],
            CloudPercent = root.Texts("cloud_percent"),
            PlatformElements = root.Texts("platform"),
        };
    }

    private static SensorBand Band(JsonNodeReader band, SensorValues values)
    {
        band.Only("name", "common_name", "center_nm", "width_nm", "gsd_m", "scale", "offset", "nodata", "file");
        double? scale = band.Number("scale", 1e-12, 1e12), offset = band.Number("offset", -1e12, 1e12);
        if (values == SensorValues.Reflectance && scale is null)
            throw band.Fault("scale", "is missing; with \"values\": \"reflectance\" each band has its scale (reflectance = stored × scale + offset)");
        if (values != SensorValues.Reflectance && (scale ?? offset) is not null)
            throw band.Fault(scale is null ? "offset" : "scale", "counts only with \"values\": \"reflectance\"; remove it, or say so");
        return new SensorBand(
            band.NeedText("name"), band.Text("common_name"), band.Number("center_nm", 200, 20_000) / 1000, band.Number("width_nm", 0.1, 20_000) / 1000,
            band.Number("gsd_m", 0.001, 100_000), scale, offset, band.Number("nodata", double.MinValue, double.MaxValue), band.Pattern("file"));
    }

    private static SensorElement Element(JsonNodeReader element)
    {
        element.Only("element", "values");
        var values = element.Patterns("values", whole: true);
        return values.Count > 0 ? new SensorElement(element.NeedText("element"), values) : throw element.Fault("values", "lists at least one value");
    }

    private static SensorTime Time(JsonNodeReader time)
    {
        time.Only("element", "utc_offset");
        if (time.Text("utc_offset") is not { } text)
            return new SensorTime(time.NeedText("element"), null);
        if (text.Length == 6 && text[0] is '+' or '-' && TimeSpan.TryParseExact(text.AsSpan(1), @"hh\:mm", CultureInfo.InvariantCulture, out var offset) && offset <= TimeSpan.FromHours(14))
            return new SensorTime(time.NeedText("element"), text[0] == '-' ? -offset : offset);
        throw time.Fault("utc_offset", "is written like \"+08:00\"");
    }

    private static List<IReadOnlyList<SensorBand>> Layouts(JsonNodeReader root, List<SensorBand> bands)
    {
        var layouts = new List<IReadOnlyList<SensorBand>>();
        foreach (var names in root.TextLists("layouts"))
        {
            var layout = names.Select(n => bands.Find(b => b.Name.Equals(n, StringComparison.OrdinalIgnoreCase))
                ?? throw root.Fault("layouts", $"names the band \"{DeviceTopic.Show(n)}\", which \"bands\" does not list; add it, or correct the name")).ToList();
            if (layout.Count == 0 || layouts.Exists(l => l.Count == layout.Count))
                throw root.Fault("layouts", "lists each count of bands once, at least one band each");
            layouts.Add(layout);
        }

        return layouts;
    }

    private static SensorQuality Quality(JsonNodeReader quality)
    {
        quality.Only("name", "file", "high_band", "codes", "bits", "otherwise");
        var codes = quality.Members("codes").Select(m =>
            int.TryParse(m.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var stored) && stored <= ushort.MaxValue
                ? new QualityCode(stored, Meaning(quality, "codes", m.Value))
                : throw quality.Fault("codes", $"has the member \"{DeviceTopic.Show(m.Key)}\"; members are stored values from 0 to 65535")).ToList();
        var bits = quality.List("bits").Select(b =>
        {
            b.Only("bit", "means");
            return new QualityBit((int)(b.Number("bit", 0, 15) ?? throw b.Fault("bit", "is missing; it is a number from 0 to 15")), Meaning(b, "means", b.NeedText("means")));
        }).ToList();
        if (codes.Count + bits.Count == 0)
            throw quality.Fault("codes", "is missing, and so is \"bits\"; one of them says what stored values mean");
        return new SensorQuality(quality.NeedText("name"), quality.Pattern("file"), new QualityTable(codes, bits, Meaning(quality, "otherwise", quality.NeedText("otherwise"))), (int?)quality.Number("high_band", 2, 64));
    }

    private static QualityMeaning Meaning(JsonNodeReader node, string key, string? text) => text switch
    {
        "clear" => QualityMeaning.Clear,
        "cloud" => QualityMeaning.Cloud,
        "shadow" => QualityMeaning.Shadow,
        "nodata" => QualityMeaning.NoData,
        _ => throw node.Fault(key, "has a meaning that is none of clear, cloud, shadow, nodata"),
    };

    /// <summary>One object of the file; its faults name file and key.</summary>
    private sealed class JsonNodeReader(string file, string path, JsonElement node, RegexOptions patterns)
    {
        private readonly JsonElement _node = node.ValueKind == JsonValueKind.Object
            ? node
            : throw new RefusedInputException($"{file}: {path} is {JsonFaults.Name(node.ValueKind)}; it is an object.");

        public RefusedInputException Fault(string key, string what) => new($"{file}: {path}.{key} {what}.");

        public void Only(params ReadOnlySpan<string> known)
        {
            foreach (var member in _node.EnumerateObject())
            {
                if (!known.Contains(member.Name))
                    throw new RefusedInputException($"{file}: {path} has the key \"{DeviceTopic.Show(member.Name)}\", which is not known here; the keys are {string.Join(", ", known.ToArray())}.");
            }
        }

        public string? Text(string key)
        {
            if (!_node.TryGetProperty(key, out var value))
                return null;
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault(key, $"is {JsonFaults.Name(value.ValueKind)}; it is a string");
            return text.Length is > 0 and <= 2048 ? text : throw Fault(key, "is empty or longer than 2048 characters");
        }

        public string NeedText(string key) => Text(key) ?? throw Fault(key, "is missing; give a string");

        public double? Number(string key, double least, double most)
        {
            if (!_node.TryGetProperty(key, out var value))
                return null;
            return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number >= least && number <= most
                ? number
                : throw Fault(key, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}"));
        }

        public JsonNodeReader? Object(string key) => _node.TryGetProperty(key, out var value) ? new JsonNodeReader(file, $"{path}.{key}", value, patterns) : null;

        public JsonNodeReader NeedObject(string key) => Object(key) ?? throw Fault(key, "is missing; it is an object");

        public IReadOnlyList<JsonNodeReader> List(string key) => [.. Items(key).Select((item, i) => new JsonNodeReader(file, string.Create(CultureInfo.InvariantCulture, $"{path}.{key}[{i}]"), item, patterns))];

        public IReadOnlyList<JsonNodeReader> NeedList(string key) => _node.TryGetProperty(key, out _) ? List(key) : throw Fault(key, "is missing; it is a list");

        public List<string> Texts(string key) => Strings(key, Items(key));

        public IEnumerable<IReadOnlyList<string>> TextLists(string key) => Items(key).Select(list =>
            list.ValueKind == JsonValueKind.Array && list.GetArrayLength() <= MaxList ? Strings(key, list.EnumerateArray()) : throw Fault(key, "is a list of lists of band names"));

        public IEnumerable<KeyValuePair<string, string?>> Members(string key)
        {
            if (!_node.TryGetProperty(key, out var value))
                return [];
            if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Take(257).Count() > 256)
                throw Fault(key, "is an object of at most 256 members");
            return [.. value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value.ValueKind == JsonValueKind.String ? m.Value.GetString() : null))];
        }

        public IReadOnlyList<Regex> Patterns(string key, bool whole) => [.. Texts(key).Select(t => Compile(key, whole ? $"^(?:{t})$" : t))];

        public Regex? Pattern(string key) => Text(key) is { } text ? Compile(key, text) : null;

        private Regex Compile(string key, string text)
        {
            if (text.Length > MaxPattern)
                throw Fault(key, $"has a pattern of more than {MaxPattern} characters");
            try
            {
                return new Regex(text, patterns);
            }
            catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
            {
                throw Fault(key, $"has the pattern \"{DeviceTopic.Show(text)}\", which is no regular expression without look-around and back-references; correct it");
            }
        }

        private List<JsonElement> Items(string key)
        {
            if (!_node.TryGetProperty(key, out var value))
                return [];
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxList)
                throw Fault(key, $"is a list of at most {MaxList} entries");
            return [.. value.EnumerateArray()];
        }

        private List<string> Strings(string key, IEnumerable<JsonElement> items) =>
            [.. items.Select(i => i.ValueKind == JsonValueKind.String && i.GetString() is { Length: > 0 and <= 1024 } text ? text : throw Fault(key, "is a list of strings"))];
    }
}
