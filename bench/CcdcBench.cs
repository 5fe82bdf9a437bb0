using System.Diagnostics;
using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Bench;

/// <summary>Pixels a second of continuous change detection on real Landsat series, on all cores, beside the published Python implementation.</summary>
internal static class CcdcBench
{
    private static readonly string[] Series = ["sample_2.csv", "test_3657_3610_observations.csv"];

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        var data = Path.Combine(Repository.Data(), "landsat_pixel_series");
        var reference = await CcdcReference.RunAsync(data, Series, cancellationToken);
        foreach (var file in Series)
        {
            var lines = File.ReadLines(Path.Combine(data, file))
                .Select(l => l.Split(',').Select(f => int.Parse(f.Trim(), CultureInfo.InvariantCulture)).ToArray()).OrderBy(r => r[0]).ToArray();
            var dates = new ObservationDates([.. lines.Select(l => l[0])]);
            var values = new short[7 * lines.Length];
            for (var band = 0; band < 7; band++)
            {
                for (var i = 0; i < lines.Length; i++)
                {
                    values[(band * lines.Length) + i] = (short)lines[i][band + 1];
                }
            }

            var quality = lines.Select(l => (ObservedAs)l[8]).ToArray();
            const int Pixels = 20_000;
            var best = double.MaxValue;
            for (var round = 0; round < 4; round++)
            {
                var watch = Stopwatch.StartNew();
                Parallel.For(0, Environment.ProcessorCount, new ParallelOptions { CancellationToken = cancellationToken }, _ =>
                {
                    var ccdc = new PixelCcdc(new CcdcOptions());
                    for (var i = 0; i < Pixels / Environment.ProcessorCount; i++)
                    {
                        ccdc.Run(dates, values, quality);
                    }
                });
                best = Math.Min(best, watch.Elapsed.TotalSeconds);
            }

            var times = Pixels / best * (reference?.Seconds[file] ?? double.NaN);
            var peer = reference is null ? "not run | | " : string.Create(CultureInfo.InvariantCulture, $"{reference.Seconds[file]:F3} | {times:N0} | {times / Environment.ProcessorCount:N0}");
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"| {file} | {lines.Length} | {Pixels / best:N0} | {best / Pixels * 1e6 * Environment.ProcessorCount:F0} | {peer} |"));
            Console.WriteLine(rows[^1]);
        }

        var beside = reference is null
            ? "The published Python implementation (lcmap-pyccd 2018.10.17) was not run: set MONITORING_PYCCD to a checkout or git directory of it."
            : string.Create(CultureInfo.InvariantCulture, $"""
                The reference is the published Python implementation ({reference.Algorithm}; {reference.Versions}), run just before in the same command: one process, one
                thread, the fastest of seven runs on a pixel, without start-up. It finds what `ccdc_reference.json` of the data folder says, {Same(reference.Difference)}.
                """);
        await File.WriteAllTextAsync(Path.Combine(results, "ccdc.md"),
            $"""
            # Continuous change detection, pixels a second

            Real Landsat pixel series of seven bands, each run again and again on all cores; best of four on {Machine.Describe()}. Made by
            `dotnet run -c Release --project bench -- ccdc`. The multiple is that of all cores over the one process of the reference; the last
            column that of one core.

            {beside}

            | series | observations | pixels a second | µs of one core a pixel | reference, s a pixel | times the reference | of these, one core for one |
            |---|---|---|---|---|---|---|
            {string.Join('\n', rows)}

            """, cancellationToken);
    }
    private static string Same(double difference) =>
        difference == 0 ? "every number to its last digit" : string.Create(CultureInfo.InvariantCulture, $"all numbers to a relative {difference:0.#E+0}");
}
