using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Monitoring.Dashboard.People;

/// <summary>
/// The way back in when even the last administrator's password is forgotten: whoever may write the data directory gives a person a new
/// one. For commands on the same machine.
/// </summary>
public sealed class PasswordReset(IServiceScopeFactory scopes)
{
    /// <param name="user">User name.</param>
    /// <param name="actor">Who acts, for the audit trail.</param>
    /// <returns>The one-time password, to be printed once; or one sentence why there is none.</returns>
    public async Task<PasswordResetResult> ResetAsync(string user, string actor, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var keeper = scope.ServiceProvider.GetRequiredService<PeopleKeeper>();
        var context = scope.ServiceProvider.GetRequiredService<PeopleContext>();
        await PeopleSchema.EnsureAsync(context, cancellationToken);
        if (await scope.ServiceProvider.GetRequiredService<UserManager<Person>>().FindByNameAsync(user) is not { } person)
        {
            var administrators = await context.Users.Where(static p => p.Role == Role.Administrator).OrderBy(static p => p.UserName).Select(static p => p.UserName).Take(20).ToListAsync(cancellationToken);
            return new PasswordResetResult(
                null,
                administrators.Count == 0
                    ? $"There is no user {user}, and no administrator yet: the first start of the service makes one."
                    : $"There is no user {user}; the administrators are {string.Join(", ", administrators)}.");
        }

        var (password, fault) = await keeper.ResetPasswordAsync(person, actor, "on the machine of the service");
        return new PasswordResetResult(password, fault);
    }
}

/// <summary>A one-time password, or one sentence why there is none.</summary>
public sealed record PasswordResetResult(string? Password, string? Problem);
