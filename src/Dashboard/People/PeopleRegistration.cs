using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.Api;

namespace Monitoring.Dashboard.People;

/// <summary>Sign-in: identity core on SQLite, cookie, lockout, rate limit, keys.</summary>
internal static class PeopleRegistration
{
    public static void AddPeople(this IServiceCollection services, DashboardOptions options)
    {
        Directory.CreateDirectory(options.KeysFolder);
        services.AddDataProtection().SetApplicationName("monitoring").PersistKeysToFileSystem(new DirectoryInfo(options.KeysFolder));
        services.AddDbContext<PeopleContext>(db => db.UseSqlite(
            new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder { DataSource = options.PeopleDatabase, DefaultTimeout = 30 }.ToString()));
        services.AddIdentityCore<Person>(identity =>
            {
                identity.Password.RequiredLength = 10;
                identity.Password.RequireDigit = false;
                identity.Password.RequireLowercase = false;
                identity.Password.RequireUppercase = false;
                identity.Password.RequireNonAlphanumeric = false;
                identity.Password.RequiredUniqueChars = 4;
                // Guessing is slowed down by SignInGate: a lockout would let anybody shut out anybody.
                identity.Lockout.AllowedForNewUsers = false;
            })
            .AddEntityFrameworkStores<PeopleContext>()
            .AddSignInManager()
            .AddClaimsPrincipalFactory<PersonPrincipalFactory>();
        services.AddSingleton<PeopleStamps>();
        services.AddSingleton<PeopleAuditor>();
        services.AddSingleton<SignInGate>();
        services.AddScoped<PeopleKeeper>();
        services.AddScoped<Assignees>();
        services.AddSingleton<FirstRun>();
        services.AddSingleton<PasswordReset>();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddCookie(IdentityConstants.ApplicationScheme, cookie =>
        {
            cookie.Cookie.Name = "monitoring";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = options.SecureCookies ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = options.SessionIdle;
            cookie.SlidingExpiration = true;
            cookie.Events = new CookieAuthenticationEvents
            {
                OnRedirectToLogin = static c => Answer(c, StatusCodes.Status401Unauthorized, "Sign in first."),
                OnRedirectToAccessDenied = static c => Answer(
                    c,
                    StatusCodes.Status403Forbidden,
                    c.HttpContext.User.MustChangePassword() ? "Change your password first." : "Your role or region does not allow this."),
                OnValidatePrincipal = ValidateAsync,
            };
        });
        services.AddAuthorization(Guards.Configure);
        services.AddRateLimiter(limiter => CostLimits.Configure(limiter, options));
    }

    private static Task Answer(Microsoft.AspNetCore.Authentication.RedirectContext<CookieAuthenticationOptions> context, int status, string detail) =>
        Problems.Of(status, detail).ExecuteAsync(context.HttpContext);

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var end = (context.Principal?.SessionBegan() ?? DateTimeOffset.MinValue) + services.GetRequiredService<DashboardOptions>().SessionLongest;
        if (end <= services.GetRequiredService<TimeProvider>().GetUtcNow()
            || !await services.GetRequiredService<PeopleStamps>().IsCurrentAsync(context.Principal, context.HttpContext.RequestAborted))
        {
            context.RejectPrincipal();
            return;
        }

        // Open dashboards close when their ticket ends; use does not carry it over the session's last day.
        if (context.Properties.ExpiresUtc is not { } expires || expires > end)
        {
            context.Properties.ExpiresUtc = end;
        }
    }
}
