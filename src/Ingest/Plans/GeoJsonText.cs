using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Plans;

/// <summary>Writes GeoJSON (RFC 7946): longitude first, nine decimals.</summary>
internal static class GeoJsonText
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Collection<T>(Utf8JsonWriter writer, IEnumerable<T> features, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteStartArray("features");
        foreach (var feature in features)
            write(writer, feature);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void Feature(Utf8JsonWriter writer, string id, Geometry? shape, Action properties)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteString("id", id);
        writer.WritePropertyName("geometry");
        if (shape is null)
            writer.WriteNullValue();
        else
            Shape(writer, shape);
        writer.WriteStartObject("properties");
        properties();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void Day(Utf8JsonWriter writer, string name, DateOnly? day)
    {
        if (day is { } known)
            writer.WriteString(name, known.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    private static void Shape(Utf8JsonWriter writer, Geometry shape)
    {
        writer.WriteStartObject();
        writer.WriteString("type", shape.GeometryType);
        if (shape is GeometryCollection collection and not (MultiPolygon or MultiLineString or MultiPoint))
        {
            writer.WriteStartArray("geometries");
            foreach (var part in collection.Geometries)
                Shape(writer, part);
            writer.WriteEndArray();
        }
        else
        {
            writer.WritePropertyName("coordinates");
            Coordinates(writer, shape);
        }

        writer.WriteEndObject();
    }

    private static void Coordinates(Utf8JsonWriter writer, Geometry shape)
    {
        switch (shape)
        {
            case Point point:
                Position(writer, point.Coordinate);
                break;
            case LineString line:
                Positions(writer, line);
                break;
            case Polygon polygon:
                writer.WriteStartArray();
                Positions(writer, polygon.ExteriorRing);
                foreach (var hole in polygon.Holes)
                    Positions(writer, hole);
                writer.WriteEndArray();
                break;
            case GeometryCollection parts:
                writer.WriteStartArray();
                foreach (var part in parts.Geometries)
                    Coordinates(writer, part);
                writer.WriteEndArray();
                break;
        }
    }

    private static void Positions(Utf8JsonWriter writer, LineString line)
    {
        writer.WriteStartArray();
        foreach (var at in line.Coordinates)
            Position(writer, at);
        writer.WriteEndArray();
    }

    private static void Position(Utf8JsonWriter writer, Coordinate at)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(Math.Round(at.X, 9));
        writer.WriteNumberValue(Math.Round(at.Y, 9));
        writer.WriteEndArray();
    }
}
