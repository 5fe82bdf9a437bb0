using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;
using Monitoring.Dashboard.People;

namespace Monitoring.Dashboard.Tests;

/// <summary>A service whose detectors are a stand-in that a test can hold, and whose inbox refused two scenes.</summary>
public sealed class ChangeFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public Visitor Viewer { get; private set; } = null!;

    public HeldLook Look { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync(adjust: builder =>
        {
            builder.Services.AddSingleton<ISecondLook>(Look);
            builder.Services.AddSingleton<IRefusedScenes>(new TwoRefused());
        });
        await World.SettleAsync(Service);
        Administrator = await Service.AdministratorAsync();
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);
        Viewer = await Service.PersonAsync(Administrator.Http, "vi", Role.Viewer, null);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    private sealed class TwoRefused : IRefusedScenes
    {
        public IReadOnlyList<RefusedScene> Newest(int limit) => [new("b.tif", World.Spring, "b.tif has no CRS."), new("a.tif", World.Spring.AddDays(-1), "a.tif is cut off.")];
    }
}

/// <summary>Tells one patch that stays in X, one new one in Y; holds until it is let go.</summary>
public sealed class HeldLook : ISecondLook
{
    public SemaphoreSlim Go { get; } = new(0);

    public SemaphoreSlim Begun { get; } = new(0);

    public async Task<SecondLook> LookAsync(string sceneId, CancellationToken cancellationToken)
    {
        Begun.Release();
        await Go.WaitAsync(cancellationToken);
        if (sceneId.EndsWith("broken", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("a bug in /secret/path");
        }

        var (x, y) = (World.Patch("x").Patch, World.Patch("y").Patch);
        return new SecondLook(null, [new SecondLookRun("pair", "before", "t 1", "t 2",
        [
            new SecondLookLine("changed", x, x with { Score = 0.5 }, 1, ["score"], "x-site-0", Verdict.Conflict, ["a1"]),
            new SecondLookLine("new", null, y, 0, [], null, null, []),
        ])]);
    }
}

public sealed class ChangeTests(ChangeFixture fixture) : IClassFixture<ChangeFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_OfAScene_TellWhyThisBaselineAndWithWhatFiles()
    {
        await World.SceneAsync(fixture.Service, "x-then", World.Ground("x"), World.Spring.AddDays(-365));
        await World.SceneAsync(fixture.Service, "x-now", World.Ground("x"), World.Spring);
        await fixture.Service.Get<IChangeStore>().CommitAsync(
            [new ChangeSet
            {
                Id = "told", BaselineSceneId = "x-then", CurrentSceneId = "x-now", DetectorId = "pair", DetectorVersion = "3", ObservableShare = 0.75,
                Patches = [World.Patch("x").Patch with { Facts = new Dictionary<string, double> { ["certainty_building"] = 0.6 } }],
                Statistics = new Dictionary<string, double> { ["threshold"] = 4.5 },
                Reasons = [Reason.Of("baseline-chosen", ("scene", "x-then"), ("same_season", "true"))],
            }],
            null,
            Cancel);

        var set = (await fixture.OfficerOfX.GetAsync("/api/scenes/x-now/changes"))[0];

        set.GetProperty("observableShare").GetDouble().ShouldBe(0.75);
        set.GetProperty("reasons")[0].GetProperty("facts").GetProperty("same_season").GetString().ShouldBe("true");
        set.GetProperty("baseline").GetProperty("contentHash").GetString().ShouldBe("x-then");
        set.GetProperty("baseline").GetProperty("files")[0].GetProperty("name").GetString().ShouldBe("x-then.tif", "without its folder");
        set.GetProperty("statistics").GetProperty("threshold").GetDouble().ShouldBe(4.5);
        set.GetProperty("patches")[0].GetProperty("facts").GetProperty("certainty_building").GetDouble().ShouldBe(0.6);
        await (await fixture.OfficerOfX.Http.GetAsync("/api/scenes/unknown/changes", Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Changes_OfASceneBeyondTheScope_AreCutToIt()
    {
        await World.SceneAsync(fixture.Service, "both-then", World.Box(118.0, 32.0, 118.2, 32.1), World.Spring.AddDays(-365));
        await World.SceneAsync(fixture.Service, "both-now", World.Box(118.0, 32.0, 118.2, 32.1), World.Spring);
        await World.SceneAsync(fixture.Service, "y-then", World.Ground("y"), World.Spring.AddDays(-300));
        await fixture.Service.Get<IChangeStore>().CommitAsync(
            [new ChangeSet
            {
                Id = "over-both", BaselineSceneId = "both-then", CurrentSceneId = "both-now", DetectorId = "pair", DetectorVersion = "3", ObservableShare = 0.6,

                // All of Y, and a fifth of X.
                Observed = World.Box(118.08, 32.0, 118.2, 32.1),
                Patches = [World.Patch("x").Patch with { Id = "over-x", PixelCount = 40 }, World.Patch("y").Patch with { Id = "over-y", PixelCount = 500 }],
                Statistics = new Dictionary<string, double> { ["threshold"] = 4.5, ["patches"] = 2, ["changed_pixels"] = 540, ["masked_share"] = 0.4, ["sample_pixels"] = 60_000 },
                Reasons =
                [
                    Reason.Of("baseline-chosen", ("scene", "both-then")), Reason.Of("baseline-passed-over", ("scene", "y-then"), ("why", "cloudy")),
                    Reason.Of("since-last-time", ("scene", "both-then"), ("new", "7")),
                ],
            }],
            null,
            Cancel);

        var own = (await fixture.OfficerOfX.GetAsync("/api/scenes/both-now/changes"))[0];
        var all = (await fixture.Administrator.GetAsync("/api/scenes/both-now/changes"))[0];

        own.GetProperty("observableShare").GetDouble().ShouldBe(0.2, 1e-9);
        own.GetProperty("statistics").EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetDouble())
            .ShouldBe(new Dictionary<string, double> { ["threshold"] = 4.5, ["patches"] = 1, ["changed_pixels"] = 40 }, ignoreOrder: true);
        own.GetProperty("reasons").EnumerateArray().Select(static r => r.GetProperty("code").GetString()).ShouldBe(["baseline-chosen"]);
        own.GetProperty("patches").GetArrayLength().ShouldBe(1);
        own.ToString().ShouldNotContain("y-then");
        all.GetProperty("observableShare").GetDouble().ShouldBe(0.6);
        all.GetProperty("statistics").GetProperty("changed_pixels").GetDouble().ShouldBe(540);
        all.GetProperty("reasons").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task SecondLook_Asked_IsMadeOnceAndEachReaderSeesTheirOwnGround()
    {
        await World.SceneAsync(fixture.Service, "wide", World.Box(118.0, 32.0, 118.2, 32.1), World.Spring);
        const string path = "/api/scenes/wide/second-look";
        StateOf(await fixture.Administrator.GetAsync(path)).ShouldBe("none");

        (await fixture.Administrator.Http.PostAsync(path, null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await fixture.Look.Begun.WaitAsync(Cancel);
        (await fixture.Administrator.Http.PostAsync(path, null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        fixture.Look.Go.Release();
        var all = await FinishedAsync(fixture.Administrator, path);
        var own = await fixture.OfficerOfX.GetAsync(path);

        StateOf(all).ShouldBe("done");
        fixture.Look.Begun.CurrentCount.ShouldBe(0, "the second request found the first under way");
        var run = all.GetProperty("runs")[0];
        run.GetProperty("counts").GetProperty("new").GetInt32().ShouldBe(1);
        run.GetProperty("lines")[0].GetProperty("after").GetProperty("score").GetDouble().ShouldBe(0.5);
        run.GetProperty("lines")[0].GetProperty("verdict").GetString().ShouldBe("conflict");
        own.GetProperty("runs")[0].GetProperty("lines").GetArrayLength().ShouldBe(1);
        own.ToString().ShouldNotContain("y-patch");
    }

    [Fact]
    public async Task SecondLook_ThatFails_IsToldWithoutTheServersInsides()
    {
        await World.SceneAsync(fixture.Service, "x-broken", World.Ground("x"), World.Spring);
        fixture.Look.Go.Release();

        (await fixture.OfficerOfX.Http.PostAsync("/api/scenes/x-broken/second-look", null, Cancel)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var failed = await FinishedAsync(fixture.OfficerOfX, "/api/scenes/x-broken/second-look");
        await fixture.Look.Begun.WaitAsync(Cancel);

        StateOf(failed).ShouldBe("failed");
        failed.GetProperty("problem").GetString().ShouldBe("The service failed at this; its log says why.");
    }

    [Fact]
    public async Task SecondLook_AskedByAViewerOrBesidesTheScope_IsRefused()
    {
        await World.SceneAsync(fixture.Service, "y-only", World.Ground("y"), World.Spring);

        await (await fixture.Viewer.Http.PostAsync("/api/scenes/y-only/second-look", null, Cancel)).ShouldBeProblemAsync(HttpStatusCode.Forbidden);
        await (await fixture.OfficerOfX.Http.PostAsync("/api/scenes/y-only/second-look", null, Cancel)).ShouldBeProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Refused_Scenes_AreToldToThoseWhoSeeEveryPlace()
    {
        var all = await fixture.Viewer.GetAsync("/api/scenes/refused");

        all.EnumerateArray().Select(static r => r.GetProperty("reason").GetString()).ShouldBe(["b.tif has no CRS.", "a.tif is cut off."]);
        (await fixture.OfficerOfX.GetAsync("/api/scenes/refused")).GetArrayLength().ShouldBe(0);
    }

    private static string StateOf(JsonElement look) => look.GetProperty("state").GetString()!;

    private static async Task<JsonElement> FinishedAsync(Visitor visitor, string path)
    {
        while (true)
        {
            var look = await visitor.GetAsync(path);
            if (StateOf(look) is "done" or "failed")
            {
                return look;
            }

            await Task.Yield();
        }
    }
}
