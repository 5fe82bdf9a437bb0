namespace Monitoring.Detection.Telemetry;

/// <summary>How telemetry is read.</summary>
public sealed record TelemetryOptions
{
    /// <summary>How far behind a datastream's newest phenomenon time its data may still come before a window closes. 0 to 24 h, default 10 min.</summary>
    public TimeSpan AllowedLateness { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Observations in one step, 1 to 100 000, default 5000. Findings do not depend on it.</summary>
    public int BatchSize { get; init; } = 5000;

    /// <summary>One sentence for each thing that is wrong.</summary>
    public IEnumerable<string> Faults()
    {
        if (AllowedLateness < TimeSpan.Zero || AllowedLateness > TimeSpan.FromHours(24))
        {
            yield return "Telemetry: the allowed lateness is 0 to 24 hours.";
        }

        if (BatchSize is < 1 or > 100_000)
        {
            yield return "Telemetry: the batch size is 1 to 100000.";
        }
    }
}
