using Dapper;
using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IChangeStore"/>
public sealed class SqliteChangeStore(RegisterDatabase database, IEventBus bus) : IChangeStore
{
    /// <inheritdoc/>
    public async Task CommitAsync(IReadOnlyList<ChangeSet> changeSets, Cursor? cursor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changeSets);
        var through = await database.WriteAsync(
            (connection, transaction) =>
            {
                var next = Sql.Next(connection, transaction, "change_sets");
                var first = next;
                foreach (var set in changeSets)
                {
                    next += connection.Execute(
                        """
                        INSERT INTO change_sets (sequence, id, baseline_scene_id, current_scene_id, body)
                        VALUES (@next, @Id, @BaselineSceneId, @CurrentSceneId, @body) ON CONFLICT (id) DO NOTHING
                        """,
                        new { next, set.Id, set.BaselineSceneId, set.CurrentSceneId, body = RegisterJson.Write(set) },
                        transaction);
                }

                Sql.Advance(connection, transaction, cursor);
                return next > first ? next - 1 : 0;
            },
            cancellationToken);
        if (through > 0)
        {
            bus.Publish(new ChangesDetected(through));
        }

        bus.PublishCursor(cursor);
    }

    public async Task<IReadOnlyList<StoredChangeSet>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var rows = await database.ReadAsync(
            connection => connection.Query<(long Sequence, string Body)>(
                "SELECT sequence, body FROM change_sets WHERE sequence > @afterSequence ORDER BY sequence LIMIT @limit", new { afterSequence, limit }).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => new StoredChangeSet(row.Sequence, RegisterJson.Read<ChangeSet>(row.Body)));
    }

    public async Task<ChangeSet?> FindAsync(string changeSetId, CancellationToken cancellationToken)
    {
        var body = await database.ReadAsync(
            connection => connection.QuerySingleOrDefault<string>("SELECT body FROM change_sets WHERE id = @changeSetId", new { changeSetId }), cancellationToken);
        return body is null ? null : RegisterJson.Read<ChangeSet>(body);
    }

    public async Task<IReadOnlyList<ChangeSet>> OfCurrentSceneAsync(string currentSceneId, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                "SELECT body FROM change_sets WHERE current_scene_id = @currentSceneId ORDER BY sequence", new { currentSceneId }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<ChangeSet>);
    }
}
