using Monitoring.Detection.Imagery.Reading;
using Monitoring.Detection.Indicators;
using Monitoring.Detection.Judgement;
using Monitoring.Detection.Tests.Judgement;
using Monitoring.Domain.Imagery;
using Monitoring.Domain.Land;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Indicators;

public class GdalSceneSamplerTests
{
    // 100 × 100 pixels of 10 m in UTM 50N, around 118.5°E 31.2°N; west half crop, east half roof, with a cloud and a strip without data.
    private static Scene Write(string path)
    {
        const int size = 100;
        var bands = new ushort[7 * size * size];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                ushort[] pixel = column < size / 2 ? [300, 600, 300, 4400, 1900, 900, 1] : [1850, 2080, 2240, 2480, 2720, 2580, 1];
                // Asphalt: too dark to be called artificial, unless its numbers are taken for reflectance as they are.
                if (row is >= 75 and < 90 && column >= size / 2)
                {
                    pixel = [500, 550, 600, 700, 800, 780, 1];
                }

                if (row is >= 10 and < 20)
                {
                    pixel[6] = 2;
                }

                if (row >= 95)
                {
                    pixel = new ushort[7];
                }

                for (var band = 0; band < 7; band++)
                {
                    bands[(band * size * size) + (row * size) + column] = pixel[band];
                }
            }
        }

        using (var file = RasterDataset.Create(path, "GTiff", size, size, 7, PixelType.UInt16))
        {
            file.Transform = GeoTransform.NorthUp(643000, 3453000, 10, 10);
            using var crs = SpatialReference.Parse("EPSG:32650");
            file.SetSpatialReference(crs);
            file.Write<ushort>([1, 2, 3, 4, 5, 6, 7], file.FullWindow, bands);
        }

        string[] names = ["blue", "green", "red", "nir", "swir16", "swir22"];
        return new Scene
        {
            Id = "s",
            AcquiredAt = Ground.Noon("2025-05-01"),
            ReceivedAt = Ground.Noon("2025-05-01"),
            Footprint = Ground.Box(0, 0, 10, 10),
            Bands = [.. names.Select((n, i) => new SceneBand(n, n, null, 0, i + 1, 10, 0, 0.0001, 0)), new SceneBand("scl", "quality", null, 0, 7, 10, null, 1, 0)],
            Grid = new Grid("EPSG:32650", [643000, 10, 0, 3453000, 0, -10], size, size),
            Assets = [new SceneAsset(path, "", 0)],
            ContentHash = "",
        };
    }

    private static SampleGrid Grid()
    {
        using var toDegrees = CoordinateTransform.FromEpsg(32650, 4490);
        var box = toDegrees.Transform(new Bounds(643010, 3452010, 643990, 3452990));
        var shape = new NetTopologySuite.Geometries.GeometryFactory().ToGeometry(new NetTopologySuite.Geometries.Envelope(box.MinX, box.MaxX, box.MinY, box.MaxY));
        var region = Ground.Region("330100", new Domain.Geometry.Outline(shape, Ground.Geodesic.AreaSquareMeters(shape), "EPSG:4490"));
        return SampleGrid.Of(region, PlanIndex.Of([region]), new DateOnly(2025, 5, 31), IndicatorCatalogue.Default.Parameters);
    }

    [Fact]
    public void Sample_SceneInAnotherCrs_GivesIndicesAtTheCellsAndNothingUnderCloudOrWithoutData()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var grid = Grid();
            var sample = new GdalSceneSampler().Sample(Write(path), [grid, grid]).ShouldNotBeNull()[1];
            int At(double x, double y) => ((int)(y * grid.Height) * grid.Width) + (int)(x * grid.Width);

            sample.Ndvi[At(0.2, 0.5)].ShouldBe(0.872f, 0.001f);
            sample.Ndvi[At(0.8, 0.5)].ShouldBe(0.051f, 0.001f);
            sample.Ndbi[At(0.8, 0.5)].ShouldBe(0.046f, 0.001f);
            sample.Mndwi[At(0.8, 0.5)].ShouldBe(-0.133f, 0.001f);
            sample.Artificial[At(0.8, 0.5)].ShouldBe(1);
            sample.Artificial[At(0.2, 0.5)].ShouldBe(0);
            sample.Seen(At(0.2, 0.15)).ShouldBeFalse("a cloud");
            sample.Seen(At(0.2, 0.985)).ShouldBeFalse("no data");

            var cover = Measures.BuiltUp([sample, sample, sample, sample], grid.Count, IndicatorCatalogue.Default.Parameters);
            var built = Measures.BuiltUpIn(Zone.Region, grid, cover, sample, IndicatorCatalogue.Default.Parameters);
            (built.Value!.Value / grid.Region.Outline.AreaSquareMeters).ShouldBe(0.5, 0.02);
            built.ObservableShare.ShouldBe(0.85, 0.02);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Sample_SceneWithoutAStatedScale_IsReadAsTheUsualReflectance()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var grid = Grid();
            var stated = Write(path);
            var unstated = stated with { Bands = [.. stated.Bands.Select(b => b with { Scale = 1 })] };
            var expected = new GdalSceneSampler().Sample(stated, [grid])![0];
            var sample = new GdalSceneSampler().Sample(unstated, [grid])![0];

            sample.Artificial.ShouldBe(expected.Artificial);
            sample.Artificial.ShouldContain(1);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public void Sample_ReflectanceInFloatsWithoutAScale_GivesTheSame(bool? said)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var grid = Grid();
            var stated = Write(path);
            var expected = new GdalSceneSampler().Sample(stated, [grid])![0];
            var other = Path.Combine(Path.GetDirectoryName(path)!, "float.tif");
            using (var from = RasterDataset.Open(path))
            using (var to = RasterDataset.Create(other, "GTiff", from.Width, from.Height, 7, PixelType.Float32))
            {
                to.Transform = from.Transform;
                using var crs = SpatialReference.Parse("EPSG:32650");
                to.SetSpatialReference(crs);
                var pixels = new float[7 * from.Width * from.Height];
                from.Read<float>([1, 2, 3, 4, 5, 6, 7], from.FullWindow, from.Width, from.Height, pixels, cancellation: TestContext.Current.CancellationToken);
                for (var i = 0; i < 6 * from.Width * from.Height; i++)
                {
                    pixels[i] *= 1e-4f;
                }

                to.Write<float>([1, 2, 3, 4, 5, 6, 7], to.FullWindow, pixels, cancellation: TestContext.Current.CancellationToken);
            }

            var floats = stated with
            {
                Assets = [new SceneAsset(other, "", 0)],
                Bands = [.. stated.Bands.Select(b => b with { Scale = 1, IsReflectance = b.CommonName == "quality" ? null : said })],
            };
            var sample = new GdalSceneSampler().Sample(floats, [grid])![0];
            sample.Artificial.ShouldBe(expected.Artificial);
            sample.Artificial.ShouldContain(1);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    /// <summary>The CRS comes from an Item or a .prj, rows run from south to north, fill is declared nowhere and decodes to half: the same ground.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sample_FileThatSaysNoCrs_GivesTheSame(bool isSouthUp)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var grid = Grid();
            var stated = Write(path);
            var expected = new GdalSceneSampler().Sample(stated, [grid])![0];
            var other = Path.Combine(Path.GetDirectoryName(path)!, "bare.tif");
            using (var from = RasterDataset.Open(path))
            using (var to = RasterDataset.Create(other, "GTiff", from.Width, from.Height, 7, PixelType.Float32))
            {
                to.Transform = isSouthUp ? from.Transform!.Value.WithRowsReversed(from.Height) : from.Transform;
                var row = new float[from.Width];
                for (var y = 0; y < from.Height; y++)
                {
                    for (var band = 1; band <= 7; band++)
                    {
                        from.Read<float>(band, new PixelWindow(0, y, from.Width, 1), row);
                        for (var x = 0; band < 7 && x < row.Length; x++)
                        {
                            row[x] = row[x] == 0 ? 0 : row[x] - 5000;
                        }

                        to.Write<float>(band, new PixelWindow(0, isSouthUp ? from.Height - 1 - y : y, from.Width, 1), row);
                    }
                }
            }

            var bare = stated with
            {
                Assets = [new SceneAsset(other, "", 0)],
                Bands = [.. stated.Bands.Select(b => b.CommonName == "quality" ? b : b with { NoData = null, Offset = 0.5 })],
            };
            var sample = new GdalSceneSampler().Sample(bare, [grid])![0];
            sample.Artificial.ShouldBe(expected.Artificial);
            sample.Artificial.ShouldContain(1);
            sample.Artificial.ShouldContain(float.NaN);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Sample_SceneWithoutInfrared_IsNotUsed()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var scene = Write(path);
            new GdalSceneSampler().Sample(scene with { Bands = [.. scene.Bands.Where(b => b.CommonName != "swir16")] }, [Grid()]).ShouldBeNull();
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Sample_QualityBandWithItsOwnTable_GivesTheSameAndLooksTheTableUpOnce()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sampler").FullName, "s.tif");
        try
        {
            var grid = Grid();
            var named = Write(path);
            var table = new QualityTable([new(1, QualityMeaning.Clear), new(2, QualityMeaning.Cloud), new(3, QualityMeaning.Shadow)], [], QualityMeaning.NoData);
            var tabled = named with { Bands = [.. named.Bands.Select(b => b.CommonName == "quality" ? b with { Quality = table } : b)] };
            var expected = new GdalSceneSampler().Sample(named, [grid])![0];
            var before = GC.GetAllocatedBytesForCurrentThread();
            var sample = new GdalSceneSampler().Sample(tabled, [grid])![0];
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            sample.Ndvi.ShouldBe(expected.Ndvi);
            sample.Ndvi.ShouldContain(float.NaN);

            // A few planes of floats; a table for each cell would be 64 KiB for each.
            allocated.ShouldBeLessThan(512L * grid.Count);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("scl", 1, true)]
    [InlineData("scl", 2, false)]
    [InlineData("scl", 0, false)]
    [InlineData("SCL", 4, true)]
    [InlineData("SCL", 9, false)]
    [InlineData("SCL", 0, false)]
    [InlineData("QA_PIXEL", 21824, true)]
    [InlineData("QA_PIXEL", 22280, false)]
    [InlineData("alpha", 255, true)]
    public void IsClear_QualityCode_FollowsItsProduct(string band, int code, bool clear) =>
        GdalSceneSampler.IsClear(QualityCodes.For(new SceneBand(band, "quality", null, 0, 1, 10, null, 1, 0)), code).ShouldBe(clear);
}
