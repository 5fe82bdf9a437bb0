namespace Monitoring.Domain.Sensing;

/// <summary>
/// The durable, ordered record of observations and dead letters. Thread-safe. A commit that returned survives kill -9.
/// </summary>
public interface IObservationStore
{
    /// <summary>
    /// Commits all that one message brought, as one durable unit; concurrent calls share a group commit. Duplicates and conflicts are
    /// found here, by (datastream, phenomenon time), also within the batch and against other batches of the same group: a duplicate is
    /// counted and not stored, a conflict is stored as a dead letter in the same commit.
    /// </summary>
    /// <returns>One outcome for each observation, in the order given.</returns>
    /// <exception cref="StoreUnavailableException">Nothing of the batch is known to be durable; the sender must send again.</exception>
    Task<CommitReceipt> CommitAsync(ObservationBatch batch, CancellationToken cancellationToken);

    /// <summary>Observations with a sequence in (<paramref name="afterSequence"/>, …], ascending, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<CommittedObservation>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>Observations of a datastream with phenomenon time in [<paramref name="from"/>, <paramref name="to"/>), ascending by it.</summary>
    Task<IReadOnlyList<CommittedObservation>> ReadRangeAsync(
        string datastreamId, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Observations of several datastreams, each in its own span of phenomenon time, in the order of the spans and ascending by time within
    /// each, at most <paramref name="limit"/> in all.
    /// </summary>
    /// <param name="spans">At most one for each datastream. Stores that can answer them with one query do.</param>
    async Task<IReadOnlyList<CommittedObservation>> ReadSpansAsync(IReadOnlyList<ObservationSpan> spans, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spans);
        List<CommittedObservation> found = [];
        foreach (var span in spans)
        {
            if (found.Count >= limit)
            {
                break;
            }

            found.AddRange(await ReadRangeAsync(span.DatastreamId, span.From, span.To, limit - found.Count, cancellationToken));
        }

        return found;
    }

    /// <summary>
    /// Aggregates of [<paramref name="from"/>, <paramref name="to"/>) in buckets of <paramref name="bucket"/>, aligned to
    /// <paramref name="from"/>; buckets without results are absent. Results with a disqualifying quality count in
    /// <see cref="ObservationAggregate.Disqualified"/> only.
    /// </summary>
    Task<IReadOnlyList<ObservationAggregate>> AggregateAsync(
        Datastream datastream, DateTimeOffset from, DateTimeOffset to, TimeSpan bucket, CancellationToken cancellationToken);

    /// <summary>The observation with the newest phenomenon time of each datastream that has one.</summary>
    Task<IReadOnlyDictionary<string, CommittedObservation>> LatestAsync(IReadOnlyCollection<string> datastreamIds, CancellationToken cancellationToken);

    /// <summary>The highest committed sequence, 0 when empty.</summary>
    Task<long> LastSequenceAsync(CancellationToken cancellationToken);

    /// <summary>Dead letters newest first, below <paramref name="beforeSequence"/> when given.</summary>
    Task<IReadOnlyList<StoredDeadLetter>> ReadDeadLettersAsync(long? beforeSequence, int limit, CancellationToken cancellationToken);
}

/// <summary>A span [<paramref name="From"/>, <paramref name="To"/>) of phenomenon time of one datastream.</summary>
public sealed record ObservationSpan(string DatastreamId, DateTimeOffset From, DateTimeOffset To);

/// <summary>All that one message brought.</summary>
public sealed record ObservationBatch(IReadOnlyList<Observation> Observations, IReadOnlyList<DeadLetter> DeadLetters)
{
    public static ObservationBatch Of(params IReadOnlyList<Observation> observations) => new(observations, []);
}

/// <param name="Outcomes">One for each observation of the batch, in its order.</param>
/// <param name="LastSequence">Highest sequence in the store after the group commit.</param>
public sealed record CommitReceipt(IReadOnlyList<CommitOutcome> Outcomes, long LastSequence);

public enum CommitOutcome
{
    Accepted,
    Duplicate,
    Conflict,
}

/// <summary>One bucket of a datastream.</summary>
public sealed record ObservationAggregate
{
    /// <summary>Start of the bucket, inclusive, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Results that went into the values.</summary>
    public required int Count { get; init; }

    /// <summary>Results present but kept out for their quality.</summary>
    public required int Disqualified { get; init; }

    /// <summary>By the datastream's own <see cref="Aggregation"/>; null when it is <see cref="Aggregation.None"/> or no number is in the bucket.</summary>
    public double? Value { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>Share in [0, 1] of the expected results that are there, or null for an irregular datastream.</summary>
    public double? Completeness { get; init; }
}

/// <summary>A store could not take or give data; the message says what and how to mend it.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
