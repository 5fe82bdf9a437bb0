using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Mqtt;

/// <summary>What every connection of the door works with.</summary>
internal sealed class DoorServices(MqttDoorOptions options, IngestPipeline pipeline, NewestTimes newest, DeviceDirectory directory, TimeProvider clock, ILogger<DoorServices> log)
{
    public MqttDoorOptions Options => options;

    public IngestPipeline Pipeline => pipeline;

    public NewestTimes Newest => newest;

    public DeviceDirectory Directory => directory;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public ByteBudget Budget { get; } = new(options.MaxBytesInFlight);

    /// <summary>The newest channel of each connected device.</summary>
    public ConcurrentDictionary<string, DeviceChannel> Connected { get; } = new(StringComparer.Ordinal);

    public AttemptLimiter Attempts { get; } = new(options.RefusedAttemptsPerMinute, clock);
}
