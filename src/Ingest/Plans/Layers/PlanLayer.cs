using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Monitoring.Ingest.Plans.Layers;

/// <summary>What a field of a plan layer holds.</summary>
internal enum FieldRole
{
    Id,
    Text,

    /// <summary>A finite number, from <see cref="PlanField.Min"/> to <see cref="PlanField.Max"/>.</summary>
    Number,
    Date,

    /// <summary>A code of <see cref="PlanField.List"/>; the feature's class when the field is called <c>code</c>.</summary>
    Code,

    /// <summary>The name that stands beside a code, to be checked against it.</summary>
    CodeName,
    Document,
    EffectiveFrom,
    EffectiveTo,
}

/// <summary>How grave a fault of topology is for a layer.</summary>
internal enum FaultWeight
{
    /// <summary>Not looked for.</summary>
    Ignore,
    Warning,
    Error,
}

/// <summary>A field of a plan layer, as data.</summary>
internal sealed record PlanField
{
    [JsonRequired]
    public string Name { get; init; } = "";

    [JsonRequired]
    public FieldRole Type { get; init; }

    public bool Required { get; init; }

    public string? List { get; init; }

    public string? NameField { get; init; }

    public double Min { get; init; }

    public double Max { get; init; } = double.MaxValue;

    public IReadOnlyList<string> Presets { get; init; } = [];
}

/// <summary>Which faults of topology a layer knows. Gaps are bounded areas that no feature covers.</summary>
internal sealed record PlanTopology
{
    public FaultWeight Overlap { get; init; }

    public FaultWeight Gap { get; init; }

    /// <summary>Gaps wider than this in metres are meant (roads between blocks); default none is.</summary>
    public double WidestGapMeters { get; init; } = double.MaxValue;
}

/// <summary>A plan layer, as data: docs/formats/plan-layers.md.</summary>
internal sealed partial record PlanLayer
{
    [JsonRequired]
    public string Kind { get; init; } = "";

    public string Name { get; init; } = "";

    public string NameEn { get; init; } = "";

    /// <summary><c>polygon</c>, <c>line</c>, <c>point</c> or <c>any</c>.</summary>
    public string Geometry { get; init; } = "polygon";

    public PlanTopology Topology { get; init; } = new();

    [JsonRequired]
    public IReadOnlyList<PlanField> Fields { get; init; } = [];

    public IEnumerable<string> Faults()
    {
        if (!KindName().IsMatch(Kind))
            yield return $"The kind '{Kind}' is not of the form [a-z][a-z0-9-]{{0,39}}.";
        if (Geometry is not ("polygon" or "line" or "point" or "any"))
            yield return $"The layer {Kind} has geometry '{Geometry}'; it is polygon, line, point or any.";
        if (Fields.Count(f => f.Type is FieldRole.Id) != 1)
            yield return $"The layer {Kind} has not exactly one field of type id.";
        if (Fields.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            yield return $"The layer {Kind} has the field {twice.Key} twice.";
        foreach (var field in Fields.Where(f => f.Type is FieldRole.Code && f.List is null))
            yield return $"The field {field.Name} of the layer {Kind} is a code without a list.";
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,39}$")]
    private static partial Regex KindName();
}

/// <summary>The plan layers that the program knows: those that ship with it, and files of a folder that add or replace kinds. Immutable.</summary>
internal sealed class PlanLayers
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) } };
    private readonly Dictionary<string, PlanLayer> _layers = new(StringComparer.Ordinal);

    private PlanLayers()
    {
    }

    public static PlanLayers Shipped { get; } = Load(null);

    public IEnumerable<PlanLayer> All => _layers.Values;

    public PlanLayer? Find(string kind) => _layers.GetValueOrDefault(kind);

    /// <exception cref="RefusedInputException">A file of the folder is wrong; the sentence names it.</exception>
    public static PlanLayers Load(string? folder)
    {
        var all = new PlanLayers();
        using (var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("plan-layers.json")!))
        {
            all.Take("plan-layers.json", reader.ReadToEnd());
        }

        if (folder is not null && Directory.Exists(folder))
        {
            foreach (var file in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
                all.Take(file, File.ReadAllText(file));
        }

        return all;
    }

    private void Take(string name, string text)
    {
        PlanLayersFile file;
        try
        {
            file = JsonSerializer.Deserialize<PlanLayersFile>(text, Json) ?? throw new RefusedInputException($"{name} is empty.");
        }
        catch (JsonException fault)
        {
            throw new RefusedInputException($"{name} is no file of plan layers: {fault.Message}", fault);
        }

        foreach (var layer in file.Layers)
        {
            if (layer.Faults().FirstOrDefault() is { } wrong)
                throw new RefusedInputException($"{name}: {wrong}");
            _layers[layer.Kind] = layer;
        }
    }

    private sealed record PlanLayersFile
    {
        [JsonRequired]
        public IReadOnlyList<PlanLayer> Layers { get; init; } = [];
    }
}
