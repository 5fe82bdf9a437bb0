using Dapper;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;

namespace Monitoring.Storage.Sqlite;

/// <content>The questions of pages, hub and alert writer.</content>
public sealed partial class SqliteAlertStore
{
    /// <summary>Three parameters each; SQLite takes 32,766.</summary>
    private const int SubjectsAtOnce = 5000;

    public async Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken) =>
        await OneAsync("SELECT body FROM alerts WHERE fingerprint = @key AND state <> 'resolved'", fingerprint, cancellationToken);

    public async Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken) =>
        await OneAsync("SELECT body FROM alerts WHERE id = @key", alertId, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(question.Limit, 1000);
        var parameters = new DynamicParameters();
        var sql = Statement(question, parameters);
        var bodies = await database.ReadAsync(connection => connection.Query<string>(sql, parameters).AsList(), cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<Alert>);
    }

    /// <summary>
    /// The question in SQL, with only the conditions that it states: an index serves "column = value", but not "no value or column = value".
    /// </summary>
    internal static string Statement(AlertQuestion question, DynamicParameters parameters)
    {
        List<string> conditions = [Sql.RegionFilter("region_code", question.RegionPrefixes, parameters), Sql.BoxFilter("alerts", question.Box, parameters)];
        Add(question.States is null, "state IN @states", "states", question.States?.Select(RegisterJson.Name).ToArray());
        Add(question.RuleId is null, "rule_id = @ruleId", "ruleId", question.RuleId);
        Add(question.Subject is null, "subject_kind = @kind", "kind", question.Subject is { } subject ? RegisterJson.Name(subject.Kind) : null);
        Add(question.Subject is null, "subject_id = @subjectId", "subjectId", question.Subject?.Id);
        Add(question.BeforeSequence is null, "sequence < @before", "before", question.BeforeSequence);
        parameters.Add("limit", question.Limit);
        if (!question.ByLikelihood)
        {
            return $"SELECT body FROM alerts WHERE {string.Join(" AND ", conditions)} ORDER BY sequence DESC LIMIT @limit";
        }

        if (question.After is { } after)
        {
            conditions.Add("(coalesce(s.likely_group, 1), -coalesce(s.probability, 0), -sequence) > (@group, -@probability, -@sequence)");
            parameters.AddDynamicParams(new { group = after.Group, probability = after.Probability, sequence = after.Sequence });
        }

        return $"""
            SELECT body FROM alerts LEFT JOIN newest_scores s ON s.finding_id = alerts.finding_id WHERE {string.Join(" AND ", conditions)}
            ORDER BY coalesce(s.likely_group, 1), coalesce(s.probability, 0) DESC, sequence DESC LIMIT @limit
            """;

        void Add(bool isOpen, string condition, string name, object? value)
        {
            if (!isOpen)
            {
                conditions.Add(condition);
                parameters.Add(name, value);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<(Subject Subject, string RuleId), string>> NewestIdsAsync(
        IReadOnlyCollection<(Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(about);
        Dictionary<(Subject Subject, string RuleId), string> found = [];
        foreach (var some in about.Distinct().Chunk(SubjectsAtOnce))
        {
            var parameters = new DynamicParameters();
            var rows = new string[some.Length];
            for (var i = 0; i < some.Length; i++)
            {
                parameters.Add($"k{i}", RegisterJson.Name(some[i].Subject.Kind));
                parameters.Add($"s{i}", some[i].Subject.Id);
                parameters.Add($"r{i}", some[i].RuleId);
                rows[i] = $"(@k{i}, @s{i}, @r{i})";
            }

            var ids = await database.ReadAsync(
                connection => connection.Query<(string Kind, string Subject, string Rule, string Id, long Sequence)>(
                    $"""
                    WITH about (kind, subject, rule) AS (VALUES {string.Join(", ", rows)})
                    SELECT a.subject_kind, a.subject_id, a.rule_id, a.id, max(a.sequence) FROM about
                        JOIN alerts a ON a.subject_kind = about.kind AND a.subject_id = about.subject AND a.rule_id = about.rule
                    WHERE {Sql.RegionFilter("a.region_code", regionPrefixes, parameters)}
                    GROUP BY a.subject_kind, a.subject_id, a.rule_id
                    """,
                    parameters).AsList(),
                cancellationToken);
            foreach (var row in ids)
            {
                found[(new Subject(RegisterJson.Value<SubjectKind>(row.Kind), row.Subject), row.Rule)] = row.Id;
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ChangesAsync("sequence > @afterSequence ORDER BY sequence LIMIT @limit", new { afterSequence, limit }, cancellationToken);
    }

    public async Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken) =>
        await ChangesAsync("alert_id = @alertId ORDER BY sequence", new { alertId }, cancellationToken);

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalar<long>("SELECT coalesce(max(sequence), 0) FROM alert_changes"), cancellationToken);

    public async Task<Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken)
    {
        var body = await database.ReadAsync(
            connection => connection.QuerySingleOrDefault<string>("SELECT body FROM cases WHERE id = @caseId", new { caseId }), cancellationToken);
        return body is null ? null : RegisterJson.Read<Case>(body);
    }

    /// <inheritdoc/>
    /// <remarks>Newest opened first.</remarks>
    public async Task<IReadOnlyList<Case>> CasesAsync(CaseQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Limit, 1);
        var parameters = new DynamicParameters(new
        {
            state = question.State is { } state ? RegisterJson.Name(state) : null,
            from = question.DecidedFrom is { } from ? Sql.Time(from) : null,
            to = question.DecidedTo is { } to ? Sql.Time(to) : null,
            question.Limit,
        });
        var bodies = await database.ReadAsync(
            connection => connection.Query<string>(
                $"""
                SELECT body FROM cases
                WHERE (@state IS NULL OR state = @state) AND {Sql.RegionFilter("region_code", question.RegionPrefixes, parameters)}
                  AND (@from IS NULL OR decided_at >= @from) AND (@to IS NULL OR decided_at < @to)
                ORDER BY opened_at DESC, id DESC LIMIT @Limit
                """,
                parameters).AsList(),
            cancellationToken);
        return bodies.ConvertAll(RegisterJson.Read<Case>);
    }

    public async Task<EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<(string MediaType, byte[] Bytes)>(
                "SELECT media_type, bytes FROM photos WHERE sha256 = @sha256", new { sha256 }).AsList(),
            cancellationToken);
        return rows.Count == 0 ? null : new EvidencePhoto(sha256, rows[0].MediaType, rows[0].Bytes);
    }

    private async Task<Alert?> OneAsync(string sql, string key, CancellationToken cancellationToken)
    {
        var body = await database.ReadAsync(connection => connection.QuerySingleOrDefault<string>(sql, new { key }), cancellationToken);
        return body is null ? null : RegisterJson.Read<Alert>(body);
    }

    private async Task<List<AlertChange>> ChangesAsync(string where, object parameters, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.Query<ChangeRow>(
                $"SELECT sequence AS Sequence, kind AS Kind, at AS At, actor AS Actor, note AS Note, alert AS Alert FROM alert_changes WHERE {where}", parameters).AsList(),
            cancellationToken);
        return rows.ConvertAll(row => row.ToChange());
    }

    private sealed record ChangeRow(long Sequence, string Kind, string At, string Actor, string? Note, string Alert)
    {
        public AlertChange ToChange() =>
            new(Sequence, RegisterJson.Value<AlertChangeKind>(Kind), RegisterJson.Read<Alert>(Alert), Sql.Time(At), Actor, Note);
    }
}
