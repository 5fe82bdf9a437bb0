using Monitoring.Domain.Geometry;
using NetTopologySuite.Geometries;

namespace Monitoring.Domain.Tests;

public sealed class OutlineTests
{
    [Theory]
    [InlineData(500_000, 3_500_000, "projected eastings")]
    [InlineData(120, 95, "latitude beyond the pole")]
    [InlineData(-181, 0, "longitude beyond the date line")]
    public void Outline_CoordinateOutsideTheEarth_IsRefused(double x, double y, string why)
    {
        var error = Should.Throw<ArgumentException>(() => new Outline(new Point(x, y), 0, "EPSG:4490"), why);
        error.Message.ShouldContain("longitude and latitude");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Outline_ImpossibleArea_IsRefused(double area) =>
        Should.Throw<ArgumentException>(() => new Outline(new Point(120, 32), area, "EPSG:4490"));

    [Fact]
    public void Outline_Accepted_CarriesTheCommonSrid() =>
        new Outline(new Point(120, 32), 0, "EPSG:4547").Shape.SRID.ShouldBe(4490);

    [Fact]
    public void LandArea_OneHectare_IsFifteenMu() => LandArea.ToMu(10_000).ShouldBe(15, 1e-12);
}
