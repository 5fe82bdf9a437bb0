using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Monitoring.FirmwareSim.Devices;

namespace Monitoring.FirmwareSim.Tests;

public sealed class FieldDeviceTests
{
    private static readonly DateTimeOffset Start = new(2026, 4, 30, 10, 0, 0, TimeSpan.FromHours(8));

    private static DeviceProfile Profile => Counties.Large.Devices.Single(d => d.Id == "road-u15");

    [Fact]
    public async Task Run_FirstStart_TellsItsBufferOldestFirstAndWithoutHoles()
    {
        var world = new World(outages: 0, lostAcks: 0);
        await world.RunUntil(() => world.Link.Acked.Count >= 12);
        world.Link.Acked.ShouldBe(Enumerable.Range(1, world.Link.Acked.Count).Select(i => (long)i));
        var first = Observations(world.Link.Bodies[1]);
        first[0].Time.ShouldBeGreaterThan(Start.AddHours(-2));
        first[0].Time.ShouldBeLessThan(Start.AddHours(-2).AddMinutes(10));
        first.ShouldAllBe(o => o.Time.Offset == TimeSpan.FromHours(8));
        world.Link.Bodies.Values.SelectMany(Observations).Max(o => o.Time).ShouldBeLessThanOrEqualTo(world.Time.GetUtcNow());
    }

    [Fact]
    public async Task Run_FailingLink_ResendsExactlyWhatWasNotAcknowledged()
    {
        var world = new World(outages: 0, lostAcks: 0);
        world.Link.FailAt = [5, 6, 11];
        await world.RunUntil(() => world.Link.Acked.Count >= 40);
        world.Link.Acked.Order().ShouldBe(Enumerable.Range(1, world.Link.Acked.Count).Select(i => (long)i));
        world.Link.Attempts.Where(a => a.Value > 1).Select(a => a.Key).Order().ShouldBe([5, 6, 11]);
        world.Link.Attempts.Values.ShouldAllBe(n => n <= 2);
        world.Link.ChangedBodies.ShouldBe(0);
        world.Device.Counters.Produced.ShouldBe(world.Device.Counters.Acknowledged + world.Device.Counters.Waiting);
    }

    [Fact]
    public async Task Run_LostAcknowledgement_SendsTheSameMessageAgain()
    {
        var world = new World(outages: 0, lostAcks: 0.3);
        await world.RunUntil(() => world.Link.Acked.Distinct().Count() >= 40);
        world.Device.Counters.LostAcks.ShouldBeGreaterThan(3);
        world.Link.Acked.Count.ShouldBeGreaterThan(world.Link.Acked.Distinct().Count());
        world.Link.Acked.Distinct().Order().ShouldBe(Enumerable.Range(1, world.Link.Acked.Distinct().Count()).Select(i => (long)i));
        world.Link.ChangedBodies.ShouldBe(0);
    }

    [Fact]
    public async Task Run_Outages_BuffersAndCatchesUp()
    {
        var world = new World(outages: 1, lostAcks: 0);
        await world.RunUntil(() => world.Time.GetUtcNow() > Start.AddHours(2) && world.Link.Up && world.Device.Counters.Waiting == 0);
        world.Link.Drops.ShouldBeGreaterThan(2);
        world.Link.PublishedWhileDown.ShouldBe(0);
        var told = world.Link.Bodies.Values.SelectMany(Observations).Where(o => o.Stream == "pm10").Select(o => o.Time).Order().ToList();
        told.Zip(told.Skip(1)).ShouldAllBe(p => p.Second - p.First == TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Run_Restarted_GoesOnWithoutHoleOrRepeat()
    {
        using var folder = new Counties.Folder();
        var first = new World(outages: 0, lostAcks: 0, folder["device"]);
        await first.RunUntil(() => first.Link.Acked.Count >= 15);
        var second = new World(outages: 0, lostAcks: 0, folder["device"], first.Time.GetUtcNow().AddMinutes(30));
        await second.RunUntil(() => second.Link.Acked.Count >= 5);
        var sequences = first.Link.Acked.Concat(second.Link.Acked).ToList();
        sequences.ShouldBe(Enumerable.Range(1, sequences.Count).Select(i => (long)i));
        var told = first.Link.Bodies.Values.Concat(second.Link.Bodies.Values).SelectMany(Observations).Select(o => (o.Stream, o.Time)).ToList();
        told.Distinct().Count().ShouldBe(told.Count);
        var dust = told.Where(o => o.Stream == "pm10").Select(o => o.Time).Order().ToList();
        dust.Zip(dust.Skip(1)).ShouldAllBe(p => p.Second - p.First == TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Run_CatchUpSpeed_TellsThePastGraduallyAndNeverTheFuture()
    {
        var world = new World(outages: 0, lostAcks: 0, speed: 60);
        await world.RunUntil(() => world.Time.GetUtcNow() >= Start.AddMinutes(1));
        var told = world.Link.Bodies.Values.SelectMany(Observations).Max(o => o.Time);
        told.ShouldBeInRange(Start.AddHours(-1.2), Start.AddHours(-0.8));
        await world.Again(() => world.Time.GetUtcNow() >= Start.AddMinutes(10));
        var later = world.Link.Bodies.Values.SelectMany(Observations).Max(o => o.Time);
        later.ShouldBeInRange(Start.AddMinutes(8), world.Time.GetUtcNow());
    }

    [Fact]
    public void Encode_NumbersAndTexts_IsTheAgreedPayload()
    {
        var bytes = FieldDevice.Encode(1, [new("pm10", Start, 71.0, null), new("camera_event", Start.AddSeconds(1.5), null, "crane")]);
        Encoding.UTF8.GetString(bytes).ShouldBe(
            """{"seq":1,"observations":[{"datastream":"pm10","time":"2026-04-30T10:00:00+08:00","result":71},{"datastream":"camera_event","time":"2026-04-30T10:00:01.500+08:00","result":"crane"}]}""");
    }

    private static List<(string Stream, DateTimeOffset Time)> Observations(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("observations").EnumerateArray()
            .Select(o => (o.GetProperty("datastream").GetString()!, o.GetProperty("time").GetDateTimeOffset()))];
    }

    /// <summary>A device on virtual time behind a link that keeps account.</summary>
    private sealed class World
    {
        private readonly string? _path;

        public World(double outages, double lostAcks, string? path = null, DateTimeOffset? start = null, double? speed = null)
        {
            _path = path;
            Time = new StepTime(start ?? Start);
            Device = new FieldDevice(
                Profile, new DeviceSignals(7, Profile, Counties.Today), new LinkPlan(7, Profile.Id, outages, lostAcks), Link,
                new FieldDeviceOptions { Backlog = TimeSpan.FromHours(2), BufferPath = path, CatchUpSpeed = speed }, Time, TextWriter.Null);
        }

        public StepTime Time { get; }

        public CountingLink Link { get; } = new();

        public FieldDevice Device { get; }

        public async Task RunUntil(Func<bool> reached)
        {
            await Again(reached);
            if (_path is not null) await Device.DisposeAsync();
        }

        /// <summary>Runs the device, moving the clock whenever the device waits for it, until the condition holds; then stops it cleanly.</summary>
        public async Task Again(Func<bool> reached)
        {
            using var stop = new CancellationTokenSource();
            var run = Task.Run(() => Device.RunAsync(stop.Token), TestContext.Current.CancellationToken);
            while (!reached())
            {
                await await Task.WhenAny(run, Time.StepAsync());
            }

            await stop.CancelAsync();
            await run;
        }
    }

    /// <summary>Virtual time that moves only when the device waits, and then exactly as far as it waits.</summary>
    private sealed class StepTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        public async Task StepAsync() => Advance(await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    private sealed class CountingLink : IDeviceLink
    {
        public HashSet<long> FailAt { get; set; } = [];

        public Dictionary<long, int> Attempts { get; } = [];

        public Dictionary<long, byte[]> Bodies { get; } = [];

        public System.Collections.Concurrent.ConcurrentQueue<long> AckedQueue { get; } = [];

        public IReadOnlyList<long> Acked => [.. AckedQueue];

        public int ChangedBodies { get; private set; }

        public int Drops { get; private set; }

        public int PublishedWhileDown { get; private set; }

        public bool Up { get; private set; }

        public bool IsUp => Up;

        public Task ConnectAsync(CancellationToken stop)
        {
            Up = true;
            return Task.CompletedTask;
        }

        public Task PublishAsync(byte[] payload, CancellationToken stop)
        {
            if (!Up) PublishedWhileDown++;
            using var json = JsonDocument.Parse(payload);
            var sequence = json.RootElement.GetProperty("seq").GetInt64();
            Attempts[sequence] = Attempts.GetValueOrDefault(sequence) + 1;
            if (Bodies.TryGetValue(sequence, out var before) && !before.AsSpan().SequenceEqual(payload)) ChangedBodies++;
            Bodies[sequence] = payload;
            if (FailAt.Remove(sequence)) return Task.FromException(new DeviceLinkException("cut by the test"));
            AckedQueue.Enqueue(sequence);
            return Task.CompletedTask;
        }

        public Task DropAsync(bool polite)
        {
            if (Up && !polite) Drops++;
            Up = false;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
