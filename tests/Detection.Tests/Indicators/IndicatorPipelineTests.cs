using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Monitoring.Detection.Indicators;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Cases;
using Monitoring.Domain.Findings;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Indicators;
using Monitoring.Domain.Land;
using Monitoring.Gdal;
using Case = Monitoring.Domain.Cases.Case;
using Monitoring.TestKit;

namespace Monitoring.Detection.Tests.Indicators;

public class IndicatorPipelineTests
{
    private readonly MemoryScenes _scenes = new();
    private readonly MemoryFindings _findings = new();
    private readonly MemoryPlans _plans = new();
    private readonly CasesOnly _cases = new();
    private readonly MemoryAudit _audit = new();
    private readonly MemoryIndicators _values;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero));
    private IndicatorCatalogue _catalogue = IndicatorCatalogue.Default;

    // A region of 1 km by 1 km; its western tenth is the red line, its eastern half the development boundary.
    private static readonly Domain.Geometry.Outline Square = Ground.Box(0, 0, 1000, 1000);

    public IndicatorPipelineTests() => _values = new(_findings);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IndicatorPipeline Pipeline(ISceneSampler sampler) => new(
        _scenes, _values, _findings, _cases, _findings, new RecordingBus(), new PlanIndexSource(_plans), _plans, sampler, _catalogue, DetectionRules.Default, _audit, _clock,
        NullLogger<IndicatorPipeline>.Instance);

    private void ImportMap()
    {
        _plans.Import(MapLayer.Region, Ground.Region("330100", Square));
        _plans.Import(
            MapLayer.ControlLine,
            Ground.Line("E", ControlLineKind.EcologicalProtectionRedLine, Ground.Box(0, 0, 100, 1000)),
            Ground.Line("U", ControlLineKind.UrbanDevelopmentBoundary, Ground.Box(500, 0, 500, 1000)));
    }

    private Task<bool> Arrive(string id, string day) => _scenes.AddAsync(
        new Scene
        {
            Id = id,
            AcquiredAt = Ground.Noon(day),
            ReceivedAt = Ground.Noon(day),
            Footprint = Ground.Box(-100, -100, 1200, 1200),
            Bands = [],
            Grid = new Grid("", [0, 1, 0, 0, 0, 1], 1, 1),
            Assets = [],
            ContentHash = "hash-" + id,
        },
        "test",
        Token);

    private async Task<Dictionary<string, IndicatorValue>> Month(string month) =>
        (await _values.ValuesAsync(null, null, DateOnly.Parse(month + "-01", null), DateOnly.Parse(month + "-01", null), Token)).ToDictionary(v => v.Code);

    [Fact]
    public async Task WorkOff_LandThatWaits_IsToldOfTheNewestMonthsAndStoredOnce()
    {
        ImportMap();
        _plans.Import(
            MapLayer.Permit,
            Ground.Permit("C", Ground.Box(100, 100, 200, 100), "2023-06-01", null, "farmland_conversion"),
            Ground.Permit("S", Ground.Box(500, 500, 100, 100), "2024-06-01", null, "land_supply"));
        var pipeline = Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Crop });
        await pipeline.WorkOffAsync(Token);

        (await Month("2026-01"))["approved-not-supplied"].Value!.Value.ShouldBe(20_000, 20);
        (await Month("2026-01"))["approved-not-supplied"].Inputs.Select(i => i.Id).ShouldBe(["C"]);
        (await Month("2026-01"))["supplied-not-used"].Value.ShouldBeNull("nobody looked");
        (await Month("2025-10")).Keys.ShouldNotContain("approved-not-supplied");

        await Arrive("s", "2025-12-20");
        await pipeline.WorkOffAsync(Token);
        var stored = _values.Appended.Count;
        (await Month("2026-01"))["supplied-not-used"].Value!.Value.ShouldBe(10_000, 10);
        await pipeline.WorkOffAsync(Token);
        _values.Appended.Count.ShouldBe(stored);
    }

    [Fact]
    public async Task WorkOff_RoofsForMonths_GiveAreasByZone()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month + "a", month + "-05");
            await Arrive(month + "b", month + "-15");
        }

        // The western fifth is roofs: half of that lies in the red line, all of it outside the boundary.
        await Pipeline(new PaintedScenes { Paint = (_, x, _) => x < 0.2 ? Look.Roof : Look.Crop }).WorkOffAsync(Token);
        var may = await Month("2025-05");

        may["sensed-built-up"].Value!.Value.ShouldBe(20, 0.3);
        may["sensed-built-up-area"].Value!.Value.ShouldBe(200_000, 3000);
        may["sensed-built-up-red-line"].Value!.Value.ShouldBe(100_000, 1500);
        may["sensed-built-up-outside-boundary"].Value!.Value.ShouldBe(200_000, 3000);
        may["sensed-built-up-basic-farmland"].Value.ShouldBeNull("no farmland is known");
        may["sensed-built-up"].ObservableShare.ShouldBe(1);
        may["sensed-built-up"].Inputs.Select(i => i.Id).ShouldBe(["2025-02a", "2025-02b", "2025-03a", "2025-03b", "2025-04a", "2025-04b", "2025-05a", "2025-05b"]);
        may["sensed-built-up"].InputsThrough.ShouldBe(Ground.Noon("2025-05-15"));
        may["sensed-vegetation-restoration"].Value.ShouldBeNull("there is no year before");
    }

    [Fact]
    public async Task WorkOff_NewRoofs_AreBuiltUpAfterTwoMonths()
    {
        ImportMap();
        foreach (var month in (string[])["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (scene, x, _) => x < 0.2 && string.CompareOrdinal(scene, "2025-04") >= 0 ? Look.Roof : Look.Crop }).WorkOffAsync(Token);

        (await Month("2025-03"))["sensed-built-up"].Value.ShouldBeNull("three months are not enough to know");
        (await Month("2025-04"))["sensed-built-up"].Value.ShouldBe(0);
        (await Month("2025-05"))["sensed-built-up"].Value!.Value.ShouldBe(20, 0.3);
    }

    [Fact]
    public async Task WorkOff_DarkStreetsAndFieldsBareForAWinter_AreToldApartByTheYear()
    {
        ImportMap();
        for (var month = 1; month <= 9; month++)
        {
            await Arrive($"2025-0{month}", $"2025-0{month}-05");
        }

        await Pipeline(new PaintedScenes { Paint = (scene, x, _) => x < 0.2 ? Look.Asphalt : x > 0.8 && scene[^1] is '6' or '7' or '8' ? Look.Soil : Look.Crop }).WorkOffAsync(Token);

        foreach (var month in (string[])["2025-06", "2025-07", "2025-08", "2025-09"])
        {
            (await Month(month))["sensed-built-up"].Value!.Value.ShouldBe(20, 0.3, month);
        }
    }

    [Fact]
    public async Task WorkOff_AFieldBareForAMonth_IsNotBuiltUp()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (scene, x, _) => x < 0.2 && scene == "2025-05" ? Look.Soil : Look.Crop }).WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].Value.ShouldBe(0);
    }

    [Fact]
    public async Task WorkOff_CloudsThatMove_DoNotMoveTheSeries()
    {
        ImportMap();
        foreach (var day in from month in Enumerable.Range(2, 4) from day in (string[])["01", "12", "23"] select $"2025-0{month}-{day}")
        {
            await Arrive(day, day);
        }

        // Each pass has another third under cloud, and one pass an unmasked cloud that looks like a roof.
        await Pipeline(new PaintedScenes
        {
            Paint = (scene, x, y) => ((int)(y * 3) + scene[^1] + scene[6]) % 3 == 0 ? Look.Cloud : scene == "2025-05-12" && x > 0.9 ? Look.Roof : x < 0.2 ? Look.Roof : Look.Crop,
        }).WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].Value!.Value.ShouldBe(20, 0.5);
    }

    [Fact]
    public async Task WorkOff_MostlyCloudedMonth_HasNoValueButItsShare()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (scene, x, _) => scene == "2025-05" && x > 0.3 ? Look.Cloud : Look.Roof }).WorkOffAsync(Token);
        var may = (await Month("2025-05"))["sensed-built-up"];

        may.Value.ShouldBeNull();
        may.ObservableShare!.Value.ShouldBe(0.3, 0.02);
    }

    [Fact]
    public async Task WorkOff_SameSeasonAYearLater_TellsRestoration()
    {
        ImportMap();
        foreach (var month in (string[])["2024-04", "2024-05", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        // The middle was harvested a month earlier in the second year; that is no loss.
        await Pipeline(new PaintedScenes
        {
            Paint = (scene, x, _) => x < 0.3 ? (scene[3] == '4' ? Look.Soil : Look.Crop) : x > 0.9 && scene[3] == '5' ? Look.Soil : x is > 0.4 and < 0.6 && scene == "2025-05" ? Look.Soil : Look.Crop,
        }).WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-vegetation-restoration"].Value!.Value.ShouldBe(20, 1);
    }

    [Fact]
    public async Task WorkOff_Again_StoresNothingNew()
    {
        ImportMap();
        await Arrive("2025-03", "2025-03-05");
        var painted = new PaintedScenes { Paint = (_, _, _) => Look.Crop };
        var pipeline = Pipeline(painted);
        await pipeline.WorkOffAsync(Token);
        var stored = _values.Appended.Count;
        var readings = painted.Readings;

        (await pipeline.WorkOffAsync(Token)).ShouldBe(0);
        (await Pipeline(painted).WorkOffAsync(Token)).ShouldBe(0);
        _values.Appended.Count.ShouldBe(stored);
        painted.Readings.ShouldBe(readings);
    }

    [Fact]
    public async Task WorkOff_SeveralRegions_ReadEachSceneOnce()
    {
        ImportMap();
        _plans.Import(MapLayer.Region, Ground.Region("330100001", Ground.Box(0, 0, 500, 1000)), Ground.Region("330100002", Ground.Box(500, 0, 500, 1000)));
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        var painted = new PaintedScenes { Paint = (_, x, _) => x < 0.5 ? Look.Roof : Look.Crop };
        await Pipeline(painted).WorkOffAsync(Token);

        painted.Readings.ShouldBe(4);
        var may = await _values.ValuesAsync("sensed-built-up", null, new DateOnly(2025, 5, 1), null, Token);
        may.Select(v => v.RegionCode).Order().ShouldBe(["330100", "330100001", "330100002"]);
        may.ShouldAllBe(v => Math.Abs(v.Value!.Value - 50) < 1.5);
    }

    [Fact]
    public async Task WorkOff_LateScene_RecomputesItsMonthAndThoseThatLookBackOnIt()
    {
        ImportMap();
        foreach (var month in (string[])["2025-01", "2025-02", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        var pipeline = Pipeline(new PaintedScenes { Paint = (scene, _, _) => scene == "2025-03" ? Look.Crop : Look.Soil });
        await pipeline.WorkOffAsync(Token);
        (await Month("2025-05"))["sensed-built-up"].Value.ShouldBe(100);

        await Arrive("2025-03", "2025-03-25");
        await pipeline.WorkOffAsync(Token);

        // Green in March: bare fields, not roofs.
        (await Month("2025-05"))["sensed-built-up"].Value.ShouldBe(0);
    }

    [Fact]
    public async Task WorkOff_RegionImportedAfterTheScenes_GetsItsSeries()
    {
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        var pipeline = Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Roof });
        await pipeline.WorkOffAsync(Token);
        _values.Appended.ShouldBeEmpty();

        ImportMap();
        await pipeline.WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].Value.ShouldBe(100);
    }

    [Fact]
    public async Task WorkOff_MonthOfTheRegionsZone_DecidesWhereASceneCounts()
    {
        ImportMap();
        await Arrive("a", "2025-04-05");

        // 2025-04-30T17:00Z is 1 May in Shanghai.
        await _scenes.AddAsync((await _scenes.FindAsync("a", Token))!.Scene with { Id = "b", AcquiredAt = new DateTimeOffset(2025, 4, 30, 17, 0, 0, TimeSpan.Zero), ReceivedAt = Ground.Noon("2025-05-01") }, "test", Token);
        await Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Roof }).WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].InputsThrough.ShouldBe(new DateTimeOffset(2025, 4, 30, 17, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task WorkOff_TargetBreachedAndMended_HoldsThenClears()
    {
        _catalogue = _catalogue with
        {
            Targets = [new IndicatorTarget("sensed-built-up-red-line", "330100", new DateOnly(2025, 1, 1), 0, new DateOnly(2026, 1, 1), 0, 1000, "t1")],
        };
        ImportMap();
        foreach (var month in (string[])["2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (scene, x, _) => x < 0.05 && string.CompareOrdinal(scene, "2025-04") < 0 ? Look.Roof : Look.Crop }).WorkOffAsync(Token);

        _findings.Findings.Select(f => (f.Condition, f.Reasons[0].Facts["month"])).ShouldBe(
            [(FindingCondition.Holds, "2025-03"), (FindingCondition.Holds, "2025-04"), (FindingCondition.Clears, "2025-05")]);
        _findings.Findings[0].RuleId.ShouldBe("indicator-target");
        _findings.Findings[0].Subject.ShouldBe(new Subject(SubjectKind.Indicator, "sensed-built-up-red-line@330100"));
        _findings.Findings[0].Reasons[0].Code.ShouldBe("target-breached");
        _findings.Findings[0].Severity.ShouldBe(Severity.Major);
    }

    [Fact]
    public async Task WorkOff_ScenesWithAbsurdTimes_ArePassedOver()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        var known = (await _scenes.FindAsync("2025-05", Token))!.Scene;
        await _scenes.AddAsync(known with { Id = "first-year", AcquiredAt = new DateTimeOffset(1, 1, 1, 12, 0, 0, TimeSpan.Zero) }, "test", Token);
        await _scenes.AddAsync(known with { Id = "last-year", AcquiredAt = new DateTimeOffset(9999, 12, 1, 12, 0, 0, TimeSpan.Zero) }, "test", Token);
        await _scenes.AddAsync(known with { Id = "ahead", AcquiredAt = known.ReceivedAt.AddDays(2) }, "test", Token);
        await Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Roof }).WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].Inputs.Select(i => i.Id).ShouldBe(["2025-02", "2025-03", "2025-04", "2025-05"]);
        (await _findings.PositionAsync(IndicatorPipeline.ScenesConsumer, Token)).ShouldBe(7);
    }

    [Fact]
    public async Task WorkOff_SceneThatFailsAgainAndAgain_IsSetAsideOnRecordAndLeftOut()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05", "2025-06"])
        {
            await Arrive(month, month + "-05");
        }

        var pipeline = Pipeline(new PaintedScenes { Paint = (scene, _, _) => scene == "2025-05" ? throw new OverflowException("as the test wants it") : Look.Roof });
        for (var i = 0; i < 5; i++)
        {
            await Should.ThrowAsync<Exception>(() => pipeline.WorkOffAsync(Token));
        }

        await pipeline.WorkOffAsync(Token);

        (await Month("2025-06"))["sensed-built-up"].Inputs.Select(i => i.Id).ShouldBe(["2025-02", "2025-03", "2025-04", "2025-06"]);
        (_audit.Acts.ShouldHaveSingleItem().Action, _audit.Acts[0].Subject).ShouldBe(("detection.set-aside", "scene 2025-05"));
    }

    [Fact]
    public async Task WorkOff_SceneFileAwayForAWhile_IsWorkedWhenItIsBack()
    {
        ImportMap();
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        var away = 3;
        var pipeline = Pipeline(new PaintedScenes { Paint = (scene, _, _) => scene == "2025-05" && away-- > 0 ? Open("/nowhere/2025-05.tif") : Look.Roof });
        for (var i = 0; i < 3; i++)
        {
            await Should.ThrowAsync<Exception>(() => pipeline.WorkOffAsync(Token));
        }

        await pipeline.WorkOffAsync(Token);

        (await Month("2025-05"))["sensed-built-up"].Inputs.Count.ShouldBe(4);
        _audit.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task WorkOff_SceneWhoseFileHoldsNoImage_IsLeftOutAtOnce()
    {
        var path = Path.GetTempFileName();
        try
        {
            ImportMap();
            foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
            {
                await Arrive(month, month + "-05");
            }

            await File.WriteAllTextAsync(path, "no image", Token);
            await _scenes.AddAsync((await _scenes.FindAsync("2025-05", Token))!.Scene with { Id = "torn", Assets = [new SceneAsset(path, "", 8)] }, "test", Token);
            await Pipeline(new PaintedScenes { Paint = (scene, _, _) => scene == "torn" ? Open(path) : Look.Roof }).WorkOffAsync(Token);

            (await Month("2025-05"))["sensed-built-up"].Inputs.Count.ShouldBe(4);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Look Open(string path)
    {
        using var opened = RasterDataset.Open(path);
        return Look.Cloud;
    }

    [Fact]
    public async Task WorkOff_RegionThatGrew_IsMeasuredByItsOutlineOfTheMonth()
    {
        _plans.Import(
            MapLayer.Region,
            Ground.Region("330100", Ground.Box(0, 0, 500, 1000)) with { EffectiveTo = new DateOnly(2025, 5, 1) },
            Ground.Region("330100", Square) with { EffectiveFrom = new DateOnly(2025, 5, 1), Revision = "202505" });
        foreach (var month in (string[])["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Roof }).WorkOffAsync(Token);

        var (april, may) = ((await Month("2025-04"))["sensed-built-up-area"], (await Month("2025-05"))["sensed-built-up-area"]);
        (april.Value!.Value / Square.AreaSquareMeters).ShouldBe(0.5, 0.001);
        april.RegionRevision.ShouldBe("201904");
        (may.Value!.Value / Square.AreaSquareMeters).ShouldBe(1, 0.001);
        may.RegionRevision.ShouldBe("202505");
    }

    [Fact]
    public async Task WorkOff_NeighboursBoundaryAlongTheBorder_IsNoBoundaryOfTheRegion()
    {
        _plans.Import(MapLayer.Region, Ground.Region("330100", Square));
        _plans.Import(MapLayer.ControlLine, Ground.Line("U", ControlLineKind.UrbanDevelopmentBoundary, Ground.Box(995, 0, 800, 1000)));
        foreach (var month in (string[])["2025-02", "2025-03", "2025-04", "2025-05"])
        {
            await Arrive(month, month + "-05");
        }

        await Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Roof }).WorkOffAsync(Token);

        (await Month("2025-05")).ShouldNotContainKey("sensed-built-up-outside-boundary");
    }

    [Fact]
    public async Task WorkOff_ConfirmedCases_AreCountedByMonthOfDecisionAndDivision()
    {
        _plans.Import(MapLayer.Region, Ground.Region("330000", Ground.Box(-9000, -9000, 20000, 20000)), Ground.Region("330100", Square), Ground.Region("340000", Ground.Box(50000, 0, 10, 10)));
        _cases.Cases.AddRange([Decided("1", "330102", FieldOutcome.Illegal, "2025-11-30"), Decided("2", "330102", FieldOutcome.Legal, "2025-11-30"), Decided("3", "330102", FieldOutcome.Illegal, "2026-01-02")]);
        var pipeline = Pipeline(new PaintedScenes { Paint = (_, _, _) => Look.Cloud });
        await pipeline.WorkOffAsync(Token);
        await pipeline.WorkOffAsync(Token);

        var series = await _values.ValuesAsync("confirmed-cases", "330000", null, null, Token);
        series.Select(v => v.Value).ShouldBe([1, 0, 1]);
        series[0].Inputs.ShouldBe([new EvidenceInput("case", "1")]);
        (await _values.ValuesAsync("confirmed-cases", "340000", null, null, Token)).ShouldBeEmpty();
        _values.Appended.Count.ShouldBe(6);
    }

    private static Case Decided(string id, string region, FieldOutcome outcome, string day) => new()
    {
        Id = id,
        AlertId = "a" + id,
        SiteId = "s" + id,
        RegionCode = region,
        State = CaseState.Judged,
        OpenedAt = Ground.Noon("2025-10-01"),
        DecidedAt = Ground.Noon(day),
        Verification = new FieldVerification(outcome, "张三", Ground.Noon(day), "现场核查", []),
    };

    [Theory]
    [InlineData("330000", "33")]
    [InlineData("330100", "3301")]
    [InlineData("330102", "330102")]
    [InlineData("330102001", "330102001")]
    public void DivisionPrefix_Code_IsWhatItsDivisionsStartWith(string code, string prefix) => IndicatorPipeline.DivisionPrefix(code).ShouldBe(prefix);
}
