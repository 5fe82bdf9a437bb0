using System.Globalization;

namespace Monitoring.Ingest.Tests.Fakes;

internal static class Payload
{
    public static DateTimeOffset Start { get; } = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>One observation of pm10, its time counted in seconds from 2026-05-01T08:00:00+08:00.</summary>
    public static string Pm10(int second, double result = 71) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"seq":{{second}},"observations":[{"datastream":"pm10","time":"{{Start.AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ}}","result":{{result}}}]}""");
}
