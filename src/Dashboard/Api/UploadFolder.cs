namespace Monitoring.Dashboard.Api;

/// <summary>A folder of its own for one upload, readable by this account alone, deleted with all that is in it.</summary>
internal sealed class UploadFolder : IDisposable
{
    /// <param name="uploads">Folder of all uploads; made when missing.</param>
    public UploadFolder(string uploads)
    {
        Path = System.IO.Path.Combine(uploads, Guid.NewGuid().ToString("N"));
        MakePrivate(uploads);
        MakePrivate(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
