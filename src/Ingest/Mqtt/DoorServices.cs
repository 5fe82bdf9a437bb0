using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Monitoring.Ingest.Devices;
using Monitoring.Ingest.Pipeline;

namespace Monitoring.Ingest.Mqtt;

/// <summary>What every connection of the door works with.</summary>
internal sealed class DoorServices(MqttDoorOptions options, IngestPipeline pipeline, NewestTimes newest, DeviceDirectory directory, TimeProvider clock, ILogger<DoorServices> log)
{
    private readonly ConcurrentDictionary<string, DeviceQuota> _quotas = new(StringComparer.Ordinal);

    public MqttDoorOptions Options => options;

    public IngestPipeline Pipeline => pipeline;

    public NewestTimes Newest => newest;

    public DeviceDirectory Directory => directory;

    public TimeProvider Clock => clock;

    public ILogger Log => log;

    public ByteBudget Budget { get; } = new(Math.Max(options.MaxBytesInFlight, options.LongestPacket));

    /// <summary>The newest channel of each connected device.</summary>
    public ConcurrentDictionary<string, DeviceChannel> Connected { get; } = new(StringComparer.Ordinal);

    public AttemptLimiter Attempts { get; } = new(options.RefusedAttemptsPerMinute, options.RefusedAttemptsPerMinuteOfAddress, clock);

    public UnknownConnections Unknown { get; } = new(options.MaxUnknownConnectionsPerAddress);

    /// <summary>The quota of an authenticated device; one for each that ever connected.</summary>
    public DeviceQuota QuotaOf(string deviceId) => _quotas.GetOrAdd(deviceId, static (_, door) => new DeviceQuota(door.Options, door.Clock), this);
}
