using Monitoring.Detection.Imagery.Statistics;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;

namespace Monitoring.Detection.Imagery.Reading;

/// <summary>
/// Some bands of one scene, read window by window on a common grid. A file that already lies on the grid is read as it is; any other is
/// warped while it is read (bilinear for coarser or foreign grids, cubic for a mere shift, nearest for quality codes), in bounded memory.
/// Only the bands that are wanted are warped. No resampled value holds a part of a "no data" sample: such samples are left out band by band
/// where the band declares its value; where none is declared, a pixel is left out that is 0 in all wanted bands of the file.
/// </summary>
/// <remarks>Not thread-safe: one reader per thread, each with its own file handles.</remarks>
public sealed partial class GridReader : IDisposable
{
    /// <summary>Below this many pixels a shift is left as it is: resampling would cost more sharpness than it gains.</summary>
    public const double LeastShift = 0.1;

    /// <summary>Holds the place of a warped pixel without a value until it is read. Finite: GDAL weighs what it writes with half-seen pixels by zero, and zero times NaN is NaN.</summary>
    private const float Unwritten = float.MinValue;

    private readonly List<Source> _sources = [];
    private readonly (RasterDataset Dataset, int[] Bands, QualityCodes Codes)? _quality;
    private readonly int? _qualityBand;
    private readonly (float Scale, float Offset, float? NoData)[] _decoding;
    private readonly List<Source> _masked = [];
    private float[] _stage = [];
    private byte[] _inside = [];
    private bool[] _filled = [];
    private int[] _codes = [];

    /// <param name="bands">Indices into the scene's bands, in the order their planes are wanted.</param>
    /// <param name="quality">Index of the quality band, or null.</param>
    /// <param name="shifts">One per band, or empty for none.</param>
    /// <exception cref="ImageryException">A file cannot be brought onto the grid.</exception>
    public GridReader(Scene scene, Grid grid, IReadOnlyList<int> bands, int? quality, IReadOnlyList<PixelShift> shifts)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(bands);
        ArgumentNullException.ThrowIfNull(shifts);
        Width = grid.Width;
        Height = grid.Height;
        Bands = bands.Count;
        _qualityBand = quality;
        _decoding = new (float, float, float?)[bands.Count];
        try
        {
            var isStacked = EndTogetherInBlack(scene, grid, bands, shifts);
            var groups = bands.Select((band, plane) => (Band: scene.Bands[band], Plane: plane, Shift: shifts.Count > 0 ? shifts[plane] : PixelShift.None))
                .GroupBy(b => (AssetIndex: isStacked ? -1 : b.Band.AssetIndex, b.Shift, b.Band.NoData));
            foreach (var group in groups)
            {
                // All bands of a stack are brought along, whichever are read.
                int[] planes = [.. group.Select(b => b.Plane)], inFile = isStacked ? [.. Enumerable.Range(1, bands.Count)] : [.. group.Select(b => b.Band.BandIndex)];
                var (dataset, warped) = OnGrid(
                    isStacked ? Stack(scene, bands) : Open(scene, group.Key.AssetIndex), scene, grid, group.Key.Shift, inFile, group.Key.NoData, inFile.Length == bands.Count, nearest: false);
                _sources.Add(new Source(dataset, isStacked ? [.. planes.Select(p => p + 1)] : warped ? [.. Enumerable.Range(1, inFile.Length)] : inFile, planes, warped));
                foreach (var (band, plane, _) in group)
                {
                    _decoding[plane] = ((float)band.Scale, (float)band.Offset, (float?)band.NoData);
                }
            }

            if (quality is { } q)
            {
                var codes = QualityCodes.For(scene.Bands[q]);
                TellsClouds = !QualityCodes.IsMask(scene.Bands[q]);
                var band = scene.Bands[q];
                int[] stored = band.HighBandIndex is { } high ? [band.BandIndex, high] : [band.BandIndex];
                var (dataset, warped) = OnGrid(Open(scene, band.AssetIndex), scene, grid, PixelShift.None, stored, null, false, nearest: true);
                _quality = (dataset, warped ? [.. Enumerable.Range(1, stored.Length)] : stored, codes);
            }

            IsWarped = _sources.Exists(s => s.Warped);

            // A warp leaves out what lies outside of a mask by itself.
            _masked = [.. _sources.Where(s => !s.Warped && HasMask(s.Dataset, s.InFile[0])).DistinctBy(s => s.Dataset.Path)];
            IsWhole = !IsWarped && _sources.TrueForAll(s => s.InFile.All(b => s.Dataset.GetBand(b).Type is PixelType.UInt8 or PixelType.UInt16));
        }
        catch
        {
            Dispose();
            throw;
        }

    }

    public int Width { get; }

    public int Height { get; }

    public int Bands { get; }

    public bool HasQuality => _quality is not null || _masked.Count > 0;

    /// <summary>Whether the quality band tells of clouds; alpha and masks do not.</summary>
    public bool TellsClouds { get; }

    /// <summary>Whether this band, or none, says what the pixels are worth.</summary>
    internal bool ReadsQualityOf(int? band) => band == _qualityBand;

    /// <summary>Reads a window that lies inside the grid.</summary>
    /// <param name="planes">[band][row][column], at least Bands × window pixels; decoded with scale and offset.</param>
    /// <param name="quality">One per pixel: NoData where any band has no valid value, else what the quality band says, else Clear.</param>
    public void Read(PixelWindow window, Span<float> planes, Span<PixelQuality> quality, CancellationToken cancellation = default)
    {
        int pixels = window.Width * window.Height;
        var seen = quality[..pixels];
        seen.Clear();
        if (_quality is { } q)
        {
            ReadCodes(window, q.Dataset, q.Bands);
            for (var i = 0; i < pixels; i++)
            {
                seen[i] = q.Codes.Of(_codes[i]);
            }
        }

        foreach (var source in _masked)
        {
            ReadMask(source, window);
            for (var i = 0; i < pixels; i++)
            {
                if (_inside[i] == 0)
                {
                    seen[i] = PixelQuality.NoData;
                }
            }
        }

        Grow(ref _filled, pixels);
        var filled = _filled.AsSpan(0, pixels);
        filled.Clear();
        foreach (var source in _sources)
        {
            var count = source.InFile.Length;
            Grow(ref _stage, count * pixels);
            source.Dataset.Read<float>(source.InFile, window, window.Width, window.Height, _stage.AsSpan(0, count * pixels), cancellation: cancellation);
            if (source.Warped)
            {
                _stage.AsSpan(0, count * pixels).Replace(Unwritten, float.NaN);
            }

            for (var k = 0; k < source.Planes.Length; k++)
            {
                var from = _stage.AsSpan(k * pixels, pixels);
                var decoding = _decoding[source.Planes[k]];
                if (decoding.NoData is { } missing)
                {
                    MarkMissing(from, seen, value => value == missing || !float.IsFinite(value));
                }
                else
                {
                    MarkMissing(from, seen, static value => !float.IsFinite(value));
                }

                MarkFilled(from, filled);
                var to = planes.Slice(source.Planes[k] * pixels, pixels);
                from.CopyTo(to);
                if (decoding.Scale is not (1 or 0) || decoding.Offset != 0)
                {
                    Kernels.PlaneMath.Line(to, decoding.Scale == 0 ? 1 : decoding.Scale, decoding.Offset);
                }
            }
        }

        for (var i = 0; i < pixels; i++)
        {
            if (!filled[i])
            {
                seen[i] = PixelQuality.NoData;
            }
        }
    }

    public void Dispose()
    {
        foreach (var source in _sources)
        {
            source.Dataset.Dispose();
        }

        _quality?.Dataset.Dispose();
    }

    /// <summary>Whether a mask, inside the file or beside it, says what was observed. Alpha is a quality band.</summary>
    private static bool HasMask(RasterDataset file, int band) => file.GetBand(band).Mask is var mask && mask.HasFlag(MaskSources.PerDataset) && !mask.HasFlag(MaskSources.Alpha);

    /// <summary>A pixel that is stored as zero in every band was never filled, whatever the file declares and zero decodes to.</summary>
    private static void MarkFilled(ReadOnlySpan<float> stored, Span<bool> filled)
    {
        for (var i = 0; i < stored.Length; i++)
        {
            filled[i] |= stored[i] != 0;
        }
    }

    private static void MarkMissing(ReadOnlySpan<float> values, Span<PixelQuality> seen, Func<float, bool> missing)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (missing(values[i]))
            {
                seen[i] = PixelQuality.NoData;
            }
        }
    }

    private static RasterDataset Open(Scene scene, int asset) => ClosedRaster.OpenStored(scene.Assets[asset].Path);

    /// <param name="file">Taken over: it is what is returned, or disposed.</param>
    /// <param name="bands">What is wanted of the file; a warped one has them in this order from 1 on.</param>
    /// <param name="isAll">Nothing is wanted of any other file.</param>
    private static (RasterDataset Dataset, bool Warped) OnGrid(
        RasterDataset file, Scene scene, Grid grid, PixelShift shift, int[] bands, double? noData, bool isAll, bool nearest)
    {
        try
        {
            using var stated = file.GetSpatialReference();
            var to = TransformOf(grid);
            if (LiesOn(file, stated, grid, shift))
            {
                return (file, false);
            }

            if (file.Transform is null)
            {
                throw new ImageryException($"\"{file.Path}\" has no georeference and another size than the first scene: give it a world file, or a scene on the same grid.");
            }

            var sourceTransform = file.Transform.Value;
            var mereShift = (stated is null || IsOf(stated, grid)) && Math.Abs((sourceTransform.PixelWidth / to.PixelWidth) - 1) < 0.02 && Math.Abs((sourceTransform.PixelHeight / to.PixelHeight) - 1) < 0.02;
            var target = new WarpGrid(grid.CrsWkt, shift.Length >= LeastShift ? to.Shift(shift.X, shift.Y) : to, grid.Width, grid.Height);

            // An undeclared gap is known by being black in every band: then it is a gap of all of them.
            var isUndeclared = !nearest && isAll && noData is null && Array.TrueForAll(bands, b => file.GetBand(b).NoData is null);
            using var wanted = Only(file, bands, withAlpha: !nearest);
            var view = (wanted ?? file).WarpVirtual(target, new WarpOptions
            {
                Resampling = nearest ? Resampling.Nearest : mereShift ? Resampling.Cubic : Resampling.Bilinear,
                SourceCrs = stated is null ? scene.Grid.CrsWkt : null,
                SourceNoData = isUndeclared ? 0 : noData,
                UnifiedNoData = isUndeclared,

                // Nobody reads the alpha band; without one GDAL would declare a nodata value for the target and leave its fast paths.
                AddAlpha = !nearest,
                Unwritten = nearest ? null : Unwritten,
                TargetType = nearest ? null : PixelType.Float32,
            });
            file.Dispose();
            return (view, true);
        }
        catch (Exception problem) when (problem is GdalException or ArgumentException)
        {
            file.Dispose();
            throw new ImageryException($"\"{(file.Path.Length > 0 ? file.Path : scene.Id)}\" cannot be brought onto the grid of the first scene: {problem.Message}", problem);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file's pixels are those of the grid.</summary>
    private static bool LiesOn(RasterDataset file, SpatialReference? stated, Grid grid, PixelShift shift) =>
        (stated is null || IsOf(stated, grid)) && shift.Length < LeastShift && file.Width == grid.Width && file.Height == grid.Height
        && (file.Transform is not { } at || Coincide(at, TransformOf(grid), grid));

    /// <summary>A view of some bands, so that no other one is read for them; null where they are the whole file. The file's alpha band says what is filled.</summary>
    private static RasterDataset? Only(RasterDataset file, int[] bands, bool withAlpha)
    {
        var alpha = file.BandCount;
        int[] kept = withAlpha && !bands.Contains(alpha) && file.GetBand(alpha).Color == ColorInterpretation.Alpha ? [.. bands, alpha] : bands;
        return kept.SequenceEqual(Enumerable.Range(1, file.BandCount)) ? null : file.TranslateVirtual(new TranslateOptions { Bands = kept });
    }

    /// <summary>The same words are the same system; only other words need a parser and its database.</summary>
    private static bool IsOf(SpatialReference stated, Grid grid)
    {
        if (stated.ToWkt() == grid.CrsWkt)
        {
            return true;
        }

        using var wanted = SpatialReference.Parse(grid.CrsWkt);
        return stated.IsSame(wanted);
    }

    internal static GeoTransform TransformOf(Grid grid) =>
        new(grid.Transform[0], grid.Transform[1], grid.Transform[2], grid.Transform[3], grid.Transform[4], grid.Transform[5]);

    /// <summary>The far corners agree to a hundredth of a pixel.</summary>
    private static bool Coincide(GeoTransform a, GeoTransform b, Grid grid)
    {
        var size = Math.Sqrt(b.PixelArea);
        return Near(a.Apply(0, 0), b.Apply(0, 0)) && Near(a.Apply(grid.Width, 0), b.Apply(grid.Width, 0)) && Near(a.Apply(0, grid.Height), b.Apply(0, grid.Height));

        bool Near((double X, double Y) p, (double X, double Y) q) => Math.Abs(p.X - q.X) + Math.Abs(p.Y - q.Y) < 0.01 * size;
    }

    private static void Grow<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[length];
        }
    }

    private sealed record Source(RasterDataset Dataset, int[] InFile, int[] Planes, bool Warped);
}
