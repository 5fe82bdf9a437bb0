using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Monitoring.Host.Commands;

/// <summary>How the columns of an office's files are called, kept under a name in <c>plans/mappings</c> of the data directory.</summary>
internal sealed partial record SavedMapping
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Our field → the file's column.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = new Dictionary<string, string>();

    public string? Crs { get; init; }

    public string? SourceLayer { get; init; }

    /// <exception cref="BadInputException">There is no such mapping, or its file is damaged.</exception>
    public static SavedMapping Load(string data, string name)
    {
        var path = PathOf(data, name);
        if (!File.Exists(path))
        {
            var folder = Path.GetDirectoryName(path)!;
            var others = Directory.Exists(folder) ? string.Join(", ", Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)) : "";
            throw new BadInputException($"There is no mapping \"{name}\"; saved are: {(others.Length == 0 ? "none yet, save one with --save-mapping" : others)}.");
        }

        try
        {
            return JsonSerializer.Deserialize<SavedMapping>(File.ReadAllText(path), Json) ?? throw new BadInputException($"The mapping {path} is empty; save it again.");
        }
        catch (JsonException fault)
        {
            throw new BadInputException($"The mapping {path} cannot be read: {fault.Message} Save it again.");
        }
    }

    /// <exception cref="BadInputException">The name is none, or the file cannot be written.</exception>
    public void Save(string data, string name)
    {
        var path = PathOf(data, name);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, JsonSerializer.Serialize(this, Json));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The mapping cannot be saved: {fault.Message}");
        }
    }

    private static string PathOf(string data, string name) => MappingName().IsMatch(name)
        ? Path.Combine(data, "plans", "mappings", name + ".json")
        : throw new BadInputException($"A mapping is named with 1 to 64 letters, digits, - and _; \"{name}\" is not.");

    [GeneratedRegex(@"^[\p{L}\p{Nd}_-]{1,64}$")]
    private static partial Regex MappingName();
}
