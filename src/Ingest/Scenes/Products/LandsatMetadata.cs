using System.Text.Json;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>The groups and values of a Landsat Collection 2 MTL file (LSDS-1822, LSDS-1328) in any of its three forms.</summary>
internal sealed class LandsatMetadata
{
    public const int MaxBytes = 1024 * 1024;

    private const string Root = "LANDSAT_METADATA_FILE";
    private const int MaxValues = 4096;
    private const int MaxLine = 4096;

    private readonly Dictionary<(string Group, string Key), string> _values = [];
    private readonly string _file;

    private LandsatMetadata(string file) => _file = file;

    /// <param name="file">Name of the file, by whose ending its form is told (.txt, .json, .xml).</param>
    /// <exception cref="RefusedInputException">Not such a file.</exception>
    public static LandsatMetadata Read(byte[] bytes, string file)
    {
        if (bytes.Length > MaxBytes)
            throw new RefusedInputException($"{file} has {bytes.Length} bytes; an MTL file has at most {MaxBytes}.");
        var read = new LandsatMetadata(file);
        if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            read.FromJson(bytes);
        else if (file.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            read.FromXml(bytes);
        else
            read.FromText(bytes);
        if (read._values.Count == 0)
            throw new RefusedInputException($"{file} has none of the groups of a Collection 2 MTL file; get the product again.");
        return read;
    }

    public string? Find(string group, string key) => _values.GetValueOrDefault((group, key));

    /// <summary>A value of any group, of the first that has it in the order of a product's meaning.</summary>
    public string? Find(string key) => Find("PRODUCT_CONTENTS", key) ?? Find("IMAGE_ATTRIBUTES", key);

    /// <exception cref="RefusedInputException">It is missing.</exception>
    public string Need(string group, string key) => Find(group, key) is { Length: > 0 } value ? value : throw new RefusedInputException($"{_file} has no {group}/{key}; get the product again.");

    /// <exception cref="RefusedInputException">Missing, no number, or out of range.</exception>
    public double Number(string group, string key, double least, double most) => MetadataText.Number(_file, $"{group}/{key}", Need(group, key), least, most);

    private void Keep(string group, string key, string value)
    {
        if (_values.Count == MaxValues)
            throw new RefusedInputException($"{_file} has more than {MaxValues} values; get the product again.");
        _values.TryAdd((group, key), value);
    }

    /// <summary>ODL: GROUP = name, KEY = value, END_GROUP = name.</summary>
    private void FromText(byte[] bytes)
    {
        var groups = new List<string>();
        using var reader = new StreamReader(new MemoryStream(bytes));
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (text.Length > MaxLine)
                throw new RefusedInputException($"{_file} has a line of {text.Length} characters at line {line}; get the product again.");
            text = text.Trim().TrimEnd('\0');
            if (text.Length == 0)
                continue;
            if (text == "END")
                return;
            var sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0)
                throw new RefusedInputException($"{_file} has no KEY = value at line {line}; get the product again.");
            var (key, value) = (text[..sign].TrimEnd(), text[(sign + 1)..].Trim().Trim('"'));
            if (key == "GROUP")
            {
                if (groups.Count == 16)
                    throw new RefusedInputException($"{_file} nests groups more than 16 deep at line {line}; get the product again.");
                groups.Add(value);
            }
            else if (key == "END_GROUP")
            {
                if (groups.Count == 0 || groups[^1] != value)
                    throw new RefusedInputException($"{_file} ends the group {DeviceTopic.Show(value)} at line {line}, which is not open; get the product again.");
                groups.RemoveAt(groups.Count - 1);
            }
            else if (groups.Count > 0)
            {
                Keep(groups[^1], key, value);
            }
        }

        if (groups.Count > 0)
            throw new RefusedInputException($"{_file} ends within the group {DeviceTopic.Show(groups[^1])}: it was cut off; get the product again.");
    }

    private void FromJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(bytes), new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(Root, out var root) || root.ValueKind != JsonValueKind.Object)
                throw new RefusedInputException($"{_file} has no {Root}; get the product again.");
            foreach (var group in root.EnumerateObject().Where(g => g.Value.ValueKind == JsonValueKind.Object))
            {
                foreach (var value in group.Value.EnumerateObject().Where(v => v.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number))
                {
                    var text = value.Value.ValueKind == JsonValueKind.String ? value.Value.GetString()! : value.Value.GetRawText();
                    if (text.Length <= MaxLine)
                        Keep(group.Name, value.Name, text);
                }
            }
        }
        catch (JsonException problem)
        {
            throw new RefusedInputException($"{_file}: {JsonFaults.Sentence(problem)}", problem);
        }
        catch (InvalidOperationException problem)
        {
            throw new RefusedInputException($"{_file}: {JsonFaults.HalfCharacter}", problem);
        }
    }

    private static readonly HashSet<string> WantedElements = new(
    [
        "PROCESSING_LEVEL", "COLLECTION_NUMBER", "SPACECRAFT_ID", "SENSOR_ID", "DATE_ACQUIRED", "SCENE_CENTER_TIME", "CLOUD_COVER", "SUN_AZIMUTH", "SUN_ELEVATION", "LANDSAT_PRODUCT_ID",
        .. Enumerable.Range(1, 11).SelectMany(b => new[] { $"REFLECTANCE_MULT_BAND_{b}", $"REFLECTANCE_ADD_BAND_{b}" }),
    ], StringComparer.Ordinal);

    private void FromXml(byte[] bytes)
    {
        foreach (var element in MetadataXml.Read(new MemoryStream(bytes), _file, WantedElements))
        {
            var parts = element.Path.Split('/');
            if (parts.Length == 3 && parts[0] == Root)
                Keep(parts[1], parts[2], element.Text);
        }
    }
}
