using System.Globalization;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Land;
using Monitoring.Ingest.Plans;
using Monitoring.Ingest.Plans.Quality;
using Monitoring.TestKit;
using static Monitoring.Ingest.Tests.Plans.PlanFile;

namespace Monitoring.Ingest.Tests.Plans;

/// <summary>Legally binding plans, parcels, pipes and city models as their makers publish them.</summary>
public sealed class RealPlanTests
{
    /// <summary>All that <see cref="FaultCodes.Acceptable"/> lets a person take, but not the rule under test.</summary>
    private static readonly string[] NotClosure = [.. FaultCodes.Acceptable.Where(c => c != FaultCodes.Closure)];

    public static TheoryData<string> ClosureFiles =>
    [
        "xplan52_Flaechenschlussfehler_vollstaendige_Ueberlappung.gml", "xplan54_Flaechenschlussfehler_Luecken.gml", "FNP_Insel-Test.gml", "Flaechenschluss-Test_1mm.gml",
        "xplan51-5_1_4_1_Flaechenschlussfehler.gml", "xplan51-5_5_4_2_Flaechenschlussfehler.gml", "BPlan001_5-4_Toleranz_Geltungsbereich_0008.gml",
        "BPlan_Kompensationsbereich_6-0-2_Luecke.gml", "BPlan_Wirksamkeit_6-0-2_valide.gml",
    ];

    [Theory]
    [MemberData(nameof(ClosureFiles))]
    public void XPlan_ClosureCases_GiveTheirExpectedResults(string file)
    {
        var line = File.ReadLines(TestData.Need("xplan", "topology", "expected_results.csv")).First(l => l.StartsWith(file + ",", StringComparison.Ordinal)).Split(',');
        var read = Read(TestData.Need("xplan", "topology", file), null);
        var (errors, warnings) = read.Report.ShouldNotBeNull(string.Join("\n", read.Told)).Counts.GetValueOrDefault(FaultCodes.Closure);
        (errors == 0).ShouldBe(bool.Parse(line[1]), string.Join("\n", read.Told));
        (read.Features is not null).ShouldBe(bool.Parse(line[1]), string.Join("\n", read.Told));
        if (line[2].Length > 0)
            errors.ShouldBe(int.Parse(line[2], CultureInfo.InvariantCulture), string.Join("\n", read.Told));
        if (line[3].Length > 0)
            warnings.ShouldBe(int.Parse(line[3], CultureInfo.InvariantCulture), string.Join("\n", read.Told));
    }

    [Theory]
    [InlineData("BPlan001_5-1.gml", "detailed-plan", "BP_BaugebietsTeilFlaeche")]
    [InlineData("Blankenese29.gml", "detailed-plan", "BP_UeberbaubareGrundstuecksFlaeche")]
    [InlineData("FNP_031545401000_Zusammenzeichnung.gml", "master-plan", "FP_BebauungsFlaeche")]
    [InlineData("HafenCity11_HafenCity14_Bereich_ohne_Geometrie.gml", "detailed-plan", "BP_GewaesserFlaeche")]
    public void XPlan_BindingPlan_IsTaken(string file, string kind, string element)
    {
        var read = Read(TestData.Need("xplan", "valid", file), null);
        var features = read.Features.ShouldNotBeNull(string.Join("\n", read.Told));
        read.PlanKind.ShouldBe(kind);
        features.Cast<PlanFeature>().ShouldContain(f => f.Text("element") == element && f.Outline.AreaSquareMeters > 0);
        features.Cast<PlanFeature>().ShouldAllBe(f => f.Text("plan") != null || f.Text("element")!.StartsWith("SO_", StringComparison.Ordinal) || f.Text("element")!.StartsWith("LP_", StringComparison.Ordinal));
        features.ShouldAllBe(f => f.Outline.SourceCrs == "EPSG:25832");
    }

    [Fact]
    public void Nanaimo_Parcels_AreTakenWithTheirAreas()
    {
        var read = new MapFileReader(new PlanImportOptions()).Read(
            Request(ImportKind.Parcels, TestData.Need("nanaimo", "PARCELS_sm.shp")) with { Map = new Dictionary<string, string> { ["parcel_id"] = "#", ["legal_area_m2"] = "AREA" } }, TestContext.Current.CancellationToken);
        var parcels = read.Features.ShouldNotBeNull(string.Join("\n", read.Told)).Cast<Parcel>().ToList();
        parcels.Count.ShouldBe(1300);

        // Area on the grid of UTM zone 10 against the ellipsoid: within the projection's scale, about 0.1 %.
        parcels.Count(p => p.LegalAreaSquareMeters is { } legal && Math.Abs((p.Outline.AreaSquareMeters / legal) - 1) < 0.005).ShouldBeGreaterThan(1200);
    }

    [Fact]
    public void Nanaimo_ParcelsByAColumnThatRepeats_AreRefusedWithEachOfThem()
    {
        var read = new MapFileReader(new PlanImportOptions()).Read(
            Request(ImportKind.Parcels, TestData.Need("nanaimo", "PARCELS_sm.shp")) with { Map = new Dictionary<string, string> { ["parcel_id"] = "GID" } }, TestContext.Current.CancellationToken);
        read.Features.ShouldBeNull();
        read.Told.Count.ShouldBe(11);
        read.Told.ShouldAllBe(t => t.Contains("has the id of feature", StringComparison.Ordinal));
    }

    [Fact]
    public void Nanaimo_Pipes_AreTakenWithDiameterAndLength()
    {
        var read = Read(TestData.Need("nanaimo", "PIPES_AND_SERVICES_sm.shp"), PlanKinds.Pipe, ("id", "#"), ("code", "=water"));
        var pipes = read.Features.ShouldNotBeNull(string.Join("\n", read.Told)).Cast<PlanFeature>().ToList();
        pipes.Count.ShouldBe(3331);
        pipes.ShouldAllBe(p => p.Code == "water" && p.Number("length_m") >= 0);
        pipes.Count(p => p.Number("length_m") > 0.01).ShouldBeGreaterThan(3300);
        pipes.Count(p => p.Number("diameter_mm") > 0).ShouldBeGreaterThan(2000);
        // The source's LENGTH is that of the pipe as it was laid; many were cut since and kept it.
        pipes.Count(p => double.TryParse(p.SourceFields.GetValueOrDefault("LENGTH"), CultureInfo.InvariantCulture, out var stated) && Math.Abs(p.Number("length_m")!.Value - stated) < 0.01 * stated).ShouldBeGreaterThan(1700);
    }

    [Theory]
    [InlineData("delft.json", null, 160, 2, 20)]
    [InlineData("zurich_subset_lod2.json", null, 49, 1, 70)]
    [InlineData("rotterdam_subset.json", "EPSG:28992", 16, 5, 30)]
    public void CityJson_Buildings_AreTakenWithOutlineAndHeight(string file, string? crs, int count, double lowest, double highest)
    {
        var read = new MapFileReader(new PlanImportOptions()).Read(Request(ImportKind.Plan, TestData.Need("cityjson", file)) with { Crs = crs }, TestContext.Current.CancellationToken);
        var buildings = read.Features.ShouldNotBeNull(string.Join("\n", read.Told)).Cast<PlanFeature>().ToList();
        read.PlanKind.ShouldBe(PlanKinds.Building);
        buildings.Count.ShouldBe(count);
        buildings.ShouldAllBe(b => b.Outline.AreaSquareMeters > 1 && b.Number("roof_m") > b.Number("ground_m"));
        buildings.Select(b => b.Number("height_m")!.Value).Order().ElementAt(count / 2).ShouldBeInRange(lowest, highest);
    }

    [Fact]
    public void CityJson_WithoutCrs_AsksForIt() =>
        new MapFileReader(new PlanImportOptions()).Read(Request(ImportKind.Plan, TestData.Need("cityjson", "rotterdam_subset.json")), TestContext.Current.CancellationToken)
            .Told.ShouldHaveSingleItem().ShouldContain("--crs");

    private static MapFile Read(string path, string? kind, params (string Field, string Column)[] map) => new MapFileReader(new PlanImportOptions()).Read(
        Request(ImportKind.Plan, path) with { PlanKind = kind, Accept = NotClosure, Map = map.ToDictionary(m => m.Field, m => m.Column) }, TestContext.Current.CancellationToken);
}
