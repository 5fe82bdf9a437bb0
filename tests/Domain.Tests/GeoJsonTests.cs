using System.Text;
using System.Text.Json;
using Monitoring.Domain.Geometry;
using NetTopologySuite.IO;

namespace Monitoring.Domain.Tests;

/// <summary>The one writer of GeoJSON.</summary>
public sealed class GeoJsonTests
{
    [Theory]
    [InlineData("POINT (119.123456789123 32)", """{"type":"Point","coordinates":[119.123456789,32]}""")]
    [InlineData("LINESTRING (1 2, 3 4)", """{"type":"LineString","coordinates":[[1,2],[3,4]]}""")]
    [InlineData("POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))", """{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]}""")]
    [InlineData("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 5 6, 6 6, 5 5)))", """{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,6],[5,6],[5,5]]]]}""")]
    [InlineData("MULTIPOINT ((1 2), (3 4))", """{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}""")]
    [InlineData("GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1)))", """{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[0,0],[1,1]]}]}]}""")]
    [InlineData("POLYGON EMPTY", """{"type":"Polygon","coordinates":[]}""")]
    [InlineData("POINT EMPTY", """{"type":"Point","coordinates":[]}""")]
    public void Shape_OfEachKind_IsRfc7946(string wkt, string expected) => Written(json => GeoJson.Shape(json, new WKTReader().Read(wkt))).ShouldBe(expected);

    [Fact]
    public void Collection_OfFeatures_HasIdsPropertiesAndWhatHasNoPlace()
    {
        var text = Written(json => GeoJson.Collection(json, new[] { "甲", "b" }, id => GeoJson.Feature(
            json, id is "b" ? null : id, id is "b" ? null : new WKTReader().Read("POINT (1.00000004 2)"), () => GeoJson.Day(json, "on", id is "b" ? null : new DateOnly(2026, 5, 1)), GeoJson.ReportDecimals)));
        text.ShouldBe("""{"type":"FeatureCollection","features":[{"type":"Feature","id":"甲","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"on":"2026-05-01"}},{"type":"Feature","geometry":null,"properties":{}}]}""");
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, GeoJson.Compact))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
