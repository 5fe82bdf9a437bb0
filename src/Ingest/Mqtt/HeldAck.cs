using MQTTnet.Protocol;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Mqtt;

/// <summary>One PUBLISH between its reception and its ack. The channel writes acks in the order of the PUBLISH packets.</summary>
internal sealed class HeldAck(ushort packetIdentifier, MqttQualityOfServiceLevel quality) : IAckStage
{
    public ushort PacketIdentifier => packetIdentifier;

    public MqttQualityOfServiceLevel Quality => quality;

    /// <summary>The pipeline's work on the message; faults only for a bug.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    /// <summary>Set when <see cref="Work"/> has completed.</summary>
    public Taken? Taken { get; private set; }

    public void Settle(Taken taken) => Taken = taken;
}
