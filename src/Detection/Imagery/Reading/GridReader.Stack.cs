using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>Bands in files of their own that end in black which nobody declares.</summary>
public sealed partial class GridReader
{
    /// <summary>
    /// Whether the wanted bands lie in several files of one grid, have to be resampled, and are black together at the raster's outline: what is black in one file alone is a
    /// value, and only who sees all of them can leave out of a resampled value what is black in all. So each is then brought onto the grid with all the others.
    /// </summary>
    private static bool EndTogetherInBlack(Scene scene, Grid grid, IReadOnlyList<int> bands, IReadOnlyList<PixelShift> shifts)
    {
        SceneBand[] wanted = [.. bands.Select(b => scene.Bands[b])];
        if (wanted.DistinctBy(b => b.AssetIndex).Count() < 2 || Array.Exists(wanted, b => b.NoData is not null))
        {
            return false;
        }

        List<RasterDataset> files = [];
        try
        {
            var first = Open(scene, wanted[0].AssetIndex);
            files.Add(first);
            using var stated = first.GetSpatialReference();
            if (first.Transform is null || LiesOn(first, stated, grid, shifts.DefaultIfEmpty().MaxBy(s => s.Length)))
            {
                return false;
            }

            foreach (var band in wanted.Skip(1))
            {
                files.Add(Open(scene, band.AssetIndex));
            }

            return files.TrueForAll(f => f.Width == first.Width && f.Height == first.Height && f.Transform == first.Transform && AreOfOneCrs(f, first))
                && files.Zip(wanted).All(f => f.First.GetBand(f.Second.BandIndex) is { NoData: null } info && !info.Mask.HasFlag(MaskSources.PerDataset))
                && AreBlackSomewhere(files, wanted);
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    private static bool AreOfOneCrs(RasterDataset a, RasterDataset b)
    {
        using SpatialReference? one = a.GetSpatialReference(), other = b.GetSpatialReference();
        return one is null ? other is null : other is not null && one.IsSame(other);
    }

    /// <summary>At a corner or at the middle of an edge: at most eight blocks of a file that is not.</summary>
    private static bool AreBlackSomewhere(List<RasterDataset> files, SceneBand[] bands)
    {
        int right = files[0].Width - 1, bottom = files[0].Height - 1;
        (int X, int Y)[] places = [(0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, 0), (right / 2, bottom), (0, bottom / 2), (right, bottom / 2)];
        var value = new float[1];
        return Array.Exists(places, p => files.Zip(bands).All(f =>
        {
            f.First.Read<float>(f.Second.BandIndex, new PixelWindow(p.X, p.Y, 1, 1), value);
            return value[0] == 0;
        }));
    }

    /// <summary>The wanted bands as one raster, in their order.</summary>
    private static RasterDataset Stack(Scene scene, IReadOnlyList<int> bands)
    {
        List<RasterDataset> views = [];
        try
        {
            foreach (var band in bands)
            {
                using var file = Open(scene, scene.Bands[band].AssetIndex);
                views.Add(file.TranslateVirtual(new TranslateOptions { Bands = [scene.Bands[band].BandIndex] }));
            }

            return RasterDataset.StackVirtual(views);
        }
        finally
        {
            views.ForEach(v => v.Dispose());
        }
    }
}
