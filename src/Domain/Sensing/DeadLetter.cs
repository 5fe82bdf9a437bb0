namespace Monitoring.Domain.Sensing;

/// <summary>Input that was refused, kept with the reason so that nothing vanishes without a word.</summary>
public sealed record DeadLetter
{
    /// <summary>Which door, for example <c>mqtt</c>.</summary>
    public required string Door { get; init; }

    /// <summary>The device as authenticated, or null when it is unknown.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Topic, path or file the input came by.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset ReceivedTime { get; init; }

    public required DeadLetterReason Reason { get; init; }

    /// <summary>One sentence: what, where, how to mend.</summary>
    public required string Detail { get; init; }

    /// <summary>The input, cut to the door's limit (<see cref="PayloadLength"/> tells the whole length in bytes).</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required long PayloadLength { get; init; }
}

/// <summary>Why input was refused; also the label of the ledger's rejected counters.</summary>
public enum DeadLetterReason
{
    /// <summary>Not JSON, or not the shape the format page describes.</summary>
    Malformed,

    /// <summary>A field has a wrong type or an impossible value.</summary>
    InvalidValue,

    /// <summary>No event time, or a time without a zone.</summary>
    MissingTime,

    /// <summary>Event time is implausibly far ahead of ours or before the door's earliest time.</summary>
    ImplausibleTime,

    UnknownDatastream,

    /// <summary>The topic is not one this device may publish to.</summary>
    ForeignTopic,

    /// <summary>More bytes or more observations than the door allows.</summary>
    TooLarge,

    /// <summary>Same datastream and phenomenon time as an accepted observation, but a different result.</summary>
    Conflict,
}

/// <summary>A dead letter as read back. Sequences start at 1.</summary>
public sealed record StoredDeadLetter(long Sequence, DeadLetter Letter);
