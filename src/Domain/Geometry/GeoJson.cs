using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Geometry;

/// <summary>
/// The one writer of GeoJSON files (RFC 7946): longitude first, outer rings counter-clockwise and holes clockwise, no <c>crs</c> member. It writes to what it is given
/// and opens nothing. Thread-safe for different writers.
/// </summary>
public static class GeoJson
{
    /// <summary>Decimals of a degree that a register's geometry keeps: a tenth of a millimetre.</summary>
    public const int RegisterDecimals = 9;

    /// <summary>Decimals of a degree for what people look at: a centimetre.</summary>
    public const int ReportDecimals = 7;

    /// <summary>Text as people read it; GeoJSON is no HTML.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc cref="Compact"/>
    public static JsonWriterOptions Indented { get; } = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="write">Writes one whole feature, as <see cref="Feature"/> does.</param>
    public static void Collection<T>(Utf8JsonWriter json, IEnumerable<T> features, Action<T> write)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(write);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (var feature in features)
        {
            write(feature);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="id">Null = the feature has none.</param>
    /// <param name="shape">In degrees; null = it has no place.</param>
    /// <param name="properties">Writes the members of <c>properties</c>.</param>
    public static void Feature(Utf8JsonWriter json, string? id, NetTopologySuite.Geometries.Geometry? shape, Action properties, int decimals = RegisterDecimals)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(properties);
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        if (id is not null)
        {
            json.WriteString("id", id);
        }

        json.WritePropertyName("geometry");
        if (shape is null)
        {
            json.WriteNullValue();
        }
        else
        {
            Shape(json, shape, decimals);
        }

        json.WriteStartObject("properties");
        properties();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A geometry of any kind, also empty ones and collections of collections.</summary>
    public static void Shape(Utf8JsonWriter json, NetTopologySuite.Geometries.Geometry shape, int decimals = RegisterDecimals)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(shape);
        json.WriteStartObject();
        json.WriteString("type", shape is LinearRing ? "LineString" : shape.GeometryType);
        if (shape is GeometryCollection collection and not (MultiPolygon or MultiLineString or MultiPoint))
        {
            json.WriteStartArray("geometries");
            foreach (var part in collection.Geometries)
            {
                Shape(json, part, decimals);
            }

            json.WriteEndArray();
        }
        else
        {
            json.WritePropertyName("coordinates");
            Coordinates(json, shape, decimals);
        }

        json.WriteEndObject();
    }

    /// <summary>A calendar day as <c>yyyy-MM-dd</c>; nothing for null.</summary>
    public static void Day(Utf8JsonWriter json, string name, DateOnly? day)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (day is { } known)
        {
            json.WriteString(name, known.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }

    private static void Coordinates(Utf8JsonWriter json, NetTopologySuite.Geometries.Geometry shape, int decimals)
    {
        switch (shape)
        {
            case Point { IsEmpty: false } point:
                Position(json, point.Coordinate, decimals);
                break;
            case LineString line:
                Positions(json, line, decimals);
                break;
            case Polygon { IsEmpty: false } polygon:
                json.WriteStartArray();
                Positions(json, Turned(polygon.ExteriorRing, counterClockwise: true), decimals);
                foreach (var hole in polygon.InteriorRings)
                {
                    Positions(json, Turned(hole, counterClockwise: false), decimals);
                }

                json.WriteEndArray();
                break;
            case GeometryCollection parts:
                json.WriteStartArray();
                foreach (var part in parts.Geometries)
                {
                    Coordinates(json, part, decimals);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStartArray();
                json.WriteEndArray();
                break;
        }
    }

    private static LineString Turned(LineString ring, bool counterClockwise) =>
        Orientation.IsCCW(ring.CoordinateSequence) == counterClockwise ? ring : (LineString)ring.Reverse();

    private static void Positions(Utf8JsonWriter json, LineString line, int decimals)
    {
        json.WriteStartArray();
        foreach (var at in line.Coordinates)
        {
            Position(json, at, decimals);
        }

        json.WriteEndArray();
    }

    private static void Position(Utf8JsonWriter json, Coordinate at, int decimals)
    {
        json.WriteStartArray();
        json.WriteNumberValue(Math.Round(at.X, decimals));
        json.WriteNumberValue(Math.Round(at.Y, decimals));
        json.WriteEndArray();
    }
}
