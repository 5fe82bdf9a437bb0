using System.Globalization;
using System.IO.Compression;
using System.Text;
using Monitoring.Detection.Learning;

namespace Monitoring.Bench;

/// <summary>
/// The class of model on real inspections in space and time: building-code inspections of Philadelphia, 2015 and 2016. It says nothing of accuracy at finding
/// building without approval: there is no permit table.
/// </summary>
internal static class PhiladelphiaBench
{
    private const string Target = "o.failed.n";
    private const string Case = "i.casenumber";
    private const string Date = "i.inspCompl";
    private const string NeverFailed = "f.prevFail";

    /// <summary>Later inspections are the test.</summary>
    private const string Cut = "2016-07-01";

    /// <summary>Options were chosen on the inspections before the cut alone: trained before this day, judged up to the cut.</summary>
    private const string TuningCut = "2016-03-15";

    /// <summary>
    /// What the model may see: what was on record before the visit. Left out: the target, the case and address numbers, everything about the owner (who owns it,
    /// taxes, delinquency: personal), and texts that repeat other columns.
    /// </summary>
    private static string[] Columns { get; } =
    [
        "f.before", "s.sinceLastInsp", "s.sinceViolation", "s.sinceAdded", "l.long", "l.lat", "e.avgDists.all.n5", "e.avgDists.nr.n5", "e.avgDists.rep.n5",
        "e.avgDists.repOfAll.n5", "e.avgDists.all.n10", "e.avgDists.nr.n10", "e.avgDists.rep.n10", "f.numFailTypes", "f.numViol", "f.prevFail", "f.vpi.isBldgAddkey",
        "priorityde.2", "priorityde.3", "priorityde.4", "priorityde.5", "priorityde.6", "recStatus.1", "inspDesc.1", "inspDesc.2", "inspDesc.3", "inspDesc.4", "inspDesc.5",
        "inspDesc.6", "inspDesc.7", "violTpe.1", "violTpe.2", "violTpe.3", "violTpe.4", "violTpe.5", "violTpe.6", "violTpe.7", "violTpe.8",
    ];

    private static FeatureSchema Schema { get; } = new("philadelphia", 1, [.. Columns.Select(c => new FeatureInfo(c, c, c))]);

    private static TrainingOptions Options { get; } = new() { Boosting = new BoostingOptions { Trees = 200, Leaves = 16, LearningRate = 0.04, LeastRows = 10, FeatureShare = 0.3, Members = 3 } };

    private sealed record Inspection(string Case, string Date, bool Failed, bool NeverFailed, float[] Values);

    /// <summary>Trains on the first file alone and judges the second.</summary>
    public static void Run(string train, string test, CancellationToken cancellation)
    {
        var (known, asked) = (Read(train), Read(test));
        Console.WriteLine(Judge($"{Path.GetFileName(train)} → {Path.GetFileName(test)}", known, asked, cancellation));
        var both = known.Select(i => i.Case).ToHashSet(StringComparer.Ordinal);
        both.IntersectWith(asked.Select(i => i.Case));
        if (both.Count > 0)
        {
            Console.WriteLine($"Note: {both.Count} cases have inspections in both files.");
        }
    }

    /// <summary>Splits the data folder's file by time and case.</summary>
    public static void Run(string results, CancellationToken cancellation)
    {
        var all = Read(Path.Combine(Repository.Data(), "philadelphia_inspections", "inspections_2015_2016.csv.gz"));
        var (train, test) = Split(all, Cut);
        var text = new StringBuilder("# The class of model on real inspections (Philadelphia, 2015 and 2016)\n\n");
        text.AppendLine("Made by `dotnet run -c Release --project bench -- philadelphia`; with two files (`philadelphia TRAIN.csv TEST.csv`) it trains on the first and judges the second.")
            .AppendLine("Building-code inspections, no permit table: this checks trees, calibration and the split, and says nothing of finding building without approval.")
            .AppendLine(CultureInfo.InvariantCulture, $"Test: all inspections from {Cut} on; a case with any of them leaves the training side whole. Nothing of owners, no numbers of cases or addresses among the inputs.")
            .AppendLine("Published gradient boosting on these rows has AUC 0.83 with a random split; that is the easier question.").AppendLine();
        text.AppendLine(Judge($"later than {Cut}", train, test, cancellation));
        var cases = all.Select(i => i.Case).Distinct().Order(StringComparer.Ordinal).ToArray();
        var random = new Random(1);
        var held = cases.Where(_ => random.NextDouble() < 0.3).ToHashSet(StringComparer.Ordinal);
        text.AppendLine(Judge("for comparison: 30 % of the cases at random", [.. all.Where(i => !held.Contains(i.Case))], [.. all.Where(i => held.Contains(i.Case))], cancellation));
        File.WriteAllText(Path.Combine(results, "philadelphia.md"), text.ToString());
        Console.WriteLine(text);
    }

    /// <summary>For choosing options: within the inspections before the cut.</summary>
    public static string Tune(BoostingOptions boosting, CancellationToken cancellation)
    {
        var all = Read(Path.Combine(Repository.Data(), "philadelphia_inspections", "inspections_2015_2016.csv.gz"));
        var (before, _) = Split(all, Cut);
        var (train, test) = Split(before, TuningCut);
        var model = Train(train, boosting, cancellation);
        var m = Metrics.Of(model.Probabilities(ValuesOf(test)), [.. test.Select(i => i.Failed)]);
        return string.Create(CultureInfo.InvariantCulture, $"AUC {m.Auc:F4} AP {m.AveragePrecision:F4} ECE {m.Ece:F4} ({train.Count} → {test.Count})");
    }

    private static (List<Inspection> Train, List<Inspection> Test) Split(List<Inspection> all, string cut)
    {
        var later = all.Where(i => string.CompareOrdinal(i.Date, cut) >= 0).Select(i => i.Case).ToHashSet(StringComparer.Ordinal);
        return ([.. all.Where(i => !later.Contains(i.Case))], [.. all.Where(i => string.CompareOrdinal(i.Date, cut) >= 0)]);
    }

    private static string Judge(string name, List<Inspection> train, List<Inspection> test, CancellationToken cancellation)
    {
        var model = Train(train, Options.Boosting, cancellation);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"## {name}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{train.Count:N0} inspections of {train.Select(i => i.Case).Distinct().Count():N0} cases to learn from, {train.Average(i => i.Failed ? 1.0 : 0):P1} failed.").AppendLine()
            .AppendLine("| test rows | cases | failed | AUC | average precision | ECE | Brier | lift at 10 % |").AppendLine("|---|---|---|---|---|---|---|---|");
        Row(text, "all", model, test);
        Row(text, "without those that never failed before (f.prevFail = 0)", model, [.. test.Where(i => !i.NeverFailed)]);
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, ViolationModel model, List<Inspection> test)
    {
        var p = model.Probabilities(ValuesOf(test));
        bool[] truth = [.. test.Select(i => i.Failed)];
        var m = Metrics.Of(p, truth);
        var tenth = Math.Max(1, test.Count / 10);
        var top = Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).ThenBy(i => i).Take(tenth).Average(i => truth[i] ? 1.0 : 0);
        text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {m.Cases:N0} | {m.Rate:P1} | {m.Auc:F4} | {m.AveragePrecision:F4} | {m.Ece:F4} | {m.Brier:F4} | {top / m.Rate:F2} |");
    }

    /// <summary>Trees on all rows; calibration on what trees without a row's case said of it (five folds by case), the later half of the rows.</summary>
    private static ViolationModel Train(List<Inspection> rows, BoostingOptions boosting, CancellationToken cancellation)
    {
        const int Folds = 5;
        List<Inspection> ordered = [.. rows.OrderBy(i => i.Date, StringComparer.Ordinal).ThenBy(i => i.Case, StringComparer.Ordinal)];
        var folds = ordered.Select(i => FoldOf(i.Case, Folds)).ToArray();
        var unseen = new double[ordered.Count];
        for (var fold = 0; fold < Folds; fold++)
        {
            var trees = BoostedTrees.Fit(TableOf(ordered.Where((_, i) => folds[i] != fold)), boosting with { Members = 1 }, cancellation);
            for (var i = 0; i < ordered.Count; i++)
            {
                unseen[i] = folds[i] == fold ? trees.Score(ordered[i].Values) : unseen[i];
            }
        }

        var from = ordered.Count / 2;
        var late = TableOf(ordered.Skip(from));
        return new(Schema, BoostedTrees.Fit(TableOf(ordered), boosting, cancellation), Calibration.Fit(unseen.AsSpan(from), late.Labels, late.Weights));
    }

    private static int FoldOf(string name, int folds) => (int)(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] * folds / 256);

    private static TrainingTable TableOf(IEnumerable<Inspection> rows)
    {
        var table = new TrainingTable(Schema);
        foreach (var row in rows)
        {
            table.Add(row.Values, row.Failed);
        }

        return table;
    }

    private static float[] ValuesOf(List<Inspection> rows) => [.. rows.SelectMany(r => r.Values)];

    private static List<Inspection> Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var header = Fields(reader.ReadLine() ?? throw new InvalidDataException($"{path} is empty; it needs a line of column names."));
        int Place(string name) => header.IndexOf(name) is >= 0 and var i ? i : throw new InvalidDataException($"{path} has no column {name}; its columns are those of inspections_2015_2016.csv.");
        var (target, number, date) = (Place(Target), Place(Case), Place(Date));

        // An input that a file lacks is absent in all its rows; what is asked for by name above is needed.
        int[] places = [.. Columns.Select(c => header.IndexOf(c))];
        if (places.Count(p => p >= 0) < Columns.Length / 2)
        {
            throw new InvalidDataException($"{path} has {places.Count(p => p >= 0)} of {Columns.Length} input columns; its columns are those of inspections_2015_2016.csv.");
        }

        var never = Array.IndexOf(Columns, NeverFailed);
        var rows = new List<Inspection>();
        while (reader.ReadLine() is { } line)
        {
            var fields = Fields(line);
            if (fields.Count != header.Count)
            {
                throw new InvalidDataException($"Line {rows.Count + 2} of {path} has {fields.Count} fields, not {header.Count}.");
            }

            var values = new float[places.Length];
            for (var k = 0; k < places.Length; k++)
            {
                values[k] = places[k] >= 0 && float.TryParse(fields[places[k]], NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && float.IsFinite(v) ? v : FeatureSchema.Missing;
            }

            if (!double.TryParse(fields[target], NumberStyles.Float, CultureInfo.InvariantCulture, out var failed) || failed is not (0 or 1))
            {
                throw new InvalidDataException($"Line {rows.Count + 2} of {path} has {Target} = \"{fields[target]}\"; it is 0 or 1.");
            }

            rows.Add(new(fields[number], fields[date], failed == 1, values[never] == 0, values));
        }

        return rows.Any(r => r.Failed) && rows.Any(r => !r.Failed) ? rows : throw new InvalidDataException($"{path} needs inspections that failed and others that passed.");
    }

    /// <summary>RFC 4180 within one line.</summary>
    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
