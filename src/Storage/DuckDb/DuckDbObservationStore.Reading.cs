using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <content>
/// Reads see what is durable and nothing else: a row that a commit has made visible but whose receipt is still out is left away, so no
/// reader's cursor can stand behind a row that a crash takes back.
/// </content>
public sealed partial class DuckDbObservationStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<CommittedObservation>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var after = Math.Max(0, afterSequence);
        var through = Math.Min(Interlocked.Read(ref _durable), after > long.MaxValue - limit ? long.MaxValue : after + limit);
        if (through <= after)
        {
            return [];
        }

        return await ReadAsync(connection => ObservationReader.After(connection, _streams, after, through), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CommittedObservation>> ReadRangeAsync(
        string datastreamId, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (_streams.Find(datastreamId) is not { } stream || to <= from)
        {
            return [];
        }

        var durable = Interlocked.Read(ref _durable);
        var first = StoreTime.MicrosecondsCeiling(from);
        var end = StoreTime.MicrosecondsCeiling(to);
        return await ReadAsync(
            connection => ObservationReader.Range(connection, _streams, stream, first, end, limit, durable), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CommittedObservation>> ReadSpansAsync(IReadOnlyList<ObservationSpan> spans, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spans);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        List<(int Stream, long From, long To)> known =
        [
            .. from span in spans
               let stream = _streams.Find(span.DatastreamId)
               where stream is not null && span.From < span.To
               select (stream.Number, StoreTime.MicrosecondsCeiling(span.From), StoreTime.MicrosecondsCeiling(span.To)),
        ];
        if (known.Count == 0)
        {
            return [];
        }

        var durable = Interlocked.Read(ref _durable);
        return await ReadAsync(connection => ObservationReader.Spans(connection, _streams, known, limit, durable), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ObservationAggregate>> AggregateAsync(
        Datastream datastream, DateTimeOffset from, DateTimeOffset to, TimeSpan bucket, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(datastream);
        ArgumentOutOfRangeException.ThrowIfLessThan(bucket, TimeSpan.FromMicroseconds(1));
        if (_streams.Find(datastream.Id) is not { } stream || to <= from)
        {
            return [];
        }

        var durable = Interlocked.Read(ref _durable);
        var first = StoreTime.MicrosecondsCeiling(from);
        var end = StoreTime.MicrosecondsCeiling(to);
        var length = bucket.Ticks / TimeSpan.TicksPerMicrosecond;
        return await ReadAsync(
            connection => ObservationAggregation.Run(connection, datastream, stream, first, end, length, durable), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, CommittedObservation>> LatestAsync(
        IReadOnlyCollection<string> datastreamIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(datastreamIds);
        var streams = _streams;
        var latest = new Dictionary<string, CommittedObservation>(StringComparer.Ordinal);
        foreach (var id in datastreamIds)
        {
            if (streams.Find(id)?.Latest is { } observation)
            {
                latest[id] = observation;
            }
        }

        return Task.FromResult<IReadOnlyDictionary<string, CommittedObservation>>(latest);
    }

    /// <inheritdoc/>
    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => Task.FromResult(Interlocked.Read(ref _durable));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredDeadLetter>> ReadDeadLettersAsync(long? beforeSequence, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var before = Math.Min(beforeSequence ?? long.MaxValue, Interlocked.Read(ref _lastDeadLetter) + 1);
        return await ReadAsync(connection => ObservationReader.DeadLetters(connection, before, limit), cancellationToken);
    }

    private async Task<T> ReadAsync<T>(Func<DuckDB.NET.Data.DuckDBConnection, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (!_file.IsOpen)
        {
            // An empty message makes the committer try to open the file again.
            _queue.Writer.TryWrite(new PendingBatch(ObservationBatch.Of(), charged: false));
        }

        return await _file.ReadAsync(read, cancellationToken);
    }
}
