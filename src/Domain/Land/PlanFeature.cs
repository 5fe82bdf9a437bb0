using System.Globalization;

namespace Monitoring.Domain.Land;

/// <summary>
/// A feature of a plan layer that has no type of its own: zones, survey classes, projects, roads, pipes, reserves, plans, buildings.
/// Layers are data (docs/formats/plan-layers.md lists them with their fields); points and lines have area 0.
/// </summary>
/// <remarks>Its identity is (<see cref="Kind"/>, <see cref="MapFeature.Id"/>): two layers may use the same ids.</remarks>
public sealed record PlanFeature : MapFeature
{
    /// <summary>Kind of the layer, <c>[a-z][a-z0-9-]{0,39}</c>; <see cref="PlanKinds"/> names those that judgement asks for.</summary>
    public required string Kind { get; init; }

    public string? Name { get; init; }

    /// <summary>Class of the feature in <see cref="CodeList"/>: land-use code, survey class, zone, medium.</summary>
    public string? Code { get; init; }

    /// <summary>Name of the code list, for example <c>land-use-2023</c>.</summary>
    public string? CodeList { get; init; }

    /// <summary>Fields of the layer by name, culture-invariant text: numbers with a point and the unit in the name, dates yyyy-MM-dd.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    public override MapLayer Layer => MapLayer.Plan;

    public string? Text(string field) => Values.GetValueOrDefault(field);

    /// <summary>A number of the layer, null when it is not stated.</summary>
    public double? Number(string field) =>
        Values.TryGetValue(field, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Flag(string field) => Values.GetValueOrDefault(field) == "true";
}

/// <summary>Kinds of plan layers that other rooms ask for by name. More exist as data.</summary>
public static class PlanKinds
{
    /// <summary>三区 and planning zones.</summary>
    public const string Zoning = "zoning";

    /// <summary>Planned land use (用地用海规划).</summary>
    public const string LandUsePlan = "land-use-plan";

    /// <summary>地类图斑 of the annual survey; flag <c>is_farmland</c>.</summary>
    public const string LandSurvey = "land-survey";

    public const string Project = "project";

    /// <summary>Planned or existing roads and railways: lines with <c>width_m</c>.</summary>
    public const string Road = "road";

    /// <summary>Pipes: lines with <c>diameter_mm</c>, <c>depth_m</c>; the code is the medium.</summary>
    public const string Pipe = "pipe";

    /// <summary>战略留白.</summary>
    public const string StrategicReserve = "strategic-reserve";

    public const string MasterPlan = "master-plan";

    public const string DetailedPlan = "detailed-plan";

    /// <summary>Buildings of a city model with <c>height_m</c> and <c>ground_m</c>.</summary>
    public const string Building = "building";
}
