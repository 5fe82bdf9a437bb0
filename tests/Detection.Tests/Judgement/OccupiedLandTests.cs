using System.Globalization;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class OccupiedLandTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly Domain.Geometry.Outline Here = Box(0, 0, 100, 100);

    private static Reason Farmland(params MapFeature[] map) => Judge.Judge(Patch(Here), PlanIndex.Of(map, All)).Reasons.Single(r => r.Code == "occupied-farmland");

    private static Reason Basic(params MapFeature[] map) => Judge.Judge(Patch(Here), PlanIndex.Of(map, All)).Reasons.Single(r => r.Code == "occupied-basic-farmland");

    private static double Number(Reason reason, string fact) => double.Parse(reason.Facts[fact], CultureInfo.InvariantCulture);

    [Fact]
    public void Occupied_PartOnFarmland_TellsBothUnitsAndTheSurvey()
    {
        var told = Farmland(Survey("1", Box(-50, -50, 90, 200), "0101"), Survey("2", Box(40, -50, 100, 200), "0301"));

        told.Facts["state"].ShouldBe("some");
        Number(told, "area_m2").ShouldBe(4000, 4);
        told.Facts["area_mu"].ShouldBe("6.00");
        told.Facts["surveyed_share"].ShouldBe("1.00");
        told.Facts["survey"].ShouldBe("2024");
        told.Facts["codes"].ShouldBe("0101; 0301");
    }

    [Fact]
    public void Occupied_NoSurveyThere_IsUnknownAndNotZero()
    {
        foreach (var told in (Reason[])[Farmland(), Farmland(Survey("far", Box(900, 900, 10, 10), "0101")), Basic()])
        {
            told.Facts["state"].ShouldBe("unknown");
            told.Facts.Keys.ShouldNotContain("area_m2");
        }
    }

    [Fact]
    public void Occupied_SurveyedAsForest_IsNone()
    {
        var told = Farmland(Survey("1", Box(-50, -50, 200, 200), "0301"));

        (told.Facts["state"], told.Facts["area_m2"]).ShouldBe(("none", "0"));
    }

    [Fact]
    public void Occupied_HalfSurveyed_SaysOfHowMuchItSpeaks()
    {
        var told = Farmland(Survey("1", Box(-50, -50, 100, 200), "0101"));

        told.Facts["surveyed_share"].ShouldBe("0.50");
        Number(told, "area_m2").ShouldBe(5000, 5);
    }

    [Fact]
    public void Occupied_LaterSurveyShowsTheBuilding_TheOneBeforeTheChangeCounts()
    {
        var told = Farmland(
            Survey("1", Box(-50, -50, 200, 200), "0101", "2024-01-01", "2025-12-31"),
            Survey("1", Box(-50, -50, 200, 200), "0601", "2025-12-31", null, "2025"),
            Survey("0", Box(-50, -50, 200, 200), "0301", "2020-01-01", "2024-01-01", "2020"));

        told.Facts["state"].ShouldBe("some");
        told.Facts["survey"].ShouldBe("2024");
    }

    [Fact]
    public void Occupied_OverlappingSurveys_CountNoPlaceTwice() =>
        Number(Farmland(Survey("1", Box(-50, -50, 200, 200), "0101"), Survey("2", Box(-50, -50, 200, 200), "0103")), "area_m2").ShouldBe(10000, 10);

    [Fact]
    public void Occupied_BasicFarmland_TellsAreaLinesAndDocuments()
    {
        var told = Basic(
            Line("YN-1", ControlLineKind.PermanentBasicFarmland, Box(-50, -50, 100, 200)), Line("YN-2", ControlLineKind.PermanentBasicFarmland, Box(40, -50, 20, 200)),
            Line("E", ControlLineKind.EcologicalProtectionRedLine, Box(-50, -50, 400, 400)));

        Number(told, "area_m2").ShouldBe(6000, 6);
        told.Facts["area_mu"].ShouldBe("9.00");
        told.Facts["lines"].ShouldBe("YN-1; YN-2");
        told.Facts["documents"].ShouldBe("云政发〔2022〕31号");
    }

    [Fact]
    public void Occupied_BasicFarmlandElsewhereInTheRegion_IsNoneHere()
    {
        var region = Region("330100", Box(-1000, -1000, 2000, 2000));
        var line = Line("YN-1", ControlLineKind.PermanentBasicFarmland, Box(500, 500, 100, 100));

        Basic(region, line).Facts["state"].ShouldBe("none");
        Basic(region, line with { Outline = Box(3000, 500, 100, 100) }).Facts["state"].ShouldBe("unknown");
    }

    [Theory]
    [InlineData(ChangeKind.BuiltUp, true)]
    [InlineData(ChangeKind.VegetationLoss, true)]
    [InlineData(ChangeKind.Other, true)]
    [InlineData(ChangeKind.Demolition, false)]
    public void Occupied_EveryPatchThatMayTakeLand_IsTold(ChangeKind kind, bool told)
    {
        var judged = Judge.Judge(Patch(Here, kind: kind), PlanIndex.Of([Survey("1", Box(-50, -50, 200, 200), "0101")], All));

        judged.Reasons.Any(r => r.Code == "occupied-farmland").ShouldBe(told);
    }

    [Fact]
    public void Occupied_NotConfirmedYet_IsToldAllTheSame()
    {
        var patch = Patch(Here, score: 0.1);
        var judged = Judge.Judge(patch, PlanIndex.Of([Survey("1", Box(-50, -50, 200, 200), "0101")], All), SiteContext.New(patch));

        judged.Verdict.ShouldBe(Verdict.NotJudged);
        judged.Reasons.ShouldContain(r => r.Code == "occupied-farmland");
    }
}
