using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Writes rasters and Items for tests.</summary>
internal static class SceneFiles
{
    public static string Raster(
        string path, int bands = 6, int? epsg = 4549, int size = 64, double pixel = 10, double left = 500_000, double top = 3_600_000,
        IReadOnlyList<string>? names = null, IReadOnlyList<string>? options = null, string driver = "GTiff", int seed = 1)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = RasterDataset.Create(path, driver, size, size, bands, PixelType.UInt16, options);
        if (epsg is { } code)
        {
            using var crs = SpatialReference.FromEpsg(code);
            file.SetSpatialReference(crs);
        }

        if (pixel > 0)
            file.Transform = GeoTransform.NorthUp(left, top, pixel, pixel);
        var random = new Random(seed);
        for (var band = 1; band <= bands; band++)
        {
            var pixels = new ushort[size * size];
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = (ushort)random.Next(1, 10_000);
            file.Write<ushort>(band, file.FullWindow, pixels);
            file.SetNoData(band, 0);
            if (names is not null)
                file.SetDescription(band, names[band - 1]);
        }

        return path;
    }

    /// <summary>An Item as the demonstration delivers it: six colours and a quality band.</summary>
    public static JsonObject Item(string id, string href, int bands = 7) => JsonNode.Parse($$"""
        {"type":"Feature","stac_version":"1.1.0","id":"{{id}}","geometry":null,"links":[],
         "properties":{"datetime":"2026-04-30T02:40:11Z","platform":"demo-sat","eo:cloud_cover":12.5,"view:sun_elevation":61.2,"proj:code":"EPSG:4549"},
         "assets":{"thumbnail":{"href":"https://example.org/a.png","roles":["thumbnail"]},
          "data":{"href":"{{href}}","type":"image/tiff; application=geotiff","roles":["data","reflectance","cloud"],"nodata":0,"raster:scale":0.0001,"raster:offset":0,"bands":{{Bands(bands)}} } } }
        """)!.AsObject();

    public static string Write(string path, JsonObject item)
    {
        File.WriteAllText(path, item.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return path;
    }

    private static string Bands(int count) => new JsonArray(
    [
        .. new[]
        {
            """{"name":"B02","eo:common_name":"blue","eo:center_wavelength":0.49}""", """{"name":"B03","eo:common_name":"green","eo:center_wavelength":0.56}""",
            """{"name":"B04","eo:common_name":"red","eo:center_wavelength":0.665}""", """{"name":"B08","eo:common_name":"nir","eo:center_wavelength":0.842}""",
            """{"name":"B11","eo:common_name":"swir16","eo:center_wavelength":1.61}""", """{"name":"B12","eo:common_name":"swir22","eo:center_wavelength":2.19}""",
            """{"name":"clouds","description":"0 no data, 1 clear, 2 cloud, 3 shadow"}""",
        }.Take(count).Select(b => JsonNode.Parse(b)),
    ]).ToJsonString();
}
