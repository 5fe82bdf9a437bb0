using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Small products in the form of the real ones, written by the test.</summary>
internal static class ProductFilesWritten
{
    public const string SentinelName = "S2A_MSIL2A_20260430T024011_N0511_R089_T50SQA_20260430T060000.SAFE";

    /// <summary>One band, all pixels <paramref name="value"/> but nodata (0) in the columns left of <paramref name="emptyColumns"/>.</summary>
    public static string Band(string path, int size, double pixel, int value, int emptyColumns = 0, int epsg = 32650, double left = 600_000, double top = 3_600_000, int bands = 1, bool eightBit = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var type = eightBit ? PixelType.UInt8 : PixelType.UInt16;
        using var memory = RasterDataset.CreateInMemory(size, size, bands, type);
        using (var crs = SpatialReference.FromEpsg(epsg))
            memory.SetSpatialReference(crs);
        memory.Transform = GeoTransform.NorthUp(left, top, pixel, pixel);
        var pixels = new ushort[size * size];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (ushort)(i % size < emptyColumns ? 0 : value);
        for (var band = 1; band <= bands; band++)
            memory.Write<ushort>(band, memory.FullWindow, pixels);
        if (path.EndsWith(".jp2", StringComparison.Ordinal))
            memory.CopyTo(path, "JP2OpenJPEG", ["QUALITY=100", "REVERSIBLE=YES", "YCBCR420=NO"]);
        else
            memory.CopyTo(path, "GTiff");
        return path;
    }

    /// <summary>A Level-2A product of the present naming; the four 10 m bands, two of 20 m, SCL.</summary>
    public static string Sentinel2A(string folder, string baseline = "05.11", string offsets = "-1000", string quantification = "10000")
    {
        var root = Path.Combine(folder, SentinelName);
        var images = Path.Combine(root, "GRANULE/L2A_T50SQA_A012345_20260430T024011/IMG_DATA");
        foreach (var (band, meters) in new[] { ("B02", 10), ("B03", 10), ("B04", 10), ("B08", 10), ("B11", 20), ("B12", 20), ("B02", 20) })
            Band(Path.Combine(images, $"R{meters}m/T50SQA_20260430T024011_{band}_{meters}m.jp2"), 640 / meters, meters, 2000, 160 / meters);
        Band(Path.Combine(images, "R20m/T50SQA_20260430T024011_TCI_20m.jp2"), 32, 20, 100, bands: 3, eightBit: true);
        Scl(Path.Combine(images, "R20m/T50SQA_20260430T024011_SCL_20m.jp2"));
        var values = string.Concat(Enumerable.Range(0, 13).Select(b => $"<BOA_ADD_OFFSET band_id=\"{b}\">{offsets}</BOA_ADD_OFFSET>"));
        var list = offsets.Length == 0 ? "" : $"<BOA_ADD_OFFSET_VALUES_LIST>{values}</BOA_ADD_OFFSET_VALUES_LIST>";
        File.WriteAllText(Path.Combine(root, "MTD_MSIL2A.xml"), $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <n1:Level-2A_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-2A.xsd">
             <n1:General_Info><Product_Info><PRODUCT_START_TIME>2026-04-30T02:40:11.024Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE>
              <PROCESSING_BASELINE>{baseline}</PROCESSING_BASELINE><Datatake datatakeIdentifier="x"><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME></Datatake></Product_Info>
              <Product_Image_Characteristics><QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE unit="none">{quantification}</BOA_QUANTIFICATION_VALUE></QUANTIFICATION_VALUES_LIST>{list}</Product_Image_Characteristics></n1:General_Info>
             <n1:Quality_Indicators_Info><Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment></n1:Quality_Indicators_Info>
            </n1:Level-2A_User_Product>
            """.TrimStart());
        Tile(Path.Combine(root, "GRANULE/L2A_T50SQA_A012345_20260430T024011/MTD_TL.xml"));
        return root;
    }

    public static void Tile(string path) => File.WriteAllText(path, """
        <?xml version="1.0" encoding="UTF-8"?>
        <n1:Level-2A_Tile_ID xmlns:n1="x"><n1:General_Info><SENSING_TIME metadataLevel="Standard">2026-04-30T02:47:32.5Z</SENSING_TIME></n1:General_Info>
         <n1:Geometric_Info><Tile_Angles><Mean_Viewing_Incidence_Angle_List><Mean_Viewing_Incidence_Angle bandId="0"><ZENITH_ANGLE unit="deg">5</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">100</AZIMUTH_ANGLE></Mean_Viewing_Incidence_Angle></Mean_Viewing_Incidence_Angle_List>
          <Mean_Sun_Angle><ZENITH_ANGLE unit="deg">27.5</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">142.25</AZIMUTH_ANGLE></Mean_Sun_Angle></Tile_Angles></n1:Geometric_Info></n1:Level-2A_Tile_ID>
        """);

    /// <summary>A Level-1C product of the naming before 2016-12.</summary>
    public static string Sentinel1COld(string folder)
    {
        var root = Path.Combine(folder, "S2A_OPER_PRD_MSIL1C_PDMC_20160706T155721_R092_V20150810T081006_20150810T081006.SAFE");
        var granule = Path.Combine(root, "GRANULE/S2A_OPER_MSI_L1C_TL_EPA__20160706T155721_A000849_T39QZG_N02.04");
        foreach (var (band, meters) in new[] { ("B02", 10), ("B04", 10), ("B8A", 20), ("B01", 60) })
            Band(Path.Combine(granule, $"IMG_DATA/S2A_OPER_MSI_L1C_TL_EPA__20160706T155721_A000849_T39QZG_{band}.jp2"), 600 / meters, meters, 1500);
        Directory.CreateDirectory(Path.Combine(granule, "QI_DATA"));
        File.WriteAllText(Path.Combine(granule, "QI_DATA/S2A_OPER_MSK_CLOUDS_EPA__20160706T155721_A000849_T39QZG_B00_MSIL1C.gml"), "<eop:Mask/>");
        File.WriteAllText(Path.Combine(root, "S2A_OPER_MTD_SAFL1C_PDMC_20160706T155721_R092_V20150810T081006_20150810T081006.xml"), """
            <n1:Level-1C_User_Product xmlns:n1="x"><PRODUCT_START_TIME>2015-08-10T08:10:06.027Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE><PROCESSING_BASELINE>02.04</PROCESSING_BASELINE>
            <QUANTIFICATION_VALUE unit="none">10000</QUANTIFICATION_VALUE></n1:Level-1C_User_Product>
            """);
        return root;
    }

    private static void Scl(string path)
    {
        // 32 × 32: the first quarter of the columns no data, of the rest the upper half cloud (9), the lower vegetation (4), one row of shadow (3) between.
        using var memory = RasterDataset.CreateInMemory(32, 32, 1, PixelType.UInt8);
        using (var crs = SpatialReference.FromEpsg(32650))
            memory.SetSpatialReference(crs);
        memory.Transform = GeoTransform.NorthUp(600_000, 3_600_000, 20, 20);
        var codes = new byte[32 * 32];
        for (var i = 0; i < codes.Length; i++)
            codes[i] = (byte)(i % 32 < 8 ? 0 : i / 32 < 15 ? 9 : i / 32 < 16 ? 3 : 4);
        memory.Write<byte>(1, memory.FullWindow, codes);
        memory.CopyTo(path, "JP2OpenJPEG", ["QUALITY=100", "REVERSIBLE=YES"]);
    }

    public const string LandsatName = "LC09_L2SP_119038_20260206_20260207_02_T1";

    /// <summary>Landsat 8-9, Level 2 or 1.</summary>
    public static string Landsat(string folder, string form = "txt", bool level2 = true)
    {
        var name = level2 ? LandsatName : LandsatName.Replace("L2SP", "L1TP", StringComparison.Ordinal);
        var root = Path.Combine(folder, name);
        foreach (var band in new[] { 2, 3, 4, 5, 6, 7 })
            Band(Path.Combine(root, $"{name}_{(level2 ? "SR_" : "")}B{band}.TIF"), 20, 30, 10_000);
        if (level2)
            Band(Path.Combine(root, $"{name}_ST_B10.TIF"), 20, 30, 40_000);
        else
            Band(Path.Combine(root, $"{name}_B8.TIF"), 40, 15, 9_000);
        Band(Path.Combine(root, $"{name}_QA_PIXEL.TIF"), 20, 30, 21_824);
        File.WriteAllText(Path.Combine(root, $"{name}_MTL.{form}"), form switch { "json" => Json(level2), "xml" => Xml(level2), _ => Odl(level2) });
        return root;
    }

    private static IEnumerable<(string Group, (string Key, string Value)[] Values)> Groups(bool level2)
    {
        yield return ("PRODUCT_CONTENTS", [("LANDSAT_PRODUCT_ID", level2 ? LandsatName : LandsatName.Replace("L2SP", "L1TP", StringComparison.Ordinal)), ("PROCESSING_LEVEL", level2 ? "L2SP" : "L1TP"), ("COLLECTION_NUMBER", "02")]);
        yield return ("IMAGE_ATTRIBUTES", [("SPACECRAFT_ID", "LANDSAT_9"), ("SENSOR_ID", "OLI_TIRS"), ("DATE_ACQUIRED", "2026-02-06"), ("SCENE_CENTER_TIME", "02:31:22.1234560Z"), ("CLOUD_COVER", "3.20"), ("SUN_AZIMUTH", "-200.5"), ("SUN_ELEVATION", "30.00000000")]);
        if (level2)
            yield return ("LEVEL2_SURFACE_REFLECTANCE_PARAMETERS", [.. Enumerable.Range(1, 7).SelectMany(b => new[] { ($"REFLECTANCE_MULT_BAND_{b}", "2.75e-05"), ($"REFLECTANCE_ADD_BAND_{b}", "-0.2") })]);
        yield return ("LEVEL1_RADIOMETRIC_RESCALING", [.. Enumerable.Range(1, 9).SelectMany(b => new[] { ($"REFLECTANCE_MULT_BAND_{b}", "2.0000E-05"), ($"REFLECTANCE_ADD_BAND_{b}", "-0.100000") })]);
    }

    private static string Odl(bool level2) =>
        $"GROUP = LANDSAT_METADATA_FILE\n{string.Concat(Groups(level2).Select(g => $"  GROUP = {g.Group}\n{string.Concat(g.Values.Select(v => $"    {v.Key} = {(char.IsAsciiLetter(v.Value[0]) ? $"\"{v.Value}\"" : v.Value)}\n"))}  END_GROUP = {g.Group}\n"))}END_GROUP = LANDSAT_METADATA_FILE\nEND\n";

    private static string Json(bool level2) =>
        JsonSerializer.Serialize(new Dictionary<string, object> { ["LANDSAT_METADATA_FILE"] = Groups(level2).ToDictionary(g => g.Group, g => g.Values.ToDictionary(v => v.Key, v => v.Value)) });

    private static string Xml(bool level2) =>
        $"<?xml version=\"1.0\"?><LANDSAT_METADATA_FILE>{string.Concat(Groups(level2).Select(g => $"<{g.Group}>{string.Concat(g.Values.Select(v => $"<{v.Key}>{v.Value}</{v.Key}>"))}</{g.Group}>"))}</LANDSAT_METADATA_FILE>";

    public static string Zip(string folder)
    {
        // The archive keeps the times of its files: the same product packed twice is the same bytes, whenever it is packed.
        foreach (var entry in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(entry, new DateTime(2026, 4, 30, 0, 0, 0, DateTimeKind.Utc));
        }

        ZipFile.CreateFromDirectory(folder, folder + ".zip", CompressionLevel.Fastest, includeBaseDirectory: true);
        return folder + ".zip";
    }

    public static string Tar(string folder)
    {
        TarFile.CreateFromDirectory(folder, folder + ".tar", includeBaseDirectory: false);
        return folder + ".tar";
    }

    /// <summary>The sidecar of a GF product.</summary>
    public static string Sidecar(string satellite, string sensor, string time = "2026-04-30 11:02:17", double zenith = 25.5) => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <ProductMetaData><SatelliteID>{satellite}</SatelliteID><SensorID>{sensor}</SensorID><ReceiveTime>2026-04-30 03:02:17</ReceiveTime><ProduceTime>2026-05-02 01:00:00</ProduceTime>
        <CenterTime>{time}</CenterTime><SolarAzimuth>151.5</SolarAzimuth><SolarZenith>{zenith}</SolarZenith><CloudPercent>7</CloudPercent><Bands>1,2,3,4</Bands></ProductMetaData>
        """).TrimStart();
}
