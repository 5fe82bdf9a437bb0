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

    public static async Task<(ImportResult Result, MemoryPlans Register)> ImportAsync(ImportRequest request, PlanImportOptions? options = null)
    {
        var register = new MemoryPlans();
        var import = new RegisterImport(new MapFileReader(options ?? new PlanImportOptions()), options ?? new PlanImportOptions(), register, new DevicesImport(new MemoryDevices()));
        var result = await import.ImportAsync(request, TestContext.Current.CancellationToken);
        (register.Imports.Count == 1).ShouldBe(result.Accepted, "taken if and only if accepted");
        return (result, register);
    }

    public static ImportRequest Request(ImportKind kind, string path) => new() { Kind = kind, Path = path, Actor = "test" };
}
