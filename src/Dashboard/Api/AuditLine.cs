using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Api;

/// <summary>One line of docs/formats/audit-export.md.</summary>
internal static class AuditLine
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ChainedAuditEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", entry.Sequence);
            json.WriteString("at", AuditChain.TimeText(entry.Entry.At));
            json.WriteString("actor", entry.Entry.Actor);
            json.WriteString("action", entry.Entry.Action);
            json.WriteString("subject", entry.Entry.Subject);
            json.WriteString("details", entry.Entry.Details);
            json.WriteString("previousHash", entry.PreviousHash);
            json.WriteString("hash", entry.Hash);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
