using System.Globalization;
using DuckDB.NET.Data;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>Queries on the observation tables. Values travel as parameters only.</summary>
internal static class ObservationReader
{
    private const string Columns = "o.sequence, o.datastream, o.phenomenon_time, o.result_time, o.received_time, o.number, o.text, o.quality, o.device_sequence";

    public static long MaxSequence(DuckDBConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = table switch
        {
            "observations" => "SELECT coalesce(max(sequence), 0) FROM observations",
            "dead_letters" => "SELECT coalesce(max(sequence), 0) FROM dead_letters",
            _ => throw new ArgumentOutOfRangeException(nameof(table), table, "No such table."),
        };
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>See <see cref="DuckDbObservationStore.Incarnation"/>.</summary>
    public static string Incarnation(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM incarnation";
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>All datastreams with their newest observation.</summary>
    public static StreamTable Streams(DuckDBConnection connection)
    {
        var table = new StreamTable();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT number, id FROM datastreams ORDER BY number";
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                table.Add(new StreamState(reader.GetInt32(0), StoredText.Decode(reader.GetString(1))));
            }
        }

        command.CommandText = $"""
            SELECT {Columns} FROM observations o
            JOIN (SELECT datastream, max(phenomenon_time) AS newest FROM observations GROUP BY datastream) n
              ON o.datastream = n.datastream AND o.phenomenon_time = n.newest
            """;
        foreach (var observation in ReadAll(command, table))
        {
            table.Find(observation.Observation.DatastreamId)!.Latest = observation;
        }

        return table;
    }

    /// <summary>Queries that one group may cost at most.</summary>
    internal const int MostClusters = 8;

    /// <summary>Keys that lie further apart than this are looked for separately.</summary>
    internal static readonly TimeSpan ClusterGap = TimeSpan.FromDays(1);

    /// <summary>Prints of those keys that are in the file: a query for each cluster of phenomenon times, bounded by its range.</summary>
    public static Dictionary<StreamKey, ResultPrint> Stored(DuckDBConnection connection, IReadOnlyCollection<StreamKey> keys)
    {
        var found = new Dictionary<StreamKey, ResultPrint>();
        foreach (var cluster in Clusters(keys))
        {
            Find(connection, cluster, found);
        }

        return found;
    }

    /// <summary>
    /// Keys in groups by time, split at gaps of more than <see cref="ClusterGap"/>, the widest first: one clock that fell back by years
    /// must not make each commit scan the years between.
    /// </summary>
    internal static List<ArraySegment<StreamKey>> Clusters(IReadOnlyCollection<StreamKey> keys)
    {
        StreamKey[] sorted = [.. keys.OrderBy(k => k.Microseconds)];
        var gap = ClusterGap.Ticks / TimeSpan.TicksPerMicrosecond;
        int[] cuts =
        [
            .. Enumerable.Range(1, Math.Max(0, sorted.Length - 1)).Where(i => sorted[i].Microseconds - sorted[i - 1].Microseconds > gap)
                .OrderByDescending(i => sorted[i].Microseconds - sorted[i - 1].Microseconds).Take(MostClusters - 1).Order(),
        ];
        var clusters = new List<ArraySegment<StreamKey>>();
        var from = 0;
        foreach (var to in cuts.Append(sorted.Length).Where(to => to > from))
        {
            clusters.Add(new ArraySegment<StreamKey>(sorted, from, to - from));
            from = to;
        }

        return clusters;
    }

    private static void Find(DuckDBConnection connection, ArraySegment<StreamKey> keys, Dictionary<StreamKey, ResultPrint> found)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT o.datastream, epoch_us(o.phenomenon_time), o.number, o.text
            FROM observations o
            JOIN (SELECT unnest($streams) AS datastream, make_timestamp(unnest($times)) AS phenomenon_time) k
              ON o.datastream = k.datastream AND o.phenomenon_time = k.phenomenon_time
            WHERE o.phenomenon_time BETWEEN make_timestamp($first) AND make_timestamp($last)
            """;
        command.Parameters.Add(new DuckDBParameter("streams", keys.Select(k => k.Stream).ToList()));
        command.Parameters.Add(new DuckDBParameter("times", keys.Select(k => k.Microseconds).ToList()));
        command.Parameters.Add(new DuckDBParameter("first", keys[0].Microseconds));
        command.Parameters.Add(new DuckDBParameter("last", keys[^1].Microseconds));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            double? number = reader.IsDBNull(2) ? null : reader.GetDouble(2);
            var text = reader.IsDBNull(3) ? null : StoredText.Decode(reader.GetString(3));
            found[new StreamKey(reader.GetInt32(0), reader.GetInt64(1))] = ResultPrint.Of(number, text);
        }
    }

    /// <summary>Sequences are gapless, so a page is a range of them.</summary>
    public static List<CommittedObservation> After(DuckDBConnection connection, StreamTable streams, long after, long through)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM observations o WHERE o.sequence > $after AND o.sequence <= $through ORDER BY o.sequence";
        command.Parameters.Add(new DuckDBParameter("after", after));
        command.Parameters.Add(new DuckDBParameter("through", through));
        return ReadAll(command, streams);
    }

    public static List<CommittedObservation> Range(
        DuckDBConnection connection, StreamTable streams, StreamState stream, long from, long to, int limit, long durable)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT {Columns} FROM observations o
            WHERE o.datastream = $stream AND o.phenomenon_time >= make_timestamp($from) AND o.phenomenon_time < make_timestamp($to) AND o.sequence <= $durable
            ORDER BY o.phenomenon_time LIMIT $limit
            """;
        command.Parameters.Add(new DuckDBParameter("stream", stream.Number));
        command.Parameters.Add(new DuckDBParameter("from", from));
        command.Parameters.Add(new DuckDBParameter("to", to));
        command.Parameters.Add(new DuckDBParameter("durable", durable));
        command.Parameters.Add(new DuckDBParameter("limit", limit));
        return ReadAll(command, streams);
    }

    /// <summary>One query for the spans of several datastreams, in their order, ascending by time within each.</summary>
    public static List<CommittedObservation> Spans(
        DuckDBConnection connection, StreamTable streams, IReadOnlyList<(int Stream, long From, long To)> spans, int limit, long durable)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT {Columns} FROM observations o
            JOIN (SELECT unnest($streams) AS datastream, unnest($places) AS place, make_timestamp(unnest($froms)) AS from_time, make_timestamp(unnest($tos)) AS to_time) s
              ON o.datastream = s.datastream AND o.phenomenon_time >= s.from_time AND o.phenomenon_time < s.to_time
            WHERE o.phenomenon_time >= make_timestamp($first) AND o.phenomenon_time < make_timestamp($end) AND o.sequence <= $durable
            ORDER BY s.place, o.phenomenon_time LIMIT $limit
            """;
        command.Parameters.Add(new DuckDBParameter("streams", spans.Select(s => s.Stream).ToList()));
        command.Parameters.Add(new DuckDBParameter("places", Enumerable.Range(0, spans.Count).ToList()));
        command.Parameters.Add(new DuckDBParameter("froms", spans.Select(s => s.From).ToList()));
        command.Parameters.Add(new DuckDBParameter("tos", spans.Select(s => s.To).ToList()));
        command.Parameters.Add(new DuckDBParameter("first", spans.Min(s => s.From)));
        command.Parameters.Add(new DuckDBParameter("end", spans.Max(s => s.To)));
        command.Parameters.Add(new DuckDBParameter("durable", durable));
        command.Parameters.Add(new DuckDBParameter("limit", limit));
        return ReadAll(command, streams);
    }

    public static List<StoredDeadLetter> DeadLetters(DuckDBConnection connection, long before, int limit)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT sequence, door, device_id, address, received_time, reason, detail, payload, payload_length
            FROM dead_letters WHERE sequence < $before ORDER BY sequence DESC LIMIT $limit
            """;
        command.Parameters.Add(new DuckDBParameter("before", before));
        command.Parameters.Add(new DuckDBParameter("limit", limit));
        var letters = new List<StoredDeadLetter>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            using var payload = new MemoryStream();
            using (var blob = reader.GetStream(7))
            {
                blob.CopyTo(payload);
            }

            letters.Add(new StoredDeadLetter(reader.GetInt64(0), new DeadLetter
            {
                Door = reader.GetString(1),
                DeviceId = reader.IsDBNull(2) ? null : reader.GetString(2),
                Address = reader.GetString(3),
                ReceivedTime = StoreTime.FromColumn(reader.GetDateTime(4)),
                Reason = Enum.Parse<DeadLetterReason>(reader.GetString(5)),
                Detail = reader.GetString(6),
                Payload = payload.ToArray(),
                PayloadLength = reader.GetInt64(8),
            }));
        }

        return letters;
    }

    private static List<CommittedObservation> ReadAll(DuckDBCommand command, StreamTable streams)
    {
        var all = new List<CommittedObservation>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var number = reader.GetInt32(1);
            var stream = streams.Find(number)
                ?? throw new StoreUnavailableException(
                    $"An observation names datastream {number}, which the observation store does not know: the file is damaged, restore it from a backup.");
            all.Add(new CommittedObservation(reader.GetInt64(0), new Observation
            {
                DatastreamId = stream.Id,
                PhenomenonTime = StoreTime.FromColumn(reader.GetDateTime(2)),
                ResultTime = reader.IsDBNull(3) ? null : StoreTime.FromColumn(reader.GetDateTime(3)),
                ReceivedTime = StoreTime.FromColumn(reader.GetDateTime(4)),
                Result = reader.IsDBNull(5)
                    ? ObservationResult.OfText(StoredText.Decode(reader.GetString(6)))
                    : ObservationResult.OfNumber(reader.GetDouble(5)),
                Quality = (ResultQuality)reader.GetFieldValue<ushort>(7),
                DeviceSequence = reader.IsDBNull(8) ? null : reader.GetInt64(8),
            }));
        }

        return all;
    }
}
