using System.Runtime.InteropServices;

namespace Monitoring.Gdal.Native;

/// <summary>
/// Raster blocks are half a megabyte and more. The C library gives each of that size fresh pages from the system and takes them back
/// when it is freed, so that reading a scene clears every page anew: a fifth of the time of a comparison. Kept in the heap they are reused.
/// </summary>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;

    /// <summary>Largest block that comes from the heap: the most that glibc takes.</summary>
    private const int KeepUpTo = 32 << 20;

    /// <summary>Free memory at the heap's end beyond which it goes back to the system.</summary>
    private const int KeepFree = 256 << 20;

    public static void KeepBlocks()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = mallopt(MmapThreshold, KeepUpTo);
            _ = mallopt(TrimThreshold, KeepFree);
        }
        catch (Exception other) when (other is DllNotFoundException or EntryPointNotFoundException)
        {
            // Not glibc (musl): its heap has no such settings, and all works without.
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);
}
