using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Monitoring.Dashboard.Api;

namespace Monitoring.Dashboard.People;

/// <summary>Who may come in: policies by role, and the header that a foreign page cannot send.</summary>
internal static class Guards
{
    public const string Officer = "officer";
    public const string Administrator = "administrator";

    /// <summary>An administrator without region limit: for what has no region, such as the audit trail and the people.</summary>
    public const string WholeAdministrator = "whole-administrator";

    /// <summary>Signed in, password change pending allowed: only for the session itself.</summary>
    public const string SignedIn = "signed-in";

    public const string Header = "X-Requested-With";
    public const string HeaderValue = "monitoring";

    public static void Configure(AuthorizationOptions options)
    {
        options.FallbackPolicy = options.DefaultPolicy = AtLeast(Role.Viewer);
        options.AddPolicy(SignedIn, static p => p.RequireAuthenticatedUser());
        options.AddPolicy(Officer, AtLeast(Role.Officer));
        options.AddPolicy(Administrator, AtLeast(Role.Administrator));
        options.AddPolicy(
            WholeAdministrator,
            new AuthorizationPolicyBuilder(AtLeast(Role.Administrator)).RequireAssertion(static c => c.User.ScopeOf().RegionPrefixes is null).Build());
    }

    private static AuthorizationPolicy AtLeast(Role role) => new AuthorizationPolicyBuilder()
        .RequireAuthenticatedUser()
        .RequireAssertion(c => c.User.RoleOf() >= role && !c.User.MustChangePassword())
        .Build();

    /// <summary>
    /// State-changing requests need a header that a form or a link of another site cannot set, and no request may come from another
    /// origin's page; the cookie is SameSite=Strict besides.
    /// </summary>
    public static async Task DemandSameSiteAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method));
        if (request.Headers.Origin is [{ Length: > 0 } origin] && !SameOrigin(origin, request))
        {
            await Refuse("The request comes from a page of another origin.").ExecuteAsync(context);
        }
        else if (changes && request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && request.Headers[Header] != HeaderValue)
        {
            await Refuse($"A request that changes something needs the header {Header}: {HeaderValue}.").ExecuteAsync(context);
        }
        else
        {
            await next(context);
        }
    }

    private static bool SameOrigin(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult Refuse(string detail) => Problems.Forbidden(detail);
}
