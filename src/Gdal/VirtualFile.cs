using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>The bytes of any file that GDAL can open, such as one inside an archive (<see cref="ClosedRaster.IsInArchive"/>). Not thread-safe.</summary>
public sealed unsafe class VirtualFile : IDisposable
{
    private nint _handle;

    private VirtualFile(nint handle) => _handle = handle;

    /// <summary>Opens a file for reading; null when there is none that can be read.</summary>
    public static VirtualFile? TryOpen(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        GdalLibrary.Initialize();
        Errors.Begin();
        var handle = GdalNative.VSIFOpenL(Text.NoNul(path), "rb");
        return handle == 0 ? null : new VirtualFile(handle);
    }

    /// <summary>Reads from <paramref name="at"/> on; fewer bytes than asked for at the end of the file, or where it is damaged.</summary>
    public int Read(Span<byte> to, long at)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        Errors.Begin();
        if (GdalNative.VSIFSeekL(_handle, (ulong)at, 0) != 0)
            return 0;
        fixed (byte* buffer = to)
        {
            return (int)GdalNative.VSIFReadL(buffer, 1, (nuint)to.Length, _handle);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _handle, 0) is not 0 and var handle)
            _ = GdalNative.VSIFCloseL(handle);
    }
}
