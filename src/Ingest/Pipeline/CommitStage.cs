using Microsoft.Extensions.Logging;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Makes a message durable and books it in the ledger; the store wakes the consumers. Thread-safe; concurrent calls share the store's group commit.
/// </summary>
public sealed class CommitStage(IObservationStore store, IngestLedger ledger, NewestTimes newest, DiskFloor floor, ILogger<CommitStage> log)
{
    /// <summary>1 while the store refuses: the log tells the beginning and the end of an outage, not each of its messages.</summary>
    private int _isDown;

    /// <summary>1 while messages are returned for the clock; likewise.</summary>
    private int _isReturning;

    /// <returns>What became of the message; a store that cannot take it is a value, not an exception.</returns>
    public async Task<Taken> CommitAsync(ValidatedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Count == 0)
            return new Taken.Durable(0, 0, 0, null, null);

        ledger.Receive(message.Count);
        CommitReceipt? receipt = null;
        try
        {
            if (message.ReturnedFor is { } reason)
            {
                if (Interlocked.Exchange(ref _isReturning, 1) == 0)
                    log.LogError("Messages are not judged, not stored and not acknowledged until further notice: {Problem}", reason);
                return new Taken.Returned(reason);
            }

            if (Volatile.Read(ref _isReturning) == 1 && message.Batch.Observations.Count > 0 && Interlocked.Exchange(ref _isReturning, 0) == 1)
                log.LogWarning("Observations are judged by this machine's clock again.");
            if (message.Batch is { Observations.Count: 0, DeadLetters.Count: 0 })
                return Book(message, receipt = new CommitReceipt([], 0));
            if (floor.Problem() is { } full)
                return Refuse(full, null);
            receipt = await store.CommitAsync(message.Batch, cancellationToken);
            if (Volatile.Read(ref _isDown) == 1 && Interlocked.Exchange(ref _isDown, 0) == 1)
                log.LogWarning("Observations are stored again.");
            return Book(message, receipt);
        }
        catch (StoreUnavailableException problem)
        {
            return Refuse(problem.Message, problem);
        }
        finally
        {
            if (receipt is null)
                ledger.Return(message.Count);
        }
    }

    private Taken.Returned Refuse(string why, Exception? problem)
    {
        if (Interlocked.Exchange(ref _isDown, 1) == 0)
            log.LogError(problem, "Messages are not stored and not acknowledged until further notice; the devices have to send them again. {Problem}", why);
        return new Taken.Returned(why);
    }

    private Taken.Durable Book(ValidatedMessage message, CommitReceipt receipt)
    {
        var observations = message.Batch.Observations;
        var (accepted, duplicates, conflicts) = (0, 0, 0);
        for (var i = 0; i < receipt.Outcomes.Count; i++)
        {
            switch (receipt.Outcomes[i])
            {
                case CommitOutcome.Accepted:
                    accepted++;
                    newest.Advance(observations[i]);
                    break;
                case CommitOutcome.Duplicate:
                    duplicates++;
                    break;
                case CommitOutcome.Conflict:
                    conflicts++;
                    break;
            }
        }

        var refused = message.Refused;
        if (conflicts > 0)
        {
            refused = new Dictionary<DeadLetterReason, int>(refused) { [DeadLetterReason.Conflict] = refused.GetValueOrDefault(DeadLetterReason.Conflict) + conflicts };
        }

        ledger.Settle(accepted, duplicates, refused);
        var refusedTotal = refused.Values.Sum();
        DeadLetterReason? whollyRefusedFor = accepted == 0 && duplicates == 0 && refusedTotal > 0 ? refused.MaxBy(r => r.Value).Key : null;
        var sentence = message.FirstRefusal ?? (conflicts > 0 ? "Another result is stored for the same datastream and time." : null);
        return new Taken.Durable(accepted, duplicates, refusedTotal, whollyRefusedFor, sentence);
    }
}
