using System.Globalization;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Scenes.Products;

/// <summary>What MTD_MSIL1C.xml or MTD_MSIL2A.xml (S2-PDGS-TAS-DI-PSD) say.</summary>
/// <param name="Quantification">Stored value of reflectance 1.</param>
/// <param name="Offsets">Added to the stored value before the division, by band name; empty before processing baseline 04.00.</param>
internal sealed record SentinelMetadata(
    string ProductType, string? Platform, string? Baseline, DateTimeOffset AcquiredAt, double? CloudCover, double Quantification, IReadOnlyDictionary<string, double> Offsets)
{
    private static readonly HashSet<string> Wanted = new(StringComparer.Ordinal)
    {
        "PRODUCT_START_TIME", "PROCESSING_BASELINE", "PRODUCT_TYPE", "SPACECRAFT_NAME", "QUANTIFICATION_VALUE", "BOA_QUANTIFICATION_VALUE", "L2A_BOA_QUANTIFICATION_VALUE", "RADIO_ADD_OFFSET", "BOA_ADD_OFFSET",
        "Spectral_Information", "Cloud_Coverage_Assessment", "DATATAKE_SENSING_START",
    };

    /// <summary>Band identifiers of the product, where it does not list them itself: the order of the instrument's bands.</summary>
    private static readonly string[] BandIds = ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12"];

    /// <exception cref="RefusedInputException">No such metadata, or a value is wrong.</exception>
    public static SentinelMetadata Read(Stream xml, string file)
    {
        var all = MetadataXml.Read(xml, file, Wanted);
        // The first products of 2018 and Sen2Cor's own say that they are of the prototype.
        var type = Need("PRODUCT_TYPE").Text is var stated && stated == "S2MSI2Ap" ? "S2MSI2A" : stated;
        var is2A = type == "S2MSI2A";
        if (!is2A && type != "S2MSI1C")
            throw new RefusedInputException($"{file}: PRODUCT_TYPE is \"{DeviceTopic.Show(type)}\"; this reader knows S2MSI1C and S2MSI2A.");
        var baseline = Find("PROCESSING_BASELINE")?.Text;
        var quantification = MetadataText.Number(
            file, is2A ? "BOA_QUANTIFICATION_VALUE" : "QUANTIFICATION_VALUE", (is2A ? Find("BOA_QUANTIFICATION_VALUE") ?? Find("L2A_BOA_QUANTIFICATION_VALUE") ?? Need("BOA_QUANTIFICATION_VALUE") : Need("QUANTIFICATION_VALUE")).Text, 1, 1e9);
        var names = all.Where(e => e.Name == "Spectral_Information" && e.Attributes.ContainsKey("bandId") && e.Attributes.ContainsKey("physicalBand"))
            .GroupBy(e => e.Attributes["bandId"]).ToDictionary(g => g.Key, g => g.First().Attributes["physicalBand"]);
        var offsets = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        var element = is2A ? "BOA_ADD_OFFSET" : "RADIO_ADD_OFFSET";
        foreach (var offset in all.Where(e => e.Name == element))
        {
            var id = offset.Attributes.GetValueOrDefault("band_id", "");
            if (!names.TryGetValue(id, out var name))
            {
                name = int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < BandIds.Length
                    ? BandIds[number]
                    : throw new RefusedInputException($"{file}: {element} is for the band_id \"{DeviceTopic.Show(id)}\", which the product does not have; get the product again.");
            }

            offsets[NameOf(name)] = MetadataText.Number(file, element, offset.Text, -1e6, 1e6);
        }

        // The offset came with baseline 04.00: a later product without it was edited, and guessing would shift every reflectance by 0.1.
        if (offsets.Count == 0 && baseline is not null && double.TryParse(baseline, NumberStyles.Float, CultureInfo.InvariantCulture, out var version) && version is >= 4 and < 90)
            throw new RefusedInputException($"{file} is of processing baseline {DeviceTopic.Show(baseline)} but has no {element}; get the product again.");
        var time = Find("DATATAKE_SENSING_START") is { Text.Length: > 0 } sensing && Find("PRODUCT_START_TIME") is null ? sensing : Need("PRODUCT_START_TIME");
        return new SentinelMetadata(
            type, Find("SPACECRAFT_NAME")?.Text, baseline, MetadataText.Utc(file, time.Name, time.Text),
            Find("Cloud_Coverage_Assessment") is { } cloud ? MetadataText.Number(file, cloud.Name, cloud.Text, 0, 100) : null, quantification, offsets);

        MetadataElement? Find(string name) => all.FirstOrDefault(e => e.Name == name);

        MetadataElement Need(string name) => Find(name) is { Text.Length: > 0 } found ? found : throw new RefusedInputException($"{file} has no {name}; get the product again.");
    }

    /// <summary>Offset of a band in stored units; 0 where the product has none.</summary>
    /// <exception cref="RefusedInputException">The product has offsets, but not for this band.</exception>
    public double OffsetOf(string band, string file) =>
        Offsets.Count == 0 ? 0
        : Offsets.TryGetValue(band, out var offset) ? offset
        : throw new RefusedInputException($"{file} has radiometric offsets, but none for {band}; get the product again.");

    /// <summary>B2 as in the metadata becomes B02 as in the file names.</summary>
    private static string NameOf(string physical) => physical.Length == 2 && physical[0] == 'B' ? $"B0{physical[1]}" : physical;
}

/// <summary>What MTD_TL.xml says of the tile: the sun at its middle and the sensing time.</summary>
internal sealed record SentinelTile(double? SunElevation, double? SunAzimuth, DateTimeOffset? AcquiredAt)
{
    private static readonly HashSet<string> Wanted = new(StringComparer.Ordinal) { "SENSING_TIME", "ZENITH_ANGLE", "AZIMUTH_ANGLE" };

    public static SentinelTile Read(Stream xml, string file)
    {
        var all = MetadataXml.Read(xml, file, Wanted);
        var zenith = Sun("ZENITH_ANGLE", 180);
        return new SentinelTile(
            zenith is { } z ? 90 - z : null, Sun("AZIMUTH_ANGLE", 360) is { } a ? a % 360 : null,
            all.FirstOrDefault(e => e.Name == "SENSING_TIME") is { } time ? MetadataText.Utc(file, time.Name, time.Text) : null);

        double? Sun(string name, double most) =>
            all.FirstOrDefault(e => e.Name == name && e.Path.EndsWith($"/Mean_Sun_Angle/{name}", StringComparison.Ordinal)) is { } angle
                ? MetadataText.Number(file, name, angle.Text, 0, most) : null;
    }
}
