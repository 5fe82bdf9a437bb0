using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Reads the JSON of <c>devices/{id}/obs</c> (docs/formats/observations-json.md). Unknown fields are passed over; a fault in one
/// observation refuses that observation, a fault in the message around it refuses the message. Stateless.
/// </summary>
public sealed class ObservationsJsonDecoder(PipelineOptions options)
{
    private const int MaxDepth = 16;

    /// <summary>Never throws for anything the bytes may hold.</summary>
    public DecodedMessage Decode(InboundMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!Utf8.IsValid(message.Payload.Span))
            return DecodedMessage.Refused(message, DeadLetterReason.Malformed, "The payload is not UTF-8 text; send JSON in UTF-8.");

        try
        {
            return Read(message);
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

    private DecodedMessage Read(InboundMessage message)
    {
        var payload = JsonFaults.WithoutByteOrderMark(message.Payload);
        var reader = new Utf8JsonReader(payload.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return DecodedMessage.Refused(
                message, DeadLetterReason.Malformed, $"The payload is {JsonFaults.Name(reader.TokenType)}; send one object with a list \"observations\".");
        }

        long? sequence = null;
        List<DecodedObservation>? observations = null;
        List<Refusal> refusals = [];
        (DeadLetterReason Reason, string Detail)? fault = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("seq"u8))
            {
                reader.Read();
                if (sequence is not null)
                    fault ??= (DeadLetterReason.Malformed, "$.seq stands twice in the message; send it once.");
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0)
                    sequence = number;
                else if (reader.TokenType != JsonTokenType.Null)
                    fault ??= (DeadLetterReason.InvalidValue, $"$.seq is {JsonFaults.Show(ref reader)}; it is a whole number from 0 on, or absent.");
                reader.Skip();
            }
            else if (reader.ValueTextEquals("observations"u8))
            {
                reader.Read();
                if (observations is not null)
                {
                    fault ??= (DeadLetterReason.Malformed, "$.observations stands twice in the message; send it once.");
                    reader.Skip();
                }
                else if (reader.TokenType != JsonTokenType.StartArray)
                {
                    fault ??= (DeadLetterReason.InvalidValue, $"$.observations is {JsonFaults.Name(reader.TokenType)}; it is a list of objects.");
                    reader.Skip();
                }
                else
                {
                    observations = [];

                    // Read in any case: text behind a fault must still be JSON.
                    var inList = ReadList(ref reader, payload, observations, refusals);
                    fault ??= inList;
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // Reading on past the end of the object makes the reader refuse anything that follows it.
        reader.Read();
        if (fault is null && observations is null)
            fault = (DeadLetterReason.Malformed, "$.observations is missing; send {\"observations\":[{\"datastream\":…,\"time\":…,\"result\":…}]}.");
        return fault is { } whole
            ? DecodedMessage.Refused(message, whole.Reason, whole.Detail)
            : new DecodedMessage(message, sequence, observations!, refusals);
    }

    private (DeadLetterReason Reason, string Detail)? ReadList(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> payload, List<DecodedObservation> observations, List<Refusal> refusals)
    {
        var depth = reader.CurrentDepth;
        var index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (index == options.MaxObservationsPerMessage)
            {
                while (reader.CurrentDepth > depth || reader.TokenType != JsonTokenType.EndArray)
                {
                    if (!reader.Read())
                        break;
                }

                return (DeadLetterReason.TooLarge, string.Create(
                    CultureInfo.InvariantCulture,
                    $"$.observations holds more than {options.MaxObservationsPerMessage} observations; send them in several messages."));
            }

            var start = (int)reader.TokenStartIndex;
            var path = string.Create(CultureInfo.InvariantCulture, $"$.observations[{index}]");
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                var name = JsonFaults.Name(reader.TokenType);
                reader.Skip();
                refusals.Add(new Refusal(DeadLetterReason.InvalidValue, $"{path} is {name}; it is an object.", payload[start..(int)reader.BytesConsumed]));
                continue;
            }

            var fields = default(Fields);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                ReadField(ref reader, path, ref fields);
            var part = payload[start..(int)reader.BytesConsumed];
            fields.FaultIfAbsent(path);
            if (fields.Fault is { } fault)
                refusals.Add(new Refusal(fault.Reason, fault.Detail, part));
            else
                observations.Add(new DecodedObservation(fields.Datastream!, fields.Time!.Value, fields.ResultTime, fields.Result!.Value, fields.Quality, path, part));
        }

        return null;
    }

    private static void ReadField(ref Utf8JsonReader reader, string path, ref Fields fields)
    {
        if (reader.ValueTextEquals("datastream"u8))
        {
            reader.Read();
            fields.Once(fields.Datastream is not null, path, "datastream");
            if (reader.TokenType == JsonTokenType.String && JsonFaults.Text(ref reader) is { Length: > 0 } name)
                fields.Datastream = name;
            else
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.datastream is {JsonFaults.Show(ref reader)}; it is the name of a datastream of this device.");
        }
        else if (reader.ValueTextEquals("time"u8))
        {
            reader.Read();
            fields.Once(fields.Time is not null, path, "time");
            fields.Time = ReadTime(ref reader, path, "time", ref fields);
        }
        else if (reader.ValueTextEquals("resultTime"u8))
        {
            reader.Read();
            fields.Once(fields.ResultTime is not null, path, "resultTime");
            if (reader.TokenType != JsonTokenType.Null)
                fields.ResultTime = ReadTime(ref reader, path, "resultTime", ref fields);
        }
        else if (reader.ValueTextEquals("result"u8))
        {
            reader.Read();
            fields.Once(fields.Result is not null, path, "result");
            fields.Result = ReadResult(ref reader, path, ref fields);
        }
        else if (reader.ValueTextEquals("quality"u8))
        {
            reader.Read();
            ReadQuality(ref reader, path, ref fields);
            return;
        }
        else
        {
            reader.Read();
        }

        reader.Skip();
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader, string path, string field, ref Fields fields)
    {
        const string Mend = "write ISO 8601 with a zone, for example \"2026-05-01T08:00:00+08:00\"";
        if (reader.TokenType == JsonTokenType.Null)
        {
            fields.Refuse(DeadLetterReason.MissingTime, $"{path}.{field} is null; {Mend}.");
            return null;
        }

        var text = reader.TokenType == JsonTokenType.String ? JsonFaults.Text(ref reader) : null;
        var time = default(DateTimeOffset);
        switch (text is null ? Iso8601Fault.NotATime : Iso8601.Parse(text, out time))
        {
            case Iso8601Fault.None:
                return time;
            case Iso8601Fault.NoZone:
                fields.Refuse(DeadLetterReason.MissingTime, $"{path}.{field} {JsonFaults.Show(ref reader)} has no zone; {Mend}.");
                return null;
            case Iso8601Fault.NoSuchTime:
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.{field} {JsonFaults.Show(ref reader)} names no existing instant; {Mend}.");
                return null;
            default:
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.{field} is {JsonFaults.Show(ref reader)}; {Mend}.");
                return null;
        }
    }

    private static ObservationResult? ReadResult(ref Utf8JsonReader reader, string path, ref Fields fields)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number):
                return ObservationResult.OfNumber(number);
            case JsonTokenType.Number:
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.result is {JsonFaults.Show(ref reader)}, beyond what a 64-bit number holds; send a finite number.");
                return null;
            case JsonTokenType.String when JsonFaults.Text(ref reader) is { Length: > 0 and <= ObservationResult.MaxTextLength } category:
                return ObservationResult.OfText(category);
            case JsonTokenType.String:
                fields.Refuse(
                    DeadLetterReason.InvalidValue,
                    $"{path}.result is a string of no or more than {ObservationResult.MaxTextLength} characters, or with half a character; send a short category.");
                return null;
            case JsonTokenType.Null:
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.result is null; leave the observation out when there is no result: a gap is not a value.");
                return null;
            default:
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.result is {JsonFaults.Name(reader.TokenType)}; send a number, or a string for a category.");
                return null;
        }
    }

    private static void ReadQuality(ref Utf8JsonReader reader, string path, ref Fields fields)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.quality is {JsonFaults.Name(reader.TokenType)}; it is a list of flags.");
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ResultQuality? flag = reader.TokenType != JsonTokenType.String ? null
                : reader.ValueTextEquals("outOfRange"u8) ? ResultQuality.OutOfRange
                : reader.ValueTextEquals("clockSuspect"u8) ? ResultQuality.ClockSuspect
                : reader.ValueTextEquals("maintenance"u8) ? ResultQuality.Maintenance
                : reader.ValueTextEquals("fault"u8) ? ResultQuality.Fault
                : null;
            if (flag is { } known)
                fields.Quality |= known;
            else
                fields.Refuse(DeadLetterReason.InvalidValue, $"{path}.quality holds {JsonFaults.Show(ref reader)}; the flags are outOfRange, clockSuspect, maintenance and fault.");
            reader.Skip();
        }
    }

    /// <summary>The fields of one observation as far as they were read, and the first fault among them.</summary>
    private struct Fields
    {
        public string? Datastream;
        public DateTimeOffset? Time;
        public DateTimeOffset? ResultTime;
        public ObservationResult? Result;
        public ResultQuality Quality;

        public (DeadLetterReason Reason, string Detail)? Fault { get; private set; }

        public void Refuse(DeadLetterReason reason, string detail) => Fault ??= (reason, detail);

        public void Once(bool already, string path, string field)
        {
            if (already)
                Refuse(DeadLetterReason.Malformed, $"{path}.{field} stands twice; send it once.");
        }

        public void FaultIfAbsent(string path)
        {
            if (Fault is not null)
                return;
            if (Datastream is null)
                Refuse(DeadLetterReason.Malformed, $"{path}.datastream is missing; name the datastream.");
            else if (Time is null)
                Refuse(DeadLetterReason.MissingTime, $"{path}.time is missing; send the time of the measurement with its zone: this service invents none.");
            else if (Result is null)
                Refuse(DeadLetterReason.Malformed, $"{path}.result is missing; send a number, or a string for a category.");
        }
    }
}
