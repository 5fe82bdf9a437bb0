using System.Globalization;
using System.Text;
using Monitoring.Detection.Learning;
using Monitoring.Detection.Tests.Learning;
using Monitoring.TestKit.World;

namespace Monitoring.Bench;

/// <summary>The risk map in the simulated world of parcels: where building without approval begins within 30 and 90 days.</summary>
internal static class RiskMapBench
{
    private const int Parcels = 8000;
    private const int Months = 36;

    /// <summary>Months up to here grow trees; labels of the last of them end before calibration begins.</summary>
    private const int GrowUntil = 20;

    private const int CalibrateFrom = 24;

    private static BoostingOptions Options { get; } = new() { Trees = 120, Leaves = 8, LearningRate = 0.06, Members = 1, LeastRows = 100 };

    public static void Run(string results, CancellationToken cancellation)
    {
        var text = new StringBuilder("# The risk map in the simulated world of parcels\n\n");
        text.AppendLine("Made by `dotnet run -c Release --project bench -- risk-map`; docs/algorithms/risk-map.md has the assumptions. Rows are parcel-months; learned on seed 41, judged on held-out seeds.")
            .AppendLine("\"Posterior\" is the exact forward filter of the hidden chain over all months; for 90 days it holds the neighbourhood as it stands.").AppendLine()
            .AppendLine("| world | horizon | rows | begin | order | average precision | AUC | ECE | begun among the first 1 % of rows | gap closed |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        var learned = ParcelRows.Of(new ParcelWorld(Parcels, Months).Rows(41)).ToArray();
        foreach (var days in (int[])[30, 90])
        {
            TrainingTable grow = new(RiskMap.Schema), calibrate = new(RiskMap.Schema);
            foreach (var (month, row) in learned)
            {
                if (Label(month, days) is { } begins && (month.Month <= GrowUntil || month.Month >= CalibrateFrom))
                {
                    (month.Month <= GrowUntil ? grow : calibrate).Add(row, begins);
                }
            }

            var model = RiskMap.Train(grow, calibrate, Options, cancellation) ?? throw new InvalidOperationException("Too few parcels begin.");
            foreach (var (name, shifted, seed) in new[] { ("held-out seed 941", false, 941UL), ("held-out seed 942", false, 942UL), ("shifted seed 951", true, 951UL) })
            {
                var judged = ParcelRows.Of(new ParcelWorld(Parcels, Months, shifted).Rows(seed)).Where(r => Label(r.Month, days) is not null && r.Month.Month >= 12).ToArray();
                Row(text, name, days, judged, model);
            }
        }

        File.WriteAllText(Path.Combine(results, "risk-map.md"), text.ToString());
        Console.WriteLine(text);
    }

    private static bool? Label(ParcelMonth month, int days) => days == 30 ? month.Starts1 : month.Starts3;

    private static void Row(StringBuilder text, string name, int days, (ParcelMonth Month, float[] Row)[] judged, ViolationModel model)
    {
        bool[] truth = [.. judged.Select(r => Label(r.Month, days)!.Value)];
        double[] rules = [.. judged.Select(r => RiskMap.RulesScore(r.Row))];
        double[] said = [.. judged.Select(r => model.Probability(r.Row))];
        double[] best = [.. judged.Select(r => days == 30 ? r.Month.Posterior1 : r.Month.Posterior3)];
        var ap = new[] { rules, said, best }.Select(s => Metrics.AveragePrecisionOf(s, truth)).ToArray();
        foreach (var (order, scores, i) in new[] { ("signs by rule", rules, 0), ("model", said, 1), ("posterior", best, 2) })
        {
            var first = Enumerable.Range(0, scores.Length).OrderByDescending(k => scores[k]).ThenBy(k => k).Take(scores.Length / 100).Count(k => truth[k]) / (double)truth.Count(t => t);
            var m = Metrics.Of(scores, truth);
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {days} days | {m.Cases:N0} | {m.Rate:P2} | {order} | {m.AveragePrecision:F3} | {m.Auc:F3} | {(i == 0 ? "–" : $"{m.Ece:F4}")} | {first:P0} | {(i == 1 ? $"{(ap[1] - ap[0]) / (ap[2] - ap[0]):P0}" : "")} |"));
        }
    }
}
