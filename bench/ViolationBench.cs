using System.Diagnostics;
using System.Globalization;
using System.Text;
using Monitoring.Detection.Imagery.Drawing;
using Monitoring.Detection.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Bench;

/// <summary>The model of violations in the simulated world: rules, model and the world's own posterior on the same candidates.</summary>
internal static class ViolationBench
{
    private const double Bar = 0.6;
    private const double EceBar = 0.03;

    public static void Run(string results, string pictures, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var history = WorldData.History(WorldSettings.Usual, WorldData.TrainingSeed);
        Progress.Step(watch, $"{history.Count} outcomes recorded in three years, {history.Count(h => h.Confirmed)} confirmed");
        var trained = ViolationTraining.Train(history, new TrainingOptions(), cancellation) ?? throw new InvalidOperationException("The history is too short to learn from.");
        Progress.Step(watch, "trained");

        var usual = WorldData.HeldOutSeeds.Select(s => WorldData.FourthYear($"held-out seed {s}", WorldSettings.Usual, s)).ToArray();
        var shifted = WorldData.ShiftedSeeds.Select(s => WorldData.FourthYear($"shifted seed {s}", WorldSettings.Shifted, s)).ToArray();
        Progress.Step(watch, "held-out worlds drawn");
        var text = new StringBuilder();
        text.AppendLine("# The model of violations in the simulated world").AppendLine()
            .AppendLine("Made by `dotnet run -c Release --project bench -- violations`. What the world assumes, and what was chosen on what, is in docs/algorithms/violation-model.md.")
            .AppendLine(CultureInfo.InvariantCulture, $"World version {ViolationWorld.Version}. Learned from {history.Count:N0} outcomes of seed {WorldData.TrainingSeed} (three years, {WorldData.TrainingCounties} counties), judged on all candidates of the fourth year")
            .AppendLine("in worlds of other seeds, inspected or not, against what is really there. \"Posterior\" is the world's own, exact: the best that any model could do.").AppendLine();
        Figures(text, "Held-out seeds", usual, trained, out var lines, out var dots);
        ChartPicture.Write(Path.Combine(pictures, "violations-precision-recall.png"), "Held-out seeds: precision over recall", "recall", "precision", lines);
        ChartPicture.Write(Path.Combine(pictures, "violations-calibration.png"), "Held-out seeds: share of violations over stated probability", "stated probability", "share seen", dots, legendBelow: true);
        Figures(text, "Shifted world: other priors, more errors in the permit register, other regions, fewer devices, duller images; nothing trained again", shifted, trained, out lines, out dots);
        ChartPicture.Write(Path.Combine(pictures, "violations-shifted-precision-recall.png"), "Shifted world: precision over recall", "recall", "precision", lines);
        ChartPicture.Write(Path.Combine(pictures, "violations-shifted-calibration.png"), "Shifted world: share of violations over stated probability", "stated probability", "share seen", dots, legendBelow: true);

        Progress.Step(watch, "judged");
        var own = WorldData.History(WorldSettings.Shifted with { Counties = 6 }, WorldData.ShiftedHistorySeed);
        if (ViolationTraining.Train(own, new TrainingOptions(), cancellation) is { } again)
        {
            Figures(text, $"Shifted world, trained again on {own.Count:N0} outcomes of its own (another seed)", shifted, again, out _, out _);
        }

        Speed(text, trained.Model, usual[0]);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Machine: {Machine.Describe()}.");
        File.WriteAllText(Path.Combine(results, "violations.md"), text.ToString());
        Console.WriteLine(text);
    }

    private static void Figures(StringBuilder text, string title, JudgedOn[] worlds, TrainedModel trained, out List<ChartLine> lines, out List<ChartLine> dots)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine();
        text.AppendLine("| world | cases | violations | order | average precision | AUC | ECE | Brier | inspections for 80 % | for 95 % | gap closed |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        List<double>[] all = [[], [], [], []];
        var truth = new List<bool>();
        foreach (var world in worlds)
        {
            IReadOnlyList<double>[] scores = ScoresOf(world, trained.Model);
            Rows(text, world.Name, world.Truth, scores);
            truth.AddRange(world.Truth);
            for (var i = 0; i < all.Length; i++)
            {
                all[i].AddRange(scores[i]);
            }
        }

        Rows(text, "**all**", truth, all);
        text.AppendLine();
        Ink[] inks = [ChartPicture.Purple, ChartPicture.Vermilion, ChartPicture.Blue, ChartPicture.Green];
        lines = [.. all.Select((s, i) => new ChartLine(Names[i], inks[i], Thin(Metrics.Curve(s, truth))))];
        dots =
        [
            new ChartLine("perfect", Ink.Grey, [(0, 0), (1, 1)]),
            .. Enumerable.Range(1, 3).Select(i => new ChartLine(Names[i], inks[i], [.. Metrics.Calibrated(all[i], truth).Select(g => (g.Stated, g.Seen))], Dots: true)),
        ];
    }

    private static string[] Names { get; } = ["verdict, then certainty", "rules and a prior", "model", "posterior"];

    private static IReadOnlyList<double>[] ScoresOf(JudgedOn world, ViolationModel model) =>
    [
        // A verdict first, the detector's certainty within: as the list of warnings is ordered without a model. No probability.
        [.. world.Features.Select(f => (double)f["verdict"]! + (0.999 * f["image_score"]!.Value))],
        [.. world.Features.Select(f => RulesScorer.Score(f).Probability)],
        model.Probabilities(world.Values),
        [.. world.Candidates.Select(c => c.Posterior)],
    ];

    private static void Rows(StringBuilder text, string world, IReadOnlyList<bool> truth, IReadOnlyList<double>[] scores)
    {
        var metrics = scores.Select(s => Metrics.Of(s, truth)).ToArray();

        // Against the better of the two orders that need no history.
        var rules = Math.Max(metrics[0].AveragePrecision, metrics[1].AveragePrecision);
        for (var i = 0; i < scores.Length; i++)
        {
            var m = metrics[i];
            var gap = (m.AveragePrecision - rules) / (metrics[3].AveragePrecision - rules);
            var probabilities = i > 0;
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"| {world} | {m.Cases:N0} | {m.Rate:P1} | {Names[i]} | {m.AveragePrecision:F3} | {m.Auc:F3} | {(probabilities ? $"{m.Ece:F4}" : "–")} | {(probabilities ? $"{m.Brier:F4}" : "–")} | {Metrics.InspectionsFor(0.8, scores[i], truth):N0} | {Metrics.InspectionsFor(0.95, scores[i], truth):N0} | {(i == 2 ? $"{gap:P0}" : "")} |"));
        }

        if (world == "**all**")
        {
            var model = metrics[2];
            var closed = (model.AveragePrecision - rules) / (metrics[3].AveragePrecision - rules);
            text.AppendLine().AppendLine(string.Create(CultureInfo.InvariantCulture, $"Gap closed {closed:P1} (bar {Bar:P0}); expected calibration error {model.Ece:F4} (bar {EceBar})."));
        }
    }

    private static List<(double X, double Y)> Thin(IReadOnlyList<(double Recall, double Precision, double Inspected)> curve)
    {
        var thin = new List<(double, double)>();
        var last = -1.0;
        foreach (var (recall, precision, inspected) in curve)
        {
            if (recall - last >= 0.002 && inspected >= 20)
            {
                thin.Add((recall, precision));
                last = recall;
            }
        }

        return thin;
    }

    private static void Speed(StringBuilder text, ViolationModel model, JudgedOn world)
    {
        // Eight times the world's rows; the second of two runs.
        var values = Enumerable.Repeat(world.Values, 8).SelectMany(v => v).ToArray();
        model.Probabilities(values);
        var (watch, cpu) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        var count = model.Probabilities(values).Length;
        var all = count / watch.Elapsed.TotalSeconds;
        var each = count / (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        watch.Restart();
        for (var i = 0; i < 200; i++)
        {
            model.Explain(world.Values.AsSpan(i * model.Schema.Count, model.Schema.Count));
        }

        var explained = 200 / watch.Elapsed.TotalSeconds;
        text.AppendLine(CultureInfo.InvariantCulture, $"Scoring: {all:N0} candidates/s ({model.Trees.Trees.Count} trees, calibrated, {Environment.ProcessorCount} cores; bar 100,000), {each:N0} in a second of one processor. Contributions of single cases: {explained:N0}/s.");
    }
}

internal static class Progress
{
    public static void Step(Stopwatch watch, string what) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds,6:F1} s  {what}"));
}
