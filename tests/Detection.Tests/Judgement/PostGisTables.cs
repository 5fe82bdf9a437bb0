using System.Globalization;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Npgsql;
using NpgsqlTypes;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>Tables of a <see cref="PostGisServer"/>: filled by COPY, asked by SQL.</summary>
internal sealed class PostGisTables : IDisposable
{
    private readonly NpgsqlConnection _connection;

    public PostGisTables(PostGisServer server)
    {
        _connection = new NpgsqlConnection(server.ConnectionString);
        _connection.Open();
    }

    public NpgsqlConnection Connection => _connection;

    public string Version => Ask("SELECT split_part(version(), ' ', 2) || ', PostGIS ' || postgis_lib_version() || ', GEOS ' || postgis_geos_version()", r => r.GetString(0))[0];

    public void Do(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    public List<T> Ask<T>(string sql, Func<NpgsqlDataReader, T> row)
    {
        using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>Rows of a table of text, double, date and bytea columns, in the order of its columns; null = NULL. A geometry goes in as well-known binary.</summary>
    public void Copy(string table, IEnumerable<object?[]> rows)
    {
        var wkb = new WKBWriter();
        using var copy = _connection.BeginBinaryImport(string.Create(CultureInfo.InvariantCulture, $"COPY {table} FROM STDIN (FORMAT BINARY)"));
        foreach (var row in rows)
        {
            copy.StartRow();
            foreach (var value in row)
            {
                switch (value)
                {
                    case null: copy.WriteNull(); break;
                    case string text: copy.Write(text, NpgsqlDbType.Text); break;
                    case double number: copy.Write(number, NpgsqlDbType.Double); break;
                    case DateOnly day: copy.Write(day, NpgsqlDbType.Date); break;
                    case Geometry shape: copy.Write(wkb.Write(shape), NpgsqlDbType.Bytea); break;
                    default: throw new ArgumentException($"No column for {value.GetType()}.", nameof(rows));
                }
            }
        }

        copy.Complete();
    }

    public void Dispose() => _connection.Dispose();
}
