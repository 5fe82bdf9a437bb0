using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Which cookies stand, in memory, so that each request can be checked without a query: a person's security stamp and open sessions. A
/// change of a person in this process takes effect at once, also on open dashboards. Thread-safe. Bounded by the number of people.
/// </summary>
internal sealed class PeopleStamps(IServiceScopeFactory scopes, IOptions<IdentityOptions> identity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Standing> standings = new(StringComparer.Ordinal);
    private long forgotten;

    /// <summary>Cookies of this person stand no more: those of the session, or all where it is null.</summary>
    public event Action<string, string?>? Changed;

    /// <summary>True while the person has the rights, and the session is open, that the cookie's principal speaks of.</summary>
    public async Task<bool> IsCurrentAsync(ClaimsPrincipal? principal, CancellationToken cancellationToken)
    {
        var personId = principal?.FindFirstValue(identity.Value.ClaimsIdentity.UserIdClaimType);
        var stamp = principal?.FindFirstValue(identity.Value.ClaimsIdentity.SecurityStampClaimType);
        var session = principal?.SessionOf();
        if (personId is null || stamp is null || session is null)
        {
            return false;
        }

        return await OfAsync(personId, cancellationToken) is { } standing
            && string.Equals(standing.Stamp, stamp, StringComparison.Ordinal)
            && standing.Sessions.Contains(session);
    }

    /// <summary>What is known of the person is read again at the next request. Open dashboards go on.</summary>
    public void Refresh(string personId)
    {
        lock (gate)
        {
            forgotten++;
            standings.Remove(personId);
        }
    }

    /// <summary>As <see cref="Refresh"/>, and dashboards that rest on what ended are cut off.</summary>
    /// <param name="session">The one session that ended, or null when all did.</param>
    public void Forget(string personId, string? session = null)
    {
        Refresh(personId);
        Changed?.Invoke(personId, session);
    }

    private async Task<Standing?> OfAsync(string personId, CancellationToken cancellationToken)
    {
        long before;
        lock (gate)
        {
            if (standings.TryGetValue(personId, out var known))
            {
                return known;
            }

            before = forgotten;
        }

        await using var scope = scopes.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<PeopleContext>();
        var stamp = await people.Users.Where(p => p.Id == personId).Select(static p => p.SecurityStamp).SingleOrDefaultAsync(cancellationToken);
        if (stamp is null)
        {
            return null;
        }

        var sessions = await people.UserTokens.Where(t => t.UserId == personId && t.LoginProvider == PeopleKeeper.SessionRows).Select(static t => t.Name).ToListAsync(cancellationToken);
        var read = new Standing(stamp, sessions.ToHashSet(StringComparer.Ordinal));
        lock (gate)
        {
            // What was read before a change must not be kept after it.
            if (before == forgotten)
            {
                standings[personId] = read;
            }
        }

        return read;
    }

    private sealed record Standing(string Stamp, HashSet<string> Sessions);
}
