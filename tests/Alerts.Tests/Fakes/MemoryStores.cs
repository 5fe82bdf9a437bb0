using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Sensing;

namespace Monitoring.Alerts.Tests.Fakes;

/// <summary>Alert store and cursors in memory, with the port's promises: one transaction, gapless sequence. Can be told to fail.</summary>
internal sealed class MemoryAlertStore : IAlertStore, ICursorStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Alert> alerts = [];
    private readonly Dictionary<string, Case> cases = [];
    private readonly Dictionary<string, EvidencePhoto> photos = [];
    private readonly Dictionary<string, long> positions = [];
    private readonly List<(Func<bool> When, TaskCompletionSource Reached)> waiters = [];

    public List<AlertChange> Changes { get; } = [];

    public List<AuditEntry> Audit { get; } = [];

    public IReadOnlyCollection<Alert> Alerts => alerts.Values;

    public IReadOnlyCollection<Case> Cases => cases.Values;

    public int Commits { get; private set; }

    /// <summary>Asked before each commit: Before = nothing is stored and it throws, After = all is stored and it throws.</summary>
    public Func<Fault> NextFault { get; set; } = static () => Fault.None;

    public Task<IReadOnlyList<AlertChange>> CommitAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var fault = NextFault();
            if (fault is Fault.Before)
            {
                throw new StoreUnavailableException("The disk is full.");
            }

            Commits++;
            var stored = new List<AlertChange>();
            foreach (var change in batch.Changes)
            {
                change.Sequence.ShouldBe(0);
                var sequence = Changes.Count + 1;
                var withSequence = change with { Sequence = sequence, Alert = change.Alert with { Sequence = sequence } };
                Changes.Add(withSequence);
                stored.Add(withSequence);
                alerts[change.Alert.Id] = withSequence.Alert;
            }

            foreach (var seen in batch.Seen)
            {
                alerts.ShouldContainKey(seen.Id);
                seen.Sequence.ShouldBe(alerts[seen.Id].Sequence);
                alerts[seen.Id] = seen;
            }

            foreach (var file in batch.Cases)
            {
                cases[file.Id] = file;
            }

            foreach (var photo in batch.Photos)
            {
                photos[photo.Sha256] = photo;
            }

            Audit.AddRange(batch.Audit);
            if (batch.Cursor is { } cursor)
            {
                positions[cursor.Consumer] = cursor.Position;
            }

            foreach (var (_, reached) in waiters.Where(static w => w.When()).ToList())
            {
                reached.TrySetResult();
            }

            return fault is Fault.After
                ? throw new StoreUnavailableException("The answer was lost.")
                : Task.FromResult<IReadOnlyList<AlertChange>>(stored);
        }
    }

    /// <summary>Completes at the first commit after which <paramref name="when"/> is true.</summary>
    public Task Until(Func<bool> when)
    {
        lock (gate)
        {
            if (when())
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Add((when, reached));
            return reached.Task;
        }
    }

    public long Position(string consumer) => positions.GetValueOrDefault(consumer);

    public Task<Alert?> OpenByFingerprintAsync(string fingerprint, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(alerts.Values.SingleOrDefault(a => a.Fingerprint == fingerprint && a.State is not AlertState.Resolved));
        }
    }

    public Task<Alert?> FindAsync(string alertId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(alerts.GetValueOrDefault(alertId));
        }
    }

    public Task<IReadOnlyList<Alert>> QueryAsync(AlertQuestion question, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<Alert>>([.. alerts.Values
                .Where(a => question.States is null || question.States.Contains(a.State))
                .Where(a => question.RuleId is null || a.RuleId == question.RuleId)
                .Where(a => question.Subject is null || a.Subject == question.Subject)
                .Where(a => question.BeforeSequence is null || a.Sequence < question.BeforeSequence)
                .OrderByDescending(static a => a.Sequence)
                .Take(question.Limit)]);
        }
    }

    public Task<IReadOnlyDictionary<(Domain.Findings.Subject Subject, string RuleId), string>> NewestIdsAsync(
        IReadOnlyCollection<(Domain.Findings.Subject Subject, string RuleId)> about, IReadOnlyList<string>? regionPrefixes, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Only pages ask this.");

    public Task<IReadOnlyList<AlertChange>> ChangesAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AlertChange>>([.. Changes.Where(c => c.Sequence > afterSequence).Take(limit)]);
        }
    }

    public Task<IReadOnlyList<AlertChange>> ChangesOfAsync(string alertId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AlertChange>>([.. Changes.Where(c => c.Alert.Id == alertId)]);
        }
    }

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult((long)Changes.Count);
        }
    }

    public Task<Case?> FindCaseAsync(string caseId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(cases.GetValueOrDefault(caseId));
        }
    }

    public Task<IReadOnlyList<Case>> CasesAsync(CaseQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<EvidencePhoto?> PhotoAsync(string sha256, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(photos.GetValueOrDefault(sha256));
        }
    }

    public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(Position(consumer));
        }
    }

    public Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            positions[cursor.Consumer] = Math.Max(cursor.Position, Position(cursor.Consumer));
            return Task.CompletedTask;
        }
    }
}

internal enum Fault
{
    None,
    Before,
    After,
}

/// <summary>Findings in memory, in the order they were added.</summary>
internal sealed class MemoryFindingStore : IFindingStore
{
    private readonly Lock gate = new();
    private readonly List<StoredFinding> findings = [];

    public void Add(IEnumerable<Finding> more)
    {
        lock (gate)
        {
            foreach (var finding in more)
            {
                findings.Add(new StoredFinding(findings.Count + 1, finding));
            }
        }
    }

    public Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<StoredFinding>>([.. findings.Skip((int)afterSequence).Take(limit)]);
        }
    }

    public Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(NetTopologySuite.Geometries.Envelope? box, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
