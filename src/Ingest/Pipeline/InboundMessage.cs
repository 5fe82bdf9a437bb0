using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>One message as a door took it, from a device that the door has authenticated.</summary>
public sealed record InboundMessage
{
    /// <summary>Which door, for example <c>mqtt</c>.</summary>
    public required string Door { get; init; }

    public required RegisteredDevice Device { get; init; }

    /// <summary>Topic or path it came by.</summary>
    public required string Address { get; init; }

    /// <summary>The bytes. Nobody changes them after the hand-over; the pipeline keeps slices of them until the commit.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>When the door had the whole message.</summary>
    public required DateTimeOffset ReceivedTime { get; init; }
}
