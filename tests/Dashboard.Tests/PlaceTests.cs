using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Land;

namespace Monitoring.Dashboard.Tests;

/// <summary>A service in which parcels are core data, seen by administrators alone.</summary>
public sealed class PlaceFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor Viewer { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync(static o => o with
        {
            LayerGrades = new Dictionary<string, DataGrade> { ["parcels"] = DataGrade.Core, ["alerts"] = DataGrade.Important },
            SeenUpTo = new Dictionary<Role, DataGrade> { [Role.Viewer] = DataGrade.General, [Role.Officer] = DataGrade.Important },
        });
        await World.SettleAsync(Service);
        Administrator = await Service.AdministratorAsync();
        Viewer = await Service.PersonAsync(Administrator.Http, "vera", Role.Viewer, "32");
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class PlaceTests(PlaceFixture fixture) : IClassFixture<PlaceFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Place_AskedByItsCode_TellsWhatHoldsThere()
    {
        var place = await fixture.Administrator.GetAsync($"/api/places/{Code("x")}");

        place.GetProperty("code").GetString().ShouldBe(Plain("x"));
        Ids(place).ShouldBe([World.X, "x-line", "x-parcel"]);
        place.GetProperty("features").EnumerateArray().ShouldAllBe(f => f.GetProperty("relation").GetString() == "covers");
        place.GetProperty("features")[2].GetProperty("grade").GetString().ShouldBe("core");
        place.GetProperty("withheld").GetArrayLength().ShouldBe(0);
        place.GetProperty("mapVersion").GetInt64().ShouldBe(await fixture.Service.Get<IPlanRegister>().CurrentVersionAsync(Cancel));
        place.GetProperty("cell").EnumerateArray().Select(n => n.GetDouble()).ToArray().ShouldSatisfyAllConditions(
            c => c[0].ShouldBeLessThan(World.Plot("x").Box.Centre.X + 1e-9), c => c[2].ShouldBeGreaterThan(World.Plot("x").Box.Centre.X - 1e-9));
    }

    [Fact]
    public async Task Place_OfALayerAboveTheReadersGrade_SaysThatItIsWithheld()
    {
        var place = await fixture.Viewer.GetAsync($"/api/places/{Code("x")}");

        Ids(place).ShouldBe([World.X, "x-line"]);
        Withheld(place).ShouldBe(["parcels: grade"]);

        // And nowhere else either.
        (await fixture.Viewer.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/map/at?lon={World.Plot("x").Box.Centre.X}&lat=32.041"))).ToString().ShouldNotContain("x-parcel");
        (await fixture.Viewer.Http.GetAsync("/api/map/features/parcels/x-parcel", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.Viewer.Http.GetAsync("/api/places?layer=parcels&id=x-parcel", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var (x, y) = TileTests.TilesOver(World.Plot("x").Box, 12).First();
        (await fixture.Viewer.Http.GetByteArrayAsync($"/api/map/tiles/parcels/12/{x}/{y}.mvt", Cancel)).ShouldBeEmpty();
        (await fixture.Administrator.Http.GetByteArrayAsync($"/api/map/tiles/parcels/12/{x}/{y}.mvt", Cancel)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Place_OutsideTheReadersRegions_SaysTheSameWhetherSomethingLiesThereOrNot()
    {
        var something = await fixture.OfficerOfX.GetAsync($"/api/places/{Code("y")}");
        var nothing = await fixture.OfficerOfX.GetAsync($"/api/places/{Uri.EscapeDataString(SpatialCode.At(100, 40).Text)}");

        foreach (var place in new[] { something, nothing })
        {
            Ids(place).ShouldBeEmpty();
            place.GetProperty("withheld").EnumerateArray().Single().GetProperty("because").GetString().ShouldBe("region");
            place.TryGetProperty("cell", out _).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Code_OfAFeature_StaysWhenItsOutlineChangesLater()
    {
        var map = fixture.Service.Get<IPlanRegister>();
        Permit At(int n, DateOnly? from) => new() { Id = "moved", Outline = World.Plot("x", n), Kind = "construction_works", Status = PermitStatus.Granted, EffectiveFrom = from };
        await map.AppendAsync(new(MapLayer.Permit, [At(4, new(2025, 1, 1))], "test", new string('1', 64), "test"), Cancel);
        var before = (await fixture.Administrator.GetAsync("/api/places?layer=permits&id=moved")).GetProperty("code").GetString()!;
        await map.AppendAsync(new(MapLayer.Permit, [At(6, new(2026, 1, 1))], "test", new string('2', 64), "test"), Cancel);

        (await fixture.Administrator.GetAsync("/api/places?layer=permits&id=moved")).GetProperty("code").GetString().ShouldBe(before);

        // On a date: what held then.
        Ids(await fixture.Administrator.GetAsync($"/api/places/{Uri.EscapeDataString(before)}?on=2025-06-01")).ShouldContain("moved");
        Ids(await fixture.Administrator.GetAsync($"/api/places/{Uri.EscapeDataString(before)}?on=2026-06-01")).ShouldNotContain("moved");
    }

    [Fact]
    public async Task Code_OfAFeatureOfAnotherRegion_IsNotFound()
    {
        (await fixture.OfficerOfX.Http.GetAsync("/api/places?layer=permits&id=y-permit", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await fixture.OfficerOfX.Http.GetAsync("/api/places?layer=permits&id=x-permit", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/api/places/8Q33MQGH", "A spatial code has 12 characters")]
    [InlineData("/api/places/8Q33MQGH+7WC-2/qr.svg", "read it again.")]
    [InlineData("/api/places?lon=500&lat=1", "A place is lon in")]
    [InlineData("/api/places", "A place is lon in")]
    public async Task Question_ThatIsNone_IsRefusedInOneSentence(string path, string sentence) =>
        (await (await fixture.Administrator.Http.GetAsync(path, Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest)).ShouldContain(sentence);

    [Fact]
    public async Task Picture_OfACode_IsAPictureOfSquares()
    {
        var answer = await fixture.Viewer.Http.GetAsync($"/api/places/{Code("x")}/qr.svg", Cancel);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
        var picture = XDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        picture.Root!.Name.LocalName.ShouldBe("svg");
        picture.Descendants().Count(e => e.Name.LocalName is "rect" or "path").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Export_CarriesTheGradeOfItsLayer()
    {
        (await fixture.Administrator.GetAsync("/api/export/alerts.geojson")).GetProperty("grade").GetString().ShouldBe("important");
        (await fixture.Administrator.Http.GetStringAsync("/api/export/alerts.csv", Cancel)).Split("\r\n")[0].ShouldEndWith(",sequence,grade");
    }

    private static string Plain(string region) => SpatialCode.At(World.Plot(region).Box.Centre.X, World.Plot(region).Box.Centre.Y).Text;

    private static string Code(string region) => Uri.EscapeDataString(Plain(region));

    private static string?[] Ids(JsonElement place) => [.. place.GetProperty("features").EnumerateArray().Select(static f => f.GetProperty("feature").GetProperty("id").GetString())];

    private static string[] Withheld(JsonElement place) =>
        [.. place.GetProperty("withheld").EnumerateArray().Select(static w => $"{w.GetProperty("layer").GetString()}: {w.GetProperty("because").GetString()}")];
}
