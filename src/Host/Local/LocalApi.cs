using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.People;
using Monitoring.Detection.Imagery.Redetect;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Learning;
using Monitoring.Host.Commands;
using Monitoring.Ingest.Plans;
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

    /// <summary>What a proxy adds to requests that are not its own.</summary>
    private static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Via"];

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

    /// <summary>
    /// Shuts the door for everybody but a command on this machine, before a byte of a body is read and before anything believes what a
    /// proxy says of addresses. Put it before all other middleware.
    /// </summary>
    public static void Guard(IApplicationBuilder app, string key)
    {
        var right = Encoding.UTF8.GetBytes(key);
        app.Use(async (context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments("/local", StringComparison.OrdinalIgnoreCase) || Knows(context, right))
            {
                await next(context);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
    }

    private static bool Knows(HttpContext context, byte[] key)
    {
        var headers = context.Request.Headers;
        return context.Connection.RemoteIpAddress is { } remote && System.Net.IPAddress.IsLoopback(remote)
            && !Forwarded.Any(headers.ContainsKey)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(headers[Header].ToString()), key);
    }

    /// <summary>The endpoints behind <see cref="Guard"/>.</summary>
    public static void Map(WebApplication app)
    {
        var group = app.MapGroup("/local").ExcludeFromDescription().AllowAnonymous();
        group.MapPost("/import", (ImportRequest request, [FromServices] IRegisterImport import, CancellationToken cancellationToken) => import.ImportAsync(request, cancellationToken));
        group.MapPost("/ask", (RegisterQuery query, [FromServices] RegisterQueries queries, CancellationToken cancellationToken) => queries.AskAsync(query, cancellationToken));
        group.MapPost("/check", (ConflictRequest request, [FromServices] ConflictWork work, [FromServices] PlanIndexSource source, CancellationToken cancellationToken) =>
            work.RunAsync(request, source, cancellationToken));
        group.MapPost("/scenes", (SceneRequest request, [FromServices] ISceneIntake intake, CancellationToken cancellationToken) =>
            intake.AddAsync(request.Path, request.Actor, request.AcquiredAt, cancellationToken));
        group.MapPost("/replay", (ReplayRequest request, [FromServices] ReplayDoor door, CancellationToken cancellationToken) => door.ReplayAsync(request.Path, cancellationToken));
        group.MapPost("/redetect", (RedetectRequest request, [FromServices] Redetection redetection, CancellationToken cancellationToken) =>
            redetection.RunAsync(request.Scene, request.Detector, cancellationToken));
        group.MapPost("/reset-password", (ResetRequest request, [FromServices] PasswordReset reset, CancellationToken cancellationToken) =>
            reset.ResetAsync(request.User, request.Actor, cancellationToken));
        group.MapPost("/model", (ModelRequest request, [FromServices] IViolationModels models, CancellationToken cancellationToken) =>
            ModelCommand.DoAsync(models, request, cancellationToken));
        group.MapGet("/caught-up", async ([FromServices] CaughtUp progress, CancellationToken cancellationToken) =>
        {
            await progress.WaitAsync(cancellationToken);
            return Results.NoContent();
        });
    }

    internal sealed record SceneRequest(string Path, string Actor, DateTimeOffset? AcquiredAt = null);

    internal sealed record RedetectRequest(string Scene, string? Detector);

    internal sealed record ResetRequest(string User, string Actor);

    internal sealed record ReplayRequest(string Path);
}
