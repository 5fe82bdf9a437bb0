using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class UseAndSizeTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly Domain.Geometry.Outline Here = Box(0, 0, 100, 100);
    private static readonly Domain.Geometry.Outline Around = Box(-20, -20, 140, 140);

    private static ChangePatch Showing(string kind, double certainty = 0.9, bool cannotTell = false) => Patch(Here) with
    {
        Facts = cannotTell
            ? new Dictionary<string, double> { ["certainty_" + kind] = certainty, ["kind_cannot_be_told"] = 1 }
            : new Dictionary<string, double> { ["certainty_" + kind] = certainty, ["certainty_other"] = (1 - certainty) / 2 },
    };

    private static PatchJudgement Of(ChangePatch patch, params MapFeature[] map) => Judge.Judge(patch, PlanIndex.Of(map, All));

    private static Permit Granted(string? use, string id = "A") => Permit(id, Around) with { UseCode = use };

    /// <summary>What the built-in table says, written here by hand.</summary>
    [Theory]
    [InlineData("building", "0701", Verdict.Compliant)]
    [InlineData("building", "100102", Verdict.Compliant)]
    [InlineData("building", "0602", Verdict.Compliant)]
    [InlineData("building", "0601", Verdict.Conflict)]
    [InlineData("building", "0101", Verdict.Conflict)]
    [InlineData("building", "1402", Verdict.Review)]
    [InlineData("greenhouse", "0602", Verdict.Compliant)]
    [InlineData("greenhouse", "0701", Verdict.Conflict)]
    [InlineData("greenhouse", "1402", Verdict.Review)]
    [InlineData("photovoltaic", "1303", Verdict.Compliant)]
    [InlineData("photovoltaic", "0703", Verdict.Review)]
    [InlineData("pond", "1704", Verdict.Compliant)]
    [InlineData("pond", "0701", Verdict.Review)]
    [InlineData("road", "1001", Verdict.Compliant)]
    [InlineData("earthworks", "0101", Verdict.Compliant)]
    [InlineData("reclamation", "0101", Verdict.Compliant)]
    [InlineData("other", "0101", Verdict.Compliant)]
    public void Judge_KindAgainstUse_AsTheTableSays(string shows, string use, Verdict expected)
    {
        var judged = Of(Showing(shows), Granted(use));

        judged.Verdict.ShouldBe(expected);
        judged.Reasons.Any(r => r.Code == "other-use").ShouldBe(expected > Verdict.Compliant);
        if (expected > Verdict.Compliant)
        {
            judged.Reasons[0].Facts["shows"].ShouldBe(shows);
            judged.Reasons[0].Facts["use_code"].ShouldBe(use);
        }
    }

    [Fact]
    public void Judge_KindThatCannotBeTold_NeverSpeaksOfUse()
    {
        Of(Showing("greenhouse", 0.9, cannotTell: true), Granted("0701")).Verdict.ShouldBe(Verdict.Compliant);
        Of(Showing("greenhouse", 0.69), Granted("0701")).Verdict.ShouldBe(Verdict.Compliant);
        Of(Patch(Here), Granted("0101")).Verdict.ShouldBe(Verdict.Compliant);
    }

    [Fact]
    public void Judge_SeveralPermits_TheOneThatFitsCounts()
    {
        Of(Showing("greenhouse"), Granted("0701"), Granted("0602", "B")).Verdict.ShouldBe(Verdict.Compliant);
        Of(Showing("greenhouse"), Granted("0701"), Granted(null, "B")).Verdict.ShouldBe(Verdict.Compliant, "a permit that states no use contradicts none");
        Of(Showing("greenhouse"), Granted("0701") with { Project = "P" }, Granted(null, "B") with { Project = "P" }).Verdict.ShouldBe(Verdict.Conflict, "its project's paper states it");
        Of(Showing("greenhouse"), Granted("0701"), Permit("B", Box(-20, -20, 70, 140)) with { UseCode = "0602" }).Verdict.ShouldBe(Verdict.Conflict, "it fits one half only");
    }

    [Theory]
    [InlineData("0701", "0701", Verdict.Compliant)]
    [InlineData("0701", "0703", Verdict.Compliant)]
    [InlineData("1001", "0701", Verdict.Review)]
    public void Judge_PermitAgainstThePlan_NeedsALookAndNoMore(string use, string planned, Verdict expected)
    {
        MapFeature[][] plans =
        [
            [Parcel("P", Around) with { PlannedUseCode = planned }],
            [Plan(PlanKinds.LandUsePlan, planned), Parcel("P", Around) with { PlannedUseCode = "1401" }],
            [Plan(PlanKinds.DetailedPlan, planned), Plan(PlanKinds.LandUsePlan, "1401")],
        ];
        foreach (var plan in plans)
        {
            var judged = Of(Patch(Here), [Granted(use), .. plan]);

            judged.Verdict.ShouldBe(expected);
            judged.Reasons.Any(r => r.Code == "use-against-plan").ShouldBe(expected is Verdict.Review);
            judged.Reasons.Single(r => r.Code == "planned-use").Facts["code"].ShouldBe(planned);
        }
    }

    [Fact]
    public void Judge_PermitInAZoneItDoesNotFit_NeedsALook()
    {
        var zone = Plan(PlanKinds.Zoning, "farmland_protection_zone") with { CodeList = "zone-kinds" };

        Of(Patch(Here), Granted("1001"), zone).Reasons[0].Code.ShouldBe("use-against-plan");
        Of(Patch(Here), Granted("0602"), zone).Verdict.ShouldBe(Verdict.Compliant);
    }

    private static PlanFeature Plan(string kind, string code) => new() { Id = "Z-" + kind, Kind = kind, Outline = Around, Code = code, CodeList = LandCodes.LandUse2023 };

    [Theory]
    [InlineData(1, 3000.0, "certainty_building", Verdict.Conflict)]
    [InlineData(10, 3000.0, "certainty_building", Verdict.Review)]
    [InlineData(1, 3000.0, "certainty_road", Verdict.Review)]
    [InlineData(10, 7500.0, "certainty_building", Verdict.Review)]
    [InlineData(10, 7700.0, "certainty_building", Verdict.Compliant)]
    [InlineData(1, 9790.0, "certainty_building", Verdict.Conflict)]
    [InlineData(1, 9800.0, "certainty_building", Verdict.Compliant)]
    public void Judge_GroundFloorAgainstFloorArea_CountsWhatIsSurelyCovered(double gsd, double floor, string shows, Verdict expected)
    {
        // 100 m square: its edge takes 200 m² per metre of half a pixel; told from four pixels on.
        var patch = Patch(Here) with { GsdMeters = gsd, Facts = new Dictionary<string, double> { [shows] = 0.9 } };
        var judged = Of(patch, Permit("A", Around) with { FloorAreaSquareMeters = floor, UseCode = "1001" });

        judged.Verdict.ShouldBe(expected);
        judged.Reasons.Any(r => r.Code == "more-area" && r.Facts["which"] == "floor_area").ShouldBe(expected > Verdict.Compliant);
    }

    [Fact]
    public void Judge_MoreThanTheStatedArea_IsAConflictWhateverTheOutline()
    {
        var permit = Permit("A", Around) with { SourceFields = new Dictionary<string, string> { ["批准面积_公顷"] = "0.4" } };
        var judged = Of(Patch(Here), permit);

        judged.Verdict.ShouldBe(Verdict.Conflict);
        judged.Reasons[0].Facts["which"].ShouldBe("approved_area");
        judged.Reasons[0].Facts["approved_m2"].ShouldBe("4000");
        Of(Patch(Here), permit with { SourceFields = new Dictionary<string, string> { ["批准面积_公顷"] = "1.1" } }).Verdict.ShouldBe(Verdict.Compliant);
    }

    [Fact]
    public void Judge_PhasesAndPapersOfProjects_AddUpOncePerPhase()
    {
        Permit Paper(string id, string kind, string project, double floor) => Permit(id, Around, kind: kind) with { Project = project, FloorAreaSquareMeters = floor };
        var patch = Patch(Here);

        // Planning permit and start of one project speak of the same floors; two projects have their own.
        Of(patch, Paper("A", "construction_works", "P", 4000), Paper("B", "construction_start", "P", 4000)).Verdict.ShouldBe(Verdict.Review);
        Of(patch, Paper("A", "construction_works", "P", 4000), Paper("B", "construction_works", "Q", 4000)).Verdict.ShouldBe(Verdict.Compliant);
        Of(patch, Paper("A", "construction_works", "P", 4000), Paper("B", "construction_works", "P", 4000)).Verdict.ShouldBe(Verdict.Compliant);
    }

    [Theory]
    [InlineData(24.0, 1.0, Verdict.Compliant)]
    [InlineData(25.0, 0.0, Verdict.Compliant)]
    [InlineData(26.0, 1.0, Verdict.Review)]
    [InlineData(28.0, 1.0, Verdict.Conflict)]
    [InlineData(28.0, 2.0, Verdict.Review)]
    public void Judge_HeightAgainstThePermit_TakesItsUncertaintyIn(double height, double sd, Verdict expected)
    {
        var patch = Patch(Here) with { Facts = new Dictionary<string, double> { ["height_m"] = height, ["height_sd_m"] = sd } };
        var judged = Of(patch, Permit("A", Around) with { MaxHeightMeters = 24 });

        judged.Verdict.ShouldBe(expected);
        judged.Reasons.Any(r => r.Code == "more-height").ShouldBe(expected > Verdict.Compliant);
    }

    [Fact]
    public void Judge_NoHeightKnown_IsSaidOnceAndNeverWeighs()
    {
        var judged = Of(Patch(Here), Permit("A", Around) with { MaxHeightMeters = 4 }, Permit("B", Around) with { MaxHeightMeters = 6 });

        judged.Verdict.ShouldBe(Verdict.Compliant);
        judged.Reasons.Count(r => r.Code == "height-not-compared").ShouldBe(1);
        Of(Patch(Here), Permit("A", Around)).Reasons.ShouldNotContain(r => r.Code == "height-not-compared");
    }

    [Theory]
    [InlineData("2025-06-01", Verdict.Conflict)]
    [InlineData("2024-06-01", Verdict.Compliant)]
    [InlineData(null, Verdict.Compliant)]
    public void Judge_BuildingOfACityModel_CountsWhenItWasMadeSince(string? madeOn, Verdict expected)
    {
        var model = new PlanFeature
        {
            Id = "B-7", Kind = PlanKinds.Building, Outline = Box(10, 10, 60, 60), EffectiveFrom = Day(madeOn),
            Values = new Dictionary<string, string> { ["height_m"] = "60" },
        };
        var judged = Of(Patch(Here), Permit("A", Around) with { MaxHeightMeters = 24 }, model);

        judged.Verdict.ShouldBe(expected);
        judged.Inputs.Any(i => i is { Kind: "building", Id: "B-7" }).ShouldBe(expected is Verdict.Conflict);
    }
}
