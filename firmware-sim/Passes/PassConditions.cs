using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>What the sky, the sun and the instrument were like on one pass. A pure function of the county and the day.</summary>
public sealed record PassConditions
{
    public required DateOnly Date { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Degrees above the horizon.</summary>
    public required double SunElevation { get; init; }

    /// <summary>Degrees clockwise from north.</summary>
    public required double SunAzimuth { get; init; }

    /// <summary>Share of the scene under cloud, 0 to 1.</summary>
    public required double CloudShare { get; init; }

    /// <summary>Strength of the veil of haze, 0 to 1.</summary>
    public required double Haze { get; init; }

    /// <summary>Factor on each band's reflectance, six bands.</summary>
    public required IReadOnlyList<double> Gain { get; init; }

    /// <summary>Reflectance added to each band, six bands.</summary>
    public required IReadOnlyList<double> Offset { get; init; }

    /// <summary>Misregistration in pixels, east and south, each within ±0.5.</summary>
    public required (double East, double South) Shift { get; init; }

    /// <summary>The edge of the swath: pixels with a·x + b·y &gt; c (local metres) were not seen. Null: all was seen.</summary>
    public required (double A, double B, double C)? SwathEdge { get; init; }

    /// <summary>Soil moisture, 0 dry to 1 wet.</summary>
    public required double Moisture { get; init; }

    /// <summary>The id of the pass and the stem of its file names.</summary>
    public string Id => $"demo-sat_{Time:yyyyMMdd'T'HHmmss}_yunze";

    public static PassConditions For(County county, DateOnly date)
    {
        ArgumentNullException.ThrowIfNull(county);
        var d = county.Dice.For("pass").For(date.DayNumber);
        var time = new DateTimeOffset(date.ToDateTime(new TimeOnly(2, 50, 0)), TimeSpan.Zero).AddSeconds(d.Index(540, 1));
        var (longitude, latitude) = county.Frame.ToDegrees(county.Frame.WidthMeters / 2, county.Frame.HeightMeters / 2);
        var (elevation, azimuth) = Sun.At(time, longitude, latitude);
        var age = date.DayNumber - county.Options.Start.DayNumber;
        return new PassConditions
        {
            Date = date,
            Time = time,
            SunElevation = elevation,
            SunAzimuth = azimuth,
            CloudShare = Cloud(d.Unit(2), d.Unit(3), age, date.Month),
            Haze = age < 26 ? 0.04 * d.Unit(4) : d.Happens(0.3, 4) ? d.Between(0.15, 0.6, 5) : 0.1 * d.Unit(5),
            Gain = [.. Enumerable.Range(0, 6).Select(i => 1 + 0.018 * Math.Clamp(d.For("gain").Normal(i), -2, 2))],
            Offset = [.. Enumerable.Range(0, 6).Select(i => 0.0025 * Math.Clamp(d.For("offset").Normal(i), -2, 2))],
            Shift = (d.Between(-0.5, 0.5, 6), d.Between(-0.5, 0.5, 7)),
            SwathEdge = age > 45 && d.Happens(0.1, 8) ? Edge(county.Frame, d.Between(0.3, 0.85, 9), d.Happens(0.5, 10)) : null,
            Moisture = d.Unit(11) * (date.Month is >= 5 and <= 9 ? 1 : 0.7),
        };
    }

    private static double Cloud(double kind, double share, int age, int month)
    {
        // The story opens with a clear look at the county, and its first spring stays kind.
        if (age < 26) return 0.012 * share;
        if (age < 62) return 0.16 * share * share;
        var plumRain = month is 6 or 7 ? 0.2 : 0;
        return (kind - plumRain) switch
        {
            < 0.0 => 0.55 + 0.45 * share,
            < 0.42 => 0.03 * share,
            < 0.72 => 0.03 + 0.3 * share,
            < 0.9 => 0.33 + 0.4 * share,
            _ => 0.75 + 0.25 * share,
        };
    }

    private static (double A, double B, double C) Edge(RasterFrame frame, double at, bool fromEast)
    {
        // Descending orbit: the swath's edge leans about 12 degrees from north.
        double a = Math.Cos(0.21), b = Math.Sin(0.21);
        var c = a * frame.WidthMeters * at + b * frame.HeightMeters / 2;
        return fromEast ? (a, b, c) : (-a, -b, -(a * frame.WidthMeters * (1 - at) + b * frame.HeightMeters / 2));
    }
}
