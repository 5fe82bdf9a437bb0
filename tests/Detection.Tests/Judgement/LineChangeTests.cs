using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class LineChangeTests
{
    private static readonly LineChangeCheck Check = new(DetectionRules.Default.Judgement.LineChanges!, Geodesic);
    private static readonly Domain.Geometry.Outline Wide = Box(0, 0, 1000, 1000);
    private static readonly Domain.Geometry.Outline Narrow = Box(0, 0, 1000, 900);

    private static ControlLine Red(Domain.Geometry.Outline where, string? from = "2022-10-01", string? to = null, string? document = "国函〔2022〕128号") =>
        Line("E-1", ControlLineKind.EcologicalProtectionRedLine, where, from, to) with { Document = document };

    [Theory]
    [InlineData(null, Verdict.Conflict, "no-document")]
    [InlineData(" ", Verdict.Conflict, "no-document")]
    [InlineData("云政发〔2025〕9号", Verdict.Conflict, "level-too-low")]
    [InlineData("昆政发〔2025〕9号", Verdict.Conflict, "level-too-low")]
    [InlineData("会议纪要 9", Verdict.Review, "level-unknown")]
    [InlineData("国函〔2022〕128号", Verdict.Review, "same-document")]
    [InlineData("国函〔2025〕77号", Verdict.Compliant, null)]
    [InlineData("自然资函〔2025〕77号", Verdict.Compliant, null)]
    public void Check_RedLineDrawnOtherwise_IsAFindingUnlessTheDocumentIsCompetent(string? document, Verdict verdict, string? why)
    {
        var changes = Check.Check([Red(Wide)], [Red(Wide, to: "2025-06-01"), Red(Narrow, "2025-06-01", document: document)], 7);

        changes.Count.ShouldBe(why is null ? 0 : 1);
        if (why is not null)
        {
            changes[0].Verdict.ShouldBe(verdict);
            var facts = changes[0].Reasons[0].Facts;
            facts["why"].ShouldBe(why);
            facts["from"].ShouldBe("2025-06-01");
            double.Parse(facts["lost_m2"], CultureInfo.InvariantCulture).ShouldBe(100_000, 100);
            double.Parse(facts["lost_mu"], CultureInfo.InvariantCulture).ShouldBe(150, 0.2);
            facts["gained_m2"].ShouldBe("0");
            (facts["version_before"], facts["version"]).ShouldBe(("6", "7"));
            facts["document_before"].ShouldBe("国函〔2022〕128号");
        }
    }

    [Fact]
    public void Check_LevelsAreOfTheKind_AProvinceMayChangeABoundary()
    {
        ControlLine Urban(Domain.Geometry.Outline where, string? from, string? to, string document) => Line("U", ControlLineKind.UrbanDevelopmentBoundary, where, from, to) with { Document = document };
        var before = Urban(Narrow, "2022-10-01", null, "云政复〔2022〕1号");

        Check.Check([before], [before with { EffectiveTo = Day("2025-06-01") }, Urban(Wide, "2025-06-01", null, "云政复〔2025〕3号")], 2).ShouldBeEmpty();
        var told = Check.Check([before], [before with { EffectiveTo = Day("2025-06-01") }, Urban(Wide, "2025-06-01", null, "昆政复〔2025〕3号")], 2).ShouldHaveSingleItem();
        double.Parse(told.Reasons[0].Facts["gained_m2"], CultureInfo.InvariantCulture).ShouldBe(100_000, 100);
    }

    [Theory]
    [InlineData(null, "no-document")]
    [InlineData("昆政发〔2025〕9号", "level-too-low")]
    [InlineData("国函〔2025〕77号", null)]
    public void Check_RedLineThatBecomesALineOfAnotherKind_IsLost(string? document, string? why)
    {
        var changes = Check.Check([Red(Wide)], [Line("E-1", ControlLineKind.UrbanDevelopmentBoundary, Wide, "2022-10-01") with { Document = document }], 7);

        changes.Select(c => (c.Kind, c.Reasons[0].Facts["why"])).ShouldBe(why is null ? [] : [(ControlLineKind.EcologicalProtectionRedLine, why)]);
        changes.ShouldAllBe(c => c.Reasons[0].Facts["gained_m2"] == "0" && Math.Abs(double.Parse(c.Reasons[0].Facts["lost_m2"], CultureInfo.InvariantCulture) - 1e6) < 1000);
    }

    [Fact]
    public void Check_SamePlaceAndValidity_IsNoChange()
    {
        Check.Check([Red(Wide)], [Red(Wide)], 2).ShouldBeEmpty();
        Check.Check([Red(Wide)], [Red(Wide, document: null)], 2).ShouldBeEmpty("only its document is written otherwise");
        Check.Check([], [Red(Wide)], 2).ShouldBeEmpty("it is new");

        // Imported once more from a later day on, as it was: in force all along.
        Check.Check([Red(Wide)], [Red(Wide, to: "2025-01-01"), Red(Wide, "2025-01-01", document: null)], 2).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ended", 1_000_000)]
    [InlineData("ended by another import of the same", 1_000_000)]
    [InlineData("corrected in place", 100_000)]
    [InlineData("begins a year later", 1_000_000)]
    public void Check_ValidityOrPlaceChanged_TellsTheDayOnWhichMostDiffers(string name, double lost)
    {
        ControlLine[] after = name switch
        {
            "ended" => [Red(Wide, to: "2025-06-01")],
            "ended by another import of the same" => [Red(Wide, to: "2025-06-01", document: "国函〔2022〕128号")],
            "corrected in place" => [Red(Narrow, document: null)],
            _ => [Red(Wide, "2023-10-01", document: null)],
        };

        var told = Check.Check([Red(Wide)], after, 2).ShouldHaveSingleItem(name);
        double.Parse(told.Reasons[0].Facts["lost_m2"], CultureInfo.InvariantCulture).ShouldBe(lost, lost / 1000);
        told.Reasons[0].Facts["why"].ShouldBe("no-document");
    }

    [Fact]
    public async Task WorkOff_LineRedrawnWithoutDocument_IsToldOnceWithRegionAndVersions()
    {
        var token = TestContext.Current.CancellationToken;
        var (changes, findings, plans) = (new MemoryChanges(), new MemoryFindings(), new MemoryPlans());
        JudgementPipeline Pipeline() => new(
            changes, findings, plans, findings, new RecordingBus(), new PlanIndexSource(plans), DetectionRules.Default, Geodesic, new MemoryAudit(), TimeProvider.System,
            NullLogger<JudgementPipeline>.Instance);
        plans.Import(MapLayer.Region, Region("530100", Box(-2000, -2000, 5000, 5000)));
        plans.Import(MapLayer.ControlLine, Red(Wide), Line("other", ControlLineKind.PermanentBasicFarmland, Box(3000, 0, 10, 10)));
        await Pipeline().WorkOffAsync(token);
        findings.Findings.ShouldBeEmpty();

        plans.Import(MapLayer.ControlLine, Red(Narrow, "2025-06-01", document: null));
        findings.FailCommits = 1;
        await Should.ThrowAsync<IOException>(() => Pipeline().WorkOffAsync(token));
        await Pipeline().WorkOffAsync(token);
        await Pipeline().WorkOffAsync(token);

        var told = findings.Findings.ShouldHaveSingleItem();
        (told.RuleId, told.Verdict, told.Severity, told.RegionCode, told.MapVersion).ShouldBe(("control-line-changed", Verdict.Conflict, Severity.Critical, "530100", 3L));
        told.Where!.AreaSquareMeters.ShouldBe(100_000, 100);
        DetectionRules.Default.Find(told.RuleId)!.FiresFrom.ShouldBe(Verdict.Review);
    }

    [Fact]
    public async Task WorkOff_PermitForOneSite_JudgesNoOther()
    {
        var token = TestContext.Current.CancellationToken;
        var (changes, findings, plans) = (new MemoryChanges(), new MemoryFindings(), new MemoryPlans());
        var counting = new Counting();
        var pipeline = new JudgementPipeline(
            changes, findings, plans, findings, new RecordingBus(), new PlanIndexSource(plans), DetectionRules.Default, counting, new MemoryAudit(), TimeProvider.System,
            NullLogger<JudgementPipeline>.Instance);
        plans.Import(MapLayer.Permit, Permit("far", Box(9000, 9000, 10, 10)));
        var patches = Enumerable.Range(0, 40).Select(i => Patch(Box(300 * i, 0, 100, 100))).ToArray();
        changes.Add(new ChangeSet { Id = "s", BaselineSceneId = "a", CurrentSceneId = "b", DetectorId = "t", DetectorVersion = "1", ObservableShare = 1, Patches = patches });
        await pipeline.WorkOffAsync(token);
        counting.Places.Clear();

        plans.Import(MapLayer.Permit, Permit("A", Box((300 * 7) - 20, -20, 70, 140)));
        await pipeline.WorkOffAsync(token);

        counting.Places.ShouldNotBeEmpty();
        counting.Places.ShouldAllBe(p => patches[7].Outline.Box.Contains(p));
        findings.Judged.Count.ShouldBe(41);

        // A plan layer that nobody gave before says something of its places alone.
        counting.Places.Clear();
        plans.Import(MapLayer.Plan, Survey("1", Box((300 * 9) - 20, -20, 140, 140), "0101"));
        await pipeline.WorkOffAsync(token);
        counting.Places.ShouldNotBeEmpty();
        counting.Places.ShouldAllBe(p => patches[9].Outline.Box.Contains(p));
    }

    /// <summary>Where areas were measured: what is judged measures its own.</summary>
    private sealed class Counting : IGeodesic
    {
        public List<NetTopologySuite.Geometries.Coordinate> Places { get; } = [];

        public double AreaSquareMeters(NetTopologySuite.Geometries.Geometry lonLat)
        {
            if (!lonLat.IsEmpty)
            {
                Places.Add(lonLat.EnvelopeInternal.Centre);
            }

            return Geodesic.AreaSquareMeters(lonLat);
        }
    }
}
