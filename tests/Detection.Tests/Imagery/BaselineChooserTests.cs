using CsCheck;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Geometry;
using Monitoring.Domain.Imagery;
using NetTopologySuite.Geometries;

namespace Monitoring.Detection.Tests.Imagery;

/// <summary>Each rule of the choice against a catalogue made for it. The new scene is of 15 June 2025.</summary>
public sealed class BaselineChooserTests
{
    private static readonly DateTimeOffset Day = new(2025, 6, 15, 3, 0, 0, TimeSpan.Zero);
    private static readonly Scene Now = Of("now", 0);

    [Fact]
    public void Choose_SameSeasonOrNewer_SameSeasonWins() =>
        Chosen(Of("winter", 150), Of("last-june", 365)).ShouldBe("last-june");

    [Fact]
    public void Choose_SameSeasonTwice_TheNewerWins() =>
        Chosen(Of("june-2", 730), Of("june-1", 365)).ShouldBe("june-1");

    [Fact]
    public void Choose_SameSeasonOverThreeYearsOld_IsNoBetterThanAnother() =>
        Chosen(Of("june-4", 4 * 365), Of("winter", 150)).ShouldBe("winter");

    [Fact]
    public void Choose_NoneOfTheSeason_TheNewestOfAll() =>
        Chosen(Of("autumn", 240), Of("winter", 150), Of("spring", 80)).ShouldBe("spring");

    [Fact]
    public void Choose_SeasonAcrossNewYear_IsTheSame()
    {
        var january = Now with { AcquiredAt = new DateTimeOffset(2026, 1, 5, 3, 0, 0, TimeSpan.Zero) };
        var december = Of("december", 0) with { AcquiredAt = new DateTimeOffset(2024, 12, 20, 3, 0, 0, TimeSpan.Zero) };
        var autumn = Of("autumn", 0) with { AcquiredAt = new DateTimeOffset(2025, 10, 20, 3, 0, 0, TimeSpan.Zero) };
        BaselineChooser.Choose(january, [autumn, december], false).Baseline!.Id.ShouldBe("december");
    }

    [Theory]
    [InlineData(330, 370, "same-sensor")] // another sensor is no nine months better
    [InlineData(365, 365 + 340, "other-sensor")] // same sensor, but a year older: the newer wins
    public void Choose_OtherSensor_OnlyWhenItIsMuchNewer(int otherAge, int sameAge, string expected) =>
        Chosen(Of("other-sensor", otherAge, collection: "landsat-c2-l2"), Of("same-sensor", sameAge)).ShouldBe(expected);

    [Fact]
    public void Choose_SceneWithoutCollection_ComparesBandsForTheSensor()
    {
        var nameless = Of("nameless", 365) with { Collection = null };
        BaselineChooser.Choose(Now, [nameless], false).Considered.Single().SameSensor.ShouldBeTrue();
        BaselineChooser.Choose(Now, [nameless with { Bands = [.. nameless.Bands.Select(b => b with { Name = "SR_" + b.Name })] }], false).Considered.Single().SameSensor.ShouldBeFalse();
    }

    [Fact]
    public void Choose_HalfUnderCloud_LosesToAClearOneOfAYearBefore() =>
        Chosen(Of("cloudy", 365, cloud: 70), Of("clear", 720)).ShouldBe("clear");

    [Theory]
    [InlineData("cloudy")]
    [InlineData("little-common-ground")]
    [InlineData("other-resolution")]
    [InlineData("rotated-grid")]
    [InlineData("other-bands")]
    public void Choose_SceneThatCannotBeCompared_IsPassedOverWithItsReason(string why)
    {
        var fine = Of("fine", 365);
        var wrong = why switch
        {
            "cloudy" => fine with { CloudCover = 80 },
            "little-common-ground" => fine with { Footprint = Box(118.95, 32) },
            "other-resolution" => fine with { Bands = [.. fine.Bands.Select(b => b with { GsdMeters = 60 })] },
            "rotated-grid" => fine with { Grid = fine.Grid with { Transform = [500_000, 9, 3, 3_600_000, 3, -9] } },
            _ => fine with { Bands = [.. fine.Bands.Take(2).Select(b => b with { CommonName = null })] },
        };
        var choice = BaselineChooser.Choose(Now, [wrong with { Id = "wrong" }], false);
        choice.Baseline.ShouldBeNull();
        choice.WhyNone.ShouldBe("none-fits");
        choice.Considered.Single().PassedOver.ShouldBe(why);
        choice.Reasons[1].Facts["why"].ShouldBe(why);
        Chosen(wrong with { Id = "wrong", AcquiredAt = Day.AddDays(-364) }, fine).ShouldBe("fine");
    }

    /// <summary>A scene across the 180° meridian has a box around the earth; the ground it shows is small all the same.</summary>
    [Theory]
    [InlineData(0, 179.95, null)] // the same ground
    [InlineData(0, -180.03, null)] // most of it, begun on the other side
    [InlineData(0, -179.96, "little-common-ground")] // a corner
    [InlineData(0, 20, "little-common-ground")] // another continent at the same latitude
    [InlineData(-180, -179.98, null)] // both east of the meridian
    public void Choose_SceneAcrossThe180thMeridian_IsMeasuredByItsGround(double now, double other, string? why)
    {
        var scene = Now with { Footprint = Across(now == 0 ? 179.95 : now, 0) };
        var choice = BaselineChooser.Choose(scene, [Of("other", 365) with { Footprint = Across(other, 0) }], false);
        choice.Considered.Single().PassedOver.ShouldBe(why);
    }

    [Theory]
    [InlineData(true, 20, "series-watches")]
    [InlineData(false, 20, null)]
    [InlineData(true, 60, null)]
    public void Choose_FollowedOften_LeavesItToTheSeries(bool inSeries, int days, string? why) =>
        BaselineChooser.Choose(Now, [Of("recent", days)], inSeries).WhyNone.ShouldBe(why);

    /// <summary>A look through clouds is no look: a cloudy month must not keep the pair detector silent.</summary>
    [Fact]
    public void Choose_OnlyCloudyLooksAreRecent_Compares() =>
        BaselineChooser.Choose(Now, [Of("cloudy", 10, cloud: 95), Of("last-june", 365)], true).Baseline!.Id.ShouldBe("last-june");

    [Fact]
    public void Choose_NewSceneUnderCloud_IsNotCompared() =>
        BaselineChooser.Choose(Now with { CloudCover = 85 }, [Of("last-june", 365)], false).WhyNone.ShouldBe("scene-cloudy");

    [Fact]
    public void Choose_NothingEarlier_IsTheFirstScene() =>
        BaselineChooser.Choose(Now, [Of("later", -10)], false).WhyNone.ShouldBe("first-scene");

    [Fact]
    public void Reasons_ManyScenes_NameTheChosenAndTheNextAndCountTheRest()
    {
        var choice = BaselineChooser.Choose(Now, [.. Enumerable.Range(1, 30).Select(i => Of($"s{i:00}", 300 + (4 * i)))], false);
        choice.Reasons[0].Code.ShouldBe("baseline-chosen");
        choice.Reasons[0].Facts["scene"].ShouldBe(choice.Baseline!.Id);
        choice.Reasons[0].Facts["considered"].ShouldBe("30");
        choice.Reasons.Count.ShouldBe(9);
        choice.Reasons.Skip(1).ShouldAllBe(r => r.Code == "baseline-passed-over" && r.Facts["why"] == "less-suited");
    }

    [Fact]
    public void Choose_AnyOrderOfTheCatalogue_ChoosesTheSame()
    {
        var scene = from age in Gen.Int[1, 1500] from cloud in Gen.Int[0, 100] from other in Gen.Bool from id in Gen.Int[0, 99] select Of($"s{id:00}", age, cloud, other ? "landsat-c2-l2" : "sentinel-2-l2a");
        Gen.Select(scene.Array[0, 12], Gen.Int[0, 1000]).Sample(
            (scenes, seed) =>
            {
                Scene[] unique = [.. scenes.DistinctBy(s => s.Id)];
                var shuffled = unique.ToArray();
                new Random(seed).Shuffle(shuffled);
                return BaselineChooser.Choose(Now, unique, false).Baseline?.Id == BaselineChooser.Choose(Now, shuffled, false).Baseline?.Id;
            },
            iter: 200, seed: "0000KQfXQZn2");
    }

    /// <summary>A tenth of a degree wide, cut at the meridian as the intake does.</summary>
    private static Outline Across(double west, double south) =>
        new(EarthShape.Cut(new GeometryFactory().ToGeometry(new Envelope(west, west + 0.1, south, south + 0.1))), 1e8, "EPSG:4490");

    private static string? Chosen(params Scene[] others) => BaselineChooser.Choose(Now, others, false).Baseline?.Id;

    private static Scene Of(string id, int daysBefore, double cloud = 5, string collection = "sentinel-2-l2a") => new()
    {
        Id = id,
        Collection = collection,
        AcquiredAt = Day.AddDays(-daysBefore),
        ReceivedAt = Day.AddDays(-daysBefore),
        Footprint = Box(118, 32),
        Bands = [.. new[] { "blue", "green", "red", "nir" }.Select((name, i) => new SceneBand(name, name, null, 0, i + 1, 10, 0, 1e-4, 0))],
        Grid = new Grid("EPSG:32650", [500_000, 10, 0, 3_600_000, 0, -10], 100, 100),
        CloudCover = cloud,
        Assets = [],
        ContentHash = id,
    };

    private static Outline Box(double lon, double lat)
    {
        var shape = GeometryFactory.Default.ToGeometry(new Envelope(lon, lon + 1, lat, lat + 1));
        return new Outline(shape, 1e10, "EPSG:32650");
    }
}
