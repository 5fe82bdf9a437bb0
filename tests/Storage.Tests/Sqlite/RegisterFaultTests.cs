using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Domain.Alerts;
using Monitoring.Domain.Audit;
using Monitoring.Domain.Sensing;
using Monitoring.Storage.Bus;
using Monitoring.Storage.Sqlite;
using Monitoring.Storage.Tests.Child;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Sqlite;

/// <summary>kill -9 between and within transactions, and a file that may not grow.</summary>
public sealed class RegisterFaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledAtRandomMoments_ChangesAuditAndCursor_StandTogether()
    {
        using var folder = new TempDirectory();
        var file = folder.File("registers.sqlite");
        var random = new Random(11);
        var next = 1;
        for (var round = 0; round < Effort.Cases(4); round++)
        {
            var receipted = await RunAndKillAsync(file, next, 1 + random.Next(200));
            for (var recovery = 0; recovery < 2; recovery++)
            {
                next = await CheckAsync(file, receipted);
            }
        }
    }

    [Fact]
    public async Task Write_WhenTheFileMayNotGrow_IsRefusedWholeAndGoesOnWhenItMay()
    {
        await using var stores = new EmbeddedStores();
        await stores.Alerts.CommitAsync(new AlertBatch { Changes = [An.Change(An.Alert("before"))] }, Cancellation);
        var pages = await stores.Database.WriteAsync((c, t) => c.ExecuteScalar<long>("PRAGMA page_count", transaction: t), Cancellation);
        await stores.Database.WriteAsync((c, t) => c.ExecuteScalar<long>($"PRAGMA max_page_count = {pages + 2}", transaction: t), Cancellation);
        var photo = An.Photo(new byte[500_000]);
        var batch = new AlertBatch { Changes = [An.Change(An.Alert("after"))], Photos = [photo], Audit = [An.Audit()] };

        var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => stores.Alerts.CommitAsync(batch, Cancellation));
        refusal.Message.ShouldContain("free space on the disk");
        (await stores.Alerts.LastSequenceAsync(Cancellation)).ShouldBe(1);
        (await stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldBeEmpty();

        await stores.Database.WriteAsync((c, t) => c.ExecuteScalar<long>("PRAGMA max_page_count = 1000000", transaction: t), Cancellation);
        (await stores.Alerts.CommitAsync(batch, Cancellation)).ShouldHaveSingleItem().Sequence.ShouldBe(2);
        (await stores.Alerts.PhotoAsync(photo.Sha256, Cancellation)).ShouldNotBeNull();
    }

    private static async Task<int> RunAndKillAsync(string file, int first, int receipts)
    {
        var last = first - 1;
        await using var child = ChildProcess.Start([RegisterChild.Mode, file, $"{first}"]);
        for (var read = 0; read < receipts; read++)
        {
            last = (await child.NextAsync(Cancellation).Within("the child writes a line")).ShouldNotBeNull().Number;
        }

        await child.KillAsync();
        while (await child.NextAsync(Cancellation) is { } line)
        {
            last = line.Number;
        }

        return last;
    }

    /// <summary>The number the next batch has: one past the cursor.</summary>
    private static async Task<int> CheckAsync(string file, int receipted)
    {
        using var database = RegisterDatabase.Open(file, TimeProvider.System, NullLogger.Instance);
        var position = await new SqliteCursorStore(database, new InProcessEventBus()).PositionAsync(RegisterChild.Consumer, Cancellation);
        position.ShouldBeInRange(receipted, receipted + 1);
        var changes = await new SqliteAlertStore(database, new InProcessEventBus()).ChangesAfterAsync(0, 1_000_000, Cancellation);
        changes.Select(c => c.Sequence).ShouldBe(Enumerable.Range(1, changes.Count).Select(i => (long)i));
        changes.Select(c => c.Alert.Subject.Id).ShouldBe(Enumerable.Range(1, (int)position).SelectMany(n => new[] { $"a{n}", $"b{n}" }));
        var audit = await new SqliteAuditTrail(database).ReadAfterAsync(0, 1_000_000, Cancellation);
        audit.Count.ShouldBe((int)position);
        AuditChain.FirstBreak(null, audit).ShouldBeNull();
        return (int)position + 1;
    }
}
