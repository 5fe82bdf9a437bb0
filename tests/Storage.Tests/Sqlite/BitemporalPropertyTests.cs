using CsCheck;
using Monitoring.Domain.Land;
using Monitoring.TestKit;

namespace Monitoring.Storage.Tests.Sqlite;

/// <summary>The versioned map against a reference that keeps, for each version, what is in force on each single day.</summary>
public sealed class BitemporalPropertyTests
{
    private const int Days = 12;
    private static readonly DateOnly First = new(2024, 1, 1);

    private static readonly Gen<Statement> AStatement = Gen.Select(
        Gen.Int[0, 1], Gen.Int[-1, Days - 1], Gen.Int[1, Days + 3], Gen.Int[0, 2], (id, from, length, status) =>
            new Statement($"P-{id}", from, from + length > Days ? null : Math.Max(0, from) + length, (PermitStatus)status));

    private static readonly Gen<Statement[][]> Imports = AStatement.Array[1, 3].Select(s => s.DistinctBy(x => x.Id).ToArray()).Array[1, 8];

    [Fact]
    public async Task Append_AnyImports_EqualTheDayByDayReference()
    {
        await Imports.SampleAsync(
            async imports =>
            {
                await using var stores = new EmbeddedStores();
                var reference = new List<Dictionary<(string Id, int Day), PermitStatus>> { new() };
                foreach (var import in imports)
                {
                    var version = await stores.Plan.AppendAsync(An.Import([.. import.Select(s => s.ToPermit())]), CancellationToken.None);
                    var next = Apply(reference[^1], import);
                    if (version is null)
                    {
                        next.ShouldBe(reference[^1], ignoreOrder: true);
                    }
                    else
                    {
                        version.Version.ShouldBe(reference.Count);
                        reference.Add(next);
                    }
                }

                for (var version = 0; version < reference.Count; version++)
                {
                    await CheckAsync(stores.Plan, version, reference[version]);
                }

                await CheckAsync(stores.Plan, null, reference[^1]);
            },
            iter: Effort.Cases(12),
            threads: 1,
            seed: "0000000000c3");
    }

    /// <summary>Statements about different features say the same whichever comes first, in one import or several.</summary>
    [Fact]
    public async Task Append_StatementsOfDifferentFeaturesInAnyOrder_GiveTheSameMap()
    {
        var any = AStatement.Array[1, 6].Select(s => s.Select((x, i) => x with { Id = $"P-{i}" }).ToArray());
        await Gen.Select(any, Gen.Int[0, 1000]).SampleAsync(
            async (statements, seed) =>
            {
                await using var stores = new EmbeddedStores();
                await using var others = new EmbeddedStores();
                foreach (var statement in statements)
                {
                    await stores.Plan.AppendAsync(An.Import(statement.ToPermit()), CancellationToken.None);
                }

                Statement[] shuffled = [.. statements];
                new Random(seed).Shuffle(shuffled);
                foreach (var piece in shuffled.Chunk((seed % 3) + 1))
                {
                    await others.Plan.AppendAsync(An.Import([.. piece.Select(s => s.ToPermit())]), CancellationToken.None);
                }

                var one = await stores.Plan.QueryAsync<Permit>(MapQuestion.Everything, CancellationToken.None);
                var other = await others.Plan.QueryAsync<Permit>(MapQuestion.Everything, CancellationToken.None);
                other.Select(p => (p.Id, p.Status, p.EffectiveFrom, p.EffectiveTo)).ShouldBe(one.Select(p => (p.Id, p.Status, p.EffectiveFrom, p.EffectiveTo)));
            },
            iter: Effort.Cases(12),
            threads: 1,
            seed: "0000000000c4");
    }

    private static Dictionary<(string Id, int Day), PermitStatus> Apply(Dictionary<(string Id, int Day), PermitStatus> before, Statement[] import)
    {
        var after = new Dictionary<(string Id, int Day), PermitStatus>(before);
        foreach (var statement in import)
        {
            for (var day = Math.Max(0, statement.From); day < Days; day++)
            {
                if (day < (statement.To ?? Days))
                {
                    after[(statement.Id, day)] = statement.Status;
                }
                else
                {
                    after.Remove((statement.Id, day));
                }
            }
        }

        return after;
    }

    private static async Task CheckAsync(IPlanRegister register, int? version, Dictionary<(string Id, int Day), PermitStatus> expected)
    {
        for (var day = 0; day < Days; day++)
        {
            var found = await register.QueryAsync<Permit>(new MapQuestion { InForceOn = First.AddDays(day), AsOfVersion = version }, CancellationToken.None);
            found.Select(p => (p.Id, p.Status)).ShouldBe(expected.Where(e => e.Key.Day == day).Select(e => (e.Key.Id, e.Value)), ignoreOrder: true);
        }

        foreach (var feature in (await register.QueryAsync<Permit>(new MapQuestion { AsOfVersion = version }, CancellationToken.None)).GroupBy(p => p.Id))
        {
            var periods = feature.ToArray();
            periods.Zip(periods.Skip(1)).ShouldAllBe(pair => pair.First.EffectiveTo != null && pair.First.EffectiveTo <= pair.Second.EffectiveFrom);
        }
    }

    /// <param name="From">Day from <see cref="First"/>; -1 = since always.</param>
    /// <param name="To">Exclusive; null = until further notice.</param>
    private sealed record Statement(string Id, int From, int? To, PermitStatus Status)
    {
        public Permit ToPermit() => An.Permit(Id, status: Status) with
        {
            EffectiveFrom = From < 0 ? null : First.AddDays(From), EffectiveTo = To is { } to ? First.AddDays(to) : null,
        };
    }
}
