using System.Text.RegularExpressions;
using Monitoring.Domain.Imagery;

namespace Monitoring.Ingest.Scenes.Sensors;

/// <summary>What the stored values of a sensor's products are.</summary>
internal enum SensorValues
{
    /// <summary>Nobody says: as the file itself states.</summary>
    Unstated,

    /// <summary>Scale and offset of the bands give reflectance.</summary>
    Reflectance,

    /// <summary>Scale and offset stand in each product's metadata.</summary>
    Product,

    /// <summary>Digital numbers of unknown scale.</summary>
    DigitalNumbers,
}

/// <summary>A sensor as its description file (docs/formats/sensors.md) states it. Immutable.</summary>
internal sealed record Sensor
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public string? Collection { get; init; }

    public string? Platform { get; init; }

    public required SensorValues Values { get; init; }

    /// <summary>Patterns of file or folder names, any of them.</summary>
    public required IReadOnlyList<Regex> Names { get; init; }

    /// <summary>Metadata elements that must all have one of their values.</summary>
    public required IReadOnlyList<SensorElement> Metadata { get; init; }

    /// <summary>Colours of the file's bands by its own interpretation, an alpha band apart; empty = not looked at.</summary>
    public required IReadOnlyList<string> Colors { get; init; }

    /// <summary>All bands, in the order of the file unless <see cref="Layouts"/> says otherwise.</summary>
    public required IReadOnlyList<SensorBand> Bands { get; init; }

    /// <summary>Orders of bands by their count; empty = all bands in their order.</summary>
    public required IReadOnlyList<IReadOnlyList<SensorBand>> Layouts { get; init; }

    public SensorQuality? Quality { get; init; }

    /// <summary>Sidecar elements with the acquisition, the first that is there counts.</summary>
    public required IReadOnlyList<SensorTime> Times { get; init; }

    public required IReadOnlyList<string> SunZenith { get; init; }

    public required IReadOnlyList<string> SunElevation { get; init; }

    public required IReadOnlyList<string> SunAzimuth { get; init; }

    public required IReadOnlyList<string> CloudPercent { get; init; }

    public required IReadOnlyList<string> PlatformElements { get; init; }

    /// <summary>The bands of a file with so many bands, or null when the sensor has no such file.</summary>
    public IReadOnlyList<SensorBand>? LayoutOf(int bands) =>
        Layouts.Count > 0 ? Layouts.FirstOrDefault(l => l.Count == bands) : Bands.Count == bands ? Bands : null;
}

/// <param name="GsdMeters">At nadir, or null when it varies; what counts for a scene is the file's own pixel size.</param>
/// <param name="File">For products of one file a band: pattern of its name without folder and extension.</param>
internal sealed record SensorBand(
    string Name, string? CommonName, double? Micrometers, double? WidthMicrometers, double? GsdMeters, double? Scale, double? Offset, double? NoData, Regex? File);

/// <param name="Values">Whole values; case plays no part.</param>
internal sealed record SensorElement(string Element, IReadOnlyList<Regex> Values);

/// <param name="HighBand">Band of the file that gives the upper 8 bits of the codes (<see cref="SceneBand.HighBandIndex"/>), or null.</param>
internal sealed record SensorQuality(string Name, Regex? File, QualityTable Table, int? HighBand);

/// <param name="UtcOffset">Zone of times without one; null = unknown, then only the day counts.</param>
internal sealed record SensorTime(string Element, TimeSpan? UtcOffset);
