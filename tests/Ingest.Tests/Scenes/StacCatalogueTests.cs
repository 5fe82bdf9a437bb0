using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Static catalogues on the disk and, from hosts that are named, over HTTP (here of this machine).</summary>
public sealed class StacCatalogueTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static StacCatalogueReading Walk(string path, SceneOptions? options = null) => new StacCatalogueReader(options ?? new SceneOptions()).Read(path);

    private static string Node(string type, params (string Rel, string Href)[] links) => new JsonObject
    {
        ["type"] = type, ["stac_version"] = "1.1.0", ["id"] = "x",
        ["links"] = new JsonArray([.. links.Select(l => new JsonObject { ["rel"] = l.Rel, ["href"] = l.Href })]),
    }.ToJsonString();

    /// <summary>catalog → collection → two Items with a raster each.</summary>
    private static void Write(TempFolder folder)
    {
        folder.Write("cat/catalog.json", Node("Catalog", ("root", "./catalog.json"), ("self", "./catalog.json"), ("child", "./s2/collection.json")));
        folder.Write("cat/s2/collection.json", Node("Collection", ("parent", "../catalog.json"), ("item", "./a/a.json"), ("item", "./b/b.json"), ("item", "./a/a.json")));
        foreach (var id in new[] { "a", "b" })
        {
            SceneFiles.Raster(folder[$"cat/s2/{id}/{id}.tif"], 7, seed: id[0]);
            SceneFiles.Write(folder[$"cat/s2/{id}/{id}.json"], SceneFiles.Item($"item-{id}", $"./{id}.tif"));
        }
    }

    [Fact]
    public async Task Catalogue_OnTheDisk_GivesAllItemsOnceAndTheyAreTaken()
    {
        using var world = new SceneWorld();
        Write(world.Folder);
        var reader = new StacCatalogueReader(new SceneOptions());
        reader.IsCatalogue(world.Folder["cat/catalog.json"]).ShouldBeTrue();
        reader.IsCatalogue(world.Folder["cat"]).ShouldBeTrue();
        reader.IsCatalogue(world.Folder["cat/s2/a/a.json"]).ShouldBeFalse();
        reader.IsCatalogue(world.Folder["cat/s2/a/a.tif"]).ShouldBeFalse();
        var reading = reader.Read(world.Folder["cat"], Cancel);
        reading.Problem.ShouldBeNull();
        reading.Items.ShouldBe([world.Folder["cat/s2/a/a.json"], world.Folder["cat/s2/b/b.json"]]);
        foreach (var item in reading.Items)
            (await world.Intake().AddAsync(item, "me", Cancel)).Problem.ShouldBeNull();
        world.Catalogue.Scenes.Select(s => s.Id).ShouldBe(["item-a", "item-b"]);
    }

    public static TheoryData<string, (string File, string Text)[], string> Bad => new()
    {
        { "a circle", [("c/catalog.json", Node("Catalog", ("child", "a/catalog.json"))), ("c/a/catalog.json", Node("Catalog", ("child", "../catalog.json")))], "the catalogue leads in a circle" },
        { "its own child", [("c/catalog.json", Node("Catalog", ("child", "catalog.json")))], "leads in a circle" },
        { "out of its folder", [("c/catalog.json", Node("Catalog", ("item", "../secret.json")))], "leads out of the catalogue's folder" },
        { "out of its folder, encoded", [("c/catalog.json", Node("Catalog", ("item", "%2e%2e/secret.json")))], "leads out of the catalogue's folder" },
        { "absolute", [("c/catalog.json", Node("Catalog", ("item", "/etc/passwd")))], "is no relative path" },
        { "to a host", [("c/catalog.json", Node("Catalog", ("child", "https://example.org/catalog.json")))], "leads from a catalogue on this machine to another" },
        { "a missing child", [("c/catalog.json", Node("Catalog", ("child", "a.json")))], "does not exist; mend the catalogue's links" },
        { "no Items", [("c/catalog.json", Node("Catalog"))], "has no Items" },
        { "no links", [("c/catalog.json", """{"type":"Catalog","stac_version":"1.0.0"}""")], "$.links is no list" },
        { "a child that is no STAC", [("c/catalog.json", Node("Catalog", ("child", "a.json"))), ("c/a.json", "[]")], "is no STAC Catalog, Collection or Item" },
        { "a child that is no JSON", [("c/catalog.json", Node("Catalog", ("child", "a.json"))), ("c/a.json", "{")], "not valid JSON" },
        { "deep", [("c/catalog.json", Node("Catalog", ("child", "0.json"))), .. Enumerable.Range(0, 20).Select(i => ($"c/{i}.json", Node("Catalog", ("child", $"{i + 1}.json"))))], "more than 12 catalogues deep" },
        { "too many Items", [("c/catalog.json", Node("Catalog", [.. Enumerable.Range(0, 6).Select(i => ("item", $"{i}.json"))]))], "more than 5 Items" },
        { "too many links", [("c/catalog.json", Node("Catalog", [.. Enumerable.Repeat(("item", "a.json"), 10_001)]))], "$.links has 10001 entries" },
        { "no href", [("c/catalog.json", """{"type":"Catalog","stac_version":"1.0.0","links":[{"rel":"item"}]}""")], "entry without href" },
    };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public void Catalogue_WithAFault_IsOneSentence(string row, (string File, string Text)[] files, string part)
    {
        row.ShouldNotBeEmpty();
        using var folder = new TempFolder();
        folder.Write("secret.json", "{}");
        foreach (var (file, text) in files)
            folder.Write(file, text);
        var reading = Walk(folder["c/catalog.json"], new SceneOptions { MaxCatalogueItems = 5 });
        reading.Items.ShouldBeEmpty();
        reading.Problem!.ShouldContain(part);
        reading.Problem!.ShouldNotContain("\n");
    }

    [Fact]
    public void Catalogue_WithALinkInIt_IsRefused()
    {
        using var folder = new TempFolder();
        folder.Write("secret/catalog.json", Node("Catalog", ("item", "a.json")));
        folder.Write("c/catalog.json", Node("Catalog", ("child", "in/catalog.json")));
        Directory.CreateSymbolicLink(folder["c/in"], folder["secret"]);
        Walk(folder["c/catalog.json"]).Problem!.ShouldContain("symbolic link");
    }

    [Fact]
    public async Task Catalogue_OnANamedHost_IsWalkedAndItsRastersAreReadThere()
    {
        using var world = new SceneWorld();
        Write(world.Folder);
        await using var host = await LoopbackHost.StartAsync(world.Folder["cat"], Cancel);
        var options = world.Options with { RemoteHosts = [host.Authority] };
        var reading = Walk($"{host.Root}/catalog.json", options);
        reading.Problem.ShouldBeNull();
        reading.Items.ShouldBe([$"{host.Root}/s2/a/a.json", $"{host.Root}/s2/b/b.json"]);

        using var intake = new SceneIntake(
            new SceneReader(options, world.Clock), world.Catalogue, Microsoft.Extensions.Logging.Abstractions.NullLogger<SceneIntake>.Instance, new SceneStore(options) { FreeBytes = _ => null });
        (await intake.AddAsync(reading.Items[0], "me", Cancel)).ShouldBe(new("item-a", false, null));
        var scene = world.Catalogue.Scenes.ShouldHaveSingleItem();
        scene.Assets.ShouldHaveSingleItem().Path.ShouldBe($"/vsicurl/{host.Root}/s2/a/a.tif");
        scene.ObservableShare.ShouldNotBeNull();

        // The pixels are those of the file.
        ushort[] remote = new ushort[64 * 64], local = new ushort[64 * 64];
        using (var file = ClosedRaster.OpenStored(scene.Assets[0].Path))
            file.Read<ushort>(1, file.FullWindow, remote);
        using (var file = ClosedRaster.OpenStored(world.Folder["cat/s2/a/a.tif"]))
            file.Read<ushort>(1, file.FullWindow, local);
        remote.ShouldBe(local);

        // Nothing beside the raster was asked for.
        host.Asked.Keys.ShouldAllBe(p => p.EndsWith(".json", StringComparison.Ordinal) || p.EndsWith("a.tif", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Remote_WhatIsNotNamedOrSendsElsewhere_IsOneSentence()
    {
        using var world = new SceneWorld();
        Write(world.Folder);
        await using var host = await LoopbackHost.StartAsync(world.Folder["cat"], Cancel);
        await using var other = await LoopbackHost.StartAsync(world.Folder["cat"], Cancel);
        host.Redirects["/moved.json"] = $"{other.Root}/catalog.json";
        host.Redirects["/s2/a/a.tif"] = $"{other.Root}/s2/a/a.tif";
        var options = new SceneOptions { RemoteHosts = [host.Authority], MaxItemBytes = 4096 };
        Walk($"{host.Root}/catalog.json").Problem!.ShouldContain("remote reading is off");
        Walk($"{other.Root}/catalog.json", options).Problem!.ShouldContain("which SceneHosts does not name");
        Walk($"{host.Root}/moved.json", options).Problem!.ShouldContain("sends elsewhere (302), which is not followed");
        Walk($"{host.Root}/none.json", options).Problem!.ShouldContain("the host answers 404");
        Walk($"{host.Root}/large.json", options).Problem!.ShouldContain("has more than 4096 bytes");
        Walk($"http://user:secret@{host.Authority}/catalog.json", options).Problem!.ShouldContain("without user and password");

        var reader = new SceneReader(options, new FakeTimeProvider(Payload.Start));
        reader.Read($"{host.Root}/s2/a/a.json").Problem!.ShouldContain("sends elsewhere");
        reader.Read($"{host.Root}/s2/b/b.json", new SceneReadOptions { Confined = true }).Problem!.ShouldContain("is no local file");

        // A recipe under the name of a raster would make GDAL read other files: closed formats only.
        world.Folder.Write("cat/s2/b/b.tif", $"<VRTDataset rasterXSize=\"64\" rasterYSize=\"64\"><VRTRasterBand dataType=\"UInt16\" band=\"1\"><SimpleSource><SourceFilename>{world.Folder["cat/s2/a/a.tif"]}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>");
        reader.Read($"{host.Root}/s2/b/b.json").Problem!.ShouldContain("cannot be read as a raster");
        other.Asked.ShouldBeEmpty();
    }

    /// <summary>Headers and then nothing: the deadline ends it, and so does the caller.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_HostThatFallsSilentAfterTheHeaders_EndsByDeadlineOrCaller(bool byDeadline)
    {
        using var world = new SceneWorld();
        await using var host = await LoopbackHost.StartAsync(world.Folder["cat"], Cancel);
        var options = world.Options with { RemoteHosts = [host.Authority], RemotePatience = TimeSpan.FromSeconds(30) };
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var intake = new SceneIntake(
            new SceneReader(options, world.Clock), world.Catalogue, Microsoft.Extensions.Logging.Abstractions.NullLogger<SceneIntake>.Instance, new SceneStore(options) { FreeBytes = _ => null });
        var adding = intake.AddAsync($"{host.Root}/silent.json", "me", caller.Token);
        await host.Silent.Task.WaitAsync(Cancel);
        if (byDeadline)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(31));
            (await adding).Problem!.ShouldContain("was not had within 30 s");
        }
        else
        {
            await caller.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => adding);
        }
    }

    /// <summary>The catalogue's own document falls silent while it is walked.</summary>
    [Fact]
    public async Task Catalogue_HostThatFallsSilent_IsWaitedForNoLongerThanTheCallerWants()
    {
        using var world = new SceneWorld();
        await using var host = await LoopbackHost.StartAsync(world.Folder["cat"], Cancel);
        var reader = new StacCatalogueReader(world.Options with { RemoteHosts = [host.Authority], RemotePatience = TimeSpan.FromHours(1) });
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var walking = Task.Run(() => reader.Read($"{host.Root}/silent.json", caller.Token), Cancel);
        await host.Silent.Task.WaitAsync(Cancel);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => walking);
    }

    [Fact]
    public void Catalogue_CallerWhoHasLeft_IsNotWalked()
    {
        using var world = new SceneWorld();
        Write(world.Folder);
        Should.Throw<OperationCanceledException>(() => new StacCatalogueReader(new SceneOptions()).Read(world.Folder["cat"], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void GdalLibrary_Started_HasPatienceWithRemoteHostsOfItsOwn()
    {
        GdalLibrary.Initialize();
        foreach (var key in new[] { "GDAL_HTTP_CONNECTTIMEOUT", "GDAL_HTTP_LOW_SPEED_TIME", "GDAL_HTTP_LOW_SPEED_LIMIT" })
            GdalLibrary.GetOption(key).ShouldNotBeNull();
    }

    /// <summary>Serves a folder on a port of the system's choice, of this machine only.</summary>
    private sealed class LoopbackHost : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private LoopbackHost(WebApplication app) => _app = app;

        public string Root { get; private set; } = "";

        public string Authority => new Uri(Root).Authority;

        public ConcurrentDictionary<string, int> Asked { get; } = new(StringComparer.Ordinal);

        /// <summary>Done when /silent.json has sent its headers.</summary>
        public TaskCompletionSource Silent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentDictionary<string, string> Redirects { get; } = new(StringComparer.Ordinal);

        public static async Task<LoopbackHost> StartAsync(string folder, CancellationToken cancellationToken)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var host = new LoopbackHost(app);
            app.Run(async context =>
            {
                var path = context.Request.Path.Value!;
                host.Asked.AddOrUpdate(path, 1, static (_, n) => n + 1);
                if (host.Redirects.TryGetValue(path, out var target))
                {
                    context.Response.Redirect(target);
                    return;
                }

                if (path == "/silent.json")
                {
                    context.Response.ContentLength = 1000;
                    await context.Response.StartAsync(context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    host.Silent.TrySetResult();
                    var gone = new TaskCompletionSource();
                    await using var told = context.RequestAborted.Register(() => gone.TrySetResult());
                    await gone.Task;
                    return;
                }

                if (path == "/large.json")
                {
                    await context.Response.WriteAsync(new string(' ', 100_000), context.RequestAborted);
                    return;
                }

                var file = Path.Combine(folder, path.TrimStart('/'));
                if (!File.Exists(file))
                {
                    context.Response.StatusCode = 404;
                    return;
                }

                await Results.File(file, enableRangeProcessing: true).ExecuteAsync(context);
            });
            await app.StartAsync(cancellationToken);
            host.Root = app.Urls.Single();
            return host;
        }

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();
    }
}
