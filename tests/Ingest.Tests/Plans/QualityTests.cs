using System.Text.Json;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Plans.Quality;
using Monitoring.Ingest.Tests.Fakes;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Bad plans are found and named, with the place; nothing of them is taken or repaired.</summary>
public sealed class QualityTests
{
    private static ImportRequest Zoning(string path, params string[] accept) => Lonlat(ImportKind.Plan, path) with { PlanKind = PlanKinds.Zoning, Accept = accept };

    private static ImportRequest Lonlat(ImportKind kind, string path) => Request(kind, path) with { Crs = "EPSG:4490" };

    private static (string Wkt, (string, object?)[] Fields) Zone(string id, string wkt, string code = "urban_space", string? name = null) =>
        (wkt, name is null ? [("id", id), ("code", code)] : [("id", id), ("code", code), ("code_name", name)]);

    private static (string Wkt, (string, object?)[] Fields) Use(string id, string wkt, string code, string? name) => (wkt, [("id", id), ("YDYHFLDM", code), ("YDYHFLMC", name)]);

    [Fact]
    public async Task Zoning_CleanTiling_IsTakenWithoutARemark()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)), Zone("b", Box(119.01, 32, 0.01, 0.01), "农业空间"));
        var (result, register) = await ImportAsync(Zoning(path));
        result.Problems.ShouldBeEmpty();
        register.Imports.Single().PlanKind.ShouldBe(PlanKinds.Zoning);
        register.Imports[0].Features.Cast<PlanFeature>().Select(f => (f.Id, f.Code, f.CodeList)).ShouldBe([("a", "urban_space", "zone-kinds"), ("b", "agricultural_space", "zone-kinds")]);
    }

    [Fact]
    public async Task Zoning_SelfCrossingRing_IsRefusedWithThePlace()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("bow", "POLYGON((119 32, 119.01 32.01, 119.01 32, 119 32.01, 119 32))"));
        var (result, _) = await ImportAsync(Zoning(path) with { ReportFolder = folder["r"] });
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldContain("cross themselves at x 119.005, y 32.005");
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["r/z.quality.json"], TestContext.Current.CancellationToken));
        var fault = report.RootElement.GetProperty("faults")[0];
        fault.GetProperty("code").GetString().ShouldBe("invalid-geometry");
        fault.GetProperty("lon").GetDouble().ShouldBe(119.005, 1e-6);
    }

    [Fact]
    public async Task Zoning_Overlap_IsRefusedAndTakenWhenAPersonAcceptsIt()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)), Zone("b", Box(119.009, 32, 0.01, 0.01), "agricultural_space"));
        var (refused, _) = await ImportAsync(Zoning(path));
        refused.Accepted.ShouldBeFalse();

        // 0.001° by 0.01° at 32° north: about 94.4 m by 1109 m.
        refused.Problems.ShouldHaveSingleItem().ShouldStartWith("Features 'a' and 'b' overlap on 1047");
        var (taken, register) = await ImportAsync(Zoning(path, "overlap"));
        taken.Accepted.ShouldBeTrue();
        taken.Problems.ShouldHaveSingleItem().ShouldContain("accepted");
        register.Imports.Single().Features[0].Outline.AreaSquareMeters.ShouldBe(register.Imports[0].Features[1].Outline.AreaSquareMeters, 1, "nothing was cut");
    }

    [Fact]
    public async Task Zoning_AcceptOfWhatCannotBeAccepted_IsOneSentence()
    {
        using var folder = new TempFolder();
        var (result, _) = await ImportAsync(Zoning(GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01))), "invalid-geometry"));
        result.Problems.ShouldHaveSingleItem().ShouldContain("--accept invalid-geometry");
    }

    [Theory]
    [InlineData("05", "商业服务业用地", "code-revision", "the code means 湿地; the name has the code 09")]
    [InlineData("0701", "工业用地", "code-name", "the name has the code 1001")]
    [InlineData("05H1", "商业服务业设施用地", "code-revision", "land-survey-2019")]
    [InlineData("R2", "二类居住用地", "code-revision", "urban-land-2011")]
    [InlineData("0305", "灌木林地", "code-revision", "(here 0303)")]
    [InlineData("9901", null, "code-unknown", "no code of the list")]
    public async Task LandUsePlan_WrongCode_IsNamedWithWhatItMeans(string code, string? name, string fault, string told)
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["u.geojson"], Use("a", Box(119, 32, 0.01, 0.01), code, name));
        var (result, _) = await ImportAsync(Lonlat(ImportKind.Plan, path) with { PlanKind = PlanKinds.LandUsePlan, ReportFolder = folder.Root });
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldContain(told);
        (await File.ReadAllTextAsync(folder["u.quality.json"], TestContext.Current.CancellationToken)).ShouldContain($"\"{fault}\"");
    }

    [Fact]
    public async Task LandSurvey_PaddyField_IsFlaggedAsFarmland()
    {
        using var folder = new TempFolder();
        var path = GeoJson(
            folder["s.geojson"],
            (Box(119, 32, 0.01, 0.01), [("BSM", "1"), ("TBBH", "0001"), ("DLBM", "0101"), ("DLMC", "水田"), ("KCXS", 0.1)]),
            (Box(119.01, 32, 0.01, 0.01), [("BSM", "2"), ("DLBM", "0201K"), ("DLMC", "可调整果园")]));
        var (result, register) = await ImportAsync(Lonlat(ImportKind.Plan, path) with { PlanKind = PlanKinds.LandSurvey });
        result.Problems.ShouldBeEmpty();
        var plots = register.Imports.Single().Features.Cast<PlanFeature>().ToList();
        plots[0].ShouldSatisfyAllConditions(p => p.Flag("is_farmland").ShouldBeTrue(), p => p.Text("number").ShouldBe("0001"), p => p.Number("ridge_ratio").ShouldBe(0.1));
        plots[1].ShouldSatisfyAllConditions(p => p.Flag("is_farmland").ShouldBeFalse(), p => p.Flag("is_adjustable_to_farmland").ShouldBeTrue());
    }

    [Fact]
    public async Task Zoning_OneFeatureWithAxesExchanged_IsNamedAndTheOthersAreNot()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)), Zone("turned", Box(32, 119, 0.01, 0.01)));
        var (result, _) = await ImportAsync(Zoning(path) with { Crs = "EPSG:4490" });
        result.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain("'turned'"), p => p.ShouldContain("latitude stands before longitude"));
    }

    [Fact]
    public async Task Zoning_MetresAmongDegrees_IsMixedCrs()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)), Zone("metres", Box(40_400_000, 3_600_000, 500, 500)));
        var (result, _) = await ImportAsync(Zoning(path) with { Crs = "EPSG:4490", ReportFolder = folder.Root });
        result.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain("'metres'"), p => p.ShouldContain("another CRS"));
        (await File.ReadAllTextAsync(folder["z.quality.json"], TestContext.Current.CancellationToken)).ShouldContain("\"mixed-crs\"");
    }

    [Theory]
    [InlineData("degrees among metres", 119.5, 32.0, "are degrees")]
    [InlineData("zone number among those without", 40_420_000.0, 3_600_000.0, "carry the zone number 40")]
    [InlineData("northing before easting", 3_600_000.0, 420_000.0, "northing stands before easting")]
    public async Task Zoning_OneFeatureInAnotherCrsThanTheRest_IsNamed(string what, double x, double y, string told)
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(400_000, 3_600_000, 500, 500)), Zone("b", Box(400_500, 3_600_000, 500, 500)), Zone("odd", Box(x, y, 0.5, 0.5)));
        var (result, _) = await ImportAsync(Zoning(path) with { Crs = "EPSG:4549" });
        result.Problems.ShouldHaveSingleItem().ShouldSatisfyAllConditions(p => p.ShouldContain("'odd'", customMessage: what), p => p.ShouldContain(told));
    }

    [Fact]
    public async Task Regions_SameCodeWithAnotherNameInAnotherRevision_IsTold()
    {
        using var folder = new TempFolder();
        var before = new MemoryPlans();
        (string, (string, object?)[]) Region(string revision, string name) => (Box(119, 32, 0.1, 0.1), [("code", "320115"), ("revision", revision), ("name", name)]);
        await ImportAsync(Lonlat(ImportKind.Regions, GeoJson(folder["a.geojson"], Region("199912", "江宁县"))), before: before);
        var (result, _) = await ImportAsync(Lonlat(ImportKind.Regions, GeoJson(folder["b.geojson"], Region("201904", "江宁区"))), before: before);
        result.Problems.ShouldHaveSingleItem().ShouldContain("江宁县 in revision 199912");
    }

    [Fact]
    public async Task Zoning_GapSliverAndDuplicate_AreWarningsWithPlaces()
    {
        using var folder = new TempFolder();

        // Four zones around an empty middle; a strip of about 1 cm between two more; one twice.
        var path = GeoJson(
            folder["z.geojson"],
            Zone("s", Box(119, 32, 0.03, 0.01)), Zone("w", Box(119, 32.01, 0.01, 0.01)), Zone("e", Box(119.02, 32.01, 0.01, 0.01)), Zone("n", Box(119, 32.02, 0.03, 0.01)),
            Zone("again", Box(119.2, 32, 0.01, 0.01)), Zone("once", Box(119.2, 32, 0.01, 0.01)));
        var (result, _) = await ImportAsync(Zoning(path, "overlap") with { ReportFolder = folder["r"] });
        result.Accepted.ShouldBeTrue(string.Join("\n", result.Problems));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder["r/z.quality.json"], TestContext.Current.CancellationToken));
        var codes = report.RootElement.GetProperty("faults").EnumerateArray().ToLookup(f => f.GetProperty("code").GetString());
        var gap = codes["gap"].ShouldHaveSingleItem();
        gap.GetProperty("lon").GetDouble().ShouldBeInRange(119.01, 119.02);
        gap.GetProperty("area_m2").GetDouble().ShouldBeInRange(1_040_000, 1_050_000);
        codes["duplicate-geometry"].ShouldHaveSingleItem();
        codes["overlap"].ShouldHaveSingleItem().GetProperty("accepted").GetBoolean().ShouldBeTrue();
        var picture = await File.ReadAllTextAsync(folder["r/z.quality.svg"], TestContext.Current.CancellationToken);
        System.Xml.Linq.XDocument.Parse(picture).Root!.Name.LocalName.ShouldBe("svg");
    }

    [Fact]
    public async Task Parcels_ShiftedByGcj02AgainstTheMap_AreRefused()
    {
        using var folder = new TempFolder();
        (string Wkt, (string, object?)[] Fields) Parcel(int i, bool shifted)
        {
            double x = 118.7 + (i % 5 * 0.002), y = 32 + (i / 5 * 0.002);
            var (lon, lat) = shifted ? GcjOffset.Apply(x, y) : (x, y);
            return (Box(lon, lat, 0.002, 0.002), [("parcel_id", shifted ? $"new-{i}" : $"p-{i}")]);
        }

        var before = new MemoryPlans();
        (await ImportAsync(Lonlat(ImportKind.Parcels, GeoJson(folder["a.geojson"], Enumerable.Range(0, 25).Select(i => Parcel(i, false)))), before: before)).Result.Accepted.ShouldBeTrue();
        var (result, _) = await ImportAsync(Lonlat(ImportKind.Parcels, GeoJson(folder["b.geojson"], Enumerable.Range(0, 25).Select(i => Parcel(i, true)))), before: before);
        result.Accepted.ShouldBeFalse();
        result.Problems.ShouldHaveSingleItem().ShouldContain("shifted by GCJ-02");

        var (again, _) = await ImportAsync(Lonlat(ImportKind.Parcels, GeoJson(folder["c.geojson"], Enumerable.Range(0, 25).Select(i => Parcel(i, false)))), before: before);
        again.Accepted.ShouldBeTrue("the same without the offset is well placed");
    }

    [Fact]
    public void GcjOffset_OfTiananmen_IsWhatPublicToolsGive()
    {
        // Widely published pair for 天安门: WGS 84 116.3912757, 39.906217 and GCJ-02 116.3975162, 39.9076206 (about).
        var (lon, lat) = GcjOffset.Apply(116.3912757, 39.906217);
        lon.ShouldBe(116.39752, 2e-5);
        lat.ShouldBe(39.90762, 2e-5);
        var (backLon, backLat) = GcjOffset.Remove(lon, lat);
        backLon.ShouldBe(116.3912757, 1e-7);
        backLat.ShouldBe(39.906217, 1e-7);
    }

    [Fact]
    public async Task Zoning_OutsideEveryRegion_IsToldAndTaken()
    {
        using var folder = new TempFolder();
        var before = new MemoryPlans();
        await ImportAsync(Lonlat(ImportKind.Regions, GeoJson(folder["r.geojson"], (Box(119, 32, 0.1, 0.1), [("code", "320115"), ("revision", "201904"), ("name", "江宁区")]))), before: before);
        var (result, _) = await ImportAsync(Zoning(GeoJson(folder["z.geojson"], Zone("in", Box(119, 32, 0.01, 0.01)), Zone("out", Box(119.5, 32, 0.01, 0.01)))), before: before);
        result.Accepted.ShouldBeTrue();
        result.Problems.ShouldHaveSingleItem().ShouldContain("'out'");
    }

    [Fact]
    public async Task Zoning_WrongCodeAmongNeighbours_LeavesNoGap()
    {
        using var folder = new TempFolder();
        var zones = from row in Enumerable.Range(0, 3) from column in Enumerable.Range(0, 3)
                    select Zone($"{row}{column}", Box(119 + (column * 0.01), 32 + (row * 0.01), 0.01, 0.01), (row, column) == (1, 1) ? "castle" : "urban_space");
        var (result, _) = await ImportAsync(Zoning(GeoJson(folder["z.geojson"], zones)) with { ReportFolder = folder.Root });
        result.Problems.ShouldHaveSingleItem().ShouldContain("castle");
        (await File.ReadAllTextAsync(folder["z.quality.json"], TestContext.Current.CancellationToken)).ShouldNotContain("\"gap\"");
    }

    [Fact]
    public async Task Check_OfABadPlan_ReportsAndTakesNothing()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)));
        var (result, register) = await ImportAsync(Zoning(path) with { CheckOnly = true, ReportFolder = folder["r"] });
        result.Accepted.ShouldBeTrue();
        result.Version.ShouldBeNull();
        result.ReportFiles.Select(Path.GetFileName).ShouldBe(["z.quality.json", "z.quality.txt", "z.quality.svg"]);
        register.Imports.ShouldBeEmpty();
    }

    [Fact]
    public async Task Plan_WithoutLayerOrWithAnUnknownOne_IsOneSentence()
    {
        using var folder = new TempFolder();
        var path = GeoJson(folder["z.geojson"], Zone("a", Box(119, 32, 0.01, 0.01)));
        (await ImportAsync(Lonlat(ImportKind.Plan, path))).Result.Problems.ShouldHaveSingleItem().ShouldContain("--layer");
        (await ImportAsync(Lonlat(ImportKind.Plan, path) with { PlanKind = "castles" })).Result.Problems.ShouldHaveSingleItem().ShouldContain("'castles'");
    }

    [Fact]
    public async Task Plan_LayerAsAFileOfTheDataDirectory_IsTaken()
    {
        using var folder = new TempFolder();
        folder.Write("plans/layers/trees.json", """{"layers":[{"kind":"old-trees","name":"古树","geometry":"point","fields":[{"name":"id","type":"id","required":true},{"name":"girth_m","type":"number","max":30}]}]}""");
        var path = GeoJson(folder["t.geojson"], ("POINT(119 32)", [("id", "t1"), ("girth_m", 3.25)]));
        var (result, register) = await ImportAsync(Lonlat(ImportKind.Plan, path) with { PlanKind = "old-trees" }, new PlanImportOptions { DefinitionsFolder = folder["plans"] });
        result.Problems.ShouldBeEmpty();
        register.Imports.Single().Features.Cast<PlanFeature>().Single().Number("girth_m").ShouldBe(3.25);
    }
}
