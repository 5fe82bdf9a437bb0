using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// The folder <c>store</c>: one folder a scene, named by a hash over content and id. Not thread-safe; the intake calls it one at a time.
/// </summary>
/// <remarks>
/// Files come in through the staging folder <c>.copying-…</c>, always as copies: whoever delivered a file may hold it open, and could change a renamed
/// one behind its hash. With all files and a note of the intake in it, the staging folder is renamed to <c>{hash}</c>; then the originals leave the inbox; when
/// the catalogue has the scene, the file <c>.catalogued</c> is written. After a crash, <see cref="Recover"/> drops unfinished copies, clears the inbox of
/// what was stored, and names the folders whose scene may not be in the catalogue yet.
/// </remarks>
internal sealed class SceneStore(SceneOptions options)
{
    /// <summary>Staging of earlier versions, which moved files out of the inbox.</summary>
    private const string Moving = ".moving-";
    private const string Copying = ".copying-";
    private const string NoteName = ".intake.json";
    private const string CataloguedName = ".catalogued";

    /// <summary>Side files that nobody reads (<see cref="ClosedRaster"/>); what comes by the inbox is stored without them.</summary>
    private static readonly string[] NotStored = [".ovr", ".msk", ".aux", ".aux.xml", ".rrd"];

    /// <summary>Called between the steps with their names; tests cut the power there.</summary>
    public Action<string> Step { get; init; } = static _ => { };

    /// <summary>Told one sentence for what could not be done and hinders nothing else.</summary>
    public Action<string> Tell { get; init; } = static _ => { };

    /// <summary>Free bytes where a folder lies; null = unknown.</summary>
    public Func<string, long?> FreeBytes { get; init; } = FreeSpace.Of;

    /// <summary>The inbox, as a full path.</summary>
    public string Inbox => Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Inbox));

    public void CreateFolders()
    {
        foreach (var folder in new[] { options.Folder, options.Inbox, options.Store, options.Rejected })
            Directory.CreateDirectory(folder);
    }

    /// <summary>Name of the scene's folder.</summary>
    public static string KeyOf(Scene scene) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{scene.ContentHash}\n{scene.Id}\n{scene.AcquiredAt.UtcTicks}")));

    public string HomeOf(Scene scene) => Path.Combine(options.Store, KeyOf(scene));

    /// <summary>Whether a file of the inbox is a side file that is neither read nor stored.</summary>
    public static bool IsNotStored(string file) =>
        NotStored.Any(n => file.EndsWith(n, StringComparison.OrdinalIgnoreCase)) && !(file.EndsWith(".msk", StringComparison.Ordinal) && ClosedRaster.MaskOf(file[..^4]) is not null);

    /// <summary>Copies the files of an operator's scene into the store, unless they are there. The originals stay.</summary>
    /// <param name="entry">The path that was given: the Item, the raster or the folder. A folder is copied whole.</param>
    /// <returns>The scene with its files in the store; false when they were there and nothing was copied.</returns>
    public (Scene Scene, bool Taken) Take(SceneReading reading, string entry, string actor)
    {
        var scene = reading.Scene!;
        entry = Path.TrimEndingDirectorySeparator(Path.GetFullPath(entry));
        if (Directory.Exists(HomeOf(scene)))
            return (Rebased(scene, Path.GetDirectoryName(entry)!), false);
        var (staging, _) = Stage(Directory.Exists(entry) ? [.. PlainFiles.Below(entry), .. reading.Files] : reading.Files, entry);
        return Adopt(scene, Path.GetDirectoryName(entry)!, staging, Path.GetFileName(entry), actor, []);
    }

    /// <summary>Copies files to the staging folder, durably and for reading only.</summary>
    /// <returns>The staging folder, and what the originals were when they were copied.</returns>
    /// <exception cref="IOException">Too little room, or a file cannot be copied; nothing is left in the store.</exception>
    public (string Staging, IReadOnlyList<Original> Originals) Stage(IReadOnlyList<string> files, string entry)
    {
        var root = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(entry)))!;
        var originals = files.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).Select(Original.Of).ToList();
        MustLieApart(root, originals);
        MustHaveRoom(originals.Sum(o => o.Length), entry);
        var staging = Path.Combine(options.Store, Copying + "scene");
        Discard(staging);
        try
        {
            Directory.CreateDirectory(staging);
            Step("staging made");
            foreach (var original in originals)
            {
                var target = Path.Combine(staging, NameWithin(root, original.Path));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(original.Path, target, overwrite: true);
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(target, UnixFileMode.UserRead);
                DurableFiles.Sync(target);
                DurableFiles.SyncFolder(Path.GetDirectoryName(target)!);
                if (Original.Of(original.Path) != original)
                    throw new IOException($"{original.Path} was changed while it was copied; it is tried again.");
                Step("file in staging");
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Discard(staging);
            throw;
        }

        return (staging, originals);
    }

    /// <summary>Makes a staging folder the scene's home, unless there is one.</summary>
    /// <param name="root">Folder that the scene's files are named from, as the staging folder's are from it.</param>
    /// <param name="originals">Files of the inbox that are to go when the scene is stored.</param>
    /// <returns>The scene with its files in the store; false when it was there and the staging folder was dropped.</returns>
    public (Scene Scene, bool Taken) Adopt(Scene scene, string root, string staging, string entryName, string actor, IReadOnlyList<Original> originals)
    {
        var home = HomeOf(scene);
        var rebased = Rebased(scene, root);
        try
        {
            if (Directory.Exists(home))
            {
                Discard(staging);
                return (rebased, false);
            }

            DurableFiles.Write(
                Path.Combine(staging, NoteName), JsonSerializer.SerializeToUtf8Bytes(new IntakeNote(entryName, actor, scene.AcquiredAt, originals, scene.Id)));
            Step("note written");
            Directory.Move(staging, home);
            DurableFiles.SyncFolder(options.Store);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Discard(staging);
            throw;
        }

        Step("scene stored");
        Clear(originals);
        return (rebased, true);
    }

    public static void Discard(string staging)
    {
        if (Directory.Exists(staging))
            Directory.Delete(staging, recursive: true);
    }

    /// <summary>The catalogue has the scene.</summary>
    public void MarkCatalogued(Scene scene) => DurableFiles.Write(Path.Combine(options.Store, KeyOf(scene), CataloguedName), []);

    /// <summary>Mends what a crash left behind.</summary>
    /// <returns>Scenes that are in the store and perhaps not in the catalogue: where they are entered, and how they came.</returns>
    public IReadOnlyList<StoredEntry> Recover()
    {
        CreateFolders();
        var open = new List<StoredEntry>();
        foreach (var folder in Directory.GetDirectories(options.Store))
        {
            try
            {
                if (Mend(folder) is { } note)
                    open.Add(new StoredEntry(folder, Path.Combine(folder, note.Entry), note.Actor, note.AcquiredAt, note.Id));
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
            {
                Tell($"{folder} cannot be brought in order: {problem.Message}");
            }
        }

        DurableFiles.SyncFolder(options.Store);
        return open;
    }

    private IntakeNote? Mend(string folder)
    {
        var name = Path.GetFileName(folder);
        if (name.StartsWith(Copying, StringComparison.Ordinal))
        {
            Discard(folder);
        }
        else if (name.StartsWith(Moving, StringComparison.Ordinal))
        {
            GiveBack(folder);
        }
        else if (!File.Exists(Path.Combine(folder, CataloguedName)) && File.Exists(Path.Combine(folder, NoteName)))
        {
            var note = JsonSerializer.Deserialize<IntakeNote>(File.ReadAllBytes(Path.Combine(folder, NoteName)))
                ?? throw new JsonException($"{NoteName} holds null.");
            Clear(note.Originals ?? []);
            return note;
        }

        return null;
    }

    /// <summary>Takes what cannot be used out of the inbox, with the reason beside it.</summary>
    /// <returns>Where it went.</returns>
    public string Reject(string path, string reason)
    {
        var target = Path.Combine(options.Rejected, NameFor(path, 1));
        for (var number = 2; Path.Exists(target) || Path.Exists(target + ".reason.txt"); number++)
            target = Path.Combine(options.Rejected, NameFor(path, number));
        DurableFiles.Write(target + ".reason.txt", Encoding.UTF8.GetBytes(reason + "\n"));
        Step("reason written");
        if (Directory.Exists(path))
            Directory.Move(path, target);
        else
            File.Move(path, target);
        DurableFiles.SyncFolder(options.Rejected);
        return target;
    }

    /// <summary>A name that leaves room for what is appended to it: names have at most 255 bytes.</summary>
    private static string NameFor(string path, int number)
    {
        const int MaxBytes = 200;
        var (stem, extension) = (Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        if (Encoding.UTF8.GetByteCount(extension) > 32)
            (stem, extension) = (stem + extension, "");
        var suffix = (number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}")) + extension;
        while (Encoding.UTF8.GetByteCount(stem) + Encoding.UTF8.GetByteCount(suffix) > MaxBytes)
            stem = stem[..^1];
        return stem + suffix;
    }

    private void GiveBack(string staging)
    {
        foreach (var file in Directory.GetFiles(staging, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file).StartsWith(NoteName, StringComparison.Ordinal))
                continue;
            var target = Path.Combine(options.Inbox, Path.GetRelativePath(staging, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (!File.Exists(target))
                File.Move(file, target);
        }

        DurableFiles.SyncFolder(options.Inbox);
        Directory.Delete(staging, recursive: true);
    }

    /// <summary>
    /// Takes out of the inbox what is stored: files that are still what was copied, the Item last (a raster that stays behind waits for its Item and is no scene of its
    /// own), and folders that are empty then.
    /// </summary>
    private void Clear(IReadOnlyList<Original> originals)
    {
        if (originals.Count == 0)
            return;
        try
        {
            foreach (var original in originals.OrderBy(o => Path.GetExtension(o.Path).Equals(".json", StringComparison.OrdinalIgnoreCase)))
            {
                if (!File.Exists(original.Path) || Original.Of(original.Path) != original)
                    continue;
                File.Delete(original.Path);
                DeleteEmptyFolders(Path.GetDirectoryName(original.Path)!);
                Step("original gone");
            }

            DurableFiles.SyncFolder(options.Inbox);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Tell($"A scene is stored, but its files cannot be taken out of the inbox: {problem.Message}");
        }
    }

    private void DeleteEmptyFolders(string folder)
    {
        var inbox = Path.GetFullPath(options.Inbox);
        while (folder.Length > inbox.Length && folder.StartsWith(inbox, StringComparison.Ordinal) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
            folder = Path.GetDirectoryName(folder)!;
        }
    }

    /// <summary>Two files from outside of the scene's folder may have one name, and one would take the other's place.</summary>
    private static void MustLieApart(string root, IReadOnlyList<Original> originals)
    {
        if (originals.GroupBy(o => NameWithin(root, o.Path), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } both)
            throw new IOException($"{both.First().Path} and {both.Last().Path} would both lie there as {both.Key}; rename one of them and name it so in the Item.");
    }

    private void MustHaveRoom(long bytes, string entry)
    {
        if (options.MinFreeBytes > 0 && FreeBytes(options.Folder) is { } free && free - bytes < options.MinFreeBytes)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture,
                $"{entry} has {bytes} bytes, but {free} are free on the disk of {options.Folder}, of which {options.MinFreeBytes} stay free (Scenes:MinFreeBytes); make room."));
        }
    }

    private Scene Rebased(Scene scene, string root) =>
        scene with { Assets = [.. scene.Assets.Select(a => a with { Path = Rebased(a.Path, root, HomeOf(scene)) })] };

    /// <summary>A file in an archive moves with the archive; a remote one stays where it is.</summary>
    private static string Rebased(string path, string root, string home)
    {
        if (!ClosedRaster.IsVirtual(path))
            return Path.GetFullPath(Path.Combine(home, NameWithin(root, path)));
        return ClosedRaster.ArchiveOf(path) is { } archive ? ClosedRaster.Moved(path, archive, Path.GetFullPath(Path.Combine(home, NameWithin(root, archive)))) : path;
    }

    /// <summary>Name below the scene's folder; a file from outside of it (an operator's Item may name such) lands in the folder itself.</summary>
    private static string NameWithin(string folder, string file)
    {
        var relative = Path.GetRelativePath(folder, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? Path.GetFileName(file) : relative;
    }

    /// <param name="Id">The scene's id, which may come of a folder's name that is not kept; null in notes of earlier versions.</param>
    private sealed record IntakeNote(string Entry, string Actor, DateTimeOffset AcquiredAt, IReadOnlyList<Original>? Originals = null, string? Id = null);
}

/// <summary>A scene that is in the store and perhaps not in the catalogue.</summary>
/// <param name="Home">Its folder.</param>
/// <param name="Path">Where it is entered.</param>
/// <param name="Id">The id that it was taken with; null when an earlier version took it.</param>
internal sealed record StoredEntry(string Home, string Path, string Actor, DateTimeOffset AcquiredAt, string? Id)
{
    /// <summary>Whether a scene is the one that was stored here: of this content, id and time.</summary>
    public bool Holds(Scene scene) => SceneStore.KeyOf(scene) == System.IO.Path.GetFileName(Home);
}

/// <summary>A file as it was when it was copied.</summary>
/// <param name="Changed">Ticks of its last change, UTC.</param>
internal sealed record Original(string Path, long Length, long Changed)
{
    public static Original Of(string path)
    {
        var file = new FileInfo(path);
        return new Original(path, file.Length, file.LastWriteTimeUtc.Ticks);
    }
}
