using System.Globalization;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Sets decoded observations against the register (does the device have the datastream, does the result fit it) and against the clock.
/// Good observations of a message are kept, bad ones become dead letters. Thread-safe.
/// </summary>
public sealed class ValidateStage(PipelineOptions options, NewestTimes newest)
{
    public ValidatedMessage Validate(DecodedMessage decoded)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        var message = decoded.Message;
        var good = new List<Observation>(decoded.Observations.Count);
        List<Refusal>? refusals = decoded.Refusals.Count > 0 ? [.. decoded.Refusals] : null;
        foreach (var observation in decoded.Observations)
        {
            if (Fault(observation, message, out var datastream) is { } refusal)
            {
                (refusals ??= []).Add(refusal);
                continue;
            }

            var quality = observation.Quality;
            if (observation.Time - message.ReceivedTime > options.ClockSuspectAfter)
                quality |= ResultQuality.ClockSuspect;
            if (newest.IsBehind(datastream.Id, observation.Time))
                quality |= ResultQuality.Late;
            good.Add(new Observation
            {
                DatastreamId = datastream.Id,
                PhenomenonTime = observation.Time,
                ResultTime = observation.ResultTime,
                ReceivedTime = message.ReceivedTime,
                Result = observation.Result,
                Quality = quality,
                DeviceSequence = decoded.Sequence,
            });
        }

        return refusals is null
            ? new ValidatedMessage(message, new ObservationBatch(good, []), NothingRefused, null)
            : new ValidatedMessage(
                message,
                new ObservationBatch(good, Letters(message, refusals)),
                refusals.GroupBy(r => r.Reason).ToDictionary(g => g.Key, g => g.Count()),
                refusals[0].Detail);
    }

    private static readonly Dictionary<DeadLetterReason, int> NothingRefused = [];

    private Refusal? Fault(DecodedObservation observation, InboundMessage message, out Datastream datastream)
    {
        datastream = null!;
        foreach (var candidate in message.Device.Datastreams)
        {
            if (candidate.Name == observation.Datastream)
                datastream = candidate;
        }

        if (datastream is null)
        {
            return new Refusal(
                DeadLetterReason.UnknownDatastream,
                $"{observation.Path}.datastream is '{DeviceTopic.Show(observation.Datastream)}', which device {message.Device.Device.Id} does not have; "
                + "import it with devices.json or send one of the registered names.",
                observation.Part);
        }

        if (observation.Time - message.ReceivedTime > options.FutureTolerance)
        {
            return new Refusal(
                DeadLetterReason.ImplausibleTime,
                $"{observation.Path}.time is {Show(observation.Time)}, {Ahead(observation.Time - message.ReceivedTime)} ahead of this server; "
                + "set the device's clock.",
                observation.Part);
        }

        if (observation.Time < options.EarliestTime)
        {
            return new Refusal(
                DeadLetterReason.ImplausibleTime,
                $"{observation.Path}.time is {Show(observation.Time)}, before {Show(options.EarliestTime)}; set the device's clock before it stamps results.",
                observation.Part);
        }

        if (datastream.Aggregation == Aggregation.None ? observation.Result.Text is null : observation.Result.Number is null)
        {
            return new Refusal(
                DeadLetterReason.InvalidValue,
                datastream.Aggregation == Aggregation.None
                    ? $"{observation.Path}.result is a number, but datastream '{datastream.Name}' holds categories; send the category as a string."
                    : $"{observation.Path}.result is a string, but datastream '{datastream.Name}' is measured in {datastream.Unit}; send a number.",
                observation.Part);
        }

        return null;
    }

    private List<DeadLetter> Letters(InboundMessage message, List<Refusal> refusals)
    {
        var single = refusals.Count <= options.MaxDeadLettersPerMessage ? refusals.Count : options.MaxDeadLettersPerMessage - 1;
        var letters = refusals.Take(single).Select(r => Letter(message, r.Reason, r.Detail, r.Part)).ToList();
        foreach (var rest in refusals.Skip(single).GroupBy(r => r.Reason))
        {
            var count = rest.Count();
            letters.Add(Letter(
                message,
                rest.Key,
                count == 1 ? rest.First().Detail : string.Create(CultureInfo.InvariantCulture, $"{count} more observations of this message were refused for the same reason; the first: {rest.First().Detail}"),
                message.Payload));
        }

        return letters;
    }

    private DeadLetter Letter(InboundMessage message, DeadLetterReason reason, string detail, ReadOnlyMemory<byte> part) => new()
    {
        Door = message.Door,
        DeviceId = message.Device.Device.Id,
        Address = DeviceTopic.Show(message.Address),
        ReceivedTime = message.ReceivedTime,
        Reason = reason,
        Detail = detail,
        Payload = part.Length <= options.MaxDeadLetterBytes ? part : part[..options.MaxDeadLetterBytes],
        PayloadLength = part.Length,
    };

    private static string Show(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Ahead(TimeSpan span) =>
        span.TotalHours < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} minutes")
            : string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} hours");
}
