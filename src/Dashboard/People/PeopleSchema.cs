using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Monitoring.Dashboard.People;

/// <summary>
/// Makes the tables of people in a file that may already hold the register's own. EF's EnsureCreated does nothing in a file that has any
/// table, so the tables are made directly, once, in one transaction with a row that names the version.
/// </summary>
internal static class PeopleSchema
{
    private const int Version = 1;

    /// <exception cref="InvalidOperationException">The tables are of a newer version than this program knows.</exception>
    public static async Task EnsureAsync(PeopleContext people, CancellationToken cancellationToken)
    {
        var known = await VersionAsync(people, cancellationToken);
        if (known > Version)
        {
            throw new InvalidOperationException($"The people tables are of version {known}, this program knows {Version}; use the newer program.");
        }

        if (known is null)
        {
            await using var transaction = await people.Database.BeginTransactionAsync(cancellationToken);
            await people.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(cancellationToken);
            await people.Database.ExecuteSqlAsync($"CREATE TABLE people_schema (version INTEGER NOT NULL)", cancellationToken);
            await people.Database.ExecuteSqlAsync($"INSERT INTO people_schema (version) VALUES ({Version})", cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static async Task<long?> VersionAsync(PeopleContext people, CancellationToken cancellationToken)
    {
        var tables = await people.Database
            .SqlQuery<long>($"SELECT COUNT(*) AS Value FROM sqlite_master WHERE type = 'table' AND name = 'people_schema'")
            .SingleAsync(cancellationToken);
        return tables == 0 ? null : await people.Database.SqlQuery<long>($"SELECT version AS Value FROM people_schema").SingleAsync(cancellationToken);
    }
}
