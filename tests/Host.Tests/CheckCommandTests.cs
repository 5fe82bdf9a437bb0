using System.Text.Json;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary><c>monitoring check</c> by the built program.</summary>
public sealed class CheckCommandTests
{
    private const string RedLine = """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"east","kind":"ecological_red_line","document":"1号"},"geometry":{"type":"Polygon","coordinates":[[[119.004,31.999],[119.006,31.999],[119.006,32.004],[119.004,32.004],[119.004,31.999]]]}}]}""";
    private const string Road = """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"新路","width_m":20},"geometry":{"type":"LineString","coordinates":[[119.0,32.0],[119.01,32.0]]}}]}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_RoadAgainstLooseFiles_WritesReportOverlapAndSuggestion()
    {
        using var folder = new TempDirectory();
        var output = await RunAsync(0, "check", Write(folder, "road.geojson", Road), "--kind", "road", "--control-lines", Write(folder, "lines.geojson", RedLine), "--date", "2026-05-01", "--out", folder.File("out"));

        output.ShouldContain("control_line\t1\t");
        output.ShouldContain("suggestion\t");
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File(Path.Combine("out", "conflicts.json")), Stop));
        report.RootElement.GetProperty("format").GetString().ShouldBe("monitoring-conflicts-1");
        report.RootElement.GetProperty("on").GetString().ShouldBe("2026-05-01");
        var conflict = report.RootElement.GetProperty("conflicts").EnumerateArray().ShouldHaveSingleItem();
        conflict.GetProperty("rule").GetString().ShouldBe("ecological-red-line");
        conflict.GetProperty("with").GetProperty("document").GetString().ShouldBe("1号");
        var (area, length) = (conflict.GetProperty("area_m2").GetDouble(), conflict.GetProperty("length_m").GetDouble());
        length.ShouldBe(189, 1);
        area.ShouldBe(20 * length, 20);
        conflict.GetProperty("area_mu").GetDouble().ShouldBe(area * 3 / 2000, 0.01);
        using var overlaps = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File(Path.Combine("out", "conflicts.geojson")), Stop));
        overlaps.RootElement.GetProperty("features")[0].GetProperty("geometry").GetProperty("type").GetString().ShouldBe("Polygon");
        using var ways = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File(Path.Combine("out", "suggestion.geojson")), Stop));
        foreach (var way in ways.RootElement.GetProperty("features").EnumerateArray().Select(f => f.GetProperty("properties")))
        {
            way.GetProperty("cost_after").GetDouble().ShouldBeLessThan(way.GetProperty("cost_before").GetDouble());
        }
    }

    [Fact]
    public async Task Check_AgainstTheDataDirectory_WorksAloneAndWhileAServerHoldsIt()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        await RunAsync(0, "import", "control-lines", Write(folder, "lines.geojson", RedLine), "--effective", "2024-01-01", "--data", data);
        var road = Write(folder, "road.geojson", Road);

        (await RunAsync(0, "check", road, "--kind", "road", "--data", data, "--date", "2026-05-01", "--out", folder.File("alone"))).ShouldContain("control_line\t1");
        (await RunAsync(0, "check", road, "--kind", "road", "--data", data, "--date", "2023-05-01", "--out", folder.File("before"))).ShouldContain("1 checked on 2023-05-01, 0 conflicts");
        await using (await ServiceProcess.StartAsync(data, Stop))
        {
            (await RunAsync(0, "check", road, "--kind", "road", "--data", data, "--date", "2026-05-01", "--out", folder.File("held"))).ShouldContain("control_line\t1");
        }

        foreach (var file in new[] { "conflicts.json", "conflicts.geojson", "suggestion.geojson" })
        {
            (await File.ReadAllTextAsync(folder.File(Path.Combine("held", file)), Stop)).ShouldBe(await File.ReadAllTextAsync(folder.File(Path.Combine("alone", file)), Stop));
        }
    }

    [Fact]
    public async Task Check_LayerOfTheMap_SetsTheDetailedPlanAgainstTheMasterPlan()
    {
        using var folder = new TempDirectory();
        var data = folder.File("data");
        await RunAsync(0, "import", "plan", Write(folder, "master.geojson", Plot("m", "1401", 119)), "--layer", "master-plan", "--data", data);
        await RunAsync(0, "import", "plan", Write(folder, "detailed.geojson", Plot("d", "0701", 119.005)), "--layer", "detailed-plan", "--data", data);

        (await RunAsync(0, "check", "--layer", "detailed-plan", "--data", data, "--out", folder.File("out"))).ShouldContain("detailed_against_master\t1\t");
        (await RunAsync(2, "check", "--layer", "special-plan", "--data", data, "--out", folder.File("out"))).ShouldContain("nothing of that layer is in force");

        static string Plot(string id, string code, double west) => FormattableString.Invariant(
            $$$"""{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"{{{id}}}","code":"{{{code}}}"},"geometry":{"type":"Polygon","coordinates":[[[{{{west}}},32],[{{{west + 0.01}}},32],[{{{west + 0.01}}},32.01],[{{{west}}},32.01],[{{{west}}},32]]]}}]}""");
    }

    [Fact]
    public async Task Check_NanaimoPipesAndParcels_AreClashedWithTheirDiameters()
    {
        using var folder = new TempDirectory();
        var output = await RunAsync(
            0, "check", TestData.Need("nanaimo", "PIPES_AND_SERVICES_sm.shp"), "--kind", "pipe", "--map", "id=#", "code==water", "--parcels", TestData.Need("nanaimo", "PARCELS_sm.shp"), "--no-suggestions", "--out", folder.File("out"));

        output.ShouldContain("3331 checked");
        output.ShouldContain("note\tdepth-unknown\tof 3331, subjects 3331");
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File(Path.Combine("out", "conflicts.json")), Stop));
        report.RootElement.GetProperty("conflicts").EnumerateArray().Where(c => c.GetProperty("kind").GetString() == "pipe_crossing")
            .ShouldAllBe(c => c.GetProperty("clearance").GetProperty("plan_view_only").GetBoolean());
    }

    [Theory]
    [InlineData("delft.json", null, 160)]
    [InlineData("rotterdam_subset.json", "EPSG:28992", 16)]
    public async Task Check_CityModelAgainstOutlinesAsBuilt_TellsWhatDiffers(string model, string? crs, int buildings)
    {
        using var folder = new TempDirectory();
        string[] from = crs is null ? [] : ["--crs", crs];
        (await RunAsync(0, ["check", TestData.Need("cityjson", model), "--as-built", TestData.Need("cityjson", model), .. from, "--out", folder.File("same")])).ShouldContain($"as built\t{buildings} equal");

        // The first building wider than planned, the last never built, one that nobody planned.
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File(Path.Combine("same", "conflicts.json")), Stop));
        report.RootElement.GetProperty("as_built").GetArrayLength().ShouldBe(buildings);
        report.RootElement.GetProperty("as_built").EnumerateArray().ShouldAllBe(a => Math.Abs(a.GetProperty("height_difference_m").GetDouble()) < 1e-6 && a.GetProperty("outside_share").GetDouble() < 1e-6);
        var other = Write(folder, "built.geojson", """{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"x"},"geometry":{"type":"Polygon","coordinates":[[[4.0,52.0],[4.0005,52.0],[4.0005,52.0005],[4.0,52.0005],[4.0,52.0]]]}}]}""");
        if (crs is null)
        {
            var told = await RunAsync(0, "check", TestData.Need("cityjson", model), "--as-built", other, "--out", folder.File("other"));
            told.ShouldContain($"as built\t{buildings} missing, 1 unplanned");
            File.Exists(folder.File(Path.Combine("other", "as-built.geojson"))).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Check_BadInput_IsOneSentence()
    {
        using var folder = new TempDirectory();
        var (road, lines, to) = (Write(folder, "road.geojson", Road), Write(folder, "lines.geojson", RedLine), folder.File("out"));
        (string Says, string[] Args)[] cases =
        [
            ("Give either a FILE", ["check", "--out", to]),
            ("Give either a FILE", ["check", road, "--layer", "road", "--out", to]),
            ("--out", ["check", road, "--kind", "road"]),
            ("does not exist", ["check", folder.File("none.geojson"), "--kind", "road", "--control-lines", lines, "--out", to]),
            ("There is no plan layer 'castle'", ["check", road, "--kind", "castle", "--control-lines", lines, "--out", to]),
            ("name it with --kind", ["check", road, "--control-lines", lines, "--out", to]),
            ("There is no map", ["check", road, "--kind", "road", "--data", folder.File("nowhere"), "--out", to]),
            ("not both", ["check", road, "--kind", "road", "--data", folder.Path, "--control-lines", lines, "--out", to]),
            ("--against castles", ["check", road, "--kind", "road", "--control-lines", lines, "--against", "castles", "--out", to]),
            ("KIND=FILE", ["check", road, "--kind", "road", "--plan", "zoning", "--out", to]),
            ("which is no date", ["check", road, "--kind", "road", "--control-lines", lines, "--date", "soon", "--out", to]),
            ("--control-lines: ", ["check", road, "--kind", "road", "--control-lines", road, "--out", to]),
            ("takes field=column", ["check", road, "--kind", "road", "--control-lines", lines, "--map", "width", "--out", to]),
        ];
        foreach (var (says, args) in cases)
        {
            (await RunAsync(2, args)).ShouldContain(says);
        }

        Directory.Exists(to).ShouldBeFalse();
    }

    private static string Write(TempDirectory folder, string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return folder.File(name);
    }

    private static async Task<string> RunAsync(int expected, params string[] args)
    {
        var (code, output) = await ServiceProcess.RunAsync(Stop, args);
        code.ShouldBe(expected, output);
        return output;
    }
}
