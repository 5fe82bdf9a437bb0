using CsCheck;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>Identity, order and lateness against a reference that keeps everything in a list.</summary>
public sealed class IdentityPropertyTests
{
    private static readonly Gen<Observation> AnObservation = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 8], Gen.Int[0, 2], Gen.Bool, (stream, second, result, text) =>
            text ? An.Category($"d{stream}/s", second, $"c{result}") : An.Observation($"d{stream}/s", second, result));

    private static readonly Gen<Step[]> Steps = Gen.Select(AnObservation.Array[0, 6], Gen.Int[0, 9], (batch, dice) => new Step(batch, dice == 0)).Array[1, 12];

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100_000)]
    public async Task Commit_AnyHistory_EqualsTheSlowReference(int recentKeys)
    {
        await Steps.SampleAsync(
            async steps =>
            {
                await using var stores = new EmbeddedStores(new ObservationStoreOptions { RecentKeys = recentKeys, Threads = 1 });
                var reference = new Reference();
                foreach (var step in steps)
                {
                    if (step.Reopen)
                    {
                        await stores.ReopenAsync();
                    }

                    var receipt = await stores.Observations.CommitAsync(ObservationBatch.Of(step.Batch), CancellationToken.None);
                    receipt.Outcomes.ShouldBe(reference.Commit(step.Batch));
                    receipt.LastSequence.ShouldBe(reference.Stored.Count);
                }

                (await stores.Observations.ReadAfterAsync(0, 1000, CancellationToken.None)).ShouldBe(
                    reference.Stored.Select((observation, index) => new CommittedObservation(index + 1, observation)));
                (await stores.Observations.ReadDeadLettersAsync(null, 1000, CancellationToken.None)).Count.ShouldBe(reference.Conflicts);
                var latest = await stores.Observations.LatestAsync(["d0/s", "d1/s", "d2/s"], CancellationToken.None);
                foreach (var stream in reference.Stored.GroupBy(o => o.DatastreamId))
                {
                    latest[stream.Key].Observation.ShouldBe(stream.MaxBy(o => o.PhenomenonTime));
                }
            },
            iter: Effort.Cases(8),
            threads: 1,
            seed: "0000000000a1");
    }

    private sealed record Step(Observation[] Batch, bool Reopen)
    {
        public override string ToString() => $"{(Reopen ? "reopen, " : "")}[{string.Join("; ", Batch.Select(o => $"{o.DatastreamId}@{(o.PhenomenonTime - An.Epoch).TotalSeconds}={o.Result}"))}]";
    }

    /// <summary>What the port's documentation says, word for word and slowly.</summary>
    private sealed class Reference
    {
        public List<Observation> Stored { get; } = [];

        public int Conflicts { get; private set; }

        public List<CommitOutcome> Commit(Observation[] batch) => [.. batch.Select(One)];

        private CommitOutcome One(Observation observation)
        {
            if (Stored.Find(o => ObservationKey.Of(o) == ObservationKey.Of(observation)) is { } earlier)
            {
                Conflicts += earlier.Result == observation.Result ? 0 : 1;
                return earlier.Result == observation.Result ? CommitOutcome.Duplicate : CommitOutcome.Conflict;
            }

            var late = Stored.Exists(o => o.DatastreamId == observation.DatastreamId && o.PhenomenonTime > observation.PhenomenonTime);
            Stored.Add(late ? observation with { Quality = observation.Quality | ResultQuality.Late } : observation);
            return CommitOutcome.Accepted;
        }
    }
}
