using Monitoring.Domain.Events;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IPlanRegister"/> promises: two time axes, whole versions, nothing overwritten.</summary>
public abstract class PlanRegisterContract : StoreContract
{
    private IPlanRegister Register => Stores.Plan;

    [Fact]
    public async Task Append_FirstImport_MakesVersionOneWithAuditAndEvent()
    {
        (await Register.CurrentVersionAsync(Cancellation)).ShouldBe(0);
        var version = (await AppendAsync(An.Permit("P-1"), An.Permit("P-2", outline: An.Square(121, 31)))).ShouldNotBeNull();

        version.Version.ShouldBe(1);
        version.FeatureCount.ShouldBe(2);
        version.KnownFrom.ShouldBe(An.Epoch);
        version.Touched.ShouldBe(new Envelope(120, 121.01, 30, 31.01));
        (await Register.CurrentVersionAsync(Cancellation)).ShouldBe(1);
        (await Register.VersionsAfterAsync(0, 10, Cancellation)).ShouldBe([version]);
        (await Register.VersionsAfterAsync(1, 10, Cancellation)).ShouldBeEmpty();
        Stores.Bus.Of<PlanChanged>().ShouldHaveSingleItem().Version.ShouldBe(1);
        var act = (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldHaveSingleItem().Entry;
        (act.Action, act.Actor).ShouldBe(("map.import", "tester"));
    }

    [Fact]
    public async Task Append_EveryFieldOfEveryLayer_IsReadBack()
    {
        var region = An.Region() with { Document = "国函〔2024〕1号", TimeZone = "Asia/Urumqi" };
        var line = An.ControlLine(from: "2024-01-01") with { EffectiveTo = new DateOnly(2035, 1, 1) };
        var permit = An.Permit(from: "2025-02-03") with
        {
            Project = "厂房", UseCode = "100101", MaxHeightMeters = 24.5, FloorAreaSquareMeters = 1200.25, GrantedOn = new DateOnly(2025, 2, 1), Document = "浙规证",
            SourceFields = new Dictionary<string, string> { ["备注"] = "x", ["a"] = "1" },
        };
        var parcel = An.Parcel();
        foreach (var feature in new MapFeature[] { region, line, permit, parcel })
        {
            await AppendAsync(feature);
        }

        await Stores.ReopenAsync();
        Same((await Register.QueryAsync<Region>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem(), region);
        Same((await Register.QueryAsync<ControlLine>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem(), line);
        Same((await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem(), permit);
        Same((await Register.QueryAsync<Parcel>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem(), parcel);
        (await Register.QueryAsync<MapFeature>(MapQuestion.Everything, Cancellation)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Append_PlanFeatures_AreReadBackByKind()
    {
        var zone = new PlanFeature
        {
            Id = "1", Outline = An.Square(), Kind = PlanKinds.Zoning, Name = "城镇空间", Code = "urban_space", CodeList = "zone-kinds", EffectiveFrom = new DateOnly(2024, 1, 1),
            Values = new Dictionary<string, string> { ["level"] = "县", ["a_m"] = "1.5" }, SourceFields = new Dictionary<string, string> { ["备注"] = "x" },
        };
        var pipe = new PlanFeature
        {
            Id = "1", Kind = PlanKinds.Pipe, Code = "water", CodeList = "pipe-media",
            Outline = new Monitoring.Domain.Geometry.Outline(new GeometryFactory().CreateLineString([new Coordinate(120, 30), new Coordinate(120.1, 30)]), 0, "EPSG:4490"),
        };
        var first = (await Register.AppendAsync(new MapImport(MapLayer.Plan, [zone], "z.gpkg", "h", "tester") { PlanKind = PlanKinds.Zoning }, Cancellation)).ShouldNotBeNull();
        await Register.AppendAsync(new MapImport(MapLayer.Plan, [pipe], "p.gpkg", "h", "tester") { PlanKind = PlanKinds.Pipe }, Cancellation);
        first.PlanKind.ShouldBe(PlanKinds.Zoning);

        await Stores.ReopenAsync();
        (await Register.VersionsAfterAsync(0, 10, Cancellation)).Select(v => (v.Layer, v.PlanKind)).ShouldBe([(MapLayer.Plan, PlanKinds.Zoning), (MapLayer.Plan, PlanKinds.Pipe)]);
        (await Register.QueryAsync<PlanFeature>(MapQuestion.Everything, Cancellation)).Select(f => f.Kind).ShouldBe([PlanKinds.Pipe, PlanKinds.Zoning]);
        var read = (await Register.QueryAsync<PlanFeature>(new MapQuestion { PlanKind = PlanKinds.Zoning }, Cancellation)).ShouldHaveSingleItem();
        FeatureFieldsText.Of(read).ShouldBe(FeatureFieldsText.Of(zone));
        read.Outline.Shape.EqualsExact(zone.Outline.Shape).ShouldBeTrue();
        (await Register.QueryAsync<MapFeature>(MapQuestion.Everything, Cancellation)).Count.ShouldBe(2);
        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(() => Register.QueryAsync<Permit>(new MapQuestion { PlanKind = "x" }, Cancellation));
        await Should.ThrowAsync<ArgumentException>(() => Register.AppendAsync(new MapImport(MapLayer.Plan, [zone], "z", "h", "t") { PlanKind = PlanKinds.Pipe }, Cancellation));
    }

    [Fact]
    public async Task Query_AsKnownAtAnInstant_IsTheVersionOfThen()
    {
        await AppendAsync(An.Permit(from: "2024-01-01", status: PermitStatus.Applied));
        Stores.Time.Advance(TimeSpan.FromDays(1));
        await AppendAsync(An.Permit(from: "2024-01-01", status: PermitStatus.Granted));

        (await StatusAtAsync(An.Epoch.AddTicks(-1))).ShouldBeNull();
        (await StatusAtAsync(An.Epoch)).ShouldBe(PermitStatus.Applied);
        (await StatusAtAsync(An.Epoch.AddDays(1).AddTicks(-1))).ShouldBe(PermitStatus.Applied);
        (await StatusAtAsync(An.Epoch.AddDays(1))).ShouldBe(PermitStatus.Granted);
        (await Register.QueryAsync<Permit>(new MapQuestion { KnownAt = An.Epoch.AddDays(2), AsOfVersion = 1 }, Cancellation)).ShouldHaveSingleItem().Status.ShouldBe(PermitStatus.Applied);

        async Task<PermitStatus?> StatusAtAsync(DateTimeOffset at) =>
            (await Register.QueryAsync<Permit>(new MapQuestion { KnownAt = at }, Cancellation)).SingleOrDefault()?.Status;
    }

    [Fact]
    public async Task Append_ConditionsOfAPermit_AreReadBack()
    {
        await AppendAsync(An.Permit() with { Conditions = "建筑退让红线不小于 10 米" });
        await Stores.ReopenAsync();
        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem().Conditions.ShouldBe("建筑退让红线不小于 10 米");
    }

    [Fact]
    public async Task Append_EqualFeatures_MakesNoVersion()
    {
        await AppendAsync(An.Permit("P-1", "2024-01-01"), An.Permit("P-2"));
        Stores.Time.Advance(TimeSpan.FromDays(1));

        (await AppendAsync(An.Permit("P-2"), An.Permit("P-1", "2024-01-01"))).ShouldBeNull();
        (await Register.CurrentVersionAsync(Cancellation)).ShouldBe(1);
        Stores.Bus.Of<PlanChanged>().Count().ShouldBe(1);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Append_Nothing_MakesNoVersion() =>
        (await Register.AppendAsync(new MapImport(MapLayer.Permit, [], "empty.geojson", "h", "tester"), Cancellation)).ShouldBeNull();

    [Fact]
    public async Task Append_SomeFeaturesEqual_CountsAndTouchesTheOthersOnly()
    {
        await AppendAsync(An.Permit("P-1"), An.Permit("P-2", outline: An.Square(121, 31)));
        var version = (await AppendAsync(An.Permit("P-1"), An.Permit("P-2", outline: An.Square(122, 32)))).ShouldNotBeNull();

        version.FeatureCount.ShouldBe(1);
        version.Touched.ShouldBe(new Envelope(121, 122.01, 31, 32.01));
    }

    [Fact]
    public async Task Append_LaterEffectiveDate_CutsTheEarlierOneThere()
    {
        await AppendAsync(An.Permit(from: "2024-01-01", status: PermitStatus.Granted));
        await AppendAsync(An.Permit(from: "2025-01-01", status: PermitStatus.Suspended));

        (await StatusOn("2023-12-31")).ShouldBeNull();
        (await StatusOn("2024-01-01")).ShouldBe(PermitStatus.Granted);
        (await StatusOn("2024-12-31")).ShouldBe(PermitStatus.Granted);
        (await StatusOn("2025-01-01")).ShouldBe(PermitStatus.Suspended);
        (await StatusOn("2025-01-01", asOf: 1)).ShouldBe(PermitStatus.Granted);
        var periods = await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation);
        periods.Select(p => (p.EffectiveFrom, p.EffectiveTo)).ShouldBe(
            [(new DateOnly(2024, 1, 1), new DateOnly(2025, 1, 1)), (new DateOnly(2025, 1, 1), (DateOnly?)null)]);
    }

    [Fact]
    public async Task Append_SameEffectiveDate_ReplacesOnTheKnownAxisOnly()
    {
        await AppendAsync(An.Permit(from: "2024-01-01", status: PermitStatus.Applied));
        await AppendAsync(An.Permit(from: "2024-01-01", status: PermitStatus.Granted));

        (await StatusOn("2024-06-01")).ShouldBe(PermitStatus.Granted);
        (await StatusOn("2024-06-01", asOf: 1)).ShouldBe(PermitStatus.Applied);
        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Append_SinceAlways_SupersedesEverythingBefore()
    {
        await AppendAsync(An.Permit(from: "2024-01-01", to: "2024-06-01", status: PermitStatus.Applied));
        await AppendAsync(An.Permit(from: "2025-01-01", status: PermitStatus.Granted));
        await AppendAsync(An.Permit(status: PermitStatus.Revoked));

        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldHaveSingleItem().Status.ShouldBe(PermitStatus.Revoked);
        (await StatusOn("2024-03-01", asOf: 2)).ShouldBe(PermitStatus.Applied);
        (await StatusOn("2024-06-01", asOf: 2)).ShouldBeNull();
    }

    [Fact]
    public async Task Append_WithAnEnd_LeavesNothingInForceAfterIt()
    {
        await AppendAsync(An.Permit(from: "2024-01-01"));
        await AppendAsync(An.Permit(from: "2025-01-01", to: "2025-07-01"));

        (await StatusOn("2025-06-30")).ShouldBe(PermitStatus.Granted);
        (await StatusOn("2025-07-01")).ShouldBeNull();
    }

    [Fact]
    public async Task Append_EqualContentWithAnotherPeriod_IsAChange()
    {
        await AppendAsync(An.Permit(from: "2024-01-01"));

        (await AppendAsync(An.Permit(from: "2024-01-01", to: "2026-01-01"))).ShouldNotBeNull();
        (await StatusOn("2026-01-01")).ShouldBeNull();
        (await StatusOn("2026-01-01", asOf: 1)).ShouldBe(PermitStatus.Granted);
    }

    [Fact]
    public async Task Append_FeaturesNotNamed_Stay()
    {
        await AppendAsync(An.Permit("P-1"), An.Permit("P-2"));
        await AppendAsync(An.Permit("P-2", status: PermitStatus.Revoked));

        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).Select(p => (p.Id, p.Status)).ShouldBe(
            [("P-1", PermitStatus.Granted), ("P-2", PermitStatus.Revoked)]);
    }

    [Fact]
    public async Task Append_SameIdInAnotherLayer_IsAnotherFeature()
    {
        await AppendAsync(An.Permit("X"));
        await AppendAsync(An.Parcel("X"));

        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).Count.ShouldBe(1);
        (await Register.QueryAsync<Parcel>(MapQuestion.Everything, Cancellation)).Count.ShouldBe(1);
        (await Register.VersionsAfterAsync(0, 10, Cancellation)).Select(v => v.Layer).ShouldBe([MapLayer.Permit, MapLayer.Parcel]);
    }

    [Fact]
    public async Task Append_BadImport_IsRefusedWhole()
    {
        await Should.ThrowAsync<ArgumentException>(() => AppendAsync(An.Permit("P-1"), An.Permit("P-1")));
        await Should.ThrowAsync<ArgumentException>(() => AppendAsync(An.Permit("P-1"), An.Parcel("P-2")));
        await Should.ThrowAsync<ArgumentException>(() => AppendAsync(An.Permit("P-1", from: "2024-01-01", to: "2024-01-01")));

        (await Register.CurrentVersionAsync(Cancellation)).ShouldBe(0);
        (await Register.QueryAsync<Permit>(MapQuestion.Everything, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Query_ByBox_GivesThoseWhoseBoxMeetsItEdgesIncluded()
    {
        await AppendAsync(An.Permit("A", outline: An.Square(120, 30, 1)), An.Permit("B", outline: An.Square(121.0000001, 30, 1)), An.Permit("C", outline: An.Square(125, 35, 1)));

        (await IdsIn(new Envelope(119, 120, 29, 30))).ShouldBe(["A"]);
        (await IdsIn(new Envelope(121, 121, 30, 30))).ShouldBe(["A"]);
        (await IdsIn(new Envelope(121, 121.5, 30, 30))).ShouldBe(["A", "B"]);
        (await IdsIn(new Envelope(0, 1, 0, 1))).ShouldBeEmpty();
        (await IdsIn(new Envelope())).ShouldBeEmpty();
    }

    [Fact]
    public async Task Query_ByIdBoxDayAndVersion_Narrows()
    {
        await AppendAsync(An.Permit("A", "2024-01-01"), An.Permit("B", "2024-01-01"));
        await AppendAsync(An.Permit("A", "2024-01-01", outline: An.Square(130, 40)));
        var there = new Envelope(119, 121, 29, 31);

        (await Register.QueryAsync<Permit>(new MapQuestion { Id = "A", Box = there }, Cancellation)).ShouldBeEmpty();
        (await Register.QueryAsync<Permit>(new MapQuestion { Id = "A", Box = there, AsOfVersion = 1, InForceOn = new DateOnly(2024, 1, 1) }, Cancellation)).Count.ShouldBe(1);
        (await Register.QueryAsync<Permit>(new MapQuestion { AsOfVersion = 0 }, Cancellation)).ShouldBeEmpty();
        (await Register.QueryAsync<Permit>(new MapQuestion { Id = "A' OR '1'='1" }, Cancellation)).ShouldBeEmpty();
    }

    private static void Same<TFeature>(TFeature read, TFeature sent)
        where TFeature : MapFeature
    {
        read.Outline.Shape.EqualsExact(sent.Outline.Shape).ShouldBeTrue();
        read.Outline.AreaSquareMeters.ShouldBe(sent.Outline.AreaSquareMeters);
        read.Outline.SourceCrs.ShouldBe(sent.Outline.SourceCrs);
        read.SourceFields.OrderBy(f => f.Key, StringComparer.Ordinal).ShouldBe(sent.SourceFields.OrderBy(f => f.Key, StringComparer.Ordinal));
        (read with { Outline = sent.Outline, SourceFields = sent.SourceFields }).ShouldBe(sent);
    }

    private Task<MapVersion?> AppendAsync(params IReadOnlyList<MapFeature> features) => Register.AppendAsync(An.Import(features), Cancellation);

    private async Task<PermitStatus?> StatusOn(string day, long? asOf = null) =>
        (await Register.QueryAsync<Permit>(new MapQuestion { InForceOn = An.Day(day), AsOfVersion = asOf }, Cancellation)).SingleOrDefault()?.Status;

    private async Task<IEnumerable<string>> IdsIn(Envelope box) =>
        (await Register.QueryAsync<Permit>(new MapQuestion { Box = box }, Cancellation)).Select(p => p.Id);
}
