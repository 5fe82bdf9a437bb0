using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Domain.Land;

/// <summary>One entry of a code list.</summary>
public sealed record LandCode(string Code, string Name)
{
    /// <summary>Other words that files use for it.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>What the class means for us: <c>farmland</c> (耕地), <c>adjustable_to_farmland</c> (可调整).</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}

/// <summary>A versioned list of codes with their names, as data. Immutable.</summary>
public sealed class LandCodeList
{
    private readonly Dictionary<string, LandCode> _byCode;
    private readonly Dictionary<string, LandCode> _byWord;

    /// <exception cref="InvalidDataException">A code stands twice.</exception>
    internal LandCodeList(LandCodeFile file)
    {
        (List, Revision, Title, TitleEn, CompleteDigits) = (file.List, file.Revision, file.Title, file.TitleEn, file.CompleteDigits);
        _byCode = new Dictionary<string, LandCode>(StringComparer.OrdinalIgnoreCase);
        _byWord = new Dictionary<string, LandCode>(StringComparer.OrdinalIgnoreCase);
        foreach (var code in file.Codes)
        {
            if (!_byCode.TryAdd(code.Code, code))
                throw new InvalidDataException($"The code list {file.List} has the code {code.Code} twice.");
            _byWord.TryAdd(code.Name, code);
            foreach (var word in code.Words)
                _byWord.TryAdd(word, code);
        }
    }

    public string List { get; }

    public string Revision { get; }

    public string Title { get; }

    public string TitleEn { get; }

    /// <summary>Codes up to this length are all listed; a longer one under a listed one is unknown, not wrong.</summary>
    public int CompleteDigits { get; }

    public IEnumerable<LandCode> Codes => _byCode.Values;

    public LandCode? Find(string code) => _byCode.GetValueOrDefault(code);

    /// <summary>The entry with this name or word; the first of several.</summary>
    public LandCode? FindByName(string name) => _byWord.GetValueOrDefault(name.Trim());

    /// <summary>True for a code longer than the list goes, whose beginning is listed.</summary>
    public bool IsBelowListed(string code) =>
        code.Length > CompleteDigits && Enumerable.Range(1, code.Length - 1).Any(length => _byCode.ContainsKey(code[..length]))
        && code.All(char.IsAsciiLetterOrDigit);

    /// <summary>The entry, or the one of the class above it that is listed.</summary>
    public LandCode? FindOrAbove(string code)
    {
        for (var length = code.Length; length > 0; length--)
        {
            if (Find(code[..length]) is { } found)
                return found;
        }

        return null;
    }
}

/// <summary>A versioned table from the codes of one list to those of another. A code with several targets needs a look at the place.</summary>
public sealed class LandCodeMapping
{
    private readonly Dictionary<string, IReadOnlyList<string>> _targets;

    internal LandCodeMapping(LandCodeMappingFile file)
    {
        (From, To, Version) = (file.From, file.To, file.Version);
        _targets = file.Pairs.ToDictionary(p => p.From, p => p.To, StringComparer.OrdinalIgnoreCase);
    }

    public string From { get; }

    public string To { get; }

    public string Version { get; }

    /// <summary>Codes of the target list, none when the table does not say.</summary>
    public IReadOnlyList<string> Targets(string code) => _targets.GetValueOrDefault(code) ?? [];
}

/// <summary>
/// The code lists that ship with the program; a file of the same name in a folder replaces one (<c>plans/codes</c> of the data
/// directory). Immutable.
/// </summary>
public sealed class LandCodes
{
    private const string Prefix = "land-codes/";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private readonly Dictionary<string, LandCodeList> _lists = new(StringComparer.Ordinal);
    private readonly List<LandCodeMapping> _mappings = [];

    private LandCodes()
    {
    }

    public const string LandUse2023 = "land-use-2023";
    public const string LandSurvey2019 = "land-survey-2019";

    /// <summary>What ships with the program.</summary>
    public static LandCodes Shipped { get; } = Load(null);

    public IEnumerable<LandCodeList> Lists => _lists.Values;

    /// <exception cref="InvalidDataException">A file is no code list; the message names it.</exception>
    public static LandCodes Load(string? folder)
    {
        var codes = new LandCodes();
        var assembly = Assembly.GetExecutingAssembly();
        var own = folder is not null && Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.json").ToDictionary(f => Path.GetFileName(f), StringComparer.Ordinal)
            : [];
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var name = resource[Prefix.Length..];
            if (own.Remove(name, out var replacement))
                codes.Take(name, File.ReadAllText(replacement));
            else
                codes.Take(name, Text(assembly, resource));
        }

        foreach (var (name, path) in own.OrderBy(f => f.Key, StringComparer.Ordinal))
            codes.Take(name, File.ReadAllText(path));
        return codes;
    }

    public LandCodeList? Find(string list) => _lists.GetValueOrDefault(list);

    /// <exception cref="KeyNotFoundException">There is no such list.</exception>
    public LandCodeList this[string list] => _lists[list];

    public LandCodeMapping? Mapping(string from, string to) => _mappings.FirstOrDefault(m => m.From == from && m.To == to);

    private void Take(string name, string text)
    {
        try
        {
            if (name.Contains(".to.", StringComparison.Ordinal))
            {
                _mappings.Add(new LandCodeMapping(JsonSerializer.Deserialize<LandCodeMappingFile>(text, Json)!));
                return;
            }

            var list = new LandCodeList(JsonSerializer.Deserialize<LandCodeFile>(text, Json)!);
            _lists[list.List] = list;
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"The code list {name} cannot be read: {fault.Message}", fault);
        }
    }

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

internal sealed record LandCodeFile
{
    [JsonRequired]
    public string List { get; init; } = "";

    [JsonRequired]
    public string Revision { get; init; } = "";

    public string Title { get; init; } = "";

    public string TitleEn { get; init; } = "";

    public int CompleteDigits { get; init; } = 99;

    [JsonRequired]
    public IReadOnlyList<LandCode> Codes { get; init; } = [];
}

internal sealed record LandCodeMappingFile
{
    [JsonRequired]
    public string From { get; init; } = "";

    [JsonRequired]
    public string To { get; init; } = "";

    [JsonRequired]
    public string Version { get; init; } = "";

    [JsonRequired]
    public IReadOnlyList<LandCodePair> Pairs { get; init; } = [];
}

internal sealed record LandCodePair(string From, IReadOnlyList<string> To);
