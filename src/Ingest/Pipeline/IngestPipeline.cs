using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// The river of telemetry: decode → validate → commit → ack. Thread-safe. Decoding and validating run on the caller before the method
/// returns its task, so a door that calls in order of arrival keeps that order up to the commit.
/// </summary>
public sealed class IngestPipeline(DecodeStage decode, ValidateStage validate, CommitStage commit)
{
    /// <summary>Takes one message. The ack stage is called once, after the durable commit or after the commit failed.</summary>
    public async Task TakeAsync(InboundMessage message, IAckStage ack, CancellationToken cancellationToken) =>
        ack.Settle(await commit.CommitAsync(validate.Validate(decode.Decode(message)), cancellationToken));

    /// <summary>Puts on record that a device sent more than its door takes; the bytes were not read.</summary>
    public Task<Taken> RefuseUnreadAsync(
        RegisteredDevice device, string door, string detail, long length, DateTimeOffset receivedTime, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(device);
        var message = new InboundMessage { Door = door, Device = device, Address = "(not read)", Payload = default, ReceivedTime = receivedTime };
        var letter = new DeadLetter
        {
            Door = door,
            DeviceId = device.Device.Id,
            Address = message.Address,
            ReceivedTime = receivedTime,
            Reason = DeadLetterReason.TooLarge,
            Detail = detail,
            Payload = default,
            PayloadLength = length,
        };
        return commit.CommitAsync(
            new ValidatedMessage(message, new ObservationBatch([], validate.WithinQuota([letter])), new Dictionary<DeadLetterReason, int> { [DeadLetterReason.TooLarge] = 1 }, detail),
            cancellationToken);
    }
}
