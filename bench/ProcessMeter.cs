using System.Diagnostics;
using System.Globalization;

namespace Monitoring.Bench;

/// <summary>Seconds and peak memory of a whole process, with those that it starts.</summary>
internal static class ProcessMeter
{
    /// <returns>Wall clock, and the sum of the peaks (VmHWM) of the process and its children in KiB.</returns>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static async Task<(double Seconds, long PeakKib)> MeasureAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        long peak = 0;
        var ended = process.WaitForExitAsync(cancellationToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, HighWater(process.Id));
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}{await output}");
        }

        return (seconds, peak);
    }

    /// <summary>Where a program of this name is on the path; null when it is not there.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>In KiB; 0 when the process is gone.</summary>
    private static long HighWater(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            var own = line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            return own + File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Sum(child => HighWater(int.Parse(child, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
