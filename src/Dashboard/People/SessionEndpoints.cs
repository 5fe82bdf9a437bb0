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
        api.MapPost("/session", SignInAsync).AllowAnonymous().RequireRateLimiting(CostLimits.SignIn);
        api.MapDelete("/session", SignOutAsync).RequireAuthorization(Guards.SignedIn);
        api.MapPost("/session/password", ChangePasswordAsync).RequireAuthorization(Guards.SignedIn).RequireRateLimiting(CostLimits.SignIn);
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
        SignInRequest request, HttpContext context, UserManager<Person> people, SignInManager<Person> sessions, PeopleKeeper keeper, SignInGate gate,
        IAuditTrail audit, PeopleAuditor auditor, CancellationToken cancellationToken)
    {
        if (request.User is not { Length: > 0 and <= 64 } || request.Password is not { Length: > 0 and <= 256 })
        {
            return Problems.Bad("Signing in needs a user (1 to 64 characters) and a password (1 to 256).");
        }

        var from = Addresses.KeyOf(context.Connection.RemoteIpAddress);
        var name = people.NormalizeName(request.User)!;
        var person = await people.FindByNameAsync(request.User);
        if (gate.Enter(name, from, await keeper.KnowsAsync(person?.Id, from, cancellationToken)) is { } wait)
        {
            return Wait(context, wait);
        }

        // From here on nothing is cancelled: who hangs up after a guess leaves a trace all the same.
        if (person is null)
        {
            // As much work as for a person who exists, so that the time does not tell.
            _ = people.PasswordHasher.HashPassword(new Person(), request.Password);
        }
        else if (await people.CheckPasswordAsync(person, request.Password))
        {
            var claims = await keeper.OpenSessionAsync(person, from);
            gate.Succeeded(name, from);
            await sessions.SignInWithClaimsAsync(person, isPersistent: false, claims);
            return TypedResults.NoContent();
        }

        await TellFailureAsync(person?.UserName ?? request.User, name, from, person is null ? "unknown user" : "wrong password", person is not null, gate, audit, auditor);
        return Problems.Of(StatusCodes.Status401Unauthorized, "User or password is wrong.");
    }

    private static async Task<NoContent> SignOutAsync(HttpContext context, UserManager<Person> people, PeopleKeeper keeper)
    {
        await keeper.CloseSessionAsync(people.GetUserId(context.User)!, context.User.NameOf(), context.User.SessionOf());
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        PasswordRequest request, HttpContext context, UserManager<Person> people, SignInManager<Person> sessions, PeopleKeeper keeper, SignInGate gate,
        IAuditTrail audit, PeopleAuditor auditor)
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

        var from = Addresses.KeyOf(context.Connection.RemoteIpAddress);
        if (gate.Enter(person.NormalizedUserName!, from, known: true) is { } wait)
        {
            return Wait(context, wait);
        }

        if (!await people.CheckPasswordAsync(person, request.Current))
        {
            await TellFailureAsync(person.UserName!, person.NormalizedUserName!, from, "wrong current password", true, gate, audit, auditor);
            return Problems.Of(StatusCodes.Status401Unauthorized, "The current password is wrong.");
        }

        gate.Succeeded(person.NormalizedUserName!, from);
        if (await keeper.ChangePasswordAsync(person, request.Current, request.Next) is { } refused)
        {
            return Problems.Bad(refused);
        }

        await sessions.SignInWithClaimsAsync(person, isPersistent: false, await keeper.OpenSessionAsync(person, from));
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult Wait(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problems.Of(StatusCodes.Status429TooManyRequests, "Too many wrong passwords: wait a moment before the next try.");
    }

    /// <summary>Nobody has shown who they are, so nobody is named as the actor.</summary>
    private static async Task TellFailureAsync(
        string subject, string name, string from, string why, bool exists, SignInGate gate, IAuditTrail audit, PeopleAuditor auditor)
    {
        if (gate.ToTell(name, from, exists) is { Failures: var failures, Refused: var refused })
        {
            var entry = auditor.Entry(
                "anonymous", "user.sign-in-failed", subject, ("failures", failures.ToString(CultureInfo.InvariantCulture)), ("from", from),
                ("refused", refused == 0 ? null : refused.ToString(CultureInfo.InvariantCulture)), ("why", why));
            await audit.AppendAsync(entry, CancellationToken.None);
        }
    }
}
