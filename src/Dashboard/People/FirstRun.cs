using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Sees to it that somebody can sign in: makes the tables and, where nobody is there yet, an administrator with a random password that
/// must be changed at the first sign-in. As long as it was not changed, each start gives a new one, so that a lost print-out locks nobody out.
/// </summary>
public sealed class FirstRun(IServiceScopeFactory scopes, IAuditTrail audit, PeopleAuditor auditor)
{
    public const string UserName = "admin";

    // No characters that are mistaken for each other when read off a screen.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>Call once before the first request. The password is in the answer and nowhere else; print it once.</summary>
    /// <returns>Null when an administrator has taken over already.</returns>
    public async Task<FirstRunCredentials?> EnsureAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PeopleContext>();
        await PeopleSchema.EnsureAsync(context, cancellationToken);
        var people = scope.ServiceProvider.GetRequiredService<UserManager<Person>>();
        var waiting = await context.Users.SingleOrDefaultAsync(static p => p.FirstRun, cancellationToken);
        if (waiting is null && await context.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        var password = RandomNumberGenerator.GetString(Alphabet, 16);
        if (waiting is null)
        {
            waiting = new Person { UserName = UserName, DisplayName = "管理员", Role = Role.Administrator, MustChangePassword = true, FirstRun = true };
            Demand(await people.CreateAsync(waiting, password));
            await audit.AppendAsync(auditor.Entry("system", "user.create", UserName, ("role", "administrator"), ("why", "first run")), cancellationToken);
        }
        else
        {
            Demand(await people.RemovePasswordAsync(waiting));
            Demand(await people.AddPasswordAsync(waiting, password));
            Demand(await people.SetLockoutEndDateAsync(waiting, null));
            await audit.AppendAsync(auditor.Entry("system", "user.password", UserName, ("why", "first run, not changed yet")), cancellationToken);
        }

        return new FirstRunCredentials(UserName, password);
    }

    private static void Demand(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"The first administrator could not be made: {string.Join(' ', result.Errors.Select(static e => e.Description))}");
        }
    }
}

/// <summary>How to sign in for the first time.</summary>
public sealed record FirstRunCredentials(string UserName, string Password);
