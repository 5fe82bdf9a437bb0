using CsCheck;
using Monitoring.Detection.Imagery.Ccdc;
using Monitoring.Detection.Imagery.Statistics;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The fit on running sums, all bands at once, equals the plain definition band by band.</summary>
public sealed class HarmonicFitTests
{
    [Theory]
    [InlineData(4, 12)]
    [InlineData(4, 17)]
    [InlineData(6, 20)]
    [InlineData(8, 24)]
    [InlineData(8, 300)]
    public void Solve_AnySeries_EqualsTheDefinition(int coefficients, int observations)
    {
        Gen.Int.Sample(seed => EqualsTheDefinition(seed, coefficients, observations), iter: 60, seed: "0N0XIzNsQ0O2");
        // A sign to stop that shows in one round and is gone in the next.
        Gen.Int.Sample(seed => EqualsTheDefinition(seed, coefficients, observations), iter: 1, seed: "cMKXv-ApF9n5");
    }

    /// <summary>Bands come to the end of their rounds at different times, and others begin in their place.</summary>
    [Theory]
    [InlineData(4, 15, 6)]
    [InlineData(6, 20, 1)]
    [InlineData(6, 20, 17)]
    [InlineData(8, 24, 2)]
    [InlineData(8, 24, 30)]
    [InlineData(8, 300, 12)]
    public void Solve_WhenTheRoundsAreOver_StopsWhereTheDefinitionDoes(int coefficients, int observations, int rounds) =>
        Gen.Int.Sample(seed => EqualsTheDefinition(seed, coefficients, observations, rounds), iter: 30, seed: "0N0XIzNsQ0O2");

    [Theory]
    [InlineData(4, 15)]
    [InlineData(6, 20)]
    [InlineData(8, 24)]
    [InlineData(8, 300)]
    public void SolveRest_AfterSomeBands_EqualsTheDefinitionInAll(int coefficients, int observations) =>
        Gen.Int.Sample(seed => EqualsTheDefinition(seed, coefficients, observations, first: new Random(seed).Next(256)), iter: 30, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Median_AnyValues_IsThatOfTheSorted() => Gen.Double[-1e6, 1e6].Array[0, 40].Sample(
        values =>
        {
            var sorted = values.Order().ToArray();
            var expected = sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
            OrderStatistics.Median((double[])values.Clone()).ShouldBe(expected);
        },
        iter: 2_000, seed: "0N0XIzNsQ0O2");

    /// <summary>Else the model of a band that never changes has an error, and what is rounded away is measured by it.</summary>
    [Fact]
    public void Solve_ABandThatNeverChanges_IsExactlyThat() => Gen.Select(Gen.Int[1, 10_000], Gen.Int[12, 900], Gen.Int[0, 800_000]).Sample(
        (value, count, first) =>
        {
            var dates = new ObservationDates([.. Enumerable.Range(0, count).Select(i => first + (16 * i))]);
            var fit = new HarmonicFit(new CcdcOptions());
            fit.Add(dates.Rows, [.. Enumerable.Range(0, count)], [.. Enumerable.Repeat(BandLanes.All(value), count)]);
            fit.Solve(4);
            fit.Rmse[2].ShouldBe(0);
            fit.Predict(dates.Rows[count / 2])[2].ShouldBe(value);
        },
        iter: 500, seed: "0N0XIzNsQ0O2");

    /// <summary>Gaps of years are gaps of their own lengths: five looks sixteen days apart are more often met than any of them.</summary>
    [Fact]
    public void Madogram_WithYearsWithoutLooks_IsOfTheGapThatIsMetMostOften()
    {
        int[] gaps = [.. Enumerable.Repeat(16, 5), .. Enumerable.Range(0, 12).Select(i => 1_100 + (10 * i))];
        var days = new int[gaps.Length + 1];
        for (var i = 0; i < gaps.Length; i++)
        {
            days[i + 1] = days[i] + gaps[i];
        }

        // 16 days apart by one look is too near; by two 32 are met four times, which no other gap is: all that are over a month count.
        var values = Enumerable.Range(0, days.Length).Select(i => BandLanes.All(i * i)).ToArray();
        var expected = Enumerable.Range(2, days.Length - 2).Where(i => days[i] - days[i - 2] > 30).Select(i => Math.Abs(values[i][0] - values[i - 2][0])).Order().ToArray();
        new Madogram().Of(days, values, [0])[0].ShouldBe((expected[(expected.Length - 1) / 2] + expected[expected.Length / 2]) / 2);

        // With the same gap of years more often than any, neighbours count.
        days = [0, 16, 32, 1_232, 2_432, 3_632, 4_832];
        var far = Enumerable.Range(3, 4).Select(i => Math.Abs(values[i][0] - values[i - 1][0])).Order().ToArray();
        new Madogram().Of(days, values.AsSpan(0, days.Length), [0])[0].ShouldBe((far[1] + far[2]) / 2);
    }

    [Fact]
    public void SeasonalError_AtAnyDay_IsOfThe24NearestInSeason() => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            var residuals = Enumerable.Range(0, random.Next(10, 200)).Select(_ => (Phase: random.NextDouble() * 365.25, Value: random.NextDouble() * 100)).OrderBy(r => r.Phase).ToArray();
            var error = new SeasonalError();
            error.Clear(residuals.Length);
            foreach (var (phase, value) in residuals)
            {
                error.Add(phase, BandLanes.All(value));
            }

            var at = random.NextDouble() * 365.25;
            var nearest = residuals.OrderBy(r => Math.Min(Math.Abs(r.Phase - at), 365.25 - Math.Abs(r.Phase - at))).Take(24);
            error.At(at)[3].ShouldBe(Math.Sqrt(nearest.Sum(r => r.Value * r.Value)) / 4, 1e-9);
        },
        iter: 500, seed: "0N0XIzNsQ0O2");

    /// <param name="first">A bit for each band that is solved before the others.</param>
    private static void EqualsTheDefinition(int seed, int coefficients, int observations, int rounds = 1000, int? first = null)
    {
        var random = new Random(seed);
        var days = new int[observations];
        for (var i = 0; i < observations; i++)
        {
            days[i] = (i == 0 ? 700_000 + random.Next(30_000) : days[i - 1]) + random.Next(1, 60);
        }

        var dates = new ObservationDates(days);
        var fit = new HarmonicFit(new CcdcOptions { MaxFitRounds = rounds });
        var bands = new double[BandLanes.Count][];
        for (var band = 0; band < bands.Length; band++)
        {
            // The last band is constant: nothing to explain.
            var (level, swing, noise) = (random.Next(5000), random.Next(2000), random.Next(1, 400));
            bands[band] = [.. days.Select(d => band == bands.Length - 1 ? level
                : Math.Round(level + (swing * Math.Sin(d / 58.13)) + (noise * (random.NextDouble() - 0.5))))];
        }

        for (var i = 0; i < observations; i++)
        {
            fit.Add(dates.Rows[i], BandLanes.Of([.. bands.Select(b => b[i])]));
        }

        if (first is { } some)
        {
            var mask = BandLanes.Less(BandLanes.Zero, BandLanes.Of([.. bands.Select((_, band) => (double)((some >> band) & 1))]));
            fit.Solve(coefficients, mask);
            Compare(band => ((some >> band) & 1) == 1);
            fit.SolveRest();
        }
        else
        {
            fit.Solve(coefficients);
        }

        Compare(_ => true);

        void Compare(Func<int, bool> solved)
        {
            for (var band = 0; band < bands.Length; band++)
            {
                if (!solved(band))
                {
                    continue;
                }

                var (w, intercept, rmse) = SlowLasso.Fit(days, bands[band], days[0], coefficients, rounds: rounds);
                var size = 1 + bands[band].Max(Math.Abs);
                for (var c = 0; c < w.Length; c++)
                {
                    fit.Coefficients[c][band].ShouldBe(w[c], 1e-8 * size, $"band {band} coefficient {c}");
                }

                fit.Coefficients[CcdcSegment.Columns][band].ShouldBe(intercept, 1e-7 * size);
                fit.Rmse[band].ShouldBe(rmse, 1e-6 * size);
                fit.Predict(dates.Rows[0])[band].ShouldBe(bands[band][0] - Residual(days, bands[band], w, intercept), 1e-6 * size);
            }
        }
    }

    private static double Residual(int[] days, double[] values, double[] w, double intercept)
    {
        var predicted = intercept;
        for (var c = 0; c < w.Length; c++)
        {
            var angle = 2 * Math.PI / 365.2425 * days[0] * ((c + 1) / 2);
            predicted += w[c] * (c == 0 ? 0 : c % 2 == 1 ? Math.Cos(angle) : Math.Sin(angle));
        }

        return values[0] - predicted;
    }
}
