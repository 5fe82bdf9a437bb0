using System.Diagnostics;
using System.Globalization;
using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Bench;

/// <summary>Pixels a second of continuous change detection on real Landsat series, on all cores.</summary>
internal static class CcdcBench
{
    private static readonly string[] Series = ["sample_2.csv", "test_3657_3610_observations.csv"];

    /// <summary>Seconds that the published Python implementation takes for a pixel of 450 to 720 observations on this class of machine, from and to.</summary>
    private const double ReferenceFrom = 0.2, ReferenceTo = 0.35;

    public static async Task RunAsync(string results, CancellationToken cancellationToken)
    {
        var rows = new List<string>();
        foreach (var file in Series)
        {
            var lines = File.ReadLines(Path.Combine(Repository.Data(), "landsat_pixel_series", file))
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

            rows.Add(string.Create(CultureInfo.InvariantCulture, $"| {file} | {lines.Length} | {Pixels / best:N0} | {best / Pixels * 1e6 * Environment.ProcessorCount:F0} | {Pixels / best * ReferenceFrom:N0} to {Pixels / best * ReferenceTo:N0} |"));
            Console.WriteLine(rows[^1]);
        }

        await File.WriteAllTextAsync(Path.Combine(results, "ccdc.md"),
            $"""
            # Continuous change detection, pixels a second

            Real Landsat pixel series of seven bands, each run again and again on all cores; best of four on {Machine.Describe()}. Made by
            `dotnet run -c Release --project bench -- ccdc`. The multiple is that of all cores over one process of the published Python implementation
            (lcmap-pyccd 2018.10.17), which was not run here: it takes 0.2 to 0.35 s for one pixel of 450 to 720 observations, and both ends are given.

            | series | observations | pixels a second | µs of one core a pixel | times the reference |
            |---|---|---|---|---|
            {string.Join('\n', rows)}

            """, cancellationToken);
    }
}
