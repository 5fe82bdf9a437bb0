using System.Text.Json;
using Monitoring.Gdal;
using Monitoring.TestKit;
using static Monitoring.Host.Tests.ScenePairs;

namespace Monitoring.Host.Tests;

/// <summary>What lies outside of a scene's mask, inside the file or beside it, was not observed: on the scene's own grid and when it is brought onto another.</summary>
public sealed class SceneMaskTests
{
    /// <summary>Columns from here on are outside; the building's eastern half is among them.</summary>
    private const int Outside = 48;

    [Theory]
    [InlineData("beside", 10, false)]
    [InlineData("inside", 10, false)]
    [InlineData("inside", 10, true)]
    [InlineData("beside", 5, false)]
    [InlineData("inside", 5, false)]
    [InlineData("inside", 5, true)]
    public async Task Detect_SceneWithAMask_ObservesWhatIsWithinOnly(string where, int meters, bool isCollarAlmostBlack)
    {
        using var folder = new TempDirectory();
        var (a, b) = (folder.File("a_20250501.tif"), folder.File("b_20260501.tif"));
        Before.Write(a);
        var side = 960 / meters;
        (After with { Transform = GeoTransform.NorthUp(700_000, 3_570_000, meters, meters), Width = side, Height = side }).Write(b);
        GdalLibrary.SetOption("GDAL_TIFF_INTERNAL_MASK", where == "inside" ? "YES" : "NO");
        using (var file = RasterDataset.Open(b, new() { Update = true }))
        {
            file.CreateMask();
            var inside = new byte[side * side];
            for (var i = 0; i < inside.Length; i++)
            {
                inside[i] = i % side * meters < Outside * 10 ? (byte)255 : (byte)0;
            }

            file.WriteMask(file.FullWindow, inside);
            for (var band = 1; isCollarAlmostBlack && band <= file.BandCount; band++)
            {
                // As lossy compression leaves it: in part exactly 0, in part next to it.
                var values = new ushort[side * side];
                file.Read<ushort>(band, file.FullWindow, values);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = inside[i] != 0 ? values[i] : (ushort)(i % 3);
                }

                file.Write<ushort>(band, file.FullWindow, values);
            }
        }

        File.Exists(b + ".msk").ShouldBe(where == "beside");
        var run = await DetectAsync(folder, a, b);
        run.ExitCode.ShouldBe(0, run.Errors);
        using var mask = ClosedRaster.Open(folder.File("o", "change-mask.tif"));
        var pixels = new byte[mask.Width * mask.Height];
        mask.Read<byte>(1, mask.FullWindow, pixels);
        for (var i = 0; i < pixels.Length; i++)
        {
            // A pixel at the edge may be lost to resampling.
            var column = i % mask.Width;
            if (column != Outside - 1)
            {
                (pixels[i] == 255).ShouldBe(column >= Outside, $"column {column}, row {i / mask.Width}");
            }
        }

        // Half of the building is seen, and told where it is.
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("o", "changes.geojson"), TestContext.Current.CancellationToken));
        json.RootElement.GetProperty("features").EnumerateArray().ShouldHaveSingleItem().GetProperty("properties").GetProperty("area_m2").GetDouble().ShouldBeInRange(15_000, 29_000);
    }
}
