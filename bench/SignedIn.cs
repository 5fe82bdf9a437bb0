using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.SignalR.Client;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary>A signed-in person: HTTP client with the cookie, and hub connections.</summary>
internal sealed partial class SignedIn : IDisposable
{
    private readonly CookieContainer cookies = new();
    private readonly HttpClient http;

    private SignedIn(Uri address)
    {
        http = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies, UseCookies = true }) { BaseAddress = address };
        http.DefaultRequestHeaders.Add("X-Requested-With", "monitoring");
    }

    public HttpClient Http => http;

    /// <summary>Signs in with the password the service printed at its first run, and changes it as it demands.</summary>
    public static async Task<SignedIn> AsFirstAdministratorAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        var match = PrintedPassword().Match(service.Output);
        if (!match.Success)
        {
            throw new InvalidOperationException($"The service printed no first password:\n{service.Output}");
        }

        var person = new SignedIn(service.Http);
        var (user, password) = (match.Groups["user"].Value, match.Groups["password"].Value);
        (await person.http.PostAsJsonAsync("api/session", new { user, password }, cancellationToken)).EnsureSuccessStatusCode();
        var next = password + "-Changed1!";
        (await person.http.PostAsJsonAsync("api/session/password", new { current = password, next }, cancellationToken)).EnsureSuccessStatusCode();
        return person;
    }

    public HubConnection Hub() => new HubConnectionBuilder().WithUrl(new Uri(http.BaseAddress!, "hubs/warnings"), o => o.Cookies = cookies).Build();

    public void Dispose() => http.Dispose();

    [GeneratedRegex(@"first sign-in: user (?<user>\S+) password (?<password>\S+)")]
    private static partial Regex PrintedPassword();
}
