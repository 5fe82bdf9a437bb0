using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.TestKit;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Judgement;

public class JudgementPipelineTests
{
    private readonly MemoryChanges _changes = new();
    private readonly MemoryFindings _findings = new();
    private readonly MemoryPlans _plans = new();
    private readonly MemoryAudit _audit = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private JudgementPipeline Pipeline(IGeodesic? geodesic = null) => new(
        _changes, _findings, _plans, _findings, new RecordingBus(), new PlanIndexSource(_plans), DetectionRules.Default, geodesic ?? Geodesic, _audit, _clock,
        NullLogger<JudgementPipeline>.Instance);

    private static ChangeSet Set(string id, params ChangePatch[] patches) => new()
    {
        Id = id,
        BaselineSceneId = "before-" + id,
        CurrentSceneId = "after-" + id,
        DetectorId = "test",
        DetectorVersion = "1",
        ObservableShare = 1,
        Patches = patches,
    };

    private void KnowPermits() => _plans.Import(MapLayer.Permit, Permit("far", Box(9000, 9000, 10, 10)));

    [Fact]
    public async Task WorkOff_EarthworksThenBuilding_AreOneSiteThatGrowsInSeverity()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 120, 100), "2025-03-01", "2025-03-06", ChangeKind.BareSoil)));
        _changes.Add(Set("2", Patch(Box(0, 0, 120, 100), "2025-03-01", "2025-03-11", ChangeKind.BareSoil)));
        _changes.Add(Set("3", Patch(Box(0, 0, 120, 100), "2025-03-01", "2025-03-16", ChangeKind.BareSoil)));
        _changes.Add(Set("4", Patch(Box(10, 10, 100, 80), "2025-03-16", "2025-04-16")));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.Select(f => f.Subject).Distinct().Count().ShouldBe(1);
        _findings.Findings.Select(f => f.RuleId).Distinct().ShouldBe(["building-without-approval"]);
        _findings.Findings.Select(f => (f.Verdict, f.Severity)).ShouldBe([(Verdict.Conflict, Severity.Minor), (Verdict.Conflict, Severity.Major)]);
        _findings.Findings.Select(f => f.Reasons.Single(r => r.Code == "stage").Facts["stage"]).ShouldBe(["earthworks", "building"]);
        _findings.Findings[^1].PhenomenonStart.ShouldBe(Noon("2025-03-16"));
        _findings.Findings[^1].PhenomenonEnd.ShouldBe(Noon("2025-04-16"));
    }

    [Fact]
    public async Task WorkOff_LawfulSite_TellsNothingButKeepsTheJudgement()
    {
        _plans.Import(MapLayer.Permit, Permit("A", Box(-20, -20, 140, 140)));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.ShouldBeEmpty();
        _findings.Judged.Single().Verdict.ShouldBe(Verdict.Compliant);
        _findings.Judged.Single().MapVersion.ShouldBe(1);
    }

    [Fact]
    public async Task WorkOff_LawfulPartAfterAConflict_DoesNotHideIt()
    {
        _plans.Import(MapLayer.Permit, Permit("A", Box(-20, -20, 140, 140), from: "2025-04-01"));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-11")));
        _changes.Add(Set("2", Patch(Box(20, 20, 80, 80), "2025-04-05", "2025-04-15")));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.Count.ShouldBe(2);
        _findings.Findings.ShouldAllBe(f => f.Verdict == Verdict.Conflict);
        _findings.Judged.Select(j => j.Verdict).ShouldBe([Verdict.Conflict, Verdict.Compliant]);
    }

    [Fact]
    public async Task WorkOff_PermitImportedLate_TellsTheDifferenceOnceAndNeverClears()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100)), Patch(Box(600, 0, 100, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.Count.ShouldBe(2);

        _plans.Import(MapLayer.Permit, Permit("A", Box(-20, -20, 140, 140)));
        await pipeline.WorkOffAsync(Token);
        _plans.Import(MapLayer.Parcel, Parcel("P", Box(-20, -20, 140, 140)));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings.Count.ShouldBe(3);
        var told = _findings.Findings[^1];
        told.Condition.ShouldBe(FindingCondition.Holds);
        told.Verdict.ShouldBe(Verdict.Compliant);
        told.Subject.ShouldBe(_findings.Findings.First(f => f.Where!.Box.MinX < told.Where!.Box.MaxX).Subject);
        told.MapVersion.ShouldBe(2);
        told.Reasons[0].Code.ShouldBe("approved");
    }

    [Fact]
    public async Task WorkOff_PermitRevokedLater_MakesAConflictOfWhatWasLawful()
    {
        _plans.Import(MapLayer.Permit, Permit("A", Box(-20, -20, 140, 140)));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.ShouldBeEmpty();

        _plans.Import(MapLayer.Permit, Permit("A", Box(-20, -20, 140, 140), status: PermitStatus.Revoked));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings.Single().Reasons[0].Code.ShouldBe("approval-not-granted");
    }

    [Fact]
    public async Task WorkOff_Demolition_ClearsTheSiteAndNewBuildingHoldsAgain()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        _changes.Add(Set("2", Patch(Box(0, 0, 40, 40), "2025-05-01", "2025-05-11", ChangeKind.Demolition)));
        _changes.Add(Set("3", Patch(Box(-5, -5, 110, 110), "2025-06-01", "2025-06-11", ChangeKind.Demolition)));
        _changes.Add(Set("4", Patch(Box(5, 5, 90, 90), "2025-08-01", "2025-08-11")));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.Select(f => f.Condition).ShouldBe([FindingCondition.Holds, FindingCondition.Clears, FindingCondition.Holds]);
        _findings.Findings.Select(f => f.Subject).Distinct().Count().ShouldBe(1);
        _findings.Findings[1].Reasons[0].Code.ShouldBe("demolition-seen");
        _findings.Findings[1].PhenomenonEnd.ShouldBe(Noon("2025-06-11"));
        _findings.Findings[2].PhenomenonStart.ShouldBe(Noon("2025-08-01"));
    }

    [Fact]
    public async Task WorkOff_DemolitionToldAfterTheNextBuilding_ClearsNothing()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        _changes.Add(Set("4", Patch(Box(5, 5, 90, 90), "2025-08-01", "2025-08-11")));
        _changes.Add(Set("3", Patch(Box(-5, -5, 110, 110), "2025-06-01", "2025-06-11", ChangeKind.Demolition)));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.ShouldAllBe(f => f.Condition == FindingCondition.Holds);
        _findings.Findings[^1].PhenomenonEnd.ShouldBe(Noon("2025-08-11"));
    }

    [Fact]
    public async Task WorkOff_OlderChangeToldLate_DoesNotMoveTheSiteBack()
    {
        KnowPermits();
        _changes.Add(Set("2", Patch(Box(0, 0, 100, 100), "2025-04-01", "2025-04-11")));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-11")));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.Select(f => f.PhenomenonEnd).ShouldBe([Noon("2025-04-11"), Noon("2025-04-11")]);
    }

    [Fact]
    public async Task WorkOff_DemolitionOfWhatNobodyWarnedOf_TellsNothing()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 70, 50), kind: ChangeKind.Demolition)));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task WorkOff_SecondSightOfAnUnsurePatch_ConfirmsTheFirst()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-06", score: 0.3)));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.ShouldBeEmpty();
        _findings.Judged.Single().Reasons[0].Code.ShouldBe("not-confirmed");

        _changes.Add(Set("2", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-16", score: 0.3)));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings.Single().Reasons.Single(r => r.Code == "seen-in-passes").Facts["count"].ShouldBe("2");
        (await _findings.JudgedPatchesAsync(null, Token)).ShouldAllBe(j => j.Verdict == Verdict.Conflict);
    }

    [Fact]
    public async Task WorkOff_NewEarthworksBesideAnOldConflict_AreToldWithTheirOwnInterval()
    {
        // A person may have judged the old hall in between: what is new must not carry the hall's date.
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-11")));
        foreach (var day in (string[])["06", "11", "16"])
        {
            _changes.Add(Set(day, Patch(Box(60, 0, 100, 100), "2025-09-01", $"2025-09-{day}", ChangeKind.BareSoil)));
        }

        await Pipeline().WorkOffAsync(Token);

        _findings.Findings.Select(f => f.Subject).Distinct().Count().ShouldBe(1);
        var told = _findings.Findings[^1];
        told.PhenomenonStart.ShouldBe(Noon("2025-09-01"));
        told.Reasons.First(r => r.Code == "stage").Facts["stage"].ShouldBe("earthworks");
        (told.Verdict, told.Severity).ShouldBe((Verdict.Conflict, Severity.Major), "the hall still stands");
    }

    [Fact]
    public async Task WorkOff_FirstPermitsFarAway_MakeConflictsOfWhatCouldNotBeJudged()
    {
        _plans.Import(MapLayer.ControlLine, Line("F", ControlLineKind.PermanentBasicFarmland, Box(9000, 9000, 10, 10)));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.Single().Verdict.ShouldBe(Verdict.Review);

        KnowPermits();
        await pipeline.WorkOffAsync(Token);

        _findings.Findings[^1].Verdict.ShouldBe(Verdict.Conflict);
    }

    [Fact]
    public async Task WorkOff_SecondBoundaryElsewhere_IsToldOfTheRestOfItsRegion()
    {
        KnowPermits();
        _plans.Import(MapLayer.Region, Region("330100", Box(-5000, -5000, 10000, 10000)), Region("330200", Box(5000, -5000, 10000, 10000)));
        _plans.Import(MapLayer.ControlLine, Line("U2", ControlLineKind.UrbanDevelopmentBoundary, Box(8000, 0, 500, 500)));
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.Single().Reasons.ShouldNotContain(r => r.Code == "outside-development-boundary");

        _plans.Import(MapLayer.ControlLine, Line("U1", ControlLineKind.UrbanDevelopmentBoundary, Box(-3000, 0, 500, 500)));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings[^1].Reasons.ShouldContain(r => r.Code == "outside-development-boundary");
    }

    [Fact]
    public async Task WorkOff_PermitWithinTheToleranceOfASite_IsToldOfIt()
    {
        // The permit ends eight metres short of a narrow patch: less than the tolerance, so it covers it, though their boxes do not meet.
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 3, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _plans.Import(MapLayer.Permit, Permit("A", Box(11, -20, 200, 140)));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings.Select(f => f.Verdict).ShouldBe([Verdict.Conflict, Verdict.Compliant]);
    }

    [Fact]
    public async Task WorkOff_RegionsImportedLater_GiveTheSiteItsRegion()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.Single().RegionCode.ShouldBeNull();

        _plans.Import(MapLayer.Region, Region("330100", Box(-500, -500, 1000, 1000)));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings[^1].RegionCode.ShouldBe("330100");
        (await _findings.JudgedPatchesAsync(null, Token)).Single().RegionCode.ShouldBe("330100");
    }

    [Fact]
    public async Task WorkOff_ExtensionTornDown_LeavesTheStandingHallUnderWarning()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), "2025-03-01", "2025-03-11")));
        _changes.Add(Set("2", Patch(Box(100, 0, 50, 80), "2025-05-01", "2025-05-11")));
        _changes.Add(Set("3", Patch(Box(100, 0, 52, 80), "2025-07-01", "2025-07-11", ChangeKind.Demolition)));
        var pipeline = Pipeline();
        await pipeline.WorkOffAsync(Token);
        _findings.Findings.Select(f => f.Subject).Distinct().Count().ShouldBe(1);
        _findings.Findings.ShouldAllBe(f => f.Condition == FindingCondition.Holds);

        _changes.Add(Set("4", Patch(Box(0, 0, 100, 70), "2025-08-01", "2025-08-11", ChangeKind.Demolition)));
        await pipeline.WorkOffAsync(Token);
        _findings.Findings[^1].Condition.ShouldBe(FindingCondition.Clears);
    }

    [Fact]
    public async Task WorkOff_BuildingTornDownOnWiderEarthworks_Clears()
    {
        KnowPermits();
        foreach (var day in (string[])["06", "11", "16"])
        {
            _changes.Add(Set(day, Patch(Box(0, 0, 150, 120), "2025-03-01", $"2025-03-{day}", ChangeKind.BareSoil)));
        }

        _changes.Add(Set("hall", Patch(Box(20, 20, 80, 80), "2025-04-01", "2025-04-11")));
        _changes.Add(Set("gone", Patch(Box(20, 20, 80, 80), "2025-07-01", "2025-07-11", ChangeKind.Demolition)));
        await Pipeline().WorkOffAsync(Token);

        _findings.Findings[^1].Condition.ShouldBe(FindingCondition.Clears);
    }

    [Fact]
    public async Task WorkOff_PatchThatFailsAgainAndAgain_IsSetAsideOnRecordAndTheRestIsJudged()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100), id: "bad"), Patch(Box(600, 0, 90, 90), id: "good")));
        _changes.Add(Set("2", Patch(Box(1200, 0, 90, 90), id: "next")));
        var pipeline = Pipeline(new Choking(Patch(Box(0, 0, 100, 100)).Outline.Box));
        for (var i = 0; i < 5; i++)
        {
            await Should.ThrowAsync<Exception>(() => pipeline.WorkOffAsync(Token));
        }

        await pipeline.WorkOffAsync(Token);

        _findings.Judged.Select(j => j.Patch.Id).ShouldBe(["good", "next"]);
        var act = _audit.Acts.ShouldHaveSingleItem();
        (act.Action, act.Subject).ShouldBe(("detection.set-aside", "patch bad of change set 1"));
        act.Details.ShouldBe("""{"consumer":"judgement","problem":"ArithmeticException: as the test wants it","tries":"5"}""");
    }

    /// <summary>Fails at everything within a box.</summary>
    private sealed class Choking(NetTopologySuite.Geometries.Envelope box) : IGeodesic
    {
        public double AreaSquareMeters(NetTopologySuite.Geometries.Geometry lonLat) =>
            box.Contains(lonLat.EnvelopeInternal.Centre) ? throw new ArithmeticException("as the test wants it") : Geodesic.AreaSquareMeters(lonLat);
    }

    [Fact]
    public async Task WorkOff_CommitFails_GoesOnFromWhatIsStored()
    {
        KnowPermits();
        _changes.Add(Set("1", Patch(Box(0, 0, 100, 100))));
        var pipeline = Pipeline();
        _findings.FailCommits = 1;
        await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(Token));
        _findings.FailCommits = 1;
        await Should.ThrowAsync<IOException>(() => pipeline.WorkOffAsync(Token));
        await pipeline.WorkOffAsync(Token);

        _findings.Findings.Count.ShouldBe(1);
        (await _findings.PositionAsync(JudgementPipeline.ChangesConsumer, Token)).ShouldBe(1);
    }

    [Fact]
    public async Task WorkOff_StoppedAnywhere_GivesTheFindingsOfAnUninterruptedRun()
    {
        var place = from x in Gen.Double[0, 500] from y in Gen.Double[0, 500] from w in Gen.Double[30, 140] from h in Gen.Double[30, 140] select Box(x, y, w, h);
        var patch = Gen.Select(place, Gen.Enum<ChangeKind>(), Gen.Double[0.2, 1]);
        await Gen.Select(patch.Array[0, 4].Array[1, 8], place.Array[1, 3], Gen.Int[1, 6]).SampleAsync(
            async (sets, permits, everyCommits) =>
            {
                List<ChangeSet> all = [.. sets.Select((s, i) => Set($"{i}", [.. s.Select((p, k) =>
                    Patch(p.Item1, $"2025-03-{1 + i:00}", $"2025-03-{2 + i:00}", p.Item2, p.Item3, $"{i}-{k}"))]))];
                async Task<List<string>> Run(int failEvery)
                {
                    var (changes, findings, plans) = (new MemoryChanges(), new MemoryFindings(), new MemoryPlans());
                    plans.Import(MapLayer.Permit, [.. permits.Select((p, i) => Permit($"A{i}", p))]);
                    all.ForEach(changes.Add);
                    for (var stop = 0; stop < 200; stop++)
                    {
                        // A new process each time, which dies at its n-th commit.
                        var pipeline = Pipeline(changes, new Dying(findings, failEvery), plans, TimeProvider.System, findings);
                        try
                        {
                            await pipeline.WorkOffAsync(CancellationToken.None);
                            break;
                        }
                        catch (IOException)
                        {
                            continue;
                        }
                    }

                    return [.. findings.Findings.Select(f => f.Id)];
                }

                (await Run(everyCommits + 1)).ShouldBe(await Run(int.MaxValue));
            },
            iter: 40,
            seed: "0000KQfXQZn2");
    }

    private static JudgementPipeline Pipeline(MemoryChanges changes, IFindingStore findings, MemoryPlans plans, TimeProvider clock, MemoryFindings cursors) => new(
        changes, findings, plans, cursors, new RecordingBus(), new PlanIndexSource(plans), DetectionRules.Default, Geodesic, new MemoryAudit(), clock, NullLogger<JudgementPipeline>.Instance);

    /// <summary>A store whose process dies at its n-th commit, before anything is stored.</summary>
    private sealed class Dying(MemoryFindings store, int at) : IFindingStore
    {
        private int _commits;

        public Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken) =>
            ++_commits >= at ? throw new IOException("killed") : store.CommitAsync(batch, cancellationToken);

        public Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => store.ReadAfterAsync(afterSequence, limit, cancellationToken);

        public Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) => store.FindAsync(findingId, cancellationToken);

        public Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) => store.OfSubjectAsync(subject, limit, cancellationToken);

        public Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(NetTopologySuite.Geometries.Envelope? box, CancellationToken cancellationToken) => store.JudgedPatchesAsync(box, cancellationToken);

        public Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) => store.PatchesOfSiteAsync(siteId, cancellationToken);
    }
}
