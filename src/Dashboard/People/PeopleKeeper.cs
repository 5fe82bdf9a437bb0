using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Monitoring.Dashboard.Api;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Everything that changes people and their sessions. Each act and its audit entry are one transaction, and neither ends half-way because
/// somebody hung up: once begun, nothing here is cancelled.
/// </summary>
internal sealed class PeopleKeeper(
    PeopleContext context, UserManager<Person> people, IAuditWithin audit, PeopleAuditor auditor, PeopleStamps stamps, SignInGate gate, TimeProvider clock)
{
    /// <summary>Rows of <c>people_tokens</c> that are open sessions: name = session, value = when it began.</summary>
    public const string SessionRows = "session";

    /// <summary>Rows of <c>people_tokens</c> that are addresses a person signed in from: value = when last.</summary>
    private const string AddressRows = "address";

    private const int MostSessions = 32;
    private const int MostAddresses = 16;

    /// <summary>Makes a person who must change the password at the first sign-in.</summary>
    /// <returns>One sentence when it was refused.</returns>
    public async Task<string?> AddAsync(Person person, string password, string actor, string? why = null)
    {
        person.MustChangePassword = true;
        var entry = auditor.Entry(actor, "user.create", person.UserName!, ("prefixes", person.RegionPrefixes ?? "*"), ("role", NameOf(person.Role)), ("why", why));
        return await ActAsync(entry, () => people.CreateAsync(person, password));
    }

    /// <summary>Gives a person other rights; their sessions end.</summary>
    public async Task<string?> ChangeAsync(Person person, string displayName, Role role, string? prefixes, string actor)
    {
        var entry = auditor.Entry(
            actor, "user.change", person.UserName!, ("displayName", displayName), ("displayNameBefore", person.DisplayName), ("prefixes", prefixes ?? "*"),
            ("prefixesBefore", person.RegionPrefixes ?? "*"), ("role", NameOf(role)), ("roleBefore", NameOf(person.Role)));
        (person.DisplayName, person.Role, person.RegionPrefixes) = (displayName, role, prefixes);
        return await ActAsync(entry, () => people.UpdateSecurityStampAsync(person), endsSessionsOf: person, keepsAdministrator: true);
    }

    public Task<string?> RemoveAsync(Person person, string actor) => ActAsync(
        auditor.Entry(actor, "user.delete", person.UserName!), () => people.DeleteAsync(person), endsSessionsOf: person, keepsAdministrator: true);

    /// <summary>Gives a person a new password that must be changed at the next sign-in; their sessions end.</summary>
    public async Task<(string? Password, string? Fault)> ResetPasswordAsync(Person person, string actor, string? why = null)
    {
        var password = OneTimePassword.New();
        person.MustChangePassword = true;
        var fault = await ActAsync(
            auditor.Entry(actor, "user.password-reset", person.UserName!, ("why", why)),
            async () => await people.RemovePasswordAsync(person) is { Succeeded: false } refused ? refused : await people.AddPasswordAsync(person, password),
            endsSessionsOf: person);
        if (fault is not null)
        {
            return (null, fault);
        }

        gate.Forget(person.NormalizedUserName!);
        return (password, null);
    }

    /// <summary>Puts a person's own password in the place of the current one; their sessions end.</summary>
    public Task<string?> ChangePasswordAsync(Person person, string current, string next)
    {
        person.MustChangePassword = false;
        person.FirstRun = false;
        return ActAsync(auditor.Entry(person.UserName!, "user.password", person.UserName!), () => people.ChangePasswordAsync(person, current, next), endsSessionsOf: person);
    }

    /// <summary>Opens a session. Sign in with its claims.</summary>
    public async Task<Claim[]> OpenSessionAsync(Person person, string address)
    {
        var now = clock.GetUtcNow();
        var session = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        await using (var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None))
        {
            var rows = await context.UserTokens.Where(t => t.UserId == person.Id && (t.LoginProvider == SessionRows || t.LoginProvider == AddressRows)).ToListAsync(CancellationToken.None);
            context.UserTokens.RemoveRange(rows.Where(r => r.LoginProvider == AddressRows && r.Name == address));
            Keep(rows.Where(static r => r.LoginProvider == SessionRows), MostSessions - 1);
            Keep(rows.Where(r => r.LoginProvider == AddressRows && r.Name != address), MostAddresses - 1);
            await context.SaveChangesAsync(CancellationToken.None);
            context.UserTokens.AddRange(Row(SessionRows, session), Row(AddressRows, address));
            await context.SaveChangesAsync(CancellationToken.None);
            audit.Append(transaction.GetDbTransaction(), auditor.Entry(person.UserName!, "user.sign-in", person.UserName!, ("from", address)));
            await transaction.CommitAsync(CancellationToken.None);
        }

        stamps.Refresh(person.Id);
        return PersonClaims.OfSession(session, now);

        IdentityUserToken<string> Row(string kind, string name) =>
            new() { UserId = person.Id, LoginProvider = kind, Name = name, Value = ApiTime.Text(now) };

        void Keep(IEnumerable<IdentityUserToken<string>> rows, int most) =>
            context.UserTokens.RemoveRange(rows.OrderByDescending(static r => r.Value, StringComparer.Ordinal).Skip(most));
    }

    /// <summary>Ends one session; its cookie, and copies of it, stand no more.</summary>
    public async Task CloseSessionAsync(string personId, string name, string? session)
    {
        await ActAsync(
            auditor.Entry(name, "user.sign-out", name),
            async () =>
            {
                await context.UserTokens.Where(t => t.UserId == personId && t.LoginProvider == SessionRows && t.Name == session).ExecuteDeleteAsync(CancellationToken.None);
                return IdentityResult.Success;
            });
        stamps.Forget(personId, session);
    }

    /// <summary>True when the person has signed in from this address before.</summary>
    public Task<bool> KnowsAsync(string? personId, string address, CancellationToken cancellationToken)
    {
        // Asked for nobody too: a name that nobody has costs as much as any.
        var id = personId ?? "";
        return context.UserTokens.AnyAsync(t => t.UserId == id && t.LoginProvider == AddressRows && t.Name == address, cancellationToken);
    }

    private static string NameOf(Role role) => MapLayers.Camel(role.ToString());

    /// <summary>The act and its entry in one transaction; only after it is durable do sessions end.</summary>
    private async Task<string?> ActAsync(AuditEntry entry, Func<Task<IdentityResult>> act, Person? endsSessionsOf = null, bool keepsAdministrator = false)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None))
        {
            var result = await act();
            if (!result.Succeeded)
            {
                context.ChangeTracker.Clear();
                return string.Join(' ', result.Errors.Select(static e => e.Description));
            }

            if (keepsAdministrator
                && !await context.Users.AnyAsync(static p => p.Role == Role.Administrator && p.RegionPrefixes == null, CancellationToken.None))
            {
                context.ChangeTracker.Clear();
                return "Somebody must stay an administrator without region limit.";
            }

            if (endsSessionsOf is { Id: var id })
            {
                await context.UserTokens.Where(t => t.UserId == id && t.LoginProvider == SessionRows).ExecuteDeleteAsync(CancellationToken.None);
            }

            audit.Append(transaction.GetDbTransaction(), entry);
            await transaction.CommitAsync(CancellationToken.None);
        }

        if (endsSessionsOf is not null)
        {
            stamps.Forget(endsSessionsOf.Id);
        }

        return null;
    }
}
