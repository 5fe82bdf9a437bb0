using System.Buffers.Binary;
using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="ILearningStore"/>
public sealed partial class SqliteLearningStore(RegisterDatabase database, TimeProvider time) : ILearningStore
{
    private const int IdsAtOnce = 500;

    public async Task AddScoresAsync(IReadOnlyList<CandidateScore> scores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scores);
        await database.WriteAsync(
            (connection, transaction) =>
            {
                foreach (var score in scores)
                {
                    Insert(connection, transaction, score);
                }

                return true;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyDictionary<string, CandidateScore>> ScoresOfAsync(IReadOnlyCollection<string> findingIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(findingIds);
        Dictionary<string, CandidateScore> found = new(StringComparer.Ordinal);
        foreach (var ids in findingIds.Distinct(StringComparer.Ordinal).Chunk(IdsAtOnce))
        {
            // Oldest first: the newest of a finding stays.
            foreach (var score in await ReadAsync("finding_id IN @ids ORDER BY as_of", new DynamicParameters(new { ids }), cancellationToken))
            {
                found[score.FindingId] = score;
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<CandidateScore>> ScoresOfSiteAsync(string siteId, CancellationToken cancellationToken) =>
        await ReadAsync("site_id = @siteId ORDER BY as_of, score", new DynamicParameters(new { siteId }), cancellationToken);

    public async Task<IReadOnlyDictionary<string, CandidateScore>> NewestOfSitesAsync(IReadOnlyCollection<string> siteIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(siteIds);
        Dictionary<string, CandidateScore> found = new(StringComparer.Ordinal);
        foreach (var ids in siteIds.Distinct(StringComparer.Ordinal).Chunk(IdsAtOnce))
        {
            const string newest = "site_id IN @ids AND score = (SELECT o.score FROM candidate_scores o WHERE o.site_id = candidate_scores.site_id ORDER BY o.as_of DESC, o.score DESC LIMIT 1)";
            foreach (var score in await ReadAsync(newest, new DynamicParameters(new { ids }), cancellationToken))
            {
                found[score.SiteId] = score;
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<CandidateScore>> ScoresSinceAsync(DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadAsync("as_of >= @since ORDER BY as_of DESC, score DESC LIMIT @limit", new DynamicParameters(new { since = Sql.Time(since), limit }), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<int> RecordAsync(OutcomeDelivery delivery, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return database.WriteAsync(
            (connection, transaction) =>
            {
                var at = time.GetUtcNow();
                var taken = 0;
                foreach (var outcome in delivery.Outcomes)
                {
                    var recorded = outcome with { RecordedAt = at };
                    taken += connection.Execute(
                        """
                        INSERT INTO imported_outcomes (id, recorded_at, longitude, latitude, body) VALUES (@Id, @at, @Longitude, @Latitude, @body)
                        ON CONFLICT (id) DO NOTHING
                        """,
                        new { outcome.Id, at = Sql.Time(at), outcome.Longitude, outcome.Latitude, body = RegisterJson.Write(recorded) },
                        transaction);
                }

                if (taken > 0)
                {
                    Sql.Audit(connection, transaction, new AuditEntry(at, delivery.Actor, "outcomes.import", delivery.Source, AuditDetails.Of(
                        ("outcomes", delivery.Outcomes.Count), ("sourceHash", delivery.SourceHash), ("taken", taken))));
                }

                return taken;
            },
            cancellationToken);
    }

    public async Task<IReadOnlyList<CaseOutcome>> OutcomesAsync(string ruleId, Envelope? box, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(new { ruleId });
        var place = Sql.BoxFilter("a", box, parameters);
        var (cases, imported) = await database.ReadAsync(
            connection => (
                connection.Query<CaseRow>(
                    $"""
                    SELECT c.body AS Body, a.min_x AS MinX, a.max_x AS MaxX, a.min_y AS MinY, a.max_y AS MaxY
                    FROM cases c JOIN alerts a ON a.id = c.alert_id
                    WHERE c.decided_at IS NOT NULL AND a.rule_id = @ruleId AND a.min_x IS NOT NULL AND {place}
                    """,
                    parameters).AsList(),
                connection.Query<string>(
                    box is null
                        ? "SELECT body FROM imported_outcomes"
                        : "SELECT body FROM imported_outcomes WHERE longitude BETWEEN @boxMinX AND @boxMaxX AND latitude BETWEEN @boxMinY AND @boxMaxY",
                    parameters).AsList()),
            cancellationToken);
        return
        [
            .. cases.Select(static c => c.ToOutcome()).OfType<CaseOutcome>().Concat(imported.Select(RegisterJson.Read<CaseOutcome>))
                .OrderBy(static o => o.RecordedAt).ThenBy(static o => o.Id, StringComparer.Ordinal),
        ];
    }

    public async Task<IReadOnlyList<KnownPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<(string Body, string KnownAt)>(
                """
                SELECT p.body, p.known_at
                FROM judgements j JOIN patches p ON p.patch = j.patch
                WHERE j.site_id = @siteId AND j.current = 1 ORDER BY p.not_after, p.id
                """,
                new { siteId }).AsList(),
            cancellationToken);
        return rows.ConvertAll(static r => new KnownPatch(RegisterJson.Read<ChangePatch>(r.Body), Sql.Time(r.KnownAt)));
    }

    public async Task<IReadOnlyList<KnownPermit>> PermitsAsync(Envelope box, long asOfVersion, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters(new { asOfVersion, layer = RegisterJson.Name(MapLayer.Permit) });
        var place = Sql.IndexedBoxFilter("c", "content", "map_boxes", box, parameters);
        var rows = await database.ReadAsync(
            connection => connection.Query<PermitRow>(
                $"""
                SELECT p.id AS Id, p.effective_from AS EffectiveFrom, p.effective_to AS EffectiveTo, c.document AS Document, c.fields AS Fields,
                       c.shape AS Shape, c.area_m2 AS Area, c.source_crs AS SourceCrs, v.known_from AS KnownFrom
                FROM map_contents c JOIN map_periods p ON p.content = c.content JOIN map_versions v ON v.version = p.known_from
                WHERE {place} AND p.layer = @layer AND p.known_from <= @asOfVersion AND (p.known_to IS NULL OR p.known_to > @asOfVersion)
                ORDER BY p.id, p.effective_from
                """,
                parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(static r => r.ToKnown());
    }

    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> DevicesKnownFromAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<(string Id, string? KnownFrom)>(
                "SELECT id, coalesce(known_from, (SELECT min(at) FROM device_imports)) FROM devices").AsList(),
            cancellationToken);
        return rows.Where(static r => r.KnownFrom is not null).ToDictionary(static r => r.Id, static r => Sql.Time(r.KnownFrom!), StringComparer.Ordinal);
    }

    /// <summary>First scores of findings, in the transaction that stores these.</summary>
    internal static void InsertFirst(SqliteConnection connection, SqliteTransaction transaction, IReadOnlyList<CandidateScore> scores)
    {
        foreach (var score in scores)
        {
            if (connection.ExecuteScalar<long>("SELECT count(*) FROM candidate_scores WHERE finding_id = @FindingId", new { score.FindingId }, transaction) == 0)
            {
                Insert(connection, transaction, score);
            }
        }
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, CandidateScore score)
    {
        var row = new
        {
            score.FindingId, score.SiteId, asOf = Sql.Time(score.AsOf), features = Bytes(score.Features), body = RegisterJson.Write(score with { Features = [] }),
            likelyGroup = score.Triage is Triage.SetAside ? 2 : 0, score.Probability,
        };
        connection.Execute(
            """
            INSERT INTO candidate_scores (finding_id, site_id, as_of, features, body) VALUES (@FindingId, @SiteId, @asOf, @features, @body)
            ON CONFLICT (finding_id, as_of) DO NOTHING
            """,
            row,
            transaction);
        connection.Execute(
            """
            INSERT INTO newest_scores (finding_id, as_of, likely_group, probability) VALUES (@FindingId, @asOf, @likelyGroup, @Probability)
            ON CONFLICT (finding_id) DO UPDATE SET as_of = excluded.as_of, likely_group = excluded.likely_group, probability = excluded.probability
            WHERE excluded.as_of > newest_scores.as_of
            """,
            row,
            transaction);
    }

    private async Task<List<CandidateScore>> ReadAsync(string where, DynamicParameters parameters, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<(string Body, byte[] Features)>($"SELECT body, features FROM candidate_scores WHERE {where}", parameters).AsList(), cancellationToken);
        return rows.ConvertAll(static r => RegisterJson.Read<CandidateScore>(r.Body) with { Features = Numbers(r.Features) });
    }

    /// <summary>Little-endian, 4 bytes a number.</summary>
    private static byte[] Bytes(IReadOnlyList<float> numbers)
    {
        var bytes = new byte[numbers.Count * sizeof(float)];
        for (var i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), numbers[i]);
        }

        return bytes;
    }

    private static float[] Numbers(byte[] bytes)
    {
        var numbers = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return numbers;
    }

    private sealed record CaseRow(string Body, double MinX, double MaxX, double MinY, double MaxY)
    {
        /// <summary>其他 is neither: it says nothing of whether the place was built on without approval.</summary>
        public CaseOutcome? ToOutcome() =>
            RegisterJson.Read<Case>(Body) is { Verification: { Outcome: not FieldOutcome.Other } said, DecidedAt: { } decided } file
                ? new CaseOutcome($"case:{file.Id}", file.SiteId, (MinX + MaxX) / 2, (MinY + MaxY) / 2, said.At, decided, said.Outcome is FieldOutcome.Illegal, null, null)
                : null;
    }

    private sealed record PermitRow(
        string Id, string? EffectiveFrom, string? EffectiveTo, string? Document, string Fields, byte[] Shape, double Area, string SourceCrs, string KnownFrom)
    {
        public KnownPermit ToKnown() => new(
            (Permit)RegisterJson.Read<MapFields>(Fields).ToFeature(
                MapLayer.Permit, null, Id, new Outline(ShapeBytes.Read(Shape), Area, SourceCrs), Sql.Day(EffectiveFrom), Sql.Day(EffectiveTo), Document),
            Sql.Time(KnownFrom));
    }
}
