using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;

namespace Monitoring.Dashboard.Api;

/// <summary>
/// Which cases name a photo, in memory: read once, then kept up with the alert sequence, so that showing a photo does not read all cases.
/// Thread-safe. Memory: some 200 bytes a photo.
/// </summary>
internal sealed class PhotoCases(IAlertStore alerts) : IDisposable
{
    private const int Page = 500;

    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly Dictionary<string, HashSet<string>> casesOf = new(StringComparer.Ordinal);
    private long? through;

    /// <summary>Ids of cases whose verification named the photo once; ask the case whether it still does.</summary>
    public async Task<IReadOnlyList<string>> NamingAsync(string sha256, CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            var last = await alerts.LastSequenceAsync(cancellationToken);
            if (through is not { } known)
            {
                foreach (var judged in await alerts.CasesAsync(new CaseQuestion { State = CaseState.Judged, Limit = int.MaxValue }, cancellationToken))
                {
                    Take(judged);
                }

                through = last;
            }
            else if (known < last)
            {
                await CatchUpAsync(known, cancellationToken);
            }

            return casesOf.TryGetValue(sha256, out var cases) ? [.. cases] : [];
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();

    private async Task CatchUpAsync(long after, CancellationToken cancellationToken)
    {
        while (await alerts.ChangesAfterAsync(after, Page, cancellationToken) is { Count: > 0 } changes)
        {
            foreach (var change in changes.Where(static c => c.Kind is AlertChangeKind.Verified))
            {
                if (change.Alert.CaseId is { } id && await alerts.FindCaseAsync(id, cancellationToken) is { } file)
                {
                    Take(file);
                }
            }

            through = after = changes[^1].Sequence;
        }
    }

    private void Take(Case file)
    {
        foreach (var photo in file.Verification?.PhotoHashes ?? [])
        {
            if (!casesOf.TryGetValue(photo, out var cases))
            {
                casesOf[photo] = cases = new HashSet<string>(StringComparer.Ordinal);
            }

            cases.Add(file.Id);
        }
    }
}
