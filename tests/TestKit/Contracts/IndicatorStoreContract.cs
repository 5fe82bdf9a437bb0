using Monitoring.Domain.Events;
using Monitoring.Domain.Indicators;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IIndicatorStore"/> promises.</summary>
public abstract class IndicatorStoreContract : StoreContract
{
    private IIndicatorStore Store => Stores.Indicators;

    [Fact]
    public async Task Definitions_OnADay_AreTheNewestInForceOfEachCode()
    {
        await SaveAsync([An.Definition(), An.Definition(version: "2", from: "2026-01-01"), An.Definition("red-line", from: "2026-06-01")], [An.Target()]);
        await Stores.ReopenAsync();

        (await Store.DefinitionsAsync(new DateOnly(2024, 12, 31), Cancellation)).ShouldBeEmpty();
        (await Store.DefinitionsAsync(new DateOnly(2025, 12, 31), Cancellation)).ShouldBe([An.Definition()]);
        (await Store.DefinitionsAsync(new DateOnly(2026, 6, 1), Cancellation)).Select(d => (d.Code, d.DefinitionVersion)).ShouldBe([("red-line", "1"), ("sensed-built-up", "2")]);
        (await Store.TargetsAsync(Cancellation)).ShouldBe([An.Target()]);
    }

    [Fact]
    public async Task SaveDefinitions_SameAgain_ChangesNothingAndIsNotAudited()
    {
        await SaveAsync([An.Definition()], [An.Target()]);
        await SaveAsync([An.Definition()], [An.Target()]);

        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldHaveSingleItem().Entry.Action.ShouldBe("indicators.define");
    }

    [Fact]
    public async Task SaveDefinitions_SameVersionWithOtherContent_IsRefusedWhole()
    {
        await SaveAsync([An.Definition()], []);

        await Should.ThrowAsync<InvalidOperationException>(() => SaveAsync([An.Definition("new"), An.Definition() with { Unit = "m2" }], []));
        (await Store.DefinitionsAsync(new DateOnly(2026, 1, 1), Cancellation)).ShouldBe([An.Definition()]);
    }

    [Fact]
    public async Task Targets_SavedAgain_ShowTheLastOfEachRegion()
    {
        await SaveAsync([], [An.Target(), An.Target(region: "330200")]);
        await SaveAsync([], [An.Target(version: "2", target: 28)]);

        (await Store.TargetsAsync(Cancellation)).Select(t => (t.RegionCode, t.TargetValue)).ShouldBe([("330100", 28), ("330200", 30)]);
    }

    [Fact]
    public async Task Values_ComputedAgain_ShowTheNewestComputation()
    {
        await Store.CommitAsync([An.Value("2026-03-01", 20), An.Value("2026-04-01", 21), An.Value("2026-04-01", 5, "other")], [], null, Cancellation);
        await Store.CommitAsync([An.Value("2026-04-01", null)], [], new Cursor("indicators", 3), Cancellation);
        await Stores.ReopenAsync();

        var values = await Store.ValuesAsync("sensed-built-up", "330100", null, null, Cancellation);
        values.Select(v => (v.Month, v.Value)).ShouldBe([(new DateOnly(2026, 3, 1), 20), (new DateOnly(2026, 4, 1), (double?)null)]);
        var sent = An.Value("2026-03-01", 20);
        values[0].Inputs.ShouldBe(sent.Inputs);
        (values[0] with { Inputs = sent.Inputs }).ShouldBe(sent);
        (await Store.ValuesAsync(null, null, new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 1), Cancellation)).Count.ShouldBe(2);
        (await Store.ValuesAsync("none", null, null, null, Cancellation)).ShouldBeEmpty();
        (await Stores.Cursors.PositionAsync("indicators", Cancellation)).ShouldBe(3);
    }

    [Fact]
    public async Task Commit_WithFindings_StoresThemInTheOneSequence()
    {
        await Stores.Findings.CommitAsync(new() { Findings = [An.Finding("f1")] }, Cancellation);
        await Store.CommitAsync([An.Value()], [An.Finding("f2")], null, Cancellation);

        (await Stores.Findings.ReadAfterAsync(0, 10, Cancellation)).Select(f => (f.Sequence, f.Finding.Id)).ShouldBe([(1, "f1"), (2, "f2")]);
        Stores.Bus.Of<FindingRaised>().Select(e => e.Through).ShouldBe([1, 2]);
        Stores.Bus.Of<IndicatorsComputed>().Count().ShouldBe(1);
    }

    private Task SaveAsync(IReadOnlyList<IndicatorDefinition> definitions, IReadOnlyList<IndicatorTarget> targets) =>
        Store.SaveDefinitionsAsync(definitions, targets, "tester", Cancellation);
}
