using Monitoring.Domain.Intake;
using Monitoring.Domain.Learning;
using Monitoring.Ingest.Outcomes;
using Monitoring.Ingest.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Monitoring.Ingest.Tests;

/// <summary>Outcomes recorded elsewhere: taken whole, or every wrong row named.</summary>
public sealed class OutcomesImportTests
{
    private const string Header = "reference,longitude,latitude,decided_on,decision,found_by,inspection_chance\n";

    private static readonly DateTimeOffset Now = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_Csv_TakesEachRowInBothLanguages()
    {
        var (result, taken) = await ImportAsync("\uFEFF" + Header + "A-1,119.5,32.1,2026-03-02,confirmed,patrol,\r\n\"B,2\",119.6,32.2,2026-03-02T10:00:00+08:00,排除,随机抽查,0.05\n");
        result.Problems.ShouldBeEmpty();
        result.Features.ShouldBe(2);
        taken.Select(o => (o.Id, o.Longitude, o.Confirmed, o.FoundBy, o.InspectionChance)).ShouldBe(
            [("import:A-1", 119.5, true, FoundHow.Patrol, null), ("import:B,2", 119.6, false, FoundHow.RandomSample, 0.05)]);
        taken[0].DecidedAt.ShouldBe(new DateTimeOffset(2026, 3, 1, 16, 0, 0, TimeSpan.Zero), "the day begins in the service's zone");
        taken.ShouldAllBe(o => o.SiteId == null);
    }

    [Fact]
    public async Task Import_GeoJsonWithOtherNames_TakesThePoints()
    {
        var (result, taken) = await ImportAsync(
            """{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[119.5,32.1]},"properties":{"案号":7,"decided_on":"2026-03-02","decision":"属实","found_by":"举报"}}]}""",
            new Dictionary<string, string> { ["reference"] = "案号" });
        result.Problems.ShouldBeEmpty();
        taken.ShouldHaveSingleItem().ShouldSatisfyAllConditions(o => o.Id.ShouldBe("import:7"), o => o.FoundBy.ShouldBe(FoundHow.Complaint), o => o.Latitude.ShouldBe(32.1));
    }

    [Theory]
    [InlineData("no place", "A,x,32,2026-03-02,confirmed,patrol,", "no place")]
    [InlineData("swapped out of range", "A,119,132,2026-03-02,confirmed,patrol,", "no place")]
    [InlineData("no date", "A,119,32,02/03/2026,confirmed,patrol,", "decided_on")]
    [InlineData("time without zone", "A,119,32,2026-03-02T10:00:00,confirmed,patrol,", "decided_on")]
    [InlineData("in the future", "A,119,32,2027-03-02,confirmed,patrol,", "future")]
    [InlineData("unknown decision", "A,119,32,2026-03-02,maybe,patrol,", "confirmed (确认)")]
    [InlineData("unknown way", "A,119,32,2026-03-02,confirmed,drone,", "found_by")]
    [InlineData("no chance", "A,119,32,2026-03-02,confirmed,patrol,1.5", "(0, 1]")]
    [InlineData("no reference", ",119,32,2026-03-02,confirmed,patrol,", "reference")]
    [InlineData("too few cells", "A,119", "no place")]
    [InlineData("open quote", "\"A,119,32,2026-03-02,confirmed,patrol,", "quote")]
    public async Task Import_WrongRow_IsNamedAndNothingIsTaken(string what, string row, string told)
    {
        var (result, taken) = await ImportAsync(Header + "ok,119,32,2026-03-02,confirmed,patrol,\n" + row + "\n");
        result.Accepted.ShouldBeFalse(what);
        var problem = result.Problems.ShouldHaveSingleItem();
        problem.ShouldContain("line 3");
        problem.ShouldContain(told);
        taken.ShouldBeEmpty();
    }

    [Fact]
    public async Task Import_SameReferenceTwiceOrColumnsMissing_IsRefused()
    {
        (await ImportAsync(Header + "A,119,32,2026-03-02,confirmed,patrol,\nA,119,32,2026-03-02,dismissed,patrol,\n")).Result.Problems.ShouldHaveSingleItem().ShouldContain("line 3 has the reference of line 2");
        (await ImportAsync("reference,longitude\nA,1\n")).Result.Problems.ShouldHaveSingleItem().ShouldContain("no column latitude, decided_on, decision, found_by");
        (await ImportAsync("")).Result.Problems.ShouldHaveSingleItem().ShouldContain("empty");
        (await ImportAsync("{\"features\":3}")).Result.Problems.ShouldHaveSingleItem().ShouldContain("FeatureCollection");
    }

    private static async Task<(ImportResult Result, IReadOnlyList<CaseOutcome> Taken)> ImportAsync(string text, Dictionary<string, string>? map = null)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["outcomes.csv"], text, Stop);
        var store = new MemoryLearning();
        var import = new OutcomesImport(store, new IngestOptions(), new FakeTimeProvider(Now));
        var result = await import.ImportAsync(new ImportRequest { Kind = ImportKind.Outcomes, Path = folder["outcomes.csv"], Actor = "test", Map = map ?? [] }, Stop);
        return (result, store.Taken);
    }
}
