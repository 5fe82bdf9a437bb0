using Monitoring.Detection.Imagery.Pair;
using Monitoring.Detection.Imagery.Pair.Pass;
using Monitoring.Detection.Imagery.Patches;
using Monitoring.Detection.Imagery.Series;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Tests.Imagery;

public sealed class SeriesOutlineTests
{
    /// <summary>A chequer of single pixels has more rings than an outline may: it is traced in cells, and the patch says so.</summary>
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void Patch_OfAnObjectWithTooManyRings_TellsTheCellsOfItsOutline(bool chequered, int least)
    {
        const int side = 256;
        using var folder = new ScratchFolder();
        using var marks = new RasterLayer(Path.Combine(folder.Path, "marks.tif"), side, side, PixelType.UInt8);
        using var histories = RasterDataset.Create(Path.Combine(folder.Path, "histories.tif"), "GTiff", side, side, PixelHistory.Fields, PixelType.UInt16);
        var scanner = new ObjectScanner(0, 1);
        byte[] members = new byte[side], all = new byte[side * side];
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                members[x] = (byte)(!chequered || (x + y) % 2 == 0 ? 1 : 0);
            }

            members.CopyTo(all, y * side);
            scanner.AddRow(y, members);
        }

        marks.Write<byte>(new PixelWindow(0, 0, side, side), all);
        using var crs = SpatialReference.FromEpsg(32650);
        var grid = new Grid(crs.ToWkt(), [500_000, 10, 0, 3_400_000, 0, -10], side, side);
        using var geodesy = GridGeodesy.Of(grid);
        var cluster = new SeriesCluster(new ClusterStrips(marks, histories, side * side), scanner.End().ShouldHaveSingleItem(), GeoTransform.NorthUp(500_000, 3_400_000, 10, 10));

        var (outline, cell) = cluster.Outline(geodesy);
        var scene = new SeriesScene(1, "s", new DateTimeOffset(2025, 5, 1, 3, 0, 0, TimeSpan.Zero));
        var state = new SeriesState { SeriesId = "a", Grid = grid, Box = [0, 0, 1, 1], Scenes = [scene, scene with { Sequence = 2, Id = "t" }], HistoryHash = "a", Raster = "a" };
        var patch = new SeriesPatch(ChangeKind.BuiltUp, outline, cluster.Pixels, 1, 2, 3, 0.5, 0, 1, 10) { OutlineCell = cell }.ToPatch("p", state);

        cell.ShouldBeGreaterThanOrEqualTo(least);
        patch.Facts.GetValueOrDefault("outline_cell_pixels", 1).ShouldBe(cell);
        patch.Facts.ContainsKey("outline_cell_pixels").ShouldBe(chequered);
    }
}
