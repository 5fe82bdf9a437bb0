using System.Text.Json;
using Monitoring.Domain.Indicators;

namespace Monitoring.Detection.Indicators;

/// <summary>
/// Definitions, targets and parameters of the indicators as versioned data; docs/formats/indicators.md describes the file. Immutable.
/// </summary>
public sealed record IndicatorCatalogue
{
    /// <summary>Rule of the findings that a target is breached or off course.</summary>
    public const string TargetRuleId = "indicator-target";

    /// <summary>Version of the parameters and definitions; part of the findings' identity.</summary>
    public required string Version { get; init; }

    public required MeasureParameters Parameters { get; init; }

    public required IReadOnlyList<IndicatorDefinition> Definitions { get; init; }

    public required IReadOnlyList<IndicatorTarget> Targets { get; init; }

    /// <summary>What comes with the program.</summary>
    public static IndicatorCatalogue Default { get; } = Parse(Embedded(), "the built-in indicators");

    /// <summary>
    /// What comes with the program, and from <paramref name="path"/>, when that file is there: its targets are added, its definitions and
    /// parameters take the place of those with the same code or name.
    /// </summary>
    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static IndicatorCatalogue Load(string path)
    {
        if (!File.Exists(path))
        {
            return Default;
        }

        const long maxBytes = 4 * 1024 * 1024;
        if (new FileInfo(path).Length > maxBytes)
        {
            throw new InvalidDataException($"{path} is larger than {maxBytes} bytes, which no indicators file is; put the indicators file in its place or remove it.");
        }

        var overlay = Deserialize<Overlay>(File.ReadAllText(path), path);
        var merged = Default with
        {
            Version = overlay.Version,
            Parameters = overlay.Parameters ?? Default.Parameters,
            Definitions = [.. Default.Definitions.Where(d => overlay.Definitions.All(o => o.Code != d.Code)), .. overlay.Definitions],
            Targets = [.. Default.Targets, .. overlay.Targets],
        };
        return merged.Checked(path);
    }

    /// <exception cref="InvalidDataException">One sentence: what is wrong, where, how to mend it.</exception>
    public static IndicatorCatalogue Parse(string json, string source) => Deserialize<IndicatorCatalogue>(json, source).Checked(source);

    private IndicatorCatalogue Checked(string source)
    {
        var faults = Faults().ToList();
        return faults.Count == 0 ? this : throw new InvalidDataException($"{source}: {string.Join(" ", faults)}");
    }

    private IEnumerable<string> Faults()
    {
        foreach (var definition in Definitions.Where(d => !Measures.Known.Contains(d.Measure)))
        {
            yield return $"Indicator {definition.Code} asks for the measure {definition.Measure}, which is not one of {string.Join(", ", Measures.Known)}.";
        }

        foreach (var group in Definitions.GroupBy(d => d.Code).Where(g => g.Count() > 1))
        {
            yield return $"Indicator {group.Key} is defined {group.Count()} times; keep one.";
        }

        foreach (var target in Targets.Where(t => Definitions.All(d => d.Code != t.Code)))
        {
            yield return $"A target names the indicator {target.Code}, which is not defined.";
        }

        foreach (var target in Targets.Where(t => t.TargetDate <= t.BaseDate || !(t.Tolerance >= 0)))
        {
            yield return $"The target of {target.Code} in {target.RegionCode} must lie after its base date, and its tolerance must be at least 0.";
        }

        var p = Parameters;
        if (p.SupplyMonths is < 0 or > 1200 || p.UseMonths is < 0 or > 1200)
        {
            yield return "parameters: supply_months and use_months are 0 to 1200.";
        }

        if (p.MaxCells is < 100 or > 4_000_000 || !(p.MinCellMeters > 0) || p.PersistMonths is < 1 or > 24
            || p.MinPersistMonths < 1 || p.MinPersistMonths > p.PersistMonths || p.QuickMonths < 1 || p.QuickMonths > p.PersistMonths
            || p.MinObservedMonths < 1 || p.MinObservedMonths > p.QuickMonths || !(p.MinObservableShare is >= 0 and <= 1))
        {
            yield return "parameters: max_cells is 100 to 4000000, min_cell_meters above 0, persist_months 1 to 24, min_persist_months and quick_months 1 to persist_months, min_observed_months 1 to quick_months, min_observable_share in [0, 1].";
        }
    }

    private static T Deserialize<T>(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, DetectionRules.Json) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source} is not an indicators file as docs/formats/indicators.md describes: {e.Message}", e);
        }
    }

    private static string Embedded()
    {
        using var stream = typeof(IndicatorCatalogue).Assembly.GetManifestResourceStream("Monitoring.Detection.indicators.json")
            ?? throw new InvalidOperationException("The built-in indicators are missing from the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private sealed record Overlay
    {
        public required string Version { get; init; }

        public MeasureParameters? Parameters { get; init; }

        public IReadOnlyList<IndicatorDefinition> Definitions { get; init; } = [];

        public IReadOnlyList<IndicatorTarget> Targets { get; init; } = [];
    }
}

/// <summary>Parameters of the measures; docs/algorithms/indicators.md says what they do.</summary>
public sealed record MeasureParameters
{
    /// <summary>Sample cells per region, 100 to 4 000 000.</summary>
    public required int MaxCells { get; init; }

    /// <summary>Smallest sample cell in m, &gt; 0.</summary>
    public required double MinCellMeters { get; init; }

    /// <summary>Months in a row, the one that is told the last, without vegetation, that make dark ground built-up. 1 to 24.</summary>
    public required int PersistMonths { get; init; }

    /// <summary>How many of them must have been seen clearly; with fewer a cell is not known.</summary>
    public required int MinPersistMonths { get; init; }

    /// <summary>Months in a row, the one that is told the last, in which artificial looks make ground built-up; also the season of restoration. 1 to <see cref="PersistMonths"/>.</summary>
    public required int QuickMonths { get; init; }

    /// <summary>How many of these must have been seen clearly; with fewer a cell is not known.</summary>
    public required int MinObservedMonths { get; init; }

    public required float MaxNdvi { get; init; }

    public required float MinNdbi { get; init; }

    public required float MaxMndwi { get; init; }

    /// <summary>Difference of NDVI to the same month a year earlier that counts as gain (or, negative, as loss).</summary>
    public required float NdviGain { get; init; }

    /// <summary>With less of the region (or of the zone) seen, a month has no value. In [0, 1].</summary>
    public required double MinObservableShare { get; init; }

    /// <summary>Months after which converted land that was not supplied waits (批而未供), ≥ 0. Practice, not confirmed by a text.</summary>
    public int SupplyMonths { get; init; } = 24;

    /// <summary>Months after which supplied land on which nothing was seen waits (供而未用), ≥ 0; a year of delay makes land idle (闲置土地处置办法, 2012).</summary>
    public int UseMonths { get; init; } = 12;
}
