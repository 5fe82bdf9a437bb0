using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class StageFindingTests
{
    private static readonly PatchJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly MapLayer[] All = [MapLayer.Permit, MapLayer.ControlLine];
    private static readonly Domain.Geometry.Outline Around = Box(-20, -20, 140, 140);

    /// <summary>A land supply far away: the register knows the kind.</summary>
    private static readonly Permit FarSupply = Permit("far", Box(5000, 0, 10, 10), kind: "land_supply");

    public sealed record Row(string Name, string Findings, MapFeature[] Map, ChangeKind Kind = ChangeKind.BuiltUp)
    {
        public override string ToString() => Name;
    }

    public static TheoryData<Row> Rows =>
    [
        new Row("nothing", "built-before-approval", []),
        new Row("nothing, ground moved only", "", [], ChangeKind.BareSoil),
        new Row("approved before", "", [Permit("A", Around)]),
        new Row("approved half", "built-before-approval", [Permit("A", Box(-20, -20, 70, 140))]),
        new Row("applied for", "built-while-approving", [Permit("A", Around, status: PermitStatus.Applied)]),
        new Row("applied for, ground moved", "built-while-approving", [Permit("A", Around, status: PermitStatus.Applied)], ChangeKind.BareSoil),
        new Row("approved within the interval", "built-while-approving", [Permit("A", Around, from: "2025-03-05")]),
        new Row("approved after works were seen", "built-while-approving", [Permit("A", Around, from: "2025-05-05")]),
        new Row("over before", "built-before-approval", [Permit("A", Around, to: "2025-02-05")]),
        new Row("revoked", "built-before-approval", [Permit("A", Around, status: PermitStatus.Revoked)]),
        new Row("land for it only", "built-before-approval", [Permit("A", Around, kind: "land_use")]),
        new Row("converted, not supplied, built", "built-before-approval used-before-supply", [Permit("C", Around, kind: "farmland_conversion"), FarSupply]),
        new Row("converted, not supplied, ground moved", "used-before-supply", [Permit("C", Around, kind: "farmland_conversion"), FarSupply], ChangeKind.BareSoil),
        new Row("converted, not supplied, approved", "used-before-supply", [Permit("C", Around, kind: "farmland_conversion"), FarSupply, Permit("A", Around)]),
        new Row("converted and supplied", "", [Permit("C", Around, kind: "farmland_conversion"), Permit("S", Around, kind: "land_supply"), Permit("A", Around)]),
        new Row("converted, supply applied for", "used-before-supply", [Permit("C", Around, kind: "farmland_conversion"), FarSupply, Permit("S", Around, kind: "land_supply", status: PermitStatus.Applied), Permit("A", Around)]),
        new Row("not converted", "", [FarSupply, Permit("A", Around)]),
        new Row("a register without any supply says nothing of it", "", [Permit("C", Around, kind: "farmland_conversion"), Permit("A", Around)]),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Judge_OrderOfWorksAndPapers_IsNamedAndNeverChangesTheVerdict(Row row)
    {
        var patch = Patch(Box(0, 0, 100, 100), kind: row.Kind);
        var judged = Judge.Judge(patch, PlanIndex.Of(row.Map, All));

        string.Join(" ", judged.Reasons.Where(r => r.Code == "stage-finding").Select(r => r.Facts["finding"])).ShouldBe(row.Findings);
        new PatchJudge(DetectionRules.Default.Judgement with { StageFindings = null }, Geodesic).Judge(patch, PlanIndex.Of(row.Map, All)).Verdict.ShouldBe(judged.Verdict);
    }

    [Fact]
    public void Judge_StageFinding_CarriesEveryFactUsed()
    {
        MapFeature[] map = [Permit("C", Around, kind: "farmland_conversion"), Permit("S", Around, kind: "land_supply", status: PermitStatus.Applied)];
        var facts = Judge.Judge(Patch(Box(0, 0, 100, 100)), PlanIndex.Of(map, All)).Reasons.Single(r => r.Facts.GetValueOrDefault("finding") == "used-before-supply").Facts;

        facts["conversion"].ShouldBe("in_force");
        facts["conversion_permits"].ShouldBe("C");
        facts["supply"].ShouldBe("applied");
        facts["supply_permits"].ShouldBe("S");
        facts["seen_from"].ShouldBe("2025-03-01");
        facts["area_mu"].ShouldBe("15.00");
    }

    [Fact]
    public void Judge_WorksSeenAtTheSiteBeforeThePermit_AreBuiltWhileApproving()
    {
        // In force on all days of this patch, but ground was moved half a year before.
        var index = PlanIndex.Of([Permit("A", Around, from: "2025-01-01")], All);
        var site = new SiteContext(Noon("2024-09-01"), Noon("2024-09-11"), 3, TimeSpan.FromDays(180));
        var judged = Judge.Judge(Patch(Box(0, 0, 100, 100)), index, site);

        judged.Verdict.ShouldBe(Verdict.Compliant);
        judged.Reasons.Single(r => r.Code == "stage-finding").Facts["finding"].ShouldBe("built-while-approving");
    }
}
