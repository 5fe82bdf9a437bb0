using System.Globalization;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Sets decoded observations against the register (does the device have the datastream, does the result fit it) and against the clock.
/// Good observations of a message are kept, bad ones become dead letters. Thread-safe.
/// </summary>
public sealed class ValidateStage(PipelineOptions options, NewestTimes newest)
{
    private readonly DeadLetterQuota _quota = new(options.MaxDeadLettersPerDeviceAndHour);

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

        // Then it is our clock that is wrong, and the device's may be right: refusing would throw good observations away for good.
        if (refusals?.Exists(static r => r is { Reason: DeadLetterReason.ImplausibleTime, IsAhead: true }) == true && message.ReceivedTime < newest.NewestReceived)
        {
            return new ValidatedMessage(message, new ObservationBatch(good, []), Counts(refusals), refusals[0].Detail)
            {
                ReturnedFor = $"This machine's clock says {Show(message.ReceivedTime)}, but observations were received at {Show(newest.NewestReceived)} already; set the clock.",
            };
        }

        return refusals is null
            ? new ValidatedMessage(message, new ObservationBatch(good, []), NothingRefused, null)
            : new ValidatedMessage(
                message,
                new ObservationBatch(good, WithinQuota(Letters(message, refusals))),
                Counts(refusals),
                refusals[0].Detail);
    }

    /// <summary>As many of a device's letters as its quota of the hour leaves; the last one says so.</summary>
    public IReadOnlyList<DeadLetter> WithinQuota(IReadOnlyList<DeadLetter> letters)
    {
        ArgumentNullException.ThrowIfNull(letters);
        if (letters.Count == 0)
            return letters;
        var (granted, isLast) = _quota.Take(letters[0].DeviceId ?? "", letters.Count, letters[0].ReceivedTime);
        var kept = letters.Take(granted).ToList();
        if (isLast)
        {
            kept[^1] = kept[^1] with
            {
                Detail = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kept[^1].Detail} This is letter {options.MaxDeadLettersPerDeviceAndHour} of the device in an hour; what else is refused in it is counted and not kept."),
            };
        }

        return kept;
    }

    private static readonly Dictionary<DeadLetterReason, int> NothingRefused = [];

    private static Dictionary<DeadLetterReason, int> Counts(List<Refusal> refusals) => refusals.GroupBy(r => r.Reason).ToDictionary(g => g.Key, g => g.Count());

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
                observation.Part) { IsAhead = true };
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
