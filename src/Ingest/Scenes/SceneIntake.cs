using Microsoft.Extensions.Logging;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Intake;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Takes scenes into store and catalogue, one at a time: files are copied, and what came by the inbox leaves it then. Restart-safe at every step
/// (<see cref="SceneStore"/>). Thread-safe.
/// </summary>
public sealed class SceneIntake : ISceneIntake, IDisposable
{
    private readonly SceneReader _reader;
    private readonly ISceneCatalogue _catalogue;
    private readonly ILogger<SceneIntake> _log;
    private readonly SceneStore _store;
    private readonly SemaphoreSlim _one = new(1);

    public SceneIntake(SceneOptions options, SceneReader reader, ISceneCatalogue catalogue, ILogger<SceneIntake> log)
        : this(reader, catalogue, log, new SceneStore(options) { Tell = problem => log.LogError("{Problem}", problem) })
    {
    }

    internal SceneIntake(SceneReader reader, ISceneCatalogue catalogue, ILogger<SceneIntake> log, SceneStore store) =>
        (_reader, _catalogue, _log, _store) = (reader, catalogue, log, store);

    /// <inheritdoc/>
    public Task<SceneIntakeResult> AddAsync(string path, string actor, CancellationToken cancellationToken) => AddAsync(path, actor, null, cancellationToken);

    /// <summary>The operator's own file: copied into the store, but for a VRT, which points to other files, and what lies on another host: both stay where they are.</summary>
    /// <exception cref="StoreUnavailableException">The catalogue cannot be written; the files are in the store and are catalogued by the next start.</exception>
    public async Task<SceneIntakeResult> AddAsync(string path, string actor, DateTimeOffset? acquiredAt, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _store.CreateFolders();
            var reading = await Task.Run(() => _reader.Read(path, new SceneReadOptions { AcquiredAt = acquiredAt, CheckTime = true, DateOption = "--date", Survey = true, Cancellation = cancellationToken }), cancellationToken);
            if (reading.Scene is not { } scene)
                return new SceneIntakeResult(null, false, reading.Problem);
            if (reading.Files.Count == 0)
                return await CatalogueAsync(scene, actor, cancellationToken); // All of it is on another host and stays there.
            if (reading.Files.Any(f => Path.GetExtension(f).Equals(".vrt", StringComparison.OrdinalIgnoreCase)))
                return await CatalogueAsync(scene, actor, cancellationToken);
            var (stored, _) = await Task.Run(() => _store.Take(reading, path, actor), cancellationToken);
            var result = await CatalogueAsync(stored, actor, cancellationToken);
            if (result.SceneId is not null)
                _store.MarkCatalogued(stored);
            return result;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new SceneIntakeResult(null, false, $"{path} cannot be copied into the store: {problem.Message}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Brings store and catalogue together after a crash.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            foreach (var entry in _store.Recover())
                await RecoverOneAsync(entry, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Whatever is wrong with one stored scene, the others and the inbox follow.</summary>
    private async Task RecoverOneAsync(StoredEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var reading = await Task.Run(() => _reader.Read(entry.Path, new SceneReadOptions { AcquiredAt = entry.AcquiredAt, Survey = true, Cancellation = cancellationToken }), cancellationToken);
            if (reading.Scene is not { } read)
            {
                _log.LogError("A stored scene cannot be read any more: {Problem}", reading.Problem);
                return;
            }

            var scene = read with { Id = entry.Id ?? read.Id };
            if (!entry.Holds(scene))
            {
                // Another content, or an id that came of a folder's name: a second scene must not come of it.
                _log.LogError("{Folder} does not hold the scene that was stored there; add the scene again from where it came, and remove the folder.", entry.Home);
                return;
            }

            var result = await CatalogueAsync(scene, entry.Actor, cancellationToken);
            if (result.SceneId is not null)
                _store.MarkCatalogued(scene);
            else
                _log.LogError("The stored scene {Entry} is not in the catalogue: {Problem}", entry.Path, result.Problem);
        }
#pragma warning disable CA1031 // One folder of the store that cannot be used must not keep the inbox shut.
        catch (Exception problem) when (problem is not (OperationCanceledException or StoreUnavailableException))
#pragma warning restore CA1031
        {
            _log.LogError(problem, "The stored scene {Entry} could not be catalogued and is tried again at the next start: {Problem}", entry.Path, problem.Message);
        }
    }

    /// <summary>An entry of the inbox: taken, or moved to <c>rejected</c> with its reason.</summary>
    /// <exception cref="StoreUnavailableException">The catalogue cannot be written; the files are safe in the store, <see cref="RecoverAsync"/> goes on.</exception>
    internal async Task<SceneIntakeResult> TakeFromInboxAsync(string entry, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await TakeAsync(entry, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Refuses an entry of the inbox for a reason that the watcher found.</summary>
    internal async Task RejectAsync(string entry, string reason, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            Reject([entry], reason);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<SceneIntakeResult> TakeAsync(string entry, CancellationToken cancellationToken)
    {
        const string Actor = "inbox";

        // First the headers, which costs little; what is taken is what the copy holds.
        var first = await Task.Run(() => _reader.Read(entry, new SceneReadOptions { Confined = true, HashFiles = false }), cancellationToken);
        if (first.Scene is null)
        {
            var beside = Beside([entry]);
            var refused = Refused([entry], first.Problem!);
            Reject(beside, $"It lay beside {Path.GetFileName(entry)}, which was refused: {first.Problem}");
            return refused;
        }

        // Looked for now: afterwards nothing tells whose they were.
        var sides = Beside(first.Files);

        _store.CreateFolders();
        var isFolder = Directory.Exists(entry);
        var files = isFolder ? [.. PlainFiles.Below(Path.GetFullPath(entry)).Where(f => !SceneStore.IsNotStored(f)), .. first.Files] : first.Files;
        var (staging, originals) = await Task.Run(() => _store.Stage(files, entry), cancellationToken);
        var staged = Path.Combine(staging, Path.GetFileName(Path.TrimEndingDirectorySeparator(entry)));
        var reading = await Task.Run(() => _reader.Read(staged, new SceneReadOptions { Confined = true, Survey = true, Cancellation = cancellationToken }), cancellationToken);
        if (reading.Scene is not { } scene)
        {
            SceneStore.Discard(staging);
            return Refused(isFolder ? [entry] : first.Files, reading.Problem!.Replace(staged, entry, StringComparison.Ordinal));
        }

        var (stored, taken) = await Task.Run(() => _store.Adopt(scene, Path.GetFullPath(staging), staging, Path.GetFileName(staged), Actor, originals), cancellationToken);
        if (taken && isFolder && Directory.Exists(entry))
            Reject([entry], $"The rest of {Path.GetFileName(staged)} was taken as a scene; these files are no part of it ({SideFiles.NotRead}).");
        if (taken)
            Reject(sides, $"It lay beside a file of {stored.Id}, which was taken without it: {SideFiles.NotRead}.");
        var result = await CatalogueAsync(stored, Actor, cancellationToken);
        if (result.SceneId is null)
        {
            // Another scene of that id is in the catalogue: what was just stored must not wait there for the next start.
            return Refused(taken ? [_store.HomeOf(stored)] : isFolder ? [entry] : first.Files, result.Problem!);
        }

        _store.MarkCatalogued(stored);
        if (!taken)
            Reject(isFolder ? [entry] : first.Files, $"The same scene is in the catalogue already as {stored.Id}; nothing was taken.");
        return result;
    }

    /// <summary>Side files of an entry's files in the inbox itself; those of a folder go with the folder.</summary>
    private List<string> Beside(IReadOnlyList<string> files)
    {
        var inbox = _store.Inbox;
        var here = files.Select(Path.GetFullPath).Where(f => Path.GetDirectoryName(f) == inbox && !Directory.Exists(f)).ToHashSet(StringComparer.Ordinal);
        return here.Count == 0 ? [] : [.. Directory.GetFiles(inbox) is var all ? here.SelectMany(f => SideFiles.Of(f, all)).Distinct(StringComparer.Ordinal).Where(f => !here.Contains(f)) : []];
    }

    private SceneIntakeResult Refused(IReadOnlyList<string> paths, string reason)
    {
        Reject(paths, reason);
        return new SceneIntakeResult(null, false, reason);
    }

    private void Reject(IReadOnlyList<string> paths, string reason)
    {
        foreach (var path in paths.Where(Path.Exists))
        {
            var target = _store.Reject(path, reason);
            _log.LogWarning("{Path} was moved to {Target}: {Reason}", path, target, reason);
        }
    }

    private async Task<SceneIntakeResult> CatalogueAsync(Scene scene, string actor, CancellationToken cancellationToken)
    {
        try
        {
            var added = await _catalogue.AddAsync(scene, actor, cancellationToken);
            return new SceneIntakeResult(scene.Id, !added, null);
        }
        catch (InvalidOperationException)
        {
            return new SceneIntakeResult(
                null, false, $"A scene with the id {scene.Id} and other content is in the catalogue already; give this one another id.");
        }
    }
}
