using Monitoring.Domain.Audit;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IAuditTrail"/> promises: one chain over all acts, whoever writes them.</summary>
public abstract class AuditTrailContract : StoreContract
{
    [Fact]
    public async Task Append_ActsOfManyWriters_FormOneChain()
    {
        await Task.WhenAll(
            Task.Run(() => AppendAsync(20), Cancellation),
            Task.Run(() => Stores.Alerts.CommitAsync(new() { Audit = [An.Audit("a"), An.Audit("b")] }, Cancellation), Cancellation),
            Task.Run(() => Stores.Scenes.AddAsync(An.Scene(), "tester", Cancellation), Cancellation),
            Task.Run(() => Stores.Plan.AppendAsync(An.Import(An.Permit()), Cancellation), Cancellation));
        await Stores.ReopenAsync();
        await AppendAsync(1);

        var all = await Stores.Audit.ReadAfterAsync(0, 100, Cancellation);
        all.Count.ShouldBe(25);
        AuditChain.FirstBreak(null, all).ShouldBeNull();
        AuditChain.FirstBreak(all[9], await Stores.Audit.ReadAfterAsync(10, 100, Cancellation)).ShouldBeNull();
        (await Stores.Audit.ReadAfterAsync(10, 3, Cancellation)).Select(e => e.Sequence).ShouldBe([11, 12, 13]);
    }

    [Fact]
    public async Task Append_Entry_IsReadBackSoThatItsHashFits()
    {
        var entry = new AuditEntry(An.Epoch.ToOffset(TimeSpan.FromHours(8)).AddTicks(1234567), "张三", "alert.acknowledge", "a\"1", "{\"note\":\"看到了 😀\"}");
        await Stores.Audit.AppendAsync(entry, Cancellation);

        var read = (await Stores.Audit.ReadAfterAsync(0, 1, Cancellation)).ShouldHaveSingleItem();
        read.Entry.ShouldBe(entry with { At = entry.At.ToUniversalTime() });
        read.PreviousHash.ShouldBe(AuditChain.Genesis);
        read.Hash.ShouldBe(AuditChain.HashOf(AuditChain.Genesis, 1, entry));
    }

    private async Task AppendAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Stores.Audit.AppendAsync(An.Audit($"act-{i}"), Cancellation);
        }
    }
}
