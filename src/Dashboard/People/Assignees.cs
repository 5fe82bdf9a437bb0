using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Monitoring.Domain.People;

namespace Monitoring.Dashboard.People;

/// <summary>Who a warning may be given to: people of the service who may see its place. Scoped, as its context.</summary>
internal sealed class Assignees(PeopleContext people, ILookupNormalizer names)
{
    /// <summary>All who may see the region, by user name.</summary>
    /// <param name="regionCode">Division code; null = a subject without a region, for those without limit only.</param>
    public async Task<IReadOnlyList<Person>> WhoSeeAsync(string? regionCode, CancellationToken cancellationToken) =>
        [.. (await people.Users.AsNoTracking().OrderBy(static p => p.UserName).ToListAsync(cancellationToken)).Where(p => Sees(p, regionCode))];

    /// <summary>The user name as it is kept, or one sentence why the warning cannot be given to this person.</summary>
    public async Task<(string? Name, string? Fault)> FindAsync(string userName, string? regionCode, CancellationToken cancellationToken)
    {
        var key = names.NormalizeName(userName.Trim());
        return await people.Users.AsNoTracking().FirstOrDefaultAsync(p => p.NormalizedUserName == key, cancellationToken) switch
        {
            null => (null, "Nobody has this user name; give the user name of somebody who may see the place."),
            { } person when !Sees(person, regionCode) => (null, $"{person.UserName} may not see the place of this warning; choose somebody who may."),
            { } person => (person.UserName, null),
        };
    }

    private static bool Sees(Person person, string? regionCode) => new Scope(person.Prefixes()).Covers(regionCode);
}
