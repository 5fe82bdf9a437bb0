using System.Text;
using Monitoring.Domain.Sensing;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Pipeline;

/// <summary>What one device may cost: memory of decoding, dead letters, the last of the disk.</summary>
public sealed class QuotaTests
{
    private const string Unknown = """{"observations":[{"datastream":"nothing","time":"2026-05-01T00:00:00Z","result":1}]}""";

    [Fact]
    public async Task SenMl_LongBaseNameBeforeManyRecords_IsRefusedBeforeItMultiplies()
    {
        using var river = new River();
        var pack = Encoding.UTF8.GetBytes("[{\"bn\":\"" + new string('x', 200_000) + "\"}" + string.Concat(Enumerable.Repeat(",{\"n\":\"a\",\"v\":1,\"t\":1777593600}", 999)) + "]");
        await river.TakeAsync("[]", "devices/d1/senml");
        var before = GC.GetAllocatedBytesForCurrentThread();
        river.Decode.Decode(river.Message(pack, "devices/d1/senml")).Refusals.ShouldHaveSingleItem().Detail.ShouldContain("$[0].bn has 200000 characters");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8_000_000);
    }

    [Fact]
    public async Task SenMl_ResolvedNameTooLong_IsRefusedAndTheOthersAreKept()
    {
        using var river = new River();
        await river.TakeAsync($$"""[{"bn":"d1/","bt":1777593600,"n":"pm10","v":1},{"n":"{{new string('y', 254)}}","v":1}]""", "devices/d1/senml");
        river.Store.Stored.ShouldHaveSingleItem();
        river.Store.Letters.ShouldHaveSingleItem().Detail.ShouldContain("257 characters");
    }

    [Fact]
    public async Task DeadLetters_BeyondTheDevicesHour_AreCountedAndNotKept()
    {
        using var river = new River(new PipelineOptions { MaxDeadLettersPerDeviceAndHour = 3 });
        for (var i = 0; i < 5; i++)
            (await river.TakeAsync(Unknown)).ShouldBeOfType<Taken.Durable>().Refused.ShouldBe(1);

        river.Store.Letters.Count.ShouldBe(3);
        river.Store.Letters[2].Detail.ShouldContain("letter 3 of the device in an hour");
        river.Ledger.Snapshot().ShouldSatisfyAllConditions(l => l.Rejected[DeadLetterReason.UnknownDatastream].ShouldBe(5), l => l.Pending.ShouldBe(0), l => l.Balances.ShouldBeTrue());

        river.Clock.Advance(TimeSpan.FromHours(1));
        await river.TakeAsync(Unknown);
        river.Store.Letters.Count.ShouldBe(4);
    }

    [Fact]
    public async Task UnreadPackets_BeyondTheDevicesHour_AreCountedAndNotKept()
    {
        using var river = new River(new PipelineOptions { MaxDeadLettersPerDeviceAndHour = 3 });
        for (var i = 0; i < 5; i++)
            await river.Pipeline.RefuseUnreadAsync(river.Device, "test", "too large", 1_000_000, river.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        river.Store.Letters.Count.ShouldBe(3);
        river.Ledger.Snapshot().Rejected[DeadLetterReason.TooLarge].ShouldBe(5);
    }

    [Fact]
    public async Task Disk_BelowItsFloor_TakesNothingAndAcknowledgesNothing()
    {
        using var river = new River(new PipelineOptions { DataFolder = "/data", MinFreeBytes = 1000 }) { Free = 999 };
        (await river.TakeAsync(Payload.Pm10(0))).ShouldBeOfType<Taken.Returned>().Problem.ShouldContain("Only 999 bytes are free");
        river.Store.Stored.ShouldBeEmpty();
        river.Ledger.Snapshot().ShouldSatisfyAllConditions(l => l.Returned.ShouldBe(1), l => l.Balances.ShouldBeTrue());

        river.Free = 1000;
        river.Clock.Advance(TimeSpan.FromSeconds(1));
        (await river.TakeAsync(Payload.Pm10(0))).ShouldBeOfType<Taken.Durable>().Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task Clock_BehindTheNewestReception_GoodObservationsAreGivenBackNotRefused()
    {
        using var river = new River();
        await river.TakeAsync(Payload.Pm10(0));

        // The same machine after a start with its clock a day behind; the devices' clocks are right.
        river.Clock.AdjustTime(Payload.Start);
        var live = Payload.Pm10(24 * 3600);
        (await river.TakeAsync(live)).ShouldBeOfType<Taken.Returned>().Problem.ShouldContain("set the clock");
        river.Store.Letters.ShouldBeEmpty();
        river.Ledger.Snapshot().ShouldSatisfyAllConditions(l => l.Returned.ShouldBe(1), l => l.Pending.ShouldBe(0), l => l.Balances.ShouldBeTrue());

        river.Clock.AdjustTime(Payload.Start.AddDays(1).AddMinutes(1));
        (await river.TakeAsync(live)).ShouldBeOfType<Taken.Durable>().Accepted.ShouldBe(1);

        // With the clock right, a device that is ahead is the one that is wrong.
        (await river.TakeAsync(Payload.Pm10(48 * 3600))).ShouldBeOfType<Taken.Durable>().Refused.ShouldBe(1);
    }

    [Fact]
    public async Task Clock_BehindAfterARestart_IsKnownFromTheStore()
    {
        using var river = new River();
        await river.TakeAsync(Payload.Pm10(0));
        var newest = new NewestTimes(river.Store);
        newest.NewestReceived.ShouldBe(default);
        await newest.LoadAsync(river.Device, TestContext.Current.CancellationToken);
        newest.NewestReceived.ShouldBe(river.Clock.GetUtcNow());
    }
}
