using Dapper;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Audit;
using Monitoring.Storage.DuckDb;
using Monitoring.Storage.Sqlite;

namespace Monitoring.Storage;

/// <summary>
/// Cursors on observations stand in the register, observations in a file of their own. When that file is exchanged or brought back from
/// a backup, the cursors would stand ahead of it and detection would be blind to all that comes until it has caught up. This sets them
/// back, before anybody reads them.
/// </summary>
internal static partial class ObservationCursors
{
    /// <summary>How the names of cursors on observations end.</summary>
    private const string Suffix = "/observations";

    /// <summary>
    /// Another file: its observations are worked from the first (findings have deterministic ids, so none is told twice). An earlier
    /// copy of the same file: what it holds was worked, so the cursors go back to its end.
    /// </summary>
    /// <returns>How many cursors were set back.</returns>
    public static Task<int> ReconcileAsync(
        RegisterDatabase registers, DuckDbObservationStore observations, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        registers.WriteAsync(
            (connection, transaction) =>
            {
                var known = connection.QuerySingleOrDefault<string>("SELECT incarnation FROM observation_file", transaction: transaction);
                var isOther = known is not null && known != observations.Incarnation;
                var from = isOther ? 0 : observations.OpenedAt;
                var ahead = connection.Query<(string Consumer, long Position)>(
                    "SELECT consumer, position FROM cursors WHERE consumer LIKE @like AND position > @from", new { like = "%" + Suffix, from }, transaction).AsList();
                foreach (var (consumer, position) in ahead)
                {
                    SetBack(logger, consumer, position, from, observations.Path, isOther ? "is another file than before" : "is an earlier copy");
                    connection.Execute("UPDATE cursors SET position = @from WHERE consumer = @consumer", new { from, consumer }, transaction);
                    Sql.Audit(connection, transaction, new AuditEntry(
                        time.GetUtcNow(), "system", "cursor.set-back", consumer, AuditDetails.Of(("from", position), ("to", from), ("incarnation", observations.Incarnation))));
                }

                connection.Execute(
                    "INSERT INTO observation_file (only, incarnation) VALUES (1, @Incarnation) ON CONFLICT (only) DO UPDATE SET incarnation = excluded.incarnation",
                    observations,
                    transaction);
                return ahead.Count;
            },
            cancellationToken);

    [LoggerMessage(3004, LogLevel.Error,
        "{Consumer} stood at observation {Position}, but {Path} {Why}: it goes on behind observation {From}. If the file was not exchanged on purpose, stop the service and bring the right one back")]
    private static partial void SetBack(ILogger logger, string consumer, long position, long from, string path, string why);
}
