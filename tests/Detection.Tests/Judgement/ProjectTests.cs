using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class ProjectTests
{
    private static readonly ProjectJudge Judge = new(DetectionRules.Default.Judgement, Geodesic);
    private static readonly DateOnly Today = new(2025, 6, 1);

    private static PlanFeature Project(string stage = "under_construction", string? start = "2025-03-01") => new()
    {
        Id = "X-1", Kind = PlanKinds.Project, Name = "厂房", Outline = Box(0, 0, 200, 100), Code = stage, CodeList = "project-stages",
        Values = start is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["planned_start"] = start },
    };

    private static ProjectJudgement Of(PlanFeature project, params MapFeature[] map) => Judge.Judge(project, Today, PlanIndex.Of(map, [MapLayer.Permit]));

    [Theory]
    [InlineData("nothing", Verdict.Conflict, "project-without-approval")]
    [InlineData("covered", Verdict.Compliant, "project-approved")]
    [InlineData("covered half", Verdict.Conflict, "project-outside-approval")]
    [InlineData("applied for", Verdict.Conflict, "approval-not-granted")]
    [InlineData("over since it began", Verdict.Compliant, "project-approved")]
    [InlineData("over before it began", Verdict.Conflict, "approval-expired")]
    [InlineData("land only", Verdict.Conflict, "approval-insufficient")]
    public void Judge_OutlineAgainstPermits_AsAPatchIs(string name, Verdict verdict, string first)
    {
        MapFeature[] map = name switch
        {
            "covered" => [Permit("A", Box(-20, -20, 240, 140))],
            "covered half" => [Permit("A", Box(-20, -20, 120, 140))],
            "applied for" => [Permit("A", Box(-20, -20, 240, 140), status: PermitStatus.Applied)],
            "over since it began" => [Permit("A", Box(-20, -20, 240, 140), to: "2025-05-01")],
            "over before it began" => [Permit("A", Box(-20, -20, 240, 140), to: "2025-02-01")],
            "land only" => [Permit("A", Box(-20, -20, 240, 140), kind: "land_use")],
            _ => [],
        };
        var judged = Of(Project(), map);

        judged.Verdict.ShouldBe(verdict);
        judged.Reasons[0].Code.ShouldBe(first);
    }

    [Fact]
    public void Judge_OutsideItsPermit_TellsBothUnits()
    {
        var told = Of(Project(), Permit("A", Box(-20, -20, 110, 140))).Reasons[0].Facts;

        told["area_m2"].ShouldBe("10000");
        told["area_mu"].ShouldBe("15.00");
        told["project"].ShouldBe("厂房");
    }

    [Theory]
    [InlineData("planned")]
    [InlineData("completed")]
    [InlineData("stopped")]
    public void Judge_WorksNotUnderWay_IsNotJudged(string stage) => Of(Project(stage)).Verdict.ShouldBe(Verdict.NotJudged);

    [Fact]
    public void Judge_NobodyGavePermits_IsNotJudged() => Judge.Judge(Project(), Today, PlanIndex.Empty).Verdict.ShouldBe(Verdict.NotJudged);

    [Fact]
    public async Task WorkOff_ProjectAndPermits_TellDifferencesOnly()
    {
        var token = TestContext.Current.CancellationToken;
        var (findings, plans) = (new MemoryFindings(), new MemoryPlans());
        var pipeline = new JudgementPipeline(
            new MemoryChanges(), findings, plans, findings, new RecordingBus(), new PlanIndexSource(plans), DetectionRules.Default, Geodesic, new MemoryAudit(), TimeProvider.System,
            NullLogger<JudgementPipeline>.Instance);
        async Task<int> Import(MapLayer layer, params MapFeature[] features)
        {
            plans.Import(layer, features);
            await pipeline.WorkOffAsync(token);
            return findings.Findings.Count;
        }

        (await Import(MapLayer.Plan, Project(start: null))).ShouldBe(0, "nobody gave permits");
        (await Import(MapLayer.Permit, Permit("near", Box(600, 0, 10, 10), from: null, to: null))).ShouldBe(1, "the first permits make the papers of all known");
        (await Import(MapLayer.Plan, Project(start: null) with { Name = "厂房一期" })).ShouldBe(1, "it said so of the project before it was written otherwise");
        (await Import(MapLayer.Permit, Permit("A", Box(-20, -20, 120, 140), from: null, to: null))).ShouldBe(2);
        (await Import(MapLayer.Permit, Permit("B", Box(50, -20, 200, 140), from: null, to: null, kind: "land_use"))).ShouldBe(3, "land for it is another reason");
        (await Import(MapLayer.Permit, Permit("C", Box(50, -20, 200, 140), from: null, to: null))).ShouldBe(4);
        (await Import(MapLayer.Permit, Permit("D", Box(900, 0, 10, 10)))).ShouldBe(4, "it touches no project");

        findings.Findings.Select(f => f.Verdict).ShouldBe([Verdict.Conflict, Verdict.Conflict, Verdict.Conflict, Verdict.Compliant]);
        findings.Findings.Select(f => (f.RuleId, f.Subject)).Distinct().ShouldHaveSingleItem().RuleId.ShouldBe("project-without-approval");
    }
}
