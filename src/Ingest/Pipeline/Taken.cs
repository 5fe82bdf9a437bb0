using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Pipeline;

/// <summary>What became of a message.</summary>
public abstract record Taken
{
    private Taken()
    {
    }

    /// <summary>
    /// Everything of the message is durable, as observations, as duplicates of earlier ones or as dead letters: it may be acknowledged.
    /// </summary>
    /// <param name="WhollyRefusedFor">Reason when nothing of the message was of use, else null.</param>
    /// <param name="Refusal">Sentence of the first refusal, or null.</param>
    public sealed record Durable(int Accepted, int Duplicates, int Refused, DeadLetterReason? WhollyRefusedFor, string? Refusal) : Taken;

    /// <summary>The store could not take it: it must not be acknowledged, so that the sender sends it again.</summary>
    /// <param name="Problem">One sentence.</param>
    public sealed record Returned(string Problem) : Taken;
}
