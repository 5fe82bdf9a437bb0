using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Domain.Audit;

/// <summary>
/// The export of the audit trail: one JSON object a line, as docs/formats/audit.md fixes it, so that a third party can check the chain
/// with nothing but SHA-256.
/// </summary>
public static class AuditLines
{
    /// <summary>The entry as one line, without the line end.</summary>
    public static string Format(ChainedAuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new JsonObject
        {
            ["sequence"] = entry.Sequence,
            ["at"] = AuditChain.TimeText(entry.Entry.At),
            ["actor"] = entry.Entry.Actor,
            ["action"] = entry.Entry.Action,
            ["subject"] = entry.Entry.Subject,
            ["details"] = entry.Entry.Details,
            ["previousHash"] = entry.PreviousHash,
            ["hash"] = entry.Hash,
        }.ToJsonString();
    }

    /// <summary>Reads one line.</summary>
    /// <returns>The entry, or one sentence about what is wrong with the line.</returns>
    public static (ChainedAuditEntry? Entry, string? Fault) Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return (null, "it is no JSON object");
            }

            string Text(string name) => root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
                ? value.GetString()!
                : throw new FormatException($"\"{name}\" is missing or no text");
            if (!root.TryGetProperty("sequence", out var sequence) || !sequence.TryGetInt64(out var number))
            {
                return (null, "\"sequence\" is missing or no whole number");
            }

            if (!DateTimeOffset.TryParse(Text("at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                return (null, "\"at\" is no time");
            }

            var entry = new AuditEntry(at, Text("actor"), Text("action"), Text("subject"), Text("details"));
            return (new ChainedAuditEntry(number, entry, Text("previousHash"), Text("hash")), null);
        }
        catch (JsonException)
        {
            return (null, "it is not JSON");
        }
        catch (InvalidOperationException)
        {
            return (null, "\"sequence\" is no number");
        }
        catch (FormatException fault)
        {
            return (null, fault.Message);
        }
    }
}
