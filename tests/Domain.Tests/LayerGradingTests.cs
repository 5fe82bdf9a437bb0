using Monitoring.Domain.Land;
using Monitoring.TestKit;

namespace Monitoring.Domain.Tests;

public sealed class LayerGradingTests
{
    private static readonly LayerGrading Grades = new(new Dictionary<string, DataGrade> { ["plans"] = DataGrade.Important, ["plans/pipe"] = DataGrade.Core, ["plans/zoning"] = DataGrade.General, ["permits"] = DataGrade.Important });

    [Theory]
    [InlineData("plans/pipe", DataGrade.Core)]
    [InlineData("plans/zoning", DataGrade.General)]
    [InlineData("plans/road", DataGrade.Important)]
    [InlineData("plans", DataGrade.Important)]
    [InlineData("permits", DataGrade.Important)]
    [InlineData("parcels", DataGrade.General)]
    public void Of_Layer_IsItsOwnElseThatOfPlansElseGeneral(string layer, DataGrade grade) => Grades.Of(layer).ShouldBe(grade);

    [Fact]
    public void Of_Feature_IsThatOfItsLayer()
    {
        Grades.Of(new PlanFeature { Id = "p", Kind = "pipe", Outline = An.Square() }).ShouldBe(DataGrade.Core);
        Grades.Of(An.Permit()).ShouldBe(DataGrade.Important);
    }

    [Fact]
    public void RangeOf_Plans_SpansTheKinds()
    {
        Grades.RangeOf("plans").ShouldBe((DataGrade.General, DataGrade.Core));
        Grades.RangeOf("permits").ShouldBe((DataGrade.Important, DataGrade.Important));
    }

    [Theory]
    [InlineData("plans/pipe", true)]
    [InlineData("patches", true)]
    [InlineData("plans/", false)]
    [InlineData("castles", false)]
    public void CanName_KnowsLayersAndKindsOfPlans(string layer, bool can) => LayerGrading.CanName(layer).ShouldBe(can);
}
