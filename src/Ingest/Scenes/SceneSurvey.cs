using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using NetTopologySuite.Geometries;

namespace Monitoring.Ingest.Scenes;

/// <summary>What a look at the pixels says: where there is data and how much of it is clear. Samples of at most 512 × 512 pixels, in bounded memory.</summary>
/// <param name="ValidShare">In [0, 1].</param>
/// <param name="ObservableShare">Clear pixels as a share of those with data; null without quality band.</param>
/// <param name="Hull">Convex outline of the data in columns and rows of the finest raster, to within a sample; null when (nearly) all has data.</param>
internal sealed record SceneSurvey(double ValidShare, double? ObservableShare, IReadOnlyList<(double Column, double Row)>? Hull)
{
    private const int MaxSide = 512;
    private const int MaxBands = 3;

    /// <summary>From this share on the raster's outline is the data's.</summary>
    private const double AsGoodAsAll = 0.995;

    /// <exception cref="RefusedInputException">There is no data at all.</exception>
    public static SceneSurvey Of(SceneDraft draft, RasterSource finest)
    {
        int width = Math.Min(MaxSide, finest.Info.Width), height = Math.Min(MaxSide, finest.Info.Height);
        var valid = Valid(draft, finest, width, height);
        var count = valid.Count(static v => v);
        if (count == 0)
            throw new RefusedInputException($"{finest.Path} has no pixel with data: all are nodata; deliver it again.");
        var share = count / (double)valid.Length;
        return new SceneSurvey(share, Observable(draft, finest, valid, width, height), share >= AsGoodAsAll ? null : HullOf(valid, width, height, finest));
    }

    private static bool[] Valid(SceneDraft draft, RasterSource finest, int width, int height)
    {
        var bands = draft.Bands.Where(b => b.Source.Path == finest.Path && b.CommonName != BandNames.Quality).Take(MaxBands).ToList();
        var alpha = draft.Bands.FirstOrDefault(b => b.Source.Path == finest.Path && b.Name == "alpha");
        var valid = new bool[width * height];
        using var file = ClosedRaster.OpenStored(finest.Path);
        var values = new double[valid.Length];
        foreach (var band in bands)
        {
            file.Read<double>(band.BandIndex, file.FullWindow, width, height, values);
            for (var i = 0; i < values.Length; i++)
            {
                // As the detectors take it: nodata, and what is zero in all bands, was never filled.
                valid[i] |= double.IsFinite(values[i]) && values[i] != 0 && values[i] != band.NoData;
            }
        }

        if (bands.Count == 0)
            Array.Fill(valid, true);
        if (alpha is not null)
        {
            file.Read<double>(alpha.BandIndex, file.FullWindow, width, height, values);
            for (var i = 0; i < values.Length; i++)
                valid[i] &= values[i] > 0;
        }

        if (bands.Count > 0 && file.GetBand(bands[0].BandIndex).Mask is var mask && mask.HasFlag(MaskSources.PerDataset) && !mask.HasFlag(MaskSources.Alpha))
        {
            var inside = new byte[valid.Length];
            file.ReadMask(bands[0].BandIndex, file.FullWindow, width, height, inside);
            for (var i = 0; i < valid.Length; i++)
                valid[i] &= inside[i] != 0;
        }

        return valid;
    }

    private static double? Observable(SceneDraft draft, RasterSource finest, bool[] valid, int width, int height)
    {
        if (draft.Bands.FirstOrDefault(b => b.Quality is not null) is not { } quality)
            return null;
        using var file = ClosedRaster.OpenStored(quality.Source.Path);
        var codes = new int[valid.Length];
        file.Read<int>(quality.BandIndex, file.FullWindow, width, height, codes);
        if (quality.HighBandIndex is { } high)
        {
            var upper = new int[codes.Length];
            file.Read<int>(high, file.FullWindow, width, height, upper);
            for (var i = 0; i < codes.Length; i++)
                codes[i] += upper[i] << 8;
        }

        var isSameGround = SameGround(quality.Source, finest);
        long clear = 0, seen = 0;
        for (var i = 0; i < codes.Length; i++)
        {
            var meaning = quality.Quality!.Of(codes[i]);
            if (meaning == QualityMeaning.NoData || (isSameGround && !valid[i]))
                continue;
            seen++;
            clear += meaning == QualityMeaning.Clear ? 1 : 0;
        }

        return seen == 0 ? null : clear / (double)seen;
    }

    /// <summary>Whether two rasters of one CRS cover the same ground to a pixel of the coarser.</summary>
    public static bool SameGround(RasterSource a, RasterSource b)
    {
        if (a.Info.Transform is not { } one || b.Info.Transform is not { } other)
            return false;
        var tolerance = Math.Sqrt(Math.Max(one.PixelArea, other.PixelArea));
        return Near(one.Apply(0, 0), other.Apply(0, 0)) && Near(one.Apply(a.Info.Width, 0), other.Apply(b.Info.Width, 0)) && Near(one.Apply(0, a.Info.Height), other.Apply(0, b.Info.Height));

        bool Near((double X, double Y) p, (double X, double Y) q) => Math.Max(Math.Abs(p.X - q.X), Math.Abs(p.Y - q.Y)) <= tolerance * 1.001;
    }

    private static List<(double Column, double Row)> HullOf(bool[] valid, int width, int height, RasterSource source)
    {
        // The first and the last of each row hold the hull.
        var corners = new List<Coordinate>();
        for (var row = 0; row < height; row++)
        {
            var line = valid.AsSpan(row * width, width);
            int first = line.IndexOf(true), last = line.LastIndexOf(true);
            if (first < 0)
                continue;
            foreach (var (x, y) in new[] { (first, row), (first, row + 1), (last + 1, row), (last + 1, row + 1) })
                corners.Add(new Coordinate(x, y));
        }

        var hull = new NetTopologySuite.Algorithm.ConvexHull([.. corners], new GeometryFactory()).GetConvexHull();
        double perColumn = source.Info.Width / (double)width, perRow = source.Info.Height / (double)height;
        return [.. hull.Coordinates.SkipLast(1).Select(c => (c.X * perColumn, c.Y * perRow))];
    }
}
