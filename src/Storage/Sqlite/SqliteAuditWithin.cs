using System.Data.Common;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IAuditWithin"/>
public sealed class SqliteAuditWithin : IAuditWithin
{
    public void Append(DbTransaction transaction, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (transaction is not SqliteTransaction { Connection: { } connection } here)
        {
            throw new ArgumentException("The transaction is over or not one of SQLite.", nameof(transaction));
        }

        Sql.Audit(connection, here, entry);
    }
}
