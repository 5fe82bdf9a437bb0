namespace Monitoring.Ingest;

/// <summary>Room on disks.</summary>
internal static class FreeSpace
{
    /// <summary>Bytes that this process may still write where a folder lies; null when the system does not tell.</summary>
    public static long? Of(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
