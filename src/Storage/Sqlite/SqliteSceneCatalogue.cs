using Dapper;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="ISceneCatalogue"/>
/// <remarks>The catalogue's own sequence is its outbox.</remarks>
public sealed class SqliteSceneCatalogue(RegisterDatabase database, IEventBus bus, TimeProvider time) : ISceneCatalogue
{
    /// <inheritdoc/>
    public async Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentException.ThrowIfNullOrEmpty(actor);
        var added = await database.WriteAsync(
            (connection, transaction) =>
            {
                var earlier = connection.QuerySingleOrDefault<string>("SELECT content_hash FROM scenes WHERE id = @Id", scene, transaction);
                if (earlier is not null)
                {
                    return earlier == scene.ContentHash
                        ? 0
                        : throw new InvalidOperationException($"Scene {scene.Id} is catalogued with other content: give the new one an id of its own.");
                }

                var sequence = Sql.Next(connection, transaction, "scenes");
                var box = scene.Footprint.Box;
                connection.Execute(
                    """
                    INSERT INTO scenes (sequence, id, acquired_at, content_hash, body, min_x, max_x, min_y, max_y)
                    VALUES (@sequence, @Id, @acquiredAt, @ContentHash, @body, @MinX, @MaxX, @MinY, @MaxY)
                    """,
                    new
                    {
                        sequence, scene.Id, acquiredAt = Sql.Time(scene.AcquiredAt), scene.ContentHash, body = RegisterJson.Write(scene),
                        box.MinX, box.MaxX, box.MinY, box.MaxY,
                    },
                    transaction);
                Sql.Audit(connection, transaction, new AuditEntry(time.GetUtcNow(), actor, "scene.add", scene.Id, AuditDetails.Of(
                    ("contentHash", scene.ContentHash), ("acquiredAt", Sql.Time(scene.AcquiredAt)), ("sequence", sequence))));
                return sequence;
            },
            cancellationToken);
        if (added > 0)
        {
            bus.Publish(new SceneArrived(added));
        }

        return added > 0;
    }

    public async Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken) =>
        (await QueryAsync("id = @sceneId", new DynamicParameters(new { sceneId }), "sequence", 1, cancellationToken)).FirstOrDefault();

    public async Task<IReadOnlyList<CataloguedScene>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        await QueryAsync("sequence > @afterSequence", new DynamicParameters(new { afterSequence }), "sequence", limit, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CataloguedScene>> QueryAsync(
        Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(new { from = from is { } f ? Sql.Time(f) : null, to = to is { } t ? Sql.Time(t) : null });
        return await QueryAsync(
            $"{Sql.BoxFilter("scenes", box, parameters)} AND (@from IS NULL OR acquired_at >= @from) AND (@to IS NULL OR acquired_at <= @to)",
            parameters,
            "acquired_at DESC, sequence DESC",
            limit,
            cancellationToken);
    }

    private async Task<List<CataloguedScene>> QueryAsync(string where, DynamicParameters parameters, string order, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        parameters.Add("limit", limit);
        var rows = await database.ReadAsync(
            connection => connection.Query<(long Sequence, string Body)>(
                $"SELECT sequence, body FROM scenes WHERE {where} ORDER BY {order} LIMIT @limit", parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => new CataloguedScene(row.Sequence, RegisterJson.Read<Scene>(row.Body)));
    }
}
