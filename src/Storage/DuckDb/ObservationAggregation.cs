using System.Globalization;
using DuckDB.NET.Data;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>Aggregates of one datastream over time.</summary>
/// <remarks>
/// Sums run in the order of phenomenon time with Kahan's compensation, so the value does not depend on the order of arrival or on
/// threads. The energy mean is taken relative to the bucket's loudest level, so no power overflows.
/// Completeness counts distinct slots: results are numbered by the expected interval from the bucket's first result on, to the nearest
/// whole, so that a steady phase or jitter below half an interval makes no hole and two results in one slot fill none elsewhere.
/// Expected is the whole number of intervals in the bucket (the last bucket may be shorter), at least 1.
/// </remarks>
internal static class ObservationAggregation
{
    private const string Query = """
        WITH results AS (
            SELECT (epoch_us(phenomenon_time) - $from) // $bucket AS bucket, epoch_us(phenomenon_time) AS t, number,
                   (quality & $disqualifying) = 0 AS sound,
                   (quality & $disqualifying) = 0 AND (number IS NOT NULL OR $categories) AS counts
            FROM observations
            WHERE datastream = $stream AND phenomenon_time >= make_timestamp($from) AND phenomenon_time < make_timestamp($to) AND sequence <= $durable),
        framed AS (
            SELECT *, max(number) FILTER (WHERE counts) OVER w AS loudest, min(t) FILTER (WHERE counts) OVER w AS first
            FROM results WINDOW w AS (PARTITION BY bucket))
        SELECT bucket,
               count(*) FILTER (WHERE counts),
               count(*) FILTER (WHERE NOT sound),
               favg(number ORDER BY t) FILTER (WHERE counts),
               fsum(number ORDER BY t) FILTER (WHERE counts),
               any_value(loudest) + 10 * log10(favg(pow(10, (number - loudest) / 10) ORDER BY t) FILTER (WHERE counts)),
               min(number) FILTER (WHERE counts),
               max(number) FILTER (WHERE counts),
               count(DISTINCT (t - first + $interval // 2) // $interval) FILTER (WHERE counts)
        FROM framed GROUP BY bucket ORDER BY bucket
        """;

    /// <param name="from">µs since 1970, inclusive; where the first bucket begins.</param>
    /// <param name="to">µs since 1970, exclusive.</param>
    /// <param name="bucket">Length of a bucket in µs, at least 1.</param>
    public static List<ObservationAggregate> Run(
        DuckDBConnection connection, Datastream datastream, StreamState stream, long from, long to, long bucket, long durable)
    {
        var interval = datastream.ExpectedInterval is { } expected ? Math.Max(1, expected.Ticks / TimeSpan.TicksPerMicrosecond) : (long?)null;
        using var command = connection.CreateCommand();
        command.CommandText = Query;
        command.Parameters.Add(new DuckDBParameter("from", from));
        command.Parameters.Add(new DuckDBParameter("to", to));
        command.Parameters.Add(new DuckDBParameter("bucket", bucket));
        command.Parameters.Add(new DuckDBParameter("interval", interval ?? 1L));
        command.Parameters.Add(new DuckDBParameter("disqualifying", (int)ResultQuality.Disqualifying));
        command.Parameters.Add(new DuckDBParameter("categories", datastream.Aggregation == Aggregation.None));
        command.Parameters.Add(new DuckDBParameter("stream", stream.Number));
        command.Parameters.Add(new DuckDBParameter("durable", durable));
        var aggregates = new List<ObservationAggregate>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var number = Convert.ToInt64(reader.GetValue(0), CultureInfo.InvariantCulture);
            var start = from + (number * bucket);
            var count = (int)reader.GetInt64(1);
            aggregates.Add(new ObservationAggregate
            {
                From = StoreTime.FromMicroseconds(start),
                Count = count,
                Disqualified = (int)reader.GetInt64(2),
                Value = datastream.Aggregation switch
                {
                    Aggregation.Mean => Number(reader, 3),
                    Aggregation.Sum => Number(reader, 4),
                    Aggregation.EnergyMean => Number(reader, 5),
                    Aggregation.Max => Number(reader, 7),
                    _ => null,
                },
                Min = Number(reader, 6),
                Max = Number(reader, 7),
                Completeness = interval is { } length ? Completeness(reader.GetInt64(8), Math.Min(bucket, to - start), length) : null,
            });
        }

        return aggregates;
    }

    private static double Completeness(long slots, long length, long interval) =>
        Math.Min(1.0, slots / (double)Math.Max(1, length / interval));

    /// <summary>Null also for a sum that left the range of a double: there is no such value.</summary>
    private static double? Number(DuckDBDataReader reader, int column) =>
        reader.IsDBNull(column) || !double.IsFinite(reader.GetDouble(column)) ? null : reader.GetDouble(column);
}
