using System.Diagnostics;
using System.Globalization;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>A command of the built program, run as a process of its own with a folder for temporary files that nothing else uses.</summary>
/// <param name="PeakMiB">VmHWM, looked at every few milliseconds while it ran: a peak of its very last moment can be missed.</param>
/// <param name="Left">Files and folders that it left in its folder for temporary files.</param>
internal sealed record MeasuredCommand(int ExitCode, string Output, string Errors, long PeakMiB, IReadOnlyList<string> Left)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<MeasuredCommand> RunAsync(string temporary, CancellationToken cancellationToken, params string[] arguments)
    {
        Directory.CreateDirectory(temporary);
        var start = new ProcessStartInfo(ServiceProcess.Program(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;

        // The runtime's own sockets are no files of the program.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        using var hang = new CancellationTokenSource(Patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(hang.Token, cancellationToken);
        var ended = process.WaitForExitAsync(both.Token);
        long peak = 0;
        try
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (!ended.IsCompleted)
            {
                peak = Math.Max(peak, HighWaterKiB(process.Id));
                await tick.WaitForNextTickAsync(both.Token);
            }

            await ended;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw;
        }

        return new MeasuredCommand(process.ExitCode, await output, await errors, peak / 1024, Directory.GetFileSystemEntries(temporary));
    }

    private static long HighWaterKiB(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
