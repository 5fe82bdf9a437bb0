using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Monitoring.Domain.People;

namespace Monitoring.Dashboard.People;

/// <summary>What a cookie says of a person, written and read in one place. Reading fails closed: without a claim nothing is covered.</summary>
internal static class PersonClaims
{
    private const string DisplayName = "display";
    private const string Role = "role";
    private const string Unlimited = "everything";
    private const string Prefix = "prefix";
    private const string MustChange = "must-change";
    private const string Session = "session";
    private const string Since = "since";

    public static IEnumerable<Claim> Of(Person person)
    {
        yield return new Claim(DisplayName, person.DisplayName);
        yield return new Claim(Role, person.Role.ToString());
        if (person.MustChangePassword)
        {
            yield return new Claim(MustChange, "1");
        }

        if (person.Prefixes() is not { } prefixes)
        {
            yield return new Claim(Unlimited, "1");
            yield break;
        }

        foreach (var prefix in prefixes)
        {
            yield return new Claim(Prefix, prefix);
        }
    }

    /// <summary>Which session a cookie belongs to and when it began.</summary>
    public static Claim[] OfSession(string session, DateTimeOffset since) =>
        [new Claim(Session, session), new Claim(Since, since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))];

    public static string? SessionOf(this ClaimsPrincipal principal) => principal.FindFirstValue(Session);

    /// <summary>When the session began; a cookie that does not say began long ago.</summary>
    public static DateTimeOffset SessionBegan(this ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirstValue(Since), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.MinValue;

    public static string NameOf(this ClaimsPrincipal principal) => principal.Identity?.Name ?? "";

    public static string DisplayNameOf(this ClaimsPrincipal principal) => principal.FindFirstValue(DisplayName) ?? principal.NameOf();

    public static Role? RoleOf(this ClaimsPrincipal principal) =>
        Enum.TryParse<Role>(principal.FindFirstValue(Role), out var role) && Enum.IsDefined(role) ? role : null;

    public static bool MustChangePassword(this ClaimsPrincipal principal) => principal.HasClaim(MustChange, "1");

    public static Scope ScopeOf(this ClaimsPrincipal principal) =>
        principal.HasClaim(Unlimited, "1") ? Scope.Everything : new Scope([.. principal.FindAll(Prefix).Select(static c => c.Value)]);
}

/// <summary>Puts the claims into the cookie's principal.</summary>
internal sealed class PersonPrincipalFactory(UserManager<Person> people, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<Person>(people, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Person user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaims(PersonClaims.Of(user));
        return identity;
    }
}
