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
}
