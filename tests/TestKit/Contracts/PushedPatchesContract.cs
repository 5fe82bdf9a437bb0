using Monitoring.Domain.Land;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IPushedPatches"/> promises: numbers as they came, nothing overwritten, nothing told twice.</summary>
public abstract class PushedPatchesContract : StoreContract
{
    private IPushedPatches Pushed => Stores.PushedPatches;

    [Fact]
    public async Task Append_EveryField_IsReadBackAfterReopening()
    {
        var patch = new PushedPatch
        {
            Number = "320115-0001", Outline = An.Square(), BeforeDate = new DateOnly(2024, 1, 5), AfterDate = new DateOnly(2024, 3, 20), Kind = "推填土", RegionCode = "320115",
            StatedAreaSquareMeters = 812.5, SourceFields = new Dictionary<string, string> { ["图斑编号"] = "320115-0001", ["a"] = "1" },
        };
        var delivery = (await AppendAsync("2024Q1", patch)).ShouldNotBeNull();
        delivery.ShouldSatisfyAllConditions(d => d.Delivery.ShouldBe(1), d => d.Changed.ShouldBe(1), d => d.Total.ShouldBe(1), d => d.ReceivedAt.ShouldBe(An.Epoch));

        await Stores.ReopenAsync();
        var read = (await Pushed.OfBatchAsync("2024Q1", null, Cancellation)).ShouldHaveSingleItem();
        read.ShouldSatisfyAllConditions(
            p => p.Outline.Shape.EqualsExact(patch.Outline.Shape).ShouldBeTrue(),
            p => (p with { Outline = patch.Outline, SourceFields = patch.SourceFields }).ShouldBe(patch),
            p => p.SourceFields.ShouldBe(patch.SourceFields, ignoreOrder: true));
        (await Pushed.DeliveriesAsync(Cancellation)).ShouldBe([delivery]);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).ShouldHaveSingleItem().Entry.Action.ShouldBe("patches.import");
    }

    [Fact]
    public async Task Append_TheSameAgain_IsNoDelivery()
    {
        await AppendAsync("b", Patch("1"), Patch("2"));
        (await AppendAsync("b", Patch("2"), Patch("1"))).ShouldBeNull();
        (await Pushed.DeliveriesAsync(Cancellation)).Count.ShouldBe(1);
        (await Stores.Audit.ReadAfterAsync(0, 10, Cancellation)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Append_CorrectedAndNewPatches_SupersedeAndKeepWhatWas()
    {
        await AppendAsync("b", Patch("1", "a"), Patch("2", "a"));
        var second = (await AppendAsync("b", Patch("1", "corrected"), Patch("3", "a"))).ShouldNotBeNull();
        (second.Delivery, second.Changed, second.Total).ShouldBe((2, 2, 3));
        (await KindsAsync("b", null)).ShouldBe([("1", "corrected"), ("2", "a"), ("3", "a")]);
        (await KindsAsync("b", 1)).ShouldBe([("1", "a"), ("2", "a")]);
    }

    [Fact]
    public async Task Append_SameNumbersInAnotherBatch_AreOtherPatches()
    {
        await AppendAsync("b1", Patch("1", "a"));
        await AppendAsync("b2", Patch("1", "z"));
        (await KindsAsync("b1", null)).ShouldBe([("1", "a")]);
        (await KindsAsync("b2", null)).ShouldBe([("1", "z")]);
        (await KindsAsync("b3", null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Append_NumberTwiceOrNone_IsRefusedWhole()
    {
        await Should.ThrowAsync<ArgumentException>(() => AppendAsync("b", Patch("1"), Patch("1")));
        await Should.ThrowAsync<ArgumentException>(() => AppendAsync("", Patch("1")));
        (await Pushed.DeliveriesAsync(Cancellation)).ShouldBeEmpty();
    }

    private Task<BatchDelivery?> AppendAsync(string batch, params PushedPatch[] patches) =>
        Pushed.AppendAsync(new PushedBatch(batch, patches, "p.gpkg", new string('a', 64), "tester"), Cancellation);

    private async Task<IEnumerable<(string, string?)>> KindsAsync(string batch, int? delivery) => (await Pushed.OfBatchAsync(batch, delivery, Cancellation)).Select(p => (p.Number, p.Kind));

    private static PushedPatch Patch(string number, string? kind = null) => new() { Number = number, Outline = An.Square(), Kind = kind };
}
