using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Security stamps of people in memory, so that each request can check that its cookie still stands without a query. A change of a
/// person in this process takes effect at once, also on open dashboards. Thread-safe. Bounded by the number of people.
/// </summary>
internal sealed class PeopleStamps(IServiceScopeFactory scopes)
{
    private readonly ConcurrentDictionary<string, string> stamps = new(StringComparer.Ordinal);

    /// <summary>A person's cookies stand no more.</summary>
    public event Action<string>? Changed;

    public async Task<bool> IsCurrentAsync(string personId, string? stamp, CancellationToken cancellationToken)
    {
        if (stamp is null)
        {
            return false;
        }

        if (!stamps.TryGetValue(personId, out var current))
        {
            await using var scope = scopes.CreateAsyncScope();
            current = await scope.ServiceProvider.GetRequiredService<PeopleContext>().Users
                .Where(p => p.Id == personId).Select(static p => p.SecurityStamp).SingleOrDefaultAsync(cancellationToken);
            if (current is null)
            {
                return false;
            }

            stamps.TryAdd(personId, current);
        }

        return string.Equals(current, stamp, StringComparison.Ordinal);
    }

    public void Forget(string personId)
    {
        stamps.TryRemove(personId, out _);
        Changed?.Invoke(personId);
    }
}
