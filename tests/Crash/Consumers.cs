using Monitoring.TestKit;

namespace Monitoring.Crash;

/// <summary>The service's consumers of committed data.</summary>
internal static class Consumers
{
    /// <summary>Completes when the service says that everything committed is worked through.</summary>
    public static async Task CaughtUpAsync(ServiceProcess service, string data, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = service.Http, Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Add("X-Monitoring-Local-Key", await File.ReadAllTextAsync(Path.Combine(data, "keys", "local.key"), cancellationToken));
        (await http.GetAsync(new Uri("local/caught-up", UriKind.Relative), cancellationToken)).EnsureSuccessStatusCode();
    }
}
