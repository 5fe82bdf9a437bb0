using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Sensing;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Judgement;

/// <summary>Small in-memory stores that keep the ports' promises, for one thread.</summary>
internal sealed class MemoryFindings : IFindingStore, ICursorStore
{
    private readonly List<StoredFinding> _findings = [];
    private readonly List<JudgedPatch> _judged = [];
    private readonly Dictionary<string, long> _cursors = [];

    /// <summary>Commits that fail before anything is stored, counted down.</summary>
    public int FailCommits { get; set; }

    public IReadOnlyList<Finding> Findings => [.. _findings.Select(f => f.Finding)];

    public IReadOnlyList<JudgedPatch> Judged => _judged;

    public int Commits { get; private set; }

    public Task CommitAsync(FindingBatch batch, CancellationToken cancellationToken)
    {
        if (FailCommits > 0)
        {
            FailCommits--;
            throw new IOException("The disk is full, as the test wants it.");
        }

        Commits++;
        foreach (var finding in batch.Findings.Where(f => _findings.All(have => have.Finding.Id != f.Id)).ToList())
        {
            _findings.Add(new(_findings.Count + 1, finding));
        }

        _judged.AddRange(batch.JudgedPatches);
        if (batch.Cursor is { } cursor)
        {
            _cursors[cursor.Consumer] = Math.Max(cursor.Position, _cursors.GetValueOrDefault(cursor.Consumer));
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<StoredFinding>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredFinding>>([.. _findings.Where(f => f.Sequence > afterSequence).Take(limit)]);

    public Task<StoredFinding?> FindAsync(string findingId, CancellationToken cancellationToken) =>
        Task.FromResult(_findings.FirstOrDefault(f => f.Finding.Id == findingId));

    public Task<IReadOnlyList<StoredFinding>> OfSubjectAsync(Subject subject, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredFinding>>([.. _findings.Where(f => f.Finding.Subject == subject).Reverse().Take(limit)]);

    public Task<IReadOnlyList<JudgedPatch>> JudgedPatchesAsync(Envelope? box, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JudgedPatch>>([.. _judged.GroupBy(j => j.Patch.Id).Select(g => g.Last()).Where(j => box is null || j.Patch.Outline.Box.Intersects(box))]);

    public Task<IReadOnlyList<JudgedPatch>> PatchesOfSiteAsync(string siteId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<JudgedPatch>>([.. _judged.Where(j => j.SiteId == siteId)]);

    public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken) => Task.FromResult(_cursors.GetValueOrDefault(consumer));

    public Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        _cursors[cursor.Consumer] = Math.Max(cursor.Position, _cursors.GetValueOrDefault(cursor.Consumer));
        return Task.CompletedTask;
    }
}

internal sealed class MemoryChanges : IChangeStore
{
    private readonly List<StoredChangeSet> _sets = [];

    public void Add(ChangeSet set) => _sets.Add(new(_sets.Count + 1, set));

    public Task CommitAsync(IReadOnlyList<ChangeSet> changeSets, Cursor? cursor, CancellationToken cancellationToken)
    {
        foreach (var set in changeSets)
        {
            Add(set);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<StoredChangeSet>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredChangeSet>>([.. _sets.Where(s => s.Sequence > afterSequence).Take(limit)]);

    public Task<ChangeSet?> FindAsync(string changeSetId, CancellationToken cancellationToken) =>
        Task.FromResult(_sets.FirstOrDefault(s => s.ChangeSet.Id == changeSetId)?.ChangeSet);

    public Task<IReadOnlyList<ChangeSet>> OfCurrentSceneAsync(string currentSceneId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ChangeSet>>([.. _sets.Select(s => s.ChangeSet).Where(s => s.CurrentSceneId == currentSceneId)]);
}

/// <summary>Keeps whole versions; a feature with the id of an earlier one supersedes it from its own effective-from date on.</summary>
internal sealed class MemoryPlans : IPlanRegister
{
    private readonly List<MapVersion> _versions = [];
    private readonly List<List<MapFeature>> _states = [[]];

    public MapVersion Import(MapLayer layer, params MapFeature[] features)
    {
        List<MapFeature> state = [.. _states[^1]];
        Envelope touched = new();
        foreach (var feature in features)
        {
            touched.ExpandToInclude(feature.Outline.Box);
            foreach (var old in state.Where(f => f.Layer == layer && f.Id == feature.Id).ToList())
            {
                touched.ExpandToInclude(old.Outline.Box);
                state.Remove(old);
                if (feature.EffectiveFrom is { } from && (old.EffectiveFrom is not { } began || began < from))
                {
                    state.Add(old with { EffectiveTo = old.EffectiveTo is { } to && to < from ? to : from });
                }
            }

            state.Add(feature);
        }

        _states.Add(state);
        var version = new MapVersion(_versions.Count + 1, layer, DateTimeOffset.UnixEpoch, "test", "", features.Length, "test", touched);
        _versions.Add(version);
        return version;
    }

    public Task<MapVersion?> AppendAsync(MapImport import, CancellationToken cancellationToken) =>
        Task.FromResult<MapVersion?>(Import(import.Layer, [.. import.Features]));

    public Task<IReadOnlyList<MapVersion>> VersionsAfterAsync(long afterVersion, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MapVersion>>([.. _versions.Where(v => v.Version > afterVersion).Take(limit)]);

    public Task<long> CurrentVersionAsync(CancellationToken cancellationToken) => Task.FromResult((long)_versions.Count);

    public Task<IReadOnlyList<TFeature>> QueryAsync<TFeature>(MapQuestion question, CancellationToken cancellationToken)
        where TFeature : MapFeature =>
        Task.FromResult<IReadOnlyList<TFeature>>([.. _states[(int)(question.AsOfVersion ?? _versions.Count)].OfType<TFeature>()
            .Where(f => question.Box is not { } box || f.Outline.Box.Intersects(box))
            .Where(f => question.InForceOn is not { } day || f.InForceOn(day))
            .Where(f => question.Id is not { } id || f.Id == id)]);
}

internal sealed class MemoryObservations : IObservationStore
{
    private readonly List<CommittedObservation> _all = [];

    /// <summary>Observations beyond this sequence are not seen yet.</summary>
    public long VisibleThrough { get; set; } = long.MaxValue;

    private readonly HashSet<ObservationKey> _keys = [];

    public void Add(Observation observation)
    {
        _all.Add(new(_all.Count + 1, observation));
        _keys.Add(ObservationKey.Of(observation));
    }

    public bool Has(Observation observation) => _keys.Contains(ObservationKey.Of(observation));

    private IEnumerable<CommittedObservation> Visible => _all.Where(o => o.Sequence <= VisibleThrough);

    public Task<CommitReceipt> CommitAsync(ObservationBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CommittedObservation>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CommittedObservation>>([.. Visible.Skip((int)afterSequence).Take(limit)]);

    /// <summary>Datastreams of each query by range or spans.</summary>
    public List<IReadOnlyList<string>> Queries { get; } = [];

    public Task<IReadOnlyList<CommittedObservation>> ReadRangeAsync(string datastreamId, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken) =>
        ReadSpansAsync([new(datastreamId, from, to)], limit, cancellationToken);

    public Task<IReadOnlyList<CommittedObservation>> ReadSpansAsync(IReadOnlyList<ObservationSpan> spans, int limit, CancellationToken cancellationToken)
    {
        Queries.Add([.. spans.Select(s => s.DatastreamId)]);
        return Task.FromResult<IReadOnlyList<CommittedObservation>>([.. spans.SelectMany(s => Visible
            .Where(o => o.Observation.DatastreamId == s.DatastreamId && o.Observation.PhenomenonTime >= s.From && o.Observation.PhenomenonTime < s.To)
            .OrderBy(o => o.Observation.PhenomenonTime)).Take(limit)]);
    }

    public Task<IReadOnlyList<ObservationAggregate>> AggregateAsync(Datastream datastream, DateTimeOffset from, DateTimeOffset to, TimeSpan bucket, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, CommittedObservation>> LatestAsync(IReadOnlyCollection<string> datastreamIds, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, CommittedObservation>>(Visible.Where(o => datastreamIds.Contains(o.Observation.DatastreamId))
            .GroupBy(o => o.Observation.DatastreamId).ToDictionary(g => g.Key, g => g.MaxBy(o => o.Observation.PhenomenonTime)!));

    public Task<long> LastSequenceAsync(CancellationToken cancellationToken) => Task.FromResult((long)Visible.Count());

    public Task<IReadOnlyList<StoredDeadLetter>> ReadDeadLettersAsync(long? beforeSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredDeadLetter>>([]);
}

internal sealed class MemoryAudit : IAuditTrail
{
    public List<AuditEntry> Acts { get; } = [];

    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        Acts.Add(entry);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ChainedAuditEntry>> ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
}

internal sealed class MemoryDevices(params RegisteredDevice[] devices) : IDeviceRegister
{
    public Task ImportAsync(DeviceImport import, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RegisteredDevice?> FindAsync(string deviceId, CancellationToken cancellationToken) => Task.FromResult(devices.FirstOrDefault(d => d.Device.Id == deviceId));

    public Task<IReadOnlyList<RegisteredDevice>> AllAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RegisteredDevice>>(devices);
}
