using CsCheck;
using Monitoring.FirmwareSim.Geo;

namespace Monitoring.FirmwareSim.Tests;

public sealed class GeoTests
{
    [Fact]
    public void Project_CnTower_IsWherePublishedTablesSay()
    {
        // 43°38'33.24"N 79°23'13.7"W is 17T 630084 4833438, the usual worked example of UTM.
        var (easting, northing) = new TransverseMercator(17).Project(-(79 + 23 / 60.0 + 13.7 / 3600), 43 + 38 / 60.0 + 33.24 / 3600);
        easting.ShouldBe(630_084, 1);
        northing.ShouldBe(4_833_438, 1);
    }

    [Fact]
    public void Project_OnCentralMeridian_HasFalseEastingAndScaledArc()
    {
        // The quarter meridian of WGS 84 is 10 001 965.729 m; on the central meridian it is scaled by 0.9996.
        var (easting, northing) = new TransverseMercator(50).Project(117, 89.9999999);
        easting.ShouldBe(500_000, 0.001);
        northing.ShouldBe(10_001_965.729 * 0.9996, 0.05);
    }

    [Fact]
    public void Unproject_AnyPointOfZone_UndoesProject()
    {
        var utm = new TransverseMercator(50);
        Gen.Select(Gen.Double[113.5, 120.5], Gen.Double[-80.0, 84.0]).Sample((lon, lat) =>
        {
            var (e, n) = utm.Project(lon, lat);
            var (lon2, lat2) = utm.Unproject(e, n);
            Math.Abs(lon - lon2).ShouldBeLessThan(1e-8);
            Math.Abs(lat - lat2).ShouldBeLessThan(1e-8);
        });
    }

    [Theory]
    [InlineData("2026-06-21", 66, 76)]
    [InlineData("2026-12-21", 27, 35)]
    public void Sun_LateMorningOverCounty_StandsAsTheSeasonAsks(string date, double low, double high)
    {
        var (elevation, azimuth) = Sun.At(DateTimeOffset.Parse(date + "T02:50:00Z", null), 119.9, 32.3);
        elevation.ShouldBeInRange(low, high);
        azimuth.ShouldBeInRange(100, 175);
    }

    [Fact]
    public void Sun_JuneSolsticeNoonAtTropic_IsOverhead()
    {
        var best = Enumerable.Range(0, 24 * 60).Max(m => Sun.At(new DateTimeOffset(2026, 6, 21, 0, 0, 0, TimeSpan.Zero).AddMinutes(m), 30, 23.44).Elevation);
        best.ShouldBe(90, 0.3);
    }
}
