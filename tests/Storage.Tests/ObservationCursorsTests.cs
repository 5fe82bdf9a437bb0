using DuckDB.NET.Data;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Events;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.DuckDb;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests;

/// <summary>Cursors on observations and the file of observations are two files: either can be brought back without the other.</summary>
public sealed class ObservationCursorsTests : IDisposable
{
    private const string Consumer = "telemetry/observations";
    private readonly TempDirectory _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string File => _folder.File("observations.duckdb");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cursor_FileBroughtBackFromABackup_GoesBackToItsEnd()
    {
        await RunAsync(async (observations, _) => await observations.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 1)), Cancellation));
        System.IO.File.Copy(File, File + ".backup");
        await RunAsync(async (observations, cursors) =>
        {
            await observations.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 2), An.Observation(seconds: 3)), Cancellation);
            await cursors.AdvanceAsync(new Cursor(Consumer, 3), Cancellation);
            await cursors.AdvanceAsync(new Cursor("alerts/findings", 7), Cancellation);
        });
        System.IO.File.Move(File + ".backup", File, overwrite: true);

        await RunAsync(async (observations, cursors) =>
        {
            (await cursors.PositionAsync(Consumer, Cancellation)).ShouldBe(1);
            (await cursors.PositionAsync("alerts/findings", Cancellation)).ShouldBe(7);
            await observations.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 4)), Cancellation);
            (await observations.ReadAfterAsync(await cursors.PositionAsync(Consumer, Cancellation), 10, Cancellation)).Count.ShouldBe(1);
        });
        (await ActsAsync()).ShouldHaveSingleItem().Subject.ShouldBe(Consumer);
    }

    [Fact]
    public async Task Cursor_AnotherFile_BeginsAgain()
    {
        await RunAsync(async (observations, cursors) =>
        {
            await observations.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 1)), Cancellation);
            await cursors.AdvanceAsync(new Cursor(Consumer, 1), Cancellation);
        });
        System.IO.File.Delete(File);

        // More than the cursor says has come before detection looks.
        await using (var other = DuckDbObservationStore.Open(File, new ObservationStoreOptions(), new RecordingBus(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance))
        {
            await other.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 5), An.Observation(seconds: 6)), Cancellation);
        }

        await RunAsync(async (_, cursors) =>
        {
            (await cursors.PositionAsync(Consumer, Cancellation)).ShouldBe(0);
            await cursors.AdvanceAsync(new Cursor(Consumer, 2), Cancellation);
        });

        // The same file again: nothing moves.
        await RunAsync(async (_, cursors) => (await cursors.PositionAsync(Consumer, Cancellation)).ShouldBe(2));
        (await ActsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task File_OfVersionOne_GetsAnIdentityThatStays()
    {
        await RunAsync(async (observations, _) => await observations.CommitAsync(ObservationBatch.Of(An.Observation(seconds: 1)), Cancellation));
        using (var connection = new DuckDBConnection($"DataSource={File}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE incarnation; UPDATE format SET version = 1;";
            command.ExecuteNonQuery();
        }

        string? first = null;
        for (var start = 0; start < 2; start++)
        {
            await using var store = DuckDbObservationStore.Open(File, new ObservationStoreOptions(), new RecordingBus(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            Guid.TryParse(store.Incarnation, out _).ShouldBeTrue();
            store.Incarnation.ShouldBe(first ??= store.Incarnation);
            store.OpenedAt.ShouldBe(1);
        }
    }

    private async Task RunAsync(Func<IObservationStore, ICursorStore, Task> work)
    {
        await using var services = new ServiceCollection().AddStorage(new StorageOptions { DataDirectory = _folder.Path }).BuildServiceProvider();
        await work(services.GetRequiredService<IObservationStore>(), services.GetRequiredService<ICursorStore>());
    }

    private async Task<List<AuditEntry>> ActsAsync()
    {
        await using var services = new ServiceCollection().AddStorage(new StorageOptions { DataDirectory = _folder.Path }).BuildServiceProvider();
        return [.. (await services.GetRequiredService<IAuditTrail>().ReadAfterAsync(0, 100, Cancellation)).Select(e => e.Entry).Where(e => e.Action == "cursor.set-back")];
    }
}
