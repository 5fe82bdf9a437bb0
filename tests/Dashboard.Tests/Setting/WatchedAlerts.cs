using Monitoring.Domain.Alerts;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Sensing;

namespace Monitoring.Dashboard.Tests.Setting;

/// <summary>The alert store with a count of the expensive question, and a failure on demand.</summary>
public sealed class WatchedAlerts(IAlertStore real) : IAlertStore
{
    private int askedForCases;
    private int askedForNewest;
    private int asked;

    public int AskedForNewest => Volatile.Read(ref askedForNewest);

    /// <summary>Questions for alerts.</summary>
    public int Asked => Volatile.Read(ref asked);

    public int AskedForCases => Volatile.Read(ref askedForCases);

    /// <summary>What every alert question fails with from now on; null = none.</summary>
    public StoreUnavailableException? Failure { get; set; }

    public Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken) => real.CommitAsync(batch, cancellationToken);

    public Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken) => real.OpenByFingerprintAsync(fingerprint, cancellationToken);

    public Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken) => real.FindAsync(alertId, cancellationToken);

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref asked);
        return Failure is { } failure ? throw failure : real.QueryAsync(question, cancellationToken);
    }

    public Task<IReadOnlyDictionary<(Domain.Findings.Subject Subject, string RuleId), string>> NewestIdsAsync(
        IReadOnlyCollection<(Domain.Findings.Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref askedForNewest);
        return real.NewestIdsAsync(about, regionPrefixes, cancellationToken);
    }

    public Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        real.ChangesAfterAsync(afterSequence, limit, cancellationToken);

    public Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken) => real.ChangesOfAsync(alertId, cancellationToken);

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => real.LastSequenceAsync(cancellationToken);

    public Task<Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken) => real.FindCaseAsync(caseId, cancellationToken);

    public Task<IReadOnlyList<Case>> CasesAsync(CaseQuestion question, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref askedForCases);
        return real.CasesAsync(question, cancellationToken);
    }

    public Task<EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken) => real.PhotoAsync(sha256, cancellationToken);
}
