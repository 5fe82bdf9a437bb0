using Monitoring.TestKit;

namespace Monitoring.Gdal.Tests;

/// <summary>A file that is stored from south to north is shown as the same file from north to south: its pixels, its mask, and what is made from it.</summary>
public sealed class NorthUpTests : IDisposable
{
    private const int Width = 5, Height = 4;

    private static readonly GeoTransform North = GeoTransform.NorthUp(500_000, 3_400_000, 10, 10);

    private readonly TempDirectory _folder = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OpenStored_SouthUp_ReadsAsNorthUpDoes(bool saysCrs)
    {
        using var north = ClosedRaster.OpenStored(Write("north.tif", turned: false, saysCrs));
        using var south = ClosedRaster.OpenStored(Write("south.tif", turned: true, saysCrs));
        south.Transform.ShouldBe(North);
        south.Describe().Transform.ShouldBe(North);
        (south.GetSpatialReference() is not null).ShouldBe(saysCrs);
        south.GetBand(2).NoData.ShouldBe(7, "nothing that the file says is lost");
        south.GetBand(1).Mask.ShouldBe(MaskSources.PerDataset);

        foreach (var window in new[] { north.FullWindow, new PixelWindow(1, 0, 3, 2), new PixelWindow(0, 1, 5, 3), new PixelWindow(2, 3, 1, 1) })
        {
            Ways(south, window).ShouldBe(Ways(north, window), window.ToString());
        }

        static string Ways(RasterDataset file, PixelWindow w)
        {
            var (all, one, mixed, strided, mask) = (new ushort[2 * w.PixelCount], new float[w.PixelCount], new ushort[2 * w.PixelCount], new int[2 * w.Height * 9], new byte[w.PixelCount]);
            file.Read<ushort>([2, 1], w, w.Width, w.Height, all);
            file.Read<float>(1, w, one);
            file.Read<ushort>([1, 2], w, w.Width, w.Height, mixed, interleave: Interleave.Pixel);
            file.ReadStrided<int>([1, 2], w, strided, 9, 9 * w.Height);
            file.ReadMask(1, w, mask);
            return $"{string.Join(' ', all)} | {string.Join(' ', one)} | {string.Join(' ', mixed)} | {string.Join(' ', strided)} | {string.Join(' ', mask)}";
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Views_OfASouthUpFile_AreThoseOfTheNorthUp(bool saysCrs)
    {
        string[] files = [Write("north.tif", turned: false, saysCrs), Write("south.tif", turned: true, saysCrs)];
        var made = files.Select(f =>
        {
            using var file = ClosedRaster.OpenStored(f);
            using var part = file.TranslateVirtual(new() { Window = new(1, 0, 3, 3), Bands = [2] });
            using var again = part.TranslateVirtual(new() { Window = new(0, 0, 3, 1) });
            using var small = file.TranslateVirtual(new() { Width = 5, Height = 2, Resampling = Resampling.Average });
            using var first = file.TranslateVirtual(new() { Window = new(0, 2, Width, 2), Bands = [1] });
            using var second = file.TranslateVirtual(new() { Window = new(1, 2, 3, 2), Bands = [2] });
            using var stack = RasterDataset.StackVirtual([first, second]);
            using var warped = file.WarpVirtual(new("EPSG:4547", North.Shift(0.4, 0.3), Width, Height), new() { AddAlpha = true, SourceCrs = saysCrs ? null : "EPSG:4547", TargetType = PixelType.Float32 });
            return string.Join("\n", new[] { part, again, small, stack, warped }.Select(d => $"{d.Transform} {All(d)}"));
        }).ToList();
        made[1].ShouldBe(made[0]);
    }

    public void Dispose() => _folder.Dispose();

    private static string All(RasterDataset file)
    {
        var pixels = new float[file.BandCount * file.Width * file.Height];
        file.Read<float>([.. Enumerable.Range(1, file.BandCount)], file.FullWindow, file.Width, file.Height, pixels);
        return string.Join(' ', pixels);
    }

    /// <summary>Two bands of numbers that all differ, 7 nodata; the mask hides the second column of the upper half.</summary>
    private string Write(string name, bool turned, bool saysCrs)
    {
        var path = _folder.File(name);
        using var file = RasterDataset.Create(path, "GTiff", Width, Height, 2, PixelType.UInt16);
        file.Transform = turned ? North.WithRowsReversed(Height) : North;
        if (saysCrs)
        {
            using var crs = SpatialReference.FromEpsg(4547);
            file.SetSpatialReference(crs);
        }

        file.SetNoData(1, 7);
        file.CreateMask();
        for (var row = 0; row < Height; row++)
        {
            var line = new PixelWindow(0, turned ? Height - 1 - row : row, Width, 1);
            for (var band = 1; band <= 2; band++)
                file.Write<ushort>(band, line, [.. Enumerable.Range(0, Width).Select(x => (ushort)((band * 100) + (row * Width) + x))]);
            file.WriteMask(line, [.. Enumerable.Range(0, Width).Select(x => (byte)(x == 1 && row < 2 ? 0 : 255))]);
        }

        return path;
    }
}
