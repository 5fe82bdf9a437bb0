using System.Formats.Tar;
using System.IO.Compression;
using Monitoring.Detection.Imagery;
using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Reading;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.TestKit;

namespace Monitoring.Host.Tests;

/// <summary>Deliveries laid out as the real ones, from the files on the disk to what detection makes of them.</summary>
public sealed class RealLayoutTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private static readonly DateTimeOffset Summer = new(2021, 6, 12, 2, 35, 51, 24, TimeSpan.Zero);

    private static readonly Dictionary<string, double> Field = new(StringComparer.Ordinal)
    {
        ["B01"] = 0.05, ["B02"] = 0.05, ["B03"] = 0.08, ["B04"] = 0.07, ["B05"] = 0.12, ["B06"] = 0.24, ["B07"] = 0.28, ["B08"] = 0.30, ["B8A"] = 0.31, ["B09"] = 0.30, ["B10"] = 0.002, ["B11"] = 0.20, ["B12"] = 0.12,
    };

    private static readonly Dictionary<string, double> Roof = new(StringComparer.Ordinal)
    {
        ["B01"] = 0.24, ["B02"] = 0.25, ["B03"] = 0.25, ["B04"] = 0.26, ["B05"] = 0.26, ["B06"] = 0.27, ["B07"] = 0.27, ["B08"] = 0.28, ["B8A"] = 0.28, ["B09"] = 0.28, ["B10"] = 0.002, ["B11"] = 0.28, ["B12"] = 0.24,
    };

    /// <summary>Where the roof stands on the later date, in metres from the left and from the top: 14 400 m².</summary>
    private static bool IsRoof(double x, double y) => x is >= 800 and < 920 && y is >= 1000 and < 1120;

    [Theory]
    [InlineData("02.14", 0.0)]
    [InlineData("03.01", 0.0)]
    [InlineData("04.00", -0.1)]
    [InlineData("05.11", -0.1)]
    public void SafeLevel2A_OfAnyBaseline_IsTheGroundsReflectance(string baseline, double offset)
    {
        var safe = Product(level2: true, baseline, Summer, built: false);
        var scene = Read(safe.Write(_folder.Path));

        scene.ShouldSatisfyAllConditions(
            s => s.Id.ShouldStartWith(safe.Name[..^5] + "-"),
            s => (s.Collection, s.Platform, s.Sensor).ShouldBe(("sentinel-2-l2a", "Sentinel-2B", "sentinel-2-msi-l2a")),
            s => s.AcquiredAt.ShouldBe(Summer.AddSeconds(594.321)),
            s => s.SunElevation!.Value.ShouldBe(90 - SafeFolder.SunZenith, 1e-9),
            s => s.SunAzimuth!.Value.ShouldBe(SafeFolder.SunAzimuth, 1e-9),
            s => s.CloudCover.ShouldBe(7.25),
            s => s.Bands.Select(b => b.Name).ShouldBe(["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12", "SCL"], ignoreOrder: true),
            s => s.Bands.Where(b => b.CommonName != "quality").ShouldAllBe(b => b.Scale == 1e-4 && Math.Abs(b.Offset - offset) < 1e-12 && b.NoData == 0 && b.IsReflectance == true),
            s => s.Bands.Single(b => b.Name == "B02").GsdMeters.ShouldBe(10, "the finest of three sizes"),
            s => s.CloudMask.ShouldBe(CloudMaskSource.Product),
            s => s.Grid.Width.ShouldBe(SafeFolder.Side));

        // The ground, not what the files store; the classes of SCL, not the probabilities beside them.
        foreach (var band in scene.Bands.Where(b => b.CommonName != "quality"))
        {
            PixelOf(scene, band, 1400, 400).ShouldBe(Field[band.Name], 1e-6, band.Name);
        }

        PixelOf(scene, scene.Bands.Single(b => b.Name == "SCL"), 1400, 400).ShouldBe(4);
        PixelOf(scene, scene.Bands.Single(b => b.Name == "SCL"), 1800, 1800).ShouldBe(9);

        // A tenth in the west has no data, a corner of what is left is cloud.
        scene.ValidShare!.Value.ShouldBe(0.9, 0.02);
        scene.ObservableShare!.Value.ShouldBe(1 - (0.3 * 0.3 / 0.9), 0.03);
        scene.Footprint.SourceCrs.ShouldBe("EPSG:32650");
        scene.Footprint.AreaSquareMeters.ShouldBe(0.9 * 1920 * 1920, 0.02 * 1920 * 1920);
    }

    [Theory]
    [InlineData("03.01", 0.0, CloudMaskSource.Computed)]
    [InlineData("05.11", -0.1, CloudMaskSource.Product)]
    public void SafeLevel1C_OfAnyBaseline_IsReflectanceAtTheTopOfTheAtmosphere(string baseline, double offset, CloudMaskSource clouds)
    {
        var scene = Read(Product(level2: false, baseline, Summer, built: false).Write(_folder.Path));

        scene.Collection.ShouldBe("sentinel-2-l1c");
        scene.Sensor.ShouldBe("sentinel-2-msi-l1c");
        scene.Bands.Count(b => b.CommonName != "quality").ShouldBe(13);
        scene.Bands.Where(b => b.CommonName != "quality").ShouldAllBe(b => b.Scale == 1e-4 && Math.Abs(b.Offset - offset) < 1e-12 && b.NoData == 0 && b.IsReflectance == true);
        PixelOf(scene, scene.Bands.Single(b => b.CommonName == "red"), 1400, 400).ShouldBe(Field["B04"], 1e-6);
        scene.SunElevation!.Value.ShouldBe(90 - SafeFolder.SunZenith, 1e-9);
        scene.CloudMask.ShouldBe(clouds);
        if (clouds == CloudMaskSource.Product)
        {
            scene.ObservableShare!.Value.ShouldBeInRange(0.8, 0.95);
        }
    }

    /// <summary>Opaque clouds and cirrus are two bands of one file: neither is ground. Snow is.</summary>
    [Fact]
    public void SafeLevel1C_Cirrus_IsCloudToAllWhoRead()
    {
        var product = Product(level2: false, "05.11", Summer, built: false);
        var scene = Read((product with { IsCirrus = (x, y) => x is >= 600 and < 1200 && y < 960 }).Write(_folder.Path));

        // A third of the ground that is seen lies below the cirrus in its upper half.
        scene.ObservableShare!.Value.ShouldBe(1 - (0.3 * 0.3 / 0.9) - (600.0 * 960 / (0.9 * 1920 * 1920)), 0.03);
        var (red, mask) = (Index("red"), Index("quality"));
        using var reader = new GridReader(scene, scene.Grid, [red], mask, []);
        QualityAt(900, 480).ShouldBe(PixelQuality.Cloud);
        QualityAt(1800, 1800).ShouldBe(PixelQuality.Cloud, "opaque");
        QualityAt(900, 1400).ShouldBe(PixelQuality.Clear);

        // A scene that was catalogued before knows nothing of the second band.
        using var earlier = new GridReader(scene with { Bands = [.. scene.Bands.Select(b => b with { HighBandIndex = null })] }, scene.Grid, [red], mask, []);
        QualityOf(earlier, 900, 480).ShouldBe(PixelQuality.Clear);

        int Index(string common) => scene.Bands.ToList().FindIndex(b => b.CommonName == common);

        PixelQuality QualityAt(int x, int y) => QualityOf(reader, x, y);

        static PixelQuality QualityOf(GridReader of, int x, int y)
        {
            var quality = new PixelQuality[1];
            of.Read(new PixelWindow(x / 10, y / 10, 1, 1), new float[1], quality);
            return quality[0];
        }
    }

    /// <summary>Baseline 04.00 came on 25 January 2022 and put 1000 on every stored value: nothing but the roof may have changed, and no index either.</summary>
    [Fact]
    public async Task Pair_AcrossBaseline4_ShowsTheRoofAndNothingOfTheOffset()
    {
        var before = Read(Product(level2: true, "03.01", Summer, built: false).Write(_folder.Path));
        var after = Read(Product(level2: true, "05.11", Summer.AddYears(1), built: true).Write(_folder.Path));

        var options = new PairOptions { Choice = Detection.Imagery.Objects.ObjectChoice.Rules };
        using var result = await PairDetector.DetectAsync(new PairRequest(before, after, options), TimeProvider.System, null, TestContext.Current.CancellationToken);

        var patch = result.Changes.Patches.ShouldHaveSingleItem();
        patch.Outline.AreaSquareMeters.ShouldBe(14_400, 0.25 * 14_400);
        patch.Kind.ShouldBe(ChangeKind.BuiltUp);
        patch.Facts["ndvi_before"].ShouldBe((0.30 - 0.07) / 0.37, 0.05);
        patch.Facts["ndvi_after"].ShouldBe((0.28 - 0.26) / 0.54, 0.12);
        result.Changes.Statistics["calibrated"].ShouldBe(1);

        // The radiometry of both is one: the line between them hardly leaves the diagonal.
        result.Changes.Statistics["slope_B08"].ShouldBe(1, 0.02);
        result.Changes.Statistics["offset_B08"].ShouldBe(0, 0.01);
        
        // The cloud and a margin around it are hidden.
        result.Changes.ObservableShare.ShouldBeInRange(0.6, 0.9 - 0.09);
    }

    private const string Delivery = "GF2_PMS1_E118.8_N32.0_20260430_L1A0005678901";

    [Fact]
    public void Gf2_OrthophotosOfADelivery_AreTheColoursWithTheSunOfTheirSidecar()
    {
        var folder = Gf2(placed: true);

        var scene = Read(folder);

        scene.ShouldSatisfyAllConditions(
            s => (s.Sensor, s.Platform).ShouldBe(("gf-2-pms", "GF2")),
            s => s.Bands.Select(b => b.CommonName).ShouldBe(["blue", "green", "red", "nir"]),
            s => s.Bands.ShouldAllBe(b => b.IsReflectance == false && b.GsdMeters == 4 && b.NoData == 0),
            s => s.SunElevation!.Value.ShouldBe(90 - 22.4761, 1e-6),
            s => s.SunAzimuth!.Value.ShouldBe(141.9023, 1e-6),
            s => s.CloudCover.ShouldBe(3),
            s => s.AcquiredAt.Date.ShouldBe(new DateTime(2026, 4, 30)),
            s => s.Footprint.AreaSquareMeters.ShouldBe(64 * 4 * 64 * 4, 64 * 4 * 64 * 4 * 0.01),
            s => s.Assets.ShouldHaveSingleItem().Path.ShouldEndWith("-MSS1.tiff"));
        Read(Path.Combine(folder, Delivery + "-PAN1.tiff")).Bands.ShouldHaveSingleItem().CommonName.ShouldBe("pan");
    }

    /// <summary>Level 1A is in the camera's own geometry: naming a CRS would put it somewhere, and wrongly.</summary>
    [Fact]
    public void Gf2_Level1AWithItsCameraModel_IsToldToBeOrthorectified() =>
        ProblemOf(Path.Combine(Gf2(placed: false), Delivery + "-MSS1.tiff")).ShouldContain("is no orthophoto: it only has a camera model (RPC)");

    [Theory]
    [InlineData(".tar.gz")]
    [InlineData(".tgz")]
    public void Gf2_PackedAsDelivered_IsToldToBeUnpacked(string ending)
    {
        var packed = _folder.File(Delivery + ending);
        using (var file = File.Create(packed))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            TarFile.CreateFromDirectory(Gf2(placed: true), gzip, includeBaseDirectory: false);
        }

        ProblemOf(packed).ShouldContain("is compressed as a whole");
    }

    public void Dispose() => _folder.Dispose();

    private static SafeFolder Product(bool level2, string baseline, DateTimeOffset at, bool built) => new()
    {
        IsLevel2 = level2, Baseline = baseline, SensedAt = at,
        Ground = (band, x, y) =>
        {
            if (x < 192)
            {
                return double.NaN;
            }

            // Two kinds of fields, and grain that differs from date to date and from band to band.
            var noise = new Random(unchecked((((((at.Year * 31) + band[^1]) * 7919) + (int)x) * 7919) + (int)y));
            var kind = 1 + (0.25 * Math.Clamp(3 * Math.Sin(x / 230) * Math.Sin(y / 190), -1, 1));
            var value = built && IsRoof(x, y) ? Roof[band] : Field[band] * (Math.Abs(x - 1400) < 61 && Math.Abs(y - 400) < 61 ? 1 : kind);
            return Math.Abs(x - 1400) < 61 && Math.Abs(y - 400) < 61 ? value : value * (1 + (0.02 * (noise.NextDouble() - 0.5)));
        },
        Classes = (x, y) => x < 192 ? 0 : x >= 1344 && y >= 1344 ? level2 ? 9 : 1 : level2 ? 4 : 0,
    };

    /// <summary>Multi-spectral and panchromatic images, each with sidecar, camera model and pictures.</summary>
    private string Gf2(bool placed)
    {
        var folder = Path.Combine(_folder.Path, Delivery);
        Directory.CreateDirectory(folder);
        foreach (var (part, bands, side, pixel) in new[] { ("MSS1", 4, 64, 4), ("PAN1", 1, 256, 1) })
        {
            var stem = Path.Combine(folder, $"{Delivery}-{part}");
            using (var data = RasterDataset.Create(stem + ".tiff", "GTiff", side, side, bands, PixelType.UInt16))
            {
                if (placed)
                {
                    data.Transform = GeoTransform.NorthUp(670_000, 3_540_000, pixel, pixel);
                    using var crs = SpatialReference.FromEpsg(4549);
                    data.SetSpatialReference(crs);
                }

                for (var band = 1; band <= bands; band++)
                {
                    data.Write<ushort>(band, data.FullWindow, [.. Enumerable.Range(0, side * side).Select(i => (ushort)(200 + (40 * band) + (i % 97)))]);
                }
            }

            File.WriteAllText(stem + ".xml", $"""
                <?xml version="1.0" encoding="UTF-8"?>
                <ProductMetaData><SatelliteID>GF2</SatelliteID><SensorID>PMS1</SensorID><ReceiveTime>2026-04-30 11:13:37</ReceiveTime><OrbitID>63214</OrbitID><ProduceType>STANDARD</ProduceType>
                <SceneID>9876543</SceneID><ProductID>5678901</ProductID><ProductLevel>LEVEL1A</ProductLevel><ProductQuality></ProductQuality><ProductFormat>GEOTIFF</ProductFormat><ProduceTime>2026-05-01 03:12:09</ProduceTime>
                <Bands>{(bands == 4 ? "1,2,3,4" : "5")}</Bands><ScenePath>1</ScenePath><SceneRow>120</SceneRow><RollViewingAngle>0.9</RollViewingAngle><PitchViewingAngle>0</PitchViewingAngle>
                <SolarAzimuth>141.9023</SolarAzimuth><SolarZenith>22.4761</SolarZenith><SatelliteAzimuth>98.3</SatelliteAzimuth><SatelliteZenith>88.1</SatelliteZenith>
                <StartTime>2026-04-30 11:13:35</StartTime><EndTime>2026-04-30 11:13:39</EndTime><ImageGSD>{pixel}</ImageGSD><WidthInPixels>{side}</WidthInPixels><HeightInPixels>{side}</HeightInPixels>
                <CloudPercent>3</CloudPercent><TopLeftLatitude>32.1</TopLeftLatitude><TopLeftLongitude>118.7</TopLeftLongitude><MapProjection></MapProjection><EarthEllipsoid></EarthEllipsoid></ProductMetaData>
                """);
            File.WriteAllText(stem + ".rpb", "satId = \"GF2\";\nbandId = \"1\";\nSpecId = \"RPC00B\";\nBEGIN_GROUP = IMAGE\n\terrBias = 1.0;\n\tlineOffset = 32;\nEND_GROUP = IMAGE\nEND;\n");
            File.WriteAllBytes(stem + ".jpg", [0xFF, 0xD8, 0xFF, 0xD9]);
            File.WriteAllBytes(stem + "_thumb.jpg", [0xFF, 0xD8, 0xFF, 0xD9]);
        }

        return folder;
    }

    private static Scene Read(string path)
    {
        var reading = new SceneReader(new SceneOptions(), TimeProvider.System).Read(path, new SceneReadOptions { Survey = true });
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    private static string ProblemOf(string path)
    {
        var reading = new SceneReader(new SceneOptions(), TimeProvider.System).Read(path);
        reading.Scene.ShouldBeNull();
        return reading.Problem.ShouldNotBeNull();
    }

    /// <summary>As reflectance (or code), at metres from the left and from the top.</summary>
    private static double PixelOf(Scene scene, SceneBand band, double x, double y)
    {
        using var file = ClosedRaster.OpenStored(scene.Assets[band.AssetIndex].Path);
        Span<double> pixel = stackalloc double[1];
        file.Read(band.BandIndex, new PixelWindow((int)(x / band.GsdMeters), (int)(y / band.GsdMeters), 1, 1), pixel);
        return (pixel[0] * band.Scale) + band.Offset;
    }
}
