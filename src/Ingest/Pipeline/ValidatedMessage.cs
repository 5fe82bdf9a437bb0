using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>A message ready for its durable commit.</summary>
/// <param name="Batch">Observations and dead letters, as one durable unit.</param>
/// <param name="Refused">Refused observations by reason; more than the dead letters when some were merged into one letter.</param>
/// <param name="FirstRefusal">Sentence of the first refusal, for the device's log; null when nothing was refused.</param>
public sealed record ValidatedMessage(
    InboundMessage Message, ObservationBatch Batch, IReadOnlyDictionary<DeadLetterReason, int> Refused, string? FirstRefusal)
{
    /// <summary>Set when the message is not to be judged now: why, in one sentence. It is neither stored nor acknowledged.</summary>
    public string? ReturnedFor { get; init; }

    /// <summary>How much the message weighs in the ledger.</summary>
    public int Count => Batch.Observations.Count + Refused.Values.Sum();
}
