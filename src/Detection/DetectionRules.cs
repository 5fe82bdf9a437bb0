using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Detection.Incidents;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Telemetry;
using Monitoring.Domain.Findings;

namespace Monitoring.Detection;

/// <summary>
/// All rules of detection as versioned data: what alerts need of each rule, how patches are judged, limits of telemetry, site activity.
/// docs/formats/rules.md describes the file. Immutable; thread-safe.
/// </summary>
public sealed record DetectionRules : IAlertRules
{
    /// <summary>Version of the whole set; part of every finding's identity.</summary>
    public required string Version { get; init; }

    [JsonPropertyName("alerts")]
    public required IReadOnlyList<AlertRule> AlertRules { get; init; }

    public required JudgementRules Judgement { get; init; }

    public required IReadOnlyList<TelemetryRule> Limits { get; init; }

    public required ActivityRule Activity { get; init; }

    public required IncidentRules Incidents { get; init; }

    [JsonIgnore]
    public IReadOnlyList<AlertRule> All => [.. AlertRules.OrderBy(r => r.Id, StringComparer.Ordinal)];

    public AlertRule? Find(string ruleId) => AlertRules.FirstOrDefault(r => r.Id == ruleId);

    // Above Default, which is read with them: static members start in the order they are written.
    internal static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>The rules that come with the program.</summary>
    public static DetectionRules Default { get; } = Parse(Embedded(), "the built-in rules");

    /// <summary>
    /// The built-in rules with the sections of <paramref name="path"/> in their place, when that file is there. A section is replaced
    /// as a whole; the file states its own version.
    /// </summary>
    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static DetectionRules Load(string path)
    {
        if (!File.Exists(path))
        {
            return Default;
        }

        const long maxBytes = 4 * 1024 * 1024;
        if (new FileInfo(path).Length > maxBytes)
        {
            throw new InvalidDataException($"{path} is larger than {maxBytes} bytes, which no rules file is; put the rules file in its place or remove it.");
        }

        return Parse(Merge(Embedded(), File.ReadAllText(path), path), path);
    }

    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static DetectionRules Parse(string json, string source)
    {
        DetectionRules rules;
        try
        {
            rules = JsonSerializer.Deserialize<DetectionRules>(json, Json) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture, $"{source} is not a rules file as docs/formats/rules.md describes: {e.Message}"), e);
        }

        var faults = rules.Faults().ToList();
        return faults.Count == 0 ? rules : throw new InvalidDataException($"{source}: {string.Join(" ", faults)}");
    }

    private IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Version))
        {
            yield return "The version is empty; state one, findings carry it.";
        }

        foreach (var group in AlertRules.GroupBy(r => r.Id).Where(g => g.Count() > 1))
        {
            yield return $"Alert rule {group.Key} is there {group.Count()} times; keep one.";
        }

        foreach (var rule in AlertRules.Where(r => r.For < TimeSpan.Zero || r.KeepFiringFor < TimeSpan.Zero))
        {
            yield return $"Alert rule {rule.Id} has a negative duration.";
        }

        string[] needed =
        [
            .. Limits.Select(l => l.RuleId), JudgementRules.BuildingRuleId, JudgementRules.RedLineRuleId, Activity.RuleId,
            .. Judgement.LineChanges is null ? Array.Empty<string>() : [JudgementRules.LineRuleId],
            .. Judgement.Projects is null ? Array.Empty<string>() : [JudgementRules.ProjectRuleId],
        ];
        foreach (var id in needed.Distinct().Where(id => Find(id) is null))
        {
            yield return $"Rule {id} has no entry under alerts; add one with its durations.";
        }

        foreach (var fault in Judgement.Faults().Concat(Limits.SelectMany(l => l.Faults())).Concat(Activity.Faults()).Concat(Incidents.Faults()))
        {
            yield return fault;
        }

        foreach (var group in Limits.GroupBy(l => l.Id).Where(g => g.Count() > 1))
        {
            yield return $"Limit {group.Key} is there {group.Count()} times; keep one.";
        }
    }

    private static string Merge(string basis, string overlay, string path)
    {
        try
        {
            var target = System.Text.Json.Nodes.JsonNode.Parse(basis)!.AsObject();
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            var source = System.Text.Json.Nodes.JsonNode.Parse(overlay, documentOptions: options) as System.Text.Json.Nodes.JsonObject
                ?? throw new JsonException("the outermost value is not an object");
            if (!source.ContainsKey("version"))
            {
                throw new JsonException("it states no version");
            }

            foreach (var (name, value) in source)
            {
                target[name] = value?.DeepClone();
            }

            return target.ToJsonString();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a rules file as docs/formats/rules.md describes: {e.Message}", e);
        }
    }

    private static string Embedded()
    {
        using var stream = typeof(DetectionRules).Assembly.GetManifestResourceStream("Monitoring.Detection.rules.json")
            ?? throw new InvalidOperationException("The built-in rules are missing from the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
