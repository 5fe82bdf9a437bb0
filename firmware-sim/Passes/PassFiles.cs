using System.Text.Json;
using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Passes;

/// <summary>
/// Delivers a rendered pass: a GeoTIFF and its STAC Item, each written under a hidden name in the inbox itself (so in the same
/// file system) and renamed, the Item last. A reader who sees the Item finds the whole scene.
/// </summary>
public static class PassFiles
{
    private static readonly (string Name, string Common, double Micrometers)[] Bands =
    [
        ("B02", "blue", 0.490), ("B03", "green", 0.560), ("B04", "red", 0.665), ("B08", "nir", 0.842), ("B11", "swir16", 1.610), ("B12", "swir22", 2.190),
    ];

    /// <summary>Writes both files and returns their paths. A file of the same name is replaced.</summary>
    public static (string Tiff, string Item) Deliver(string inbox, County county, RenderedPass pass)
    {
        ArgumentNullException.ThrowIfNull(county);
        ArgumentNullException.ThrowIfNull(pass);
        Directory.CreateDirectory(inbox);
        var id = pass.Conditions.Id;
        var tiff = Path.Combine(inbox, id + ".tif");
        var item = Path.Combine(inbox, id + ".json");
        var part = Path.Combine(inbox, $".{id}.part");
        using (var stream = File.Create(part))
            GeoTiffWriter.Write(stream, county.Frame, pass.Bands, [.. Bands.Select(b => b.Common), "scl"]);
        File.Move(part, tiff, true);
        File.WriteAllBytes(part, Item(county, pass));
        File.Move(part, item, true);
        return (tiff, item);
    }

    /// <summary>The STAC 1.1.0 Item, UTF-8.</summary>
    internal static byte[] Item(County county, RenderedPass pass)
    {
        var frame = county.Frame;
        var c = pass.Conditions;
        (double X, double Y)[] corners = [(0, frame.HeightMeters), (frame.WidthMeters, frame.HeightMeters), (frame.WidthMeters, 0), (0, 0)];
        var ring = corners.Select(p => frame.ToDegrees(p.X, p.Y)).Select(p => (double[])[Math.Round(p.Longitude, 7), Math.Round(p.Latitude, 7)]).ToList();
        ring.Add(ring[0]);
        var bands = Bands.Select(b => (object)new Dictionary<string, object>
        {
            ["name"] = b.Name,
            ["eo:common_name"] = b.Common,
            ["eo:center_wavelength"] = b.Micrometers,
        }).Append(new Dictionary<string, object>
        {
            ["name"] = "scl",
            ["description"] = "0 no data, 1 clear, 2 cloud, 3 cloud shadow",
            ["roles"] = (string[])["cloud", "cloud-shadow"],
        });
        var legacy = Bands.Select(b => (object)new Dictionary<string, object>
        {
            ["name"] = b.Name,
            ["common_name"] = b.Common,
            ["center_wavelength"] = b.Micrometers,
        }).Append(new Dictionary<string, object> { ["name"] = "scl", ["description"] = "quality" });
        var item = new Dictionary<string, object>
        {
            ["type"] = "Feature",
            ["stac_version"] = "1.1.0",
            ["stac_extensions"] = (string[])
            [
                "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
                "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
                "https://stac-extensions.github.io/view/v1.0.0/schema.json",
                "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
            ],
            ["id"] = c.Id,
            ["geometry"] = new Dictionary<string, object> { ["type"] = "Polygon", ["coordinates"] = (object[])[ring] },
            ["bbox"] = (double[])[ring.Min(p => p[0]), ring.Min(p => p[1]), ring.Max(p => p[0]), ring.Max(p => p[1])],
            ["properties"] = new Dictionary<string, object>
            {
                ["datetime"] = c.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["platform"] = "demo-sat",
                ["instruments"] = (string[])["demo-msi"],
                ["constellation"] = "demo",
                ["gsd"] = RasterFrame.PixelMeters,
                ["eo:cloud_cover"] = pass.CloudCoverPercent,
                ["view:sun_elevation"] = Math.Round(c.SunElevation, 3),
                ["view:sun_azimuth"] = Math.Round(c.SunAzimuth, 3),
                ["view:off_nadir"] = 0,
                ["proj:code"] = "EPSG:" + RasterFrame.Epsg,
                ["proj:epsg"] = RasterFrame.Epsg,
                ["proj:shape"] = (int[])[frame.Rows, frame.Columns],
                ["proj:transform"] = (double[])[RasterFrame.PixelMeters, 0, frame.West, 0, -RasterFrame.PixelMeters, frame.North],
            },
            ["links"] = Array.Empty<object>(),
            ["assets"] = new Dictionary<string, object>
            {
                ["data"] = new Dictionary<string, object>
                {
                    ["href"] = $"./{c.Id}.tif",
                    ["type"] = "image/tiff; application=geotiff",
                    ["roles"] = (string[])["data", "reflectance", "cloud"],
                    ["data_type"] = "uint16",
                    ["nodata"] = 0,
                    ["raster:scale"] = 0.0001,
                    ["raster:offset"] = 0,
                    ["bands"] = bands.ToArray(),
                    ["eo:bands"] = legacy.ToArray(),
                },
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(item, JsonText.Options);
    }
}
