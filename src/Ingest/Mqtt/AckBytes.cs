using System.Buffers;
using System.Buffers.Binary;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;
using MQTTnet.Protocol;

namespace Monitoring.Ingest.Mqtt;

/// <summary>PUBACK and PUBREC of both versions (MQTT 5: 3.4 and 3.5; the reason code is left out for success, properties are never sent).</summary>
internal static class AckBytes
{
    private const byte PubAck = 0x40;
    private const byte PubRec = 0x50;

    /// <summary>Nothing for quality of service 0.</summary>
    public static void Write(IBufferWriter<byte> output, HeldAck held, bool version5)
    {
        if (held.Quality == MqttQualityOfServiceLevel.AtMostOnce)
            return;
        var reason = version5 ? ReasonOf(held.Taken) : MqttPubAckReasonCode.Success;
        var length = reason == MqttPubAckReasonCode.Success ? 2 : 3;
        var span = output.GetSpan(2 + length);
        span[0] = held.Quality == MqttQualityOfServiceLevel.AtLeastOnce ? PubAck : PubRec;
        span[1] = (byte)length;
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], held.PacketIdentifier);
        if (length == 3)
            span[4] = (byte)reason;
        output.Advance(2 + length);
    }

    /// <summary>A device that learns that its whole message was refused can be mended; either way the message is settled and not sent again.</summary>
    public static MqttPubAckReasonCode ReasonOf(Taken? taken) => taken is not Taken.Durable { WhollyRefusedFor: { } reason } ? MqttPubAckReasonCode.Success
        : reason switch
        {
            DeadLetterReason.ForeignTopic => MqttPubAckReasonCode.NotAuthorized,
            DeadLetterReason.TooLarge => MqttPubAckReasonCode.QuotaExceeded,
            DeadLetterReason.Conflict => MqttPubAckReasonCode.Success,
            _ => MqttPubAckReasonCode.PayloadFormatInvalid,
        };
}
