using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <summary>What the register stores share: text forms, narrowing by place and region, cursors and audit inside a transaction.</summary>
internal static class Sql
{
    public static string Time(DateTimeOffset at) => AuditChain.TimeText(at);

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    public static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly? Day(string? text) => text is null ? null : DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The next number of a gapless sequence; only inside the one write transaction.</summary>
    /// <param name="table">Name of the table, a constant of this program.</param>
    public static long Next(SqliteConnection connection, SqliteTransaction transaction, string table, string column = "sequence") =>
        connection.ExecuteScalar<long>($"SELECT coalesce(max({column}), 0) + 1 FROM {table}", transaction: transaction);

    /// <summary>Advances a cursor in the transaction of the output it covers. It never moves backwards.</summary>
    public static void Advance(SqliteConnection connection, SqliteTransaction transaction, Cursor? cursor)
    {
        if (cursor is null)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(cursor.Position);
        connection.Execute(
            """
            INSERT INTO cursors (consumer, position) VALUES (@Consumer, @Position)
            ON CONFLICT (consumer) DO UPDATE SET position = max(position, excluded.position)
            """,
            cursor,
            transaction);
    }

    /// <summary>Tells, after the commit, that a cursor moved.</summary>
    public static void PublishCursor(this IEventBus bus, Cursor? cursor)
    {
        if (cursor is not null)
        {
            bus.Publish(new CursorAdvanced(cursor.Consumer, cursor.Position));
        }
    }

    /// <summary>Chains an act behind the newest one, in the transaction that makes it.</summary>
    public static void Audit(SqliteConnection connection, SqliteTransaction transaction, AuditEntry entry)
    {
        var last = connection.QuerySingleOrDefault<AuditRow>(
            $"SELECT {AuditRow.Columns} FROM audit ORDER BY sequence DESC LIMIT 1", transaction: transaction);
        var chained = AuditChain.Chain(last?.ToEntry(), entry);
        connection.Execute(
            """
            INSERT INTO audit (sequence, at, actor, action, subject, details, previous_hash, hash)
            VALUES (@Sequence, @At, @Actor, @Action, @Subject, @Details, @PreviousHash, @Hash)
            """,
            new { chained.Sequence, At = Time(entry.At), entry.Actor, entry.Action, entry.Subject, entry.Details, chained.PreviousHash, chained.Hash },
            transaction);
    }

    /// <summary>
    /// Narrows to codes that begin with one of the prefixes, as ranges, so that an index serves and no sign in a prefix means anything.
    /// Null prefixes narrow nothing; an empty list lets nothing through; a row without code needs null prefixes.
    /// </summary>
    public static string RegionFilter(string column, IReadOnlyList<string>? prefixes, DynamicParameters parameters)
    {
        if (prefixes is null)
        {
            return "1";
        }

        var parts = new List<string> { "0" };
        for (var i = 0; i < prefixes.Count; i++)
        {
            parameters.Add($"region{i}", prefixes[i]);
            parts.Add($"({column} >= @region{i} AND {column} < @region{i} || char(1114111))");
        }

        return "(" + string.Join(" OR ", parts) + ")";
    }

    /// <summary>Narrows to boxes that share at least a point with <paramref name="box"/> (columns min_x, max_x, min_y, max_y).</summary>
    public static string BoxFilter(string table, Envelope? box, DynamicParameters parameters)
    {
        if (box is null)
        {
            return "1";
        }

        AddBox(parameters, box);
        return $"({table}.min_x <= @boxMaxX AND {table}.max_x >= @boxMinX AND {table}.min_y <= @boxMaxY AND {table}.max_y >= @boxMinY)";
    }

    /// <summary>The same through an R*Tree, whose boxes are rounded outward to 32 bits, and then exactly.</summary>
    public static string IndexedBoxFilter(string table, string key, string index, Envelope? box, DynamicParameters parameters) =>
        box is null
            ? "1"
            : $"({BoxFilter(table, box, parameters)} AND {table}.{key} IN (SELECT {key} FROM {index} WHERE min_x <= @boxMaxX AND max_x >= @boxMinX AND min_y <= @boxMaxY AND max_y >= @boxMinY))";

    private static void AddBox(DynamicParameters parameters, Envelope box)
    {
        // An empty envelope meets nothing: its bounds are turned round.
        parameters.Add("boxMinX", box.IsNull ? double.MaxValue : box.MinX);
        parameters.Add("boxMaxX", box.IsNull ? double.MinValue : box.MaxX);
        parameters.Add("boxMinY", box.IsNull ? double.MaxValue : box.MinY);
        parameters.Add("boxMaxY", box.IsNull ? double.MinValue : box.MaxY);
    }
}

/// <summary>A row of <c>audit</c>.</summary>
internal sealed record AuditRow(long Sequence, string At, string Actor, string Action, string Subject, string Details, string PreviousHash, string Hash)
{
    public const string Columns = "sequence AS Sequence, at AS At, actor AS Actor, action AS Action, subject AS Subject, details AS Details, previous_hash AS PreviousHash, hash AS Hash";

    public ChainedAuditEntry ToEntry() => new(Sequence, new AuditEntry(Sql.Time(At), Actor, Action, Subject, Details), PreviousHash, Hash);
}
