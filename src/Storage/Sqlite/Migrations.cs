using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.Sqlite;

/// <summary>Numbered SQL files (embedded, <c>Migrations/001.sql</c> and on); each is applied once, in a transaction with its row in <c>schema_versions</c>.</summary>
internal static partial class Migrations
{
    private const string Prefix = "Monitoring.Storage.Sqlite.Migrations.";

    /// <summary>The files in order. Numbers are gapless from 1: a test checks it.</summary>
    public static IReadOnlyList<(int Version, string Resource)> All { get; } =
    [
        .. typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => (int.Parse(name.AsSpan(Prefix.Length, 3), NumberStyles.None, CultureInfo.InvariantCulture), name))
            .OrderBy(migration => migration.Item1),
    ];

    /// <exception cref="StoreUnavailableException">The file is newer than this program, or not ours.</exception>
    public static void Apply(SqliteConnection connection, string path, TimeProvider time, ILogger logger)
    {
        var tables = connection.Query<string>("SELECT name FROM sqlite_schema WHERE type = 'table'").ToHashSet(StringComparer.Ordinal);
        if (!tables.Contains("schema_versions"))
        {
            if (tables.Count > 0)
            {
                throw new StoreUnavailableException($"{path} is an SQLite file, but not a register of this program: move it away or choose another data directory.");
            }

            connection.Execute("CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)");
        }

        var current = connection.ExecuteScalar<int>("SELECT coalesce(max(version), 0) FROM schema_versions");
        if (current > All[^1].Version)
        {
            throw new StoreUnavailableException($"{path} was written by a newer program (version {current}, this one knows {All[^1].Version}): start that program instead.");
        }

        foreach (var (version, resource) in All.Where(migration => migration.Version > current))
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            connection.Execute(Text(resource), transaction: transaction);
            connection.Execute(
                "INSERT INTO schema_versions (version, applied_at) VALUES (@version, @at)", new { version, at = AuditChain.TimeText(time.GetUtcNow()) }, transaction);
            transaction.Commit();
            Log.Applied(logger, version, path);
        }
    }

    private static string Text(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The migration {resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Information, "Register version {Version} applied to {Path}")]
        public static partial void Applied(ILogger logger, int version, string path);
    }
}
