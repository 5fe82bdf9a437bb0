using Microsoft.Extensions.Time.Testing;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes;
using Monitoring.Ingest.Tests.Fakes;

namespace Monitoring.Ingest.Tests.Scenes;

/// <summary>What stands for no data where a file declares nothing, and what must not be taken for it.</summary>
public sealed class UndeclaredNoDataTests
{
    public static TheoryData<string, PixelType, double[], double, double, double?, double?> Rows => new()
    {
        { "-9999 of reflectance x 10 000", PixelType.Int16, [-9999, 120, 900], 1, 0, null, -9999 },
        { "-32768", PixelType.Int16, [-32768, 120, 900], 1, 0, null, -32768 },
        { "with a stated scale and offset", PixelType.Int16, [-9999, 120, 900], 0.0001, -0.1, null, -9999 },
        { "float", PixelType.Float32, [-9999, 0.1, 0.2], 1, 0, null, -9999 },
        { "least float", PixelType.Float32, [float.MinValue, 0.1, 0.2], 1, 0, null, float.MinValue },
        { "32 bits", PixelType.Int32, [int.MinValue, 120, 900], 1, 0, null, int.MinValue },
        { "negative reflectance of Sentinel-2 with its offset taken off", PixelType.Int16, [-999, -30, 900], 0.0001, 0, null, null },
        { "negative reflectance of Landsat", PixelType.Int16, [-2000, -30, 900], 0.0001, 0, null, null },
        { "zero", PixelType.Int16, [0, 120, 900], 1, 0, null, null },
        { "-9999 that a scale makes a reflectance", PixelType.Int32, [-9999, 120, 900], 0.00001, 0, null, null },
        { "-9999 among lower values", PixelType.Int16, [-10500, -9999, -9998], 1, 0, null, null },
        { "declared is declared", PixelType.Int16, [-9999, 120, 900], 1, 0, 0, 0 },
        { "unsigned has none", PixelType.UInt16, [65535, 120, 900], 1, 0, null, null },
    };

    [Theory]
    [MemberData(nameof(Rows), DisableDiscoveryEnumeration = true)]
    public void Read_RasterWithoutDeclaredNoData_TellsWhatStandsForIt(string row, PixelType type, double[] values, double scale, double offset, double? declared, double? expected)
    {
        using var folder = new TempFolder();
        var path = folder["x_20260430.tif"];
        using (var file = RasterDataset.Create(path, "GTiff", 64, 64, 3, type))
        {
            file.Transform = GeoTransform.NorthUp(500_000, 3_600_000, 10, 10);
            using var crs = SpatialReference.FromEpsg(4549);
            file.SetSpatialReference(crs);
            for (var band = 1; band <= 3; band++)
            {
                if (declared is { } value)
                    file.SetNoData(band, value);
                if (scale != 1 || offset != 0)
                    file.SetScale(band, scale, offset);

                // A fringe of the first value on the left.
                file.Write<double>(band, file.FullWindow, [.. Enumerable.Range(0, 64 * 64).Select(i => values[i % 64 < 10 ? 0 : 1 + (i % 2)])]);
            }
        }

        var scene = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path, new SceneReadOptions { Survey = true }).Scene.ShouldNotBeNull(row);
        scene.Bands.ShouldAllBe(b => b.NoData == expected, row);
        if (expected < 0)
            scene.ValidShare!.Value.ShouldBe(54 / 64.0, 0.001, row);
    }

    private const int Side = 600;

    /// <summary>Where real files have it, in tiles, strips, one block for all, and with overviews: a frame around a turned footprint, cut corners, thin fringes, one band's alone.</summary>
    public static TheoryData<string, Func<int, int, int, bool>> Fringes => new()
    {
        { "turned footprint", static (x, y, _) => Math.Abs(x - 300) + Math.Abs(y - 300) > 330 },
        { "corner in the north-east", static (x, y, _) => x - y > 500 },
        { "corner in the south-west", static (x, y, _) => y - x > 500 },
        { "three columns in the east", static (x, _, _) => x >= Side - 3 },
        { "one row in the south", static (_, y, _) => y == Side - 1 },
        { "notch in the western edge", static (x, y, _) => x < 4 && y is > 285 and < 320 },
        { "notch in the northern edge", static (x, y, _) => y < 4 && x is > 285 and < 320 },
        { "one band's fringe", static (x, _, band) => band == 2 && x < 2 },
    };

    public static TheoryData<string, string[], bool> Layouts => new()
    {
        { "tiles", ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"], false },
        { "strips", ["BLOCKYSIZE=1"], false },
        { "one block", ["BLOCKYSIZE=600"], false },
        { "tiles of all bands", ["TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128", "INTERLEAVE=PIXEL"], false },
        { "overviews", ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"], true },
    };

    public static IEnumerable<TheoryDataRow<string, string, string[], bool, Func<int, int, int, bool>>> FringesInLayouts =>
        from fringe in Fringes.Select(f => f.Data) from layout in Layouts.Select(l => l.Data)
        select new TheoryDataRow<string, string, string[], bool, Func<int, int, int, bool>>(fringe.Item1, layout.Item1, layout.Item2, layout.Item3, fringe.Item2);

    [Theory]
    [MemberData(nameof(FringesInLayouts), DisableDiscoveryEnumeration = true)]
    public void Read_FringeWhereRealFilesHaveIt_IsNoData(string row, string layout, string[] options, bool hasOverviews, Func<int, int, int, bool> isMissing)
    {
        using var folder = new TempFolder();
        var scene = Scene(Write(folder["x_20260430.tif"], options, hasOverviews, isMissing));
        scene.Bands.ShouldAllBe(b => b.NoData == -9999, $"{row} in {layout}");
    }

    /// <summary>A hole that reaches no edge is seen where there are overviews, which are small; without them nothing but reading all would tell it.</summary>
    [Fact]
    public void Read_HoleInTheMiddleOfTiles_IsToldByOverviews()
    {
        using var folder = new TempFolder();
        static bool Hole(int x, int y, int band) => x is > 100 and < 160 && y is > 100 and < 160;
        Scene(Write(folder["x_20260430.tif"], Layouts.First().Data.Item2, hasOverviews: true, Hole)).Bands.ShouldAllBe(b => b.NoData == -9999);
    }

    private static Domain.Imagery.Scene Scene(string path)
    {
        var reading = new SceneReader(new SceneOptions(), new FakeTimeProvider(Payload.Start)).Read(path);
        reading.Problem.ShouldBeNull();
        return reading.Scene!;
    }

    private static string Write(string path, string[] options, bool hasOverviews, Func<int, int, int, bool> isMissing)
    {
        using var file = RasterDataset.Create(path, "GTiff", Side, Side, 3, PixelType.Int16, [.. options]);
        file.Transform = GeoTransform.NorthUp(500_000, 3_600_000, 10, 10);
        using var crs = SpatialReference.FromEpsg(4549);
        file.SetSpatialReference(crs);
        for (var band = 1; band <= 3; band++)
            file.Write<short>(band, file.FullWindow, [.. Enumerable.Range(0, Side * Side).Select(i => (short)(isMissing(i % Side, i / Side, band) ? -9999 : 100 + (i % 7)))]);
        if (hasOverviews)
            file.BuildOverviews(Resampling.Average, [2, 4, 8]);
        return path;
    }
}
