using CsCheck;
using Monitoring.Detection.Conflicts;
using Monitoring.Domain.Conflicts;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Land;
using static Monitoring.Detection.Tests.Conflicts.Plot;

namespace Monitoring.Detection.Tests.Conflicts;

public sealed class ConflictEngineTests
{
    [Fact]
    public void Road_AcrossTheRedLine_IsToldWithAreaLengthRuleAndDocument()
    {
        var report = Check([Road("r", 20, (-500, 0), (500, 0))], [RedLine("line", Box(-100, -300, 300, 600))]);

        var conflict = report.Conflicts.ShouldHaveSingleItem();
        conflict.ShouldSatisfyAllConditions(
            c => c.Kind.ShouldBe("control_line"),
            c => c.Rule.ShouldBe("ecological-red-line"),
            c => c.Severity.ShouldBe(Severity.Critical),
            c => c.AreaSquareMeters.ShouldBe(6000, 6000 * 0.002),
            c => c.LengthMeters.ShouldBe(300, 300 * 0.002),
            c => c.With!.Id.ShouldBe("line"),
            c => c.With!.Document.ShouldBe("云政发〔2022〕31号"),
            c => c.With!.EffectiveFrom.ShouldBe(new DateOnly(2022, 10, 1)));
        report.MapVersion.ShouldBe(7);
        report.RulesVersion.ShouldBe(ConflictRules.Default.Version);
        report.Totals.ShouldHaveSingleItem().AreaSquareMeters.ShouldBe(conflict.AreaSquareMeters);
        report.Subjects.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            s => s.AreaSquareMeters.ShouldBe(20_000, 40), s => s.LengthMeters.ShouldBe(1000, 2), s => s.WidthMeters.ShouldBe(20), s => s.Cost.ShouldBe(100 * conflict.AreaSquareMeters, 1e-6));
    }

    [Theory]
    [InlineData("2026-05-01", null, 1)] // first day in force
    [InlineData("2026-05-02", null, 0)] // only from tomorrow
    [InlineData("2022-01-01", "2026-05-01", 0)] // last day was yesterday
    [InlineData("2022-01-01", "2026-05-02", 1)]
    public void Line_OutsideItsPeriod_IsNoConflict(string from, string? to, int conflicts) =>
        Check([Road("r", 20, (-500, 0), (500, 0))], [RedLine("line", Box(-100, -300, 300, 600), from: from, to: to)]).Conflicts.Count.ShouldBe(conflicts);

    [Fact]
    public void Project_PartlyOutsideTheBoundary_IsToldWithThatPart()
    {
        var report = Check([Feature(PlanKinds.Project, "p", Box(0, 0, 100, 100))], [RedLine("city", Box(-500, -500, 540, 1000), ControlLineKind.UrbanDevelopmentBoundary)]);

        var conflict = report.Conflicts.ShouldHaveSingleItem();
        conflict.Kind.ShouldBe("outside_boundary");
        conflict.With.ShouldBeNull();
        conflict.AreaSquareMeters.ShouldBe(6000, 20);
    }

    [Fact]
    public void Project_WithoutAnyBoundaryOnTheMap_SaysThatNobodyKnows()
    {
        var report = Check([Feature(PlanKinds.Project, "p", Box(0, 0, 100, 100))], [RedLine("far", Box(5000, 0, 10, 10))]);

        report.Conflicts.ShouldBeEmpty();
        report.Notes.Where(n => n.Code == "no-feature-known").ShouldHaveSingleItem().Facts["rule"].ShouldBe("outside-urban-boundary");
        report.Notes.Where(n => n.Code == "layer-unknown").Select(n => n.Facts["layer"]).ShouldBe(["permits", "plans"]);
    }

    [Fact]
    public void Project_OnAnotherApproval_IsToldButNotOnItsOwn()
    {
        static Permit Granted(string id, string project) => new()
        {
            Id = id, Outline = Box(50, 0, 100, 100), Kind = "construction_works", Status = PermitStatus.Granted, Project = project, EffectiveFrom = new DateOnly(2025, 1, 1),
        };

        var report = Check(
            [Feature(PlanKinds.Project, "p", Box(0, 0, 100, 100), name: "学校", values: ("permit_no", "own"))],
            [Granted("own", "其他"), Granted("named", "学校"), Granted("other", "商场"), Granted("off", "商场") with { Status = PermitStatus.Revoked }]);

        report.Conflicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.Kind.ShouldBe("permit"), c => c.With!.Id.ShouldBe("other"), c => c.AreaSquareMeters.ShouldBe(5000, 15));
    }

    [Fact]
    public void DetailedPlan_OfAnotherClassThanTheMasterPlan_IsToldWithBothClasses()
    {
        var master = Feature(PlanKinds.MasterPlan, "m", Box(0, 0, 100, 100), "1401");
        var report = Check(
            [Feature(PlanKinds.DetailedPlan, "homes", Box(50, 0, 100, 100), "070102"), Feature(PlanKinds.DetailedPlan, "park", Box(0, 0, 40, 100), "1402")], [master]);

        var conflict = report.Conflicts.ShouldHaveSingleItem();
        conflict.Kind.ShouldBe("detailed_against_master");
        conflict.SubjectId.ShouldBe("homes");
        conflict.Facts["subject_class"].ShouldBe("07 居住用地");
        conflict.Facts["feature_class"].ShouldBe("14 绿地与开敞空间用地");
        conflict.AreaSquareMeters.ShouldBe(5000, 15);
    }

    [Theory]
    [InlineData("乔木林地", "0404", true)] // 林地 against 其他草地
    [InlineData("乔木林地", "0301", false)]
    [InlineData("草地", "0404", false)]
    [InlineData("草地", "0305", true)]
    [InlineData("沼泽草地", "0402", false)] // both are wetland, whatever the word holds
    [InlineData("", "0404", false)] // a class that is not stated disagrees with nothing
    public void Place_ClassedByTwoDepartments_IsToldWhereTheyDisagree(string forest, string survey, bool told)
    {
        var report = Check(
            [Feature("forest-land", "f", Box(0, 0, 100, 100), values: ("class", forest))], [Feature(PlanKinds.LandSurvey, "s", Box(50, 0, 100, 100), survey, LandCodes.LandSurvey2019)]);

        report.Conflicts.Select(c => c.Kind).ShouldBe(told ? ["class_disagreement"] : []);
    }

    [Fact]
    public void ConstructionLand_InTheRedLineWithoutRulesOfUse_IsTold()
    {
        var report = Check(
            [
                Feature(PlanKinds.LandUsePlan, "bare", Box(0, 0, 50, 50), "0701"),
                Feature(PlanKinds.LandUsePlan, "ruled", Box(100, 0, 50, 50), "0701", values: ("floor_area_ratio", 0.8)),
                Feature(PlanKinds.LandUsePlan, "forest", Box(200, 0, 50, 50), "0301"),
            ],
            [RedLine("line", Box(-100, -100, 500, 500))]);

        report.Conflicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.Kind.ShouldBe("red_line_without_rules"), c => c.SubjectId.ShouldBe("bare"));
    }

    [Fact]
    public void Corridor_CrossedOrRunAlong_OnlyTheSecondIsTold()
    {
        var corridor = Feature("special-plan", "power", Line((-2000, 0), (2000, 0)), values: [("width_m", 10), ("buffer_m", 15)]);

        Check([Road("across", 20, (0, -300), (0, 300))], [corridor]).Conflicts.ShouldBeEmpty();
        var along = Check([Road("along", 20, (-500, 12), (500, 12))], [corridor]).Conflicts.ShouldHaveSingleItem();
        along.Kind.ShouldBe("reserved_corridor");
        along.AreaSquareMeters.ShouldBe(18 * 1000, 60);
        Check([Feature(PlanKinds.Project, "p", Box(0, 10, 50, 50))], [corridor]).Conflicts.ShouldHaveSingleItem().AreaSquareMeters.ShouldBe(500, 3);
    }

    [Fact]
    public void Reserve_BuiltOn_TellsTheShareBeforeAndAfter()
    {
        var report = Check(
            [Feature(PlanKinds.Project, "p", Box(0, 0, 50, 100))],
            [Feature(PlanKinds.LandUsePlan, "blank", Box(0, 0, 100, 100), "16"), Feature(PlanKinds.LandUsePlan, "homes", Box(200, 0, 100, 1900), "0701"), Feature(PlanKinds.LandUsePlan, "wood", Box(400, 0, 500, 500), "0301")]);

        report.Conflicts.Select(c => c.Kind).ShouldBe(["strategic_reserve"]);
        var reserve = report.Reserve.ShouldNotBeNull();
        reserve.Rate.ShouldBe(0.05);
        reserve.Share!.Value.ShouldBe(0.05, 1e-4);
        reserve.ShareAfter!.Value.ShouldBe(0.025, 1e-4);
        reserve.UsedSquareMeters.ShouldBe(5000, 15);
    }

    [Theory]
    [InlineData(24.0, 0)]
    [InlineData(24.1, 1)]
    public void Project_HigherThanThePlanAllows_IsTold(double height, int conflicts) => Check(
        [Feature(PlanKinds.Project, "p", Box(0, 0, 50, 50), values: ("height_m", height))], [Feature(PlanKinds.DetailedPlan, "d", Box(0, 0, 50, 50), values: ("max_height_m", 24))])
        .Conflicts.Count(c => c.Kind == "height").ShouldBe(conflicts);

    [Fact]
    public void Feature_OfTheSameLayerAndId_IsTheSubjectItself() =>
        Check([Feature(PlanKinds.Project, "p", Box(0, 0, 50, 50))], [Feature(PlanKinds.Project, "p", Box(10, 0, 50, 50)), Feature(PlanKinds.Project, "q", Box(10, 0, 50, 50), "stopped", "project-stages")])
            .Conflicts.ShouldBeEmpty();

    [Fact]
    public void Pair_OfTwoSubjects_IsToldOnce()
    {
        PlanFeature[] both = [Feature(PlanKinds.Project, "a", Box(0, 0, 50, 50)), Feature(PlanKinds.Project, "b", Box(10, 0, 50, 50))];

        Check(both, both).Conflicts.ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.SubjectId.ShouldBe("a"), c => c.With!.Id.ShouldBe("b"));
    }

    [Fact]
    public void Question_NarrowedByLayerReaderOrGround_LooksAtNoMore()
    {
        PlanFeature[] subject = [Feature(PlanKinds.Project, "p", Box(0, 0, 100, 100))];
        MapFeature[] map = [RedLine("line", Box(0, 0, 50, 100)), Feature(PlanKinds.Project, "q", Box(0, 0, 100, 100))];

        Check(subject, map).Conflicts.Count.ShouldBe(2);
        Check(subject, map, ask: q => q with { Against = ["control-lines"] }).Conflicts.ShouldHaveSingleItem().With!.Id.ShouldBe("line");
        Check(subject, map, ask: q => q with { MaySee = f => f is not ControlLine }).Conflicts.ShouldHaveSingleItem().With!.Id.ShouldBe("q");
        var halved = Check(subject, map, ask: q => q with { Ground = Box(40, -1000, 1000, 2000).Shape });
        halved.Conflicts.Select(c => c.AreaSquareMeters).ShouldAllBe(a => Math.Abs(a - 1000) < 5 || Math.Abs(a - 6000) < 20);
        halved.Subjects.ShouldHaveSingleItem().Clipped.ShouldBeTrue();
        halved.Notes.Select(n => n.Code).ShouldContain("clipped");
        Check(subject, map, ask: q => q with { Ground = Box(4000, 4000, 10, 10).Shape }).Conflicts.ShouldBeEmpty();
    }

    [Fact]
    public void Width_NotStated_IsAssumedAndSaid()
    {
        var report = Check([Feature(PlanKinds.Road, "r", Line((-500, 0), (500, 0)))], [RedLine("line", Box(-100, -300, 300, 600))]);

        report.Conflicts.ShouldHaveSingleItem().AreaSquareMeters.ShouldBe(12 * 300, 12);
        report.Notes.Where(n => n.Code == "width-assumed").ShouldHaveSingleItem().Facts["width_m"].ShouldBe("12");
    }

    [Fact]
    public void Slivers_OfATouchingBorder_AreNoConflict() =>
        Check([Feature(PlanKinds.Project, "p", Box(0, 0, 100, 100))], [RedLine("line", Box(99.9, 0, 100, 100)), RedLine("beside", Box(100, 0, 100, 100))]).Conflicts.ShouldBeEmpty();

    public static TheoryData<string, string> Bad => new()
    {
        { "none", "nothing to check" }, { "twice", "Two features have the id" }, { "point", "is a point" }, { "crossed", "crosses itself" }, { "pipe", "is no line" }, { "far", "more than 100 km" }, { "wide", "above 1000 m" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Question_ThatCannotBeAnswered_IsRefusedInASentence(string what, string says)
    {
        var factory = new NetTopologySuite.Geometries.GeometryFactory();
        PlanFeature[] subjects = what switch
        {
            "none" => [],
            "twice" => [Road("r", 5, (0, 0), (1, 1)), Road("r", 5, (0, 0), (1, 2))],
            "point" => [Feature(PlanKinds.Project, "p", Of(factory.CreatePoint(new NetTopologySuite.Geometries.Coordinate(0, 0))))],
            "crossed" => [Feature(PlanKinds.Project, "p", Of(factory.CreatePolygon([new(0, 0), new(10, 10), new(10, 0), new(0, 10), new(0, 0)])))],
            "wide" => [Road("r", 50_000, (0, 0), (1, 1))],
            "pipe" => [Feature(PlanKinds.Pipe, "p", Box(0, 0, 5, 5))],
            _ => [Road("r", 5, (0, 0), (120_000, 1))],
        };
        var told = Should.Throw<ConflictQuestionException>(() => Check(subjects, [])).Message;
        told.ShouldContain(says);
        told.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("""{"version":"x","search":{"shift_step_m":0}}""", "conflicts.md")]
    [InlineData("""{"rules":[]}""", "no version")]
    [InlineData("""{"version":"x","reserve":{"rate":5,"reserve_codes":[],"construction_codes":[]}}""", "rate lies in [0, 1]")]
    [InlineData("[]", "not an object")]
    public void Rules_ThatAreWrong_AreRefusedInASentence(string text, string says)
    {
        using var folder = new TestKit.TempDirectory();
        File.WriteAllText(folder.File("conflicts.json"), text);
        Should.Throw<InvalidDataException>(() => ConflictRules.Load(folder.File("conflicts.json"))).Message.ShouldContain(says);
    }

    [Fact]
    public void Rules_OfTheDataDirectory_ReplaceTheirSectionOnly()
    {
        using var folder = new TestKit.TempDirectory();
        File.WriteAllText(folder.File("conflicts.json"), """{"version":"own","reserve":{"rate":0.1,"reserve_codes":["16"],"construction_codes":["07"]}}""");

        var rules = ConflictRules.Load(folder.File("conflicts.json"));

        rules.Version.ShouldBe("own");
        rules.Reserve.Rate.ShouldBe(0.1);
        rules.Rules.Count.ShouldBe(ConflictRules.Default.Rules.Count);
        ConflictRules.Load(folder.File("none.json")).ShouldBeSameAs(ConflictRules.Default);
    }

    /// <summary>Any map in any order gives the same report, to the last digit.</summary>
    [Fact]
    public void Report_WhateverTheOrderOfTheInput_IsTheSame()
    {
        var boxes = Gen.Select(Gen.Int[-300, 300], Gen.Int[-300, 300], Gen.Int[20, 200], Gen.Int[20, 200]);
        Gen.Select(boxes.Array[1, 8], boxes.Array[1, 3], Gen.Int[0, 1000]).Sample(
            (map, planned, seed) =>
            {
                List<MapFeature> features = [.. map.Select((b, i) => i % 3 == 0
                    ? (MapFeature)RedLine($"l{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)) : i % 3 == 1
                    ? Feature(PlanKinds.Project, $"q{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)) : Feature("strategic-reserve", $"s{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)))];
                List<PlanFeature> subjects = [.. planned.Select((b, i) => Feature(PlanKinds.Project, $"p{i}", Box(b.Item1, b.Item2, b.Item3, b.Item4)))];
                var first = Text(Check(subjects, features, suggest: seed % 4 == 0));
                var random = new Random(seed);
                Text(Check([.. subjects.OrderBy(_ => random.Next())], features.OrderBy(_ => random.Next()), suggest: seed % 4 == 0)).ShouldBe(first);
            },
            iter: 40);

        static string Text(ConflictReport report)
        {
            using var folder = new TestKit.TempDirectory();
            return string.Join("\n", ConflictFiles.Write(report, folder.Path).Select(File.ReadAllText));
        }
    }
}
