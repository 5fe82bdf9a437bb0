using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Reads SenML JSON (RFC 8428) from <c>devices/{id}/senml</c>. The resolved name (base name and name) is the datastream, or the
/// datastream behind <c>{device id}/</c>, <c>{device id}:</c> or <c>urn:dev:…:{device id}:</c>. Stateless.
/// </summary>
/// <remarks>
/// Differs from the RFC where it would have us invent a time: a record without time, or with a time relative to "now" (below 2^28,
/// RFC 8428 section 4.5.3), is refused as <see cref="DeadLetterReason.MissingTime"/>. Sums (<c>s</c>, <c>bs</c>), booleans and data
/// values have no place in a datastream and are refused. A unit is not checked against the datastream's.
/// </remarks>
public sealed class SenMlDecoder(PipelineOptions options)
{
    /// <summary>Times below it are relative to the time of reception (RFC 8428, 4.5.3).</summary>
    private const double RelativeBelow = 1 << 28;

    /// <summary>Characters of a base name, and of a resolved name: each record resolves its own, so a long base name would multiply.</summary>
    private const int MaxNameLength = 256;

    /// <summary>The version of RFC 8428.</summary>
    private const int KnownVersion = 10;

    /// <summary>Never throws for anything the bytes may hold.</summary>
    public DecodedMessage Decode(InboundMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!Utf8.IsValid(message.Payload.Span))
            return DecodedMessage.Refused(message, DeadLetterReason.Malformed, "The payload is not UTF-8 text; send SenML JSON in UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(JsonFaults.WithoutByteOrderMark(message.Payload), new JsonDocumentOptions { MaxDepth = 16 });
            return Read(message, document.RootElement);
        }
        catch (JsonException problem)
        {
            return DecodedMessage.Refused(message, DeadLetterReason.Malformed, JsonFaults.Sentence(problem));
        }
        catch (InvalidOperationException)
        {
            return DecodedMessage.Refused(message, DeadLetterReason.Malformed, JsonFaults.HalfCharacter);
        }
    }

    private DecodedMessage Read(InboundMessage message, JsonElement pack)
    {
        if (pack.ValueKind != JsonValueKind.Array)
        {
            return DecodedMessage.Refused(
                message, DeadLetterReason.Malformed, $"The payload is {JsonFaults.Name(pack.ValueKind)}; a SenML pack is a list of records.");
        }

        if (pack.GetArrayLength() > options.MaxObservationsPerMessage)
        {
            return DecodedMessage.Refused(message, DeadLetterReason.TooLarge, string.Create(
                CultureInfo.InvariantCulture,
                $"The pack holds more than {options.MaxObservationsPerMessage} records; send them in several messages."));
        }

        var observations = new List<DecodedObservation>();
        var refusals = new List<Refusal>();
        var (baseName, baseTime, baseValue) = ("", 0.0, 0.0);
        var index = 0;
        foreach (var record in pack.EnumerateArray())
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"$[{index++}]");
            if (record.ValueKind != JsonValueKind.Object)
            {
                return DecodedMessage.Refused(message, DeadLetterReason.Malformed, $"{path} is {JsonFaults.Name(record.ValueKind)}; a SenML record is an object.");
            }

            // A base field holds for all records behind it, so a wrong one spoils the pack and not only its own record.
            if (!Number(record, "bver", KnownVersion, out var version) || version > KnownVersion)
                return DecodedMessage.Refused(message, DeadLetterReason.InvalidValue, $"{path}.bver must be a number up to {KnownVersion}, the version of RFC 8428.");
            if (!Number(record, "bt", baseTime, out baseTime))
                return DecodedMessage.Refused(message, DeadLetterReason.InvalidValue, $"{path}.bt is no number; it is seconds since 1970-01-01Z.");
            if (!Number(record, "bv", baseValue, out baseValue))
                return DecodedMessage.Refused(message, DeadLetterReason.InvalidValue, $"{path}.bv is no number.");
            if (!String(record, "bn", baseName, out baseName))
                return DecodedMessage.Refused(message, DeadLetterReason.InvalidValue, $"{path}.bn is no string.");
            if (baseName.Length > MaxNameLength)
                return DecodedMessage.Refused(message, DeadLetterReason.InvalidValue, string.Create(CultureInfo.InvariantCulture, $"{path}.bn has {baseName.Length} characters; a base name has at most {MaxNameLength}."));
            foreach (var property in record.EnumerateObject())
            {
                if (property.Name.EndsWith('_'))
                {
                    return DecodedMessage.Refused(
                        message, DeadLetterReason.InvalidValue, $"{path}.{DeviceTopic.Show(property.Name)} must be understood by whoever reads it (its name ends with _), and this service does not know it.");
                }
            }

            ReadRecord(record, path, baseName, baseTime, baseValue, message, observations, refusals);
        }

        return new DecodedMessage(message, null, observations, refusals);
    }

    private static void ReadRecord(
        JsonElement record, string path, string baseName, double baseTime, double baseValue, InboundMessage message,
        List<DecodedObservation> observations, List<Refusal> refusals)
    {
        void Refuse(DeadLetterReason reason, string detail) =>
            refusals.Add(new Refusal(reason, $"{path}{detail}", System.Text.Encoding.UTF8.GetBytes(record.GetRawText())));

        var hasValue = record.TryGetProperty("v", out var value);
        var hasText = record.TryGetProperty("vs", out var text);
        if (!hasValue && !hasText)
        {
            if (record.TryGetProperty("vb", out _) || record.TryGetProperty("vd", out _) || record.TryGetProperty("s", out _) || record.TryGetProperty("bs", out _))
                Refuse(DeadLetterReason.InvalidValue, " carries a boolean, data or a sum; a datastream takes v (a number) or vs (a category).");
            return;
        }

        if (hasValue && hasText)
        {
            Refuse(DeadLetterReason.InvalidValue, " carries both v and vs; a record has one value.");
            return;
        }

        if (!String(record, "n", "", out var name))
        {
            Refuse(DeadLetterReason.InvalidValue, ".n is no string.");
            return;
        }

        if (baseName.Length + name.Length > MaxNameLength)
        {
            Refuse(DeadLetterReason.InvalidValue, string.Create(CultureInfo.InvariantCulture, $".n has, with the base name, {baseName.Length + name.Length} characters; a name has at most {MaxNameLength}."));
            return;
        }

        var datastream = DatastreamName(baseName + name, message.Device.Device.Id);
        if (datastream.Length == 0)
        {
            Refuse(DeadLetterReason.Malformed, " has no name; give the datastream's name in n, or in bn for all.");
            return;
        }

        if (!Number(record, "t", 0, out var offset))
        {
            Refuse(DeadLetterReason.InvalidValue, ".t is no number; it is seconds since 1970-01-01Z.");
            return;
        }

        var seconds = baseTime + offset;
        if (seconds < RelativeBelow)
        {
            Refuse(DeadLetterReason.MissingTime, ".t is absent or relative to now; send seconds since 1970-01-01Z (bt + t): this service invents no time.");
            return;
        }

        if (seconds >= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            Refuse(DeadLetterReason.InvalidValue, ".t lies beyond the year 9999; send seconds, not milliseconds, since 1970-01-01Z.");
            return;
        }

        ObservationResult result;
        if (hasValue)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number + baseValue))
            {
                Refuse(DeadLetterReason.InvalidValue, ".v is no finite number.");
                return;
            }

            result = ObservationResult.OfNumber(number + baseValue);
        }
        else
        {
            if (text.ValueKind != JsonValueKind.String || TextOf(text) is not { Length: > 0 and <= ObservationResult.MaxTextLength } category)
            {
                Refuse(DeadLetterReason.InvalidValue, $".vs is not a string of 1 to {ObservationResult.MaxTextLength} characters.");
                return;
            }

            result = ObservationResult.OfText(category);
        }

        // Microseconds are the store's resolution; a double holds them for dates of this century.
        var ticks = (long)Math.Round(seconds * 1_000_000) * TimeSpan.TicksPerMicrosecond;
        observations.Add(new DecodedObservation(
            datastream, DateTimeOffset.UnixEpoch.AddTicks(ticks), null, result, ResultQuality.Good, path,
            System.Text.Encoding.UTF8.GetBytes(record.GetRawText())));
    }

    private static string DatastreamName(string resolved, string deviceId)
    {
        var at = resolved.LastIndexOfAny([':', '/']);
        if (at < 0)
            return resolved;
        var owner = resolved.AsSpan(0, at);
        var isOurs = owner.EndsWith(deviceId, StringComparison.Ordinal)
            && (owner.Length == deviceId.Length || (owner.StartsWith("urn:dev:") && owner[..^deviceId.Length].EndsWith(":")));
        return isOurs ? resolved[(at + 1)..] : resolved;
    }

    private static bool Number(JsonElement record, string field, double otherwise, out double value)
    {
        value = otherwise;
        return !record.TryGetProperty(field, out var found)
            || (found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out value) && double.IsFinite(value));
    }

    private static bool String(JsonElement record, string field, string otherwise, out string value)
    {
        value = otherwise;
        if (!record.TryGetProperty(field, out var found))
            return true;
        if (found.ValueKind != JsonValueKind.String || TextOf(found) is not { } text)
            return false;
        value = text;
        return true;
    }

    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape.
            return null;
        }
    }
}
