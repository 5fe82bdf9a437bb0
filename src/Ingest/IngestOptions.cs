using Monitoring.Ingest.Mqtt;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Scenes;

namespace Monitoring.Ingest;

/// <summary>Everything that can be set about the doors.</summary>
public sealed record IngestOptions
{
    public PipelineOptions Pipeline { get; init; } = new();

    public MqttDoorOptions Mqtt { get; init; } = new();

    public PlanImportOptions Plans { get; init; } = new();

    public SceneOptions Scenes { get; init; } = new();

    /// <summary>IANA zone of dates in files that say no zone. Default Asia/Shanghai.</summary>
    public string TimeZone { get; init; } = "Asia/Shanghai";

    /// <summary>One sentence for each option outside its range; empty when all is well.</summary>
    public IReadOnlyList<string> Problems() => [.. Pipeline.Problems(), .. Mqtt.Problems(), .. Plans.Problems(), .. Scenes.Problems()];
}
