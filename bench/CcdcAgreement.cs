using System.Globalization;
using System.Text.Json;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.Detection.Tests.Imagery.Ccdc;

namespace Monitoring.Bench;

/// <summary>
/// CCDC beside the published Python implementation on series that nobody looked at: hundreds derived from the real ones, and made ones. Each
/// difference is put to its cause by asking the reference again: with its days moved by 400 years, and with what it leaves open defined.
/// </summary>
internal static class CcdcAgreement
{
    /// <summary>Largest difference of a number that is still the same, in units of the fit's error.</summary>
    private const double Tolerance = 1e-6;

    private const int MadeSeries = 60;

    /// <summary>The first of all kinds; a last look that is an outlier; a screen that settles when nothing grows.</summary>
    private static readonly int[] Goldens = [.. Enumerable.Range(0, 16), 30, 90, 122, 137, 143, 163, 232, 243];

    private sealed class Row
    {
        public int Series, Segments, Same, Failed, Rounding, Open, SameDay, Other;
    }

    public static async Task RunAsync(string results, int each, CancellationToken cancellationToken)
    {
        var bases = DerivedSeries.Bases(Path.Combine(Repository.Data(), "landsat_pixel_series"));
        (string Kind, PixelSeries Series)[] all =
        [
            .. DerivedSeries.All(bases, seed: 2, each), .. Enumerable.Range(0, MadeSeries).Select(s => ("made by formula", PixelSeries.Of(MadePixel.Rows(s)))),
        ];
        var plain = await AskAsync([.. all.Select(a => a.Series)], "plain", cancellationToken);
        ReferenceModel[][] ours = [.. all.Select(a => Ours(a.Series))];
        var worst = 0.0;
        var differences = new Dictionary<int, string>();
        for (var i = 0; i < all.Length; i++)
        {
            if (Models(plain[i]) is { } models)
            {
                var (where, off) = ReferenceModel.Compare(ours[i], models, Tolerance);
                if (where is null)
                {
                    worst = Math.Max(worst, off);
                }
                else
                {
                    differences.Add(i, where);
                }
            }
        }

        var asked = differences.Keys.ToList();
        var moved = await AskAsync([.. asked.Select(i => all[i].Series)], "moved", cancellationToken);
        var defined = await AskAsync([.. asked.Select(i => all[i].Series)], "defined", cancellationToken);
        var rows = all.Select(a => a.Kind).Distinct().ToDictionary(k => k, _ => new Row());
        var others = new List<string>();
        for (var i = 0; i < all.Length; i++)
        {
            var row = rows[all[i].Kind];
            row.Series++;
            row.Segments += Models(plain[i])?.Length ?? 0;
            var at = asked.IndexOf(i);
            if (at < 0)
            {
                _ = Models(plain[i]) is null ? row.Failed++ : row.Same++;
            }
            else if (Models(moved[at]) is not { } other || ReferenceModel.Compare(other, Models(plain[i])!, Tolerance).Where is not null)
            {
                row.Rounding++;
            }
            else if (Models(defined[at]) is { } said && ReferenceModel.Compare(ours[i], said, Tolerance).Where is null)
            {
                row.Open++;
                row.SameDay += all[i].Series.Days.Distinct().Count() < all[i].Series.Count ? 1 : 0;
            }
            else
            {
                row.Other++;
                others.Add($"{all[i].Kind}, series {i}: {differences[i]}");
                Console.WriteLine(others[^1]);
            }
        }

        var sum = new Row
        {
            Series = rows.Values.Sum(r => r.Series), Segments = rows.Values.Sum(r => r.Segments), Same = rows.Values.Sum(r => r.Same), Failed = rows.Values.Sum(r => r.Failed),
            Rounding = rows.Values.Sum(r => r.Rounding), Open = rows.Values.Sum(r => r.Open), SameDay = rows.Values.Sum(r => r.SameDay), Other = rows.Values.Sum(r => r.Other),
        };
        string[] lines = [.. rows.Append(new("**all**", sum)).Select(r => $"| {r.Key} | {r.Value.Series} | {r.Value.Segments} | {r.Value.Same} | {r.Value.Open} | {r.Value.Rounding} | {r.Value.Other} | {r.Value.Failed} |")];
        Console.WriteLine(string.Join('\n', lines));
        await File.WriteAllTextAsync(Path.Combine(results, "ccdc-agreement.md"),
            string.Create(CultureInfo.InvariantCulture, $"""
            # Continuous change detection beside the published implementation, on derived series

            {all.Length} series: {all.Length - MadeSeries} derived with a fixed seed from the five real pixels of `landsat_pixel_series`, {MadeSeries} made by a formula. The reference is
            lcmap-pyccd 2018.10.17. *Same* means the same number of segments, each with the same days (start, end, break),
            count, change probability and curve quality, and coefficients, levels, rmse and magnitudes of all seven bands to {Tolerance:0E+0} of the fit's rmse; the largest difference
            of those was {worst:0.0E+0}. A series that is not the same is asked again of the reference:

            * *left open*: ours is the answer of the reference once it is said which of observations of one day counts, which of observations equally far in season are nearest, what Tmask is in
              a window of one year exactly (two columns of its design are the same), and that what is rounded away is no cloud where a band does not scatter. {sum.SameDay} of these {sum.Open} have
              several observations of one day: the reference sorts by day with a sort that is not stable.
            * *rounding*: the reference itself answers otherwise when the days are counted from 400 years earlier, which changes nothing but what is rounded.

            Made by `MONITORING_PYCCD=… dotnet run -c Release --project bench -- ccdc-agreement`.

            | series | number | segments of the reference | same | left open | rounding | otherwise | reference fails |
            |---|---|---|---|---|---|---|---|
            {string.Join('\n', lines)}
            {string.Concat(others.Select(o => $"\n* {o}"))}

            """), cancellationToken);
    }

    /// <summary>Writes the answers of the reference for made series, where they do not hang on rounding or on what it leaves open, for the tests.</summary>
    public static async Task WriteGoldensAsync(CancellationToken cancellationToken)
    {
        PixelSeries[] series = [.. Goldens.Select(s => PixelSeries.Of(MadePixel.Rows(s)))];
        var plain = await AskAsync(series, "plain", cancellationToken);
        JsonElement[][] again = [await AskAsync(series, "moved", cancellationToken), await AskAsync(series, "defined", cancellationToken)];
        var kept = Enumerable.Range(0, Goldens.Length)
            .Where(i => Models(plain[i]) is { } models && again.All(a => Models(a[i]) is { } other && ReferenceModel.Compare(other, models, Tolerance).Where is null))
            .ToDictionary(i => Goldens[i].ToString(CultureInfo.InvariantCulture), i => plain[i].GetProperty("models"));
        var file = Path.Combine(Repository.Root(), "tests", "Detection.Tests", "Imagery", "Golden", "made-pixels.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(kept).Replace("}],", "}],\n", StringComparison.Ordinal) + "\n", cancellationToken);
        Console.WriteLine($"{kept.Count} of {Goldens.Length} series: {file}");
    }

    /// <summary>Asks the reference, a process for each core.</summary>
    private static async Task<JsonElement[]> AskAsync(PixelSeries[] series, string how, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var files = new string[series.Length];
        for (var i = 0; i < series.Length; i++)
        {
            files[i] = Path.Combine(folder.Path, string.Create(CultureInfo.InvariantCulture, $"{i:D5}.csv"));
            await File.WriteAllLinesAsync(files[i], series[i].Rows.Select(r => string.Join(',', r.Select(v => v.ToString(CultureInfo.InvariantCulture)))), cancellationToken);
        }

        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var answer in await Task.WhenAll(files.Chunk((files.Length / Environment.ProcessorCount) + 1).Select(f => CcdcReference.FindAsync(f, how, repeats: 1, cancellationToken))))
        {
            using var said = answer ?? throw new InvalidOperationException("Set MONITORING_PYCCD to a checkout or git directory of lcmap-pyccd 2018.10.17.");
            foreach (var one in said.RootElement.GetProperty("series").EnumerateObject())
            {
                found.Add(one.Name, one.Value.Clone());
            }
        }

        return [.. files.Select(f => found[Path.GetFileName(f)])];
    }

    /// <returns>Null where the reference fails.</returns>
    private static ReferenceModel[]? Models(JsonElement answer) => answer.TryGetProperty("models", out var models) ? ReferenceModel.Of(models) : null;

    private static ReferenceModel[] Ours(PixelSeries series)
    {
        var pixel = PixelSeriesFile.Of(series.Rows);
        return ReferenceModel.Of(new PixelCcdc(new CcdcOptions()).Run(pixel.Dates, pixel.Values, pixel.Quality));
    }
}
