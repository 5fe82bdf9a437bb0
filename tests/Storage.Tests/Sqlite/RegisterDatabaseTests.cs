using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Sqlite;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Sqlite;

public sealed class RegisterDatabaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Migrations_Numbers_AreGaplessFromOne() =>
        Migrations.All.Select(m => m.Version).ShouldBe(Enumerable.Range(1, Migrations.All.Count));

    [Fact]
    public async Task Open_NewFile_IsDurableAndPrivate()
    {
        await using var stores = new EmbeddedStores();

        var settings = await stores.Database.WriteAsync(
            (c, t) => (c.ExecuteScalar<string>("PRAGMA journal_mode", transaction: t), c.ExecuteScalar<long>("PRAGMA synchronous", transaction: t), c.ExecuteScalar<long>("PRAGMA foreign_keys", transaction: t)),
            Cancellation);
        settings.ShouldBe(("wal", 2, 1));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(stores.RegisterFile)!, "registers.sqlite*"))
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }
    }

    [Fact]
    public async Task Read_CannotWrite()
    {
        await using var stores = new EmbeddedStores();

        await Should.ThrowAsync<StoreUnavailableException>(() => stores.Database.ReadAsync(c => c.Execute("DELETE FROM cursors"), Cancellation));
    }

    [Fact]
    public async Task Read_DuringAWrite_SeesTheStateBeforeItAndDoesNotWait()
    {
        await using var stores = new EmbeddedStores();
        using var inside = new ManualResetEventSlim();
        using var finish = new ManualResetEventSlim();
        var writing = stores.Database.WriteAsync(
            (c, t) =>
            {
                c.Execute("INSERT INTO cursors VALUES ('c', 1)", transaction: t);
                inside.Set();
                return finish.Wait(Signals.Guard);
            },
            Cancellation);
        inside.Wait(Cancellation);

        (await stores.Cursors.PositionAsync("c", Cancellation).Within("the read beside the writer")).ShouldBe(0);
        finish.Set();
        (await writing).ShouldBeTrue();
        (await stores.Cursors.PositionAsync("c", Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task Write_ThatThrows_LeavesNothing()
    {
        await using var stores = new EmbeddedStores();

        await Should.ThrowAsync<FormatException>(() => stores.Database.WriteAsync<int>(
            (c, t) =>
            {
                c.Execute("INSERT INTO cursors VALUES ('c', 1)", transaction: t);
                throw new FormatException("a fault in between");
            },
            Cancellation));
        (await stores.Cursors.PositionAsync("c", Cancellation)).ShouldBe(0);
    }

    [Theory]
    [InlineData("UPDATE audit SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit")]
    public async Task Audit_ChangedByHand_IsRefusedByTheFileItself(string sql)
    {
        await using var stores = new EmbeddedStores();
        await stores.Audit.AppendAsync(An.Audit(), Cancellation);

        (await Should.ThrowAsync<SqliteException>(() => stores.Database.WriteAsync((c, t) => c.Execute(sql, transaction: t), Cancellation)))
            .Message.ShouldContain("append-only");
    }

    [Fact]
    public async Task Open_FileOfANewerProgram_IsRefusedWithOneSentence()
    {
        await using var stores = new EmbeddedStores();
        await stores.Database.WriteAsync((c, t) => c.Execute("INSERT INTO schema_versions VALUES (99, 'x')", transaction: t), Cancellation);

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(stores.ReopenAsync);
        refusal.Message.ShouldBe($"{stores.RegisterFile} was written by a newer program (version 99, this one knows {Migrations.All.Count}): start that program instead.");
    }

    [Fact]
    public void Open_SomeOtherDatabase_IsRefusedAndLeftAsItIs()
    {
        using var folder = new TempDirectory();
        var path = folder.File("registers.sqlite");
        using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            other.Open();
            other.Execute("CREATE TABLE theirs (x)");
        }

        Should.Throw<StoreUnavailableException>(() => RegisterDatabase.Open(path, TimeProvider.System, NullLogger.Instance)).Message.ShouldContain("not a register of this program");
        using var after = new SqliteConnection($"Data Source={path};Pooling=False");
        after.Query<string>("SELECT name FROM sqlite_schema").ShouldBe(["theirs"]);
    }

    [Fact]
    public void Open_DamagedFile_IsOneSentenceWithTheMend()
    {
        using var folder = new TempDirectory();
        var path = folder.File("registers.sqlite");
        File.WriteAllText(path, new string('x', 10_000));

        var refusal = Should.Throw<StoreUnavailableException>(() => RegisterDatabase.Open(path, TimeProvider.System, NullLogger.Instance));
        refusal.Message.ShouldContain(path);
        refusal.Message.ShouldContain("restore it from a backup");
        refusal.Message.Split(". ").Length.ShouldBe(1);
    }
}
