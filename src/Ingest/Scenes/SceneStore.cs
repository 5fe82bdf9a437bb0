using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Monitoring.Domain.Imagery;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// The folder <c>store</c>: one folder a scene, named by a hash over content and id. Not thread-safe; the intake calls it one at a time.
/// </summary>
/// <remarks>
/// Files come in through a staging folder: <c>.moving-{hash}</c> (from the inbox, by renames) or <c>.copying-{hash}</c> (from elsewhere).
/// With all files and a note of the intake in it, the staging folder is renamed to <c>{hash}</c>; when the catalogue has the scene, the file
/// <c>.catalogued</c> is written. After a crash, <see cref="Recover"/> gives moved files back to the inbox, drops unfinished copies, and
/// names the folders whose scene may not be in the catalogue yet.
/// </remarks>
internal sealed class SceneStore(SceneOptions options)
{
    private const string Moving = ".moving-";
    private const string Copying = ".copying-";
    private const string NoteName = ".intake.json";
    private const string CataloguedName = ".catalogued";

    /// <summary>Called between the steps with their names; tests cut the power there.</summary>
    public Action<string> Step { get; init; } = static _ => { };

    public void CreateFolders()
    {
        foreach (var folder in new[] { options.Folder, options.Inbox, options.Store, options.Rejected })
            Directory.CreateDirectory(folder);
    }

    /// <summary>Name of the scene's folder.</summary>
    public static string KeyOf(Scene scene) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{scene.ContentHash}\n{scene.Id}\n{scene.AcquiredAt.UtcTicks}")));

    public string HomeOf(Scene scene) => Path.Combine(options.Store, KeyOf(scene));

    /// <summary>Puts a scene's files into the store, unless they are there.</summary>
    /// <param name="entry">The path that was given: the Item, the raster or the folder. A folder is taken whole.</param>
    /// <param name="move">True to take the files away from where they are (same file system), false to copy.</param>
    /// <returns>The scene with its files in the store; false when they were there and nothing was taken.</returns>
    public (Scene Scene, bool Taken) Take(SceneReading reading, string entry, string actor, bool move)
    {
        var scene = reading.Scene!;
        var key = KeyOf(scene);
        var home = Path.Combine(options.Store, key);
        entry = Path.TrimEndingDirectorySeparator(Path.GetFullPath(entry));
        var root = Path.GetDirectoryName(entry)!;
        var rebased = scene with { Assets = [.. scene.Assets.Select(a => a with { Path = Path.GetFullPath(Path.Combine(home, NameWithin(root, a.Path))) })] };
        if (Directory.Exists(home))
            return (rebased, false);

        var staging = Path.Combine(options.Store, (move ? Moving : Copying) + key);
        Directory.CreateDirectory(staging);
        DurableFiles.SyncFolder(options.Store);
        Step("staging made");
        var files = Directory.Exists(entry) ? Directory.GetFiles(entry, "*", SearchOption.AllDirectories) : reading.Files;
        if (move && Directory.Exists(entry))
        {
            foreach (var file in files)
                DurableFiles.Sync(file);
            Directory.Move(entry, Path.Combine(staging, Path.GetFileName(entry)));
        }
        else
        {
            foreach (var file in files)
            {
                var target = Path.Combine(staging, NameWithin(root, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                if (move)
                {
                    DurableFiles.Sync(file);
                    File.Move(file, target);
                }
                else
                {
                    File.Copy(file, target, overwrite: true);
                    DurableFiles.Sync(target);
                }

                DurableFiles.SyncFolder(Path.GetDirectoryName(target)!);
                Step("file in staging");
            }
        }

        DurableFiles.Write(Path.Combine(staging, NoteName), JsonSerializer.SerializeToUtf8Bytes(new IntakeNote(Path.GetFileName(entry), actor, scene.AcquiredAt)));
        Step("note written");
        Directory.Move(staging, home);
        DurableFiles.SyncFolder(options.Store);
        Step("scene stored");
        return (rebased, true);
    }

    /// <summary>The catalogue has the scene.</summary>
    public void MarkCatalogued(Scene scene) => DurableFiles.Write(Path.Combine(options.Store, KeyOf(scene), CataloguedName), []);

    /// <summary>Mends what a crash left behind.</summary>
    /// <returns>Scenes that are in the store and perhaps not in the catalogue: where they are entered, and how they came.</returns>
    public IReadOnlyList<(string Entry, string Actor, DateTimeOffset AcquiredAt)> Recover()
    {
        CreateFolders();
        var open = new List<(string, string, DateTimeOffset)>();
        foreach (var folder in Directory.GetDirectories(options.Store))
        {
            var name = Path.GetFileName(folder);
            if (name.StartsWith(Copying, StringComparison.Ordinal))
            {
                Directory.Delete(folder, recursive: true);
            }
            else if (name.StartsWith(Moving, StringComparison.Ordinal))
            {
                GiveBack(folder);
            }
            else if (!File.Exists(Path.Combine(folder, CataloguedName)) && File.Exists(Path.Combine(folder, NoteName)))
            {
                var note = JsonSerializer.Deserialize<IntakeNote>(File.ReadAllBytes(Path.Combine(folder, NoteName)))!;
                open.Add((Path.Combine(folder, note.Entry), note.Actor, note.AcquiredAt));
            }
        }

        DurableFiles.SyncFolder(options.Store);
        return open;
    }

    /// <summary>Takes what cannot be used out of the inbox, with the reason beside it.</summary>
    /// <returns>Where it went.</returns>
    public string Reject(string path, string reason)
    {
        var target = Path.Combine(options.Rejected, Path.GetFileName(path));
        for (var number = 2; Path.Exists(target) || Path.Exists(target + ".reason.txt"); number++)
            target = Path.Combine(options.Rejected, $"{Path.GetFileNameWithoutExtension(path)}-{number}{Path.GetExtension(path)}");
        DurableFiles.Write(target + ".reason.txt", Encoding.UTF8.GetBytes(reason + "\n"));
        Step("reason written");
        if (Directory.Exists(path))
            Directory.Move(path, target);
        else
            File.Move(path, target);
        DurableFiles.SyncFolder(options.Rejected);
        return target;
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

    /// <summary>Name below the scene's folder; a file from outside of it (an operator's Item may name such) lands in the folder itself.</summary>
    private static string NameWithin(string folder, string file)
    {
        var relative = Path.GetRelativePath(folder, file);
        return relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? Path.GetFileName(file) : relative;
    }

    private sealed record IntakeNote(string Entry, string Actor, DateTimeOffset AcquiredAt);
}
