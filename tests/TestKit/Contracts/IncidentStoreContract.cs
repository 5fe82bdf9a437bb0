using Monitoring.Domain.Findings;
using NetTopologySuite.Geometries;
using Shouldly;
using Xunit;

namespace Monitoring.TestKit.Contracts;

/// <summary>What <see cref="IIncidentStore"/> promises: incidents as they are now, found by place, time, subject and region.</summary>
public abstract class IncidentStoreContract : StoreContract
{
    private IIncidentStore Incidents => Stores.Incidents;

    [Fact]
    public async Task Commit_EveryField_IsReadBackAfterReopening()
    {
        var incident = An.Incident("a");
        await Incidents.CommitAsync([incident], new("incidents/findings", 7), Cancellation);
        await Stores.ReopenAsync();

        var read = (await Incidents.FindAsync("a", Cancellation)).ShouldNotBeNull();
        read.Where.Shape.EqualsExact(incident.Where.Shape).ShouldBeTrue();
        var piece = read.Evidence.ShouldHaveSingleItem();
        (piece with { Where = incident.Evidence[0].Where }).ShouldBe(incident.Evidence[0]);
        (read with { Where = incident.Where, Evidence = incident.Evidence }).ShouldBe(incident);
        (await Stores.Cursors.PositionAsync("incidents/findings", Cancellation)).ShouldBe(7);
    }

    [Fact]
    public async Task Commit_Again_TakesThePlaceOfWhatStood()
    {
        await Incidents.CommitAsync([An.Incident("a")], new("c", 1), Cancellation);
        var moved = An.Incident("a", longitude: 121) with { Weight = 5, Corroborated = true };
        await Incidents.CommitAsync([moved], new("c", 2), Cancellation);

        (await Incidents.QueryAsync(new() { Limit = 10 }, Cancellation)).ShouldHaveSingleItem().Weight.ShouldBe(5);
        (await NearAsync(120)).ShouldBeEmpty();
        (await NearAsync(121)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Near_PlaceAndTime_IncludeTheirEnds()
    {
        await Incidents.CommitAsync([An.Incident("a"), An.Incident("b", longitude: 121)], new("c", 1), Cancellation);

        (await NearAsync(120)).ShouldBe(["a"]);
        (await NearAsync(120, from: An.Epoch.AddHours(1))).ShouldBe(["a"]);
        (await NearAsync(120, from: An.Epoch.AddHours(1).AddTicks(1))).ShouldBeEmpty();
        (await NearAsync(120, to: An.Epoch)).ShouldBe(["a"]);
        (await NearAsync(120, to: An.Epoch.AddTicks(-1))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Merged_IsFoundByItsIdAlone()
    {
        await Incidents.CommitAsync([An.Incident("a"), An.Incident("b") with { MergedInto = "a" }], new("c", 1), Cancellation);

        (await Incidents.FindAsync("b", Cancellation))!.MergedInto.ShouldBe("a");
        (await NearAsync(120)).ShouldBe(["a"]);
        (await Incidents.OfSubjectAsync(new(SubjectKind.Site, "site-b"), Cancellation)).ShouldBeEmpty();
        (await Incidents.QueryAsync(new() { Limit = 10 }, Cancellation)).Select(i => i.Id).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Query_RegionPlaceAndCorroboration_NarrowIt()
    {
        await Incidents.CommitAsync(
            [An.Incident("a"), An.Incident("b", region: "3302") with { Corroborated = true, End = An.Epoch.AddDays(2) }, An.Incident("c", region: null) with { End = An.Epoch.AddDays(1) }], new("c", 1), Cancellation);

        (await IdsAsync(new() { Limit = 10 })).ShouldBe(["b", "c", "a"]);
        (await IdsAsync(new() { Limit = 10, RegionPrefixes = ["3302"] })).ShouldBe(["b"]);
        (await IdsAsync(new() { Limit = 10, RegionPrefixes = ["33"] })).ShouldBe(["b", "a"]);
        (await IdsAsync(new() { Limit = 10, RegionPrefixes = [] })).ShouldBeEmpty();
        (await IdsAsync(new() { Limit = 10, CorroboratedOnly = true })).ShouldBe(["b"]);
        (await IdsAsync(new() { Limit = 10, EndsBefore = An.Epoch.AddDays(2) })).ShouldBe(["c", "a"]);
        (await IdsAsync(new() { Limit = 1 })).ShouldBe(["b"]);
        (await IdsAsync(new() { Limit = 10, Box = new Envelope(0, 1, 0, 1) })).ShouldBeEmpty();
        (await Incidents.OfSubjectAsync(new(SubjectKind.Site, "site-b"), Cancellation)).Select(i => i.Id).ShouldBe(["b"]);
    }

    private async Task<IReadOnlyList<string>> IdsAsync(IncidentQuestion question) => [.. (await Incidents.QueryAsync(question, Cancellation)).Select(i => i.Id)];

    private async Task<IReadOnlyList<string>> NearAsync(double longitude, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        [.. (await Incidents.NearAsync(new Envelope(longitude, longitude + 0.001, 30, 30.001), from ?? An.Epoch, to ?? An.Epoch.AddDays(9), Cancellation)).Select(i => i.Id)];
}
