using Dapper;
using Microsoft.Data.Sqlite;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Storage.Sqlite;

/// <inheritdoc cref="IFindingStore"/>
public sealed class SqliteFindingStore(RegisterDatabase database, IEventBus bus) : IFindingStore
{
    private const string JudgedColumns = """
        p.change_set_id AS ChangeSetId, p.body AS Patch, j.site_id AS SiteId, j.region_code AS RegionCode, j.verdict AS Verdict,
        j.reasons AS Reasons, j.map_version AS MapVersion, j.judged_at AS JudgedAt
        """;

    /// <inheritdoc/>
    public async Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var through = await database.WriteAsync(
            (connection, transaction) =>
            {
                var last = Insert(connection, transaction, batch.Findings);
                foreach (var judged in batch.JudgedPatches)
                {
                    Insert(connection, transaction, judged);
                }

                SqliteLearningStore.InsertFirst(connection, transaction, batch.Scores);
                Sql.Advance(connection, transaction, batch.Cursor);
                return last;
            },
            cancellationToken);
        if (through > 0)
        {
            bus.Publish(new FindingRaised(through));
        }

        bus.PublishCursor(batch.Cursor);
    }

    public async Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        await QueryAsync("sequence > @afterSequence", "sequence", limit, new DynamicParameters(new { afterSequence }), cancellationToken);

    public async Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) =>
        (await QueryAsync("id = @findingId", "sequence", 1, new DynamicParameters(new { findingId }), cancellationToken)).FirstOrDefault();

    public async Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) =>
        await QueryAsync(
            "subject_kind = @kind AND subject_id = @Id", "sequence DESC", limit, new DynamicParameters(new { kind = RegisterJson.Name(subject.Kind), subject.Id }), cancellationToken);

    public async Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(Envelope? box, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters();
        var place = Sql.IndexedBoxFilter("p", "patch", "patch_boxes", box, parameters);
        return await JudgedAsync($"{place} ORDER BY p.patch", parameters, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The newest judgement of each patch that stands under the site, by the patch's <see cref="ChangePatch.NotAfter"/>.</remarks>
    public async Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) =>
        await JudgedAsync("j.site_id = @siteId ORDER BY p.not_after, p.patch", new DynamicParameters(new { siteId }), cancellationToken);

    /// <summary>Stores findings in the caller's transaction; the highest new sequence, or 0 when all were there.</summary>
    internal static long Insert(SqliteConnection connection, SqliteTransaction transaction, IReadOnlyList<Finding> findings)
    {
        var next = Sql.Next(connection, transaction, "findings");
        var first = next;
        foreach (var finding in findings)
        {
            next += connection.Execute(
                """
                INSERT INTO findings (sequence, id, rule_id, subject_kind, subject_id, region_code, phenomenon_end, body)
                VALUES (@next, @Id, @RuleId, @kind, @subject, @RegionCode, @end, @body) ON CONFLICT (id) DO NOTHING
                """,
                new
                {
                    next, finding.Id, finding.RuleId, kind = RegisterJson.Name(finding.Subject.Kind), subject = finding.Subject.Id, finding.RegionCode,
                    end = Sql.Time(finding.PhenomenonEnd), body = RegisterJson.Write(finding),
                },
                transaction);
        }

        return next > first ? next - 1 : 0;
    }

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, JudgedPatch judged)
    {
        var patch = connection.ExecuteScalar<long?>("SELECT patch FROM patches WHERE id = @Id", judged.Patch, transaction);
        if (patch is null)
        {
            patch = Sql.Next(connection, transaction, "patches", "patch");
            var box = judged.Patch.Outline.Box;
            var row = new
            {
                patch, judged.Patch.Id, judged.ChangeSetId, notAfter = Sql.Time(judged.Patch.NotAfter), knownAt = Sql.Time(judged.JudgedAt), body = RegisterJson.Write(judged.Patch),
                box.MinX, box.MaxX, box.MinY, box.MaxY,
            };
            connection.Execute(
                """
                INSERT INTO patches (patch, id, change_set_id, not_after, known_at, body, min_x, max_x, min_y, max_y)
                VALUES (@patch, @Id, @ChangeSetId, @notAfter, @knownAt, @body, @MinX, @MaxX, @MinY, @MaxY)
                """,
                row,
                transaction);
            connection.Execute("INSERT INTO patch_boxes (patch, min_x, max_x, min_y, max_y) VALUES (@patch, @MinX, @MaxX, @MinY, @MaxY)", row, transaction);
        }

        connection.Execute("UPDATE judgements SET current = 0 WHERE patch = @patch AND current = 1", new { patch }, transaction);
        connection.Execute(
            """
            INSERT INTO judgements (patch, site_id, region_code, verdict, reasons, map_version, judged_at, current)
            VALUES (@patch, @SiteId, @RegionCode, @verdict, @reasons, @MapVersion, @judgedAt, 1)
            """,
            new
            {
                patch, judged.SiteId, judged.RegionCode, verdict = RegisterJson.Name(judged.Verdict), reasons = RegisterJson.Write(judged.Reasons),
                judged.MapVersion, judgedAt = Sql.Time(judged.JudgedAt),
            },
            transaction);
    }

    private async Task<List<StoredFinding>> QueryAsync(string where, string order, int limit, DynamicParameters parameters, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        parameters.Add("limit", limit);
        var rows = await database.ReadAsync(
            connection => connection.Query<(long Sequence, string Body)>(
                $"SELECT sequence, body FROM findings WHERE {where} ORDER BY {order} LIMIT @limit", parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => new StoredFinding(row.Sequence, RegisterJson.Read<Finding>(row.Body)));
    }

    private async Task<List<JudgedPatch>> JudgedAsync(string where, DynamicParameters parameters, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<JudgedRow>(
                $"SELECT {JudgedColumns} FROM judgements j JOIN patches p ON p.patch = j.patch WHERE j.current = 1 AND {where}", parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => row.ToJudgedPatch());
    }

    private sealed record JudgedRow(
        string ChangeSetId, string Patch, string SiteId, string? RegionCode, string Verdict, string Reasons, long MapVersion, string JudgedAt)
    {
        public JudgedPatch ToJudgedPatch() => new(
            ChangeSetId, RegisterJson.Read<ChangePatch>(Patch), SiteId, RegionCode, RegisterJson.Value<Verdict>(Verdict),
            RegisterJson.Read<IReadOnlyList<Reason>>(Reasons), MapVersion, Sql.Time(JudgedAt));
    }
}
