using CsCheck;
using Monitoring.Detection.Imagery.Ccdc;

namespace Monitoring.Detection.Tests.Imagery.Ccdc;

/// <summary>The screen of two bands at once marks what the plain definition marks.</summary>
public sealed class CloudScreenTests
{
    /// <param name="length">Of a window: around the width of a vector, around what is counted and what is selected, and well beyond.</param>
    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(23)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(130)]
    public void Mark_OfWindowAfterWindow_IsThatOfTheDefinition(int length) => Gen.Int.Sample(
        seed =>
        {
            var random = new Random(seed);
            var count = length + 20;
            var days = new int[count];
            // More than a year in every window: within one the two cycles are the same, and the definition has no solution.
            for (var i = 0; i < count; i++)
            {
                days[i] = (i == 0 ? 700_000 + random.Next(30_000) : days[i - 1]) + random.Next(34, 70);
            }

            var dates = new ObservationDates(days);
            var bands = new double[BandLanes.Count][];
            for (var band = 0; band < bands.Length; band++)
            {
                var (level, swing, noise) = (random.Next(500, 3000), random.Next(800), random.Next(20, 200));
                bands[band] = [.. days.Select(d => Math.Round(level + (swing * Math.Sin(d / 58.13)) + (noise * (random.NextDouble() - 0.5))
                    + (random.Next(8) == 0 ? random.Next(200, 4000) : 0)))];
            }

            var options = new CcdcOptions();
            var values = Enumerable.Range(0, count).Select(i => BandLanes.Of([.. bands.Select(b => b[i])])).ToArray();
            var which = Enumerable.Range(0, count).ToArray();
            var screen = new CloudScreen(options);
            var outliers = new bool[length];
            var madogram = random.Next(10, 120);
            // One workspace for all, as for the windows of a pixel: what it remembers of one must not show in the next.
            for (var start = 0; start < count - length; start++)
            {
                var found = screen.Mark(dates, which.AsSpan(start, length), values.AsSpan(start, length), BandLanes.All(madogram), outliers);
                var window = days[start..(start + length)];
                var off = options.CloudScreenBands.Select(b => SlowCloudScreen.Off(window, bands[b][start..(start + length)])).ToArray();
                var limit = madogram * options.CloudScreenFactor;
                for (var i = 0; i < length; i++)
                {
                    outliers[i].ShouldBe(off.Any(o => o[i] > limit), $"window {start}, observation {i}: off by {string.Join(" and ", off.Select(o => o[i]))}, limit {limit}");
                }

                found.ShouldBe(outliers.Count(o => o));
            }
        },
        iter: 12, seed: "0N0XIzNsQ0O2");

    /// <summary>What a fit leaves of a value that never changes is rounding, and no limit of 0 makes a cloud of it.</summary>
    [Fact]
    public void Mark_ABandThatNeverChanges_MarksNothing() => Gen.Select(Gen.Int[12, 130], Gen.Int[1, 10_000], Gen.Int[0, 1 << 20]).Sample(
        (length, level, seed) =>
        {
            var random = new Random(seed);
            var days = new int[length];
            for (var i = 0; i < length; i++)
            {
                days[i] = (i == 0 ? 700_000 + random.Next(30_000) : days[i - 1]) + random.Next(34, 70);
            }

            var outliers = new bool[length];
            var values = Enumerable.Repeat(BandLanes.All(level), length).ToArray();
            new CloudScreen(new CcdcOptions()).Mark(new ObservationDates(days), Enumerable.Range(0, length).ToArray(), values, BandLanes.All(0), outliers).ShouldBe(0);
            outliers.ShouldAllBe(o => !o);
        },
        iter: 100);
}
