using Monitoring.Detection.Indicators;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Judgement.Ground;

namespace Monitoring.Detection.Tests.Indicators;

public class LandSupplyTests
{
    private static readonly LandSupply Supply = new(DetectionRules.Default.Judgement, IndicatorCatalogue.Default.Parameters, Geodesic);
    private static readonly Region County = Region("330100", Box(0, 0, 5000, 5000));
    private static readonly DateOnly Today = new(2026, 1, 15);

    private static Permit Conversion(string from) => Permit("C", Box(100, 100, 200, 100), from, null, "farmland_conversion");

    private static Permit Supplied(string id, Domain.Geometry.Outline where, string from) => Permit(id, where, from, null, "land_supply");

    private static double? NotSupplied(params MapFeature[] map) => Supply.NotSupplied(County, Today, PlanIndex.Of(map))?.SquareMeters;

    [Fact]
    public void NotSupplied_OldConversions_CountWhatNobodyWasSuppliedWith()
    {
        var far = Supplied("far", Box(4000, 4000, 100, 100), "2025-01-01");

        NotSupplied(Conversion("2023-06-01"), far)!.Value.ShouldBe(20_000, 20);
        NotSupplied(Conversion("2023-06-01"), Supplied("S", Box(100, 100, 100, 100), "2025-12-01"))!.Value.ShouldBe(10_000, 10);
        NotSupplied(Conversion("2023-06-01"), Supplied("S", Box(0, 0, 400, 400), "2025-12-01")).ShouldBe(0);
        NotSupplied(Conversion("2024-06-01"), far).ShouldBe(0, "it is not two years old");
        NotSupplied(Conversion("2023-06-01"), Supplied("S", Box(0, 0, 400, 400), "2026-02-01"))!.Value.ShouldBe(20_000, 20, "supplied only later");
        NotSupplied(Conversion("2023-06-01"), Conversion("2023-07-01") with { Id = "D" }, far)!.Value.ShouldBe(20_000, 20, "one place counts once");
    }

    [Fact]
    public void NotSupplied_RegisterWithoutSupplies_IsUnknown() => NotSupplied(Conversion("2023-06-01")).ShouldBeNull();

    [Theory]
    [InlineData("nothing seen", 10_000)]
    [InlineData("works seen since", 0)]
    [InlineData("a corner seen", 10_000)]
    [InlineData("seen before it was supplied", 10_000)]
    [InlineData("seen, not trusted", 10_000)]
    [InlineData("greenery lost", 10_000)]
    public void NotUsed_SuppliedLongAgo_CountsWhereNothingWasSeen(string name, double expected)
    {
        var where = Box(100, 100, 100, 100);
        JudgedPatch Seen(Domain.Geometry.Outline outline, string day, ChangeKind kind = ChangeKind.BareSoil, Verdict verdict = Verdict.Compliant) =>
            new("set", Patch(outline, "2024-01-01", day, kind), "site", County.Id, verdict, [], 1, Noon(day));
        JudgedPatch[] judged = name switch
        {
            "works seen since" => [Seen(Box(100, 100, 50, 50), "2025-06-01")],
            "a corner seen" => [Seen(Box(100, 100, 20, 20), "2025-06-01")],
            "seen before it was supplied" => [Seen(where, "2024-02-01")],
            "seen, not trusted" => [Seen(where, "2025-06-01", verdict: Verdict.NotJudged)],
            "greenery lost" => [Seen(where, "2025-06-01", ChangeKind.VegetationLoss)],
            _ => [],
        };

        var waiting = Supply.NotUsed(County, Today, PlanIndex.Of([Supplied("S", where, "2024-06-01"), Supplied("young", Box(900, 900, 100, 100), "2025-06-01")]), judged)!;
        waiting.SquareMeters.ShouldBe(expected, 10, name);
        waiting.Inputs.Select(i => i.Id).ShouldBe(expected > 0 ? ["S"] : []);
    }
}
