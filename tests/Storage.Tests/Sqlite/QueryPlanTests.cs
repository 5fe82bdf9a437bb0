using Dapper;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Storage.Sqlite;

namespace Monitoring.Storage.Tests.Sqlite;

/// <summary>Statements that run at each finding read by key, not through a whole table.</summary>
public sealed class QueryPlanTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Alerts_OfASubject_AreFoundThroughTheirIndex()
    {
        var parameters = new DynamicParameters();
        var sql = SqliteAlertStore.Statement(new AlertQuestion { RuleId = "r", Subject = new Subject(SubjectKind.Site, "s"), Limit = 50 }, parameters);
        (await PlanAsync(sql, parameters)).ShouldContain("alerts_of_subject");
    }

    [Fact]
    public async Task Alerts_WithoutSubject_AreReadNewestFirst()
    {
        var parameters = new DynamicParameters();
        var sql = SqliteAlertStore.Statement(new AlertQuestion { BeforeSequence = 9 }, parameters);
        var plan = await PlanAsync(sql, parameters);
        plan.ShouldContain("SEARCH alerts USING INDEX alerts_by_sequence");
        plan.ShouldNotContain("TEMP B-TREE");
    }

    private static async Task<string> PlanAsync(string sql, object parameters)
    {
        await using var stores = new EmbeddedStores();
        return await stores.Database.ReadAsync(
            connection => string.Join('\n', connection.Query("EXPLAIN QUERY PLAN " + sql, parameters).Select(row => (string)row.detail)), Cancellation);
    }
}
