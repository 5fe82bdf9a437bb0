using System.Text.Encodings.Web;
using System.Text.Json;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.People;

/// <summary>Makes audit entries of acts on the dashboard, stamped by the injected clock.</summary>
public sealed class PeopleAuditor(TimeProvider clock)
{
    private static readonly JsonSerializerOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="details">Facts; null ones are left out. Never a password.</param>
    public AuditEntry Entry(string actor, string action, string subject, params ReadOnlySpan<(string Name, string? Value)> details)
    {
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in details)
        {
            if (value is not null)
            {
                map[name] = value;
            }
        }

        return new AuditEntry(clock.GetUtcNow(), actor, action, subject, JsonSerializer.Serialize(map, Canonical));
    }
}
