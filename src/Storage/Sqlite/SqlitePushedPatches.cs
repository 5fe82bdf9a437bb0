using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Land;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IPushedPatches"/>
public sealed class SqlitePushedPatches(RegisterDatabase database, TimeProvider time) : IPushedPatches
{
    private const string DeliveryColumns = """
        batch AS Batch, delivery AS Delivery, received_at AS ReceivedAt, source AS Source, source_hash AS SourceHash, actor AS Actor, changed AS Changed, total AS Total
        """;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A name or number is not 1 to 128 characters, or a number stands twice.</exception>
    public Task<BatchDelivery?> AppendAsync(PushedBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (batch.Batch is not { Length: > 0 and <= 128 } || batch.Patches.Any(p => p.Number is not { Length: > 0 and <= 128 } || !seen.Add(p.Number)))
        {
            throw new ArgumentException($"A batch name or patch number of {batch.Source} is not 1 to 128 characters, or stands twice.", nameof(batch));
        }

        return database.WriteAsync((connection, transaction) => Append(connection, transaction, batch), cancellationToken);
    }

    public async Task<IReadOnlyList<BatchDelivery>> DeliveriesAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<DeliveryRow>($"SELECT {DeliveryColumns} FROM pushed_deliveries ORDER BY received_at, batch, delivery").AsList(), cancellationToken);
        return rows.ConvertAll(static row => row.ToDelivery());
    }

    public Task<int> DeliveryCountAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(static connection => connection.ExecuteScalar<int>("SELECT count(*) FROM pushed_deliveries"), cancellationToken);

    public async Task<IReadOnlyList<PushedPatch>> ChangedByAsync(string batch, int delivery, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                "SELECT body FROM pushed_patches WHERE batch = @batch AND delivery = @delivery ORDER BY number", new { batch, delivery }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<PushedPatch>);
    }

    public async Task<IReadOnlyList<PushedPatch>> OfBatchAsync(string batch, int? delivery, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                """
                SELECT body FROM pushed_patches
                WHERE batch = @batch AND CASE WHEN @delivery IS NULL THEN superseded_by IS NULL
                                              ELSE delivery <= @delivery AND (superseded_by IS NULL OR superseded_by > @delivery) END
                ORDER BY number
                """,
                new { batch, delivery }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<PushedPatch>);
    }

    private BatchDelivery? Append(SqliteConnection connection, SqliteTransaction transaction, PushedBatch batch)
    {
        var delivery = connection.ExecuteScalar<int>(
            "SELECT coalesce(max(delivery), 0) + 1 FROM pushed_deliveries WHERE batch = @Batch", new { batch.Batch }, transaction);
        var known = connection.Query<(string Number, string Body)>(
            "SELECT number, body FROM pushed_patches WHERE batch = @Batch AND superseded_by IS NULL", new { batch.Batch }, transaction)
            .ToDictionary(static row => row.Number, static row => row.Body, StringComparer.Ordinal);
        var news = batch.Patches.Select(static p => (p.Number, Body: Body(p)))
            .Where(p => !known.TryGetValue(p.Number, out var body) || body != p.Body).ToList();
        if (news.Count == 0)
        {
            return null;
        }

        var at = time.GetUtcNow();
        var total = known.Count + news.Count(p => !known.ContainsKey(p.Number));
        connection.Execute(
            """
            INSERT INTO pushed_deliveries (batch, delivery, received_at, source, source_hash, actor, changed, total)
            VALUES (@Batch, @delivery, @at, @Source, @SourceHash, @Actor, @changed, @total)
            """,
            new { batch.Batch, delivery, at = Sql.Time(at), batch.Source, batch.SourceHash, batch.Actor, changed = news.Count, total },
            transaction);
        foreach (var (number, body) in news)
        {
            connection.Execute(
                "UPDATE pushed_patches SET superseded_by = @delivery WHERE batch = @Batch AND number = @number AND superseded_by IS NULL",
                new { batch.Batch, number, delivery },
                transaction);
            connection.Execute(
                "INSERT INTO pushed_patches (batch, number, delivery, superseded_by, body) VALUES (@Batch, @number, @delivery, NULL, @body)",
                new { batch.Batch, number, delivery, body },
                transaction);
        }

        Sql.Audit(connection, transaction, new AuditEntry(at, batch.Actor, "patches.import", batch.Batch, AuditDetails.Of(
            ("delivery", delivery), ("source", batch.Source), ("sourceHash", batch.SourceHash), ("patches", batch.Patches.Count), ("changed", news.Count))));
        return new BatchDelivery(batch.Batch, delivery, at, batch.Source, batch.SourceHash, batch.Actor, news.Count, total);
    }

    /// <summary>Fields ordered by key, so that equal patches give equal text.</summary>
    private static string Body(PushedPatch patch) => RegisterJson.Write(
        patch with { SourceFields = new SortedDictionary<string, string>(patch.SourceFields.ToDictionary(), StringComparer.Ordinal) });

    private sealed record DeliveryRow(string Batch, long Delivery, string ReceivedAt, string Source, string SourceHash, string Actor, long Changed, long Total)
    {
        public BatchDelivery ToDelivery() => new(Batch, (int)Delivery, Sql.Time(ReceivedAt), Source, SourceHash, Actor, (int)Changed, (int)Total);
    }
}
