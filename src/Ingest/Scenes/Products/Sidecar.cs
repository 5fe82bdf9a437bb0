using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Ingest.Scenes.Sensors;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>
/// The XML that lies beside an orthophoto (GF, ZY-3, Jilin-1 and their like): which satellite and sensor, when, the sun, the clouds. Which elements are looked at
/// stands in the sensors' descriptions.
/// </summary>
internal sealed partial class Sidecar
{
    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly IReadOnlyList<MetadataElement> _elements;
    private readonly string _file;

    private Sidecar(IReadOnlyList<MetadataElement> elements, string file) => (_elements, _file) = (elements, file);

    public static Sidecar Read(Stream xml, string file, SensorCatalogue sensors)
    {
        var wanted = sensors.All.SelectMany(s =>
            s.Metadata.Select(m => m.Element).Concat(s.Times.Select(t => t.Element)).Concat(s.SunZenith).Concat(s.SunElevation).Concat(s.SunAzimuth).Concat(s.CloudPercent).Concat(s.PlatformElements))
            .ToHashSet(StringComparer.Ordinal);
        return new Sidecar(MetadataXml.Read(xml, file, wanted), file);
    }

    public Sensor? Sensor(SensorCatalogue sensors) => sensors.ByMetadata(e => Find([e])?.Text);

    public string? Platform(Sensor sensor) => Find(sensor.PlatformElements)?.Text;

    public double? CloudCover(Sensor sensor) => Find(sensor.CloudPercent) is { } found && Number(found, -1000, 1000) is >= 0 and <= 100 and var percent ? percent : null;

    public double? SunElevation(Sensor sensor) =>
        Find(sensor.SunElevation) is { } elevation ? Number(elevation, -90, 90)
        : Find(sensor.SunZenith) is { } zenith ? 90 - Number(zenith, 0, 180)
        : null;

    public double? SunAzimuth(Sensor sensor) => Find(sensor.SunAzimuth) is { } azimuth ? (Number(azimuth, -360, 360) + 360) % 360 : null;

    /// <summary>The acquisition: an instant where the zone is known, else that day at 12:00Z (<see cref="SceneDates"/>).</summary>
    public DateTimeOffset? AcquiredAt(Sensor sensor)
    {
        foreach (var time in sensor.Times)
        {
            if (Find([time.Element]) is not { } found || Time().Match(found.Text) is not { Success: true } match)
                continue;
            if (!SceneDates.TryParse($"{match.Groups["y"].Value}-{match.Groups["m"].Value}-{match.Groups["d"].Value}", out var day) || day.Year is < 1900 or > 2200)
                continue;
            if (match.Groups["z"].Success)
                return SceneDates.TryParse(found.Text.Trim().Replace(' ', 'T'), out var instant) ? instant : day;
            if (time.UtcOffset is not { } offset || !TimeSpan.TryParseExact(match.Groups["t"].Value, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var clock))
                return day;
            return new DateTimeOffset(day.Date + clock, offset).ToUniversalTime();
        }

        return null;
    }

    private MetadataElement? Find(IReadOnlyList<string> names) => names.Select(n => _elements.FirstOrDefault(e => e.Name == n && e.Text.Length > 0)).FirstOrDefault(e => e is not null);

    private double Number(MetadataElement element, double least, double most) => MetadataText.Number(_file, element.Name, element.Text, least, most);

    [GeneratedRegex(@"^\s*(?<y>\d{4})[-/]?(?<m>\d{2})[-/]?(?<d>\d{2})(?:[T ]?(?<t>\d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(?<z>Z|[+-]\d{2}:\d{2})?)?", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Time();
}
