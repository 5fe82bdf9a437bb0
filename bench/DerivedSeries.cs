using System.Globalization;

namespace Monitoring.Bench;

/// <summary>A pixel's series of seven bands and quality, in any order of days.</summary>
internal sealed record PixelSeries(int[] Days, int[][] Bands, int[] Quality)
{
    public int Count => Days.Length;

    /// <param name="rows">Day, seven bands, quality.</param>
    public static PixelSeries Of(IEnumerable<int[]> rows)
    {
        var all = rows.OrderBy(r => r[0]).ToArray();
        return new([.. all.Select(r => r[0])], [.. Enumerable.Range(1, 7).Select(b => all.Select(r => r[b]).ToArray())], [.. all.Select(r => r[8])]);
    }

    public IEnumerable<int[]> Rows => Enumerable.Range(0, Count).Select(i => (int[])[Days[i], .. Bands.Select(b => b[i]), Quality[i]]);

    public PixelSeries Pick(IEnumerable<int> which)
    {
        var chosen = which.ToArray();
        return new([.. chosen.Select(i => Days[i])], [.. Bands.Select(b => chosen.Select(i => b[i]).ToArray())], [.. chosen.Select(i => Quality[i])]);
    }

    public PixelSeries Where(Func<int, bool> wanted) => Pick(Enumerable.Range(0, Count).Where(wanted));

    public PixelSeries Then(PixelSeries other, int firstDay)
    {
        var by = firstDay - other.Days[0];
        return new([.. Days, .. other.Days.Select(d => d + by)], [.. Bands.Zip(other.Bands, (a, b) => (int[])[.. a, .. b])], [.. Quality, .. other.Quality]);
    }
}

/// <summary>Series made from real ones in ways that tell implementations of CCDC apart: thin, cloudy, disordered, odd, changed, constant, dense. From a seed.</summary>
internal static class DerivedSeries
{
    private const int Thermal = 6;

    /// <summary>Files whose quality is classes.</summary>
    private static readonly string[] Classified =
        ["sample_2", "sample_WA_grid08_row999_col1_normal", "sample_WA_grid08_row9_col2267_persistent_snow", "test_3657_3610_observations"];

    /// <summary>Real pixel series of the data folder; quality bits of the one product become classes (fill before cloud, shadow, snow, water).</summary>
    public static PixelSeries[] Bases(string folder) =>
    [
        .. Classified.Select(n => PixelSeries.Of(Lines(Path.Combine(folder, n + ".csv")).Select(l => l.Select(Number).ToArray()))),
        PixelSeries.Of(Lines(Path.Combine(folder, "h03v09_-2010765_1964625_ard_pixel.csv")).Skip(1).Select(l =>
            (int[])[DateOnly.Parse(l[0], CultureInfo.InvariantCulture).DayNumber + 1, .. l[1..8].Select(Number), Class(Number(l[8]))])),
    ];

    /// <summary>All kinds, so many of each, then four times as many of several kinds one upon the other.</summary>
    public static IEnumerable<(string Kind, PixelSeries Series)> All(PixelSeries[] bases, int seed, int each)
    {
        for (var kind = 0; kind <= Kinds.Length; kind++)
        {
            var several = kind == Kinds.Length;
            for (var i = 0; i < (several ? 4 * each : each); i++)
            {
                var random = new Random(unchecked((((seed * 1_000_003) + kind) * 7_919) + i));
                var series = bases[(i + kind) % bases.Length];
                series = series.Pick(Enumerable.Range(0, series.Count));
                if (several)
                {
                    for (var times = random.Next(2, 5); times > 0; times--)
                    {
                        var made = Kinds[random.Next(Kinds.Length)].Make(series.Pick(Enumerable.Range(0, series.Count)), bases, random);
                        series = made.Count > 0 ? made : series;
                    }
                }
                else
                {
                    series = Kinds[kind].Make(series, bases, random);
                }

                if (series.Count > 0)
                {
                    yield return (several ? "several of these" : Kinds[kind].Name, series);
                }
            }
        }
    }

    private static readonly (string Name, Func<PixelSeries, PixelSeries[], Random, PixelSeries> Make)[] Kinds =
    [
        ("thinned to 11 … 100", (s, _, r) => Thin(s, r, One(r, 11, 12, 13, 15, 18, 20, 24, 25, 30, 40, 60, 100))),
        ("mostly cloud", (s, _, r) => Judged(s, r, 0.05 + (0.3 * r.NextDouble()), () => r.NextDouble() < 0.8 ? 4 : 2)),
        ("mostly snow", (s, _, r) => Judged(s, r, 0.05 + (0.35 * r.NextDouble()), () => r.NextDouble() < 0.9 ? 3 : 4)),
        ("any quality", (s, _, r) => Each(s, i => s.Quality[i] = r.Next(3) == 0 ? One(r, 0, 1, 2, 3, 4, 255) : s.Quality[i])),
        ("one quality alone", (s, _, r) => { Array.Fill(s.Quality, One(r, 255, 4, 3, 2, 1, 0, 5, 7)); return s; }),
        ("a quarter clear", (s, _, r) => { s = s.Pick(Enumerable.Range(0, s.Count / 4 * 4)); Each(s, i => s.Quality[i] = i % 4 == 0 ? 0 : One(r, 3, 4)); s.Quality[0] = One(r, 0, 4); return s; }),
        ("dates that repeat", (s, _, r) => Noise(s.Pick(Enumerable.Range(0, s.Count).SelectMany(i => Enumerable.Repeat(i, r.Next(5) > 0 ? 1 : r.Next(4) > 0 ? 2 : 3))), r, 40)),
        ("out of order", (s, _, r) => { var order = Enumerable.Range(0, s.Count).DistinctBy(i => s.Days[i]).ToArray(); r.Shuffle(order); return s.Pick(order); }),
        ("out of range", (s, _, r) => Each(s, i => Bands(7, b => s.Bands[b][i] = r.Next(60) == 0 ? One(r, 0, -1, 1, 9999, 10000, 10001, 16000, 20000, -9999, -32000, 32000) : s.Bands[b][i]))),
        ("a step", (s, _, r) => Step(s, r, r.NextDouble(), One(r, 50, 100, 200, 400, 800, 1500, 3000))),
        ("steps", (s, _, r) => { for (var left = r.Next(2, 7); left > 0; left--) Step(s, r, r.NextDouble(), 200 + (1500 * r.NextDouble())); return s; }),
        ("a step near an end", (s, _, r) => { var at = 0.06 * r.NextDouble(); return Step(s, r, r.Next(2) == 0 ? at : 1 - at, 200 + (1800 * r.NextDouble())); }),
        ("drift", (s, _, r) => { Bands(6, b => { var (a, from) = ((r.NextDouble() - 0.5) * 300, Day(s, r.NextDouble())); Add(s, b, i => s.Days[i] > from ? a * (s.Days[i] - from) / 365.25 : 0); }); return s; }),
        ("noise", (s, _, r) => Noise(s, r, One(r, 5, 30, 100, 300, 1000))),
        ("outliers", (s, _, r) => Each(s, i => { if (r.Next(12) == 0) Bands(6, b => s.Bands[b][i] = Math.Clamp(s.Bands[b][i] + r.Next(500, 4000), 1, 9999)); })),
        ("some bands constant", (s, _, r) => { Bands(7, b => { if (r.Next(3) == 0) Array.Fill(s.Bands[b], b == Thermal ? 2900 : r.Next(1, 5000)); }); return s; }),
        ("all bands constant", (s, _, r) => { Bands(7, b => Array.Fill(s.Bands[b], b == Thermal ? 2900 : r.Next(1, 5000))); return s; }),
        ("few levels", (s, _, r) => { var by = One(r, 10, 50, 200, 1000); return Each(s, i => Bands(6, b => s.Bands[b][i] = Math.Max(s.Bands[b][i] / by * by, 1))); }),
        ("a gap of up to 7 years", (s, _, r) => Gap(s, r, 0.5 + (7 * r.NextDouble()))),
        ("three gaps", (s, _, r) => Gap(Gap(Gap(s, r, 0.3 + (3 * r.NextDouble())), r, 0.3 + (3 * r.NextDouble())), r, 0.3 + (3 * r.NextDouble()))),
        ("odd temperatures", (s, _, r) => OddThermal(s, r)),
        ("two joined", (s, all, r) => s.Then(all[r.Next(all.Length)], s.Days[^1] + r.Next(1, 400))),
        ("0.9 to 3 years", (s, _, r) => { var days = (int)(One(r, 18, 20, 21, 30, 40, 60) / 20.0 * 365.25); var from = Begin(s, r, days); return s.Where(i => s.Days[i] >= from && s.Days[i] <= from + days); }),
        ("half a year later from a day on", (s, _, r) => { var from = Day(s, r.NextDouble()); return Each(s, i => s.Days[i] += s.Days[i] > from ? 183 : 0); }),
        ("scaled", (s, _, r) => { var by = One(r, 1, 2, 10, 30, 40) / 20.0; return Each(s, i => Bands(6, b => s.Bands[b][i] = Within(s.Bands[b][i] * by))); }),
        ("two woven", (s, all, r) => { var both = s.Then(all[r.Next(all.Length)], s.Days[0] + r.Next(1, 9)); return both.Pick(Enumerable.Range(0, both.Count).OrderBy(i => both.Days[i])); }),
        ("time runs 2 to 6 times as fast", (s, _, r) => { var (by, first) = (r.Next(2, 7), s.Days[0]); return Each(s, i => s.Days[i] = first + ((s.Days[i] - first) / by)); }),
        ("evenly spaced", (s, _, r) => Even(s, r, One(r, 5, 8, 16, 32, 73))),
        ("sparse, up to 400 years", (s, _, r) => { s = Thin(s, r, 60); var (by, first) = (r.Next(2, 12), s.Days[0]); return Each(s, i => s.Days[i] = first + ((s.Days[i] - first) * by)); }),
        ("another epoch", (s, _, r) => { var by = One(r, s.Days[0], s.Days[0] - 1, s.Days[0] + 5000, 719_163); return Each(s, i => s.Days[i] -= by); }),
    ];

    private static IEnumerable<string[]> Lines(string path) => File.ReadLines(path).Select(l => l.Split(','));

    private static int Number(string text) => int.Parse(text.Trim(), CultureInfo.InvariantCulture);

    private static int Class(int bits) => (bits & 1) != 0 ? 255 : (bits & 32) != 0 ? 4 : (bits & 8) != 0 ? 2 : (bits & 16) != 0 ? 3 : (bits & 4) != 0 ? 1 : 0;

    private static int One(Random random, params ReadOnlySpan<int> values) => values[random.Next(values.Length)];

    private static void Bands(int count, Action<int> act)
    {
        for (var band = 0; band < count; band++)
        {
            act(band);
        }
    }

    private static PixelSeries Each(PixelSeries series, Action<int> act)
    {
        for (var i = 0; i < series.Count; i++)
        {
            act(i);
        }

        return series;
    }

    private static int Within(double value) => (int)Math.Round(Math.Clamp(value, -32_000, 32_000));

    private static int Day(PixelSeries s, double share) => s.Days[0] + (int)(share * (s.Days[^1] - s.Days[0]));

    /// <summary>The first of so many days somewhere within a series.</summary>
    private static int Begin(PixelSeries s, Random random, int days) => s.Days[0] + random.Next(Math.Max(1, s.Days[^1] - s.Days[0] - days));

    private static bool IsGood(PixelSeries s, int i) => s.Quality[i] is 0 or 1 && s.Bands.Take(Thermal).All(b => b[i] is > 0 and < 10_000);

    /// <summary>Adds to what is in the sensor's range.</summary>
    private static void Add(PixelSeries s, int band, Func<int, double> by) => Each(s, i => s.Bands[band][i] = s.Bands[band][i] is > 0 and < 10_000 ? Within(s.Bands[band][i] + by(i)) : s.Bands[band][i]);

    private static PixelSeries Noise(PixelSeries s, Random random, double deviation)
    {
        Bands(Thermal, b => Add(s, b, _ => deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
        return s;
    }

    private static PixelSeries Step(PixelSeries s, Random random, double share, double size)
    {
        var (day, some) = (Day(s, share), random.Next(1, 1 << Thermal));
        Bands(Thermal, b =>
        {
            if ((some >> b & 1) != 0)
            {
                var by = random.Next(2) == 0 ? size : -size;
                Add(s, b, i => s.Days[i] >= day ? by : 0);
            }
        });
        return s;
    }

    private static PixelSeries Thin(PixelSeries s, Random random, int count)
    {
        var good = Enumerable.Range(0, s.Count).Where(i => IsGood(s, i)).ToArray();
        random.Shuffle(good);
        return good.Length <= count ? s : s.Pick(good.Take(count).Concat(Enumerable.Range(0, s.Count).Where(i => s.Quality[i] > 1 && random.Next(4) == 0)).Order());
    }

    private static PixelSeries Judged(PixelSeries s, Random random, double clear, Func<int> otherwise) =>
        Each(s, i => s.Quality[i] = s.Quality[i] == 255 ? 255 : random.NextDouble() < clear ? random.Next(2) : otherwise());

    private static PixelSeries Gap(PixelSeries s, Random random, double years)
    {
        var days = (int)(years * 365.25);
        var from = Begin(s, random, days);
        var left = s.Where(i => s.Days[i] < from || s.Days[i] > from + days);
        return left.Count > 0 ? left : s;
    }

    private static PixelSeries OddThermal(PixelSeries s, Random random)
    {
        var kind = random.Next(7);
        Each(s, i => s.Bands[Thermal][i] = kind switch
        {
            0 => 0,
            1 => -9999,
            2 => 2900,
            3 => random.Next(1700, 3600),
            4 => 32_000,
            5 => random.Next(2) == 0 ? 0 : s.Bands[Thermal][i],
            _ => random.Next(3) == 0 ? -9999 : s.Bands[Thermal][i],
        });
        return random.Next(2) == 0 ? s : Each(s, i => s.Quality[i] = random.Next(3) != 0 ? 4 : s.Quality[i]);
    }

    private static PixelSeries Even(PixelSeries s, Random random, int apart)
    {
        var good = s.Where(i => IsGood(s, i));
        var (all, first) = good.Count > 0 ? (good, good.Days[0]) : (s, s.Days[0]);
        Each(all, i => all.Days[i] = first + (apart * i));
        return random.Next(2) == 0 ? all : all.Where(_ => random.Next(4) != 0);
    }
}
