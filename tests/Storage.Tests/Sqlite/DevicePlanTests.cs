using Dapper;
using Monitoring.Storage.Sqlite;

namespace Monitoring.Storage.Tests.Sqlite;

public sealed class DevicePlanTests
{
    /// <summary>Asked at each connection of a device: after an outage thousands come at once.</summary>
    [Fact]
    public async Task Find_OfOneDevice_WalksNoTable()
    {
        await using var stores = new EmbeddedStores();
        foreach (var sql in new[] { SqliteDeviceRegister.DatastreamsSql(ofOne: true), SqliteDeviceRegister.DevicesSql(ofOne: true) })
        {
            var plan = await stores.Database.ReadAsync(
                connection => connection.Query($"EXPLAIN QUERY PLAN {sql}", new { deviceId = "d1" }).Select(row => (string)row.detail).ToList(), TestContext.Current.CancellationToken);
            plan.ShouldNotBeEmpty();
            plan.ShouldAllBe(step => step.StartsWith("SEARCH "));
        }
    }
}
