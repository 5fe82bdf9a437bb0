using Microsoft.Extensions.Logging;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>
/// Makes a message durable and books it in the ledger; the store wakes the consumers. Thread-safe; concurrent calls share the store's group commit.
/// </summary>
public sealed class CommitStage(IObservationStore store, IngestLedger ledger, NewestTimes newest, ILogger<CommitStage> log)
{
    /// <summary>1 while the store refuses: the log tells the beginning and the end of an outage, not each of its messages.</summary>
    private int _isDown;

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
            receipt = await store.CommitAsync(message.Batch, cancellationToken);
            if (Volatile.Read(ref _isDown) == 1 && Interlocked.Exchange(ref _isDown, 0) == 1)
                log.LogWarning("Observations are stored again.");
            return Book(message, receipt);
        }
        catch (StoreUnavailableException problem)
        {
            if (Interlocked.Exchange(ref _isDown, 1) == 0)
            {
                log.LogError(
                    problem,
                    "Messages are not stored and not acknowledged until further notice; the devices have to send them again. {Problem}",
                    problem.Message);
            }

            return new Taken.Returned(problem.Message);
        }
        finally
        {
            if (receipt is null)
                ledger.Return(message.Count);
        }
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
