using System.Text.Json;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>Plan layers, checks, views and pushed patches by the built program.</summary>
public sealed class PlanCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Map_AfterTwoImports_ShowsEachViewAndWhatDiffers()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        await RunAsync(0, "import", "plan", Zones(folder, "one.geojson", ("a", 119, "urban_space"), ("b", 119.01, "urban_space")), "--layer", "zoning", "--effective", "2024-01-01", "--data", data);
        var second = await RunAsync(0, "import", "plan", Zones(folder, "two.geojson", ("b", 119.01, "agricultural_space"), ("c", 119.02, "urban_space")), "--layer", "zoning", "--effective", "2024-01-01", "--data", data);
        second.ShouldContain("plan zoning: 2 taken, map version 2");

        (await RunAsync(0, "map", "versions", "--data", data)).ShouldContain("2\t");
        (await RunAsync(0, "map", "show", "zoning", "--known", "1", "--on", "2024-06-01", "--data", data)).ShouldContain("zoning: 2 features");
        (await RunAsync(0, "map", "show", "zoning", "--on", "2023-06-01", "--data", data)).ShouldContain("zoning: 0 features");
        var diff = await RunAsync(0, "map", "diff", "zoning", "--from", "1", "--to", "2", "--out", folder.File("diff.geojson"), "--data", data);
        diff.ShouldContain("zoning: 1 added, 1 changed, 0 ended");
        diff.ShouldContain("~ b\tcode: urban_space → agricultural_space");
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("diff.geojson"), Stop));
        written.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties").GetProperty("grade").GetString()).ShouldAllBe(g => g == "general");

        // The grade is the operator's, also in what commands write.
        await File.WriteAllTextAsync(Path.Combine(data, "monitoring.json"), """{"LayerGrades":{"plans/zoning":"Important"}}""", Stop);
        await RunAsync(0, "map", "show", "zoning", "--on", "2024-06-01", "--out", folder.File("show.geojson"), "--data", data);
        using var graded = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("show.geojson"), Stop));
        graded.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties").GetProperty("grade").GetString()).ShouldAllBe(g => g == "important");

        (await RunAsync(2, "map", "diff", "castles", "--data", data)).ShouldContain("castles");
        (await RunAsync(2, "map", "show", "zoning", "--known", "yesterday", "--data", data)).ShouldContain("--known yesterday");
    }

    [Fact]
    public async Task Import_CheckOfABadPlan_WritesReportAndPictureAndTakesNothing()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        var file = Zones(folder, "bad.geojson", ("a", 119, "urban_space"), ("a", 119.005, "castle"));
        var output = await RunAsync(2, "import", "plan", file, "--layer", "zoning", "--check", "--data", data);
        output.ShouldContain("castle");
        foreach (var ending in new[] { "json", "txt", "svg" })
        {
            File.Exists(Path.Combine(file + "-check", "bad.quality." + ending)).ShouldBeTrue(ending);
        }

        (await RunAsync(0, "map", "versions", "--data", data)).ShouldContain("The map is empty.");
    }

    [Fact]
    public async Task Import_SavedMapping_IsUsedTheNextTime()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        var file = folder.File("odd.geojson");
        await File.WriteAllTextAsync(file, """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"nummer":"x1","art":"城镇空间"},"geometry":{"type":"Polygon","coordinates":[[[119,32],[119.01,32],[119.01,32.01],[119,32.01],[119,32]]]}}]}""", Stop);
        await RunAsync(0, "import", "plan", file, "--layer", "zoning", "--map", "id=nummer", "code=art", "--save-mapping", "office-a", "--data", data);
        (await RunAsync(0, "import", "plan", file, "--layer", "zoning", "--mapping", "office-a", "--data", data)).ShouldContain("nothing changed");
        (await RunAsync(2, "import", "plan", file, "--layer", "zoning", "--mapping", "office-b", "--data", data)).ShouldContain("office-a");
        (await RunAsync(2, "import", "plan", file, "--layer", "zoning", "--mapping", "../x", "--data", data)).ShouldContain("letters, digits");
    }

    [Fact]
    public async Task Patches_ImportedAndExported_KeepTheirNumbers()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        var file = folder.File("p.geojson");
        await File.WriteAllTextAsync(file, """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"图斑编号":"320115-0007","批次":"2024Q1","前时相":"2024-01-05","后时相":"2024-03-20","备注":"新增"},"geometry":{"type":"Polygon","coordinates":[[[119,32],[119.001,32],[119.001,32.001],[119,32.001],[119,32]]]}}]}""", Stop);
        (await RunAsync(0, "import", "patches", file, "--data", data)).ShouldContain("patches 2024Q1: 1 taken, delivery 1");
        await RunAsync(0, "export", "patches", "--batch", "2024Q1", "--out", folder.File("out.geojson"), "--data", data);
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("out.geojson"), Stop));
        var one = written.RootElement.GetProperty("features").EnumerateArray().ShouldHaveSingleItem().GetProperty("properties");
        one.GetProperty("number").GetString().ShouldBe("320115-0007");
        one.GetProperty("source").GetProperty("备注").GetString().ShouldBe("新增");
        one.GetProperty("seen_by_us").GetBoolean().ShouldBeFalse();
        (await RunAsync(2, "export", "patches", "--batch", "2023Q4", "--out", folder.File("none.geojson"), "--data", data)).ShouldContain("2024Q1");
    }

    [Fact]
    public async Task Commands_WhileAServerHoldsTheData_AreDoneByTheServer()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        await using var service = await ServiceProcess.StartAsync(data, Stop);
        var taken = await RunAsync(
            0, "import", "plan", Zones(folder, "one.geojson", ("a", 119, "urban_space")), "--layer", "zoning", "--report", folder.File("r"), "--data", data);
        taken.ShouldContain("plan zoning: 1 taken, map version 1");
        taken.ShouldContain("one.quality.svg");
        (await RunAsync(0, "map", "show", "zoning", "--known", "1", "--data", data)).ShouldContain("zoning: 1 features");
        (await RunAsync(2, "map", "show", "castles", "--data", data)).ShouldContain("castles");
        (await RunAsync(2, "import", "plan", folder.File("one.geojson"), "--layer", "zoning", "--accept", "everything", "--data", data)).ShouldContain("--accept everything");
    }

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (code, output) = await ServiceProcess.RunAsync(Stop, arguments);
        code.ShouldBe(expected, output);
        output.ShouldNotContain("   at ", Case.Sensitive, "no stack trace");
        return output;
    }

    private static string Zones(TempDirectory folder, string name, params (string Id, double Lon, string Code)[] zones)
    {
        var features = zones.Select(z => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $$$"""{"type":"Feature","properties":{"id":"{{{z.Id}}}","code":"{{{z.Code}}}"},"geometry":{"type":"Polygon","coordinates":[[[{{{z.Lon}}},32],[{{{z.Lon + 0.01}}},32],[{{{z.Lon + 0.01}}},32.01],[{{{z.Lon}}},32.01],[{{{z.Lon}}},32]]]}}"""));
        File.WriteAllText(folder.File(name), $$"""{"type":"FeatureCollection","features":[{{string.Join(",", features)}}]}""");
        return folder.File(name);
    }
}
