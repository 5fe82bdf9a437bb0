using Monitoring.Domain.Intake;
using Monitoring.Gdal;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Tests.Fakes;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Writes vector files for import tests, and imports them.</summary>
internal static class PlanFile
{
    public static byte[] Wkb(string wkt) => new WKBWriter().Write(new WKTReader().Read(wkt));

    /// <summary>A square with its lower left corner at (x, y).</summary>
    public static byte[] Square(double x, double y, double side) =>
        new WKBWriter().Write(new GeometryFactory().ToGeometry(new Envelope(x, x + side, y, y + side)));

    public static string Write(
        string path, string driver, int? epsg, IReadOnlyList<FieldInfo> fields, IEnumerable<(byte[]? Wkb, object?[] Values)> rows,
        IReadOnlyList<string>? layerOptions = null, string layer = "layer", GeometryKind kind = GeometryKind.Unknown)
    {
        using var crs = epsg is { } code ? SpatialReference.FromEpsg(code) : null;
        using var file = VectorDataset.Create(path, driver);
        var target = file.CreateLayer(layer, crs, kind, fields, layerOptions);
        file.Transaction(() =>
        {
            foreach (var (wkb, values) in rows)
                target.Add(wkb, values);
        });
        return path;
    }

    public static async Task<(ImportResult Result, MemoryPlans Register)> ImportAsync(ImportRequest request, PlanImportOptions? options = null, MemoryPlans? before = null, MemoryPushedPatches? pushed = null)
    {
        var register = before ?? new MemoryPlans();
        var imports = register.Imports.Count;
        var patches = pushed ?? new MemoryPushedPatches();
        var import = new RegisterImport(new MapFileReader(options ?? new PlanImportOptions()), options ?? new PlanImportOptions(), register, patches, new DevicesImport(new MemoryDevices()));
        var result = await import.ImportAsync(request, TestContext.Current.CancellationToken);
        (register.Imports.Count == imports + 1 || patches.Batches.Count == 1).ShouldBe(result.Accepted && !request.CheckOnly, "taken if and only if accepted");
        return (result, register);
    }

    /// <summary>A GeoJSON file of polygons, lines or points with attributes.</summary>
    public static string GeoJson(string path, params IEnumerable<(string Wkt, (string Name, object? Value)[] Fields)> features)
    {
        var reader = new WKTReader();
        var text = string.Join(",\n", features.Select(f =>
            $$"""{"type":"Feature","properties":{{System.Text.Json.JsonSerializer.Serialize(f.Fields.ToDictionary(x => x.Name, x => x.Value))}},"geometry":{{Geometry(reader.Read(f.Wkt))}}}"""));
        File.WriteAllText(path, $$"""{"type":"FeatureCollection","features":[{{text}}]}""");
        return path;
    }

    private static string Geometry(Geometry shape) => $$"""{"type":"{{shape.GeometryType}}","coordinates":{{Coordinates(shape)}}}""";

    private static string Coordinates(Geometry shape) => shape switch
    {
        Point p => Position(p.Coordinate),
        LineString l => "[" + string.Join(",", l.Coordinates.Select(Position)) + "]",
        Polygon p => "[" + string.Join(",", p.Holes.Prepend(p.Shell).Select(Coordinates)) + "]",
        _ => "[" + string.Join(",", Enumerable.Range(0, shape.NumGeometries).Select(i => Coordinates(shape.GetGeometryN(i)))) + "]",
    };

    private static string Position(Coordinate c) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{c.X:R},{c.Y:R}]");

    public static string Box(double x, double y, double width, double height) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"POLYGON(({x:R} {y:R}, {x + width:R} {y:R}, {x + width:R} {y + height:R}, {x:R} {y + height:R}, {x:R} {y:R}))");

    public static ImportRequest Request(ImportKind kind, string path) => new() { Kind = kind, Path = path, Actor = "test" };
}
