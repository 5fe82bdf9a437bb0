using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class PatchJudgeTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];

    public sealed record Row(string Name, Verdict Verdict, string FirstReason, MapFeature[] Map, ChangeKind Kind = ChangeKind.BuiltUp)
    {
        public string NotBefore { get; init; } = "2025-03-01";

        public string NotAfter { get; init; } = "2025-03-11";

        public override string ToString() => Name;
    }

    private static readonly Domain.Geometry.Outline Here = Box(0, 0, 100, 100);
    private static readonly Domain.Geometry.Outline Around = Box(-14, -14, 128, 128);

    public static TheoryData<Row> Approvals =>
    [
        new Row("nothing there", Verdict.Conflict, "no-approval", []),
        new Row("approved", Verdict.Compliant, "approved", [Permit("A", Around)]),
        new Row("approved elsewhere", Verdict.Conflict, "no-approval", [Permit("A", Box(500, 0, 100, 100))]),
        new Row("began on the first day", Verdict.Compliant, "approved", [Permit("A", Around, from: "2025-03-01")]),
        new Row("began on the second day", Verdict.Review, "approval-began-in-interval", [Permit("A", Around, from: "2025-03-02")]),
        new Row("began on the last day", Verdict.Review, "approval-began-in-interval", [Permit("A", Around, from: "2025-03-11")]),
        new Row("began a day late", Verdict.Conflict, "approval-later", [Permit("A", Around, from: "2025-03-12")]),
        new Row("expired the day before", Verdict.Conflict, "approval-expired", [Permit("A", Around, to: "2025-03-01")]),
        new Row("expired within", Verdict.Review, "approval-expired", [Permit("A", Around, to: "2025-03-05")]),
        new Row("expired on the last day", Verdict.Review, "approval-expired", [Permit("A", Around, to: "2025-03-11")]),
        new Row("expired the day after", Verdict.Compliant, "approved", [Permit("A", Around, to: "2025-03-12")]),
        new Row("expired status with its date ahead", Verdict.Compliant, "approved", [Permit("A", Around, to: "2025-06-01", status: PermitStatus.Expired)]),
        new Row("expired status without date", Verdict.Conflict, "approval-not-granted", [Permit("A", Around, to: null, status: PermitStatus.Expired)]),
        new Row("only applied for", Verdict.Conflict, "approval-not-granted", [Permit("A", Around, status: PermitStatus.Applied)]),
        new Row("revoked", Verdict.Conflict, "approval-not-granted", [Permit("A", Around, status: PermitStatus.Revoked)]),
        new Row("suspended", Verdict.Conflict, "approval-not-granted", [Permit("A", Around, status: PermitStatus.Suspended)]),
        new Row("valid from the day it was granted", Verdict.Conflict, "approval-later", [Permit("A", Around, from: null, grantedOn: "2025-05-01")]),
        new Row("land only", Verdict.Conflict, "approval-insufficient", [Permit("A", Around, kind: "land_use")]),
        new Row("land only, moving ground", Verdict.Review, "approval-partial", [Permit("A", Around, kind: "land_use")], ChangeKind.BareSoil),
        new Row("temporary land, building", Verdict.Review, "approval-partial", [Permit("A", Around, kind: "temporary_land")]),
        new Row("temporary land, moving ground", Verdict.Compliant, "approved", [Permit("A", Around, kind: "temporary_land")], ChangeKind.BareSoil),
        new Row("unknown kind of permit", Verdict.Review, "approval-partial", [Permit("A", Around, kind: "blue_permit")]),
        new Row("beyond the outline by more than the tolerance", Verdict.Conflict, "outside-approval", [Permit("A", Box(-14, -14, 74, 128))]),
        new Row("beyond the outline within the tolerance", Verdict.Compliant, "approved", [Permit("A", Box(9, 9, 82, 82))]),
        new Row("two permits side by side", Verdict.Compliant, "approved", [Permit("A", Box(-14, -14, 64, 128)), Permit("B", Box(50, -14, 64, 128))]),
        new Row("one of two begins within", Verdict.Review, "approval-began-in-interval", [Permit("A", Box(-14, -14, 64, 128)), Permit("B", Box(50, -14, 64, 128), from: "2025-03-05")]),
        new Row("revoked version after a granted one", Verdict.Conflict, "approval-not-granted",
            [Permit("A", Around, to: "2025-02-01"), Permit("A", Around, from: "2025-02-01", status: PermitStatus.Revoked)]),
        new Row("chain of papers", Verdict.Compliant, "approved", [Permit("A", Around, kind: "farmland_conversion"), Permit("B", Around, kind: "land_use"), Permit("C", Around)]),
    ];

    [Theory]
    [MemberData(nameof(Approvals))]
    public void Judge_PatchAgainstApprovals_GivesVerdictAndReason(Row row)
    {
        var judged = Judge.Judge(Patch(Here, row.NotBefore, row.NotAfter, row.Kind), PlanIndex.Of(row.Map, All));

        judged.Verdict.ShouldBe(row.Verdict, string.Join(", ", judged.Reasons.Select(r => r.Code)));
        judged.Reasons[0].Code.ShouldBe(row.FirstReason);
    }

    private static readonly Domain.Geometry.Outline Wide = Box(-500, -500, 1100, 1100);

    private static ControlLine Red(string? from = "2022-10-01", string? to = null) => Line("ERL-1", ControlLineKind.EcologicalProtectionRedLine, Wide, from, to);

    private static ControlLine Farmland(string? from = "2022-10-01") => Line("PBF-1", ControlLineKind.PermanentBasicFarmland, Wide, from);

    private static ControlLine Urban(Domain.Geometry.Outline where) => Line("UDB-1", ControlLineKind.UrbanDevelopmentBoundary, where);

    public static TheoryData<Row> Lines =>
    [
        new Row("red line without approval", Verdict.Conflict, "conflict", [Red()]),
        new Row("red line with approval without document", Verdict.Conflict, "conflict", [Red(), Permit("A", Around)]),
        new Row("red line, limited activity", Verdict.Compliant, "permitted_limited_activity", [Red(), Permit("A", Around, document: "认定〔2024〕7号")]),
        new Row("red line drawn later", Verdict.Compliant, "historic_stock", [Red("2025-04-01"), Permit("A", Around)]),
        new Row("red line drawn within the interval", Verdict.Review, "review", [Red("2025-03-05"), Permit("A", Around)]),
        new Row("basic farmland without approval", Verdict.Conflict, "conflict", [Farmland()]),
        new Row("basic farmland with a documented approval", Verdict.Review, "review", [Farmland(), Permit("A", Around, document: "D")]),
        new Row("outside the boundary, approved", Verdict.Compliant, "inform", [Urban(Box(2000, 0, 500, 500)), Permit("A", Around)]),
        new Row("outside the boundary, not approved", Verdict.Conflict, "review", [Urban(Box(2000, 0, 500, 500))]),
    ];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Judge_PatchAgainstControlLines_GivesOutcomeOfTheKind(Row row)
    {
        var judged = Judge.Judge(Patch(Here, row.NotBefore, row.NotAfter), PlanIndex.Of(row.Map, All));

        judged.Verdict.ShouldBe(row.Verdict, string.Join(", ", judged.Reasons.Select(r => r.Code)));
        judged.Reasons.Single(r => r.Code == "control-line-outcome").Facts["outcome"].ShouldBe(row.FirstReason);
    }

    [Fact]
    public void Judge_RegionsOfOtherPeriods_GiveWayToTheOneInForce()
    {
        MapFeature[] map =
        [
            Region("abolished", Box(-100, -100, 300, 300)) with { EffectiveTo = Day("2020-01-01") },
            Region("now", Box(-200, -200, 500, 500)) with { EffectiveFrom = Day("2020-01-01") },
            Region("to-come", Box(-100, -100, 300, 300)) with { EffectiveFrom = Day("2025-06-01") },
        ];

        Judge.Judge(Patch(Here), PlanIndex.Of(map, All)).RegionCode.ShouldBe("now");
        Judge.Judge(Patch(Here, "2025-07-01", "2025-07-11"), PlanIndex.Of(map, All)).RegionCode.ShouldBe("to-come");

        // Where nobody was in charge yet, somebody must be told all the same.
        Judge.Judge(Patch(Here), PlanIndex.Of([map[2]], All)).RegionCode.ShouldBe("to-come");
    }

    [Theory]
    [InlineData("a neighbour's boundary whose box alone reaches in", false)]
    [InlineData("a neighbour's boundary drawn a little over the border", false)]
    [InlineData("one that is in force no more", false)]
    [InlineData("one of its own", true)]
    public void Judge_BoundaryOfTheRegion_IsKnownByWhatReachesIntoItInItsTime(string name, bool outside)
    {
        var region = Region("330100", Box(-1000, -1000, 2000, 2000));
        var boundary = name switch
        {
            "one of its own" => Urban(Box(500, 500, 200, 200)),
            "one that is in force no more" => Urban(Box(500, 500, 200, 200)) with { EffectiveTo = Day("2024-01-01") },
            "a neighbour's boundary drawn a little over the border" => Urban(Box(995, -900, 800, 1800)),
            _ => Urban(new Domain.Geometry.Outline(
                Box(1100, -900, 800, 1800).Shape.Union(Box(-900, 1100, 2800, 400).Shape), 1, "EPSG:4490")),
        };

        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([region, boundary], All));

        judged.Reasons.Any(r => r.Code == "outside-development-boundary").ShouldBe(outside, name);
    }

    [Theory]
    [InlineData("nothing", Verdict.Review, "review")]
    [InlineData("an approval without document", Verdict.Review, "review")]
    [InlineData("an approval with its document", Verdict.Compliant, "permitted_limited_activity")]
    public void Judge_VegetationLossInsideTheRedLine_IsToldUnlessItsDocumentCoversIt(string name, Verdict verdict, string outcome)
    {
        MapFeature[] map = name switch
        {
            "nothing" => [Red()],
            "an approval without document" => [Red(), Permit("A", Around)],
            _ => [Red(), Permit("A", Around, document: "认定〔2024〕7号")],
        };

        var judged = Judge.Judge(Patch(Here, kind: ChangeKind.VegetationLoss), PlanIndex.Of(map, All));

        judged.Verdict.ShouldBe(verdict, name);
        judged.Reasons.Single(r => r.Code == "control-line-outcome").Facts["outcome"].ShouldBe(outcome);

        // What needs a person's look must reach one.
        DetectionRules.Default.Find("red-line-change")!.FiresFrom.ShouldBe(Verdict.Review);
    }

    [Fact]
    public void Judge_InsideTheBoundary_SaysNothingOfIt()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Urban(Wide)], All));

        judged.Reasons.ShouldNotContain(r => r.Code == "outside-development-boundary" || r.Code == "control-line-outcome");
    }

    [Fact]
    public void Judge_HalfInsideRedLine_TellsTheOccupiedAreaInBothUnits()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Line("E", ControlLineKind.EcologicalProtectionRedLine, Box(50, -100, 300, 300))], All));

        var told = judged.Reasons.Single(r => r.Code == "inside-control-line");
        double.Parse(told.Facts["area_m2"], System.Globalization.CultureInfo.InvariantCulture).ShouldBe(5000, 5);
        told.Facts["area_mu"].ShouldBe("7.50");
        told.Facts["kind"].ShouldBe("ecological_red_line");
    }

    [Fact]
    public void Judge_TouchingRedLineWithinTolerance_SaysNothingOfIt()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Line("E", ControlLineKind.EcologicalProtectionRedLine, Box(93, -100, 300, 300)), Permit("A", Around)], All));

        judged.Verdict.ShouldBe(Verdict.Compliant);
        judged.Reasons.ShouldNotContain(r => r.Code == "inside-control-line");
    }

    [Fact]
    public void Judge_PartOutsideTheApproval_TellsAreaAndDistance()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Permit("A", Box(-14, -14, 74, 128))], All));

        var told = judged.Reasons[0].Facts;
        told["permit_no"].ShouldBe("A");

        // 40 m lie outside; the first 10 m are tolerance.
        double.Parse(told["area_m2"], System.Globalization.CultureInfo.InvariantCulture).ShouldBe(3000, 15);
        told["distance_m"].ShouldBe("40");
    }

    [Fact]
    public void Judge_ExpiryAfterALawfulStart_IsNoConflict()
    {
        var patch = Patch(Here);
        var index = PlanIndex.Of([Permit("A", Around, to: "2025-02-01")], All);

        Judge.Judge(patch, index).Verdict.ShouldBe(Verdict.Conflict);
        Judge.Judge(patch, index, new SiteContext(Noon("2024-09-01"), Noon("2024-09-11"), 3, TimeSpan.FromDays(180))).Verdict.ShouldBe(Verdict.Compliant);
    }

    [Fact]
    public void Judge_DaysInTheRegionsZone_DecideWhetherAnApprovalWasInForce()
    {
        // 2025-03-11T16:30Z is the 12th in Shanghai, and still the 11th in London.
        var patch = Patch(Here) with { NotAfter = new DateTimeOffset(2025, 3, 11, 16, 30, 0, TimeSpan.Zero) };
        MapFeature permit = Permit("A", Around, from: "2025-03-12");

        Judge.Judge(patch, PlanIndex.Of([permit, Region("R", Wide)], All)).Verdict.ShouldBe(Verdict.Review);
        Judge.Judge(patch, PlanIndex.Of([permit, Region("R", Wide, "Europe/London")], All)).Verdict.ShouldBe(Verdict.Conflict);
    }

    [Fact]
    public void Judge_RegionsInEachOther_TakesTheSmallest()
    {
        var index = PlanIndex.Of([Region("330000", Box(-9000, -9000, 18000, 18000)), Region("330100", Wide), Region("330200", Box(4000, 0, 50, 50))], All);

        Judge.Judge(Patch(Here), index).RegionCode.ShouldBe("330100");
    }

    [Fact]
    public void Judge_WithoutAnyPlanData_IsNotJudged()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Empty);

        judged.Verdict.ShouldBe(Verdict.NotJudged);
        judged.Reasons[0].Code.ShouldBe("no-plan-data");
    }

    [Fact]
    public void Judge_WithoutPermitRegister_IsNeverAConflictForWantOfApproval()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Urban(Wide)]));

        judged.Verdict.ShouldBe(Verdict.Review);
        judged.Reasons[0].Code.ShouldBe("approvals-unknown");
    }

    [Theory]
    [InlineData("sure building, one pass", ChangeKind.BuiltUp, 0.9, 1, 0, true)]
    [InlineData("unsure building, one pass", ChangeKind.BuiltUp, 0.3, 1, 0, false)]
    [InlineData("unsure building, two passes", ChangeKind.BuiltUp, 0.3, 2, 5, true)]
    [InlineData("building below any threshold", ChangeKind.BuiltUp, 0.1, 9, 99, false)]
    [InlineData("bare soil, one pass", ChangeKind.BareSoil, 0.9, 1, 0, false)]
    [InlineData("bare soil, seen on and on", ChangeKind.BareSoil, 0.9, 3, 10, true)]
    public void Judge_ScoreAndPasses_DecideWhetherAPatchIsTrusted(string name, ChangeKind kind, double score, int passes, double days, bool trusted)
    {
        var patch = Patch(Here, kind: kind, score: score);
        var judged = Judge.Judge(patch, PlanIndex.Of([], All), new SiteContext(patch.NotBefore, patch.NotAfter, passes, TimeSpan.FromDays(days)));

        judged.Verdict.ShouldBe(trusted ? Verdict.Conflict : Verdict.NotJudged, name);
        judged.Reasons.Any(r => r.Code == "not-confirmed").ShouldBe(!trusted);
    }

    [Fact]
    public void Judge_PassesThatTheDetectorCounted_AreTrustedToo()
    {
        var patch = Patch(Here, kind: ChangeKind.BareSoil, score: 0.6) with { Facts = new Dictionary<string, double> { ["seen_in_passes"] = 3 } };

        Judge.Judge(patch, PlanIndex.Of([], All), SiteContext.New(patch)).Verdict.ShouldBe(Verdict.Conflict);
    }

    [Theory]
    [InlineData(ChangeKind.VegetationLoss, false, Verdict.NotJudged)]
    [InlineData(ChangeKind.VegetationLoss, true, Verdict.Review)]
    [InlineData(ChangeKind.Water, true, Verdict.Review)]
    [InlineData(ChangeKind.VegetationGain, true, Verdict.NotJudged)]
    [InlineData(ChangeKind.Demolition, true, Verdict.NotJudged)]
    public void Judge_WhatIsNoBuilding_IsToldInsideTheRedLineOnly(ChangeKind kind, bool red, Verdict expected)
    {
        var judged = Judge.Judge(Patch(Here, kind: kind), PlanIndex.Of(red ? [Red()] : [Farmland()], All));

        judged.Verdict.ShouldBe(expected);
    }

    [Fact]
    public void Judge_SeverityOfAConflict_GrowsWithStageLineAndSize()
    {
        Severity Of(ChangePatch patch, params MapFeature[] map) => Judge.Judge(patch, PlanIndex.Of(map, All)).Severity;

        Of(Patch(Here, kind: ChangeKind.BareSoil)).ShouldBe(Severity.Minor);
        Of(Patch(Here)).ShouldBe(Severity.Major);
        Of(Patch(Here), Farmland()).ShouldBe(Severity.Critical);
        Of(Patch(Box(0, 0, 300, 300), kind: ChangeKind.BareSoil)).ShouldBe(Severity.Major);
    }

    [Fact]
    public void Judge_ParcelsTouched_AreNamedTheLargestPartFirst()
    {
        var judged = Judge.Judge(Patch(Here), PlanIndex.Of([Parcel("small", Box(80, 0, 100, 100)), Parcel("large", Box(-100, 0, 180, 100)), Parcel("far", Box(900, 0, 9, 9))], All));

        judged.Reasons.Where(r => r.Code == "parcel").Select(r => r.Facts["parcel_id"]).ShouldBe(["large", "small"]);
    }
}
