using Monitoring.Detection.Judgement;
using Monitoring.Detection.Learning;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.Domain.Sensing;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests.Learning;

/// <summary>Facts of candidates from the real stores: as of an instant, whatever came later.</summary>
public sealed class CandidateFactsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>One thing that happens to the registers; the same in every world.</summary>
    private sealed record Happening(DateTimeOffset At, Func<LearningWorld, Task> Do);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Features_AsOfAnInstantFromFullStores_EqualThoseOfStoresReplayedUpToIt(int seed)
    {
        var happenings = Draw(seed, 28);
        await using var full = new LearningWorld();
        List<DateTimeOffset> instants = [];
        foreach (var happening in happenings)
        {
            full.Clock.SetUtcNow(happening.At);
            await happening.Do(full);
            instants.Add(happening.At.AddSeconds(30));
        }

        var differing = 0;
        var random = new Random(seed);
        foreach (var instant in instants.Where(_ => random.NextDouble() < 0.2).Append(instants[^1]))
        {
            await using var replayed = new LearningWorld();
            foreach (var happening in happenings.Where(h => h.At <= instant))
            {
                replayed.Clock.SetUtcNow(happening.At);
                await happening.Do(replayed);
            }

            var sites = (await replayed.Get<IFindingStore>().JudgedPatchesAsync(null, Stop)).GroupBy(p => p.SiteId).ToList();
            foreach (var site in sites)
            {
                var where = site.OrderBy(p => p.Patch.Id, StringComparer.Ordinal).First().Patch.Outline;
                var then = await FeaturesAsync(replayed, site.Key, where, instant);
                var now = await FeaturesAsync(full, site.Key, where, instant);
                now.Values.ShouldBe(then.Values, $"{site.Key} as of {instant:O}");
                differing += (await FeaturesAsync(full, site.Key, where, instants[^1])).Values.SequenceEqual(then.Values) ? 0 : 1;
            }
        }

        // Otherwise nothing would be shown: what came later does change what is said later.
        differing.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task Features_OfEveryKindOfFact_AreTakenFromTheRegisters()
    {
        await using var world = new LearningWorld();
        var day = LearningWorld.Start;
        await world.ImportAsync(MapLayer.ControlLine, Stop, An.ControlLine("F", ControlLineKind.PermanentBasicFarmland, outline: An.Square(119.999, 29.999, 0.003)));
        await world.ImportAsync(MapLayer.Parcel, Stop, An.Parcel("K", An.Square(119.999, 29.999, 0.003)));
        world.Clock.Advance(TimeSpan.FromDays(4));
        await world.ImportAsync(MapLayer.Permit, Stop, An.Permit("P", outline: An.Square(120, 30, 0.0005)));
        await RegisterAsync(world, 120.001);
        await NoiseAsync(world, "d1/noise", "n1", day.AddDays(4).AddHours(-9));
        await OutcomeAsync(world, "elsewhere", 120.012, 30, true, day.AddDays(1));
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.SeeAsync("1", day, Stop, LearningWorld.Patch("p1", 0, 0, day, ChangeKind.BareSoil, side: 0.001));
        var patch = (await world.Get<IFindingStore>().JudgedPatchesAsync(null, Stop)).ShouldHaveSingleItem();

        var features = await FeaturesAsync(world, patch.SiteId, patch.Patch.Outline, world.Clock.GetUtcNow());

        double? Of(string name) => features[name];
        Of("passes").ShouldBe(1);
        Of("kind_earthworks").ShouldNotBeNull().ShouldBe(0.9, 1e-6);
        Of("farmland_share").ShouldBe(1);
        Of("red_line_share").ShouldBeNull("nobody gave red lines");
        Of("use_fits").ShouldBe(1);
        Of("permit_share").ShouldNotBeNull().ShouldBe(0.25, 0.01);
        Of("permit_days").ShouldNotBeNull().ShouldBe(1, 1e-3);
        Of("device_m").ShouldNotBeNull().ShouldBeLessThan(500);
        Of("night_episodes").ShouldBe(1);
        Of("night_excess_db").ShouldNotBeNull().ShouldBe(7, 1e-3);
        Of("confirmed_3km").ShouldBe(1);
        Of("days_since_first").ShouldNotBeNull().ShouldBe(5, 1e-3);
    }

    /// <summary>Pushed from above, told by its own visit, and beside a device: each only from the instant on that it was on record, and the own outcome is no neighbour's.</summary>
    [Fact]
    public async Task Facts_OfAnEarlierInstant_HoldNothingThatCameLater()
    {
        await using var world = new LearningWorld();
        var day = LearningWorld.Start;
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.SeeAsync("1", day, Stop, LearningWorld.Patch("p1", 0, 0, day, ChangeKind.BareSoil, side: 0.001));
        var patch = (await world.Get<IFindingStore>().JudgedPatchesAsync(null, Stop)).ShouldHaveSingleItem();
        var then = world.Clock.GetUtcNow();
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.Get<IPushedPatches>().AppendAsync(new PushedBatch("2025-1", [new PushedPatch { Number = "1", Outline = patch.Patch.Outline }], "file", "00", "test"), Stop);
        await RegisterAsync(world, 120.001);
        await NoiseAsync(world, "d1/noise", "n1", then.AddHours(-9));
        var inside = patch.Patch.Outline.Shape.InteriorPoint;
        await world.Get<ILearningStore>().RecordAsync(
            new OutcomeDelivery([new CaseOutcome("import:own", patch.SiteId, inside.X, inside.Y, then, then, true, FoundHow.Patrol, null)], "file", "00", "test"), Stop);
        await OutcomeAsync(world, "next", inside.X + 0.004, inside.Y, true, then);

        async Task<(CandidateFacts Facts, bool Pushed)> AtAsync(DateTimeOffset asOf)
        {
            var source = world.Get<CandidateFactsSource>();
            return await source.GatherAsync(new FactsQuestion(patch.SiteId, patch.Patch.Outline, asOf, PlanIndex.Empty), await source.OpenAsync(patch.Patch.Outline.Box, Stop), Stop);
        }

        var (earlier, pushedThen) = await AtAsync(then);
        pushedThen.ShouldBeFalse();
        earlier.Devices.ShouldBeEmpty();
        earlier.Signals.ShouldBeEmpty();
        var (later, pushedNow) = await AtAsync(world.Clock.GetUtcNow());
        pushedNow.ShouldBeTrue();
        later.Devices.ShouldHaveSingleItem();
        later.Signals.ShouldHaveSingleItem();
        later.Neighbours.ShouldHaveSingleItem().DistanceMeters.ShouldBeGreaterThan(100);
    }

    internal static async Task<ViolationFeatures> FeaturesAsync(LearningWorld world, string site, Outline where, DateTimeOffset asOf)
    {
        var versions = await world.Get<IPlanRegister>().VersionsAfterAsync(0, 1000, Stop);
        var version = versions.Where(v => v.KnownFrom <= asOf).Select(v => v.Version).DefaultIfEmpty(0).Max();
        var index = await world.Get<PlanIndexSource>().AsOfAsync(version, Stop);
        var source = world.Get<CandidateFactsSource>();
        var (facts, _) = await source.GatherAsync(new FactsQuestion(site, where, asOf, index), await source.OpenAsync(where.Box, Stop), Stop);
        return new ViolationFeatureBuilder(world.Get<LearningOptions>().Zone).Build(facts, asOf);
    }

    /// <summary>A course of events around a few places, in the order of time.</summary>
    private static List<Happening> Draw(int seed, int count)
    {
        var random = new Random(seed);
        List<Happening> happenings = [];
        var at = LearningWorld.Start;
        for (var i = 0; i < count; i++)
        {
            at = at.AddHours(1 + (random.NextDouble() * 40));
            var n = i;
            var place = random.Next(4);
            double east = place * 0.8, north = place % 2;
            var what = random.Next(9);
            var chance = random.NextDouble();
            var when = at;
            happenings.Add(new(when, what switch
            {
                0 or 1 or 2 => w => w.SeeAsync($"s{n}", when, Stop, LearningWorld.Patch($"p{n}", east, north, when.AddDays(-1), chance < 0.4 ? ChangeKind.BareSoil : ChangeKind.BuiltUp, 0.6 + (0.3 * chance), 0.0008 + (0.0004 * chance))),
                3 => w => w.ImportAsync(MapLayer.Permit, Stop, An.Permit($"P{place}", outline: An.Square(120 + (east * 0.01), 30 + (north * 0.01), 0.0005 + (0.0005 * chance)), status: chance < 0.3 ? PermitStatus.Applied : PermitStatus.Granted)),
                4 => w => w.ImportAsync(MapLayer.ControlLine, Stop, An.ControlLine($"C{n % 3}", (ControlLineKind)(n % 3), outline: An.Square(119.99, 29.99, 0.01 + (0.02 * chance)))),
                5 => w => w.ImportAsync(MapLayer.Parcel, Stop, An.Parcel($"K{place}", An.Square(119.999 + (east * 0.01), 29.999 + (north * 0.01), 0.004)) with { PlannedUseCode = chance < 0.5 ? "0101" : "0701" }),
                6 => w => RegisterAsync(w, 120 + (east * 0.01), $"d{place}", 30 + (north * 0.01)),
                7 => w => NoiseAsync(w, $"d{place}/noise", $"n{n}", new DateTimeOffset(when.UtcDateTime.Date, TimeSpan.Zero).AddHours(-8), 56 + (10 * chance)),
                _ => w => OutcomeAsync(w, $"o{n}", 120 + (east * 0.01) + 0.004, 30 + (north * 0.01), chance < 0.5, when.AddDays(-3)),
            }));
        }

        return happenings;
    }

    private static async Task RegisterAsync(LearningWorld world, double longitude, string id = "d1", double latitude = 30)
    {
        var stream = new Datastream(id, "t-" + id, "noise", ObservedProperties.NoiseLaeq, "dB(A)", TimeSpan.FromMinutes(1), Aggregation.EnergyMean);
        await world.Get<IDeviceRegister>().ImportAsync(
            new DeviceImport([new Thing("t-" + id, "站", null, longitude, latitude, "330100")], [new Device(id, "t-" + id, null, "hash")], [stream], "test", "devices.json"), Stop);
    }

    private static Task NoiseAsync(LearningWorld world, string datastream, string id, DateTimeOffset start, double value = 62) =>
        world.Get<IFindingStore>().CommitAsync(
            new FindingBatch
            {
                Findings =
                [
                    new Finding
                    {
                        Id = id, RuleId = "noise-night", RuleVersion = "1", DetectorId = "telemetry-limits", DetectorVersion = "1", Subject = new(SubjectKind.Datastream, datastream),
                        Condition = FindingCondition.Holds, Severity = Severity.Minor, PhenomenonStart = start, PhenomenonEnd = start.AddMinutes(20), DetectedAt = world.Clock.GetUtcNow(), Score = 1,
                        Reasons = [Reason.Of("limit-exceeded", ("value", value.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)), ("limit", "55"))], Inputs = [],
                    },
                ],
            },
            Stop);

    private static Task<int> OutcomeAsync(LearningWorld world, string id, double longitude, double latitude, bool confirmed, DateTimeOffset decided) =>
        world.Get<ILearningStore>().RecordAsync(
            new OutcomeDelivery([new CaseOutcome("import:" + id, null, longitude, latitude, decided, decided, confirmed, FoundHow.Patrol, null)], "file", "00", "test"), Stop);
}
