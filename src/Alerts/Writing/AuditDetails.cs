using System.Text.Encodings.Web;
using System.Text.Json;

namespace Monitoring.Alerts.Writing;

/// <summary>Canonical JSON of an audit entry's details: keys in ordinal order, no white space, null values left out.</summary>
internal static class AuditDetails
{
    private static readonly JsonSerializerOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            if (value is not null)
            {
                map[name] = value;
            }
        }

        return JsonSerializer.Serialize(map, Canonical);
    }
}
