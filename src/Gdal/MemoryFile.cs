using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>
/// A file in memory that GDAL can open by <see cref="Path"/> (<c>/vsimem/…</c>); deleted with everything beside it on disposal.
/// Dispose the datasets on it first. Thread-safe as a file is: one writer, or many readers.
/// </summary>
public sealed unsafe class MemoryFile : IDisposable
{
    private readonly string _folder;
    private int _disposed;

    private MemoryFile(string name)
    {
        GdalLibrary.Initialize();
        _folder = $"/vsimem/{Guid.NewGuid():N}";
        Path = $"{_folder}/{Text.NoNul(name)}";
    }

    /// <summary>The name to open.</summary>
    public string Path { get; }

    /// <summary>A place for a file that GDAL will write. The name's ending may matter to drivers.</summary>
    public static MemoryFile Reserve(string name = "file") => new(name);

    /// <summary>A file with these bytes (copied).</summary>
    public static MemoryFile FromBytes(ReadOnlySpan<byte> bytes, string name = "file")
    {
        var file = new MemoryFile(name);
        var copy = GdalNative.VSIMalloc((nuint)Math.Max(1, bytes.Length));
        if (copy == 0)
            throw new InsufficientMemoryException($"No memory for a file of {bytes.Length} bytes.");
        bytes.CopyTo(new Span<byte>((void*)copy, bytes.Length));
        Errors.Begin();
        var handle = GdalNative.VSIFileFromMemBuffer(file.Path, copy, (ulong)bytes.Length, 1);
        if (handle == 0)
        {
            GdalNative.VSIFree(copy);
            throw Errors.Exception("make a file in memory");
        }
        _ = GdalNative.VSIFCloseL(handle);
        return file;
    }

    /// <summary>The file's bytes (copied).</summary>
    /// <exception cref="FileNotFoundException">Nothing was written to it.</exception>
    public byte[] ToArray()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        ulong length;
        var data = GdalNative.VSIGetMemFileBuffer(Path, &length, 0);
        return data != 0
            ? new ReadOnlySpan<byte>((void*)data, checked((int)length)).ToArray()
            : throw new FileNotFoundException("Nothing was written to the file in memory.", Path);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _ = GdalNative.VSIRmdirRecursive(_folder);
    }
}
