using CsCheck;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>Aggregates against the plain formulas.</summary>
public sealed class AggregationPropertyTests
{
    private static readonly Gen<(int Second, double Value, ResultQuality Quality)[]> Rows = Gen.Select(
        Gen.Int[0, 599], Gen.Double[-50, 140], Gen.Int[0, 4].Select(i => new[] { ResultQuality.Good, ResultQuality.Good, ResultQuality.ClockSuspect, ResultQuality.Fault, ResultQuality.OutOfRange }[i]))
        .Array[1, 60];

    [Fact]
    public async Task Aggregate_AnyResults_EqualsThePlainFormulas()
    {
        await using var stores = new EmbeddedStores();
        var run = 0;
        await Rows.SampleAsync(
            async rows =>
            {
                var device = $"d{run++}";
                var distinct = rows.DistinctBy(r => r.Second).ToArray();
                await stores.Observations.CommitAsync(
                    ObservationBatch.Of([.. distinct.Select(r => An.Observation($"{device}/x", r.Second, r.Value, r.Quality))]), CancellationToken.None);
                foreach (var aggregation in Enum.GetValues<Aggregation>())
                {
                    var found = await stores.Observations.AggregateAsync(
                        An.Datastream(device, "x", 60, aggregation), An.Epoch, An.Epoch.AddSeconds(500), TimeSpan.FromSeconds(150), CancellationToken.None);
                    Check(found, distinct.Where(r => r.Second < 500).ToArray(), aggregation);
                }
            },
            iter: Effort.Cases(25),
            threads: 1,
            seed: "0000000000b2");
    }

    private static void Check(IReadOnlyList<ObservationAggregate> found, (int Second, double Value, ResultQuality Quality)[] rows, Aggregation aggregation)
    {
        var buckets = rows.GroupBy(r => r.Second / 150).OrderBy(b => b.Key).ToArray();
        found.Select(a => a.From).ShouldBe(buckets.Select(b => An.Epoch.AddSeconds(150 * b.Key)));
        foreach (var (aggregate, bucket) in found.Zip(buckets))
        {
            var sound = bucket.Where(r => (r.Quality & ResultQuality.Disqualifying) == 0).ToArray();
            aggregate.Count.ShouldBe(sound.Length);
            aggregate.Disqualified.ShouldBe(bucket.Count() - sound.Length);
            var length = bucket.Key == 3 ? 50 : 150;
            var slots = sound.Length == 0 ? 0 : sound.Select(r => (r.Second - sound.Min(s => s.Second) + 30) / 60).Distinct().Count();
            aggregate.Completeness.ShouldBe(Math.Min(1.0, slots / (double)Math.Max(1, length / 60)));
            if (sound.Length == 0 || aggregation is Aggregation.None)
            {
                aggregate.Value.ShouldBeNull();
                continue;
            }

            var expected = aggregation switch
            {
                Aggregation.Mean => sound.Average(r => r.Value),
                Aggregation.EnergyMean => 10 * Math.Log10(sound.Average(r => Math.Pow(10, r.Value / 10))),
                Aggregation.Max => sound.Max(r => r.Value),
                _ => sound.Sum(r => r.Value),
            };
            aggregate.Value.ShouldNotBeNull().ShouldBe(expected, 1e-9 * Math.Max(1, Math.Abs(expected)));
            aggregate.Min.ShouldBe(sound.Min(r => r.Value));
            aggregate.Max.ShouldBe(sound.Max(r => r.Value));
        }
    }
}
