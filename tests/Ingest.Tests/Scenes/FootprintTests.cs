using Microsoft.Extensions.Time.Testing;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>Where the usual longitudes end: the 180° meridian, the poles, rotated grids.</summary>
public sealed class FootprintTests
{
    private static SceneReading Read(string path, bool survey = false) =>
        new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Survey = survey });

    private static Scene Scene(string path)
    {
        var reading = Read(path);
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    [Fact]
    public void Utm_AcrossThe180thMeridian_IsTwoPartsOfTheRightArea()
    {
        using var folder = new TempFolder();

        // UTM 60S at 17° S (Fiji): 180° lies 319 km east of the zone's middle, at x ≈ 819 500.
        var scene = Scene(ProductFilesWritten.Band(folder["fiji_20260430.tif"], 100, 400, 100, epsg: 32760, left: 800_000, top: 8_120_000));
        scene.Footprint.Shape.ShouldBeOfType<MultiPolygon>().NumGeometries.ShouldBe(2);
        scene.Footprint.Shape.IsValid.ShouldBeTrue();

        // 40 km × 40 km by the projection, whose scale is 1.0009 to 1.0014 here.
        scene.Footprint.AreaSquareMeters.ShouldBe(40_000d * 40_000 / (1.0012 * 1.0012), 40_000d * 40_000 * 0.001);
        scene.Footprint.Shape.EnvelopeInternal.MinX.ShouldBe(-180);
        scene.Footprint.Shape.EnvelopeInternal.MaxX.ShouldBe(180);
        scene.Footprint.Shape.Contains(new Point(179.9, -17.1)).ShouldBeTrue();
        scene.Footprint.Shape.Contains(new Point(-179.95, -17.1)).ShouldBeTrue();
        scene.Footprint.Shape.Contains(new Point(0, -17.1)).ShouldBeFalse();
    }

    [Fact]
    public void Degrees_Beyond180_AreTheOtherSide()
    {
        using var folder = new TempFolder();
        var scene = Scene(ProductFilesWritten.Band(folder["x_20260430.tif"], 100, 0.04, 100, epsg: 4490, left: 178, top: 52));
        scene.Footprint.Shape.NumGeometries.ShouldBe(2);
        scene.Footprint.Shape.Contains(new Point(-178.5, 50)).ShouldBeTrue();
        scene.Footprint.Shape.Contains(new Point(179, 50)).ShouldBeTrue();
        Read(ProductFilesWritten.Band(folder["y_20260430.tif"], 100, 0.04, 100, epsg: 4490, left: 500, top: 52)).Problem!.ShouldContain("cannot be placed on the earth");
    }

    [Theory]
    [InlineData(3413, 89.9)]
    [InlineData(3031, -89.9)]
    public void Polar_RasterOverThePole_HoldsThePole(int epsg, double latitude)
    {
        using var folder = new TempFolder();

        // 1000 km × 1000 km around the pole.
        var scene = Scene(ProductFilesWritten.Band(folder["pole_20260430.tif"], 100, 10_000, 100, epsg: epsg, left: -500_000, top: 500_000));
        scene.Footprint.Shape.IsValid.ShouldBeTrue();
        foreach (var longitude in new[] { -179.5, -90.0, 0, 90, 179.5 })
            scene.Footprint.Shape.Contains(new Point(longitude, latitude)).ShouldBeTrue($"{longitude}");
        scene.Footprint.Shape.Contains(new Point(10, Math.Sign(latitude) * 80)).ShouldBeFalse();

        // The projections are true to scale at 70° and 71° and shrink lengths at the pole by some 3 %.
        scene.Footprint.AreaSquareMeters.ShouldBe(1e12 * 1.06, 0.03e12);
    }

    [Fact]
    public void Rotated_Grid_HasItsTrueOutline()
    {
        using var folder = new TempFolder();
        var path = ProductFilesWritten.Band(folder["r_20260430.tif"], 50, 10, 100);
        using (var file = RasterDataset.Open(path, new() { Update = true }))
            file.Transform = new GeoTransform(600_000, 10 * Math.Cos(0.5), 10 * Math.Sin(0.5), 3_600_000, 10 * Math.Sin(0.5), -10 * Math.Cos(0.5));
        var scene = Scene(path);
        scene.Footprint.AreaSquareMeters.ShouldBe(500 * 500, 500);
        scene.Bands[0].GsdMeters.ShouldBe(10, 0.001);
    }
}
