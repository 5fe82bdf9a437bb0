namespace Monitoring.Domain.Faults;

/// <summary>What a failure to read or write says of the machine, by the numbers that the runtime hands on: errno of Linux, Win32 codes in the lower half of a HRESULT of Windows. Stateless.</summary>
public static class SystemFault
{
    /// <summary>The disk, or what a person may use of it, is full: ENOSPC, EDQUOT; ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.</summary>
    public static bool IsFullDisk(Exception problem) => problem is IOException io && (OperatingSystem.IsWindows() ? (io.HResult & 0xFFFF) is 39 or 112 : io.HResult is 28 or 122);

    /// <summary>
    /// The machine is short of something or somebody else holds the file, which says nothing of what is in it. Full disk; EINTR, EAGAIN (held), ENOMEM, ENFILE, EMFILE;
    /// ERROR_TOO_MANY_OPEN_FILES, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_NO_SYSTEM_RESOURCES.
    /// </summary>
    public static bool IsPassing(Exception problem) => IsFullDisk(problem)
        || (problem is IOException io && (OperatingSystem.IsWindows() ? (io.HResult & 0xFFFF) is 4 or 32 or 33 or 1450 : io.HResult is 4 or 11 or 12 or 23 or 24));
}
