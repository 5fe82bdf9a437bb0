using Monitoring.Detection.Learning;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>The risk map on the real stores: what its rows are made from, and when it is made.</summary>
public sealed class RiskInServiceTests
{
    private static readonly DateTimeOffset Day = LearningWorld.Start;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Applications are granted and revoked, patches judged again, lines drawn and outlines corrected: a row of an earlier instant must not show any of it.</summary>
    [Fact]
    public async Task Rows_OfEarlierInstantsFromFullRegisters_AreThoseThatWereMadeThen()
    {
        await using var world = new LearningWorld();
        List<(DateTimeOffset At, IReadOnlyDictionary<string, float[]> Rows)> then = [];
        foreach (var step in Steps)
        {
            world.Clock.Advance(TimeSpan.FromDays(15));
            await step(world);
            world.Clock.Advance(TimeSpan.FromHours(1));
            var at = world.Clock.GetUtcNow();
            then.Add((at, RowsAt(await world.Get<RiskSigns>().GatherAsync(at, at - RiskMap.Reach, Stop), at)));
        }

        var all = await world.Get<RiskSigns>().GatherAsync(world.Clock.GetUtcNow(), Day.AddYears(-1), Stop);
        foreach (var (at, rows) in then)
        {
            var now = RowsAt(all, at);
            now.Keys.Order().ShouldBe(rows.Keys.Order(), $"parcels as of {at:O}");
            foreach (var (parcel, row) in rows)
            {
                now[parcel].ShouldBe(row, $"{parcel} as of {at:O}");
            }
        }

        // What changed did change later rows; otherwise nothing would be shown.
        float Of(int step, string parcel, string name) => then[step].Rows[parcel][RiskMap.Schema.PlaceOf(name)];
        (Of(1, "a", "permit_applied_30d"), Of(2, "a", "permit_applied_30d"), Of(2, "a", "permit_granted_30d")).ShouldBe((1, 0, 1));
        (Of(4, "a", "permit_granted_90d"), Of(1, "b", "farmland"), Of(3, "b", "farmland")).ShouldBe((0, 0, 1));
        (Of(3, "a", "earthworks_90d"), Of(5, "b", "neighbour_confirmed_30d")).ShouldBe((1, 1));
        then.SelectMany(t => t.Rows.Keys).Distinct().ShouldBe(["a", "b", "c"], ignoreOrder: true);
    }

    [Fact]
    public async Task WorkOff_NothingChanged_DoesNotMakeTheMapAgainUntilADayBegins()
    {
        await using var world = new LearningWorld();
        await world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("a", An.Square(120, 30, 0.003)));
        async Task<DateTimeOffset> MadeAsync(TimeSpan later)
        {
            world.Clock.Advance(later);
            await world.Get<LearningLoop>().WorkOffAsync(Stop);
            return (await world.Get<ILearningStore>().RiskAsync(new RiskQuestion { Limit = 10 }, Stop))!.AsOf;
        }

        var first = await MadeAsync(TimeSpan.FromHours(1));
        (await MadeAsync(TimeSpan.FromHours(2))).ShouldBe(first);
        await world.SeeAsync("1", Day, Stop, LearningWorld.Patch("p1", 0.1, 0.1, Day.AddDays(-1), ChangeKind.BareSoil));
        var second = await MadeAsync(TimeSpan.FromMinutes(6));
        second.ShouldBeGreaterThan(first);
        (await MadeAsync(TimeSpan.FromMinutes(6))).ShouldBe(second);
        (await MadeAsync(TimeSpan.FromDays(1))).ShouldBeGreaterThan(second, "signs grow old");
    }

    private static Dictionary<string, float[]> RowsAt(IReadOnlyList<SignedParcel> parcels, DateTimeOffset at) => parcels
        .Where(p => p.Facts.LandAt(at) is not null && p.Facts.Signs.Any(s => s.CountsAt(at) && s.Sign is not (EarlySign.PermitApplied or EarlySign.PermitGranted)))
        .ToDictionary(static p => p.Parcel.Id, p => RiskMap.Row(p.Facts, at), StringComparer.Ordinal);

    private static IReadOnlyList<Func<LearningWorld, Task>> Steps { get; } =
    [
        async world =>
        {
            await world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("a", An.Square(120, 30, 0.003)), An.Parcel("b", An.Square(120.01, 30, 0.003)));
            await world.SeeAsync("1", Day, Stop, LearningWorld.Patch("p1", 0.1, 0.1, Day, ChangeKind.BareSoil), LearningWorld.Patch("p2", 1.1, 0.1, Day, ChangeKind.BareSoil));
        },
        static world => world.ImportAsync(MapLayer.Permit, Stop, An.Permit("P", "2026-05-20", status: PermitStatus.Applied, outline: An.Square(120, 30, 0.003))),
        static world => world.ImportAsync(MapLayer.Permit, Stop, An.Permit("P", "2026-06-01", status: PermitStatus.Granted, outline: An.Square(120, 30, 0.003))),
        async world =>
        {
            await world.ImportAsync(MapLayer.ControlLine, Stop, An.ControlLine("F", ControlLineKind.PermanentBasicFarmland, outline: An.Square(120.009, 29.999, 0.006)));

            // Every patch under the line is judged again, with another instant.
            await world.SeeAsync("2", Day, Stop);
        },
        static world => world.ImportAsync(MapLayer.Permit, Stop, An.Permit("P", "2026-06-25", status: PermitStatus.Revoked, outline: An.Square(120, 30, 0.003))),
        async world =>
        {
            await world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("c", An.Square(120.0032, 30, 0.003)));
            var now = world.Clock.GetUtcNow();
            await world.Get<ILearningStore>().RecordAsync(
                new OutcomeDelivery([new CaseOutcome("import:1", null, 120.0061, 30.001, now.AddDays(-2), now, true, FoundHow.Patrol, null)], "file", "00", "test"), Stop);
        },
        static world => world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("a", An.Square(120.0005, 30, 0.002))),
    ];
}
