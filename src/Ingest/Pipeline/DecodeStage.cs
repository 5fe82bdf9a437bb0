using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>Chooses the decoder by the message's address. Thread-safe.</summary>
public sealed class DecodeStage(ObservationsJsonDecoder observations, SenMlDecoder senMl)
{
    public DecodedMessage Decode(InboundMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeviceTopic.KindOf(message.Device.Device.Id, message.Address) switch
        {
            DeviceTopicKind.Observations => observations.Decode(message),
            DeviceTopicKind.SenMl => senMl.Decode(message),
            _ => DecodedMessage.Refused(
                message,
                DeadLetterReason.ForeignTopic,
                $"Device {message.Device.Device.Id} may not publish to '{DeviceTopic.Show(message.Address)}'; its topics are "
                + $"devices/{message.Device.Device.Id}/obs and devices/{message.Device.Device.Id}/senml."),
        };
    }
}
