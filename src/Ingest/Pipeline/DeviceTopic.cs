namespace Monitoring.Ingest.Pipeline;

/// <summary>The topics of a device: <c>devices/{id}/obs</c> and <c>devices/{id}/senml</c>.</summary>
public static class DeviceTopic
{
    private const string Root = "devices/";

    /// <summary>Longest topic or filter that is repeated in a sentence.</summary>
    private const int ShownLength = 128;

    /// <summary>What a topic is to a device. Topics of other devices are foreign.</summary>
    public static DeviceTopicKind KindOf(string deviceId, string topic)
    {
        if (!IsBelow(deviceId, topic))
        {
            return DeviceTopicKind.Foreign;
        }

        return topic.AsSpan(Root.Length + deviceId.Length + 1) switch
        {
            "obs" => DeviceTopicKind.Observations,
            "senml" => DeviceTopicKind.SenMl,
            _ => DeviceTopicKind.Foreign,
        };
    }

    /// <summary>True when a topic or filter lies wholly below <c>devices/{id}/</c>.</summary>
    public static bool IsBelow(string deviceId, string topicOrFilter) =>
        topicOrFilter.Length > Root.Length + deviceId.Length + 1
        && topicOrFilter.StartsWith(Root, StringComparison.Ordinal)
        && topicOrFilter.AsSpan(Root.Length).StartsWith(deviceId, StringComparison.Ordinal)
        && topicOrFilter[Root.Length + deviceId.Length] == '/';

    /// <summary>The topic as a sentence or log line may repeat it: cut, control characters replaced.</summary>
    public static string Show(string topic)
    {
        var cut = topic.Length <= ShownLength ? topic : string.Concat(topic.AsSpan(0, ShownLength), "…");
        return string.Create(cut.Length, cut, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(text[i]) ? '\uFFFD' : text[i];
        });
    }
}

public enum DeviceTopicKind
{
    Foreign,
    Observations,
    SenMl,
}
