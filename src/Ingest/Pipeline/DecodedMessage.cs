using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>What a decoder could read of a message.</summary>
/// <param name="Sequence">The device's own counter, if it sent one.</param>
/// <param name="Observations">What was well formed.</param>
/// <param name="Refusals">What was not.</param>
public sealed record DecodedMessage(
    InboundMessage Message, long? Sequence, IReadOnlyList<DecodedObservation> Observations, IReadOnlyList<Refusal> Refusals)
{
    /// <summary>The whole message is refused; it counts as one.</summary>
    public static DecodedMessage Refused(InboundMessage message, DeadLetterReason reason, string detail) =>
        new(message, null, [], [new Refusal(reason, detail, message.Payload)]);
}

/// <summary>An observation as the payload states it, not yet set against the register and the clock.</summary>
/// <param name="Datastream">Name within the device.</param>
/// <param name="Path">Where it stands in the payload, for example <c>$.observations[3]</c>.</param>
/// <param name="Part">Its bytes.</param>
public sealed record DecodedObservation(
    string Datastream,
    DateTimeOffset Time,
    DateTimeOffset? ResultTime,
    ObservationResult Result,
    ResultQuality Quality,
    string Path,
    ReadOnlyMemory<byte> Part);

/// <summary>Input that was refused.</summary>
/// <param name="Detail">One sentence: what, where, how to mend.</param>
/// <param name="Part">The bytes it is about: one observation, or the whole message.</param>
public sealed record Refusal(DeadLetterReason Reason, string Detail, ReadOnlyMemory<byte> Part)
{
    /// <summary>True when it is refused for a time ahead of this machine's clock.</summary>
    public bool IsAhead { get; init; }
}
