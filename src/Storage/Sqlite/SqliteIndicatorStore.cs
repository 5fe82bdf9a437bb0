using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Indicators;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IIndicatorStore"/>
public sealed class SqliteIndicatorStore(RegisterDatabase database, IEventBus bus, TimeProvider time) : IIndicatorStore
{
    /// <inheritdoc/>
    /// <remarks>What is there already, word for word, changes nothing and is not audited.</remarks>
    /// <exception cref="InvalidOperationException">A version that is there already is given again with other content.</exception>
    public Task SaveDefinitionsAsync(
        IReadOnlyList<IndicatorDefinition> definitions, IReadOnlyList<IndicatorTarget> targets, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentException.ThrowIfNullOrEmpty(actor);
        return database.WriteAsync(
            (connection, transaction) =>
            {
                var added = definitions.Count(definition => Save(connection, transaction, definition));
                var set = targets.Count(target => Save(connection, transaction, target));
                if (added + set > 0)
                {
                    Sql.Audit(connection, transaction, new AuditEntry(
                        time.GetUtcNow(), actor, "indicators.define", "indicators", AuditDetails.Of(("definitions", added), ("targets", set))));
                }

                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IndicatorDefinition>> DefinitionsAsync(DateOnly day, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                """
                SELECT body FROM (
                    SELECT code, body, row_number() OVER (PARTITION BY code ORDER BY effective_from DESC, definition DESC) AS place
                    FROM indicator_definitions WHERE effective_from <= @day)
                WHERE place = 1 ORDER BY code
                """,
                new { day = Sql.Day(day) }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<IndicatorDefinition>);
    }

    /// <inheritdoc/>
    /// <remarks>The target saved last for each code and region.</remarks>
    public async Task<IReadOnlyList<IndicatorTarget>> TargetsAsync(CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                """
                SELECT body FROM indicator_targets
                WHERE target IN (SELECT max(target) FROM indicator_targets GROUP BY code, region_code) ORDER BY code, region_code
                """).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<IndicatorTarget>);
    }

    /// <inheritdoc/>
    public async Task CommitAsync(
        IReadOnlyList<IndicatorValue> values, IReadOnlyList<Finding> findings, Cursor? cursor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(findings);
        var through = await database.WriteAsync(
            (connection, transaction) =>
            {
                foreach (var value in values)
                {
                    Insert(connection, transaction, value);
                }

                var last = SqliteFindingStore.Insert(connection, transaction, findings);
                Sql.Advance(connection, transaction, cursor);
                return last;
            },
            cancellationToken);
        if (values.Count > 0)
        {
            bus.Publish(new IndicatorsComputed());
        }

        if (through > 0)
        {
            bus.Publish(new FindingRaised(through));
        }

        bus.PublishCursor(cursor);
    }

    public async Task<IReadOnlyList<IndicatorValue>> ValuesAsync(
        string? code, string? regionCode, DateOnly? from, DateOnly? to, CancellationToken cancellationToken)
    {
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                """
                SELECT body FROM indicator_values
                WHERE current = 1 AND (@code IS NULL OR code = @code) AND (@regionCode IS NULL OR region_code = @regionCode)
                  AND (@from IS NULL OR month >= @from) AND (@to IS NULL OR month <= @to)
                ORDER BY month, code, region_code
                """,
                new { code, regionCode, from = Sql.Day(from), to = Sql.Day(to) }).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<IndicatorValue>);
    }

    private static bool Save(SqliteConnection connection, SqliteTransaction transaction, IndicatorDefinition definition)
    {
        var body = RegisterJson.Write(definition);
        var earlier = connection.QuerySingleOrDefault<string>(
            "SELECT body FROM indicator_definitions WHERE code = @Code AND definition_version = @DefinitionVersion", definition, transaction);
        if (earlier is not null)
        {
            return earlier == body
                ? false
                : throw new InvalidOperationException($"Indicator {definition.Code} version {definition.DefinitionVersion} is defined otherwise: give the change a new version.");
        }

        connection.Execute(
            "INSERT INTO indicator_definitions (code, definition_version, effective_from, body) VALUES (@Code, @DefinitionVersion, @day, @body)",
            new { definition.Code, definition.DefinitionVersion, day = Sql.Day(definition.EffectiveFrom), body },
            transaction);
        return true;
    }

    private static bool Save(SqliteConnection connection, SqliteTransaction transaction, IndicatorTarget target)
    {
        var body = RegisterJson.Write(target);
        var earlier = connection.QuerySingleOrDefault<string>(
            "SELECT body FROM indicator_targets WHERE code = @Code AND region_code = @RegionCode AND version = @Version", target, transaction);
        if (earlier is not null)
        {
            return earlier == body
                ? false
                : throw new InvalidOperationException(
                    $"The target of {target.Code} in {target.RegionCode}, version {target.Version}, is set otherwise: give the change a new version.");
        }

        connection.Execute(
            "INSERT INTO indicator_targets (code, region_code, version, body) VALUES (@Code, @RegionCode, @Version, @body)",
            new { target.Code, target.RegionCode, target.Version, body },
            transaction);
        return true;
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, IndicatorValue value)
    {
        var row = new { value.Code, value.RegionCode, month = Sql.Day(value.Month), body = RegisterJson.Write(value) };
        connection.Execute(
            "UPDATE indicator_values SET current = 0 WHERE code = @Code AND region_code = @RegionCode AND month = @month AND current = 1", row, transaction);
        connection.Execute(
            "INSERT INTO indicator_values (code, region_code, month, current, body) VALUES (@Code, @RegionCode, @month, 1, @body)", row, transaction);
    }
}
