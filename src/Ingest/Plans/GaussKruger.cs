using System.Globalization;
using System.Text.Json;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Plans;

/// <summary>
/// Eastings of China's Gauss-Krüger grids come with or without the zone number before them (38 500 000 or 500 000), and files are
/// often labelled with the CRS of the other kind. Facts: GB/T 39616, EPSG 4491-4554.
/// </summary>
internal static class GaussKruger
{
    private const double PlainFalseEasting = 500_000;
    private const double ZoneFactor = 1_000_000;

    /// <summary>No zone is wider: half a 6° zone at the equator is about 334 km.</summary>
    private const double HalfWidth = 450_000;

    /// <summary>One sentence when the eastings do not belong to the CRS but to its sister with or without zone prefix; else null.</summary>
    /// <param name="remedy">What takes the right CRS.</param>
    public static string? PrefixProblem(SpatialReference crs, double minX, double maxX, string remedy = "give --crs")
    {
        if (!crs.IsProjected || Parameters(crs) is not { } grid)
            return null;
        var middle = (minX + maxX) / 2;
        if (grid.FalseEasting == PlainFalseEasting)
        {
            var zone = (int)(middle / ZoneFactor);
            if (zone is < 1 or > 60 || Math.Abs(middle - (zone * ZoneFactor) - PlainFalseEasting) > HalfWidth)
                return null;
            return Sentence(crs, $"{Show(minX)} to {Show(maxX)} carry the zone number {zone}, but {crs} has eastings without it", WithPrefix(zone, grid.CentralMeridian, crs), remedy);
        }

        var own = (int)(grid.FalseEasting / ZoneFactor);
        if (own >= 1 && grid.FalseEasting == (own * ZoneFactor) + PlainFalseEasting && Math.Abs(middle - PlainFalseEasting) <= HalfWidth)
        {
            return Sentence(crs, $"{Show(minX)} to {Show(maxX)} carry no zone number, but {crs} has eastings of zone {own} with it", WithoutPrefix(grid.CentralMeridian, crs), remedy);
        }

        return null;
    }

    /// <summary>The zone that an easting carries before it and the grid of CGCS2000 that has it; null where it carries none of China's.</summary>
    public static (int Zone, int Epsg)? ZoneOf(double easting) =>
        (int)Math.Clamp(easting / ZoneFactor, 0, 99) is var zone && Math.Abs(easting - (zone * ZoneFactor) - PlainFalseEasting) <= HalfWidth && GridOf(zone) is { } epsg ? (zone, epsg) : null;

    private static string Sentence(SpatialReference crs, string what, int? epsg, string remedy) => epsg is { } code
        ? $"The eastings {what}; {remedy} EPSG:{code.ToString(CultureInfo.InvariantCulture)}."
        : $"The eastings {what}; {remedy} with the CRS of the same datum ({crs.Datum}) that fits them.";

    private static int? WithPrefix(int zone, double meridian, SpatialReference crs) =>
        IsCgcs2000(crs) && (zone >= 25 || meridian == (6 * zone) - 3) ? GridOf(zone) : null;

    /// <summary>3° zones have the numbers 25 to 45, 6° zones 13 to 23.</summary>
    private static int? GridOf(int zone) => zone is >= 25 and <= 45 ? 4513 + zone - 25 : zone is >= 13 and <= 23 ? 4491 + zone - 13 : null;

    private static int? WithoutPrefix(double meridian, SpatialReference crs) =>
        IsCgcs2000(crs) && meridian % 3 == 0 && meridian is >= 75 and <= 135 ? 4534 + ((int)meridian - 75) / 3 : null;

    private static bool IsCgcs2000(SpatialReference crs) =>
        crs.Datum.Contains("2000", StringComparison.Ordinal) && crs.Datum.Contains("China", StringComparison.OrdinalIgnoreCase);

    /// <summary>False easting and central meridian of a Transverse Mercator; null for anything else.</summary>
    private static (double FalseEasting, double CentralMeridian)? Parameters(SpatialReference crs)
    {
        using var json = JsonDocument.Parse(crs.ToProjJson());
        if (!json.RootElement.TryGetProperty("conversion", out var conversion)
            || !conversion.TryGetProperty("method", out var method)
            || method.GetProperty("name").GetString() is not ("Transverse Mercator" or "Gauss-Kruger" or "Gauss Kruger"))
        {
            return null;
        }

        (double? FalseEasting, double? Meridian) found = default;
        foreach (var parameter in conversion.GetProperty("parameters").EnumerateArray())
        {
            switch (parameter.GetProperty("name").GetString())
            {
                case "False easting":
                    found.FalseEasting = parameter.GetProperty("value").GetDouble();
                    break;
                case "Longitude of natural origin":
                    found.Meridian = parameter.GetProperty("value").GetDouble();
                    break;
            }
        }

        return found is { FalseEasting: { } easting, Meridian: { } meridian } ? (easting, meridian) : null;
    }

    private static string Show(double metres) => metres.ToString("0", CultureInfo.InvariantCulture);
}
