using System.Diagnostics;
using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Detection.Tests.Imagery.Ccdc;
using Monitoring.Domain.Imagery;

namespace Monitoring.Bench;

/// <summary>
/// The watch of a series at growing sizes: the first fit of its history from looks that are laid by, and one more scene folded in. Real NDVI
/// series (sentinel2_ndvi_series) over and over with noise of their own, with the files, tiles and packing of the service. Each size is a
/// process of its own, so that its peak of memory is its own.
/// </summary>
internal static class WatchBench
{
    private static readonly int[] Sides = [1024, 2048, 4096];

    /// <summary>Looks before the history is fitted: with the last of them models begin.</summary>
    private const int History = 34;
    private const int Folded = 3;

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        foreach (var side in Sides)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!, ["watch", side.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
            using var child = Process.Start(start)!;
            var said = await child.StandardOutput.ReadToEndAsync(cancellationToken);
            await child.WaitForExitAsync(cancellationToken);
            rows.Add(said.Split('\n').Last(l => l.StartsWith('|')));
            Console.WriteLine(rows[^1]);
        }

        await File.WriteAllTextAsync(Path.Combine(results, "watch.md"),
            $"""
            # The watch of a series, by size

            Real Sentinel-2 NDVI series (`sentinel2_ndvi_series`) over and over with noise of their own, {History} looks of history, then {Folded} scenes folded in one by one; the
            service's own files, tiles and packing; one thread; {Machine.Describe()}. Seconds are of the clock, and of the processor (which other work on the machine
            disturbs less). Peak memory is that of a process of its own for each size. Made by `dotnet run -c Release --project bench -- watch`.

            | megapixels | first fit, s | processor, s | pixels a second of a processor | one scene folded in, s | processor, s | pixels a second of a processor | looks laid by, MiB a megapixel | state, MiB a megapixel | on the disk after two generations, MiB a megapixel | peak memory, MiB |
            |---|---|---|---|---|---|---|---|---|---|---|
            {string.Join('\n', rows)}

            The state of a pixel in memory takes 280 bytes (267 MiB a megapixel); a county of 10,980² pixels has 120.6 megapixels.

            """, cancellationToken);
    }

    /// <summary>One size.</summary>
    public static async Task RunAsync(int side, CancellationToken cancellationToken)
    {
        var stack = NdviStack.Read();
        var days = Enumerable.Range(0, stack.Dates.Count).Where(i => i == 0 || stack.Dates.Days[i] != stack.Dates.Days[i - 1]).ToArray();
        var cube = Cube(stack);
        using var folder = new ScratchFolder();
        var store = new SeriesStore(folder.Path);
        var options = new SeriesOptions { WatchedAtOncePixels = 0 };
        var state = new SeriesState
        {
            SeriesId = "bench", Grid = new Grid("", [0, 10, 0, 0, 0, -10], side, side), Box = [0, 0, 1, 1], Scenes = [], HistoryHash = "", Raster = "none.tif",
        };
        SeriesScene[] scenes = [.. days.Take(History + Folded).Select((d, i) => new SeriesScene(i + 1, $"s{i}", DateTimeOffset.UnixEpoch.AddDays(stack.Dates.Days[d] - 719_162)))];

        // The models are heard with the first scene after the history.
        var heard = state with { Scenes = scenes[..(History + 1)] };
        options = Enumerable.Range(0, 100).Select(looks => options with { FirstFitLooks = looks }).First(o => new WatchSchedule(heard, o).SpeaksFrom == History + 1);
        var (fold, foldCpu) = (0.0, 0.0);
        var (fit, fitCpu, laid) = (0.0, 0.0, 0L);
        for (var look = 0; look < History + Folded; look++)
        {
            state = state with { Scenes = scenes[..(look + 1)] };
            if (look == History)
            {
                laid = Directory.EnumerateFiles(folder.Path, "*.look").Sum(f => new FileInfo(f).Length);
                var schedule = new FirstFit(store, options);
                if (!schedule.Remains(state with { Scenes = scenes[..History] }))
                {
                    throw new InvalidOperationException("Nothing is left to be fitted.");
                }

                var (begun, cpu) = Now();
                var fitted = await schedule.RunAsync(state with { Scenes = scenes[..History] }, _ => Task.FromResult(true), cancellationToken);
                (fit, fitCpu) = Since(begun, cpu);
                state = fitted with { Scenes = state.Scenes };
            }

            using var watch = SeriesWatch.Of(store, state, options)!;
            var tiles = new WatchTiles(side, side, options.TilePixels);
            var ndvi = new float[tiles.Pixels(0)];
            for (var tile = 0; tile < tiles.Count; tile++)
            {
                Fill(cube, days[look], tiles.First(tile), ndvi.AsSpan(0, tiles.Pixels(tile)));
                var (begun, cpu) = Now();
                watch.Take(ndvi.AsSpan(0, tiles.Pixels(tile)));
                if (look > History)
                {
                    var (seconds, processor) = Since(begun, cpu);
                    (fold, foldCpu) = (fold + seconds, foldCpu + processor);
                }
            }

            state = watch.MakeDurable(state);
        }

        double pixels = (double)side * side, mega = pixels / 1e6, mib = 1024.0 * 1024;
        (fold, foldCpu) = (fold / (Folded - 1), foldCpu / (Folded - 1));
        long packed;
        using (var file = store.OpenWatch(state, new WatchTiles(side, side, options.TilePixels)))
        {
            packed = file.PackedBytes;
        }

        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {mega:F1} | {fit:F1} | {fitCpu:F1} | {pixels / fitCpu:N0} | {fold:F2} | {foldCpu:F2} | {pixels / foldCpu:N0} | {laid / mib / mega:F0} | {packed / mib / mega:F0} | {OnDisk(store.PathOf(SeriesStore.WatchData(state))) / mib / mega:F0} | {long.Parse(peak, CultureInfo.InvariantCulture) / 1024} |"));
    }

    private static (long Begun, TimeSpan Cpu) Now() => (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

    private static (double Seconds, double Cpu) Since(long begun, TimeSpan cpu) => (Stopwatch.GetElapsedTime(begun).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);

    private static (short[] Values, bool[] Clear, int Looks) Cube(NdviStack stack)
    {
        var looks = stack.Dates.Count;
        var (values, quality) = (new short[stack.Pixels * looks], new ObservedAs[looks]);
        var clear = new bool[values.Length];
        for (var pixel = 0; pixel < stack.Pixels; pixel++)
        {
            stack.Pixel(pixel, values.AsSpan(pixel * looks, looks), quality);
            for (var i = 0; i < looks; i++)
            {
                clear[(pixel * looks) + i] = quality[i] == ObservedAs.Clear;
            }
        }

        return (values, clear, looks);
    }

    private static void Fill((short[] Values, bool[] Clear, int Looks) cube, int look, long first, Span<float> ndvi)
    {
        var pixels = cube.Values.Length / cube.Looks;
        for (var i = 0; i < ndvi.Length; i++)
        {
            var at = ((int)((first + i) % pixels) * cube.Looks) + look;

            // A hundredth of noise, the same in each run.
            var noise = (((ulong)(first + i) * 0x9E3779B97F4A7C15UL) + ((ulong)look * 0xC2B2AE3D27D4EB4FUL)) >> 40;
            ndvi[i] = cube.Clear[at] ? (cube.Values[at] + (float)(noise % 201) - 100) / 10_000 : float.NaN;
        }
    }

    /// <summary>Bytes that a file with holes takes.</summary>
    private static long OnDisk(string path)
    {
        using var du = Process.Start(new ProcessStartInfo("du", ["-k", path]) { RedirectStandardOutput = true })!;
        return long.Parse(du.StandardOutput.ReadToEnd().Split('\t')[0], CultureInfo.InvariantCulture) * 1024;
    }
}
