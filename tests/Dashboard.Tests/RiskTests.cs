using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Learning;

namespace Monitoring.Dashboard.Tests;

/// <summary>The door to the risk map.</summary>
public sealed class RiskTests
{
    [Fact]
    public async Task Risk_OfARegionBehindThousandsOfAnother_ShowsItToItsOfficer()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        RiskParcel Of(string id, string region, double order) => new(id, World.Code(region), World.Plot(region), null, null, order, new Dictionary<string, int> { ["earthworks"] = 1 });
        await service.Get<ILearningStore>().ReplaceRiskAsync(
            new RiskPicture(World.Spring, RiskSource.Signs, 3, 100, 6001, [.. Enumerable.Range(0, 6000).Select(i => Of($"y{i:0000}", "y", 10)), Of("x1", "x", 1), Of("x2", "x", 2)]),
            TestContext.Current.CancellationToken);
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);

        (await officer.GetAsync("/api/risk")).GetProperty("features").EnumerateArray().Select(f => f.GetProperty("id").GetString()).ShouldBe(["x2", "x1"]);
        (await admin.GetAsync("/api/risk?limit=2000")).GetProperty("features").EnumerateArray().Select(f => f.GetProperty("id").GetString())
            .ShouldBe(Enumerable.Range(0, 2000).Select(i => $"y{i:0000}"), "pages join without a gap");
    }

    /// <summary>A parcel of another region that reaches into the reader's ground: its region decides, not where its outline lies.</summary>
    [Fact]
    public async Task Risk_ParcelOfAnotherRegionOnTheReadersGround_StaysWithItsRegion()
    {
        await using var service = await TestService.StartAsync();
        await World.SettleAsync(service);
        RiskParcel Of(string id, string region, string ground) => new(id, World.Code(region), World.Plot(ground), null, null, 1, new Dictionary<string, int> { ["earthworks"] = 1 });
        await service.Get<ILearningStore>().ReplaceRiskAsync(
            new RiskPicture(World.Spring, RiskSource.Signs, 3, 100, 3, [Of("own", "x", "x"), Of("others", "y", "x"), Of("far", "x", "y")]), TestContext.Current.CancellationToken);
        var admin = await service.AdministratorAsync();
        var officer = await service.PersonAsync(admin.Http, "xu", Role.Officer, World.X);

        (await officer.GetAsync("/api/risk")).GetProperty("features").EnumerateArray().Select(f => f.GetProperty("id").GetString()).ShouldBe(["own"]);
        (await admin.GetAsync("/api/risk")).GetProperty("features").GetArrayLength().ShouldBe(3);
    }
}
