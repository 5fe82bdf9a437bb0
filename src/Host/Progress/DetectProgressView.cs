using System.Globalization;
using Monitoring.Detection.Imagery.Pair;
using Spectre.Console;

namespace Monitoring.Host.Progress;

/// <summary>Progress of a run: a bar on a terminal, one line a step elsewhere. Thread-safe.</summary>
internal abstract class DetectProgressView : IProgress<DetectProgress>, IAsyncDisposable
{
    public static DetectProgressView For(TextWriter output) => Console.IsErrorRedirected ? new Lines(output) : new Bar();

    public abstract void Report(DetectProgress value);

    public abstract ValueTask DisposeAsync();

    /// <summary><c>progress STAGE PERCENT</c>, at every tenth.</summary>
    private sealed class Lines(TextWriter output) : DetectProgressView
    {
        private readonly Lock gate = new();
        private (string Stage, int Tenth) told;

        public override void Report(DetectProgress value)
        {
            var now = (value.Stage, (int)(value.Share * 10));
            lock (gate)
            {
                if (now == told || (now.Stage == told.Stage && now.Item2 < told.Tenth))
                {
                    return;
                }

                told = now;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"progress {now.Stage} {now.Item2 * 10}"));
            }
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Bar : DetectProgressView
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock gate = new();
        private readonly Task drawing;
        private ProgressContext? context;
        private ProgressTask? current;

        public Bar()
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            drawing = console.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async drawn =>
                {
                    lock (gate)
                    {
                        context = drawn;
                    }

                    await done.Task;
                });
        }

        public override void Report(DetectProgress value)
        {
            lock (gate)
            {
                if (context is null)
                {
                    return;
                }

                if (current?.Description != value.Stage)
                {
                    if (current is not null)
                    {
                        current.Value = current.MaxValue;
                    }

                    current = context.AddTask(value.Stage, maxValue: 1);
                }

                current.Value = value.Share;
            }
        }

        public override async ValueTask DisposeAsync()
        {
            done.TrySetResult();
            await drawing;
        }
    }
}
