using System.Globalization;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Domain.Learning;
using Monitoring.TestKit;

namespace Monitoring.Acceptance;

/// <summary>Three years of earthworks and of what came of them, month by month: then the risk map is made by a model that learned from them.</summary>
public sealed class RiskYearsTests(ITestOutputHelper output)
{
    private const int Months = 37;
    private const int AMonth = 24;
    private const int Row = 30;

    private static readonly DateTimeOffset Start = new(2023, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task RiskMap_AfterYearsOfOutcomes_IsMadeByAModelThatTellsLawfulFromUnlawfulWorks()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var run = await LearningRun.StartAsync(
            Start,
            static o => o with { RiskEvery = TimeSpan.Zero, Training = o.Training with { Boosting = new() { Trees = 40, LeastRows = 10, Members = 1 } } },
            warnFromReview: false, stop);
        var random = new Random(20261123);

        // Parcels two kilometres apart, so that no case is another's neighbour; known from the beginning.
        await run.ImportAsync(MapLayer.Parcel, stop, [.. Enumerable.Range(0, Months * AMonth).Select(i => (MapFeature)An.Parcel(Name(i), Ground(i)))]);
        for (var month = 0; month < Months; month++)
        {
            run.Clock.SetUtcNow(Start.AddMonths(month).AddDays(5));
            var mine = Enumerable.Range(month * AMonth, AMonth).ToList();

            // A third has an approval when the ground is opened. Of the others two in three are built on within two months.
            var lawful = mine.Where(_ => random.NextDouble() < 0.33).ToHashSet();
            if (lawful.Count > 0)
            {
                await run.ImportAsync(MapLayer.Permit, stop, [.. lawful.Select(i => (MapFeature)An.Permit("P" + Name(i), outline: Ground(i)))]);
            }

            run.Clock.SetUtcNow(Start.AddMonths(month).AddDays(20));
            var seen = run.Clock.GetUtcNow().AddDays(-2);
            await run.SeeAsync($"m{month}", stop, [.. mine.Select(i => LearningRun.Patch($"works-{i}", X(i) + 0.05, Y(i) + 0.05, seen, ChangeKind.BareSoil))]);

            // Last month's, as they were found in the field.
            if (month > 0 && month < Months - 1)
            {
                run.Clock.SetUtcNow(Start.AddMonths(month).AddDays(26));
                var now = run.Clock.GetUtcNow();
                var before = Enumerable.Range((month - 1) * AMonth, AMonth).Where(i => !Lawful.Contains(i));
                List<CaseOutcome> begun = [.. before.Where(_ => random.NextDouble() < 0.67).Select(i => new CaseOutcome(
                    "import:" + Name(i), null, Ground(i).Shape.InteriorPoint.X, Ground(i).Shape.InteriorPoint.Y, now.AddDays(-random.Next(1, 20)), now, true, FoundHow.Patrol, null))];
                await run.Get<ILearningStore>().RecordAsync(new OutcomeDelivery(begun, "file", "00", "test"), stop);
            }

            Lawful.UnionWith(lawful);
        }

        run.Clock.SetUtcNow(Start.AddMonths(Months));
        await run.LearnAsync(stop);
        var answer = await run.PageAsync("/api/risk?limit=2000", stop);

        var risk = answer.GetProperty("risk");
        output.WriteLine(risk.GetRawText());
        (risk.GetProperty("source").GetString(), risk.GetProperty("parcelsLookedAt").GetInt32()).ShouldBe(("model", Months * AMonth));
        risk.GetProperty("beginnings").GetInt32().ShouldBeGreaterThan(300);
        var parcels = answer.GetProperty("features").EnumerateArray().Select(static f => f.GetProperty("properties"))
            .ToDictionary(static p => p.GetProperty("parcelId").GetString()!, static p => (In30: p.GetProperty("within30Days").GetDouble(), In90: p.GetProperty("within90Days").GetDouble()));
        parcels.Values.ShouldAllBe(p => p.In30 > 0 && p.In30 < 1 && p.In90 >= p.In30 && p.In90 < 1);

        // The last two months' works have no outcome yet: there the map says what is to be expected.
        var last = Enumerable.Range((Months - 1) * AMonth, AMonth).ToList();
        double Mean(IEnumerable<int> which) => which.Average(i => parcels[Name(i)].In90);
        var (open, approved) = (Mean(last.Where(i => !Lawful.Contains(i))), Mean(last.Where(Lawful.Contains)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"within 90 days, without approval {open:0.000}, with one {approved:0.000}"));
        open.ShouldBeInRange(0.45, 0.85, "two in three were");
        approved.ShouldBeLessThan(0.1, "none was");

        // Where it was found to have begun there is nothing left to warn of.
        var found = await run.Get<ILearningStore>().OutcomesAsync("building-without-approval", null, stop);
        found.Select(static c => c.Id["import:".Length..]).Where(parcels.ContainsKey).ShouldBeEmpty();
    }

    private HashSet<int> Lawful { get; } = [];

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"K{i:0000}");

    private static double X(int i) => i % Row * 2.5;

    private static double Y(int i) => i / Row * 2.5;

    private static Domain.Geometry.Outline Ground(int i) => An.Square(120 + (X(i) * 0.01), 30 + (Y(i) * 0.01), 0.003);
}
