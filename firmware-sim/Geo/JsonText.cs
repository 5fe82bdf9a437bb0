using System.Text.Encodings.Web;
using System.Text.Json;
using NetTopologySuite.Geometries;

namespace Monitoring.FirmwareSim.Geo;

/// <summary>How the simulator writes JSON: indented, Chinese as itself, GeoJSON geometries as RFC 7946.</summary>
internal static class JsonText
{
    public static JsonSerializerOptions Options { get; } = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A geometry in degrees as a GeoJSON object.</summary>
    public static Dictionary<string, object> Geometry(Geometry degrees) => degrees switch
    {
        Polygon p => new() { ["type"] = "Polygon", ["coordinates"] = Rings(p) },
        MultiPolygon m => new() { ["type"] = "MultiPolygon", ["coordinates"] = m.Geometries.Select(g => Rings((Polygon)g)).ToArray() },
        _ => throw new NotSupportedException($"No GeoJSON for {degrees.GeometryType}."),
    };

    /// <summary>A feature collection; each feature is its properties and its geometry in degrees.</summary>
    public static byte[] Features(string name, IEnumerable<(Dictionary<string, object?> Properties, Geometry Degrees)> features) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["type"] = "FeatureCollection",
                ["name"] = name,
                ["features"] = features.Select(f => new Dictionary<string, object>
                {
                    ["type"] = "Feature",
                    ["properties"] = f.Properties,
                    ["geometry"] = Geometry(f.Degrees),
                }).ToArray(),
            }, Compact);

    private static double[][][] Rings(Polygon p) =>
        [.. p.Holes.Prepend(p.Shell).Select(r => r.Coordinates.Select(c => (double[])[c.X, c.Y]).ToArray())];
}
