using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using Npgsql;
using NpgsqlTypes;

namespace Monitoring.Bench;

/// <summary>The same ground in PostGIS, and the same question as one set-based statement.</summary>
internal sealed class JudgementPeer : IDisposable
{
    private readonly PostGisServer _server;
    private readonly PostGisTables _tables;

    public JudgementPeer(JudgementGround ground)
    {
        // Costs of starting workers are nothing beside minutes of work: with the defaults the planner runs it on one.
        _server = PostGisServer.Start(
            "shared_buffers=2GB", "work_mem=256MB", "maintenance_work_mem=1GB", "effective_cache_size=8GB", "max_parallel_workers_per_gather=2", "max_parallel_workers=2",
            "parallel_leader_participation=off", "parallel_setup_cost=0", "parallel_tuple_cost=0", "jit=off", "random_page_cost=1.1", "autovacuum=off");
        try
        {
            _tables = new(_server);
            Load(ground);
        }
        catch
        {
            _tables?.Dispose();
            _server.Dispose();
            throw;
        }
    }

    /// <param name="Missing">m² of the patch further than the tolerance outside of everything granted that may hold.</param>
    /// <param name="Doubtful">The same outside of what surely holds.</param>
    public sealed record Said(string Id, Verdict Verdict, double Missing, double Doubtful, double Least, string[] Parcels, double[] ParcelAreas, string[] Lines, double[] LineAreas, double[] LineSure);

    public string Version => _tables.Version;

    public List<Said> Bulk() => _tables.Ask(BulkSql, Read);

    /// <summary>How the patches are given to the workers, and what each does with one.</summary>
    public string Plan() =>
        string.Join("\n", _tables.Ask("EXPLAIN (COSTS OFF) " + BulkSql, r => r.GetString(0)))
        + "\n\n-- in the function, for one patch\n"
        + string.Join("\n", _tables.Ask("EXPLAIN (COSTS OFF) " + Sql("SELECT * FROM patch OFFSET 0"), r => r.GetString(0)));

    /// <summary>Asks for patches one at a time: a prepared statement with a plan of its own, over a unix socket.</summary>
    public Action<string> Single()
    {
        _tables.Do("SET max_parallel_workers_per_gather = 0");
        _tables.Do("SET plan_cache_mode = force_generic_plan");
        var shapes = _tables.Ask("SELECT id, g::text, least FROM patch", r => (Id: r.GetString(0), Shape: r.GetString(1), Least: r.GetDouble(2))).ToDictionary(r => r.Id, StringComparer.Ordinal);
        var command = new NpgsqlCommand(Sql("SELECT $1::text AS id, $2::text::geometry AS g, date '2025-06-01' AS first, date '2025-06-11' AS last, 10::float8 AS tol, $3::float8 AS least OFFSET 0"), _tables.Connection);
        command.Parameters.Add(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<double> { NpgsqlDbType = NpgsqlDbType.Double });
        command.Prepare();
        return id =>
        {
            var patch = shapes[id];
            ((NpgsqlParameter<string>)command.Parameters[0]).TypedValue = patch.Id;
            ((NpgsqlParameter<string>)command.Parameters[1]).TypedValue = patch.Shape;
            ((NpgsqlParameter<double>)command.Parameters[2]).TypedValue = patch.Least;
            using var reader = command.ExecuteReader();
            reader.Read();
            _ = Read(reader);
        };
    }

    public void EndSingle() => _tables.Do("RESET ALL");

    public void Dispose()
    {
        _tables.Dispose();
        _server.Dispose();
    }

    private static Said Read(NpgsqlDataReader r) => new(
        r.GetString(0), (Verdict)r.GetInt32(1), r.GetDouble(2), r.GetDouble(3), r.GetDouble(4),
        Of<string>(r, 5), Of<double>(r, 6), Of<string>(r, 7), Of<double>(r, 8), Of<double>(r, 9));

    private static T[] Of<T>(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? [] : reader.GetFieldValue<T[]>(column);

    private void Load(JudgementGround ground)
    {
        _tables.Do("CREATE EXTENSION postgis");
        _tables.Do(
            """
            CREATE UNLOGGED TABLE feature_in (id text, layer text, wkb bytea, valid_from date, valid_to date, status text, kind text);
            CREATE UNLOGGED TABLE patch_in (id text, wkb bytea, least float8);
            """);
        _tables.Copy("feature_in", ground.Features.Where(f => f is not Region).Select(f => (object?[])
            [f.Id, f.Layer.ToString(), f.Outline.Shape, f.EffectiveFrom, f.EffectiveTo, (f as Permit)?.Status.ToString(), (f as Permit)?.Kind ?? (f as ControlLine)?.Kind.ToString()]));
        _tables.Copy("patch_in", ground.Patches.Select(p => (object?[])[p.Id, p.Outline.Shape, Math.Min(400, p.Outline.AreaSquareMeters / 2)]));
        _tables.Do(
            """
            CREATE TABLE parcel AS SELECT id, ST_Transform(ST_GeomFromWKB(wkb, 4490), 4549) AS g FROM feature_in WHERE layer = 'Parcel';
            CREATE TABLE permit AS SELECT id, kind, status, valid_from, valid_to, ST_Transform(ST_GeomFromWKB(wkb, 4490), 4549) AS g FROM feature_in WHERE layer = 'Permit';
            CREATE TABLE line AS SELECT id, kind, valid_from, ST_Transform(ST_GeomFromWKB(wkb, 4490), 4549) AS g FROM feature_in WHERE layer = 'ControlLine';
            CREATE TABLE patch AS SELECT id, ST_Transform(ST_GeomFromWKB(wkb, 4490), 4549) AS g, date '2025-06-01' AS first, date '2025-06-11' AS last, 10::float8 AS tol, least FROM patch_in;
            ALTER TABLE patch SET (parallel_workers = 2);
            CREATE INDEX ON parcel USING gist (g);
            CREATE INDEX ON permit USING gist (g);
            CREATE INDEX ON line USING gist (g);
            DROP TABLE feature_in, patch_in;
            """);
        _tables.Do(
            $"""
            CREATE FUNCTION judged(text, geometry, date, date, float8, float8)
            RETURNS TABLE (patch text, verdict int, missing float8, doubtful float8, enough float8, parcels text[], parcel_areas float8[], lines text[], line_areas float8[], line_sures float8[])
            LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 COST 100000 AS $body$
            #variable_conflict use_column
            BEGIN
              RETURN QUERY {Sql("SELECT $1 AS id, $2 AS g, $3 AS first, $4 AS last, $5 AS tol, $6 AS least OFFSET 0")};
            END $body$;
            """);
        _tables.Do("VACUUM ANALYZE");
    }

    /// <summary>PostgreSQL runs subqueries that look back at a row (LATERAL) on one process; in a function that is parallel safe they run on all workers.</summary>
    private const string BulkSql = "SELECT j.* FROM patch p CROSS JOIN LATERAL judged(p.id, p.g, p.first, p.last, p.tol, p.least) j";

    /// <summary>
    /// The question for a set of patches. Nothing is overlaid or buffered where a cheaper test decides; lines are clipped to the neighbourhood of the patch first.
    /// </summary>
    public static string Sql(string patches) =>
        $"""
        SELECT p.id,
               CASE WHEN a.missing >= p.least OR l.sure THEN 3 WHEN a.doubtful >= p.least THEN 2 ELSE 1 END AS verdict,
               a.missing, a.doubtful, p.least, c.ids, c.areas, l.ids, l.areas, l.sures
        FROM ({patches}) p
        CROSS JOIN LATERAL (
          SELECT ST_Union(g) FILTER (WHERE firm) AS firm, ST_Union(g) AS wide, bool_and(firm) AS all_firm
          FROM (SELECT q.g, q.kind = 'construction_works' AND q.valid_from <= p.first AND q.valid_to > p.last AS firm
                FROM permit q
                WHERE q.g && ST_Expand(p.g, p.tol) AND q.status = 'Granted' AND q.valid_from <= p.last AND q.valid_to > p.first) near) u
        CROSS JOIN LATERAL (
          SELECT CASE WHEN u.wide IS NULL THEN ST_Area(p.g) WHEN ST_Covers(u.wide, p.g) THEN 0 ELSE ST_Area(ST_Difference(p.g, ST_Buffer(u.wide, p.tol))) END AS missing OFFSET 0) w
        CROSS JOIN LATERAL (
          SELECT w.missing,
                 CASE WHEN w.missing >= p.least OR u.all_firm THEN w.missing WHEN u.firm IS NULL THEN ST_Area(p.g) WHEN ST_Covers(u.firm, p.g) THEN 0
                      ELSE ST_Area(ST_Difference(p.g, ST_Buffer(u.firm, p.tol))) END AS doubtful OFFSET 0) a
        CROSS JOIN LATERAL (
          SELECT array_agg(q.id) AS ids, array_agg(CASE WHEN ST_Covers(q.g, p.g) THEN ST_Area(p.g) ELSE ST_Area(ST_Intersection(q.g, p.g)) END) AS areas
          FROM parcel q WHERE ST_Intersects(q.g, p.g)) c
        CROSS JOIN LATERAL (
          SELECT array_agg(m.id) AS ids, array_agg(m.area) AS areas, array_agg(m.sure) AS sures, bool_or(m.sure >= p.least) AS sure
          FROM (SELECT n.id, n.area,
                       CASE WHEN n.area < p.least THEN 0
                            ELSE greatest(ST_Area(ST_Intersection(ST_Buffer(p.g, -p.tol), n.clip)), ST_Area(ST_Intersection(p.g, ST_Buffer(n.clip, -p.tol)))) END AS sure
                FROM (SELECT k.id, k.clip, ST_Area(ST_Intersection(k.clip, p.g)) AS area
                      FROM (SELECT q.id, ST_ClipByBox2D(q.g, ST_Expand(p.g, 3 * p.tol + 1)::box2d) AS clip
                            FROM line q WHERE ST_Intersects(q.g, p.g) OFFSET 0) k OFFSET 0) n OFFSET 0) m) l
        """;
}
