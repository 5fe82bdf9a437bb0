using System.Globalization;
using System.Text;
using Monitoring.TestKit;

namespace Monitoring.Bench;

/// <summary><c>monitoring detect</c> on pairs from a district to a province: time beside reading, and peak memory.</summary>
internal static class ScalingBench
{
    private const int Tile = 512;
    private static readonly int[] Usual = [2, 4, 8, 16, 32, 79];

    /// <param name="most">Longest side in pixels; larger sizes are left out.</param>
    public static async Task RunAsync(string results, int most, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var (smallBefore, smallAfter) = DetectBench.MakePair(folder.Path);
        var (before, after, output) = (Path.Combine(folder.Path, "b.tif"), Path.Combine(folder.Path, "a.tif"), Path.Combine(folder.Path, "out"));
        var table = new StringBuilder(string.Create(CultureInfo.InvariantCulture,
            $"""
            # `detect` from small to large

            Six bands of uint16, the tiles of the pair of detect.md written side by side again and again, so that each is read and decoded. Whole
            processes with their start-up; reading uses two threads, one for each file. Median of three alternating runs up to 8192 pixels a side,
            one run beyond, on {Machine.Describe()}. Made by `dotnet run -c Release --project bench -- scaling`.

            | pixels | both files, MB | reading, s | `monitoring detect`, s | multiple | detect, s for a million pixels | peak memory, MiB |
            |---|---|---|---|---|---|---|

            """));
        foreach (var tiles in Usual.Where(t => t * Tile <= most))
        {
            RepeatedTiff.Make(smallBefore, before, tiles);
            RepeatedTiff.Make(smallAfter, after, tiles);
            var runs = tiles <= 16 ? 3 : 1;
            var (reading, detect, peaks) = (new List<double>(), new List<double>(), new List<long>());
            for (var run = 0; run < runs; run++)
            {
                reading.Add((await ProcessMeter.MeasureAsync(Environment.ProcessPath!, ["read", before, after], cancellationToken)).Seconds);
                var (seconds, peak) = await ProcessMeter.MeasureAsync(ServiceProcess.Program(), DetectBench.Arguments(before, after, output), cancellationToken);
                detect.Add(seconds);
                peaks.Add(peak);
            }

            var (d, r, side) = (detect.Order().ElementAt(runs / 2), reading.Order().ElementAt(runs / 2), tiles * Tile);
            var row = string.Create(CultureInfo.InvariantCulture,
                $"| {side} × {side} | {(new FileInfo(before).Length + new FileInfo(after).Length) / 1e6:F0} | {r:F2} | {d:F2} | {d / r:F2} | {d / side / side * 1e6:F3} | {peaks.Max() / 1024} |");
            Console.WriteLine(row);
            table.AppendLine(row);
            File.Delete(before);
            File.Delete(after);
        }

        await File.WriteAllTextAsync(Path.Combine(results, "scaling.md"), table.ToString(), cancellationToken);
    }
}
