using System.Globalization;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Land;
using Monitoring.TestKit;

namespace Monitoring.Dashboard.Tests;

/// <summary>A service in which one plan layer is more sensitive than the others.</summary>
public sealed class PlanGradeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlanLayer_AboveTheReadersGrade_IsKeptAloneAndSaidToBe()
    {
        await using var service = await TestService.StartAsync(static o => o with
        {
            LayerGrades = new Dictionary<string, DataGrade> { ["plans/pipe"] = DataGrade.Important },
            SeenUpTo = new Dictionary<Role, DataGrade> { [Role.Viewer] = DataGrade.General },
        });
        await World.SettleAsync(service);
        var administrator = await service.AdministratorAsync();
        var viewer = await service.PersonAsync(administrator.Http, "vera", Role.Viewer, "32");
        var plot = World.Plot("x");
        foreach (var feature in new[] { new PlanFeature { Id = "z-1", Kind = "zoning", Outline = plot }, new PlanFeature { Id = "p-1", Kind = "pipe", Outline = plot } })
        {
            await service.Get<IPlanRegister>().AppendAsync(An.Import(feature) with { PlanKind = feature.Kind }, Cancel);
        }

        var code = Uri.EscapeDataString(SpatialCode.At(plot.Box.Centre.X, plot.Box.Centre.Y).Text);
        var seen = await viewer.GetAsync($"/api/places/{code}");
        seen.GetRawText().ShouldContain("z-1");
        seen.GetRawText().ShouldNotContain("p-1");
        seen.GetProperty("withheld").EnumerateArray().Select(w => w.GetProperty("layer").GetString()).ShouldBe(["plans"]);

        var all = await administrator.GetAsync($"/api/places/{code}");
        all.GetProperty("withheld").GetArrayLength().ShouldBe(0);
        all.GetProperty("features").EnumerateArray().Where(f => f.GetProperty("feature").GetProperty("layer").GetString() == "plans")
            .Select(f => (f.GetProperty("feature").GetProperty("id").GetString(), f.GetProperty("grade").GetString())).ShouldBe([("p-1", "important"), ("z-1", "general")], ignoreOrder: true);

        // A tile that somebody else looked at is not the viewer's.
        var (x, y) = TileTests.TilesOver(plot.Box, 12).First();
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/map/tiles/plans/12/{x}/{y}.mvt");
        var full = await administrator.Http.GetByteArrayAsync(path, Cancel);
        (await viewer.Http.GetByteArrayAsync(path, Cancel)).Length.ShouldBeInRange(1, full.Length - 1);
    }
}
