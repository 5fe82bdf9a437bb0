using System.Globalization;
using Monitoring.Gdal.Native;

namespace Monitoring.Gdal;

/// <summary>New rasters from old ones: warped, cut, stacked.</summary>
public sealed unsafe partial class RasterDataset
{
    /// <summary>
    /// A virtual raster that shows this one on another grid. Nothing is computed until its pixels are read, window by window, in bounded
    /// memory. It counts as one object with this dataset (threads); this one may be disposed first, and stays open until both are.
    /// </summary>
    /// <param name="grid">North-up; for any other grid make the target yourself and use <see cref="WarpInto"/>.</param>
    /// <exception cref="GdalException">The source has no CRS or georeference, or there is no transform.</exception>
    public RasterDataset WarpVirtual(WarpGrid grid, WarpOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(grid);
        options ??= new WarpOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(grid.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(grid.Height);
        if (!grid.Transform.IsNorthUp)
            throw new ArgumentException("A virtual warp needs a north-up grid; create the target and use WarpInto for others.",
                nameof(grid));
        MustHaveCrs([this], options);
        var box = grid.Transform.BoundsOf(grid.Width, grid.Height);
        List<string> arguments = ["-of", "VRT", "-t_srs", TargetCrs(grid.Crs),
            "-te", Number(box.MinX), Number(box.MinY), Number(box.MaxX), Number(box.MaxY),
            "-ts", Number(grid.Width), Number(grid.Height)];
        if (options.TargetType is { } type)
            arguments.AddRange(["-ot", TypeName(type)]);
        if (options.TargetNoData is { } noData)
            arguments.AddRange(["-dstnodata", Number(noData)]);
        if (options.Unwritten is { } unwritten)
            arguments.AddRange(["-wo", "INIT_DEST=" + Number(unwritten)]);
        if (options.AddAlpha)
            arguments.Add("-dstalpha");
        AddCommon(arguments, options);
        using var masked = MaskAsAlpha(options);
        if (masked is not null)
            arguments.Add("-srcalpha");
        var dataset = Warp("", 0, [masked ?? this], arguments, null, default);
        return new(new DatasetHandle(dataset, (masked ?? this).Handle), "", false);
    }

    /// <summary>
    /// A view whose last band is the mask, where there is a mask besides a nodata value: a warp that is told of both goes by the value alone, one that is told of alpha
    /// and a value goes by both. Null where nothing has to be done.
    /// </summary>
    private RasterDataset? MaskAsAlpha(WarpOptions options)
    {
        var first = GetBand(1);
        if (!first.Mask.HasFlag(MaskSources.PerDataset) || first.Mask.HasFlag(MaskSources.Alpha) || (options.SourceNoData is null && (options.IgnoreSourceNoData || !DeclaresNoData())))
            return null;
        var view = Translate("", new TranslateOptions { Driver = "VRT", Bands = [.. Enumerable.Range(1, BandCount)] }, null, default, ["-b", "mask", "-mask", "none"]);
        return new(new DatasetHandle(view, Handle), "", false);

        bool DeclaresNoData()
        {
            for (var band = 1; band <= BandCount; band++)
            {
                if (GetBand(band).NoData is not null)
                    return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Warps sources onto this writable raster, whatever its grid (also rotated). Sources later in the list lie on top; pixels that no
    /// source
    /// reaches keep their value. If this raster's last band is an alpha band it is filled as <see cref="WarpOptions.AddAlpha"/> says.
    /// </summary>
    /// <exception cref="GdalException">A side has no CRS or georeference, the band counts do not fit, or pixels cannot be read or
    /// written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; this raster is partly written.</exception>
    public void WarpInto(IReadOnlyList<RasterDataset> sources, WarpOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count);
        if (!Writable)
            throw new InvalidOperationException($"\"{Path}\" is not open for writing.");
        options ??= new WarpOptions();
        MustHaveCrs(sources, options);
        using (var crs = GetSpatialReference())
            if (crs is null)
                throw new GdalException($"warp onto \"{Path}\"", [], $"Could not warp onto \"{Path}\": it has no CRS.");
        List<string> arguments = [];
        AddCommon(arguments, options);
        using var use = Handle.Use();
        Warp(null, use.Pointer, sources, arguments, progress, cancellation);
    }

    /// <summary>
    /// Writes a part of this raster, resized, retyped or with fewer bands, as a new file. The file is complete when the call returns.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; a part of the file may be left.</exception>
    public void TranslateTo(string path, TranslateOptions options, IProgress<double>? progress = null,
        CancellationToken cancellation = default) =>
        new RasterDataset(new DatasetHandle(Translate(path, options, progress, cancellation)), path, true).Dispose();

    /// <summary>
    /// As <see cref="TranslateTo"/>, but as a virtual raster that reads from this one when it is read; the driver is ignored.
    /// </summary>
    public RasterDataset TranslateVirtual(TranslateOptions options) =>
        new(new DatasetHandle(Translate("", options with { Driver = "VRT", CreationOptions = [] }, null, default), Handle), "", false) { _isTurned = _isTurned };

    /// <summary>
    /// A virtual raster that stacks rasters of one CRS as its bands: the first band of each, in order, on one grid that covers all of them
    /// at
    /// the finest pixel size among them. Nothing is resampled until it is read. The sources may be disposed first. Sources of another CRS
    /// are refused.
    /// </summary>
    /// <param name="resampling">For the coarser ones.</param>
    public static RasterDataset StackVirtual(IReadOnlyList<RasterDataset> sources, Resampling resampling = Resampling.Nearest) =>
        BuildVirtual(sources, [.. FirstBandOfEach(), "-resolution", "highest", "-r", Name(resampling)]);

    /// <summary>
    /// A virtual raster that lays rasters of one CRS and the same bands side by side (a mosaic), the later on top, at the finest pixel
    /// size among them.
    /// </summary>
    public static RasterDataset MosaicVirtual(IReadOnlyList<RasterDataset> sources, Resampling resampling = Resampling.Nearest) =>
        BuildVirtual(sources, ["-resolution", "highest", "-r", Name(resampling)]);

    /// <summary>GDAL stacks only first bands by itself before 3.8, and all of them from then on unless told otherwise.</summary>
    private static string[] FirstBandOfEach() => GdalLibrary.VersionNumber >= 3080000 ? ["-separate", "-b", "1"] : ["-separate"];

    private static RasterDataset BuildVirtual(IReadOnlyList<RasterDataset> sources, IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count);
        GdalLibrary.Initialize();
        using var list = new NativeStringList([.. arguments, "-strict"]);
        Errors.Begin();
        var options = GdalNative.GDALBuildVRTOptionsNew(list.Pointer, 0);
        if (options == 0)
            throw Errors.Exception("prepare a virtual raster");
        try
        {
            IReadOnlyList<RasterDataset> upright = [.. sources.Select(static s => s._isTurned ? s.Upright() : s)];
            try
            {
                using var uses = new Uses(upright);
                int usage;
                nint vrt;
                Errors.Begin();
                fixed (nint* pointers = uses.Pointers)
                    vrt = GdalNative.GDALBuildVRT("", upright.Count, pointers, 0, options, &usage);
                return vrt != 0
                    ? new(new DatasetHandle(vrt, upright.Select(static s => s.Handle).ToArray()), "", false)
                    : throw Errors.Exception($"build a virtual raster of {sources.Count} rasters");
            }
            finally
            {
                foreach (var made in upright.Except(sources))
                    made.Dispose();
            }
        }
        finally
        {
            GdalNative.GDALBuildVRTOptionsFree(options);
        }
    }

    /// <summary>A view of the same pixels from north to south for what takes no other order; its mask is not in it.</summary>
    private RasterDataset Upright()
    {
        var box = Transform!.Value.BoundsOf(Width, Height);
        return new(new DatasetHandle(Warp("", 0, [this], [
            "-of", "VRT", "-r", "near", "-et", "0", "-te", Number(box.MinX), Number(box.MinY), Number(box.MaxX), Number(box.MaxY), "-ts", Number(Width), Number(Height)], null, default), Handle), "", false);
    }

    /// <param name="more">Arguments after those for the bands of the options.</param>
    private nint Translate(string path, TranslateOptions o, IProgress<double>? progress, CancellationToken cancellation, params ReadOnlySpan<string> more)
    {
        ArgumentNullException.ThrowIfNull(o);
        GdalLibrary.Driver(o.Driver);
        List<string> arguments = ["-of", o.Driver];
        if (o.Window is { } w)
        {
            w.MustLieIn(Width, Height);
            arguments.AddRange(["-srcwin", Number(w.X), Number(Stored(w).Y), Number(w.Width), Number(w.Height)]);
        }
        if (o.Width is { } width && o.Height is { } height)
            arguments.AddRange(["-outsize", Number(width), Number(height), "-r", Name(o.Resampling)]);
        else if (o.Width is not null || o.Height is not null)
            throw new ArgumentException("Give width and height, or neither.", nameof(o));
        foreach (var band in o.Bands ?? [])
            arguments.AddRange(["-b", Number(band)]);
        arguments.AddRange(more);
        if (o.Type is { } type)
            arguments.AddRange(["-ot", TypeName(type)]);
        if (o.NoData is { } noData)
            arguments.AddRange(["-a_nodata", Number(noData)]);
        foreach (var (from, to, low, high) in o.Scale ?? [])
            arguments.AddRange(["-scale", Number(from), Number(to), Number(low), Number(high)]);
        foreach (var option in o.CreationOptions ?? [])
            arguments.AddRange(["-co", option]);
        using var list = new NativeStringList(arguments);
        using var use = Handle.Use();
        using var scope = new ProgressScope(progress, cancellation);
        Errors.Begin();
        var options = GdalNative.GDALTranslateOptionsNew(list.Pointer, 0);
        if (options == 0)
            throw Errors.Exception($"prepare \"{path}\"");
        try
        {
            if (scope.Function != 0)
                GdalNative.GDALTranslateOptionsSetProgress(options, scope.Function, scope.Argument);
            int usage;
            Errors.Begin();
            var dataset = GdalNative.GDALTranslate(Text.NoNul(path), use.Pointer, options, &usage);
            scope.ThrowIfInterrupted(dataset == 0);
            return dataset != 0 ? dataset : throw Errors.Exception($"write \"{path}\" as {o.Driver}");
        }
        finally
        {
            GdalNative.GDALTranslateOptionsFree(options);
        }
    }

    private static nint Warp(string? path, nint target, IReadOnlyList<RasterDataset> sources, List<string> arguments,
        IProgress<double>? progress, CancellationToken cancellation)
    {
        using var list = new NativeStringList(arguments);
        using var scope = new ProgressScope(progress, cancellation);
        Errors.Begin();
        var options = GdalNative.GDALWarpAppOptionsNew(list.Pointer, 0);
        if (options == 0)
            throw Errors.Exception("prepare a warp");
        try
        {
            if (scope.Function != 0)
                GdalNative.GDALWarpAppOptionsSetProgress(options, scope.Function, scope.Argument);
            using var uses = new Uses(sources);
            int usage = 0;
            nint result;
            Errors.Begin();
            fixed (nint* pointers = uses.Pointers)
                result = GdalNative.GDALWarp(path, target, sources.Count, pointers, options, &usage);
            scope.ThrowIfInterrupted(result == 0);
            if (result == 0)
                throw Errors.Exception($"warp \"{sources[0].Path}\"");
            return result;
        }
        finally
        {
            GdalNative.GDALWarpAppOptionsFree(options);
        }
    }

    /// <summary>GDAL would take the target's CRS for the missing one and warp to a wrong place without a word.</summary>
    private static void MustHaveCrs(IReadOnlyList<RasterDataset> sources, WarpOptions options)
    {
        if (options.SourceCrs is not null)
            return;
        foreach (var source in sources)
        {
            using var use = source.Handle.Use();
            if (GdalNative.GDALGetSpatialRef(use.Pointer) == 0 && GdalNative.GDALGetGCPSpatialRef(use.Pointer) == 0
                && source.Metadata("RPC").Count == 0 && source.Metadata("GEOLOCATION").Count == 0)
                throw new GdalException($"warp \"{source.Path}\"", [],
                    $"Could not warp \"{source.Path}\": it has no CRS; name the one it is in.");
        }
    }

    private static void AddCommon(List<string> arguments, WarpOptions o)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(o.ErrorPixels, nameof(o));
        ArgumentOutOfRangeException.ThrowIfLessThan(o.Threads, 1, nameof(o));
        ArgumentOutOfRangeException.ThrowIfLessThan(o.MemoryBytes, 1L << 20, nameof(o));
        if (o.SourceCrs is { } crs)
            arguments.AddRange(["-s_srs", TargetCrs(crs)]);
        if (o.IgnoreSourceNoData)
            arguments.AddRange(["-srcnodata", "None"]);
        else if (o.SourceNoData is { } noData)
            arguments.AddRange(["-srcnodata", Number(noData)]);
        arguments.AddRange(["-r", Name(o.Resampling), "-et", Number(o.ErrorPixels), "-ovr", o.UseOverviews ? "AUTO" : "NONE",
            "-wm", Number(o.MemoryBytes), "-wo", $"NUM_THREADS={Number(o.Threads)}", "-wo",
                $"UNIFIED_SRC_NODATA={(o.UnifiedNoData ? "YES" : "NO")}"]);
    }

    /// <summary>Checks the text by our own rules (no files, no addresses) and hands GDAL plain WKT.</summary>
    private static string TargetCrs(string crs)
    {
        using var parsed = SpatialReference.Parse(crs);
        return parsed.ToWkt();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string TypeName(PixelType type) => type == PixelType.UInt8 ? "Byte" : type.ToString();

    private static string Name(Resampling resampling) => resampling switch
    {
        Resampling.Nearest => "near",
        _ => resampling.ToString().ToLowerInvariant(),
    };

    /// <summary>Several datasets in use for one call.</summary>
    private readonly ref struct Uses
    {
        private readonly IReadOnlyList<RasterDataset> _datasets;
        private readonly int _taken;

        internal Uses(IReadOnlyList<RasterDataset> datasets)
        {
            _datasets = datasets;
            Pointers = new nint[datasets.Count];
            try
            {
                for (; _taken < datasets.Count; _taken++)
                    Pointers[_taken] = datasets[_taken].Handle.Enter();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        internal nint[] Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _taken; i++)
                _datasets[i].Handle.Leave();
        }
    }
}
