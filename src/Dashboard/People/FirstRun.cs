using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Sees to it that somebody can sign in: makes the tables and, where nobody is there yet, an administrator with a random password that
/// must be changed at the first sign-in. As long as it was not changed, each start gives a new one, so that a lost print-out locks nobody out.
/// </summary>
public sealed class FirstRun(IServiceScopeFactory scopes)
{
    public const string UserName = "admin";

    /// <summary>Call once before the first request. The password is in the answer and nowhere else; print it once.</summary>
    /// <returns>Null when an administrator has taken over already.</returns>
    public async Task<FirstRunCredentials?> EnsureAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var keeper = scope.ServiceProvider.GetRequiredService<PeopleKeeper>();
        var context = scope.ServiceProvider.GetRequiredService<PeopleContext>();
        await PeopleSchema.EnsureAsync(context, cancellationToken);
        var waiting = await context.Users.SingleOrDefaultAsync(static p => p.FirstRun, cancellationToken);
        if (waiting is null && await context.Users.AnyAsync(cancellationToken))
        {
            return null;
        }

        if (waiting is not null)
        {
            var (renewed, fault) = await keeper.ResetPasswordAsync(waiting, "system", "first run, not changed yet");
            return new FirstRunCredentials(waiting.UserName!, renewed ?? throw NotMade(fault));
        }

        var password = OneTimePassword.New();
        var first = new Person { UserName = UserName, DisplayName = "管理员", Role = Role.Administrator, FirstRun = true };
        return await keeper.AddAsync(first, password, "system", "first run") is { } refused ? throw NotMade(refused) : new FirstRunCredentials(UserName, password);
    }

    private static InvalidOperationException NotMade(string? fault) => new($"The first administrator could not be made: {fault}");
}

/// <summary>How to sign in for the first time.</summary>
public sealed record FirstRunCredentials(string UserName, string Password);
