using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public sealed class ConcernedSitesTests
{
    private static readonly JudgementRules Rules = DetectionRules.Default.Judgement;

    [Fact]
    public void Of_AFarmlandLineDrawnOtherwise_AreTheSitesNearIt()
    {
        var before = TwoLines(Line("near", ControlLineKind.PermanentBasicFarmland, Box(0, 0, 400, 400)));

        Of(before, TwoLines(Line("near", ControlLineKind.PermanentBasicFarmland, Box(0, 0, 300, 400))), Box(0, 0, 400, 400)).ShouldBe(["near-site"]);
    }

    [Fact]
    public void Of_AFarmlandLineOfAnotherDay_AreTheSitesOfTheRegion()
    {
        var before = TwoLines(Line("near", ControlLineKind.PermanentBasicFarmland, Box(0, 0, 400, 400)));

        Of(before, TwoLines(Line("near", ControlLineKind.PermanentBasicFarmland, Box(0, 0, 400, 400), "2025-03-05")), Box(0, 0, 400, 400)).ShouldBe(["far-site", "near-site"]);
    }

    [Fact]
    public void Of_ARedLineOfAnotherDay_AreTheSitesNearIt()
    {
        var before = TwoLines(Line("near", ControlLineKind.EcologicalProtectionRedLine, Box(0, 0, 400, 400)));

        Of(before, TwoLines(Line("near", ControlLineKind.EcologicalProtectionRedLine, Box(0, 0, 400, 400), "2025-03-05")), Box(0, 0, 400, 400)).ShouldBe(["near-site"]);
    }

    /// <summary>Of a kind of which the last permit is taken back nothing is known any more: what was used before it was supplied is no longer told, anywhere.</summary>
    [Fact]
    public void Of_TheLastPermitOfAKindTakenBack_AreAllSites()
    {
        var conversion = Permit("conversion", Box(4900, 4900, 400, 400), kind: "farmland_conversion");
        var supply = Permit("supply", Box(0, 0, 400, 400), kind: "land_supply");
        var sites = Sites(("near-site", Patch(Box(50, 50, 60, 60))), ("far-site", Patch(Box(5000, 5000, 60, 60))));
        var judge = new PatchJudge(Rules, Geodesic);
        string Said(params MapFeature[] features) => Text(judge.Judge(Patch(Box(5000, 5000, 60, 60)), PlanIndex.Of(features)));
        Said(conversion, supply).ShouldNotBe(Said(conversion), "of the site far off");

        ConcernedSites.Of(Version(MapLayer.Permit, supply.Outline.Box), sites, PlanIndex.Of([conversion, supply]), PlanIndex.Of([conversion]), Rules).ShouldBe(["far-site", "near-site"]);
        ConcernedSites.Of(Version(MapLayer.Permit, supply.Outline.Box), sites, PlanIndex.Of([conversion, supply]), PlanIndex.Of([conversion, supply with { EffectiveTo = new DateOnly(2025, 1, 1) }]), Rules).ShouldBe(["near-site"]);
    }

    /// <summary>Where nobody gave regions, what is known of a kind is known of every place: a line that comes into force far off says something of all.</summary>
    [Theory]
    [InlineData("2025-03-05", new[] { "far-site", "near-site" })]
    [InlineData("2022-10-01", new[] { "near-site" })]
    public void Of_ABoundaryWithoutRegions_AreAllSitesWhereItsDaysAreNew(string from, string[] concerned)
    {
        var over = Line("over", ControlLineKind.UrbanDevelopmentBoundary, Box(-9000, -9000, 100, 100), "2010-01-01", "2015-01-01");
        var since = Line("since", ControlLineKind.UrbanDevelopmentBoundary, Box(-9000, -9500, 100, 100));
        var (before, after) = (PlanIndex.Of(from == "2022-10-01" ? [over, since] : [over]), PlanIndex.Of([.. from == "2022-10-01" ? (MapFeature[])[over, since] : [over], Line("new", ControlLineKind.UrbanDevelopmentBoundary, Box(0, 0, 400, 400), from)]));

        Of(before, after, Box(0, 0, 400, 400)).ShouldBe(concerned);
    }

    /// <summary>Whatever one feature becomes, what is said anew is said of sites that are judged again.</summary>
    [Fact]
    public void Of_AnyChange_HoldsEverySiteOfWhichSomethingElseIsSaid()
    {
        var ground = new PostGisGround(20261127, 250, false);
        var random = new Random(20261127);
        var judge = new PatchJudge(Rules, Geodesic);
        var index = PlanIndex.Of(ground.Features);
        var was = ground.Patches.ToDictionary(p => p.Id, p => Text(judge.Judge(p, index)));
        var sites = Sites([.. ground.Patches.Select(p => (p.Id, p))]);
        var (differ, again) = (0, 0);
        for (var round = 0; round < 30; round++)
        {
            var layer = ((MapLayer[])[MapLayer.Permit, MapLayer.ControlLine, MapLayer.Parcel])[round % 3];
            var old = ground.Features.Where(f => f.Layer == layer).ElementAt(random.Next(ground.Features.Count(f => f.Layer == layer)));
            MapFeature changed = random.Next(3) switch
            {
                0 => old with { EffectiveTo = new DateOnly(2025, 1, 1).AddDays(random.Next(200)), EffectiveFrom = null },
                1 => old with { Outline = new(Factory.ToGeometry(old.Outline.Box), old.Outline.AreaSquareMeters, "EPSG:4490") },
                _ => old with { EffectiveFrom = new DateOnly(2025, 4, 1), EffectiveTo = null },
            };
            var next = index.With(1, layer, old.Outline.Box, [.. index.InBox<MapFeature>(layer, old.Outline.Box).Where(f => f.Id != old.Id), changed]);
            var concerned = ConcernedSites.Of(Version(layer, old.Outline.Box), sites, index, next, Rules).ToHashSet(StringComparer.Ordinal);
            var now = ground.Patches.Where(p => Text(judge.Judge(p, next)) != was[p.Id]).Select(p => p.Id).ToList();
            now.Where(id => !concerned.Contains(id)).ShouldBeEmpty($"round {round}: {layer} {old.Id}");
            (differ, again) = (differ + now.Count, again + concerned.Count);
        }

        differ.ShouldBeGreaterThan(20);
        again.ShouldBeLessThan(30 * ground.Patches.Count / 4);
    }

    private static GeometryFactory Factory { get; } = new();

    private static IReadOnlyList<string> Of(PlanIndex before, PlanIndex after, Domain.Geometry.Outline touched) =>
        ConcernedSites.Of(
            Version(MapLayer.ControlLine, touched.Box), Sites(("near-site", Patch(Box(50, 50, 60, 60))), ("far-site", Patch(Box(5000, 5000, 60, 60)))), before, after, Rules);

    private static PlanIndex TwoLines(ControlLine line) =>
        PlanIndex.Of([Region("330500", Box(-1000, -1000, 12_000, 12_000)), Line("far", ControlLineKind.PermanentBasicFarmland, Box(8000, 8000, 500, 500)), line]);

    private static MapVersion Version(MapLayer layer, Envelope touched) => new(1, layer, default, "test", "", 1, "test", touched);

    private static SiteRegistry Sites(params (string Site, Domain.Imagery.ChangePatch Patch)[] patches) =>
        SiteRegistry.Rebuild(Rules.Site, patches.Select(p => new JudgedPatch("set", p.Patch, p.Site, null, Verdict.Compliant, [], 0, p.Patch.NotAfter)));

    private static string Text(PatchJudgement judgement) =>
        judgement.Verdict + " " + judgement.Severity + " " + string.Join(" ", judgement.Reasons.Select(r => r.Code + string.Concat(r.Facts.Select(f => $"|{f.Key}={f.Value}"))));
}
