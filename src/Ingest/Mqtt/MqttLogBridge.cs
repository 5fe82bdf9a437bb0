using System.Globalization;
using Microsoft.Extensions.Logging;
using MQTTnet.Diagnostics.Logger;

namespace Monitoring.Ingest.Mqtt;

/// <summary>MQTTnet's own log lines at debug level: what operators need to know, the door says in its own sentences.</summary>
internal sealed class MqttLogBridge(ILogger log) : IMqttNetLogger
{
    public bool IsEnabled => log.IsEnabled(LogLevel.Debug);

    public void Publish(MqttNetLogLevel level, string source, string message, object[]? parameters, Exception? exception)
    {
        if (!IsEnabled)
            return;
        var text = parameters is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, message, parameters) : message;
        log.LogDebug(exception, "MQTTnet {Level} {Source}: {Message}", level, source, text);
    }
}
