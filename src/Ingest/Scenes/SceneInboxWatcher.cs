using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Monitoring.Domain.Sensing;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Watches <c>inbox</c>. An Item or a folder is taken when it was renamed in place, or when nothing of it changed for the settling time; a
/// raster without Item only after the settling time, because its Item may follow. A raster that an Item names waits for the Item.
/// Names that begin with a dot or end in .part, .tmp, .crdownload or .filepart are passed over.
/// </summary>
/// <remarks>Looks on the injected clock's poll interval; what the file system tells only wakes it earlier and marks renames.</remarks>
public sealed class SceneInboxWatcher(SceneOptions options, SceneReader reader, SceneIntake intake, TimeProvider clock, ILogger<SceneInboxWatcher> log)
    : BackgroundService
{
    private static readonly string[] Unfinished = [".part", ".tmp", ".crdownload", ".filepart"];
    private static readonly string[] SideExtensions = [".hdr", ".xml", ".txt", ".md5", .. SideFiles.Endings];

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, bool> _renamed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sighting> _seen = new(StringComparer.Ordinal);
    private bool _mustRecover = true;
    private string? _lastFault;

    /// <summary>One look through the inbox. The loop calls it; tests may. Not thread-safe.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_mustRecover)
            {
                await intake.RecoverAsync(cancellationToken);
                _mustRecover = false;
            }

            var entries = Directory.GetFileSystemEntries(options.Inbox).Where(IsFinished).Order(StringComparer.Ordinal).ToList();
            Notice(entries);
            var items = entries.Where(IsItem).ToDictionary(e => e, reader.FilesNamedBy, StringComparer.Ordinal);
            var claimed = items.Values.OfType<IReadOnlyList<string>>().SelectMany(f => f).ToHashSet(StringComparer.Ordinal);
            foreach (var entry in entries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Path.Exists(entry) && IsDue(_seen[entry]))
                    await JudgeOneAsync(entry, items, claimed, entries, cancellationToken);
            }
        }
        catch (StoreUnavailableException problem)
        {
            _mustRecover = true;
            log.LogError(problem, "A scene could not be catalogued and is tried again: {Problem}", problem.Message);
        }
    }

    /// <summary>Raised after each look, on the watcher's thread.</summary>
    internal event Action? Looked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Make(options.Inbox);
        using var events = Listen();
        try
        {
            while (true)
            {
                await LookOrTellAsync(stoppingToken);
                Looked?.Invoke();
                await WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            log.LogDebug("The inbox is watched no more: the service is stopping.");
        }
    }

    /// <summary>A look that failed as a whole (the inbox is away, the disk refuses) is told once and followed by the next.</summary>
    private async Task LookOrTellAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
            _lastFault = null;
        }
#pragma warning disable CA1031 // Whatever lies in the inbox, the service goes on: an exception out of here would end it, again after each restart.
        catch (Exception problem) when (problem is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _mustRecover = true;
            if (_lastFault != problem.Message)
                log.LogError(problem, "The inbox {Inbox} could not be looked through and is tried again: {Problem}", options.Inbox, problem.Message);
            _lastFault = problem.Message;
            Make(options.Inbox);
        }
    }

    private void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            log.LogError(problem, "{Folder} cannot be made: {Problem}", folder, problem.Message);
        }
    }

    private bool IsDue(Sighting sighting) => sighting.FailedAt is not { } at || clock.GetElapsedTime(at) >= options.RetryAfter;

    /// <summary>Judges one entry; whatever happens to it, the others follow.</summary>
    private async Task JudgeOneAsync(
        string entry, Dictionary<string, IReadOnlyList<string>?> items, HashSet<string> claimed, List<string> entries, CancellationToken cancellationToken)
    {
        try
        {
            await JudgeAsync(entry, items, claimed, entries, cancellationToken);
        }
#pragma warning disable CA1031 // One entry that trips over a bug or a fault of the disk must not keep the others out, nor end the service.
        catch (Exception problem) when (problem is not (OperationCanceledException or StoreUnavailableException))
#pragma warning restore CA1031
        {
            // Its files are where they were, so nothing is lost; tried again when it changes or after a while.
            _seen[entry] = _seen[entry] with { FailedAt = clock.GetTimestamp() };
            _mustRecover = true;
            log.LogError(problem, "{Entry} could not be taken from the inbox and is tried again in {Delay}: {Problem}", entry, options.RetryAfter, problem.Message);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.Poll, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The poll interval is over: that is as good as a wake.
            return;
        }
    }

    private FileSystemWatcher? Listen()
    {
        try
        {
            var watcher = new FileSystemWatcher(options.Inbox) { IncludeSubdirectories = true };
            watcher.Renamed += (_, change) =>
            {
                if (Path.GetDirectoryName(change.FullPath) == Path.GetDirectoryName(Path.Combine(options.Inbox, "x")))
                    _renamed[Path.GetFullPath(change.FullPath)] = true;
                _wake.Writer.TryWrite(true);
            };
            watcher.Created += (_, _) => _wake.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception problem) when (problem is IOException or ArgumentException)
        {
            log.LogWarning("The file system tells no changes of {Inbox} ({Problem}); it is looked through every {Poll}.", options.Inbox, problem.Message, options.Poll);
            return null;
        }
    }

    private async Task JudgeAsync(
        string entry, Dictionary<string, IReadOnlyList<string>?> items, HashSet<string> claimed, List<string> entries, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(entry);
        var sighting = _seen[entry];
        var isSettled = clock.GetElapsedTime(sighting.Since) >= options.Settle;
        var isRenamed = _renamed.ContainsKey(full);
        var isOutOfPatience = clock.GetElapsedTime(sighting.Since) >= options.Settle + options.AssetPatience;
        if (Directory.Exists(entry))
        {
            // A folder that an Item's assets lie in is the Item's.
            if ((isSettled || isRenamed) && !claimed.Any(c => c.StartsWith(full + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
                await TakeAsync(entry, cancellationToken);
        }
        else if (items.TryGetValue(entry, out var named))
        {
            if (!isRenamed && !isSettled)
                return;
            var isComplete = named is null || named.All(File.Exists);
            var isQuiet = isRenamed || named is null || named.All(f => IsSettled(f) && SideFiles.Of(f, entries.Select(Path.GetFullPath)).All(IsSettled));
            if ((isComplete && isQuiet) || isOutOfPatience)
                await TakeAsync(entry, cancellationToken);
        }
        else if (claimed.Contains(full) || entries.Exists(e => IsItem(e) && Path.GetFileNameWithoutExtension(e) == Path.GetFileNameWithoutExtension(entry)))
        {
            // Its Item takes it along.
        }
        else if (IsSide(entry))
        {
            // One whose raster is here goes with it, also when that is still being copied.
            if (isOutOfPatience && !entries.Exists(e => !IsSide(e) && SideFiles.Of(Path.GetFullPath(e), [full]).Any()))
                await intake.RejectAsync(entry, SceneStore.IsNotStored(entry)
                        ? $"No raster in the inbox belongs to this file; and {SideFiles.NotRead}."
                        : "No raster in the inbox belongs to this file; deliver it together with its raster.", cancellationToken);
        }
        else if (isSettled && (isOutOfPatience || SideFiles.Of(full, entries.Select(Path.GetFullPath)).All(IsSettled)))
        {
            // With what lies beside it: a mask that is still being copied would be a damaged one.
            await TakeAsync(entry, cancellationToken);
        }
    }

    private static bool IsSide(string entry) => SideExtensions.Contains(Path.GetExtension(entry), StringComparer.OrdinalIgnoreCase);

    private async Task TakeAsync(string entry, CancellationToken cancellationToken)
    {
        _renamed.TryRemove(Path.GetFullPath(entry), out _);
        var result = await intake.TakeFromInboxAsync(entry, cancellationToken);
        if (result.SceneId is not null)
            log.LogInformation("The scene {Scene} was taken from the inbox.", result.SceneId);
    }

    private bool IsSettled(string file)
    {
        // A file in a sub-folder is judged with its folder.
        var relative = Path.GetRelativePath(Path.GetFullPath(options.Inbox), file);
        var entry = Path.Combine(options.Inbox, relative.Split(Path.DirectorySeparatorChar)[0]);
        return _seen.TryGetValue(entry, out var sighting) && clock.GetElapsedTime(sighting.Since) >= options.Settle;
    }

    /// <summary>Starts the settling time of what is new or has changed; forgets what is gone.</summary>
    private void Notice(List<string> entries)
    {
        foreach (var gone in _seen.Keys.Except(entries).ToList())
        {
            _seen.Remove(gone);
            _renamed.TryRemove(Path.GetFullPath(gone), out _);
        }

        foreach (var entry in entries)
        {
            var state = StateOf(entry);
            if (!_seen.TryGetValue(entry, out var sighting) || sighting.State != state)
                _seen[entry] = new Sighting(state, clock.GetTimestamp(), null);
        }
    }

    private static string StateOf(string entry)
    {
        try
        {
            return Directory.Exists(entry)
                ? string.Join('|', Directory.GetFiles(entry, "*", PlainFiles.WithoutLinks(recurse: true)).Order(StringComparer.Ordinal).Select(Of))
                : Of(entry);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }

        static string Of(string file)
        {
            var info = new FileInfo(file);
            return info.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file}:{info.Length}:{info.LastWriteTimeUtc.Ticks}") : "";
        }
    }

    private static bool IsItem(string entry) => Path.GetExtension(entry).Equals(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(entry);

    private static bool IsFinished(string entry)
    {
        var name = Path.GetFileName(entry);
        return !name.StartsWith('.') && !Unfinished.Any(u => name.EndsWith(u, StringComparison.OrdinalIgnoreCase));
    }

    private sealed record Sighting(string State, long Since, long? FailedAt);
}
