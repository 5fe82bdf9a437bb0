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
    private const int Goldens = 28;

    private static readonly string[] Hows = ["plain", "moved", "defined"];

    private sealed class Row
    {
        public int Series, Segments, Same, Failed, Rounding, Open, Other;
    }

    public static async Task RunAsync(string results, int each, CancellationToken cancellationToken)
    {
        var bases = DerivedSeries.Bases(Path.Combine(Repository.Data(), "landsat_pixel_series"));
        (string Kind, PixelSeries Series)[] all =
        [
            .. DerivedSeries.All(bases, seed: 2, each), .. Enumerable.Range(0, MadeSeries).Select(s => ("made by formula", PixelSeries.Of(MadePixel.Rows(s)))),
        ];
        var answers = await AskAsync([.. all.Select(a => a.Series)], cancellationToken);
        var rows = all.Select(a => a.Kind).Distinct().ToDictionary(k => k, _ => new Row());
        var (worst, others) = (0.0, new List<string>());
        for (var i = 0; i < all.Length; i++)
        {
            var (kind, series) = all[i];
            var row = rows[kind];
            row.Series++;
            var (plain, ours) = (Models(answers[0], i), Ours(series));
            if (plain is null)
            {
                row.Failed++;
                continue;
            }

            row.Segments += plain.Length;
            var (where, off) = ReferenceModel.Compare(ours, plain, Tolerance);
            if (where is null)
            {
                (row.Same, worst) = (row.Same + 1, Math.Max(worst, off));
            }
            else if (Models(answers[1], i) is not { } moved || ReferenceModel.Compare(moved, plain, Tolerance).Where is not null)
            {
                row.Rounding++;
            }
            else if (Models(answers[2], i) is { } defined && ReferenceModel.Compare(ours, defined, Tolerance).Where is null)
            {
                row.Open++;
            }
            else
            {
                row.Other++;
                others.Add($"{kind}, series {i}: {where}");
                Console.WriteLine(others[^1]);
            }
        }

        var sum = new Row
        {
            Series = rows.Values.Sum(r => r.Series), Segments = rows.Values.Sum(r => r.Segments), Same = rows.Values.Sum(r => r.Same), Failed = rows.Values.Sum(r => r.Failed),
            Rounding = rows.Values.Sum(r => r.Rounding), Open = rows.Values.Sum(r => r.Open), Other = rows.Values.Sum(r => r.Other),
        };
        string[] lines = [.. rows.Append(new("**all**", sum)).Select(r => $"| {r.Key} | {r.Value.Series} | {r.Value.Segments} | {r.Value.Same} | {r.Value.Open} | {r.Value.Rounding} | {r.Value.Other} | {r.Value.Failed} |")];
        Console.WriteLine(string.Join('\n', lines));
        await File.WriteAllTextAsync(Path.Combine(results, "ccdc-agreement.md"),
            string.Create(CultureInfo.InvariantCulture, $"""
            # Continuous change detection beside the published implementation, on derived series

            {all.Length} series: {all.Length - MadeSeries} derived with a fixed seed from the five real pixels of `landsat_pixel_series`, {MadeSeries} made by a formula. The reference is
            {answers[0].RootElement.GetProperty("algorithm").GetString()} ({answers[0].RootElement.GetProperty("versions").GetString()}). *Same* means the same number of segments, each with the same days (start, end, break),
            count, change probability and curve quality, and coefficients, levels, rmse and magnitudes of all seven bands to {Tolerance:0E+0} of the fit's rmse; the largest difference
            of those was {worst:0.0E+0}. A series that is not the same is asked again of the reference:

            * *left open*: ours is the answer of the reference once it is said which of observations of one day counts, which of observations equally far in season are nearest, what Tmask is in
              a window of one year exactly (two columns of its design are the same), and that what is rounded away is no cloud where a band does not scatter.
            * *rounding*: the reference itself answers otherwise when the days are counted from 400 years earlier, which changes nothing but what is rounded.

            Made by `MONITORING_PYCCD=… dotnet run -c Release --project bench -- ccdc-agreement`.

            | series | number | segments of the reference | same | left open | rounding | otherwise | reference fails |
            |---|---|---|---|---|---|---|---|
            {string.Join('\n', lines)}
            {string.Concat(others.Select(o => $"\n* {o}"))}

            """), cancellationToken);
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    /// <summary>Writes the answers of the reference for made series, where they do not hang on rounding or on what it leaves open, for the tests.</summary>
    public static async Task WriteGoldensAsync(CancellationToken cancellationToken)
    {
        var answers = await AskAsync([.. Enumerable.Range(0, MadeSeries).Select(s => PixelSeries.Of(MadePixel.Rows(s)))], cancellationToken);
        var kept = Enumerable.Range(0, MadeSeries)
            .Where(i => Models(answers[0], i) is { } plain && answers.Skip(1).All(a => Models(a, i) is { } other && ReferenceModel.Compare(other, plain, Tolerance).Where is null))
            .Take(Goldens)
            .ToDictionary(i => i.ToString(CultureInfo.InvariantCulture), i => One(answers[0], i).GetProperty("models"));
        var file = Path.Combine(Repository.Root(), "tests", "Detection.Tests", "Imagery", "Golden", "made-pixels.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(kept).Replace("}],", "}],\n", StringComparison.Ordinal) + "\n", cancellationToken);
        Console.WriteLine($"{kept.Count} of {MadeSeries} series: {file}");
    }

    private static async Task<JsonDocument[]> AskAsync(PixelSeries[] series, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        var files = new string[series.Length];
        for (var i = 0; i < series.Length; i++)
        {
            files[i] = Path.Combine(folder.Path, Name(i));
            await File.WriteAllLinesAsync(files[i], series[i].Rows.Select(r => string.Join(',', r.Select(v => v.ToString(CultureInfo.InvariantCulture)))), cancellationToken);
        }

        var answers = await Task.WhenAll(Hows.Select(h => CcdcReference.FindAsync(files, h, repeats: 1, cancellationToken)));
        return [.. answers.Select(a => a ?? throw new InvalidOperationException("Set MONITORING_PYCCD to a checkout or git directory of lcmap-pyccd 2018.10.17."))];
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"{i:D5}.csv");

    private static JsonElement One(JsonDocument answers, int i) => answers.RootElement.GetProperty("series").GetProperty(Name(i));

    /// <returns>Null where the reference fails.</returns>
    private static ReferenceModel[]? Models(JsonDocument answers, int i) => One(answers, i).TryGetProperty("models", out var models) ? ReferenceModel.Of(models) : null;

    private static ReferenceModel[] Ours(PixelSeries series)
    {
        var pixel = PixelSeriesFile.Of(series.Rows);
        return ReferenceModel.Of(new PixelCcdc(new CcdcOptions()).Run(pixel.Dates, pixel.Values, pixel.Quality));
    }
}
