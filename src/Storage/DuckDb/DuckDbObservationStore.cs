using System.Threading.Channels;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;

namespace Monitoring.Storage.DuckDb;

/// <summary>
/// Observations and dead letters in one DuckDB file. One committer takes what has queued and writes it in one transaction (group
/// commit); a receipt is given after the fsync of its write-ahead log. Thread-safe.
/// </summary>
/// <remarks>
/// The queue is bounded in messages and bytes; when it is full senders wait. After a failed commit all its senders get
/// <see cref="StoreUnavailableException"/>, the file is closed and opened again, and what it then holds is the truth: a sender that
/// repeats its message gets it counted once, whether or not the failed commit reached the disk.
/// A crash loses nothing that was receipted; memory holds only what the file tells again.
/// </remarks>
public sealed partial class DuckDbObservationStore : IObservationStore, IAsyncDisposable, IDisposable
{
    private readonly ObservationStoreOptions _options;
    private readonly IEventBus _bus;
    private readonly ILogger _logger;
    private readonly DuckDbFile _file;
    private readonly Channel<PendingBatch> _queue;
    private readonly ByteBudget _bytes;
    private readonly RecentKeys _recent;
    private readonly Task _committer;
    private volatile StreamTable _streams = new();
    private long _durable;
    private long _lastDeadLetter;
    private int _disposed;

    private DuckDbObservationStore(string path, ObservationStoreOptions options, IEventBus bus, ILogger logger)
    {
        _options = options;
        _bus = bus;
        _logger = logger;
        _file = new DuckDbFile(path, options);
        _bytes = new ByteBudget(options.QueueBytes);
        _recent = new RecentKeys(options.RecentKeys);
        _queue = Channel.CreateBounded<PendingBatch>(
            new BoundedChannelOptions(options.QueueCapacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        OpenFile();
        Incarnation = ObservationReader.Incarnation(_file.Writer);
        OpenedAt = _durable;
        _committer = Task.Factory.StartNew(Commit, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public string Path => _file.Path;

    /// <summary>Identity that the file got when it was made. Copies of it have the same; a new file has another.</summary>
    public string Incarnation { get; }

    /// <summary>Last sequence that the file held when it was opened.</summary>
    public long OpenedAt { get; }

    /// <summary>Opens or makes the file; the log of an earlier run is replayed before this returns.</summary>
    /// <exception cref="ArgumentException">The options are out of range; the message lists all faults.</exception>
    /// <exception cref="StoreUnavailableException">The file cannot be opened; the message says why and how to mend it.</exception>
    public static DuckDbObservationStore Open(string path, ObservationStoreOptions options, IEventBus bus, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        }

        return new DuckDbObservationStore(path, options, bus, logger);
    }

    /// <inheritdoc/>
    /// <remarks>Cancelling gives up waiting; a message that the committer has taken may be committed all the same.</remarks>
    public async Task<CommitReceipt> CommitAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        var pending = new PendingBatch(batch);
        await _bytes.TakeAsync(pending.Bytes, cancellationToken);
        var queued = false;
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
            queued = true;
        }
        catch (ChannelClosedException closing)
        {
            throw new StoreUnavailableException("The observation store is closing; send again after the restart.", closing);
        }
        finally
        {
            if (!queued)
            {
                _bytes.GiveBack(pending.Bytes);
            }
        }

        return await pending.Receipt.WaitAsync(cancellationToken);
    }

    /// <summary>Commits what has queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.Writer.TryComplete();
        await _committer;
        _file.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private void Commit()
    {
        var group = new List<PendingBatch>();
        while (Take(group))
        {
            if (CommitGroup(group) is { } failure)
            {
                foreach (var pending in group)
                {
                    pending.Fail(failure);
                }

                Reopen();
            }

            foreach (var pending in group)
            {
                _bytes.GiveBack(pending.Bytes);
            }

            group.Clear();
        }
    }

    /// <summary>Waits for the first message and takes what else has queued, within the limits of a group. False when the store closes.</summary>
    private bool Take(List<PendingBatch> group)
    {
        if (!_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            return false;
        }

        var rows = 0;
        long bytes = 0;
        while (_queue.Reader.TryPeek(out var next)
            && (group.Count == 0 || (rows + next.Rows <= _options.GroupRows && bytes + next.Bytes <= _options.GroupBytes))
            && _queue.Reader.TryRead(out var taken))
        {
            group.Add(taken);
            rows += taken.Rows;
            bytes += taken.Bytes;
        }

        return true;
    }

    /// <summary>Null when the group is durable and its senders know; otherwise why not.</summary>
    private StoreUnavailableException? CommitGroup(List<PendingBatch> batches)
    {
        ObservationGroup group;
        try
        {
            if (!_file.IsOpen)
            {
                OpenFile();
            }

            group = ObservationGroup.Judge(batches, _streams, _recent, keys => ObservationReader.Stored(_file.Writer, keys));
            if (group.Accepted.Count > 0 || group.DeadLetters.Count > 0)
            {
                ObservationWriter.Append(_file.Writer, group, _durable, _lastDeadLetter);
            }
        }
        catch (StoreUnavailableException failure)
        {
            return failure;
        }
        catch (Exception failure)
        {
            // Whatever went wrong, nobody may be left waiting and nothing may count as durable.
            return new StoreUnavailableException(DuckDbFailure.Sentence(_file.Path, "written", failure), failure);
        }

        Remember(group);
        for (var i = 0; i < batches.Count; i++)
        {
            batches[i].Complete(new CommitReceipt(group.Outcomes[i], _durable));
        }

        if (group.Accepted.Count > 0)
        {
            _bus.Publish(new ObservationsAccepted(_durable));
        }

        return null;
    }

    /// <summary>Brings the projections up to a group that is durable now.</summary>
    private void Remember(ObservationGroup group)
    {
        var sequence = _durable;
        foreach (var row in group.Accepted)
        {
            _recent.Add(row.Key, row.Print);
            sequence++;
            if (!row.Late)
            {
                row.Stream.Latest = new CommittedObservation(sequence, row.Observation with
                {
                    PhenomenonTime = ObservationKey.ToStoreTime(row.Observation.PhenomenonTime),
                    ResultTime = row.Observation.ResultTime is { } resultTime ? ObservationKey.ToStoreTime(resultTime) : null,
                    ReceivedTime = ObservationKey.ToStoreTime(row.Observation.ReceivedTime),
                });
            }
        }

        foreach (var stream in group.NewStreams)
        {
            _streams.Add(stream);
        }

        _lastDeadLetter += group.DeadLetters.Count;
        Interlocked.Exchange(ref _durable, sequence);
    }

    private void OpenFile()
    {
        _file.Open();
        try
        {
            _streams = ObservationReader.Streams(_file.Writer);
            _lastDeadLetter = ObservationReader.MaxSequence(_file.Writer, "dead_letters");
            Interlocked.Exchange(ref _durable, ObservationReader.MaxSequence(_file.Writer, "observations"));
            _recent.Clear();
        }
        catch (DuckDBException failure)
        {
            _file.Close();
            throw new StoreUnavailableException(DuckDbFailure.Sentence(_file.Path, "read", failure), failure);
        }
        catch (StoreUnavailableException)
        {
            _file.Close();
            throw;
        }
    }

    /// <summary>Closes and opens the file after a failure. When that fails too, the next message tries again.</summary>
    private void Reopen()
    {
        Log.CommitFailed(_logger, _file.Path);
        if (_file.IsOpen)
        {
            _file.Close();
        }

        try
        {
            OpenFile();
            Log.Reopened(_logger, _file.Path, _durable);
        }
        catch (StoreUnavailableException failure)
        {
            Log.StillClosed(_logger, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Error, "A commit to {Path} failed; its senders were told to send again")]
        public static partial void CommitFailed(ILogger logger, string path);

        [LoggerMessage(3002, LogLevel.Warning, "{Path} was opened again at sequence {Sequence}")]
        public static partial void Reopened(ILogger logger, string path, long sequence);

        [LoggerMessage(3003, LogLevel.Error, "{Problem}")]
        public static partial void StillClosed(ILogger logger, string problem);
    }
}
