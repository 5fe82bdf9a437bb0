using System.Globalization;
using System.Text.Json;

namespace Monitoring.Storage;

/// <summary>
/// The data directory, held by one process. The lock lives in the open file handle: the system frees it when the process ends,
/// however it ends, so a lock is never stale.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream held)
    {
        Root = root;
        _lock = held;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    public string Registers => Path.Combine(Root, "registers.sqlite");

    public string Observations => Path.Combine(Root, "observations.duckdb");

    /// <summary>Files dropped here are taken in.</summary>
    public string SceneInbox => Path.Combine(Root, "scenes", "inbox");

    public string SceneStore => Path.Combine(Root, "scenes", "store");

    public string SceneRejected => Path.Combine(Root, "scenes", "rejected");

    public string Models => Path.Combine(Root, "models");

    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Imports under way.</summary>
    public string Uploads => Path.Combine(Root, "uploads");

    private string Holder => Path.Combine(Root, "lock.holder");

    /// <summary>
    /// Takes the directory, making it and its folders when they are not there. It is its owner's alone (mode 700), also when somebody opened
    /// it to others before; what is left of uploads that a crash cut short goes.
    /// </summary>
    /// <exception cref="DataDirectoryInUseException">Another process holds it; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is open to others and this user may not change that.</exception>
    public static DataDirectory Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var root = Path.GetFullPath(path);
        Make(root);
        CloseToOthers(root);
        var lockFile = Path.Combine(root, "lock");
        FileStream held;
        try
        {
            held = new FileStream(lockFile, Restricted(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException failure) when (File.Exists(lockFile))
        {
            var holder = ReadHolder(Path.Combine(root, "lock.holder"));
            throw new DataDirectoryInUseException(root, holder, failure);
        }

        var directory = new DataDirectory(root, held);
        var ready = false;
        try
        {
            foreach (var folder in new[] { directory.SceneInbox, directory.SceneStore, directory.SceneRejected, directory.Models, directory.Keys, directory.Uploads })
            {
                Make(folder);
            }

            CloseToOthers(directory.Keys);
            CloseToOthers(directory.Uploads);
            Empty(directory.Uploads);

            directory.Announce(null);
            ready = true;
            return directory;
        }
        finally
        {
            if (!ready)
            {
                directory.Dispose();
            }
        }
    }

    /// <summary>Says at which local address the holder answers, so that a command can hand its work over.</summary>
    /// <param name="address">For example <c>http://127.0.0.1:8080</c>, or null while there is none.</param>
    public void Announce(string? address)
    {
        var temporary = Holder + ".new";
        using (var stream = new FileStream(temporary, Restricted(FileMode.Create, FileShare.Read)))
        {
            JsonSerializer.Serialize(stream, new LockHolder(Environment.ProcessId, address));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, Holder, overwrite: true);
    }

    public void Dispose()
    {
        File.Delete(Holder);
        _lock.Dispose();
    }

    private static FileStreamOptions Restricted(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, Private);
        }
    }

    /// <summary>What is inside is closed too, whatever its own mode: databases make their logs as they please.</summary>
    private static void CloseToOthers(string folder)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(folder) & ~Private) is 0)
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(folder, Private);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new UnauthorizedAccessException($"{folder} is open to other users and this one may not change that: give it to this user, or set its mode to 700.", failure);
        }
    }

    private static void Empty(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo { LinkTarget: null } inner)
            {
                inner.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    /// <summary>Null when the holder has not written its name yet or the file cannot be read.</summary>
    private static LockHolder? ReadHolder(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LockHolder>(File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Who holds a data directory.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Address">Where it answers, or null.</param>
public sealed record LockHolder(int ProcessId, string? Address);

/// <summary>The data directory belongs to another process now.</summary>
public sealed class DataDirectoryInUseException(string root, LockHolder? holder, Exception inner)
    : Exception(Sentence(root, holder), inner)
{
    /// <summary>Who holds it, as far as that process has said.</summary>
    public LockHolder? Holder { get; } = holder;

    private static string Sentence(string root, LockHolder? holder) =>
        holder is null
            ? $"The data directory {root} is held by another process: end that one or choose another directory."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"The data directory {root} is held by process {holder.ProcessId}{(holder.Address is { } address ? $" at {address}" : "")}: end that one or choose another directory.");
}
