using Monitoring.Domain.Sensing;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>How the look-up of duplicates is bounded in time.</summary>
public sealed class KeyClusterTests
{
    private const long Second = 1_000_000;
    private const long Day = 86_400 * Second;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Clusters_OneClockFellBackByYears_TheYearsBetweenAreInNone()
    {
        StreamKey[] keys = [new(1, 9000 * Day), new(2, 9000 * Day + Second), new(3, 0), new(1, 8999 * Day + Second)];
        var clusters = ObservationReader.Clusters(keys);
        clusters.Select(c => c.ToArray()).ShouldBe([[new(3, 0)], [new(1, 8999 * Day + Second), new(1, 9000 * Day), new(2, 9000 * Day + Second)]]);
    }

    [Fact]
    public void Clusters_KeysOfManyDays_AreFewAndLeaveOutTheWidestGaps()
    {
        StreamKey[] keys = [.. Enumerable.Range(0, 100).Select(i => new StreamKey(1, (2L * i * Day) + (i >= 50 ? 1000 * Day : 0)))];
        var clusters = ObservationReader.Clusters(keys);
        clusters.Count.ShouldBe(ObservationReader.MostClusters);
        clusters.SelectMany(c => c).ShouldBe(keys);
        clusters.Max(c => c[^1].Microseconds - c[0].Microseconds).ShouldBeLessThan(1000 * Day);
        ObservationReader.Clusters([]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Commit_DuplicatesOfDatesFarApart_AreAllFound()
    {
        await using var stores = new EmbeddedStores(new ObservationStoreOptions { RecentKeys = 0 });
        Observation[] all = [.. new double[] { 0, 1, 40 * 86_400, -9000d * 86_400, -9000d * 86_400 + 7 }.Select(s => An.Observation(seconds: s))];
        await stores.Observations.CommitAsync(ObservationBatch.Of(all), Cancellation);

        var again = await stores.Observations.CommitAsync(ObservationBatch.Of(all), Cancellation);
        again.Outcomes.ShouldAllBe(o => o == CommitOutcome.Duplicate);
    }
}
