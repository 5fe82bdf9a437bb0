using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using NetTopologySuite.Operation.OverlayNG;

namespace Monitoring.Ingest.Plans.CityJson;

/// <summary>
/// Reads the buildings of a city model in CityJSON 1.0 to 2.0 (cityjson.org): the outline is the union of all surfaces seen from above, the
/// height is the highest corner over the lowest, of a building with all its parts. Surfaces that stand upright add nothing to an outline.
/// Of several geometries of one object the one of the highest level of detail counts. Whole in memory, so limited in size.
/// </summary>
internal static partial class CityJsonReader
{
    private const long MostBytes = 512L * 1024 * 1024;

    /// <summary>Square metres below which a surface seen from above is a line.</summary>
    private const double Upright = 1e-6;

    public static bool Recognises(string path)
    {
        if (!File.Exists(path) || !path.EndsWith("json", StringComparison.OrdinalIgnoreCase))
            return false;
        using var reader = new StreamReader(path);
        var head = new char[4096];
        var read = reader.ReadBlock(head, 0, head.Length);
        if (MarkInHead().IsMatch(head.AsSpan(0, read)))
            return true;

        // The type may stand behind the objects.
        if (new FileInfo(path).Length > MostBytes || head.AsSpan(0, read).IndexOf("\"FeatureCollection\"") >= 0)
            return false;
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String && type.GetString() is "CityJSON";
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <exception cref="RefusedInputException">The file is too large, no CityJSON, or holds no buildings.</exception>
    public static IFeatureTable Open(string path)
    {
        if (new FileInfo(path).Length > MostBytes)
            throw new RefusedInputException($"{path} has more than {MostBytes >> 20} MiB; split the city model.");
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return Table(path, document.RootElement);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException or TopologyException)
        {
            var what = fault switch
            {
                IndexOutOfRangeException or ArgumentOutOfRangeException => "a surface or a part names a vertex that is not there",
                FormatException => "a number is none, or is too large",
                _ => fault.Message,
            };
            throw new RefusedInputException($"{path} is no sound CityJSON: {what}", fault);
        }
    }

    private static MemoryTable Table(string path, JsonElement root)
    {
        var vertices = Vertices(root);
        var objects = root.GetProperty("CityObjects").EnumerateObject().ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal);
        var crs = root.TryGetProperty("metadata", out var metadata) && metadata.TryGetProperty("referenceSystem", out var system) ? CrsOf(system.GetString()) : null;
        var buildings = objects.Where(o => o.Value.GetProperty("type").GetString() is "Building").ToList();
        if (buildings.Count == 0)
            throw new RefusedInputException($"{path} holds no buildings.");
        var attributes = buildings.SelectMany(b => Attributes(b.Value)).Select(a => a.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(200).ToList();
        List<string> ours = ["id", "height_m", "ground_m", "roof_m"];
        var clash = attributes.Select(a => ours.Contains(a, StringComparer.OrdinalIgnoreCase) ? "source_" + a : a).ToList();
        var rows = new List<Feature>();
        var without = 0;
        var writer = new WKBWriter();
        foreach (var (id, building) in buildings)
        {
            var surfaces = new List<double[][][]>();
            Collect(building, objects, vertices, surfaces, depth: 0);
            if (Outline(surfaces) is not { } outline)
            {
                without++;
                continue;
            }

            double low = double.MaxValue, high = double.MinValue;
            foreach (var corner in surfaces.SelectMany(s => s).SelectMany(r => r))
                (low, high) = (Math.Min(low, corner[2]), Math.Max(high, corner[2]));
            var values = new object?[ours.Count + attributes.Count];
            (values[0], values[1], values[2], values[3]) = (id, Math.Round(high - low, 3), Math.Round(low, 3), Math.Round(high, 3));
            foreach (var attribute in Attributes(building))
            {
                if (attributes.IndexOf(attribute.Name) is >= 0 and var index)
                    values[ours.Count + index] = attribute.Value.ValueKind is JsonValueKind.String ? attribute.Value.GetString() : attribute.Value.GetRawText();
            }

            rows.Add(new Feature(rows.Count + 1, writer.Write(outline), values));
        }

        List<string> remarks = [];
        var others = objects.Values.Count(o => o.GetProperty("type").GetString() is not ("Building" or "BuildingPart"));
        if (others > 0)
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"{others} objects of the city model that are no buildings were left out."));
        if (without > 0)
            remarks.Add(string.Create(CultureInfo.InvariantCulture, $"{without} buildings have no surface that is seen from above and were left out."));
        FieldInfo[] fields = [.. ours.Concat(clash).Select((n, i) => new FieldInfo(n, i is >= 1 and <= 3 ? FieldType.Real : FieldType.Text))];
        return new MemoryTable(Path.GetFileNameWithoutExtension(path), PlanKinds.Building, crs, fields, rows, remarks);
    }

    private static IEnumerable<JsonProperty> Attributes(JsonElement one) =>
        one.TryGetProperty("attributes", out var attributes) && attributes.ValueKind is JsonValueKind.Object
            ? attributes.EnumerateObject().Where(a => a.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            : [];

    private static double[][] Vertices(JsonElement root)
    {
        double[] scale = [1, 1, 1], translate = [0, 0, 0];
        if (root.TryGetProperty("transform", out var transform))
        {
            scale = [.. transform.GetProperty("scale").EnumerateArray().Select(v => v.GetDouble())];
            translate = [.. transform.GetProperty("translate").EnumerateArray().Select(v => v.GetDouble())];
        }

        double[][] vertices = [.. root.GetProperty("vertices").EnumerateArray().Select(v => new[]
        {
            (v[0].GetDouble() * scale[0]) + translate[0], (v[1].GetDouble() * scale[1]) + translate[1], (v[2].GetDouble() * scale[2]) + translate[2],
        })];
        return vertices.All(v => v.All(double.IsFinite)) ? vertices : throw new JsonException("a vertex is no number");
    }

    /// <summary>All surfaces of a building and its parts, each as rings of corners.</summary>
    private static void Collect(JsonElement one, Dictionary<string, JsonElement> objects, double[][] vertices, List<double[][][]> surfaces, int depth)
    {
        if (depth > 8)
            throw new FormatException("parts of buildings are nested more than eight deep");
        if (one.TryGetProperty("geometry", out var geometries) && geometries.GetArrayLength() > 0)
        {
            var best = geometries.EnumerateArray().MaxBy(g => g.TryGetProperty("lod", out var lod) && double.TryParse(lod.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var level) ? level : 0);
            var nested = best.GetProperty("type").GetString() switch
            {
                "MultiSurface" or "CompositeSurface" => 0,
                "Solid" => 1,
                "MultiSolid" or "CompositeSolid" => 2,
                _ => -1,
            };
            if (nested >= 0)
                Surfaces(best.GetProperty("boundaries"), nested);
        }

        if (one.TryGetProperty("children", out var children))
        {
            foreach (var child in children.EnumerateArray())
            {
                if (objects.TryGetValue(child.GetString() ?? "", out var part))
                    Collect(part, objects, vertices, surfaces, depth + 1);
            }
        }

        void Surfaces(JsonElement boundaries, int levels)
        {
            foreach (var inner in boundaries.EnumerateArray())
            {
                if (levels > 0)
                    Surfaces(inner, levels - 1);
                else
                    surfaces.Add([.. inner.EnumerateArray().Select(ring => ring.EnumerateArray().Select(v => vertices[v.GetInt32()]).ToArray())]);
            }
        }
    }

    private static Geometry? Outline(List<double[][][]> surfaces)
    {
        var factory = new GeometryFactory();
        var seen = new List<Geometry>();
        foreach (var surface in surfaces)
        {
            var rings = surface.Where(r => r.Length >= 3).Select(r => factory.CreateLinearRing([.. r.Append(r[0]).Select(c => new Coordinate(c[0], c[1]))])).ToArray();
            if (rings.Length == 0 || rings.Length != surface.Length)
                continue;
            var polygon = factory.CreatePolygon(rings[0], rings[1..]);

            // A steep wall's shadow crosses itself or has no area; the roof and floor that it joins cover its place.
            if (polygon.Area > Upright && polygon.IsValid)
                seen.Add(polygon);
        }

        if (seen.Count == 0)
            return null;
        var union = OverlayNGRobust.Union(seen);
        Polygon[] parts = [.. Enumerable.Range(0, union.NumGeometries).Select(union.GetGeometryN).OfType<Polygon>()];
        return parts.Length == 0 ? null : parts.Length == 1 ? parts[0] : factory.CreateMultiPolygon(parts);
    }

    /// <summary>The EPSG code at the end of the address; a compound of position and height is named by its code too.</summary>
    private static string? CrsOf(string? system) =>
        system is not null && CodeAtEnd().Match(system) is { Success: true } match ? $"EPSG:{match.Groups[1].Value}" : system;

    [GeneratedRegex(@"""type""\s*:\s*""CityJSON""")]
    private static partial Regex MarkInHead();

    [GeneratedRegex(@"EPSG[/:]+[\d.]*[/:]*(\d{3,6})$", RegexOptions.IgnoreCase)]
    private static partial Regex CodeAtEnd();
}
