using Monitoring.FirmwareSim.Commands;
using Monitoring.FirmwareSim.Passes;

namespace Monitoring.FirmwareSim.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private Task<int> Run(CancellationToken stop, params string[] args) => new CommandLine(TimeProvider.System, _output, _error).RunAsync(args, stop);

    private Task<int> Run(params string[] args) => Run(TestContext.Current.CancellationToken, args);

    [Theory]
    [InlineData("world")]
    [InlineData("world --out x --size huge")]
    [InlineData("world --out x --today tomorrow")]
    [InlineData("passes --world x --inbox y --from 2026-13-01")]
    [InlineData("passes --world x --inbox y --every-days 0")]
    [InlineData("passes --world x --inbox y --pace -1")]
    [InlineData("devices --world x --mqtt localhost")]
    [InlineData("devices --world x --mqtt localhost:99999")]
    [InlineData("devices --world x --mqtt localhost:1883 --speed 0")]
    [InlineData("passes --world /nowhere/at/all --inbox y")]
    [InlineData("fly")]
    public async Task Run_BadInput_IsExitTwoWithASentence(string line)
    {
        (await Run(line.Split(' '))).ShouldBe(2);
        _error.ToString().ShouldStartWith("firmware-sim: ");
        Directory.Exists("x").ShouldBeFalse();
    }

    [Fact]
    public async Task World_ThenPasses_DeliversTheDaysAskedFor()
    {
        using var folder = new Counties.Folder();
        (await Run("world", "--out", folder["w"], "--size", "small", "--seed", "3", "--today", "2026-05-01")).ShouldBe(0, _error.ToString());
        (await Run("passes", "--world", folder["w"], "--inbox", folder["in"], "--from", "2024-05-01", "--to", "2024-05-31")).ShouldBe(0, _error.ToString());
        var files = Directory.GetFiles(folder["in"]).Select(Path.GetFileName).ToList();
        files.Count(f => f!.EndsWith(".tif", StringComparison.Ordinal)).ShouldBeInRange(4, 7);
        files.Count(f => f!.EndsWith(".json", StringComparison.Ordinal)).ShouldBe(files.Count / 2);
        files.ShouldContain(f => f!.StartsWith("demo-sat_20240501", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Demo_StoppedAndStartedAgain_GoesOnFromWhereItWas()
    {
        using var folder = new Counties.Folder();
        (await Run("world", "--out", folder["w"], "--size", "small", "--today", "2026-05-01")).ShouldBe(0);
        var first = await DemoUntil(folder, 3);
        foreach (var file in Directory.GetFiles(folder["in"])) File.Delete(file); // the service took them
        var second = await DemoUntil(folder, 2);
        first.Intersect(second).ShouldBeEmpty();
        string.CompareOrdinal(first.Max(), second.Min()).ShouldBeLessThan(0);
        Directory.GetFiles(folder["in"], ".*").ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(folder["w"], "state", "devices"), "*.buffer").Length.ShouldBe(8);
    }

    [Fact]
    public async Task Delivery_UnreadInbox_WaitsInsteadOfFillingTheDisk()
    {
        using var folder = new Counties.Folder();
        var time = new WaitSignal();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var delivery = new PassDelivery(Counties.Small, folder.Path, time, TextWriter.Null) { InboxLimit = 3 };
        var run = delivery.RunAsync(Counties.Small.Schedule.Dates(), TimeSpan.Zero, null, stop.Token);
        await time.Waiting;
        Directory.GetFiles(folder.Path, "*.tif").Length.ShouldBe(3);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => run);
        Directory.GetFiles(folder.Path, "*.tif").Length.ShouldBe(3);
    }

    private async Task<List<string>> DemoUntil(Counties.Folder folder, int passes)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var log = new CountingLog(passes);
        // Nobody listens on port 1: the devices keep what they have, the passes go on.
        var demo = new CommandLine(TimeProvider.System, log, _error).RunAsync(
            ["demo", "--world", folder["w"], "--inbox", folder["in"], "--mqtt", "127.0.0.1:1", "--pace", "0.2"], stop.Token);
        await log.Reached;
        await stop.CancelAsync();
        (await demo).ShouldBe(0, _error.ToString());
        return [.. Directory.GetFiles(folder["in"], "*.json").Select(f => Path.GetFileName(f)!)];
    }

    /// <summary>The machine's clock, telling when somebody begins to wait for it.</summary>
    private sealed class WaitSignal : TimeProvider
    {
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => _waiting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _waiting.TrySetResult();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    private sealed class CountingLog(int passes) : StringWriter
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Reached => _reached.Task;

        public override Task WriteLineAsync(string? value)
        {
            if (value!.StartsWith("pass ", StringComparison.Ordinal) && Interlocked.Increment(ref _count) == passes) _reached.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
