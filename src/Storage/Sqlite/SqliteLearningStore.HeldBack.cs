using Dapper;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Learning;

namespace Monitoring.Storage.Sqlite;

/// <summary>Candidates of which no warning was made.</summary>
public sealed partial class SqliteLearningStore
{
    public async Task<IReadOnlyList<HeldBack>> HeldBackAsync(HeldBackQuestion question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Limit, 1);
        var parameters = new DynamicParameters(new { question.RuleId, question.SiteId, likely = question.After?.Probability, after = question.After?.Sequence });
        var place = question.SiteId is null ? "1" : "f.subject_id = @SiteId";
        var regions = Sql.RegionFilter("f.region_code", question.RegionPrefixes, parameters);
        var behind = question.After is null ? "1" : "(n.probability < @likely OR (n.probability = @likely AND f.sequence < @after))";

        // Of each place its newest finding counts, and only while it holds; the outline is in its text alone, so boxes are looked at below.
        // Whoever went there after it began has decided it.
        var rows = await database.ReadAsync(
            connection =>
            {
                List<HeldBack> held = [];
                foreach (var row in connection.Query<(long Sequence, string Finding, string Score, byte[] Features, string? AlertId, string? DecidedAt)>(
                    $"""
                    SELECT f.sequence, f.body, s.body, s.features,
                        (SELECT a.id FROM alerts a WHERE a.subject_kind = f.subject_kind AND a.subject_id = f.subject_id AND a.rule_id = f.rule_id AND a.state <> 'resolved'),
                        (SELECT max(c.decided_at) FROM cases c JOIN alerts a ON a.id = c.alert_id
                         WHERE a.subject_kind = f.subject_kind AND a.subject_id = f.subject_id AND a.rule_id = f.rule_id)
                    FROM newest_scores n JOIN findings f ON f.id = n.finding_id JOIN candidate_scores s ON s.finding_id = n.finding_id AND s.as_of = n.as_of
                    WHERE f.rule_id = @RuleId AND {place} AND {regions} AND {behind} AND f.sequence =
                        (SELECT max(o.sequence) FROM findings o WHERE o.subject_kind = f.subject_kind AND o.subject_id = f.subject_id AND o.rule_id = f.rule_id)
                    ORDER BY n.probability DESC, f.sequence DESC
                    """,
                    parameters,
                    buffered: false))
                {
                    var finding = RegisterJson.Read<Finding>(row.Finding);
                    var score = RegisterJson.Read<CandidateScore>(row.Score) with { Features = Numbers(row.Features) };
                    if (finding.Condition is FindingCondition.Holds && (row.AlertId is null || score.Triage is Domain.Learning.Triage.Recheck)
                        && !(row.DecidedAt is { } decided && finding.PhenomenonStart < Sql.Time(decided))
                        && (question.Box is null || finding.Where?.Box.Intersects(question.Box) is true))
                    {
                        held.Add(new(row.Sequence, finding, score, row.AlertId));
                        if (held.Count == question.Limit)
                        {
                            break;
                        }
                    }
                }

                return held;
            },
            cancellationToken);
        return rows;
    }
}
