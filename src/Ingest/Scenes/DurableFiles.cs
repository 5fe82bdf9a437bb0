using System.Runtime.InteropServices;

namespace Monitoring.Ingest.Scenes;

/// <summary>File steps that are on the disk when they return: a rename is durable only when its directory is synced too.</summary>
internal static class DurableFiles
{
    public static void Sync(string file)
    {
        // Linux syncs through a handle for reading too, so that files without write permission can be taken.
        using var handle = File.OpenHandle(file, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Writes a small file whole: beside its place, synced, renamed.</summary>
    public static void Write(string file, ReadOnlySpan<byte> content)
    {
        var part = file + ".part";
        using (var handle = File.OpenHandle(part, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(part, file, overwrite: true);
        SyncFolder(Path.GetDirectoryName(file)!);
    }

    /// <summary>Syncs a directory's entries. Windows does so by itself and has no call for it.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = NativeMethods.Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"The folder {folder} cannot be opened to sync it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (NativeMethods.Fsync(descriptor) != 0)
                throw new IOException($"The folder {folder} cannot be synced (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = NativeMethods.Close(descriptor);
        }
    }

    private static class NativeMethods
    {
#pragma warning disable SYSLIB1054, CA2101 // Source-generated marshalling needs unsafe code, which this room does without.
        [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Fsync(int descriptor);

        [DllImport("libc", EntryPoint = "close")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
#pragma warning restore SYSLIB1054, CA2101
    }
}
