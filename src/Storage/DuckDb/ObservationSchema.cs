using System.Globalization;
using DuckDB.NET.Data;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>Tables of <c>observations.duckdb</c>; docs/formats/observations-store.md says what they mean.</summary>
internal static class ObservationSchema
{
    /// <summary>Newest version this program writes; it reads all up to it.</summary>
    public const int Version = 2;

    private const string Create = """
        CREATE TABLE format (version INTEGER NOT NULL);
        CREATE TABLE datastreams (number INTEGER NOT NULL, id VARCHAR NOT NULL);
        CREATE TABLE observations (
            sequence BIGINT NOT NULL,
            datastream INTEGER NOT NULL,
            phenomenon_time TIMESTAMP NOT NULL,
            result_time TIMESTAMP,
            received_time TIMESTAMP NOT NULL,
            number DOUBLE,
            text VARCHAR,
            quality USMALLINT NOT NULL,
            device_sequence BIGINT);
        CREATE TABLE dead_letters (
            sequence BIGINT NOT NULL,
            door VARCHAR NOT NULL,
            device_id VARCHAR,
            address VARCHAR NOT NULL,
            received_time TIMESTAMP NOT NULL,
            reason VARCHAR NOT NULL,
            detail VARCHAR NOT NULL,
            payload BLOB NOT NULL,
            payload_length BIGINT NOT NULL);
        INSERT INTO format VALUES (1);
        """;

    /// <summary>Version 2: a file has an identity of its own, which its copies share.</summary>
    private const string ToVersion2 = """
        CREATE TABLE incarnation (id VARCHAR NOT NULL);
        INSERT INTO incarnation SELECT CAST(uuid() AS VARCHAR);
        UPDATE format SET version = 2;
        """;

    /// <summary>Makes the tables of a new file, or checks the version of an old one.</summary>
    /// <exception cref="StoreUnavailableException">A newer program wrote the file, or it is some other database.</exception>
    public static void Prepare(DuckDBConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM duckdb_tables() WHERE internal = false";
        if (Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) == 0)
        {
            using var transaction = connection.BeginTransaction();
            command.CommandText = Create + ToVersion2;
            command.ExecuteNonQuery();
            transaction.Commit();
            return;
        }

        command.CommandText = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'format'";
        if (Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) == 0)
        {
            throw new StoreUnavailableException($"{path} is a DuckDB file, but not an observation store: move it away or choose another data directory.");
        }

        command.CommandText = "SELECT max(version) FROM format";
        var version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > Version)
        {
            throw new StoreUnavailableException($"{path} was written by a newer program (format {version}, this one knows {Version}): start that program instead.");
        }

        if (version < 2)
        {
            using var transaction = connection.BeginTransaction();
            command.CommandText = ToVersion2;
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }
}
