using Dapper;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IAuditTrail"/>
public sealed class SqliteAuditTrail(RegisterDatabase database) : IAuditTrail
{
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return database.WriteAsync(
            (connection, transaction) =>
            {
                Sql.Audit(connection, transaction, entry);
                return true;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<ChainedAuditEntry>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await database.ReadAsync(
            connection => connection.Query<AuditRow>(
                $"SELECT {AuditRow.Columns} FROM audit WHERE sequence > @afterSequence ORDER BY sequence LIMIT @limit", new { afterSequence, limit }).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => row.ToEntry());
    }
}

/// <inheritdoc cref="ICursorStore"/>
public sealed class SqliteCursorStore(RegisterDatabase database, IEventBus bus) : ICursorStore
{
    public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.ExecuteScalar<long?>("SELECT position FROM cursors WHERE consumer = @consumer", new { consumer }) ?? 0, cancellationToken);

    public async Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        await database.WriteAsync(
            (connection, transaction) =>
            {
                Sql.Advance(connection, transaction, cursor);
                return true;
            },
            cancellationToken);
        bus.PublishCursor(cursor);
    }
}
