namespace Monitoring.Domain.Events;

/// <summary>
/// How far a consumer has read a sequence. It is advanced in the same transaction that stores the consumer's output, so after a
/// crash the consumer goes on exactly behind what it has stored.
/// </summary>
/// <param name="Consumer">Name of the consumer and of what it reads, for example <c>telemetry-limits/observations</c>.</param>
/// <param name="Position">Sequence of the last item that is fully worked, ≥ 0.</param>
public sealed record Cursor(string Consumer, long Position);

/// <summary>Durable cursors.</summary>
public interface ICursorStore
{
    /// <summary>The position, 0 for a consumer that never stored one.</summary>
    Task<long> PositionAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>Advances a cursor when there was no output to store with it. Never moves backwards.</summary>
    Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken);
}
