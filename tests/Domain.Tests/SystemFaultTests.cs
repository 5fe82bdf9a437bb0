using Monitoring.Domain.Faults;

namespace Monitoring.Domain.Tests;

public sealed class SystemFaultTests
{
    [Theory]
    [InlineData(28, 112, true, true)] // ENOSPC, ERROR_DISK_FULL
    [InlineData(122, 39, true, true)] // EDQUOT, ERROR_HANDLE_DISK_FULL
    [InlineData(24, 4, false, true)] // EMFILE, ERROR_TOO_MANY_OPEN_FILES
    [InlineData(11, 32, false, true)] // EAGAIN, ERROR_SHARING_VIOLATION
    [InlineData(5, 23, false, false)] // EIO, ERROR_CRC
    [InlineData(2, 2, false, false)] // ENOENT, ERROR_FILE_NOT_FOUND
    public void Fault_ByTheSystemsNumber_IsTheDisksTheMachinesOrTheFiles(int linux, int windows, bool isFull, bool isPassing)
    {
        var problem = new IOException("As the system says it.", OperatingSystem.IsWindows() ? unchecked((int)0x80070000) | windows : linux);
        SystemFault.IsFullDisk(problem).ShouldBe(isFull);
        SystemFault.IsPassing(problem).ShouldBe(isPassing);
        SystemFault.IsPassing(new InvalidDataException("of another kind", problem)).ShouldBeFalse();
    }
}
