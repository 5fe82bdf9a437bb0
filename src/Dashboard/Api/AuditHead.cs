using Monitoring.Domain.Audit;

namespace Monitoring.Dashboard.Api;

/// <summary>The newest entry of the trail, to be noted where nobody who can write the register can change it: a log, a printed export.</summary>
public static class AuditHead
{
    /// <returns>Null while the trail is empty.</returns>
    public static async Task<ChainedAuditEntry?> FindAsync(IAuditTrail trail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trail);

        // Sequences have no holes, so the end is found by doubling and halving.
        ChainedAuditEntry? head = null;
        var step = 1L;
        while (step > 0)
        {
            if (await trail.ReadAfterAsync((head?.Sequence ?? 0) + step - 1, 1, cancellationToken) is [var farther])
            {
                head = farther;
                step *= 2;
            }
            else
            {
                step /= 2;
            }
        }

        return head;
    }
}
