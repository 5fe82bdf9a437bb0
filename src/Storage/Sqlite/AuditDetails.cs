using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Monitoring.Storage.Sqlite;

/// <summary>The canonical JSON of audit details: one object, keys in ordinal order, no white space.</summary>
internal static class AuditDetails
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="facts">Text, a whole number, or null (left out).</param>
    public static string Of(params ReadOnlySpan<(string Name, object? Value)> facts)
    {
        var sorted = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            if (value is not null)
            {
                sorted.Add(name, value);
            }
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in sorted)
            {
                if (value is string text)
                {
                    writer.WriteString(name, text);
                }
                else
                {
                    writer.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
