using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IIncidentStore"/>
public sealed class SqliteIncidentStore(RegisterDatabase database, IEventBus bus) : IIncidentStore
{
    /// <inheritdoc/>
    public async Task CommitAsync(IReadOnlyList<Incident> incidents, Cursor cursor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        ArgumentNullException.ThrowIfNull(cursor);
        await database.WriteAsync(
            (connection, transaction) =>
            {
                foreach (var incident in incidents)
                {
                    Put(connection, transaction, incident);
                }

                Sql.Advance(connection, transaction, cursor);
                return incidents.Count;
            },
            cancellationToken);
        bus.PublishCursor(cursor);
    }

    public Task<IReadOnlyList<Incident>> NearAsync(Envelope box, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(new { from = Sql.Time(from), to = Sql.Time(to) });
        return ReadAsync(
            $"i.merged_into IS NULL AND {Sql.IndexedBoxFilter("i", "incident", "incident_boxes", box, parameters)} AND i.starts_at <= @to AND i.ends_at >= @from ORDER BY i.id",
            parameters, cancellationToken);
    }

    public Task<IReadOnlyList<Incident>> OfSubjectAsync(Subject subject, CancellationToken cancellationToken) => ReadAsync(
        """
        i.merged_into IS NULL AND i.incident IN (SELECT incident FROM incident_subjects WHERE subject_kind = @kind AND subject_id = @Id)
        ORDER BY i.ends_at DESC, i.id
        """,
        new DynamicParameters(new { kind = RegisterJson.Name(subject.Kind), subject.Id }), cancellationToken);

    public async Task<Incident?> FindAsync(string id, CancellationToken cancellationToken) =>
        (await ReadAsync("i.id = @id", new DynamicParameters(new { id }), cancellationToken)).SingleOrDefault();

    public Task<IReadOnlyList<Incident>> QueryAsync(IncidentQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(question.Limit, 1000);
        var parameters = new DynamicParameters(new { limit = question.Limit, before = question.EndsBefore is { } end ? Sql.Time(end) : null, behind = question.OrThenAfterId });
        var where = $"""
            i.merged_into IS NULL AND {Sql.RegionFilter("i.region_code", question.RegionPrefixes, parameters)}
            AND {Sql.IndexedBoxFilter("i", "incident", "incident_boxes", question.Box, parameters)}
            AND {(question.CorroboratedOnly ? "i.corroborated = 1" : "1")} AND (@before IS NULL OR i.ends_at < @before OR (i.ends_at = @before AND i.id > @behind))
            ORDER BY i.ends_at DESC, i.id LIMIT @limit
            """;
        return ReadAsync(where, parameters, cancellationToken);
    }

    private static void Put(SqliteConnection connection, SqliteTransaction transaction, Incident incident)
    {
        var key = connection.ExecuteScalar<long?>("SELECT incident FROM incidents WHERE id = @Id", new { incident.Id }, transaction);
        var isNew = key is null;
        key ??= Sql.Next(connection, transaction, "incidents", "incident");
        var box = incident.Where.Box;
        var row = new
        {
            incident = key, incident.Id, incident.RegionCode, start = Sql.Time(incident.Start), end = Sql.Time(incident.End), incident.Corroborated, incident.MergedInto,
            body = RegisterJson.Write(incident), box.MinX, box.MaxX, box.MinY, box.MaxY,
        };
        connection.Execute(
            """
            INSERT INTO incidents (incident, id, region_code, starts_at, ends_at, corroborated, merged_into, body, min_x, max_x, min_y, max_y)
            VALUES (@incident, @Id, @RegionCode, @start, @end, @Corroborated, @MergedInto, @body, @MinX, @MaxX, @MinY, @MaxY)
            ON CONFLICT (id) DO UPDATE SET region_code = excluded.region_code, starts_at = excluded.starts_at, ends_at = excluded.ends_at, corroborated = excluded.corroborated,
                merged_into = excluded.merged_into, body = excluded.body, min_x = excluded.min_x, max_x = excluded.max_x, min_y = excluded.min_y, max_y = excluded.max_y
            """,
            row, transaction);
        connection.Execute(
            isNew
                ? "INSERT INTO incident_boxes (incident, min_x, max_x, min_y, max_y) VALUES (@incident, @MinX, @MaxX, @MinY, @MaxY)"
                : "UPDATE incident_boxes SET min_x = @MinX, max_x = @MaxX, min_y = @MinY, max_y = @MaxY WHERE incident = @incident",
            row, transaction);
        foreach (var subject in incident.Evidence.Select(static e => e.Subject).Distinct())
        {
            connection.Execute(
                "INSERT INTO incident_subjects (subject_kind, subject_id, incident) VALUES (@kind, @Id, @key) ON CONFLICT DO NOTHING",
                new { kind = RegisterJson.Name(subject.Kind), subject.Id, key }, transaction);
        }
    }

    private async Task<IReadOnlyList<Incident>> ReadAsync(string where, DynamicParameters parameters, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(connection => connection.Query<string>($"SELECT i.body FROM incidents i WHERE {where}", parameters).AsList(), cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<Incident>);
    }
}
