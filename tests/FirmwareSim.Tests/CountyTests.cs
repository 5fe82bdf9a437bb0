using System.Text.Json;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Tests;

public sealed class CountyTests
{
    private static readonly string[] Exchanged =
        ["regions.geojson", "control-lines.geojson", "parcels.geojson", "permits.geojson", "world.json", "hidden/truth.json"];

    [Fact]
    public void Write_Targets_AreOfTheCountyAndBrokenByTheStory()
    {
        using var folder = new Counties.Folder();
        WorldFiles.Write(Counties.Small, folder.Path);
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder["indicators.json"]));
        var farmland = json.RootElement.GetProperty("targets").EnumerateArray().Single(t => t.GetProperty("code").GetString() == "sensed-built-up-basic-farmland");
        farmland.GetProperty("region_code").GetString().ShouldBe("998421");
        var built = Counties.Small.Sites.Where(s => s.Reason == SiteReason.BasicFarmland && s.CompletedOn < Counties.Small.Options.Today)
            .Sum(s => s.Buildings().Sum(b => b.Width * b.Height));
        built.ShouldBeGreaterThan(farmland.GetProperty("target_value").GetDouble() + farmland.GetProperty("tolerance").GetDouble());
    }

    [Fact]
    public void Write_SameSeed_SameBytesButOtherSecrets()
    {
        using var a = new Counties.Folder();
        using var b = new Counties.Folder();
        WorldFiles.Write(Counties.Small, a.Path);
        WorldFiles.Write(Counties.Make(7, CountySize.Small), b.Path);
        foreach (var name in Exchanged) File.ReadAllBytes(a[name]).ShouldBe(File.ReadAllBytes(b[name]), name);
        var (first, second) = (WorldFiles.ReadSecrets(a.Path), WorldFiles.ReadSecrets(b.Path));
        first.Keys.ShouldBe(second.Keys);
        first.Values.Intersect(second.Values).ShouldBeEmpty();
        first.Values.Distinct().Count().ShouldBe(first.Count);
        first.Values.ShouldAllBe(s => s.Length == 48);
    }

    [Fact]
    public void Write_OtherSeed_OtherCounty()
    {
        using var a = new Counties.Folder();
        using var b = new Counties.Folder();
        WorldFiles.Write(Counties.Small, a.Path);
        WorldFiles.Write(Counties.Make(8, CountySize.Small), b.Path);
        foreach (var name in Exchanged) File.ReadAllBytes(a[name]).ShouldNotBe(File.ReadAllBytes(b[name]), name);
    }

    [Fact]
    public void Write_Secrets_AreReadableByTheOwnerAloneAndKeptOnRewrite()
    {
        using var folder = new Counties.Folder();
        WorldFiles.Write(Counties.Small, folder.Path);
        var before = WorldFiles.ReadSecrets(folder.Path);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(folder["devices.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        WorldFiles.Write(Counties.Small, folder.Path);
        WorldFiles.ReadSecrets(folder.Path).ShouldBe(before, ignoreOrder: true);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(folder["devices.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void ReadOptions_DirectoryOfACounty_MakesItAgain()
    {
        using var folder = new Counties.Folder();
        WorldFiles.Write(Counties.Small, folder.Path);
        WorldFiles.ReadOptions(folder.Path).ShouldBe(Counties.Small.Options);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"generation\":1,\"seed\":\"x\"}")]
    [InlineData("{\"generation\":999}")]
    public void ReadOptions_DamagedFile_SaysWhatAndHow(string text)
    {
        using var folder = new Counties.Folder();
        File.WriteAllText(folder["world.json"], text);
        Should.Throw<InvalidDataException>(() => WorldFiles.ReadOptions(folder.Path)).Message.ShouldContain("firmware-sim world");
    }

    [Fact]
    public void Create_ManySeeds_PlantsEverySite()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var county = Counties.Make(seed, CountySize.Small);
            county.Sites.Count(s => !s.Lawful).ShouldBe(9);
            county.Sites.Count(s => s.Lawful).ShouldBe(5);
        }
    }

    [Fact]
    public void Sites_Lawful_LieInsideAPermitValidFromTheFirstDig()
    {
        foreach (var county in new[] { Counties.Small, Counties.Large })
            foreach (var site in county.Sites.Where(s => s.Lawful))
                Valid(county, site).ShouldContain(p => p.Outline.Contains(site.Footprint), site.Id);
    }

    [Fact]
    public void Sites_Unauthorised_TouchNoValidPermit()
    {
        foreach (var county in new[] { Counties.Small, Counties.Large })
            foreach (var site in county.Sites.Where(s => !s.Lawful))
                foreach (var permit in county.Permits.Where(p => p.Status == "granted" && p.ValidTo >= site.EarthworksFrom))
                    permit.Outline.Intersects(site.UnlawfulPart).ShouldBeFalse($"{site.Id} and {permit.PermitNo}");
    }

    [Fact]
    public void Sites_OutsideOutline_AreLawfulUpToTheOutline()
    {
        var site = Counties.Large.Sites.Single(s => s.Reason == SiteReason.OutsideOutline);
        var permit = Valid(Counties.Large, site).First();
        var lawfulPart = site.Footprint.Difference(site.UnlawfulPart);
        permit.Outline.Intersection(lawfulPart).Area.ShouldBeGreaterThan(0.98 * lawfulPart.Area);
        site.UnlawfulPart!.Area.ShouldBeGreaterThan(900);
    }

    [Theory]
    [InlineData(SiteReason.BasicFarmland, "permanent_basic_farmland")]
    [InlineData(SiteReason.RedLine, "ecological_red_line")]
    public void Sites_OnAControlLine_LieWhollyInsideIt(SiteReason reason, string kind)
    {
        var sites = Counties.Large.Sites.Where(s => s.Reason == reason).ToList();
        sites.ShouldNotBeEmpty();
        foreach (var site in sites)
            Counties.Large.ControlLines.Where(c => c.Kind == kind).ShouldContain(c => c.Shape.Contains(site.Footprint), site.Id);
    }

    [Fact]
    public void Sites_OutsideControlLines_TouchNeitherRedLineNorFarmland()
    {
        foreach (var site in Counties.Large.Sites.Where(s => s.Reason is SiteReason.NoPermit or SiteReason.Permitted))
            foreach (var line in Counties.Large.ControlLines.Where(c => c.Kind != "urban_development_boundary"))
                line.Shape.Intersects(site.Footprint).ShouldBeFalse($"{site.Id} and {line.Id}");
    }

    [Fact]
    public void ControlLines_AllKinds_AreValidAndInsideTheCounty()
    {
        var boundary = Counties.Large.Divisions[0].Shape.Buffer(1);
        Counties.Large.ControlLines.Select(c => c.Kind).Distinct().Count().ShouldBe(3);
        foreach (var line in Counties.Large.ControlLines)
        {
            line.Shape.IsValid.ShouldBeTrue(line.Id);
            boundary.Contains(line.Shape).ShouldBeTrue(line.Id);
        }

        Counties.Large.ControlLines.Select(c => c.Id).Distinct().Count().ShouldBe(Counties.Large.ControlLines.Count);
        Counties.Large.Permits.Select(c => c.PermitNo).Distinct().Count().ShouldBe(Counties.Large.Permits.Count);
        Counties.Large.Parcels.Select(c => c.ParcelId).Distinct().Count().ShouldBe(Counties.Large.Parcels.Count);
        Counties.Large.Parcels.ShouldAllBe(p => p.ParcelId.Length == 19 && p.Shape.IsValid);
    }

    [Fact]
    public void Divisions_Townships_TileTheCounty()
    {
        var county = Counties.Large.Divisions[0];
        var towns = Counties.Large.Divisions.Skip(1).ToList();
        towns.Count.ShouldBeInRange(3, 5);
        towns.Sum(t => t.Shape.Area).ShouldBe(county.Shape.Area, county.Shape.Area * 1e-6);
        towns.ShouldAllBe(t => t.Code.StartsWith(county.Code, StringComparison.Ordinal) && t.Code.Length == 9);
    }

    [Fact]
    public void Truth_County_HasEnoughObservableSitesAndSomeThatAreNot()
    {
        var (passes, sightings) = PassTruth.Of(Counties.Large, Counties.Large.Schedule.Dates());
        passes.Count.ShouldBeInRange(90, 150);
        var unauthorised = Counties.Large.Sites.Where(s => !s.Lawful).Select(s => sightings.Single(x => x.SiteId == s.Id)).ToList();
        unauthorised.Count(s => s.Observable).ShouldBeGreaterThanOrEqualTo(11);
        unauthorised.Count(s => s.Pixels < Sighting.MinimumPixels).ShouldBe(2);
        // A demonstration has its first unlawful building under roof and in clear view by the tenth pass.
        var first = sightings.Single(s => s.SiteId == "U01").FirstClearAfter!.Value;
        passes.Count(p => p.Conditions.Date <= first).ShouldBeLessThanOrEqualTo(10);
    }

    [Fact]
    public void Write_GeoJson_IsLonLatWithClosedCounterClockwiseRings()
    {
        using var folder = new Counties.Folder();
        WorldFiles.Write(Counties.Small, folder.Path);
        foreach (var name in Exchanged.Where(n => n.EndsWith(".geojson", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(folder[name]));
            foreach (var feature in json.RootElement.GetProperty("features").EnumerateArray())
            {
                var geometry = feature.GetProperty("geometry");
                var polygons = geometry.GetProperty("type").GetString() == "Polygon"
                    ? [geometry.GetProperty("coordinates")]
                    : geometry.GetProperty("coordinates").EnumerateArray().ToArray();
                foreach (var polygon in polygons)
                {
                    var n = 0;
                    foreach (var ring in polygon.EnumerateArray())
                    {
                        var points = ring.EnumerateArray().Select(p => (X: p[0].GetDouble(), Y: p[1].GetDouble())).ToList();
                        points[0].ShouldBe(points[^1]);
                        points.ShouldAllBe(p => p.X > 119.7 && p.X < 120.1 && p.Y > 32.1 && p.Y < 32.5);
                        var area = points.Zip(points.Skip(1)).Sum(e => e.First.X * e.Second.Y - e.Second.X * e.First.Y);
                        (area > 0).ShouldBe(n++ == 0, name);
                    }
                }
            }
        }
    }

    [Fact]
    public void Devices_BesideUnlawfulSites_StandFarFromEveryPermit()
    {
        foreach (var county in new[] { Counties.Small, Counties.Large })
            foreach (var device in county.Devices.Where(d => d.SiteId is { } id && !county.Sites.Single(s => s.Id == id).Lawful))
            {
                var (x, y) = county.Frame.ToLocal(device.Longitude, device.Latitude);
                var point = county.Sites[0].Footprint.Factory.CreatePoint(new NetTopologySuite.Geometries.Coordinate(x, y));
                county.Permits.Min(p => p.Outline.Distance(point)).ShouldBeGreaterThan(150, device.Id);
            }
    }

    private static IEnumerable<PermitRecord> Valid(County county, Site site) => county.Permits.Where(p =>
        p.SiteId == site.Id && p.Status == "granted" && p.ValidFrom <= site.EarthworksFrom && p.ValidTo >= site.CompletedOn);
}
