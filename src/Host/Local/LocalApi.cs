using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Monitoring.Domain.Intake;
using Monitoring.Ingest.Replay;

namespace Monitoring.Host.Local;

/// <summary>
/// The door through which a command on the same machine writes into the registers while a server holds them. It answers only to the
/// key that the server wrote into <c>keys/local.key</c> at its start, readable by the account that runs it and nobody else.
/// </summary>
internal static class LocalApi
{
    /// <summary>Name of the key's file in the folder <c>keys</c>.</summary>
    public const string KeyFile = "local.key";

    public const string Header = "X-Monitoring-Local-Key";

    /// <summary>Writes a fresh key, mode 600.</summary>
    public static async Task<string> WriteKeyAsync(string file, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var stream = new FileStream(file, options);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(key), cancellationToken);
        return key;
    }

    public static void Map(WebApplication app, string key)
    {
        var group = app.MapGroup("/local").ExcludeFromDescription().AllowAnonymous();
        group.AddEndpointFilter(async (context, next) =>
        {
            var given = context.HttpContext.Request.Headers[Header].ToString();
            var remote = context.HttpContext.Connection.RemoteIpAddress;
            var known = remote is not null && System.Net.IPAddress.IsLoopback(remote)
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(key));
            return known ? await next(context) : Results.NotFound();
        });
        group.MapPost("/import", (ImportRequest request, [FromServices] IRegisterImport import, CancellationToken cancellationToken) => import.ImportAsync(request, cancellationToken));
        group.MapPost("/scenes", (SceneRequest request, [FromServices] ISceneIntake intake, CancellationToken cancellationToken) =>
            intake.AddAsync(request.Path, request.Actor, cancellationToken));
        group.MapPost("/replay", (ReplayRequest request, [FromServices] ReplayDoor door, CancellationToken cancellationToken) => door.ReplayAsync(request.Path, cancellationToken));
        group.MapGet("/caught-up", async ([FromServices] CaughtUp progress, CancellationToken cancellationToken) =>
        {
            await progress.WaitAsync(cancellationToken);
            return Results.NoContent();
        });
    }

    internal sealed record SceneRequest(string Path, string Actor);

    internal sealed record ReplayRequest(string Path);
}
