using System.Text.Json;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Learning;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Plans.Patches;
using Monitoring.Ingest.Tests.Fakes;
using NetTopologySuite.IO;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Patches pushed from above come in with all they say and go back under their own numbers.</summary>
public sealed class PushedPatchTests
{
    private static ImportRequest Lonlat(string path) => Request(ImportKind.Patches, path) with { Crs = "EPSG:4490" };

    private static (string Wkt, (string, object?)[] Fields) Patch(string number, string wkt, string? batch = "2024Q1", string before = "20240105", string after = "20240320") =>
        (wkt, [("图斑编号", number), ("批次", batch), ("前时相", before), ("后时相", after), ("JCMJ", 12.5), ("备注", "疑似新增建设")]);

    [Fact]
    public async Task Import_ChineseColumns_KeepsEveryFieldOfTheSource()
    {
        using var folder = new TempFolder();
        var pushed = new MemoryPushedPatches();
        var (result, _) = await ImportAsync(Lonlat(GeoJson(folder["p.geojson"], Patch("3201-0001", Box(119, 32, 0.001, 0.001)))), pushed: pushed);
        result.Problems.ShouldBeEmpty();
        var batch = pushed.Batches.ShouldHaveSingleItem();
        batch.Batch.ShouldBe("2024Q1");
        batch.Patches.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            p => p.Number.ShouldBe("3201-0001"),
            p => p.BeforeDate.ShouldBe(new DateOnly(2024, 1, 5)),
            p => p.AfterDate.ShouldBe(new DateOnly(2024, 3, 20)),
            p => p.StatedAreaSquareMeters.ShouldBe(12.5),
            p => p.SourceFields.Keys.ShouldBe(["图斑编号", "批次", "前时相", "后时相", "JCMJ", "备注"], ignoreOrder: true));
    }

    [Theory]
    [InlineData("dates the wrong way round", "20240320", "20240105", "2024Q1", null, "earlier than its image before")]
    [InlineData("no batch anywhere", "20240105", "20240320", null, null, "--batch")]
    [InlineData("another batch than the file's", "20240105", "20240320", "2024Q1", "2024Q2", "2024Q1")]
    public async Task Import_Wrong_IsOneSentence(string what, string before, string after, string? batch, string? named, string told)
    {
        using var folder = new TempFolder();
        var (result, _) = await ImportAsync(Lonlat(GeoJson(folder["p.geojson"], Patch("1", Box(119, 32, 0.001, 0.001), batch, before, after))) with { Batch = named });
        result.Accepted.ShouldBeFalse(what);
        result.Problems.ShouldHaveSingleItem().ShouldContain(told);
    }

    [Fact]
    public async Task Export_AfterOwnFinding_LinksBothIdsUnderTheSendersNumber()
    {
        using var folder = new TempFolder();
        var pushed = new MemoryPushedPatches();
        await ImportAsync(
            Lonlat(GeoJson(folder["p.geojson"], Patch("seen", Box(119, 32, 0.001, 0.001)), Patch("late", Box(119.1, 32, 0.001, 0.001), before: "20230105", after: "20230320"), Patch("alone", Box(119.2, 32, 0.001, 0.001)))),
            pushed: pushed);
        var learning = new MemoryLearning();
        learning.OfSites["site-1"] = new CandidateScore
        {
            FindingId = "f", SiteId = "site-1", AsOf = new DateTimeOffset(2024, 4, 1, 0, 0, 0, TimeSpan.Zero), MapVersion = 1, SchemaVersion = 1, Features = [], Probability = 0.62, Model = "0003", Parts = [],
        };
        var results = new PushedPatchResults(pushed, new Findings(Ours("cs-1/1", Box(119.0005, 32, 0.001, 0.001)), Ours("cs-1/2", Box(119.1, 32, 0.001, 0.001))), learning, new PlanImportOptions());
        (await results.ExportAsync("2024Q1", folder["out.geojson"], TestContext.Current.CancellationToken)).ShouldBe((3, null));
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(folder["out.geojson"], TestContext.Current.CancellationToken));
        var features = written.RootElement.GetProperty("features").EnumerateArray().ToDictionary(f => f.GetProperty("id").GetString()!, f => f.GetProperty("properties"));
        features.Keys.ShouldBe(["seen", "late", "alone"], ignoreOrder: true);
        features["seen"].GetProperty("seen_by_us").GetBoolean().ShouldBeTrue();
        features["seen"].GetProperty("grade").GetString().ShouldBe("general");
        features["seen"].GetProperty("source").GetProperty("备注").GetString().ShouldBe("疑似新增建设");
        var link = features["seen"].GetProperty("findings").EnumerateArray().ShouldHaveSingleItem();
        link.GetProperty("patch_id").GetString().ShouldBe("cs-1/1");
        link.GetProperty("share_of_pushed").GetDouble().ShouldBe(0.5, 0.001);
        (link.GetProperty("score").GetDouble(), link.GetProperty("probability").GetDouble(), link.GetProperty("probability_source").GetString(), link.GetProperty("model_version").GetString())
            .ShouldBe((0.9, 0.62, "model", "0003"));
        features["late"].GetProperty("findings")[0].GetProperty("in_time").GetBoolean().ShouldBeFalse();
        features["late"].GetProperty("seen_by_us").GetBoolean().ShouldBeFalse();
        features["alone"].GetProperty("findings").GetArrayLength().ShouldBe(0);

        var (_, problem) = await results.ExportAsync("1999", folder["none.geojson"], TestContext.Current.CancellationToken);
        problem.ShouldNotBeNull().ShouldContain("2024Q1");
    }

    private static JudgedPatch Ours(string id, string wkt) => new(
        "cs-1",
        new ChangePatch
        {
            Id = id, Outline = new Outline(new WKTReader().Read(wkt), 10_000, "EPSG:4490"), Kind = ChangeKind.BuiltUp, Score = 0.9, PixelCount = 100, GsdMeters = 10,
            NotBefore = new DateTimeOffset(2024, 2, 1, 0, 0, 0, TimeSpan.Zero), NotAfter = new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero),
        },
        "site-1", "320115", Verdict.Conflict, [Reason.Of("no-approval")], 1, default);

    private sealed class Findings(params JudgedPatch[] ours) : IFindingStore
    {
        public Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(NetTopologySuite.Geometries.Envelope? box, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<JudgedPatch>>([.. ours.Where(o => box is null || o.Patch.Outline.Box.Intersects(box))]);

        public Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
