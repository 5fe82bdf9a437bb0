using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Detection.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Bench;

/// <summary>Training on a million candidates with the defaults, and scoring them.</summary>
internal static class TrainSpeedBench
{
    private const int Rows = 1_000_000;

    private static string[] Noisy { get; } = ["image_score", "area_log_m2", "days_since_first", "device_m", "permit_days"];

    public static void Run(string results, CancellationToken cancellation)
    {
        // A hundred thousand candidates of the world, each ten times with other noise in its continuous columns, so that no row is twice.
        var random = new Random(1);
        var table = new TrainingTable(ViolationFeatures.Schema);
        var settings = WorldSettings.Usual with { Counties = 10, Months = 40 };
        var seen = new ViolationWorld(settings).Candidates(WorldData.TrainingSeed).Select(c => (Detection.Tests.Learning.WorldFacts.FeaturesOf(c).Values, c.IsViolation)).ToArray();
        int[] noisy = [.. Noisy.Select(ViolationFeatures.Schema.PlaceOf)];
        for (var i = 0; i < Rows; i++)
        {
            var (values, violation) = seen[i % seen.Length];
            var row = (float[])values.Clone();
            foreach (var k in noisy)
            {
                row[k] *= row[k] == FeatureSchema.Missing ? 1 : 1 + (0.02f * (float)random.NextDouble());
            }

            table.Add(row, violation);
        }

        GC.Collect();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var options = new BoostingOptions { Threads = Environment.ProcessorCount };
        var trees = BoostedTrees.Fit(table, options, cancellation);
        var trained = watch.Elapsed;
        var spent = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        var scores = new double[table.Count];
        trees.Score(table.Values, scores);
        var model = new ViolationModel(ViolationFeatures.Schema, trees, Calibration.Fit(scores, table.Labels, table.Weights));
        var calibrated = watch.Elapsed;
        var values2 = table.Values.ToArray();
        model.Probabilities(values2);
        watch.Restart();
        var count = model.Probabilities(values2).Length;
        var rate = count / watch.Elapsed.TotalSeconds;
        var peak = Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024 * 1024);
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        var text = new StringBuilder("# Training on a million candidates\n\n");
        text.AppendLine("Made by `dotnet run -c Release --project bench -- train-speed`: the defaults, features of the simulated world.").AppendLine()
            .AppendLine("| what | figure | bar |").AppendLine("|---|---|---|")
            .AppendLine(CultureInfo.InvariantCulture, $"| rows × features | {table.Count:N0} × {table.Schema.Count} | 1,000,000 |")
            .AppendLine(CultureInfo.InvariantCulture, $"| trees | {trees.Trees.Count} of at most {options.Leaves} leaves | |")
            .AppendLine(CultureInfo.InvariantCulture, $"| training, wall | {trained.TotalSeconds:F1} s | |")
            .AppendLine(CultureInfo.InvariantCulture, $"| training and calibrating, wall | {calibrated.TotalSeconds:F1} s | 120 s |")
            .AppendLine(CultureInfo.InvariantCulture, $"| training, processor time | {spent.TotalSeconds:F1} s | |")
            .AppendLine(CultureInfo.InvariantCulture, $"| peak memory of the whole process | {peak:F2} GiB | 4 GiB |")
            .AppendLine(CultureInfo.InvariantCulture, $"| scoring with calibration | {rate:N0} candidates/s | 100,000/s |")
            .AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Machine: {Machine.Describe()}; load average {load} at the end (with nothing else running it is about the number of cores).");
        File.WriteAllText(Path.Combine(results, "train-speed.md"), text.ToString());
        Console.WriteLine(text);
    }
}
