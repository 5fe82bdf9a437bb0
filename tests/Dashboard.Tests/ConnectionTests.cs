using System.Security.Claims;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Dashboard.Api.Views;
using Monitoring.Dashboard.Hubs;
using Monitoring.Dashboard.Tests.Setting;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Dashboard.Tests;

/// <summary>One dashboard on virtual time, with a client that takes messages when the test says so.</summary>
public sealed class ConnectionTests : IDisposable
{
    private readonly WatchedClock clock = new(World.Spring);
    private readonly Context context = new();
    private readonly Client client = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Observations_FasterThanFourASecond_AreMergedToTheNewestOfEach()
    {
        await using var connection = Open();
        connection.Watch(["a/1", "b/1"]);
        connection.Offer(Observed("a/1", 1, 1));
        (await client.NextAsync()).Select(static o => o.Number).ShouldBe([1]);

        for (var n = 2; n <= 100; n++)
        {
            connection.Offer(Observed("a/1", n, n));
        }

        connection.Offer(Observed("a/1", -1, 50));
        connection.Offer(Observed("b/1", 7, 3));
        connection.Offer(Observed("unwatched/1", 9, 3));
        await clock.WaitingForAsync(TimeSpan.FromMilliseconds(250));
        clock.Advance(TimeSpan.FromMilliseconds(249));
        client.Sent.ShouldBe(1);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        (await client.NextAsync()).Select(static o => (o.Id, o.Number)).Order().ShouldBe([("a/1", 100), ("b/1", 7)]);
    }

    [Fact]
    public async Task Client_ThatTakesNothing_IsCutOffAfterTheLimit()
    {
        client.Takes = false;
        await using var connection = Open();
        connection.Watch(["a/1"]);
        connection.Offer(Observed("a/1", 1, 1));
        await client.NextAsync();

        await clock.WaitingForAsync(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));

        await context.Aborted.WaitAsync(Cancel);
        connection.Offer(Observed("a/1", 2, 2));
        clock.Advance(TimeSpan.FromSeconds(10));
        client.Sent.ShouldBe(1);
    }

    [Fact]
    public async Task Watch_AnotherList_ForgetsWhatIsNotOnIt()
    {
        await using var connection = Open();
        connection.Watch(["a/1", "b/1"]);
        connection.Offer(Observed("b/1", 1, 1));
        await client.NextAsync();
        connection.Offer(Observed("a/1", 2, 2));

        connection.Watch(["b/1"]);
        connection.Offer(Observed("b/1", 3, 3));
        await clock.WaitingForAsync(TimeSpan.FromMilliseconds(250));
        clock.Advance(TimeSpan.FromMilliseconds(250));

        (await client.NextAsync()).Select(static o => o.Id).ShouldBe(["b/1"]);
    }

    public void Dispose() => context.Dispose();

    private Connection Open() => new(context, client, null!, TimeSpan.FromSeconds(10), clock, NullLogger.Instance);

    private static CommittedObservation Observed(string id, double value, double minute) => new(
        1,
        new Observation
        {
            DatastreamId = id, PhenomenonTime = World.Spring.AddMinutes(minute), ReceivedTime = World.Spring, Result = ObservationResult.OfNumber(value),
        });

    /// <summary>Virtual time that tells when somebody began to wait on it, so that time is not moved on too early.</summary>
    private sealed class WatchedClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private readonly Channel<TimeSpan> waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            waits.Writer.TryWrite(dueTime);
            return timer;
        }

        public async Task WaitingForAsync(TimeSpan due)
        {
            while (await waits.Reader.ReadAsync(Cancel) != due)
            {
            }
        }
    }

    private sealed class Client : IClientProxy
    {
        private readonly Channel<ObservationView[]> messages = Channel.CreateUnbounded<ObservationView[]>();
        private int sent;

        public bool Takes { get; set; } = true;

        public int Sent => Volatile.Read(ref sent);

        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref sent);
            method.ShouldBe("Observations");
            messages.Writer.TryWrite((ObservationView[])args[0]!);
            return Takes ? Task.CompletedTask : Endless.Until(cancellationToken);
        }

        public ValueTask<ObservationView[]> NextAsync() => messages.Reader.ReadAsync(Cancel);
    }

    private sealed class Context : HubCallerContext, IDisposable
    {
        private readonly CancellationTokenSource closed = new();
        private readonly TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Aborted => aborted.Task;

        public override string ConnectionId => "one";

        public override string? UserIdentifier => "person";

        public override ClaimsPrincipal? User { get; } = new();

        public override IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override CancellationToken ConnectionAborted => closed.Token;

        public void Dispose() => closed.Dispose();

        public override void Abort()
        {
            aborted.TrySetResult();
            closed.Cancel();
        }
    }
}
