namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>
/// A pixel's series from a seed, of seven bands as Landsat's: seasons, noise, steps, clouds flagged and missed, snow, gaps, dense and sparse
/// years, bands without scatter, temperatures that are missing. Plain arithmetic alone, so that every machine makes the same numbers.
/// </summary>
internal static class MadePixel
{
    private static readonly int[] Levels = [400, 600, 550, 3000, 1800, 900, 2900];
    private static readonly int[] Swings = [60, 90, 120, 900, 400, 250, 130];

    /// <returns>Day, seven bands and quality of each observation, in the order of the days.</returns>
    public static int[][] Rows(int seed)
    {
        var random = new Random(seed);
        var kind = seed % 8;
        // Few looks in many years; as many as two satellites give; else those of one.
        var revisit = kind == 1 ? 90 : kind == 2 ? 4 : random.Next(2) == 0 ? 8 : 16;
        var (first, years) = (5_000 + random.Next(2_000), kind == 1 ? 30 : random.Next(2, 14));
        var last = first + (int)(years * 365.25);
        var (gapFrom, gapDays) = (first + random.Next(last - first), random.Next(3) == 0 ? random.Next(1_500) : 0);
        var noise = new[] { 10, 40, 120 }[random.Next(3)];
        var steps = Enumerable.Range(0, random.Next(4)).Select(_ => (
            Day: first + random.Next(last - first), By: Levels.Select((l, b) => b == 6 ? 0 : random.Next(-l / 2, l)).ToArray())).ToArray();
        var flat = kind == 3 ? random.Next(7) : -1;
        var clear = kind == 4 ? 0.1 : kind == 5 ? 0.15 : 0.35 + (0.6 * random.NextDouble());
        var drift = (random.NextDouble() - 0.5) * 0.05;
        var rows = new List<int[]>();
        for (var day = first; day < last; day += random.Next(6) == 0 ? revisit - 1 : revisit)
        {
            if (day >= gapFrom && day < gapFrom + gapDays)
            {
                continue;
            }

            var row = new int[9];
            row[0] = day;
            var season = Season(day / 365.2425);
            var cloud = random.Next(18) == 0 ? random.Next(300, 4_000) : 0;
            for (var band = 0; band < 7; band++)
            {
                var value = Levels[band] + (Swings[band] * season) + (noise * ((2 * random.NextDouble()) - 1)) + (band == 3 ? drift * (day - first) : 0)
                    + steps.Where(s => s.Day <= day).Sum(s => s.By[band]) + (band == 6 ? -cloud / 40 : cloud);
                row[band + 1] = (int)Math.Floor(Math.Clamp(value, 1, 12_000));
            }

            if (flat >= 0)
            {
                row[flat + 1] = Levels[flat];
            }

            if (kind == 6 && random.Next(12) == 0)
            {
                row[random.Next(1, 8)] = new[] { 0, -9_999, 10_000, 20_000 }[random.Next(4)];
            }

            var chance = random.NextDouble();
            row[8] = chance < clear ? random.Next(8) == 0 ? 1 : 0 : kind == 4 && chance < 0.9 ? 3 : new[] { 4, 4, 2, 3, 255 }[random.Next(5)];
            if (kind is 4 or 5 && random.Next(10) == 0)
            {
                row[7] = 0;
            }

            rows.Add(row);
        }

        return [.. rows];
    }

    /// <summary>Like a sine, of parabolas.</summary>
    private static double Season(double years)
    {
        var phase = years - Math.Floor(years);
        return phase < 0.5 ? 16 * phase * (0.5 - phase) : -16 * (phase - 0.5) * (1 - phase);
    }
}
