using System.Globalization;
using Monitoring.Gdal;

namespace Monitoring.Host.Tests;

/// <summary>
/// A Sentinel-2 product as ESA's ground segment writes it since 2016: the folders, names and metadata of S2-PDGS-TAS-DI-PSD (14 and 15), with small JPEG 2000
/// files in place of whole tiles. What stands beside the bands (true colour, aerosol, cloud probability, reports) is there too, so that nothing is mistaken for a band.
/// </summary>
internal sealed record SafeFolder
{
    /// <summary>Columns and rows at 10 m; a multiple of 6.</summary>
    public const int Side = 192;

    public const double Left = 600_000, Top = 3_600_000;

    /// <summary>Mean of the tile.</summary>
    public const double SunZenith = 31.237, SunAzimuth = 141.882;

    private static readonly (string Physical, string Name, int Meters, double Nanometers)[] Instrument =
    [
        ("B1", "B01", 60, 442.3), ("B2", "B02", 10, 492.3), ("B3", "B03", 10, 558.9), ("B4", "B04", 10, 664.9), ("B5", "B05", 20, 703.8), ("B6", "B06", 20, 739.1), ("B7", "B07", 20, 779.7),
        ("B8", "B08", 10, 832.9), ("B8A", "B8A", 20, 864.0), ("B9", "B09", 60, 943.2), ("B10", "B10", 60, 1376.9), ("B11", "B11", 20, 1610.4), ("B12", "B12", 20, 2185.7),
    ];

    public required bool IsLevel2 { get; init; }

    /// <summary>As <c>05.11</c>; from 04.00 on stored values are 1000 higher, and the metadata say so.</summary>
    public required string Baseline { get; init; }

    public required DateTimeOffset SensedAt { get; init; }

    /// <summary>Reflectance of a band (by its name in files) at metres east of the left and south of the top; NaN: no data.</summary>
    public required Func<string, double, double, double> Ground { get; init; }

    /// <summary>Scene classification at the same place (Level 2A), or 0 and 1 of the opaque clouds (Level 1C).</summary>
    public required Func<double, double, int> Classes { get; init; }

    /// <summary>Where cirrus hides the ground (Level 1C); its mask is a band of its own.</summary>
    public Func<double, double, bool> IsCirrus { get; init; } = static (_, _) => false;

    public double CloudPercent { get; init; } = 7.25;

    public bool HasOffset => string.CompareOrdinal(Baseline, "04") >= 0;

    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"S2B_MSIL{Level}_{SensedAt:yyyyMMdd'T'HHmmss}_N{Baseline.Replace(".", "", StringComparison.Ordinal)}_R089_T50SPA_{SensedAt.AddHours(3):yyyyMMdd'T'HHmmss}.SAFE");

    private string Level => IsLevel2 ? "2A" : "1C";

    private string Stem => string.Create(CultureInfo.InvariantCulture, $"T50SPA_{SensedAt:yyyyMMdd'T'HHmmss}");

    public string Write(string folder)
    {
        var root = Path.Combine(folder, Name);
        var granule = Path.Combine(root, "GRANULE", string.Create(CultureInfo.InvariantCulture, $"L{Level}_T50SPA_A031234_{SensedAt:yyyyMMdd'T'HHmmss}"));
        var images = Path.Combine(granule, "IMG_DATA");
        var strip = Path.Combine(root, "DATASTRIP", string.Create(CultureInfo.InvariantCulture, $"DS_2BPS_{SensedAt:yyyyMMdd'T'HHmmss}_S{SensedAt:yyyyMMdd'T'HHmmss}"));
        foreach (var empty in new[] { "AUX_DATA", "rep_info", "HTML" })
        {
            Directory.CreateDirectory(Path.Combine(root, empty));
        }

        Text(Path.Combine(root, "manifest.safe"), "<?xml version=\"1.0\"?><xfdu:XFDU xmlns:xfdu=\"urn:ccsds:schema:xfdu:1\"/>");
        Text(Path.Combine(root, "INSPIRE.xml"), "<?xml version=\"1.0\"?><gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"/>");
        Text(Path.Combine(strip, "MTD_DS.xml"), "<?xml version=\"1.0\"?><n1:Level-2A_DataStrip_ID xmlns:n1=\"x\"><PROCESSING_BASELINE>99.99</PROCESSING_BASELINE></n1:Level-2A_DataStrip_ID>");
        Text(Path.Combine(granule, "QI_DATA", "GENERAL_QUALITY.xml"), "<?xml version=\"1.0\"?><Earth_Explorer_File/>");
        if (IsLevel2)
        {
            foreach (var meters in new[] { 10, 20, 60 })
            {
                var at = Path.Combine(images, $"R{meters}m");
                foreach (var (_, name, own, _) in Instrument.Where(b => b.Name != "B10" && b.Meters <= meters && (meters == 10 || b.Name != "B08")))
                {
                    Band(Path.Combine(at, $"{Stem}_{name}_{meters}m.jp2"), name, meters);
                }

                Plain(Path.Combine(at, $"{Stem}_AOT_{meters}m.jp2"), meters, PixelType.UInt16, 1, (_, _) => 120);
                Plain(Path.Combine(at, $"{Stem}_WVP_{meters}m.jp2"), meters, PixelType.UInt16, 1, (_, _) => 900);
                Plain(Path.Combine(at, $"{Stem}_TCI_{meters}m.jp2"), meters, PixelType.UInt8, 3, (_, _) => 90);
                if (meters > 10)
                {
                    Plain(Path.Combine(at, $"{Stem}_SCL_{meters}m.jp2"), meters, PixelType.UInt8, 1, Classes);
                    Plain(Path.Combine(granule, "QI_DATA", $"MSK_CLDPRB_{meters}m.jp2"), meters, PixelType.UInt8, 1, (x, y) => Classes(x, y) is 8 or 9 ? 95 : 2);
                    Plain(Path.Combine(granule, "QI_DATA", $"MSK_SNWPRB_{meters}m.jp2"), meters, PixelType.UInt8, 1, (_, _) => 0);
                }
            }
        }
        else
        {
            foreach (var (_, name, meters, _) in Instrument)
            {
                Band(Path.Combine(images, $"{Stem}_{name}.jp2"), name, meters);
            }

            Plain(Path.Combine(images, $"{Stem}_TCI.jp2"), 10, PixelType.UInt8, 3, (_, _) => 90);
        }

        // Opaque clouds, cirrus, snow; before baseline 04.00 masks were polygons.
        if (HasOffset)
        {
            Plain(Path.Combine(granule, "QI_DATA", "MSK_CLASSI_B00.jp2"), 60, PixelType.UInt8, 3, (band, x, y) => IsLevel2 ? 0 : band switch { 1 => Classes(x, y), 2 => IsCirrus(x, y) ? 1 : 0, _ => 0 });
            Plain(Path.Combine(granule, "QI_DATA", "MSK_DETFOO_B02.jp2"), 10, PixelType.UInt8, 1, (_, _) => 4);
            Plain(Path.Combine(granule, "QI_DATA", "MSK_QUALIT_B02.jp2"), 10, PixelType.UInt8, 8, (_, _) => 0);
        }
        else
        {
            Text(Path.Combine(granule, "QI_DATA", "MSK_CLOUDS_B00.gml"), "<?xml version=\"1.0\"?><eop:Mask xmlns:eop=\"http://www.opengis.net/eop/2.0\"/>");
        }

        Text(Path.Combine(root, $"MTD_MSIL{Level}.xml"), Product());
        Text(Path.Combine(granule, "MTD_TL.xml"), Tile());
        return root;
    }

    /// <summary>What a file stores for a reflectance.</summary>
    public ushort Stored(double reflectance) => double.IsNaN(reflectance) ? (ushort)0 : (ushort)Math.Clamp(Math.Round(reflectance * 10_000) + (HasOffset ? 1000 : 0), 1, 65_534);

    private void Band(string path, string name, int meters) => Plain(path, meters, PixelType.UInt16, 1, (x, y) => Stored(Ground(name, x, y)));

    private static void Plain(string path, int meters, PixelType type, int bands, Func<double, double, int> value) => Plain(path, meters, type, bands, (_, x, y) => value(x, y));

    private static void Plain(string path, int meters, PixelType type, int bands, Func<int, double, double, int> value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var side = Side * 10 / meters;
        using var memory = RasterDataset.CreateInMemory(side, side, bands, type);
        using (var crs = SpatialReference.FromEpsg(32650))
        {
            memory.SetSpatialReference(crs);
        }

        memory.Transform = GeoTransform.NorthUp(Left, Top, meters, meters);
        var pixels = new ushort[side * side];
        for (var band = 1; band <= bands; band++)
        {
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (ushort)value(band, ((i % side) + 0.5) * meters, ((i / side) + 0.5) * meters);
            }

            memory.Write<ushort>(band, memory.FullWindow, pixels);
        }

        memory.CopyTo(path, "JP2OpenJPEG", ["QUALITY=100", "REVERSIBLE=YES", "YCBCR420=NO"]);
    }

    private string Product()
    {
        var (kind, prefix) = IsLevel2 ? ("Level-2A_User_Product", "BOA_") : ("Level-1C_User_Product", "");
        var radio = IsLevel2 ? "BOA" : "RADIO";
        var values = string.Concat(Enumerable.Range(0, 13).Select(b => $"<{radio}_ADD_OFFSET band_id=\"{b}\">-1000</{radio}_ADD_OFFSET>"));
        var list = IsLevel2 ? "BOA_ADD_OFFSET_VALUES_LIST" : "Radiometric_Offset_List";
        var offsets = HasOffset ? $"<{list}>{values}</{list}>" : "";
        var quantification = IsLevel2
            ? "<QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE unit=\"none\">10000</BOA_QUANTIFICATION_VALUE><AOT_QUANTIFICATION_VALUE unit=\"none\">1000.0</AOT_QUANTIFICATION_VALUE><WVP_QUANTIFICATION_VALUE unit=\"cm\">1000.0</WVP_QUANTIFICATION_VALUE></QUANTIFICATION_VALUES_LIST>"
            : "<QUANTIFICATION_VALUE unit=\"none\">10000</QUANTIFICATION_VALUE>";
        var spectral = string.Concat(Instrument.Select((b, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"<Spectral_Information bandId=\"{i}\" physicalBand=\"{b.Physical}\"><RESOLUTION>{b.Meters}</RESOLUTION><Wavelength><MIN unit=\"nm\">{b.Nanometers - 20}</MIN><MAX unit=\"nm\">{b.Nanometers + 20}</MAX><CENTRAL unit=\"nm\">{b.Nanometers}</CENTRAL></Wavelength></Spectral_Information>")));
        return string.Create(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" encoding="UTF-8" standalone="no"?>
            <n1:{kind} xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{Level}.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <n1:General_Info>
                <Product_Info>
                  <PRODUCT_START_TIME>{SensedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}</PRODUCT_START_TIME>
                  <PRODUCT_STOP_TIME>{SensedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}</PRODUCT_STOP_TIME>
                  <PRODUCT_URI>{Name}</PRODUCT_URI>
                  <PROCESSING_LEVEL>Level-{Level}</PROCESSING_LEVEL>
                  <PRODUCT_TYPE>S2MSI{Level}</PRODUCT_TYPE>
                  <PROCESSING_BASELINE>{Baseline}</PROCESSING_BASELINE>
                  <GENERATION_TIME>{SensedAt.AddHours(3):yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}</GENERATION_TIME>
                  <Datatake datatakeIdentifier="GS2B_{SensedAt:yyyyMMdd'T'HHmmss}_031234_N{Baseline}">
                    <SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>
                    <DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
                    <DATATAKE_SENSING_START>{SensedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}</DATATAKE_SENSING_START>
                    <SENSING_ORBIT_NUMBER>89</SENSING_ORBIT_NUMBER>
                  </Datatake>
                </Product_Info>
                <Product_Image_Characteristics>
                  <Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values>
                  <Special_Values><SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX></Special_Values>
                  {quantification}{offsets}
                  <Reflectance_Conversion><U>0.985</U></Reflectance_Conversion>
                  <Spectral_Information_List>{spectral}</Spectral_Information_List>
                </Product_Image_Characteristics>
              </n1:General_Info>
              <n1:Quality_Indicators_Info metadataLevel="Standard"><Cloud_Coverage_Assessment>{CloudPercent}</Cloud_Coverage_Assessment></n1:Quality_Indicators_Info>
            </n1:{kind}>
            """);
    }

    private string Tile() => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="UTF-8" standalone="no"?>
        <n1:Level-{Level}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-{Level}_Tile_Metadata.xsd">
          <n1:General_Info><TILE_ID metadataLevel="Brief">S2B_OPER_MSI_L{Level}_TL_2BPS_T50SPA_N{Baseline}</TILE_ID><SENSING_TIME metadataLevel="Standard">{SensedAt.AddSeconds(594.321):yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}</SENSING_TIME></n1:General_Info>
          <n1:Geometric_Info>
            <Tile_Geocoding metadataLevel="Brief"><HORIZONTAL_CS_NAME>WGS84 / UTM zone 50N</HORIZONTAL_CS_NAME><HORIZONTAL_CS_CODE>EPSG:32650</HORIZONTAL_CS_CODE>
              <Geoposition resolution="10"><ULX>600000</ULX><ULY>3600000</ULY><XDIM>10</XDIM><YDIM>-10</YDIM></Geoposition></Tile_Geocoding>
            <Tile_Angles metadataLevel="Standard">
              <Sun_Angles_Grid><Zenith><COL_STEP unit="m">5000</COL_STEP><ROW_STEP unit="m">5000</ROW_STEP><Values_List><VALUES>30.1 30.2</VALUES><VALUES>30.3 30.4</VALUES></Values_List></Zenith><Azimuth><Values_List><VALUES>140.0 140.1</VALUES></Values_List></Azimuth></Sun_Angles_Grid>
              <Mean_Sun_Angle><ZENITH_ANGLE unit="deg">{SunZenith}</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">{SunAzimuth}</AZIMUTH_ANGLE></Mean_Sun_Angle>
              <Viewing_Incidence_Angles_Grids bandId="0" detectorId="4"><Zenith><Values_List><VALUES>NaN 5.1</VALUES></Values_List></Zenith></Viewing_Incidence_Angles_Grids>
              <Mean_Viewing_Incidence_Angle_List><Mean_Viewing_Incidence_Angle bandId="0"><ZENITH_ANGLE unit="deg">5.5</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">289.4</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle></Mean_Viewing_Incidence_Angle_List>
            </Tile_Angles>
          </n1:Geometric_Info>
        </n1:Level-{Level}_Tile_ID>
        """);

    private static void Text(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
