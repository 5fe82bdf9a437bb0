using DuckDB.NET.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.DuckDb;

/// <summary>The file itself: versions, damage, options, what another program sees in it.</summary>
public sealed class DuckDbObservationFileTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Options_OutOfRange_AreListedAllAtOnce()
    {
        var refusal = Should.Throw<ArgumentException>(() => Open("x", new ObservationStoreOptions { QueueCapacity = 0, Readers = 65, CheckpointMiB = 0 }));

        foreach (var name in new[] { "QueueCapacity", "Readers", "CheckpointMiB" })
        {
            refusal.Message.ShouldContain(name);
        }
    }

    [Fact]
    public async Task Open_DamagedFile_IsOneSentenceWithTheMend()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        await File.WriteAllTextAsync(file, new string('x', 100_000), Cancellation);

        var refusal = Should.Throw<StoreUnavailableException>(() => Open(file));
        refusal.Message.ShouldContain(file);
        refusal.Message.ShouldContain("restore it from a backup");
    }

    [Fact]
    public async Task Open_HeaderOfAGoodFileOverwritten_IsRefused()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        await using (var store = Open(file))
        {
            await store.CommitAsync(ObservationBatch.Of(An.Observation()), Cancellation);
        }

        await using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = 4096;
            stream.Write(new byte[8192]);
        }

        Should.Throw<StoreUnavailableException>(() => Open(file)).Message.ShouldContain("restore it from a backup");
    }

    [Fact]
    public async Task Open_FileOfANewerProgram_IsRefused()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        await Open(file).DisposeAsync();
        Execute(file, "UPDATE format SET version = 99");

        Should.Throw<StoreUnavailableException>(() => Open(file)).Message.ShouldBe(
            $"{file} was written by a newer program (format 99, this one knows {ObservationSchema.Version}): start that program instead.");
    }

    [Fact]
    public void Open_SomeOtherDuckDbFile_IsRefused()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        Execute(file, "CREATE TABLE theirs (x INTEGER)");

        Should.Throw<StoreUnavailableException>(() => Open(file)).Message.ShouldContain("not an observation store");
    }

    [Fact]
    public async Task File_IsForTheOwnerOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var stores = new EmbeddedStores();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(stores.ObservationFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>A bug in the writing code once wrote a constant's lowest byte only; plain SQL on the closed file shows the raw columns.</summary>
    [Fact]
    public async Task File_ReadByPlainSql_HoldsWhatTheFormatPageSays()
    {
        using var folder = new TempDirectory();
        var file = folder.File("observations.duckdb");
        await using (var store = Open(file))
        {
            await store.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 1, result: 1.5), An.Category("d2/cam", 2, "a\\b"), An.Observation(seconds: 0, result: 2)), Cancellation);
        }

        Rows(file, "SELECT o.sequence, o.datastream, d.id, epoch_us(phenomenon_time), o.number, text, quality FROM observations o JOIN datastreams d ON d.number = o.datastream ORDER BY sequence")
            .ShouldBe(
            [
                $"1|1|d1/pm10|{Microseconds(1)}|1.5||0",
                $"2|2|d2/cam|{Microseconds(2)}||a\\\\b|0",
                $"3|1|d1/pm10|{Microseconds(0)}|2||16",
            ]);
    }

    [Fact]
    public async Task Commit_AfterClosing_IsRefused()
    {
        using var folder = new TempDirectory();
        var store = Open(folder.File("observations.duckdb"));
        await store.DisposeAsync();
        await store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => store.CommitAsync(ObservationBatch.Of(An.Observation()), Cancellation));
    }

    /// <summary>Closing commits what has queued: nobody is left waiting.</summary>
    [Fact]
    public async Task Dispose_WithMessagesQueued_AnswersThemAll()
    {
        using var folder = new TempDirectory();
        var store = Open(folder.File("observations.duckdb"), new ObservationStoreOptions { GroupRows = 1 });
        var sent = Enumerable.Range(0, 200).Select(i => store.CommitAsync(ObservationBatch.Of(An.Observation(seconds: i)), Cancellation)).ToArray();
        await store.DisposeAsync();

        var receipts = await Task.WhenAll(sent).Within("every queued message is answered");
        receipts.ShouldAllBe(r => r.Outcomes[0] == CommitOutcome.Accepted);
    }

    [Fact]
    public async Task Commit_QueueOfFewBytes_LetsEverybodyThrough()
    {
        await using var stores = new EmbeddedStores(new ObservationStoreOptions { QueueBytes = 64 << 10, QueueCapacity = 1, GroupBytes = 64 << 10 });
        var letter = An.DeadLetter() with { Payload = new byte[100_000] };
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stores.Observations.CommitAsync(new ObservationBatch([], [letter]), Cancellation)))
            .Within("messages larger than the budget pass one after the other");

        (await stores.Observations.ReadDeadLettersAsync(null, 100, Cancellation)).Count.ShouldBe(20);
    }

    private static long Microseconds(double seconds) => StoreTime.Microseconds(An.Epoch.AddSeconds(seconds));

    private static DuckDbObservationStore Open(string file, ObservationStoreOptions? options = null) =>
        DuckDbObservationStore.Open(file, options ?? new ObservationStoreOptions(), new InProcessEventBus(), NullLogger.Instance);

    private static void Execute(string file, string sql)
    {
        using var connection = new DuckDBConnection($"DataSource={file}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<string> Rows(string file, string sql)
    {
        using var connection = new DuckDBConnection($"DataSource={file}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }
}
