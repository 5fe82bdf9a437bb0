using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Monitoring.Dashboard.People;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;

namespace Monitoring.Dashboard.Tests;

/// <summary>One service with two regions for all tests of the hub; each test uses sites of its own.</summary>
public sealed class HubFixture : IAsyncLifetime
{
    public TestService Service { get; private set; } = null!;

    public Visitor Administrator { get; private set; } = null!;

    public Visitor OfficerOfX { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Service = await TestService.StartAsync();
        await World.SettleAsync(Service);
        Administrator = await Service.AdministratorAsync();
        OfficerOfX = await Service.PersonAsync(Administrator.Http, "xu", Role.Officer, World.X);
    }

    public ValueTask DisposeAsync() => Service.DisposeAsync();
}

public sealed class HubTests(HubFixture fixture) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Subscribe_ChangeCommitted_ArrivesAsAFrameThatContinues()
    {
        await using var dashboard = await Dashboard.OpenAsync(fixture.Administrator);
        var head = await HeadAsync();
        (await dashboard.SubscribeAsync(new { }, head)).ShouldBe((head, false));

        await World.RaiseAsync(fixture.Service, World.Site("x", 1));

        var frames = await dashboard.ThroughAsync(head, head + 2);
        frames.SelectMany(static f => f.Kinds).ShouldBe(["fired", "caseOpened"]);
        frames[0].Items[0].GetProperty("alert").GetProperty("regionName").GetString().ShouldBe("玄武");
        frames[0].Items[0].GetProperty("alert").GetProperty("geometry").GetProperty("type").GetString().ShouldBe("Polygon");
    }

    [Fact]
    public async Task Subscribe_FromAnEarlierSequence_FillsTheGapFromTheRegister()
    {
        var head = await HeadAsync();
        await World.RaiseAsync(fixture.Service, World.Site("x", 2), World.Site("x", 3));
        await using var dashboard = await Dashboard.OpenAsync(fixture.Administrator);

        await dashboard.SubscribeAsync(new { }, head);

        (await dashboard.ThroughAsync(head, head + 4)).SelectMany(static f => f.Sequences).ShouldBe([head + 1, head + 2, head + 3, head + 4]);
    }

    [Fact]
    public async Task Subscribe_ChangesOutsideTheScope_MoveThroughOnAndTellNothing()
    {
        var head = await HeadAsync();
        await using var dashboard = await Dashboard.OpenAsync(fixture.OfficerOfX);
        await dashboard.SubscribeAsync(new { }, head);

        await World.RaiseAsync(fixture.Service, World.Site("y", 4), World.Site("x", 4), World.Site("y", 5));

        var frames = await dashboard.ThroughAsync(head, head + 6);
        frames.SelectMany(static f => f.Sequences).ShouldBe([head + 3, head + 4]);
        frames.Select(static f => f.Text).ShouldAllBe(static t => !t.Contains("y-site"));
    }

    [Fact]
    public async Task Subscribe_AskingForAnotherRegion_GivesNothingOfIt()
    {
        var head = await HeadAsync();
        await using var dashboard = await Dashboard.OpenAsync(fixture.OfficerOfX);
        await dashboard.SubscribeAsync(new { regionPrefixes = new[] { World.Y } }, head);

        await World.RaiseAsync(fixture.Service, World.Site("y", 6));

        (await dashboard.ThroughAsync(head, head + 2)).SelectMany(static f => f.Items).ShouldBeEmpty();
    }

    [Fact]
    public async Task Subscribe_AheadOfTheRegister_AsksToResync()
    {
        var head = await HeadAsync();
        await using var dashboard = await Dashboard.OpenAsync(fixture.Administrator);

        (await dashboard.SubscribeAsync(new { }, head + 1)).ShouldBe((head, true));
        (await dashboard.SubscribeAsync(new { }, -1)).ShouldBe((head, true));
    }

    [Fact]
    public async Task Subscribe_Again_ContinuesFromTheNewPlace()
    {
        await using var dashboard = await Dashboard.OpenAsync(fixture.Administrator);
        var head = await HeadAsync();
        await dashboard.SubscribeAsync(new { }, head);
        await World.RaiseAsync(fixture.Service, World.Site("x", 7));
        await dashboard.ThroughAsync(head, head + 2);

        await dashboard.SubscribeAsync(new { states = new[] { "firing" } }, head);

        (await dashboard.ThroughAsync(head, head + 2)).SelectMany(static f => f.Kinds).ShouldBe(["fired", "caseOpened"]);
    }

    [Fact]
    public async Task Subscribe_NotSignedIn_IsRefused()
    {
        var hub = new HubConnectionBuilder().WithUrl(new Uri(fixture.Service.Address, "/hubs/warnings")).Build();
        await using (hub)
        {
            (await Should.ThrowAsync<HttpRequestException>(() => hub.StartAsync(Cancel))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task Connection_PersonRemoved_IsCut()
    {
        var viewer = await fixture.Service.PersonAsync(fixture.Administrator.Http, "gone", Role.Viewer, World.X);
        await using var dashboard = await Dashboard.OpenAsync(viewer);

        await fixture.Administrator.Http.DeleteAsync("/api/users/gone", Cancel);

        await dashboard.Closed.WaitAsync(Cancel);
    }

    [Fact]
    public async Task SubscribeTelemetry_ObservationAccepted_ArrivesForTheDatastreamsInScopeOnly()
    {
        await using var dashboard = await Dashboard.OpenAsync(fixture.OfficerOfX);
        await dashboard.Hub.InvokeAsync("SubscribeTelemetry", new[] { World.Stream("x").Id, World.Stream("y").Id, "unknown/stream" }, Cancel);

        await World.ObserveAsync(fixture.Service, "y", 1, 1);
        await World.ObserveAsync(fixture.Service, "x", 42.5, 1);

        var message = await dashboard.Observations.ReadAsync(Cancel);
        message.GetRawText().ShouldNotContain("y-device");
        message[0].GetProperty("id").GetString().ShouldBe(World.Stream("x").Id);
        message[0].GetProperty("number").GetDouble().ShouldBe(42.5);
        message[0].GetProperty("quality").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task SubscribeTelemetry_TooMany_IsRefused()
    {
        await using var dashboard = await Dashboard.OpenAsync(fixture.Administrator);

        await Should.ThrowAsync<HubException>(() => dashboard.Hub.InvokeAsync("SubscribeTelemetry", Enumerable.Range(0, 1001).Select(static n => $"d/{n}").ToArray(), Cancel));
    }

    private Task<long> HeadAsync() => fixture.Service.Get<IAlertStore>().LastSequenceAsync(Cancel);

    /// <summary>A page that follows the hub and keeps what it gets.</summary>
    private sealed class Dashboard : IAsyncDisposable
    {
        private readonly Channel<Frame> frames = Channel.CreateUnbounded<Frame>();
        private readonly Channel<JsonElement> observations = Channel.CreateUnbounded<JsonElement>();
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public required HubConnection Hub { get; init; }

        public Task Closed => closed.Task;

        public ChannelReader<JsonElement> Observations => observations.Reader;

        public static async Task<Dashboard> OpenAsync(Visitor visitor)
        {
            var dashboard = new Dashboard { Hub = visitor.Hub() };
            dashboard.Hub.On<JsonElement>("Alerts", frame => dashboard.frames.Writer.TryWrite(new Frame(frame)));
            dashboard.Hub.On<JsonElement>("Observations", message => dashboard.observations.Writer.TryWrite(message));
            dashboard.Hub.Closed += _ =>
            {
                dashboard.closed.TrySetResult();
                return Task.CompletedTask;
            };
            await dashboard.Hub.StartAsync(Cancel);
            return dashboard;
        }

        public async Task<(long Head, bool Resync)> SubscribeAsync(object scope, long lastSequence)
        {
            var answer = await Hub.InvokeAsync<JsonElement>("Subscribe", scope, lastSequence, Cancel);
            return (answer.GetProperty("head").GetInt64(), answer.GetProperty("resync").GetBoolean());
        }

        /// <summary>Frames from one sequence to another, each of which must continue the one before.</summary>
        public async Task<IReadOnlyList<Frame>> ThroughAsync(long from, long through)
        {
            var got = new List<Frame>();
            while (from < through)
            {
                var frame = await frames.Reader.ReadAsync(Cancel);
                frame.After.ShouldBe(from);
                frame.Through.ShouldBeGreaterThan(from);
                from = frame.Through;
                got.Add(frame);
            }

            return got;
        }

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }

    private sealed class Frame(JsonElement json)
    {
        public string Text => json.GetRawText();

        public long After => json.GetProperty("after").GetInt64();

        public long Through => json.GetProperty("through").GetInt64();

        public IReadOnlyList<JsonElement> Items => [.. json.GetProperty("items").EnumerateArray()];

        public IEnumerable<long> Sequences => Items.Select(static i => i.GetProperty("sequence").GetInt64());

        public IEnumerable<string?> Kinds => Items.Select(static i => i.GetProperty("kind").GetString());
    }
}
