using Monitoring.Domain.Geometry;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Tests.Fakes;
using NetTopologySuite.IO;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>What differs between two views of the map, with the area gained and lost.</summary>
public sealed class MapHistoryTests
{
    private static readonly MapView First = new() { AsOfVersion = 1 };
    private static readonly MapView Second = new() { AsOfVersion = 2 };

    [Fact]
    public async Task Diff_AddedChangedAndEnded_AreToldById()
    {
        var register = new MemoryPlans();
        await AppendAsync(register, Zone("same"), Zone("code"), Zone("moved"), Zone("ends") with { EffectiveTo = new DateOnly(2025, 1, 1) });
        await AppendAsync(
            register, Zone("code") with { Code = "urban_space", Values = new Dictionary<string, string> { ["level"] = "县" } }, Zone("moved", 0.01), Zone("new"));
        var history = new MapHistory(register);

        var changes = (await history.DiffAsync(Question(First, Second), TestContext.Current.CancellationToken)).ToDictionary(c => c.Id);
        changes.Keys.ShouldBe(["code", "moved", "new"], ignoreOrder: true);
        changes["code"].Fields.ShouldBe([new FieldChange("code", "ecological_space", "urban_space"), new FieldChange("level", null, "县")]);
        (changes["code"].GainedSquareMeters, changes["code"].LostSquareMeters).ShouldBe((0, 0));
        changes["moved"].Fields.ShouldHaveSingleItem().Field.ShouldBe("geometry");

        // Half of a square of 0.02° by 0.02° at 32° north: about 944 m by 2218 m.
        changes["moved"].GainedSquareMeters.ShouldBe(944.5 * 2218, 5000);
        changes["moved"].LostSquareMeters.ShouldBe(changes["moved"].GainedSquareMeters, 1);
        changes["new"].Kind.ShouldBe(FeatureChangeKind.Added);

        var byDay = await history.DiffAsync(
            Question(new MapView { InForceOn = new DateOnly(2024, 12, 31) }, new MapView { InForceOn = new DateOnly(2025, 1, 1) }), TestContext.Current.CancellationToken);
        byDay.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.Id.ShouldBe("ends"), c => c.Kind.ShouldBe(FeatureChangeKind.Ended));
    }

    [Fact]
    public async Task Diff_OfAViewWithItself_IsEmptyAndTurnedRoundGainsWhatWasLost()
    {
        var register = new MemoryPlans();
        await AppendAsync(register, Zone("a"), Zone("b"));
        await AppendAsync(register, Zone("a", 0.005));
        var history = new MapHistory(register);
        (await history.DiffAsync(Question(Second, Second), TestContext.Current.CancellationToken)).ShouldBeEmpty();
        var there = (await history.DiffAsync(Question(First, Second), TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        var back = (await history.DiffAsync(Question(Second, First), TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        (back.GainedSquareMeters, back.LostSquareMeters).ShouldBe((there.LostSquareMeters, there.GainedSquareMeters));
    }

    private static MapDiffQuestion Question(MapView before, MapView after) => new(MapLayer.Plan, before, after) { PlanKind = PlanKinds.Zoning };

    private static Task<MapVersion?> AppendAsync(MemoryPlans register, params PlanFeature[] zones) =>
        register.AppendAsync(new MapImport(MapLayer.Plan, zones, "z.gpkg", "h", "test") { PlanKind = PlanKinds.Zoning }, TestContext.Current.CancellationToken);

    private static PlanFeature Zone(string id, double shift = 0)
    {
        var shape = new WKTReader().Read(PlanFile.Box(119 + shift, 32, 0.02, 0.02));
        return new PlanFeature
        {
            Id = id, Kind = PlanKinds.Zoning, Code = "ecological_space", CodeList = "zone-kinds",
            Outline = new Outline(shape, Geodesic.Cgcs2000.Measure(new WKBWriter().Write(shape)).Area, "EPSG:4490"),
        };
    }
}
