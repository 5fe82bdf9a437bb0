using Monitoring.Domain.Audit;

namespace Monitoring.Domain.Tests;

public sealed class AuditChainTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 8, 0, 0, TimeSpan.FromHours(8));

    private static List<ChainedAuditEntry> Chain(int count)
    {
        var chain = new List<ChainedAuditEntry>();
        for (var i = 0; i < count; i++)
        {
            chain.Add(AuditChain.Chain(chain.LastOrDefault(), new AuditEntry(Start.AddMinutes(i), "wang", "alert.acknowledge", $"alert:{i}", """{"note":"已看"}""")));
        }

        return chain;
    }

    [Fact]
    public void FirstBreak_UntouchedChain_IsNull() => AuditChain.FirstBreak(null, Chain(5)).ShouldBeNull();

    [Fact]
    public void FirstBreak_ChainReadInParts_IsNull()
    {
        var chain = Chain(5);
        AuditChain.FirstBreak(chain[1], chain.Skip(2)).ShouldBeNull();
    }

    public static TheoryData<string, Func<List<ChainedAuditEntry>, List<ChainedAuditEntry>>, string> Tampering => new()
    {
        { "details changed", c => Replace(c, 2, e => e with { Entry = e.Entry with { Details = "{}" } }), "Entry 3 was changed" },
        { "actor changed", c => Replace(c, 0, e => e with { Entry = e.Entry with { Actor = "li" } }), "Entry 1 was changed" },
        { "time moved by one tick", c => Replace(c, 4, e => e with { Entry = e.Entry with { At = e.Entry.At.AddTicks(1) } }), "Entry 5 was changed" },
        { "entry dropped", c => [.. c.Where(e => e.Sequence != 3)], "Entry 3 is missing" },
        { "first dropped", c => [.. c.Skip(1)], "Entry 1 is missing" },
        { "two swapped", c => [c[0], c[2], c[1], c[3], c[4]], "Entry 2 is missing" },
        { "rewritten from the middle with fresh hashes", Rewrite, "Entry 4 does not follow" },
    };

    [Theory]
    [MemberData(nameof(Tampering))]
    public void FirstBreak_TamperedChain_NamesTheEntry(string what, Func<List<ChainedAuditEntry>, List<ChainedAuditEntry>> tamper, string expected) =>
        AuditChain.FirstBreak(null, tamper(Chain(5))).ShouldNotBeNull(what).ShouldStartWith(expected);

    [Fact]
    public void HashOf_MovedBoundaryBetweenFields_Differs()
    {
        var a = new AuditEntry(Start, "ab", "c", "s", "{}");
        var b = new AuditEntry(Start, "a", "bc", "s", "{}");
        AuditChain.HashOf(AuditChain.Genesis, 1, a).ShouldNotBe(AuditChain.HashOf(AuditChain.Genesis, 1, b));
    }

    [Fact]
    public void HashOf_SameInstantInAnotherZone_IsTheSame()
    {
        var entry = new AuditEntry(Start, "a", "b", "c", "{}");
        AuditChain.HashOf(AuditChain.Genesis, 1, entry).ShouldBe(AuditChain.HashOf(AuditChain.Genesis, 1, entry with { At = Start.ToUniversalTime() }));
    }

    private static List<ChainedAuditEntry> Replace(List<ChainedAuditEntry> chain, int index, Func<ChainedAuditEntry, ChainedAuditEntry> change)
    {
        chain[index] = change(chain[index]);
        return chain;
    }

    private static List<ChainedAuditEntry> Rewrite(List<ChainedAuditEntry> chain)
    {
        chain[2] = AuditChain.Chain(chain[1], chain[2].Entry with { Actor = "nobody" });
        return chain;
    }
}
