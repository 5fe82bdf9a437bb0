using System.Text;
using Monitoring.Domain.Intake;

namespace Monitoring.Ingest.Scenes;

/// <summary>Reads the reasons that lie beside what was refused, in <see cref="SceneOptions.Rejected"/>.</summary>
public sealed class RefusedScenes(SceneOptions options) : IRefusedScenes
{
    private const string Ending = ".reason.txt";

    /// <summary>A reason is one sentence; whoever can write into the folder can write more.</summary>
    private const int MostBytes = 4096;

    /// <inheritdoc/>
    public IReadOnlyList<RefusedScene> Newest(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var folder = new DirectoryInfo(options.Rejected);
        if (!folder.Exists)
        {
            return [];
        }

        // The newest of many by a bounded queue: the folder is emptied by people, or by nobody.
        var newest = new PriorityQueue<FileInfo, (DateTime, string)>();
        foreach (var file in folder.EnumerateFiles("*" + Ending))
        {
            newest.Enqueue(file, (file.LastWriteTimeUtc, file.Name));
            if (newest.Count > limit)
            {
                newest.Dequeue();
            }
        }

        List<RefusedScene> refused = [];
        while (newest.TryDequeue(out var file, out var key))
        {
            if (Read(file.FullName) is { } reason)
            {
                refused.Add(new RefusedScene(file.Name[..^Ending.Length], new DateTimeOffset(key.Item1, TimeSpan.Zero), reason));
            }
        }

        refused.Reverse();
        return refused;
    }

    /// <summary>Null where it went away or may not be read: somebody tidies the folder up.</summary>
    private string? Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[MostBytes];
            var reason = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, MostBytes, throwOnEndOfStream: false)).Trim();

            // Where the server keeps its inbox is for its own log.
            return reason.Replace(options.Inbox + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
