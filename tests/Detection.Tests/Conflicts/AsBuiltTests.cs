using Monitoring.Detection.Conflicts;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Conflicts.Plot;

namespace Monitoring.Detection.Tests.Conflicts;

public sealed class AsBuiltTests
{
    [Fact]
    public void Buildings_AgainstOutlines_AreToldApart()
    {
        PlanFeature[] model =
        [
            Feature(PlanKinds.Building, "same", Box(0, 0, 20, 10), values: ("height_m", 12)),
            Feature(PlanKinds.Building, "larger", Box(100, 0, 20, 10), values: ("height_m", 12)),
            Feature(PlanKinds.Building, "never", Box(200, 0, 20, 10)),
            Feature(PlanKinds.Building, "taller", Box(300, 0, 20, 10), values: ("height_m", 12)),
        ];
        PlanFeature[] built =
        [
            Feature(PlanKinds.Building, "1", Box(0, 0, 20, 10), values: ("height_m", 12.3)),
            Feature(PlanKinds.Building, "2", Box(100, 0, 25, 10)),
            Feature(PlanKinds.Building, "3", Box(400, 0, 5, 5)),
            Feature(PlanKinds.Building, "4", Box(300, 0, 20, 10), values: ("height_m", 15)),
        ];

        var rows = AsBuilt.Compare(model, built, TestContext.Current.CancellationToken).ToDictionary(r => r.ModelId ?? r.BuiltId!);

        rows["same"].Verdict.ShouldBe("equal");
        rows["larger"].ShouldSatisfyAllConditions(
            r => r.Verdict.ShouldBe("differs"), r => r.AreaDifferenceSquareMeters.ShouldBe(50, 0.2), r => r.OutsideSquareMeters.ShouldBe(50, 0.2), r => r.OutsideShare.ShouldBe(0.2, 1e-3), r => r.HeightDifferenceMeters.ShouldBeNull(),
            r => r.Outside.ShouldNotBeNull());
        rows["never"].Verdict.ShouldBe("missing");
        rows["taller"].ShouldSatisfyAllConditions(r => r.Verdict.ShouldBe("differs"), r => r.HeightDifferenceMeters!.Value.ShouldBe(3, 1e-9));
        rows["3"].Verdict.ShouldBe("unplanned");
    }
}
