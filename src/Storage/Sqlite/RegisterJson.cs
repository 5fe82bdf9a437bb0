using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Sensing;
using NetTopologySuite.IO;

namespace Monitoring.Storage.Sqlite;

/// <summary>
/// The JSON of the <c>body</c> columns: the domain record with camelCase names, enumerations as camelCase text, nulls left out
/// (but for required fields), times as
/// ISO 8601, outlines as <c>{"wkb": base64, "areaSquareMeters", "sourceCrs"}</c>. A field that a later version adds must have a default,
/// so that old rows stay readable (a golden test holds version 1).
/// </summary>
internal static class RegisterJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteRequiredNulls } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new OutlineConverter() },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="StoreUnavailableException">The text is not what this program writes: the file is damaged.</exception>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options)
                ?? throw new StoreUnavailableException($"A register row of {typeof(T).Name} is empty: the file is damaged, restore it from a backup.");
        }
        catch (JsonException failure)
        {
            throw new StoreUnavailableException($"A register row of {typeof(T).Name} cannot be read ({failure.Message}): the file is damaged, restore it from a backup.", failure);
        }
    }

    /// <summary>An enumeration value as the columns hold it.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    public static TEnum Value<TEnum>(string name)
        where TEnum : struct, Enum =>
        Enum.TryParse<TEnum>(name, ignoreCase: true, out var value)
            ? value
            : throw new StoreUnavailableException($"A register row holds the {typeof(TEnum).Name} '{name}', which this program does not know: start a newer program.");

    /// <summary>A null that a record requires to be stated is written, or it could not be read back.</summary>
    private static void WriteRequiredNulls(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.IsRequired)
            {
                property.ShouldSerialize = (_, _) => true;
            }
        }
    }

    private sealed class OutlineConverter : JsonConverter<Outline>
    {
        public override Outline Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var stored = JsonSerializer.Deserialize<StoredOutline>(ref reader, options) ?? throw new JsonException("An outline is an object.");
            return new Outline(ShapeBytes.Read(stored.Wkb), stored.AreaSquareMeters, stored.SourceCrs);
        }

        public override void Write(Utf8JsonWriter writer, Outline value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new StoredOutline(ShapeBytes.Write(value.Shape), value.AreaSquareMeters, value.SourceCrs), options);
    }

    private sealed record StoredOutline(byte[] Wkb, double AreaSquareMeters, string SourceCrs);
}

/// <summary>Geometries as little-endian WKB (OGC 06-103r4), longitude first, without SRID: it is always EPSG:4490.</summary>
internal static class ShapeBytes
{
    public static byte[] Write(NetTopologySuite.Geometries.Geometry shape) => new WKBWriter(ByteOrder.LittleEndian).Write(shape);

    public static NetTopologySuite.Geometries.Geometry Read(byte[] bytes)
    {
        try
        {
            return new WKBReader().Read(bytes);
        }
        catch (Exception failure) when (failure is ParseException or EndOfStreamException)
        {
            throw new StoreUnavailableException("A geometry in the register cannot be read: the file is damaged, restore it from a backup.", failure);
        }
    }
}
