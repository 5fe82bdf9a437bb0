using System.Diagnostics;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests;

public sealed class DataDirectoryTests
{
    [Fact]
    public void Open_NewPlace_MakesTheLayoutForTheOwnerOnly()
    {
        using var folder = new TempDirectory();
        using var data = DataDirectory.Open(folder.File("data"));

        foreach (var made in new[] { data.Root, data.SceneInbox, data.SceneStore, data.SceneRejected, data.Models, data.Keys })
        {
            Directory.Exists(made).ShouldBeTrue(made);
            if (!OperatingSystem.IsWindows())
            {
                (File.GetUnixFileMode(made) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None, made);
            }
        }

        data.Registers.ShouldBe(Path.Combine(data.Root, "registers.sqlite"));
        data.Observations.ShouldBe(Path.Combine(data.Root, "observations.duckdb"));
        File.Exists(Path.Combine(data.Root, "lock")).ShouldBeTrue();
    }

    [Fact]
    public void Open_DirectoryOpenToOthers_ClosesItAndEmptiesTheUploads()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no modes.");
            return;
        }

        using var folder = new TempDirectory();
        const UnixFileMode Open = (UnixFileMode)0b111_101_101;
        var uploads = folder.File("uploads");
        Directory.CreateDirectory(Path.Combine(uploads, "cut-short"));
        File.WriteAllText(Path.Combine(uploads, "cut-short", "permits.gpkg"), "left");
        File.WriteAllText(Path.Combine(uploads, "left.zip"), "left");
        File.WriteAllText(folder.File("kept.txt"), "kept");
        Directory.CreateSymbolicLink(Path.Combine(uploads, "link"), folder.Path);
        Directory.CreateDirectory(folder.File("keys"));
        foreach (var made in new[] { folder.Path, uploads, folder.File("keys") })
        {
            File.SetUnixFileMode(made, Open);
        }

        using var data = DataDirectory.Open(folder.Path);

        foreach (var closed in new[] { data.Root, data.Uploads, data.Keys })
        {
            File.GetUnixFileMode(closed).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, closed);
        }

        Directory.EnumerateFileSystemEntries(uploads).ShouldBeEmpty();
        File.Exists(folder.File("kept.txt")).ShouldBeTrue();
    }

    [Fact]
    public void Open_Held_IsRefusedWithOneSentenceThatNamesTheHolder()
    {
        using var folder = new TempDirectory();
        using var data = DataDirectory.Open(folder.Path);
        var early = Should.Throw<DataDirectoryInUseException>(() => DataDirectory.Open(folder.Path));
        data.Announce("http://127.0.0.1:8080");
        var late = Should.Throw<DataDirectoryInUseException>(() => DataDirectory.Open(folder.Path));

        early.Holder.ShouldBe(new LockHolder(Environment.ProcessId, null));
        late.Holder.ShouldBe(new LockHolder(Environment.ProcessId, "http://127.0.0.1:8080"));
        late.Message.ShouldBe(
            $"The data directory {data.Root} is held by process {Environment.ProcessId} at http://127.0.0.1:8080: end that one or choose another directory.");
    }

    [Fact]
    public void Open_AfterItWasGivenBack_Succeeds()
    {
        using var folder = new TempDirectory();
        DataDirectory.Open(folder.Path).Dispose();

        using var again = DataDirectory.Open(folder.Path);
        again.Root.ShouldBe(folder.Path);
    }

    [Fact]
    public void Open_NameLeftByAKilledHolder_IsNotTakenForALock()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.File("lock"), "");
        File.WriteAllText(folder.File("lock.holder"), "{\"ProcessId\":1,\"Address\":null}");

        using var data = DataDirectory.Open(folder.Path);
        Should.Throw<DataDirectoryInUseException>(() => DataDirectory.Open(folder.Path)).Holder!.ProcessId.ShouldBe(Environment.ProcessId);
    }

    /// <summary>The lock must hold against another program too, not only against this one.</summary>
    [Fact]
    public async Task Lock_IsSeenByOtherProcesses()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/flock"))
        {
            Assert.Skip("flock is not here.");
        }

        using var folder = new TempDirectory();
        using (DataDirectory.Open(folder.Path))
        {
            (await FlockAsync(folder.File("lock"))).ShouldBe(1);
        }

        (await FlockAsync(folder.File("lock"))).ShouldBe(0);
    }

    private static async Task<int> FlockAsync(string file)
    {
        using var other = Process.Start("/usr/bin/flock", ["-n", "-x", file, "true"]);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        return other.ExitCode;
    }
}
