using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Monitoring.Dashboard.Api;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.People;

/// <summary>Signing in and out, and one's own password.</summary>
internal static class SessionEndpoints
{
    private static readonly string Version =
        typeof(SessionEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static void MapSession(this IEndpointRouteBuilder api)
    {
        api.MapGet("/session", Session).AllowAnonymous();
        api.MapPost("/session", SignInAsync).AllowAnonymous().RequireRateLimiting(PeopleRegistration.SignInLimit);
        api.MapDelete("/session", SignOutAsync).RequireAuthorization(Guards.SignedIn);
        api.MapPost("/session/password", ChangePasswordAsync).RequireAuthorization(Guards.SignedIn).RequireRateLimiting(PeopleRegistration.SignInLimit);
    }

    private static Ok<SessionView> Session(HttpContext context, DashboardOptions options)
    {
        var me = context.User;
        var signedIn = me.Identity?.IsAuthenticated is true && me.RoleOf() is not null;
        return TypedResults.Ok(new SessionView(
            signedIn,
            signedIn ? new SessionUserView(me.NameOf(), me.DisplayNameOf(), me.RoleOf()!.Value, me.ScopeOf().RegionPrefixes, me.MustChangePassword()) : null,
            options.Demonstration,
            Version,
            options.TimeZone,
            signedIn && options.BaseMap is { } map ? new BaseMapView(map.UrlTemplate, map.Attribution, map.MaxZoom) : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SignInAsync(
        SignInRequest request, HttpContext context, UserManager<Person> people, SignInManager<Person> sessions, IAuditTrail audit, PeopleAuditor auditor,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.User is not { Length: > 0 and <= 64 } || request.Password is not { Length: > 0 and <= 256 })
        {
            return Problems.Bad("Signing in needs a user (1 to 64 characters) and a password (1 to 256).");
        }

        var from = context.Connection.RemoteIpAddress?.ToString();
        if (await people.FindByNameAsync(request.User) is not { } person)
        {
            // As much work as for a person who exists, so that the time does not tell.
            _ = people.PasswordHasher.HashPassword(new Person(), request.Password);
            await audit.AppendAsync(auditor.Entry(request.User, "user.sign-in-failed", request.User, ("from", from), ("why", "unknown user")), cancellationToken);
            return Wrong();
        }

        var result = await sessions.CheckPasswordSignInAsync(person, request.Password, lockoutOnFailure: true);
        if (result.IsLockedOut)
        {
            await audit.AppendAsync(auditor.Entry(person.UserName!, "user.sign-in-failed", person.UserName!, ("from", from), ("why", "locked out")), cancellationToken);
            var wait = (person.LockoutEnd - clock.GetUtcNow())?.TotalSeconds ?? 60;
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait)).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many wrong passwords: the account is locked for a while.");
        }

        if (!result.Succeeded)
        {
            await audit.AppendAsync(auditor.Entry(person.UserName!, "user.sign-in-failed", person.UserName!, ("from", from), ("why", "wrong password")), cancellationToken);
            return Wrong();
        }

        await audit.AppendAsync(auditor.Entry(person.UserName!, "user.sign-in", person.UserName!, ("from", from)), cancellationToken);
        await sessions.SignInAsync(person, isPersistent: false);
        return TypedResults.NoContent();

        static ProblemHttpResult Wrong() => Problems.Of(StatusCodes.Status401Unauthorized, "User or password is wrong.");
    }

    private static async Task<NoContent> SignOutAsync(HttpContext context, IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        var name = context.User.NameOf();
        await audit.AppendAsync(auditor.Entry(name, "user.sign-out", name), cancellationToken);
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        PasswordRequest request, HttpContext context, UserManager<Person> people, SignInManager<Person> sessions, PeopleStamps stamps, IAuditTrail audit,
        PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        if (request.Current is not { Length: > 0 and <= 256 } || request.Next is not { Length: > 0 and <= 256 })
        {
            return Problems.Bad("Changing the password needs the current and the next one, at most 256 characters each.");
        }

        if (await people.GetUserAsync(context.User) is not { } person)
        {
            return Problems.Of(StatusCodes.Status401Unauthorized, "Sign in first.");
        }

        if (request.Current == request.Next)
        {
            return Problems.Bad("The next password must differ from the current one.");
        }

        if (await people.IsLockedOutAsync(person))
        {
            return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many wrong passwords: the account is locked for a while.");
        }

        if (!await people.CheckPasswordAsync(person, request.Current))
        {
            await people.AccessFailedAsync(person);
            await audit.AppendAsync(auditor.Entry(person.UserName!, "user.sign-in-failed", person.UserName!, ("why", "wrong current password")), cancellationToken);
            return Problems.Of(StatusCodes.Status401Unauthorized, "The current password is wrong.");
        }

        person.MustChangePassword = false;
        person.FirstRun = false;
        if (await people.ChangePasswordAsync(person, request.Current, request.Next) is { Succeeded: false } refused)
        {
            return Problems.Bad(string.Join(' ', refused.Errors.Select(static e => e.Description)));
        }

        await audit.AppendAsync(auditor.Entry(person.UserName!, "user.password", person.UserName!), cancellationToken);
        stamps.Forget(person.Id);
        await sessions.SignInAsync(person, isPersistent: false);
        return TypedResults.NoContent();
    }
}
