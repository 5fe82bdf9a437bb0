using System.Net;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Dashboard.Tiles;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using NetTopologySuite.Features;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.VectorTiles.Mapbox;

namespace Monitoring.Dashboard.Tests;

/// <summary>One service with both regions, a scene of each and one across both.</summary>
public sealed class TileFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync();
        await World.SettleAsync(Service);
        await World.RaiseAsync(Service, World.Site("x"), World.Site("y"));
        await World.SceneAsync(Service, "x-scene", World.Box(118.0, 32.0, 118.1, 32.1), World.Spring);
        await World.SceneAsync(Service, "y-scene", World.Box(118.1, 32.0, 118.2, 32.1), World.Spring.AddHours(1));
        await World.SceneAsync(Service, "wide-scene", World.Box(118.0, 32.0, 118.2, 32.1), World.Spring.AddHours(2));
        Administrator = await Service.AdministratorAsync();
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class TileTests(TileFixture fixture) : IClassFixture<TileFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("regions", 10, World.X, World.Y)]
    [InlineData("control-lines", 12, "x-line", "y-line")]
    [InlineData("permits", 12, "x-permit", "y-permit")]
    [InlineData("parcels", 12, "x-parcel", "y-parcel")]
    [InlineData("patches", 12, "x-patch-0", "y-patch-0")]
    public async Task VectorTile_AroundBothRegions_HoldsTheFeaturesWithTheirFacts(string layer, int zoom, string inX, string inY)
    {
        var found = new List<IFeature>();
        foreach (var (x, y) in TilesOver(World.Box(118.0, 32.0, 118.2, 32.1).Box, zoom))
        {
            found.AddRange(await ReadAsync(fixture.Administrator, layer, zoom, x, y));
        }

        found.Select(static f => (string)f.Attributes["id"]).Distinct().ShouldBeSubsetOf([inX, inY, "y-new-permit"]);
        found.Select(static f => (string)f.Attributes["id"]).ShouldContain(inX);
        found.Select(static f => (string)f.Attributes["id"]).ShouldContain(inY);
        if (layer == "permits")
        {
            var permit = found.First(static f => (string)f.Attributes["id"] == "x-permit");
            ((string)permit.Attributes["status"]).ShouldBe("granted");
            ((string)permit.Attributes["kind"]).ShouldBe("construction_works");
        }

        if (layer == "patches")
        {
            ((string)found[0].Attributes["verdict"]).ShouldBe("conflict");
        }
    }

    [Fact]
    public async Task VectorTile_FeatureLargerThanTheTile_IsClippedToItsMargin()
    {
        var (x, y) = TilesOver(World.Plot("x").Box, 15).First();

        var region = (await ReadAsync(fixture.Administrator, "regions", 15, x, y)).ShouldHaveSingleItem();

        var around = WebMercator.ToDegrees(WebMercator.MetersOf(15, x, y));
        around.ExpandBy(around.Width * 0.02);
        around.Contains(region.Geometry.EnvelopeInternal).ShouldBeTrue();
        region.Geometry.IsValid.ShouldBeTrue();
        region.Geometry.Area.ShouldBeGreaterThan(0.9 * WebMercator.ToDegrees(WebMercator.MetersOf(15, x, y)).Area);
    }

    [Fact]
    public async Task VectorTile_PermitTooSmallToSee_IsStillThere()
    {
        var (x, y) = TilesOver(World.Plot("x", 1).Box, 4).First();

        (await ReadAsync(fixture.Administrator, "permits", 4, x, y)).Select(static f => (string)f.Attributes["id"]).ShouldContain("x-permit");
        (await ReadAsync(fixture.Administrator, "parcels", 4, x, y)).ShouldBeEmpty();
    }

    [Fact]
    public async Task VectorTile_SameVersion_Is304AndANewVersionIsANewTile()
    {
        var (x, y) = TilesOver(World.Plot("y", 8).Box, 14).First();
        var path = $"/api/map/tiles/permits/14/{x}/{y}.mvt";
        var first = await fixture.Administrator.Http.GetAsync(path, Cancel);
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        (await fixture.Administrator.Http.SendAsync(again, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotModified);

        await fixture.Service.Get<IPlanRegister>().AppendAsync(
            new MapImport(
                MapLayer.Permit,
                [new Permit { Id = "y-new-permit", Outline = World.Plot("y", 8), Kind = "construction_works", Status = PermitStatus.Granted }],
                "test", new string('1', 64), "test"),
            Cancel);

        (await ReadAsync(fixture.Administrator, "permits", 14, x, y)).Select(static f => (string)f.Attributes["id"]).ShouldContain("y-new-permit");
    }

    [Theory]
    [InlineData("/api/map/tiles/permits/23/0/0.mvt")]
    [InlineData("/api/map/tiles/permits/2/4/0.mvt")]
    [InlineData("/api/map/tiles/secrets/2/0/0.mvt")]
    [InlineData("/api/scenes/x-scene/tiles/30/0/0.png")]
    [InlineData("/api/scenes/unknown/tiles/3/0/0.png")]
    public async Task Tile_ThatCannotBe_IsNotFound(string path) =>
        await (await fixture.Administrator.Http.GetAsync(path, Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound);

    [Fact]
    public async Task SceneTile_InTheScene_IsStretchedAndTransparentWhereThereIsNoData()
    {
        // Zoom 10: a tile is 0.35 degrees wide, so the scene lies inside one or two.
        var (x, y) = TilesOver(World.Box(118.05, 32.05, 118.051, 32.051).Box, 10).First();

        var (rgba, side) = await PictureAsync(fixture.Administrator, $"/api/scenes/x-scene/tiles/10/{x}/{y}.png");

        side.ShouldBe(256);
        var tile = WebMercator.MetersOf(10, x, y);
        var (column, row) = PixelOf(118.05, 32.05, tile, side);
        Alpha(column, row).ShouldBe((byte)255);
        var (topColumn, topRow) = PixelOf(118.05, 32.097, tile, side);
        Alpha(topColumn, topRow).ShouldBe((byte)0, "the northern tenth is nodata");
        var (outColumn, outRow) = PixelOf(118.05, 31.99, tile, side);
        Alpha(outColumn, outRow).ShouldBe((byte)0, "outside the scene");
        var (west, east) = (PixelOf(118.01, 32.05, tile, side), PixelOf(118.09, 32.05, tile, side));
        Red(east.Column, east.Row).ShouldBeGreaterThan((byte)(Red(west.Column, west.Row) + 100), "values rise to the east and are stretched over the whole range");

        byte Alpha(int c, int r) => rgba[(3 * side * side) + (r * side) + c];
        byte Red(int c, int r) => rgba[(r * side) + c];
    }

    /// <summary>An orthophoto as drones' software writes it: alpha hides the north, the CRS lies beside, rows run from south to north.</summary>
    [Fact]
    public async Task SceneTile_OfARasterThatIsTurnedHiddenAndPlacedFromBeside_IsWhereItBelongs()
    {
        const int side = 50;
        var path = Path.Combine(fixture.Service.Folder, "drone.tif");
        var north = GeoTransform.NorthUp(118.02, 32.07, 0.001, 0.001);
        using (var file = RasterDataset.Create(path, "GTiff", side, side, 4, PixelType.UInt8, ["PHOTOMETRIC=RGB", "ALPHA=YES"]))
        {
            file.Transform = north.WithRowsReversed(side);
            for (var band = 1; band <= 4; band++)
            {
                file.Write<byte>(band, file.FullWindow, [.. Enumerable.Range(0, side * side).Select(i => (byte)(band < 4 ? 40 + (i % side) : i / side < side / 2 ? 255 : 0))]);
            }
        }

        string[] names = ["red", "green", "blue"];
        await fixture.Service.Get<ISceneCatalogue>().AddAsync(
            new Scene
            {
                Id = "drone", AcquiredAt = World.Spring, ReceivedAt = World.Spring, Footprint = World.Box(118.02, 32.02, 118.07, 32.07),
                Bands = [.. names.Select(static (n, i) => new SceneBand(n, n, null, 0, i + 1, 100, null, 1, 0)), new SceneBand("alpha", "quality", null, 0, 4, 100, null, 1, 0)],
                Grid = new Grid("EPSG:4490", [118.02, 0.001, 0, 32.07, 0, -0.001], side, side), Assets = [new SceneAsset(path, new string('0', 64), 1)], ContentHash = "drone",
            },
            "test", Cancel);
        var (x, y) = TilesOver(World.Box(118.045, 32.045, 118.0451, 32.0451).Box, 10).First();
        var (rgba, size) = await PictureAsync(fixture.Administrator, $"/api/scenes/drone/tiles/10/{x}/{y}.png");
        var tile = WebMercator.MetersOf(10, x, y);
        Alpha(118.045, 32.03).ShouldBe((byte)255);
        Alpha(118.045, 32.06).ShouldBe((byte)0, "alpha hides the north");

        byte Alpha(double longitude, double latitude) => PixelOf(longitude, latitude, tile, size) is var (c, r) ? rgba[(3 * size * size) + (r * size) + c] : (byte)1;
    }

    [Fact]
    public async Task SceneTile_NextToEachOther_HaveTheSameStretch()
    {
        // The same place at the border of two deep tiles: what one ends with, the other begins with.
        var (x, y) = TilesOver(World.Box(118.05, 32.05, 118.0501, 32.0501).Box, 15).First();
        var (left, side) = await PictureAsync(fixture.Administrator, $"/api/scenes/x-scene/tiles/15/{x}/{y}.png");
        var (right, _) = await PictureAsync(fixture.Administrator, $"/api/scenes/x-scene/tiles/15/{x + 1}/{y}.png");

        Math.Abs(left[(128 * side) + 255] - right[128 * side]).ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task SceneTile_FarFromTheScene_IsNoContent()
    {
        (await fixture.Administrator.StatusOfAsync("/api/scenes/x-scene/tiles/10/0/0.png")).ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task SceneTile_AcrossTheScopesBorder_IsTransparentOutsideTheScope()
    {
        var (x, y) = TilesOver(World.Box(118.1, 32.05, 118.1001, 32.0501).Box, 10).First();
        var tile = WebMercator.MetersOf(10, x, y);
        var path = $"/api/scenes/wide-scene/tiles/10/{x}/{y}.png";
        var (all, side) = await PictureAsync(fixture.Administrator, path);
        var (mine, _) = await PictureAsync(fixture.OfficerOfX, path);
        var (inside, outside) = (PixelOf(118.05, 32.05, tile, side), PixelOf(118.112, 32.05, tile, side));

        Alpha(all, outside).ShouldBe((byte)255);
        Alpha(mine, outside).ShouldBe((byte)0);
        Alpha(mine, inside).ShouldBe((byte)255);

        byte Alpha(byte[] rgba, (int Column, int Row) at) => rgba[(3 * side * side) + (at.Row * side) + at.Column];
    }

    [Fact]
    public async Task Chip_OfABox_HasTheWidthAskedForAndTheGroundsShape()
    {
        var response = await fixture.Administrator.Http.GetAsync("/api/scenes/x-scene/chip.png?bbox=118.02,32.02,118.06,32.04&width=300&style=falsecolour", Cancel);
        response.EnsureSuccessStatusCode();
        using var file = MemoryFile.FromBytes(await response.Content.ReadAsByteArrayAsync(Cancel), "chip.png");
        using var picture = RasterDataset.Open(file.Path);

        picture.Width.ShouldBe(300);
        picture.Height.ShouldBeInRange(170, 185);
    }

    [Theory]
    [InlineData("bbox=118,32,118.1")]
    [InlineData("bbox=118.1,32,118,32.1")]
    [InlineData("bbox=118,32,118.1,32.1&width=5000")]
    [InlineData("bbox=118,32,118.1,32.1&style=thermal")]
    [InlineData("width=10")]
    public async Task Chip_BadInput_IsOneSentence(string query) =>
        await (await fixture.Administrator.Http.GetAsync($"/api/scenes/x-scene/chip.png?{query}", Cancel)).ShouldBeProblemAsync(HttpStatusCode.BadRequest);

    [Fact]
    public void TileCache_FilledBeyondItsBytes_ForgetsTheLeastUsed()
    {
        var cache = new TileCache(fixture.Service.Get<DashboardOptions>() with { TileCacheBytes = 3 * (1000 + 256) });
        cache.Keep("a", new byte[1000]);
        cache.Keep("b", new byte[1000]);
        cache.Keep("c", new byte[1000]);
        cache.Find("a").ShouldNotBeNull();

        cache.Keep("d", new byte[1000]);

        cache.Find("b").ShouldBeNull();
        cache.Find("a").ShouldNotBeNull();
        cache.Bytes.ShouldBe(3 * (1000 + 256));
        cache.Keep("huge", new byte[10_000]);
        cache.Find("huge").ShouldBeNull();
    }

    internal static IEnumerable<(int X, int Y)> TilesOver(Envelope degrees, int zoom)
    {
        var meters = WebMercator.ToMeters(degrees);
        var side = 2 * WebMercator.Half / (1 << zoom);
        for (var x = (int)((meters.MinX + WebMercator.Half) / side); x <= (int)((meters.MaxX + WebMercator.Half) / side); x++)
        {
            for (var y = (int)((WebMercator.Half - meters.MaxY) / side); y <= (int)((WebMercator.Half - meters.MinY) / side); y++)
            {
                yield return (x, y);
            }
        }
    }

    internal static async Task<IReadOnlyList<IFeature>> ReadAsync(Visitor visitor, string layer, int z, int x, int y)
    {
        var response = await visitor.Http.GetAsync($"/api/map/tiles/{layer}/{z}/{x}/{y}.mvt", Cancel);
        response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancel);
        return bytes.Length == 0
            ? []
            : [.. new MapboxTileReader().Read(new MemoryStream(bytes), new NetTopologySuite.IO.VectorTiles.Tiles.Tile(x, y, z)).Layers.Single(l => l.Name == layer).Features];
    }

    private static async Task<(byte[] Rgba, int Side)> PictureAsync(Visitor visitor, string path)
    {
        var response = await visitor.Http.GetAsync(path, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        using var file = MemoryFile.FromBytes(await response.Content.ReadAsByteArrayAsync(Cancel), "tile.png");
        using var picture = RasterDataset.Open(file.Path);
        var rgba = new byte[picture.Width * picture.Height * 4];
        picture.Read<byte>([1, 2, 3, 4], picture.FullWindow, picture.Width, picture.Height, rgba);
        return (rgba, picture.Width);
    }

    private static (int Column, int Row) PixelOf(double longitude, double latitude, Envelope tile, int side) => (
        (int)((WebMercator.X(longitude) - tile.MinX) / tile.Width * side),
        (int)((tile.MaxY - WebMercator.Y(latitude)) / tile.Height * side));
}
