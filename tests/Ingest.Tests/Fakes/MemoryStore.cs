using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Tests.Fakes;

/// <summary>An observation store in memory, whose commits can be held back or made to fail. Keeps the identity rule of the port.</summary>
internal sealed class MemoryStore : IObservationStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObservationKey, ObservationResult> _known = [];
    private readonly List<Observation> _stored = [];
    private readonly List<DeadLetter> _letters = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _watchers = [];
    private TaskCompletionSource? _gateOfCommits;
    private int _called;

    /// <summary>When set, every commit fails with it.</summary>
    public string? Failure { get; set; }

    /// <summary>Decides by batch whether its commit fails; null = no.</summary>
    public Func<ObservationBatch, bool>? FailsFor { get; set; }

    public IReadOnlyList<Observation> Stored
    {
        get
        {
            lock (_gate)
                return [.. _stored];
        }
    }

    public IReadOnlyList<DeadLetter> Letters
    {
        get
        {
            lock (_gate)
                return [.. _letters];
        }
    }

    /// <summary>From now on commits wait until <see cref="Release"/>.</summary>
    public void Hold() => _gateOfCommits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var gate = _gateOfCommits;
        _gateOfCommits = null;
        gate?.TrySetResult();
    }

    /// <summary>Completes when commits were called this often in all.</summary>
    public Task CalledAsync(int times)
    {
        lock (_gate)
        {
            if (_called >= times)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _watchers.Add((times, reached));
            return reached.Task;
        }
    }

    public async Task<CommitReceipt> CommitAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        var wait = _gateOfCommits?.Task ?? Task.CompletedTask;
        lock (_gate)
        {
            _called++;
            foreach (var watcher in _watchers.Where(w => w.Count <= _called))
                watcher.Reached.TrySetResult();
        }

        await wait;
        if (Failure is { } failure)
            throw new StoreUnavailableException(failure);
        if (FailsFor?.Invoke(batch) == true)
            throw new StoreUnavailableException("the disk is full");
        lock (_gate)
        {
            var outcomes = new List<CommitOutcome>();
            foreach (var observation in batch.Observations)
            {
                var key = ObservationKey.Of(observation);
                if (!_known.TryAdd(key, observation.Result))
                {
                    outcomes.Add(_known[key] == observation.Result ? CommitOutcome.Duplicate : CommitOutcome.Conflict);
                    continue;
                }

                _stored.Add(observation);
                outcomes.Add(CommitOutcome.Accepted);
            }

            _letters.AddRange(batch.DeadLetters);
            return new CommitReceipt(outcomes, _stored.Count);
        }
    }

    public Task<IReadOnlyDictionary<string, CommittedObservation>> LatestAsync(IReadOnlyCollection<string> datastreamIds, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, CommittedObservation>>(_stored
                .Select((o, i) => new CommittedObservation(i + 1, o))
                .Where(o => datastreamIds.Contains(o.Observation.DatastreamId))
                .GroupBy(o => o.Observation.DatastreamId)
                .ToDictionary(g => g.Key, g => g.MaxBy(o => o.Observation.PhenomenonTime)!));
        }
    }

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => Task.FromResult((long)Stored.Count);

    public Task<IReadOnlyList<StoredDeadLetter>> ReadDeadLettersAsync(long? beforeSequence, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<CommittedObservation>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<CommittedObservation>> ReadRangeAsync(
        string datastreamId, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<ObservationAggregate>> AggregateAsync(
        Datastream datastream, DateTimeOffset from, DateTimeOffset to, TimeSpan bucket, CancellationToken cancellationToken) => throw new NotSupportedException();
}
