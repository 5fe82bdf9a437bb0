using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Imagery;
using Monitoring.TestKit;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

public enum Death
{
    None,
    Before,
    After,
}

/// <summary>A catalogue of passes a week apart, and stores that can die.</summary>
internal sealed class SeriesWorld : ISceneCatalogue, IChangeStore, ICursorStore, IAuditTrail
{
    private static readonly DateTimeOffset Start = new(2025, 3, 1, 3, 0, 0, TimeSpan.Zero);
    private readonly List<StoredChangeSet> _sets = [];

    /// <summary>What processes before this one said, by change set.</summary>
    private readonly Dictionary<string, string> _earlier = [];
    private string? _journal;
    private long _position;

    public SeriesWorld(SyntheticPair pair, int passes, Func<int, bool> built, Func<int, bool>? cloudy = null)
    {
        Scenes = [.. Enumerable.Range(0, passes).Select(i => pair.Write($"pass-{i}", i + 1, built(i), gain: 1 + (0.01 * (i % 3)), quality: (_, _) => cloudy?.Invoke(i) == true ? 2 : 1, at: At(i)))];
        Offered = passes;
    }

    /// <summary>Of passes that were written before.</summary>
    public SeriesWorld(IEnumerable<Scene> scenes)
    {
        Scenes = [.. scenes];
        Offered = Scenes.Count;
    }

    public List<Scene> Scenes { get; }

    public int Offered { get; set; }

    public Death DieAtCommit { get; set; }

    /// <summary>Told of each question and each commit.</summary>
    public Action? Asked { get; set; }

    /// <summary>A file that holds the cursor and what was said, so that a process can die and another go on.</summary>
    public string? Journal
    {
        get => _journal;
        init
        {
            _journal = value;
            if (File.Exists(value))
            {
                var lines = File.ReadAllLines(value);
                _position = long.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture);
                foreach (var line in lines.Skip(1))
                {
                    _earlier.Add(line[..line.IndexOf(' ', StringComparison.Ordinal)], line);
                }
            }
        }
    }

    /// <summary>Thrown by each commit of the cursor at this position.</summary>
    public (long Position, Exception Problem)? Refused { get; set; }

    /// <summary>What was put on record.</summary>
    public List<AuditEntry> Acts { get; } = [];

    public IReadOnlyList<ChangeSet> Sets => [.. _sets.Select(s => s.ChangeSet)];

    public static DateTimeOffset At(int pass) => Start.AddDays(7 * pass);

    public ChangePipeline Pipeline(string folder, SeriesOptions? series = null) =>
        new(this, this, this, this, new RecordingBus(), new PairDetection(TimeProvider.System), new ImageryOptions { Folder = folder, Series = series ?? new SeriesOptions() }, TimeProvider.System, NullLogger<ChangePipeline>.Instance);

    public Task<CataloguedScene?> FindAsync(string sceneId, CancellationToken cancellationToken) =>
        Task.FromResult(All().FirstOrDefault(s => s.Scene.Id == sceneId));

    Task<IReadOnlyList<CataloguedScene>> ISceneCatalogue.ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken)
    {
        Asked?.Invoke();
        return Task.FromResult<IReadOnlyList<CataloguedScene>>([.. All().Where(s => s.Sequence > afterSequence).Take(limit)]);
    }

    public Task<IReadOnlyList<CataloguedScene>> QueryAsync(Envelope? box, DateTimeOffset? from, DateTimeOffset? to, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CataloguedScene>>([.. All().Where(s => !(s.Scene.AcquiredAt > to)).Reverse().Take(limit)]);

    public Task<bool> AddAsync(Scene scene, string actor, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CommitAsync(IReadOnlyList<ChangeSet> changeSets, Cursor? cursor, CancellationToken cancellationToken)
    {
        if (DieAtCommit == Death.Before)
        {
            throw new IOException("The process died before the commit, as the test wants it.");
        }

        if (Refused is { } refused && cursor?.Position == refused.Position && changeSets.Count > 0)
        {
            throw refused.Problem;
        }

        foreach (var set in changeSets.Where(s => !_earlier.ContainsKey(s.Id) && _sets.All(have => have.ChangeSet.Id != s.Id)))
        {
            _sets.Add(new StoredChangeSet(_sets.Count + 1, set));
        }

        _position = Math.Max(_position, cursor?.Position ?? 0);
        if (_journal is not null)
        {
            File.WriteAllLines(_journal + ".part", [_position.ToString(System.Globalization.CultureInfo.InvariantCulture), .. Describe()]);
            File.Move(_journal + ".part", _journal, overwrite: true);
        }

        Asked?.Invoke();
        return DieAtCommit == Death.After ? throw new IOException("The process died after the commit, as the test wants it.") : Task.CompletedTask;
    }

    Task<IReadOnlyList<StoredChangeSet>> IChangeStore.ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StoredChangeSet>>([.. _sets.Where(s => s.Sequence > afterSequence).Take(limit)]);

    Task<ChangeSet?> IChangeStore.FindAsync(string changeSetId, CancellationToken cancellationToken) =>
        Task.FromResult(_sets.FirstOrDefault(s => s.ChangeSet.Id == changeSetId)?.ChangeSet);

    public Task<IReadOnlyList<ChangeSet>> OfCurrentSceneAsync(string currentSceneId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ChangeSet>>([.. Sets.Where(s => s.CurrentSceneId == currentSceneId)]);

    public Task<long> PositionAsync(string consumer, CancellationToken cancellationToken) => Task.FromResult(_position);

    public Task AdvanceAsync(Cursor cursor, CancellationToken cancellationToken)
    {
        _position = Math.Max(_position, cursor.Position);
        return Task.CompletedTask;
    }

    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        Acts.Add(entry);
        return Task.CompletedTask;
    }

    Task<IReadOnlyList<ChainedAuditEntry>> IAuditTrail.ReadAfterAsync(long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Everything that was said, as text.</summary>
    public List<string> Describe() =>
        [.. _earlier.Values, .. Sets.Select(s => $"{s.Id} {s.BaselineSceneId} {s.CurrentSceneId} {s.ObservableShare:R} {string.Join(';', s.Patches.Select(p => $"{p.Id} {p.Kind} {p.Score:R} {string.Join(',', p.Facts.Select(f => $"{f.Key}={f.Value:R}"))} {p.Outline.Shape.AsText()}"))}")];

    private IEnumerable<CataloguedScene> All() => Scenes.Take(Offered).Select((s, i) => new CataloguedScene(i + 1, s));
}
