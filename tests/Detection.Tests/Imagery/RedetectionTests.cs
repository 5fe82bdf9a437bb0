using System.Text.Json;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Redetect;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class RedetectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_SameVersion_IsAllTheSameAndStoresNothing()
    {
        using var pair = new SyntheticPair();
        var (world, _) = await YearlyAsync(pair);
        var before = world.Describe();
        var result = await Redetection(world).RunAsync("pass-1", null, Token);
        result.Problem.ShouldBeNull();
        var run = result.Report!.Runs.Single(r => r.Detector == "pair");
        run.OldChangeSets.ShouldBe(run.NewChangeSets);
        run.Counts["same"].ShouldBe(1);
        run.Lines.Count.ShouldBe(1);
        world.Describe().ShouldBe(before);
    }

    /// <summary>An older version drew the building elsewhere and saw a second one, about which people were warned.</summary>
    [Fact]
    public async Task Run_NewVersion_TellsChangedGoneAndNewAndLeavesWarningsOpen()
    {
        using var pair = new SyntheticPair();
        var (world, set) = await YearlyAsync(pair);
        var real = set.Patches.Single();
        var moved = real with { Id = "old-1", Outline = Moved(real.Outline, 0.0004), Score = 0.4 };
        var ghost = real with { Id = "old-2", Outline = Moved(real.Outline, 0.006) };
        await world.CommitAsync([set with { Id = "old", DetectorVersion = "0", Patches = [moved, ghost] }], null, Token);
        var findings = new MemoryFindings();
        await findings.CommitAsync(
            new FindingBatch
            {
                JudgedPatches =
                [
                    new JudgedPatch("old", moved, "site-a", null, Verdict.Review, [], 1, moved.NotAfter), new JudgedPatch("old", ghost, "site-b", null, Verdict.Conflict, [], 1, ghost.NotAfter),
                ],
            },
            Token);
        var redetection = Redetection(world, findings, new OneAlert("site-b"));
        var first = await redetection.RunAsync("pass-1", "pair", Token);
        var run = first.Report!.Runs.ShouldHaveSingleItem();
        run.OldVersion.ShouldBe("imagery-pair 0");
        run.NewVersion.ShouldBe($"imagery-pair {PairDetector.Version}");
        run.Lines.Select(l => (l.Before?.Id, l.Fate, l.Site, l.Verdict, l.OpenAlerts.Count)).ShouldBe([("old-1", "changed", "site-a", "review", 0), ("old-2", "gone", "site-b", "conflict", 1)]);
        run.Lines[0].Differences.ShouldBe(["outline", "score"]);

        // Nothing was stored or judged, and the same question has the same answer.
        findings.Commits.ShouldBe(1);
        world.Sets.Count(s => s.CurrentSceneId == "pass-1" && s.DetectorId == PairDetector.Id).ShouldBe(2);
        JsonSerializer.Serialize(await redetection.RunAsync("pass-1", "pair", Token)).ShouldBe(JsonSerializer.Serialize(first));
    }

    /// <summary>What the new version finds where people were warned already is no second site.</summary>
    [Fact]
    public async Task Run_NewPatchAtAKnownSite_NamesTheSite()
    {
        using var pair = new SyntheticPair();
        var (world, set) = await YearlyAsync(pair);
        var real = set.Patches.Single();
        await world.CommitAsync([set with { Id = "old", DetectorVersion = "0", Patches = [] }], null, Token);
        var findings = new MemoryFindings();
        await findings.CommitAsync(new FindingBatch { JudgedPatches = [new JudgedPatch("else", real with { Id = "else-1" }, "site-a", null, Verdict.Review, [], 1, real.NotAfter)] }, Token);
        var line = (await Redetection(world, findings).RunAsync("pass-1", "pair", Token)).Report!.Runs.Single().Lines.ShouldHaveSingleItem();
        (line.Fate, line.Site).ShouldBe(("new", "site-a"));
    }

    [Fact]
    public async Task Run_Series_MakesTheMemoryAgainAndFindsTheSame()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 8, built: i => i >= 3);
        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        var told = world.Sets.Single(s => s.Patches.Count > 0);
        var files = Directory.GetFiles(folder.Path).Order().ToList();
        var result = await Redetection(world).RunAsync(told.CurrentSceneId, null, Token);
        var run = result.Report!.Runs.ShouldHaveSingleItem();
        run.Detector.ShouldBe("series");
        run.Counts["same"].ShouldBe(1);
        run.NewChangeSets.ShouldContain(told.Id);
        Directory.GetFiles(folder.Path).Order().ShouldBe(files);
    }

    [Fact]
    public async Task Run_DiskIsNearlyFull_IsOneSentenceAndGoesOnLater()
    {
        using var pair = new SyntheticPair();
        var world = new SeriesWorld(pair, 3, built: _ => false);
        var free = 63L << 20;
        var redetection = Redetection(world, room: () => free);
        var result = await redetection.RunAsync("pass-2", "series", Token);
        result.Report.ShouldBeNull();
        result.Problem!.ShouldStartWith("\"pass-2\" cannot be worked again now: the memory of the series in");
        result.Problem.ShouldContain("63 MB are free");
        result.Problem.ShouldEndWith("nothing was changed.");

        free = long.MaxValue;
        (await redetection.RunAsync("pass-2", "series", Token)).Problem.ShouldBeNull();
    }

    [Theory]
    [InlineData("no-such-scene", null, "There is no scene \"no-such-scene\"")]
    [InlineData("pass-0", "both", "\"both\" is no detector")]
    [InlineData("pass-0", "pair", "was compared with nothing")]
    public async Task Run_WhatCannotBe_IsOneSentence(string scene, string? detector, string said)
    {
        using var pair = new SyntheticPair();
        var result = await Redetection(new SeriesWorld(pair, 2, built: _ => false)).RunAsync(scene, detector, Token);
        result.Report.ShouldBeNull();
        result.Problem!.ShouldContain(said);
    }

    /// <summary>A pass a year, a building from the second on: the pair detector tells it.</summary>
    private static async Task<(SeriesWorld World, ChangeSet Set)> YearlyAsync(SyntheticPair pair)
    {
        var world = new SeriesWorld(pair, 2, built: i => i >= 1);
        for (var i = 0; i < 2; i++)
        {
            world.Scenes[i] = world.Scenes[i] with { AcquiredAt = SeriesWorld.At(0).AddDays(365 * i), ReceivedAt = SeriesWorld.At(0).AddDays((365 * i) + 1) };
        }

        using var folder = new ScratchFolder();
        await world.Pipeline(folder.Path).WorkOffAsync(Token);
        return (world, world.Sets.Single(s => s.DetectorId == PairDetector.Id));
    }

    private static Outline Moved(Outline outline, double degrees)
    {
        var shape = NetTopologySuite.Geometries.Utilities.AffineTransformation.TranslationInstance(degrees, 0).Transform(outline.Shape);
        return new Outline(shape, outline.AreaSquareMeters, outline.SourceCrs);
    }

    private static Redetection Redetection(SeriesWorld world, MemoryFindings? findings = null, IAlertStore? alerts = null, Func<long?>? room = null) => new(
        world, world, findings ?? new MemoryFindings(), alerts ?? new OneAlert("none"), new PairDetection(TimeProvider.System), new ImageryOptions { Folder = "" }, DetectionRules.Default)
        {
            Stores = folder => room is null ? new SeriesStore(folder) : new SeriesStore(folder) { FreeBytes = _ => room() },
        };

    /// <summary>An alert store with one open alert, that can only be asked.</summary>
    private sealed class OneAlert(string site) : IAlertStore
    {
        public Task<IReadOnlyDictionary<(Subject Subject, string RuleId), string>> NewestIdsAsync(
            IReadOnlyCollection<(Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken)
        {
            var subject = new Subject(SubjectKind.Site, site);
            return Task.FromResult<IReadOnlyList<Alert>>(question.Subject != subject ? [] :
            [
                new Alert
                {
                    Id = "alert-1", Fingerprint = "f", RuleId = "r", Subject = subject, State = AlertState.Firing, Severity = Severity.Major, Score = 0.9,
                    StartsAt = SeriesWorld.At(0), LastHeldAt = SeriesWorld.At(0), FindingId = "x", FindingCount = 1, Reasons = [],
                },
            ]);
        }

        public Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken) => throw new InvalidOperationException("Nothing may be written.");

        public Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Domain.Cases.Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Domain.Cases.Case>> CasesAsync(Domain.Cases.CaseQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Domain.Cases.EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
