using CsCheck;
using Monitoring.Detection.Conflicts;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Land;
using NetTopologySuite.Geometries;
using static Monitoring.Detection.Tests.Conflicts.Plot;

namespace Monitoring.Detection.Tests.Conflicts;

public sealed class PipeTests
{
    private static readonly (double, double)[] East = [(-50, 0), (50, 0)];
    private static readonly (double, double)[] North = [(0, -50), (0, 50)];

    [Theory]
    [InlineData(1.0, 2.0, null)] // 0.6 m between the surfaces: enough for water over sewage (0.4)
    [InlineData(1.0, 1.7, 0.3)] // too little
    [InlineData(1.0, 1.2, -0.2)] // they run into each other
    [InlineData(1.2, 1.0, -0.2)]
    public void Crossing_WithDepths_IsJudgedByWhatLiesBetween(double waterDepth, double sewageDepth, double? gap)
    {
        var report = Check([Pipe("w", "water", 400, East, ("depth_m", waterDepth))], [Pipe("s", "sewage", 400, North, ("depth_m", sewageDepth))]);

        if (gap is null)
        {
            report.Conflicts.ShouldBeEmpty();
            return;
        }

        var conflict = report.Conflicts.ShouldHaveSingleItem();
        conflict.Kind.ShouldBe("pipe_crossing");
        conflict.Clearance.ShouldNotBeNull().ShouldSatisfyAllConditions(
            c => c.RequiredVertical.ShouldBe(0.4), c => c.Vertical!.Value.ShouldBe(gap.Value, 1e-3), c => c.PlanViewOnly.ShouldBeFalse());
    }

    [Fact]
    public void Crossing_OfUnknownDepth_IsSeenFromAboveOnly()
    {
        var report = Check([Pipe("w", "water", 400, East)], [Pipe("s", "sewage", 400, North, ("depth_m", 2))]);

        report.Conflicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            c => c.Clearance!.PlanViewOnly.ShouldBeTrue(), c => c.Clearance!.Vertical.ShouldBeNull(), c => c.Severity.ShouldBe(Monitoring.Domain.Findings.Severity.Info), c => c.LengthMeters.ShouldBe(0.8, 0.01));
        report.Notes.Select(n => n.Code).ShouldContain("depth-unknown");
    }

    [Fact]
    public void Crossing_OneByDepthTheOtherByElevation_DoesNotCompare() =>
        Check([Pipe("w", "water", 400, East, ("depth_m", 1))], [Pipe("s", "sewage", 400, North, ("start_elevation_m", 20), ("end_elevation_m", 19))])
            .Conflicts.ShouldHaveSingleItem().Clearance!.PlanViewOnly.ShouldBeTrue();

    [Fact]
    public void Elevations_OfGravityPipes_AreOfTheInvertAndFallEvenly()
    {
        // The sewer's axis falls from 10.2 to 9.2 and is 9.7 at the crossing; the main's axis is 0.2 under its top of 10.6: 0.7 between axes, 0.3 between surfaces.
        var report = Check(
            [Pipe("w", "water", 400, East, ("start_elevation_m", 10.6), ("end_elevation_m", 10.6))], [Pipe("s", "sewage", 400, North, ("start_elevation_m", 10.0), ("end_elevation_m", 9.0))]);

        report.Conflicts.ShouldHaveSingleItem().Clearance!.Vertical!.Value.ShouldBe(0.3, 0.01);
    }

    [Theory]
    [InlineData(1.39, 1)] // 0.99 m between the surfaces, 1.0 is asked
    [InlineData(1.41, 0)]
    public void Pipes_SideBySide_KeepTheirDistance(double axes, int conflicts)
    {
        var report = Check([Pipe("w", "water", 400, East)], [Pipe("s", "sewage", 400, [(-50, axes), (50, axes)])]);

        report.Conflicts.Count.ShouldBe(conflicts);
        if (conflicts > 0)
        {
            report.Conflicts[0].ShouldSatisfyAllConditions(c => c.Kind.ShouldBe("pipe_clearance"), c => c.LengthMeters.ShouldBe(100, 0.3), c => c.Clearance!.Horizontal!.Value.ShouldBe(0.99, 2e-3));
        }
    }

    [Fact]
    public void Pipes_OfOneNetworkThatEndInEachOther_AreNoClash()
    {
        PlanFeature[] net = [Pipe("main", "water", 300, East), Pipe("branch", "water", 100, [(10, 0), (10, 40)]), Pipe("next", "water", 300, [(50, 0), (90, 20)]), Pipe("service", "water", 25, [(-20, 0.14), (-20, 12)])];

        Check(net, []).Conflicts.ShouldBeEmpty();
        Check([.. net, Pipe("over", "water", 200, [(30, -10), (30, 10)])], []).Conflicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.SubjectId.ShouldBe("main"), c => c.With!.Id.ShouldBe("over"));

        // Drawn twice: joined at an end, but together over all its length.
        Check([net[0], Pipe("again", "water", 300, [(-50, 0), (0, 0)])], []).Conflicts.ShouldHaveSingleItem().LengthMeters.ShouldBe(50, 0.5);
    }

    [Theory]
    [InlineData(3.0, 1)] // DN 300 asks 3.0 m of a building
    [InlineData(3.3, 0)]
    [InlineData(-2.0, 1)] // under it
    public void Pipe_BesideABuilding_KeepsItsDistance(double edge, int conflicts)
    {
        var building = Feature(PlanKinds.Building, "house", Box(-10, edge, 20, 10));

        Check([Pipe("w", "water", 300, East)], [building]).Conflicts.Count(c => c.Kind == "pipe_foundation").ShouldBe(conflicts);
        Check([Feature(PlanKinds.Project, "house", Box(-10, edge, 20, 10))], [Pipe("w", "water", 300, East)]).Conflicts.Count(c => c.Kind == "pipe_foundation").ShouldBe(conflicts);
    }

    [Fact]
    public void Pipe_UnderAFoundationOfKnownDepth_IsJudgedByWhatLiesBetween()
    {
        static PlanFeature House(double depth) => Feature(PlanKinds.Building, "house", Box(-10, -5, 20, 10), values: ("foundation_depth_m", depth));

        Check([Pipe("w", "water", 300, East, ("depth_m", 6))], [House(3)]).Conflicts.ShouldBeEmpty();
        Check([Pipe("w", "water", 300, East, ("depth_m", 3.3))], [House(3)]).Conflicts.ShouldHaveSingleItem().Clearance.ShouldNotBeNull().ShouldSatisfyAllConditions(
            c => c.Vertical.ShouldBe(0.3), c => c.RequiredVertical.ShouldBe(0.5), c => c.PlanViewOnly.ShouldBeFalse());
        Check([Pipe("w", "water", 300, East)], [House(3)]).Conflicts.ShouldHaveSingleItem().Clearance!.PlanViewOnly.ShouldBeTrue();

        // Beside a shallow foundation a deep trench keeps away by the angle of friction: (6.3 − 1) / tan 30° = 9.2 m.
        Check([Pipe("w", "water", 300, [(-50, 12), (50, 12)], ("depth_m", 6))], [House(1)]).Conflicts.ShouldHaveSingleItem().Clearance!.RequiredHorizontal!.Value.ShouldBe(9.18, 0.01);
        Check([Pipe("w", "water", 300, [(-50, 12), (50, 12)], ("depth_m", 1))], [House(1)]).Conflicts.ShouldBeEmpty();
    }

    [Fact]
    public void Pipe_ThatServesABuilding_IsNoClash() =>
        Check([Pipe("w", "water", 25, [(0, -20), (0, 5)])], [Feature(PlanKinds.Building, "house", Box(-10, 0, 20, 10))]).Conflicts.ShouldBeEmpty();

    /// <summary>Pairs through the tree equal all pairs; distances equal the topology suite's, stretches those of sampled points.</summary>
    [Fact]
    public void Pairs_OfAnyPipes_EqualAllPairsMeasuredOtherwise()
    {
        var point = Gen.Select(Gen.Double[-60, 60], Gen.Double[-60, 60]);
        var pipe = Gen.Select(point.Array[2, 5], Gen.Int[20, 1500], Gen.Int[0, 3].Select(m => new[] { "water", "sewage", "gas", "heat" }[m]));
        pipe.Array[2, 14].Sample(
            drawn =>
            {
                PlanFeature[] pipes = [.. drawn.Select((p, i) => Pipe($"p{i:00}", p.Item3, p.Item2, [.. p.Item1.Select(c => (c.Item1, c.Item2))]))];
                var question = new ConflictQuestion { Subjects = pipes, On = Today };
                var run = new ConflictRun(ConflictRules.Default, LandCodes.Shipped, question, Monitoring.Detection.Judgement.PlanIndex.Empty, default);
                PipeBody[] bodies = [.. pipes.Select(run.PipeCheck.BodyOf)];
                Geometry[] axes = [.. pipes.Select(p => run.Ground.Plane.ToMeters(p.Outline.Shape))];
                var candidates = run.PipeCheck.Candidates(bodies).ToHashSet();
                for (var i = 0; i < pipes.Length; i++)
                {
                    for (var j = i + 1; j < pipes.Length; j++)
                    {
                        var clearance = ConflictRules.Default.Pipes.HorizontalOf(bodies[i].Medium, bodies[j].Medium) ?? 0;
                        var reach = bodies[i].HalfWidth + bodies[j].HalfWidth + clearance;
                        var distance = axes[i].Distance(axes[j]);
                        var stretches = PipePair.Compare(bodies[i], bodies[j], clearance, 0.05);
                        (stretches.Count > 0).ShouldBe(distance <= reach, $"{pipes[i].Id} {pipes[j].Id}: {distance} of {reach}");
                        if (stretches.Count == 0)
                        {
                            continue;
                        }

                        candidates.ShouldContain((i, j));
                        stretches.Min(s => s.Net).ShouldBe(distance - bodies[i].HalfWidth - bodies[j].HalfWidth, 1e-6);
                        stretches.Sum(s => s.To - s.From).ShouldBe(Sampled(axes[i], axes[j], reach), (2e-3 * axes[i].Length) + 1e-6, $"{pipes[i].Id} {pipes[j].Id}");
                    }
                }
            },
            iter: 60);

        // Point after point of the line, by the topology suite's distance.
        static double Sampled(Geometry line, Geometry other, double reach)
        {
            const int Steps = 2000;
            double sum = 0;
            foreach (var (a, b) in line.Coordinates.Zip(line.Coordinates.Skip(1)))
            {
                var within = Enumerable.Range(0, Steps).Count(k =>
                    NetTopologySuite.Algorithm.DistanceComputer.PointToSegmentString(new Coordinate(a.X + ((k + 0.5) / Steps * (b.X - a.X)), a.Y + ((k + 0.5) / Steps * (b.Y - a.Y))), other.Coordinates) <= reach);
                sum += a.Distance(b) * within / Steps;
            }

            return sum;
        }
    }
}
