using System.Text.Json;
using BitMiracle.LibTiff.Classic;
using Monitoring.FirmwareSim.Geo;
using Monitoring.FirmwareSim.Passes;
using Monitoring.FirmwareSim.World;

namespace Monitoring.FirmwareSim.Tests;

public sealed class PassTests
{
    private const int Red = 2, Nir = 3, Swir = 4;
    private static County Small => Counties.Small;

    [Fact]
    public void Deliver_SameDay_SameBytes()
    {
        using var a = new Counties.Folder();
        using var b = new Counties.Folder();
        var date = Small.Schedule.Dates()[9];
        var used = new PassRenderer(Small);
        used.Render(date.AddDays(200)); // a renderer that has drawn before draws the same
        var first = PassFiles.Deliver(a.Path, Small, used.Render(date));
        var second = PassFiles.Deliver(b.Path, Small, new PassRenderer(Counties.Make(7, CountySize.Small)).Render(date));
        File.ReadAllBytes(first.Tiff).ShouldBe(File.ReadAllBytes(second.Tiff));
        File.ReadAllBytes(first.Item).ShouldBe(File.ReadAllBytes(second.Item));
        Directory.GetFiles(a.Path).Length.ShouldBe(2);
    }

    [Fact]
    public void Render_OtherDayOrSeed_OtherPixels()
    {
        var date = Small.Schedule.Dates()[0];
        var here = new PassRenderer(Small).Render(date).Bands[Red];
        new PassRenderer(Small).Render(date.AddDays(1)).Bands[Red].ShouldNotBe(here);
        new PassRenderer(Counties.Make(8, CountySize.Small)).Render(date).Bands[Red].ShouldNotBe(here);
    }

    [Fact]
    public void Deliver_GeoTiff_IsReadByAnIndependentReader()
    {
        using var folder = new Counties.Folder();
        var pass = new PassRenderer(Small).Render(Small.Schedule.Dates()[3]);
        var (path, _) = PassFiles.Deliver(folder.Path, Small, pass);
        Tiff.SetTagExtender(GeoTags);
        using var tiff = Tiff.Open(path, "r").ShouldNotBeNull();
        tiff.GetField(TiffTag.IMAGEWIDTH)[0].ToInt().ShouldBe(300);
        tiff.GetField(TiffTag.IMAGELENGTH)[0].ToInt().ShouldBe(300);
        tiff.GetField(TiffTag.SAMPLESPERPIXEL)[0].ToInt().ShouldBe(7);
        tiff.GetField(TiffTag.BITSPERSAMPLE)[0].ToInt().ShouldBe(16);
        tiff.GetField(TiffTag.COMPRESSION)[0].ToInt().ShouldBe((int)Compression.ADOBE_DEFLATE);
        tiff.GetField(TiffTag.PREDICTOR)[0].ToInt().ShouldBe((int)Predictor.HORIZONTAL);
        tiff.GetField((TiffTag)33550)[1].ToDoubleArray().ShouldBe([10, 10, 0]);
        tiff.GetField((TiffTag)33922)[1].ToDoubleArray().ShouldBe([0, 0, 0, Small.Frame.West, Small.Frame.North, 0]);
        var keys = tiff.GetField((TiffTag)34735)[1].ToShortArray().Select(k => (int)(ushort)k).Chunk(4).ToList();
        keys.ShouldContain(k => k[0] == 3072 && k[3] == RasterFrame.Epsg);
        tiff.GetField((TiffTag)42113)[1].ToString().TrimEnd('\0').ShouldBe("0");

        var tile = new byte[tiff.TileSize()];
        for (short band = 0; band < 7; band++)
            for (var ty = 0; ty < 300; ty += 256)
                for (var tx = 0; tx < 300; tx += 256)
                {
                    tiff.ReadTile(tile, 0, tx, ty, 0, band).ShouldBe(tile.Length);
                    for (var y = ty; y < Math.Min(300, ty + 256); y++)
                        for (var x = tx; x < Math.Min(300, tx + 256); x++)
                            if (BitConverter.ToUInt16(tile, ((y - ty) * 256 + x - tx) * 2) != pass.Bands[band][y * 300 + x])
                                Assert.Fail($"band {band} at {x},{y}");
                }
    }

    [Fact]
    public void Deliver_Item_NamesTheSceneAndItsBands()
    {
        using var folder = new Counties.Folder();
        var pass = new PassRenderer(Small).Render(Small.Schedule.Dates()[12]);
        var (tiff, path) = PassFiles.Deliver(folder.Path, Small, pass);
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var item = json.RootElement;
        item.GetProperty("stac_version").GetString().ShouldBe("1.1.0");
        item.GetProperty("id").GetString().ShouldBe(Path.GetFileNameWithoutExtension(tiff));
        var properties = item.GetProperty("properties");
        DateOnly.FromDateTime(properties.GetProperty("datetime").GetDateTime()).ShouldBe(pass.Conditions.Date);
        properties.GetProperty("proj:code").GetString().ShouldBe("EPSG:32650");
        properties.GetProperty("platform").GetString().ShouldBe("demo-sat");
        properties.GetProperty("eo:cloud_cover").GetDouble().ShouldBe(pass.CloudCoverPercent);
        var asset = item.GetProperty("assets").GetProperty("data");
        asset.GetProperty("href").GetString().ShouldBe("./" + Path.GetFileName(tiff));
        asset.GetProperty("bands").EnumerateArray().Take(6).Select(b => b.GetProperty("eo:common_name").GetString())
            .ShouldBe(["blue", "green", "red", "nir", "swir16", "swir22"]);
        asset.GetProperty("roles").EnumerateArray().Select(r => r.GetString()).ShouldContain("cloud");
        var bbox = item.GetProperty("bbox").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        bbox[0].ShouldBeInRange(119.8, 119.9);
        bbox[3].ShouldBeInRange(32.3, 32.4);
    }

    [Fact]
    public void Render_EveryBuiltSite_TurnsBrightAndLosesItsGreen()
    {
        var county = Counties.Large;
        var renderer = new PassRenderer(county);
        var drawn = new Dictionary<DateOnly, RenderedPass>();
        RenderedPass Render(DateOnly day) => drawn.TryGetValue(day, out var pass) ? pass : drawn[day] = renderer.Render(day);
        var days = county.Schedule.Dates();
        var (_, sightings) = PassTruth.Of(county, days);
        foreach (var site in county.Sites.Where(s => sightings.Single(x => x.SiteId == s.Id).Observable))
        {
            var pixels = PassTruth.PixelsIn(county.Frame, site.UnlawfulPart ?? site.Footprint);
            var before = days.Last(d => d < site.EarthworksFrom && Clear(county, d, pixels));
            var after = days.First(d => d >= site.CompletedOn && Clear(county, d, pixels));
            var (was, now) = (Render(before), Render(after));
            var brightening = Mean(now, Red, pixels, county) - Mean(was, Red, pixels, county);
            brightening.ShouldBeGreaterThan(120, site.Id);
            Ndvi(now, pixels, county).ShouldBeLessThan(0.32, site.Id);
        }
    }

    [Fact]
    public void Render_FarFromAllSites_StaysAsItWasInTheSameSeason()
    {
        // Roofs of the old town do not change: their median over a year moves by little more than gain and light.
        var county = Small;
        var renderer = new PassRenderer(county);
        var roofs = Enumerable.Range(0, 300 * 300).Where(i => CoverCode.CoverOf(county.Canvas.Codes[(i / 300 * 2 + 1) * 600 + i % 300 * 2 + 1]) == Cover.RoofBlue).ToList();
        roofs.Count.ShouldBeGreaterThan(30);
        var clear = county.Schedule.Dates().Select(d => PassConditions.For(county, d)).Where(c => c.CloudShare < 0.001 && c.Haze < 0.1 && c.SwathEdge is null).Take(6).ToList();
        clear.Count.ShouldBeGreaterThan(2);
        var medians = clear.Select(c => Median(roofs.Select(i => (double)renderer.Render(c.Date).Bands[Swir][i]))).ToList();
        (medians.Max() / medians.Min()).ShouldBeLessThan(1.25);
    }

    [Fact]
    public void Render_Seasons_RiceIsGreenInAugustAndBareInLateNovember()
    {
        var county = Small;
        var fields = Enumerable.Range(0, 300 * 300).Where(i => CoverCode.CoverOf(county.Canvas.Codes[(i / 300 * 2 + 1) * 600 + i % 300 * 2 + 1]) == Cover.WheatRice)
            .Select(i => (Column: i % 300, Row: i / 300)).ToList();
        var august = Brightest(county, 8, fields);
        var november = Brightest(county, 11, fields);
        august.ShouldBeGreaterThan(0.7);
        november.ShouldBeLessThan(0.5);
    }

    [Fact]
    public void Quality_ManyPasses_IsMostlyRightAndNeverPerfect()
    {
        var county = Small;
        var renderer = new PassRenderer(county);
        long right = 0, all = 0, missed = 0, falseAlarm = 0;
        foreach (var day in county.Schedule.Dates().Where((_, i) => i % 4 == 0))
        {
            var pass = renderer.Render(day);
            var sky = new Atmosphere(county, pass.Conditions);
            for (var y = 0; y < 300; y++)
                for (var x = 0; x < 300; x++)
                {
                    var flag = pass.Bands[RenderedPass.Quality][y * 300 + x];
                    if (flag == 0) continue;
                    var clear = sky.IsClear(x, y);
                    all++;
                    if (clear == (flag == 1)) right++;
                    else if (flag == 1) missed++;
                    else falseAlarm++;
                }
        }

        (right / (double)all).ShouldBeInRange(0.80, 0.985);
        missed.ShouldBeGreaterThan(all / 500);
        falseAlarm.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Render_SwathEdge_LeavesNoDataInEveryBandAlike()
    {
        var county = Small;
        var day = Enumerable.Range(60, 600).Select(county.Options.Start.AddDays).First(d => PassConditions.For(county, d).SwathEdge is not null);
        var pass = new PassRenderer(county).Render(day);
        pass.SeenShare.ShouldBeInRange(0.05, 0.95);
        for (var i = 0; i < 300 * 300; i++)
        {
            var empty = pass.Bands[6][i] == 0;
            for (var b = 0; b < 6; b++) (pass.Bands[b][i] == 0).ShouldBe(empty);
        }
    }

    [Fact]
    public void Conditions_FirstPasses_AreClearAndWholeWhateverTheSeed()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var county = Counties.Make(seed, CountySize.Small);
            foreach (var day in county.Schedule.Dates().Take(4))
            {
                var c = PassConditions.For(county, day);
                c.CloudShare.ShouldBeLessThan(0.02);
                c.SwathEdge.ShouldBeNull();
                Math.Abs(c.Shift.East).ShouldBeLessThanOrEqualTo(0.5);
                Math.Abs(c.Shift.South).ShouldBeLessThanOrEqualTo(0.5);
            }
        }
    }

    [Fact]
    public void Schedule_AnyInterval_IsAPartOfTheWhole()
    {
        var all = Small.Schedule.Dates();
        all.Zip(all.Skip(1)).ShouldAllBe(p => p.Second.DayNumber - p.First.DayNumber >= 5 && p.Second.DayNumber - p.First.DayNumber <= 8);
        all[0].ShouldBe(Small.Options.Start);
        Small.Schedule.Dates(all[10], all[20]).ShouldBe(all.Skip(10).Take(11));
        Small.Schedule.Dates(everyDays: 30).Count.ShouldBe(25);
    }

    private static double Brightest(County county, int month, List<(int Column, int Row)> fields)
    {
        var renderer = new PassRenderer(county);
        var day = county.Schedule.Dates().Where(d => d.Month == month).OrderBy(d => PassConditions.For(county, d).CloudShare).ThenByDescending(d => d.Day).First();
        var pass = renderer.Render(day);
        var sky = new Atmosphere(county, pass.Conditions);
        var clear = fields.Where(f => sky.IsClear(f.Column, f.Row)).ToList();
        clear.Count.ShouldBeGreaterThan(1000);
        return Median(clear.Select(f => Ndvi(pass, [f], county)));
    }

    private static bool Clear(County county, DateOnly day, IReadOnlyList<(int Column, int Row)> pixels)
    {
        var sky = new Atmosphere(county, PassConditions.For(county, day));
        return pixels.All(p => sky.IsClear(p.Column, p.Row));
    }

    private static double Mean(RenderedPass pass, int band, IReadOnlyList<(int Column, int Row)> pixels, County county) =>
        pixels.Average(p => (double)pass.Bands[band][p.Row * county.Frame.Columns + p.Column]);

    private static double Ndvi(RenderedPass pass, IReadOnlyList<(int Column, int Row)> pixels, County county)
    {
        double nir = Mean(pass, Nir, pixels, county), red = Mean(pass, Red, pixels, county);
        return (nir - red) / (nir + red);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static void GeoTags(Tiff tiff) => tiff.MergeFieldInfo(
        [
            new TiffFieldInfo((TiffTag)33550, -1, -1, TiffType.DOUBLE, FieldBit.Custom, true, true, "ModelPixelScale"),
            new TiffFieldInfo((TiffTag)33922, -1, -1, TiffType.DOUBLE, FieldBit.Custom, true, true, "ModelTiepoint"),
            new TiffFieldInfo((TiffTag)34735, -1, -1, TiffType.SHORT, FieldBit.Custom, true, true, "GeoKeyDirectory"),
            new TiffFieldInfo((TiffTag)42113, -1, -1, TiffType.ASCII, FieldBit.Custom, true, true, "GdalNoData"),
        ], 4);
}
