using System.Globalization;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Findings;

namespace Monitoring.Alerts.Writing;

/// <summary>
/// The open alerts in memory, as the store has them. Used by the writer's loop alone. Bounded by the limit on open alerts; ended ones
/// are read from the store when a finding asks for them.
/// </summary>
internal sealed class AlertBook
{
    private readonly IAlertStore store;
    private readonly Dictionary<string, Alert> open = new(StringComparer.Ordinal);

    private AlertBook(IAlertStore store, long lastSequence) => (this.store, LastSequence) = (store, lastSequence);

    public int OpenCount => open.Count;

    /// <summary>Sequence of the newest change in the store.</summary>
    public long LastSequence { get; private set; }

    public static async Task<AlertBook> LoadAsync(IAlertStore store, CancellationToken cancellationToken)
    {
        const int page = 1000;
        var book = new AlertBook(store, await store.LastSequenceAsync(cancellationToken));
        IReadOnlyList<Alert> alerts;
        long? before = null;
        do
        {
            alerts = await store.QueryAsync(
                new AlertQuestion { States = [AlertState.Pending, AlertState.Firing], BeforeSequence = before, Limit = page }, cancellationToken);
            foreach (var alert in alerts)
            {
                book.open[alert.Fingerprint] = alert;
                before = alert.Sequence;
            }
        }
        while (alerts.Count == page);

        return book;
    }

    /// <summary>The open alert of a fingerprint, or null.</summary>
    public Alert? Open(string fingerprint) => open.GetValueOrDefault(fingerprint);

    /// <summary>The instance that was created last, open or ended, or null when there never was one.</summary>
    /// <remarks>Not the one that changed last: a case of an earlier instance may be judged after a later one ended.</remarks>
    public async Task<Alert?> NewestAsync(string ruleId, Subject subject, CancellationToken cancellationToken)
    {
        const int page = 8;
        Alert? newest = null;
        long? before = null;
        while (true)
        {
            var found = await store.QueryAsync(new AlertQuestion { RuleId = ruleId, Subject = subject, BeforeSequence = before, Limit = page }, cancellationToken);
            newest = found.Prepend(newest).OfType<Alert>().MaxBy(CreatedBy);

            // An alert changes at its creation or later: what changed before the newest was created cannot be newer.
            if (found.Count < page || found[^1].Sequence <= CreatedBy(newest!))
            {
                return newest;
            }

            before = found[^1].Sequence;
        }
    }

    /// <summary>Sequence of the change that created an alert, which its id ends with.</summary>
    private static long CreatedBy(Alert alert) =>
        long.TryParse(alert.Id.AsSpan(alert.Id.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;

    /// <summary>Takes over what was committed.</summary>
    public void Take(IEnumerable<Alert> committed, long lastSequence)
    {
        foreach (var alert in committed)
        {
            if (alert.State is not AlertState.Resolved)
            {
                open[alert.Fingerprint] = alert;
            }
            else if (open.TryGetValue(alert.Fingerprint, out var was) && was.Id == alert.Id)
            {
                open.Remove(alert.Fingerprint);
            }
        }

        LastSequence = lastSequence;
    }
}
