using CsCheck;
using Monitoring.Detection.Conflicts.Suggest;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using static Monitoring.Detection.Tests.Conflicts.Plot;

namespace Monitoring.Detection.Tests.Conflicts;

public sealed class WaySearchTests
{
    [Fact]
    public void Road_ThroughABlock_IsLedAroundItBetweenTheSameEnds()
    {
        var road = Road("r", 20, (-500, 0), (500, 0));
        var report = Check([road], [RedLine("line", Box(-60, -40, 120, 300))], suggest: true);

        var reroute = report.Suggestions.Where(s => s.Change == "reroute").ShouldHaveSingleItem();
        reroute.CostAfter.ShouldBe(0);
        reroute.TotalsBefore.ShouldHaveSingleItem().Kind.ShouldBe("control_line");
        reroute.TotalsAfter.ShouldBeEmpty();
        reroute.LengthAfter.ShouldBeInRange(reroute.LengthBefore, reroute.LengthBefore + 40);
        reroute.LeastRadiusMeters!.Value.ShouldBeInRange(10, 40);
        var (line, was) = (ToMeters(reroute.Shape), ToMeters(road.Outline.Shape));
        line.Coordinates[0].Distance(was.Coordinates[0]).ShouldBeLessThan(0.01);
        line.Coordinates[^1].Distance(was.Coordinates[^1]).ShouldBeLessThan(0.01);
        line.Buffer(9.99).Intersects(ToMeters(Box(-60, -40, 120, 300).Shape)).ShouldBeFalse("its whole width passes beside the line");

        var shift = report.Suggestions.Where(s => s.Change == "shift").ShouldHaveSingleItem();
        shift.CostAfter.ShouldBe(0);
        shift.MovedMeters.ShouldBe(50); // 40 m to the edge and half the width, in steps of 5 m
        shift.LengthAfter.ShouldBe(shift.LengthBefore, 1);
    }

    [Fact]
    public void Road_ThroughAWall_CrossesItWhereItIsThin()
    {
        // A line that cannot be passed: 200 m deep on the way, 30 m deep 150 m further north.
        var report = Check([Road("r", 10, (-400, 0), (400, 0))], [RedLine("thick", Box(-100, -1000, 200, 1100)), RedLine("thin", Box(-15, 100, 30, 1000))], suggest: true);

        var best = report.Suggestions[0];
        best.CostAfter.ShouldBeGreaterThan(0);
        best.TotalsAfter.ShouldHaveSingleItem().AreaSquareMeters.ShouldBeLessThan(10 * 60);
        report.Suggestions.Select(s => s.Change).ShouldContain("reroute");
    }

    [Fact]
    public void Road_WithNothingBetterInReach_GetsNoSuggestion()
    {
        var report = Check([Road("r", 10, (-400, 0), (400, 0))], [RedLine("all", Box(-3000, -3000, 6000, 6000))], suggest: true);

        report.Conflicts.Count.ShouldBe(1);
        report.Suggestions.ShouldBeEmpty();
        report.Notes.Select(n => n.Code).ShouldContain("suggestion-none");
    }

    [Fact]
    public void Project_OverAnEdge_MovesAsFarAsItMustAndNoFurther()
    {
        var report = Check([Feature(PlanKinds.Project, "p", Box(0, 0, 100, 60))], [RedLine("line", Box(78, -500, 500, 1000))], suggest: true);

        var move = report.Suggestions.Where(s => s.Change == "translate").ShouldHaveSingleItem();
        move.CostAfter.ShouldBe(0);
        move.MovedMeters.ShouldBe(22, 0.7);
        move.AreaAfter.ShouldBe(move.AreaBefore, 1);
        var trim = report.Suggestions.Where(s => s.Change == "trim").ShouldHaveSingleItem();
        trim.CostAfter.ShouldBe(0);
        (trim.AreaBefore - trim.AreaAfter).ShouldBe(22 * 60, 6);
    }

    [Fact]
    public void Project_ThatWouldLoseMostOfItself_IsNotTrimmed() =>
        Check([Feature(PlanKinds.Project, "p", Box(0, 0, 100, 60))], [RedLine("line", Box(30, -5000, 5000, 10_000))], suggest: true).Suggestions.ShouldAllBe(s => s.Change != "trim");

    [Fact]
    public void Pipe_BesideAnother_MovesToItsClearance()
    {
        var report = Check([Pipe("w", "water", 400, [(-80, 0.5), (80, 0.5)])], [Pipe("s", "sewage", 400, [(-100, 0), (100, 0)], ("depth_m", 2))], suggest: true);

        report.Suggestions[0].CostAfter.ShouldBeLessThan(report.Suggestions[0].CostBefore);
        report.Suggestions.Single(s => s.Change == "shift").ShouldSatisfyAllConditions(s => s.CostAfter.ShouldBe(0), s => s.MovedMeters.ShouldBe(5));
    }

    [Fact]
    public void Way_OfAnAsker_StaysOnTheirGround()
    {
        var ground = Box(-600, -100, 1200, 800).Shape;
        var report = Check([Road("r", 20, (-500, 0), (500, 0))], [RedLine("line", Box(-60, -90, 120, 200))], suggest: true, ask: q => q with { Ground = ground });

        report.Suggestions.ShouldNotBeEmpty();
        report.Suggestions.ShouldAllBe(s => ground.Covers(s.Shape) && s.CostAfter < s.CostBefore);
    }

    /// <summary>Whatever is drawn: no suggestion costs more than the original, measured again as a question of its own.</summary>
    [Fact]
    public void Suggestions_OfAnyMap_AreNeverWorse()
    {
        var box = Gen.Select(Gen.Int[-250, 200], Gen.Int[-200, 150], Gen.Int[20, 150], Gen.Int[20, 150]);
        Gen.Select(box.Array[1, 6], Gen.Bool, Gen.Int[4, 40], Gen.Int[-150, 150]).Sample(
            (boxes, isRoad, width, y) =>
            {
                List<MapFeature> map = [.. boxes.Select((b, i) => i % 2 == 0
                    ? (MapFeature)RedLine($"l{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)) : Feature(PlanKinds.Project, $"q{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)))];
                var subject = isRoad ? Road("s", width, (-300, y), (0, -y / 2.0), (300, y)) : Feature(PlanKinds.Project, "s", Box(-50, y, 2 * width, width));
                var report = Check([subject], map, suggest: true);
                foreach (var suggestion in report.Suggestions)
                {
                    var again = Check([subject with { Outline = Of(ToMeters(suggestion.Shape)) }], map);
                    again.Subjects[0].Cost.ShouldBe(suggestion.CostAfter, 1e-3 * (1 + suggestion.CostAfter));
                    again.Subjects[0].Cost.ShouldBeLessThan(report.Subjects[0].Cost);
                }
            },
            iter: 25);
    }

    [Theory]
    [InlineData(30, 30.0)]
    [InlineData(500, 100.0)] // no more than the neighbours have room for
    public void Bends_OfARightAngle_HaveTheRadiusOrWhatFits(double asked, double got)
    {
        var (line, least) = Bends.Round([new(0, 0), new(200, 0), new(200, 200)], asked);

        least!.Value.ShouldBe(got, 1e-9);
        var centre = new Coordinate(200 - got, got);
        line.Skip(1).SkipLast(1).ShouldAllBe(c => Math.Abs(c.Distance(centre) - got) < 1e-6);
    }
}
