using System.Text.RegularExpressions;

namespace Monitoring.Ingest.Scenes;

/// <summary>What is known of a band by its name.</summary>
/// <param name="Name">In the product's spelling.</param>
/// <param name="CommonName">STAC common name, <c>quality</c> for a quality band, or null.</param>
/// <param name="Micrometers">Centre wavelength in µm, or null.</param>
internal sealed record KnownBand(string Name, string? CommonName, double? Micrometers)
{
    public double Scale { get; init; } = 1;

    public double Offset { get; init; }

    public double? NoData { get; init; }
}

/// <summary>Names of bands in Sentinel-2 and Landsat products and in plain words. Wavelengths: ESA (Sentinel-2A), USGS (Landsat 8-9 OLI, 4-7 TM/ETM+).</summary>
internal static partial class BandNames
{
    public const string Quality = "quality";

    private static readonly Dictionary<string, KnownBand> Sentinel = new KnownBand[]
    {
        new("B01", "coastal", 0.443), new("B02", "blue", 0.490), new("B03", "green", 0.560), new("B04", "red", 0.665),
        new("B05", "rededge071", 0.704), new("B06", "rededge075", 0.740), new("B07", "rededge078", 0.783), new("B08", "nir", 0.842),
        new("B8A", "nir08", 0.865), new("B09", "nir09", 0.945), new("B10", "cirrus", 1.374), new("B11", "swir16", 1.610), new("B12", "swir22", 2.190),
        new("SCL", Quality, null),
    }.ToDictionary(b => b.Name, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] OliNames = ["coastal", "blue", "green", "red", "nir08", "swir16", "swir22"];
    private static readonly double[] OliMicrometers = [0.443, 0.482, 0.561, 0.655, 0.865, 1.609, 2.201];
    private static readonly string?[] TmNames = ["blue", "green", "red", "nir08", "swir16", null, "swir22"];
    private static readonly double?[] TmMicrometers = [0.485, 0.560, 0.660, 0.835, 1.650, null, 2.215];

    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["blue"] = "blue", ["green"] = "green", ["red"] = "red", ["nir"] = "nir", ["nir08"] = "nir08", ["nir1"] = "nir", ["near infrared"] = "nir",
        ["swir1"] = "swir16", ["swir16"] = "swir16", ["swir 1"] = "swir16", ["swir2"] = "swir22", ["swir22"] = "swir22", ["swir 2"] = "swir22",
        ["coastal"] = "coastal", ["pan"] = "pan", ["cirrus"] = "cirrus",
        ["scl"] = Quality, ["qa_pixel"] = Quality, ["quality"] = Quality, ["qa"] = Quality, ["cloud"] = Quality,
        ["蓝"] = "blue", ["绿"] = "green", ["红"] = "red", ["近红外"] = "nir",
    };

    /// <summary>STAC eo's ranges of common names in µm, the ones that detection compares.</summary>
    private static readonly (string Name, double From, double To)[] Ranges =
        [("blue", 0.45, 0.51), ("green", 0.51, 0.60), ("red", 0.60, 0.70), ("nir", 0.75, 1.0), ("swir16", 1.55, 1.75), ("swir22", 2.05, 2.35)];

    public static bool IsQuality(string name) => Words.GetValueOrDefault(name) == Quality;

    public static string? ByWavelength(double micrometers) => Ranges.FirstOrDefault(r => micrometers >= r.From && micrometers < r.To).Name;

    /// <summary>A band of a file with several bands, by its description.</summary>
    public static KnownBand? ByDescription(string description)
    {
        var text = description.Trim();
        if (Sentinel.TryGetValue(text, out var sentinel))
            return sentinel;
        return Words.TryGetValue(text, out var common) ? new KnownBand(text, common, null) : null;
    }

    /// <summary>
    /// Sentinel-2 bands written without the nought (<c>B2 … B9</c>), as map services export them: known as such by a band that Landsat does not have (B8A, B12), or by B8
    /// without B5, for Landsat's B8 is its panchromatic band. Nothing that names Landsat may be beside them.
    /// </summary>
    public static bool AreShortSentinel(IReadOnlyCollection<string> stems)
    {
        if (IsOli(stems) is not null || stems.Any(s => OliSensor().IsMatch(s) || s.EndsWith("QA_PIXEL", StringComparison.OrdinalIgnoreCase)))
            return false;
        var bands = stems.Select(s => ShortName().Match(s)).Where(m => m.Success).Select(m => m.Groups[1].Value.ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        return bands.Contains("B8A") || bands.Contains("B12") || (bands.Contains("B8") && !bands.Contains("B5"));
    }

    /// <summary>A Sentinel-2 band by a short name, see <see cref="AreShortSentinel"/>.</summary>
    public static KnownBand? ByShortName(string stem) =>
        ShortName().Match(stem) is { Success: true } name ? Sentinel.GetValueOrDefault(name.Groups[1].Value is [_, var digit] ? $"B0{digit}" : name.Groups[1].Value) : null;

    /// <summary>A band by a plain word at the end of its file's name: <c>blue.tif</c>, <c>20240501_nir.tif</c>.</summary>
    public static KnownBand? ByWord(string stem) =>
        WordName().Match(stem) is { Success: true } word && Words.TryGetValue(word.Groups[1].Value, out var common) ? new KnownBand(common, common, null) : null;

    /// <summary>The band that a one-band file of a product holds, by the file's name without folder and extension; null when it names none.</summary>
    /// <param name="isOli">For Landsat: whether the bands are OLI's (Landsat 8, 9) or TM's and ETM+'s (4 to 7).</param>
    public static KnownBand? ByFileName(string stem, bool? isOli)
    {
        if (SentinelName().Match(stem) is { Success: true } sentinel)
            return Sentinel[sentinel.Groups[1].Value];
        if (stem.EndsWith("QA_PIXEL", StringComparison.OrdinalIgnoreCase))
            return new KnownBand("QA_PIXEL", Quality, null);
        if (LandsatName().Match(stem) is not { Success: true } landsat || isOli is not { } oli)
            return null;
        var band = landsat.Groups["band"].Value[0] - '1';
        if (band is < 0 or > 6 || (!oli && TmNames[band] is null))
            return null;
        var isReflectance = landsat.Groups["sr"].Success;
        return new KnownBand(
            (isReflectance ? "SR_B" : "B") + landsat.Groups["band"].Value,
            oli ? OliNames[band] : TmNames[band],
            oli ? OliMicrometers[band] : TmMicrometers[band])
        {
            // Landsat Collection 2 surface reflectance, USGS LSDS-1619: reflectance = DN × 0.0000275 − 0.2, fill 0.
            Scale = isReflectance ? 0.0000275 : 1,
            Offset = isReflectance ? -0.2 : 0,
            NoData = 0,
        };
    }

    /// <summary>From the sensor in the names, else from the bands that are there: only OLI has a reflectance band 6.</summary>
    public static bool? IsOli(IReadOnlyCollection<string> stems)
    {
        if (stems.Any(s => OliSensor().IsMatch(s)))
            return true;
        if (stems.Any(s => TmSensor().IsMatch(s)))
            return false;
        if (stems.Any(s => s.EndsWith("SR_B6", StringComparison.OrdinalIgnoreCase)))
            return true;
        return stems.Any(s => s.EndsWith("SR_B7", StringComparison.OrdinalIgnoreCase)) && stems.Any(s => s.EndsWith("SR_B1", StringComparison.OrdinalIgnoreCase)) ? false : null;
    }

    [GeneratedRegex(@"(?:^|[_.\-])(B(?:0[1-9]|1[0-2]|8A)|SCL)(?:[_.\-](?:10|20|60)m)?$", RegexOptions.IgnoreCase)]
    private static partial Regex SentinelName();

    [GeneratedRegex(@"(?:^|[_.\-])(B(?:[1-9]|0[1-9]|1[0-2]|8A)|SCL)(?:[_.\-](?:10|20|60)m)?$", RegexOptions.IgnoreCase)]
    private static partial Regex ShortName();

    [GeneratedRegex(@"(?:^|[_.\-])(blue|green|red|nir|nir08|nir1|swir1|swir16|swir2|swir22|蓝|绿|红|近红外)$", RegexOptions.IgnoreCase)]
    private static partial Regex WordName();

    [GeneratedRegex(@"(?:^|_)(?<sr>SR_)?B(?<band>[1-9])$", RegexOptions.IgnoreCase)]
    private static partial Regex LandsatName();

    [GeneratedRegex(@"^L[CO]0[89]_", RegexOptions.IgnoreCase)]
    private static partial Regex OliSensor();

    [GeneratedRegex(@"^L[TE]0[4-7]_", RegexOptions.IgnoreCase)]
    private static partial Regex TmSensor();
}
