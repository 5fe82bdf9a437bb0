using System.Globalization;
using System.Text;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Objects;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Tests.Imagery;
using Monitoring.Domain.Imagery;

namespace Monitoring.Bench;

/// <summary>Accuracy of the pair detector on labelled scenes; every city judged by a model and thresholds made without it.</summary>
internal static class AccuracyBench
{
    /// <summary>Leaves each city out in turn and writes the table.</summary>
    public static async Task RunAsync(string results, CancellationToken cancellation)
    {
        var table = await TableAsync(cancellation);
        var rows = new StringBuilder();
        var fewer = new StringBuilder();
        var learned = new Totals();
        var rules = new Totals();
        var naiveMean = new double[2];
        var objects = new Totals();
        foreach (var city in LabelledPlaces.Cities)
        {
            var (before, after, label) = RealScenes.Oscd(city);
            var model = ObjectTraining.Train([.. table.Where(p => p.City != city)], $"without {city}");
            var score = await ScoreAsync(before, after, label, new PairOptions { Model = model }, cancellation);
            var plain = await ScoreAsync(before, after, label, new PairOptions { Choice = ObjectChoice.Rules }, cancellation);
            var naive = NaiveDifference.Of(before, after, label);
            learned.Add(score.Pixels);
            rules.Add(plain.Pixels);
            objects.Add(score.Objects);
            naiveMean[0] += naive.Otsu / LabelledPlaces.Cities.Length;
            naiveMean[1] += naive.Best / LabelledPlaces.Cities.Length;
            var line = string.Create(CultureInfo.InvariantCulture,
                $"| {city} | {score.Pixels.Precision:F2} | {score.Pixels.Recall:F2} | **{score.Pixels.F1:F3}** | {score.Objects.ObjectPrecision:F2} ({score.Objects.Tp} of {score.Objects.Tp + score.Objects.Fp}) | {score.Objects.ObjectRecall:F2} ({score.Objects.Found} of {score.Objects.Labels}) | {plain.Pixels.F1:F3} | {naive.Otsu:F3} | {naive.Best:F3} | {model.Variants[0].Threshold:F3} |");
            rows.AppendLine(line);
            Console.WriteLine(line);
            foreach (var bands in (int[])[4, 3])
            {
                var (fewBefore, fewAfter) = (before with { Bands = [.. before.Bands.Take(bands)] }, after with { Bands = [.. after.Bands.Take(bands)] });
                var with = await ScoreAsync(fewBefore, fewAfter, label, new PairOptions { Model = model }, cancellation);
                fewer.AppendLine(CultureInfo.InvariantCulture, $"| {city} | {bands} | {with.Pixels.F1:F3} | {with.Observed:F2} |");
            }
        }

        rows.AppendLine(CultureInfo.InvariantCulture,
            $"| **pooled** | {learned.Precision:F2} | {learned.Recall:F2} | **{learned.F1:F3}** | {objects.ObjectPrecision:F2} | {objects.ObjectRecall:F2} | {rules.F1:F3} | | | |");
        rows.AppendLine(CultureInfo.InvariantCulture, $"| **mean** | | | **{learned.MeanF1:F3}** | | | {rules.MeanF1:F3} | {naiveMean[0]:F3} | {naiveMean[1]:F3} | |");

        var (oldScene, newScene, truth) = RealScenes.Taizhou();
        var whole = ObjectTraining.Train(table, ObjectTraining.ModelVersion);
        var taizhou = await ScoreAsync(oldScene, newScene, truth, new PairOptions { Model = whole }, cancellation);
        var taizhouRules = await ScoreAsync(oldScene, newScene, truth, new PairOptions { Choice = ObjectChoice.Rules }, cancellation);
        var naiveTaizhou = NaiveDifference.Of(oldScene, newScene, truth);
        var alteration = NaiveDifference.Alteration(oldScene, newScene, truth, literal: true, [1e-3, 1e-6]);
        var scaled = NaiveDifference.Alteration(oldScene, newScene, truth, literal: false, [1e-3, 1e-6]);
        var text = $"""
            # Accuracy of pair detection on labelled scenes

            Made by `dotnet run -c Release --project bench -- accuracy`. Each OSCD city is judged with the defaults by an object model whose coefficients and thresholds come from the
            labels of the other four cities and roofs planted in those alone. No parameter per city. Detector {PairDetector.Id} {PairDetector.Version}.

            | city | pixel precision | pixel recall | pixel F1 | object precision | object recall | F1, rules only | naive at Otsu | naive, best threshold | threshold used |
            |---|---|---|---|---|---|---|---|---|---|
            {rows.ToString().TrimEnd()}

            An object found is right when a quarter of its pixels or more are labelled as changed; a labelled object (8-connected, at least 2000 m²) is found when a quarter of its pixels or more are told as changed.
            Naive: change vector of bands standardised by their mean and deviation; Otsu's split, and the threshold that is best for that city when its label is known. "Rules only" is
            `PairOptions.Choice = Rules`: the threshold T, no model, no closing.

            ## Taizhou (Landsat, digital numbers; labelled pixels only)

            | method | precision | recall | F1 |
            |---|---|---|---|
            | defaults (model of all five cities; no pixel of Taizhou was trained on) | {F(taizhou.Pixels.Precision)} | {F(taizhou.Pixels.Recall)} | **{F(taizhou.Pixels.F1)}** |
            | rules only | {F(taizhouRules.Pixels.Precision)} | {F(taizhouRules.Pixels.Recall)} | {F(taizhouRules.Pixels.F1)} |
            | naive at Otsu / at its best threshold | | | {F(naiveTaizhou.Otsu)} / {F(naiveTaizhou.Best)} |
            | IR-MAD alone as published, p < 0.001 / p < 0.000001 | | | {F(alteration[0])} / {F(alteration[1])} |
            | IR-MAD alone, scaled to the median as here, the same | | | {F(scaled[0])} / {F(scaled[1])} |

            ## Fewer bands: the rules decide

            | city | bands | F1 | observed share |
            |---|---|---|---|
            {fewer.ToString().TrimEnd()}

            """;
        await File.WriteAllTextAsync(Path.Combine(results, "accuracy.md"), text, cancellation);
        Console.WriteLine(text);

        static string F(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
    }

    /// <summary>Makes the shipped model from all five cities.</summary>
    public static async Task TrainAsync(string file, CancellationToken cancellation)
    {
        var model = ObjectTraining.Train(await TableAsync(cancellation), ObjectTraining.ModelVersion);
        await File.WriteAllBytesAsync(file, model.ToJson(), cancellation);
        Console.WriteLine(Encoding.UTF8.GetString(model.ToJson()));
    }

    /// <summary>What object models are trained on, a city each.</summary>
    public static async Task<LabelledPair[]> TableAsync(CancellationToken cancellation)
    {
        var pairs = new List<LabelledPair>();
        foreach (var city in LabelledPlaces.Cities)
        {
            var (before, after, label) = RealScenes.Oscd(city);
            var roofs = await PlantedRoofs.CandidatesAsync(await LabelledPlaces.CityAsync(city), cancellation);
            pairs.Add(await ObjectTraining.CandidatesAsync(city, before, after, label, roofs, cancellation));
        }

        return [.. pairs];
    }

    private static async Task<(Totals Pixels, Totals Objects, double Observed)> ScoreAsync(Scene before, Scene after, byte[] label, PairOptions options, CancellationToken cancellation)
    {
        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, options), TimeProvider.System, null, cancellation);
        int width = before.Grid.Width, height = before.Grid.Height;
        var labels = ObjectTraining.LabelsOf(result);
        var pixels = new Totals();
        var right = new int[result.Changes.Patches.Count];
        var known = new int[right.Length];
        for (var i = 0; i < label.Length; i++)
        {
            switch (label[i], labels[i] > 0)
            {
                case (2, true): pixels.Tp++; break;
                case (1, true): pixels.Fp++; break;
                case (2, false): pixels.Fn++; break;
            }

            if (labels[i] > 0)
            {
                right[labels[i] - 1] += label[i] == 2 ? 1 : 0;
                known[labels[i] - 1] += label[i] != 0 ? 1 : 0;
            }
        }

        var objects = new Totals();
        for (var i = 0; i < right.Length; i++)
        {
            if (known[i] > 0)
            {
                objects.Tp += 4 * right[i] >= known[i] ? 1 : 0;
                objects.Fp += 4 * right[i] < known[i] ? 1 : 0;
            }
        }

        var gsd = result.Changes.Patches.Count > 0 ? result.Changes.Patches[0].GsdMeters : 10;
        var scanner = new ObjectScanner(0, (int)Math.Ceiling(2000 / (gsd * gsd)));
        for (var y = 0; y < height; y++)
        {
            scanner.AddRow(y, Array.ConvertAll(label[(y * width)..((y + 1) * width)], truth => truth == 2 ? (byte)1 : (byte)0));
        }

        foreach (var truth in scanner.End())
        {
            var hit = truth.Runs.Sum(r => labels.AsSpan((r.Row * width) + r.From, r.Length).ToArray().Count(l => l > 0));
            objects.Labels++;
            objects.Found += 4 * hit >= truth.Extent.Pixels ? 1 : 0;
        }

        return (pixels, objects, result.Changes.ObservableShare);
    }

    private sealed class Totals
    {
        private readonly List<double> _f1 = [];

        public long Tp { get; set; }

        public long Fp { get; set; }

        public long Fn { get; set; }

        public long Labels { get; set; }

        public long Found { get; set; }

        public double Precision => Tp / (double)Math.Max(1, Tp + Fp);

        public double Recall => Tp / (double)Math.Max(1, Tp + Fn);

        public double F1 => 2.0 * Tp / Math.Max(1, (2 * Tp) + Fp + Fn);

        public double MeanF1 => _f1.Average();

        public double ObjectPrecision => Precision;

        public double ObjectRecall => Found / (double)Math.Max(1, Labels);

        public void Add(Totals other)
        {
            _f1.Add(other.F1);
            Tp += other.Tp;
            Fp += other.Fp;
            Fn += other.Fn;
            Labels += other.Labels;
            Found += other.Found;
        }
    }
}
