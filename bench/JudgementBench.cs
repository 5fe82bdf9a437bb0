using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Detection;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using Npgsql;
using NpgsqlTypes;

namespace Monitoring.Bench;

/// <summary>Judgement beside PostGIS on the same parcels, permits, lines and patches: in bulk, one at a time, and as the register grows.</summary>
internal static class JudgementBench
{
    private const int Rounds = 3;
    private const int Singles = 2000;

    /// <param name="parcels">Parcels of the largest register; a tenth as many permits and patches.</param>
    public static void Run(string results, int parcels, CancellationToken stop)
    {
        if (PostGisServer.Missing is { } missing)
        {
            throw new InvalidOperationException(missing);
        }

        var patches = Math.Min(100_000, parcels / 10);
        var judge = new PatchJudge(DetectionRules.Default.Judgement, new GdalGeodesic());
        var growth = new StringBuilder();
        for (var size = parcels / 100; size < parcels; size *= 10)
        {
            var small = new JudgementGround(7, size, size / 10, 20_000);
            Grown(growth, small, PlanIndex.Of(small.Features), judge);
        }

        stop.ThrowIfCancellationRequested();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var ground = new JudgementGround(7, parcels, parcels / 10, patches);
        var features = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var index = PlanIndex.Of(ground.Features);
        var built = clock.Elapsed;
        var indexed = GC.GetTotalMemory(forceFullCollection: true);
        Grown(growth, ground, index, judge);

        using var server = PostGisServer.Start("shared_buffers=2GB", "work_mem=512MB", "maintenance_work_mem=1GB", "effective_cache_size=8GB", "max_parallel_workers_per_gather=2", "max_parallel_workers=2", "parallel_leader_participation=off", "jit=off", "random_page_cost=1.1");
        using var tables = new PostGisTables(server);
        clock.Restart();
        Load(tables, ground);
        var loaded = clock.Elapsed;
        var (ours, theirs, ourSingle, theirSingle) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var verdicts = new Verdict[patches];
        var differ = 0;
        for (var round = 0; round < Rounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            clock.Restart();
            Parallel.For(0, patches, new ParallelOptions { MaxDegreeOfParallelism = 2 }, i => verdicts[i] = judge.Judge(ground.Patches[i], index).Verdict);
            ours.Add(patches / clock.Elapsed.TotalSeconds);
            clock.Restart();
            var said = tables.Ask(QuestionSql("SELECT * FROM patch"), r => (Id: r.GetString(0), Verdict: (Verdict)r.GetInt32(1)));
            theirs.Add(patches / clock.Elapsed.TotalSeconds);
            differ = said.Count(s => verdicts[int.Parse(s.Id.AsSpan(1), CultureInfo.InvariantCulture)] != s.Verdict);
            ourSingle.Add(OneByOne(ground, i => judge.Judge(ground.Patches[i], index)));
            theirSingle.Add(TheirOneByOne(tables, ground));
            Console.WriteLine(Say($"round {round + 1}: bulk {ours[^1]:F0}/s beside {theirs[^1]:F0}/s; single {ourSingle[^1]:F1} µs beside {theirSingle[^1]:F1} µs; {differ} verdicts differ of {said.Count}"));
        }

        var plan = string.Join("\n", tables.Ask("EXPLAIN " + QuestionSql("SELECT * FROM patch"), r => r.GetString(0)));
        var text = new StringBuilder(Say(
            $"""
            # Judgement beside PostGIS

            {parcels:N0} parcels, {parcels / 10:N0} permits, {Math.Max(3, parcels / 1000):N0} control lines, {patches:N0} patches, seeded (`bench/JudgementGround.cs`), on {Machine.Describe()}.
            {tables.Version}: GiST indexes, ANALYZE, outlines stored in metres (EPSG:4549) so that nothing is projected while it is asked; shared_buffers 2 GB,
            work_mem 512 MB, jit off, two parallel workers without the leader, all data in memory. Its question: verdict by permits and lines, and the area of
            each parcel touched. Ours: the whole judgement with all reasons, areas geodesic, on two threads. Alternating runs, the best of {Rounds} of each side; the machine may
            have done other work besides. Made by `dotnet run -c Release --project bench -- judgement`.

            | | here | PostGIS | ratio | asked |
            |---|---|---|---|---|
            | in bulk, patches a second | {ours.Max():F0} | {theirs.Max():F0} | {ours.Max() / theirs.Max():F1} | 3 |
            | one at a time, median µs (prepared statement, unix socket) | {ourSingle.Min():F1} | {theirSingle.Min():F1} | {theirSingle.Min() / ourSingle.Min():F1} | 10 |
            | building the index, s (PostGIS: load, project, index, analyse) | {built.TotalSeconds:F1} | {loaded.TotalSeconds:F1} | | |
            | verdicts that differ, of {patches:N0} | {differ} | | | |

            Features in memory {(features - before) / 1048576:N0} MiB (with the patches), the index {(indexed - features) / 1048576:N0} MiB more; the process at its peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576:N0} MiB.

            ## As the register grows

            | parcels | µs a patch, one thread, best of {Rounds} |
            |---|---|
            {growth}
            ## After a plan change


            """));
        text.AppendLine(Change(ground, index, parcels));
        text.AppendLine().AppendLine("## The plan of PostGIS").AppendLine().AppendLine("```").AppendLine(plan).AppendLine("```");
        File.WriteAllText(Path.Combine(results, "judgement.md"), text.ToString());
        Console.WriteLine(text);
    }

    private static void Grown(StringBuilder rows, JudgementGround ground, PlanIndex index, PatchJudge judge)
    {
        var best = double.PositiveInfinity;
        var count = Math.Min(20_000, ground.Patches.Count);
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < count; i++)
            {
                judge.Judge(ground.Patches[i], index);
            }

            best = Math.Min(best, clock.Elapsed.TotalMicroseconds / count);
        }

        rows.AppendLine(Say($"| {ground.Features.Count(f => f is Parcel):N0} | {best:F1} |"));
        Console.WriteLine(Say($"{ground.Features.Count(f => f is Parcel)} parcels: {best:F1} µs a patch"));
    }

    private static double OneByOne(JudgementGround ground, Action<int> ask)
    {
        var times = new double[Singles];
        for (var i = 0; i < Singles; i++)
        {
            var at = (int)(i * 7919L % ground.Patches.Count);
            var start = Stopwatch.GetTimestamp();
            ask(at);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[Singles / 2];
    }

    private static double TheirOneByOne(PostGisTables tables, JudgementGround ground)
    {
        tables.Do("SET max_parallel_workers_per_gather = 0; SET plan_cache_mode = force_generic_plan");
        using var command = new NpgsqlCommand(QuestionSql("SELECT $1::text AS id, $2::text::geometry AS g, date '2025-06-01' AS first, date '2025-06-11' AS last, 10::float8 AS tol, $3::float8 AS least OFFSET 0"), tables.Connection);
        command.Parameters.Add(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<double> { NpgsqlDbType = NpgsqlDbType.Double });
        command.Prepare();
        var shapes = tables.Ask("SELECT id, g::text, least FROM patch", r => (Id: r.GetString(0), Shape: r.GetString(1), Least: r.GetDouble(2))).ToDictionary(r => r.Id);
        var median = OneByOne(ground, i =>
        {
            var patch = shapes[ground.Patches[i].Id];
            ((NpgsqlParameter<string>)command.Parameters[0]).TypedValue = patch.Id;
            ((NpgsqlParameter<string>)command.Parameters[1]).TypedValue = patch.Shape;
            ((NpgsqlParameter<double>)command.Parameters[2]).TypedValue = patch.Least;
            using var reader = command.ExecuteReader();
            reader.Read();
            _ = reader.GetInt32(1);
        });
        tables.Do("RESET max_parallel_workers_per_gather; RESET plan_cache_mode");
        return median;
    }

    /// <summary>One permit changes: a new version of the index, and the patches that have to be judged again beside those whose judgement differs.</summary>
    private static string Change(JudgementGround ground, PlanIndex index, int parcels)
    {
        var rules = DetectionRules.Default.Judgement;
        var judge = new PatchJudge(rules, new GdalGeodesic());
        var permit = ground.Features.OfType<Permit>().First(p => p.Status is PermitStatus.Granted && p.InForceOn(new DateOnly(2025, 6, 5)));
        var inBox = index.InBox<Permit>(MapLayer.Permit, permit.Outline.Box).Select(p => p.Id == permit.Id ? p with { Status = PermitStatus.Revoked } : p).ToList();
        var clock = Stopwatch.StartNew();
        var next = index.With(1, MapLayer.Permit, permit.Outline.Box, inBox);
        var step = clock.Elapsed;
        var reach = PatchPlace.ReachMeters(rules, 10);
        var box = LocalPlane.At(permit.Outline.Box).Grow(permit.Outline.Box, 1.25 * reach);
        var again = ground.Patches.Where(p => p.Outline.Box.Intersects(box)).ToList();
        var differ = ground.Patches.AsParallel().WithDegreeOfParallelism(2).Where(p => !Same(judge.Judge(p, index), judge.Judge(p, next))).Select(p => p.Id).ToHashSet();
        var missed = differ.Except(again.Select(p => p.Id)).Count();
        return Say($"One of {parcels / 10:N0} permits is revoked: the next version of the index took {step.TotalMilliseconds:F1} ms; of {ground.Patches.Count:N0} patches {again.Count} lie near it and are judged again, the judgement of {differ.Count} differs (found by judging all), {missed} of these were not judged again.");

        static bool Same(PatchJudgement a, PatchJudgement b) =>
            a.Verdict == b.Verdict && a.Reasons.Select(r => r.Code).SequenceEqual(b.Reasons.Select(r => r.Code));
    }

    private static void Load(PostGisTables tables, JudgementGround ground)
    {
        tables.Do(
            """
            CREATE EXTENSION postgis;
            CREATE TABLE feature_in (id text, layer text, wkb bytea, valid_from date, valid_to date, status text, kind text);
            CREATE TABLE patch_in (id text, wkb bytea, least float8);
            """);
        tables.Copy("feature_in", ground.Features.Where(f => f is not Region).Select(f => (object?[])
            [f.Id, f.Layer.ToString(), f.Outline.Shape, f.EffectiveFrom, f.EffectiveTo, (f as Permit)?.Status.ToString(), (f as Permit)?.Kind ?? (f as ControlLine)?.Kind.ToString()]));
        tables.Copy("patch_in", ground.Patches.Select(p => (object?[])[p.Id, p.Outline.Shape, Math.Min(400, p.Outline.AreaSquareMeters / 2)]));
        tables.Do(
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
        tables.Do("VACUUM ANALYZE");
    }

    /// <summary>
    /// The question for a set of patches. What is outside of a union by less than the tolerance is found without a buffer where a cheaper
    /// test decides; lines that hold the patch, or do not meet it, are not cut.
    /// </summary>
    private static string QuestionSql(string patches) =>
        $"""
        SELECT p.id,
               CASE WHEN a.missing >= p.least OR l.sure THEN 3 WHEN a.doubtful >= p.least THEN 2 ELSE 1 END AS verdict,
               a.share, a.missing, c.ids, c.areas, l.ids, l.areas
        FROM ({patches}) p
        CROSS JOIN LATERAL (
          SELECT ST_Union(g) FILTER (WHERE firm) AS firm, ST_Union(g) AS wide, bool_and(firm) AS all_firm
          FROM (SELECT q.g, q.kind = 'construction_works' AND q.valid_from <= p.first AND q.valid_to > p.last AS firm
                FROM permit q
                WHERE q.g && ST_Expand(p.g, p.tol) AND q.status = 'Granted' AND q.valid_from <= p.last AND q.valid_to > p.first) near) u
        CROSS JOIN LATERAL (SELECT CASE WHEN u.wide IS NULL THEN ST_Area(p.g) WHEN ST_Covers(u.wide, p.g) THEN 0 ELSE ST_Area(ST_Difference(p.g, ST_Buffer(u.wide, p.tol))) END AS missing) w
        CROSS JOIN LATERAL (
          SELECT w.missing,
                 CASE WHEN u.wide IS NULL OR u.all_firm THEN w.missing WHEN u.firm IS NULL THEN ST_Area(p.g) WHEN ST_Covers(u.firm, p.g) THEN 0
                      ELSE ST_Area(ST_Difference(p.g, ST_Buffer(u.firm, p.tol))) END AS doubtful,
                 CASE WHEN u.wide IS NULL THEN 0 ELSE ST_Area(ST_Intersection(p.g, u.wide)) / ST_Area(p.g) END AS share) a
        CROSS JOIN LATERAL (
          SELECT array_agg(q.id) AS ids, array_agg(CASE WHEN ST_Covers(q.g, p.g) THEN ST_Area(p.g) ELSE ST_Area(ST_Intersection(q.g, p.g)) END) AS areas
          FROM parcel q WHERE ST_Intersects(q.g, p.g)) c
        CROSS JOIN LATERAL (
          SELECT array_agg(m.id) AS ids, array_agg(m.area) AS areas, bool_or(m.sure >= p.least) AS sure
          FROM (SELECT q.id,
                       CASE WHEN ST_Covers(q.g, p.g) THEN ST_Area(p.g) ELSE ST_Area(ST_Intersection(q.g, p.g)) END AS area,
                       greatest(ST_Area(ST_Intersection(ST_Buffer(p.g, -p.tol), q.g)), ST_Area(ST_Intersection(p.g, ST_Buffer(ST_ClipByBox2D(q.g, ST_Expand(p.g, 3 * p.tol + 1)::box2d), -p.tol)))) AS sure
                FROM line q WHERE ST_Intersects(q.g, p.g)) m) l
        """;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
