using Monitoring.Ingest;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Scenes.Products;
using Monitoring.Ingest.Scenes.Sensors;

namespace Monitoring.Fuzz;

/// <summary>Whatever the bytes of a product's metadata, a reader gives values within their ranges or one sentence.</summary>
public sealed class ProductMetadataFuzz
{
    private static readonly string[] Products =
    [
        """<?xml version="1.0"?><n1:Level-2A_User_Product xmlns:n1="x"><PRODUCT_START_TIME>2026-04-30T02:40:11.024Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI2A</PRODUCT_TYPE><PROCESSING_BASELINE>05.11</PROCESSING_BASELINE><SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME><BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE><BOA_ADD_OFFSET band_id="0">-1000</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id="12">-1000</BOA_ADD_OFFSET><Spectral_Information bandId="1" physicalBand="B2"/><Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment></n1:Level-2A_User_Product>""",
        """<P><PRODUCT_START_TIME>2015-08-10T08:10:06Z</PRODUCT_START_TIME><PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE><QUANTIFICATION_VALUE>10000</QUANTIFICATION_VALUE></P>""",
    ];

    private static readonly string[] Tiles =
    [
        """<n1:T xmlns:n1="x"><SENSING_TIME>2026-04-30T02:47:32.5Z</SENSING_TIME><Tile_Angles><Mean_Sun_Angle><ZENITH_ANGLE unit="deg">27.5</ZENITH_ANGLE><AZIMUTH_ANGLE unit="deg">142.25</AZIMUTH_ANGLE></Mean_Sun_Angle></Tile_Angles></n1:T>""",
    ];

    private static readonly string[] MtlTexts =
    [
        "GROUP = LANDSAT_METADATA_FILE\n  GROUP = PRODUCT_CONTENTS\n    PROCESSING_LEVEL = \"L2SP\"\n  END_GROUP = PRODUCT_CONTENTS\n  GROUP = IMAGE_ATTRIBUTES\n    SPACECRAFT_ID = \"LANDSAT_9\"\n    SUN_ELEVATION = 30.0\n  END_GROUP = IMAGE_ATTRIBUTES\nEND_GROUP = LANDSAT_METADATA_FILE\nEND\n",
    ];

    private static readonly string[] MtlJson = ["""{"LANDSAT_METADATA_FILE":{"PRODUCT_CONTENTS":{"PROCESSING_LEVEL":"L2SP"},"IMAGE_ATTRIBUTES":{"SPACECRAFT_ID":"LANDSAT_9","SUN_ELEVATION":"30.0"}}}"""];

    private static readonly string[] MtlXml =
        ["<LANDSAT_METADATA_FILE><PRODUCT_CONTENTS><PROCESSING_LEVEL>L2SP</PROCESSING_LEVEL></PRODUCT_CONTENTS><IMAGE_ATTRIBUTES><SPACECRAFT_ID>LANDSAT_9</SPACECRAFT_ID><SUN_ELEVATION>30.0</SUN_ELEVATION></IMAGE_ATTRIBUTES></LANDSAT_METADATA_FILE>"];

    private static readonly string[] Sidecars =
    [
        "<ProductMetaData><SatelliteID>GF1</SatelliteID><SensorID>PMS1</SensorID><CenterTime>2026-04-30 11:02:17</CenterTime><SolarAzimuth>151.5</SolarAzimuth><SolarZenith>25.5</SolarZenith><CloudPercent>7</CloudPercent></ProductMetaData>",
        "<M><SatelliteID>JL1GF03B</SatelliteID><SensorID>PMS2</SensorID><ReceiveTime>2026-04-30T11:02:17.123+08:00</ReceiveTime></M>",
    ];

    private static readonly string[] Sensors =
    [
        """{"id":"s","title":"t","certainty":"memory","source":"x","values":"reflectance","recognise":{"names":["^A_"],"metadata":[{"element":"E","values":["V[0-9]"]}]},"times":[{"element":"T","utc_offset":"+08:00"}],"sun":{"zenith":["Z"]},"layouts":[["P1"]],"quality":{"name":"M","file":"_M$","codes":{"7":"cloud"},"bits":[{"bit":3,"means":"shadow"}],"otherwise":"clear"},"bands":[{"name":"P1","common_name":"red","center_nm":650,"width_nm":60,"gsd_m":2,"scale":0.002,"offset":-0.05,"nodata":0,"file":"_P1$"}]}""",
    ];

    private static readonly string[] Nodes =
    [
        """{"type":"Catalog","stac_version":"1.1.0","id":"x","links":[{"rel":"child","href":"./a/collection.json"},{"rel":"item","href":"b.json","type":"application/geo+json"},{"rel":"self","href":"https://example.org"}]}""",
        """{"type":"Feature","stac_version":"1.0.0","id":"a"}""",
    ];

    [Fact]
    public void SentinelProduct_AnyBytes_IsMetadataOrOneSentence() => FuzzRun.Over(Products, bytes => OrOneSentence(() =>
    {
        var product = SentinelMetadata.Read(new MemoryStream(bytes), "MTD.xml");
        product.Quantification.ShouldBeInRange(1, 1e9);
        (product.CloudCover ?? 0).ShouldBeInRange(0, 100);
        product.Offsets.Values.ShouldAllBe(o => Math.Abs(o) <= 1e6);
        product.AcquiredAt.Offset.ShouldBe(TimeSpan.Zero);
    }));

    [Fact]
    public void SentinelTile_AnyBytes_IsSunAndTimeOrOneSentence() => FuzzRun.Over(Tiles, bytes => OrOneSentence(() =>
    {
        var tile = SentinelTile.Read(new MemoryStream(bytes), "MTD_TL.xml");
        (tile.SunElevation ?? 0).ShouldBeInRange(-90, 90);
        (tile.SunAzimuth ?? 0).ShouldBeInRange(0, 360);
    }));

    [Fact]
    public void LandsatText_AnyBytes_IsMetadataOrOneSentence() => FuzzRun.Over(MtlTexts, bytes => Mtl(bytes, "a_MTL.txt"));

    [Fact]
    public void LandsatJson_AnyBytes_IsMetadataOrOneSentence() => FuzzRun.Over(MtlJson, bytes => Mtl(bytes, "a_MTL.json"));

    [Fact]
    public void LandsatXml_AnyBytes_IsMetadataOrOneSentence() => FuzzRun.Over(MtlXml, bytes => Mtl(bytes, "a_MTL.xml"));

    [Fact]
    public void Sidecar_AnyBytes_IsFactsOrOneSentence()
    {
        var known = SensorCatalogue.Load(null);
        FuzzRun.Over(Sidecars, bytes => OrOneSentence(() =>
        {
            var sidecar = Sidecar.Read(new MemoryStream(bytes), "a.xml", known);
            if (sidecar.Sensor(known) is not { } sensor)
                return;
            (sidecar.SunElevation(sensor) ?? 0).ShouldBeInRange(-90, 90);
            (sidecar.SunAzimuth(sensor) ?? 0).ShouldBeInRange(0, 360);
            (sidecar.CloudCover(sensor) ?? 0).ShouldBeInRange(0, 100);
            (sidecar.AcquiredAt(sensor)?.Offset ?? TimeSpan.Zero).ShouldBe(TimeSpan.Zero);
        }));
    }

    [Fact]
    public void SensorFile_AnyBytes_IsASensorOrOneSentenceThatNamesTheFile() => FuzzRun.Over(Sensors, bytes => OrOneSentence(() =>
    {
        var sensor = SensorFile.Read(bytes, "own.json");
        sensor.Bands.ShouldNotBeEmpty();
        sensor.Bands.ShouldAllBe(b => b.Micrometers == null || (b.Micrometers >= 0.2 && b.Micrometers <= 20));
        _ = sensor.Names.Any(n => n.IsMatch("A_20260430"));
    }, "own.json"));

    [Fact]
    public void StacCatalogue_AnyBytes_IsLinksOrOneSentence() => FuzzRun.Over(Nodes, bytes => OrOneSentence(() =>
        StacNode.Read(bytes).Links.ShouldAllBe(l => l.Href.Length > 0 && l.Href.Length <= 2048)));

    private static void Mtl(byte[] bytes, string file) => OrOneSentence(() =>
    {
        var product = LandsatMetadata.Read(bytes, file);
        _ = product.Find("SPACECRAFT_ID");
        product.Number("IMAGE_ATTRIBUTES", "SUN_ELEVATION", -90, 90).ShouldBeInRange(-90, 90);
    });

    private static void OrOneSentence(Action read, string names = "")
    {
        try
        {
            read();
        }
        catch (RefusedInputException refused)
        {
            refused.Message.ShouldEndWith(".");
            refused.Message.Length.ShouldBeLessThan(1200);
            refused.Message.Any(char.IsControl).ShouldBeFalse("control characters in a sentence");
            refused.Message.ShouldContain(names);
        }
    }
}
