using System.Globalization;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes.Products;

namespace Monitoring.Ingest.Scenes;

/// <summary>A raster file that was opened, measured against the limits and probed for truncation.</summary>
/// <param name="Info">As the detectors are shown it (<see cref="ClosedRaster.OpenStored"/>): a grid from south to north is turned.</param>
/// <param name="SideFiles">Files that belong to it besides <paramref name="Path"/>.</param>
/// <param name="CrsWkt">WKT of its CRS, or null when it has none.</param>
/// <param name="PixelMeters">Ground size of a pixel in m, or 0 when the file has no CRS.</param>
internal sealed record RasterSource(string Path, RasterInfo Info, IReadOnlyList<string> SideFiles, string? CrsWkt, double PixelMeters)
{
    /// <summary>One metre of a degree of latitude, roughly: for the size of a pixel only, never for an area.</summary>
    private const double MetersPerDegree = 111_320;

    private const long MaxCrsBytes = 64 * 1024;

    /// <param name="confined">Closed formats only (<see cref="ClosedRaster"/>).</param>
    /// <exception cref="RefusedInputException">Not a raster, beyond the limits, or cut off.</exception>
    public static RasterSource Open(string path, SceneOptions limits, bool confined)
    {
        var isClosed = ClosedRaster.IsVirtual(path) || ClosedRaster.Is(path);
        if (confined && !isClosed)
        {
            throw new RefusedInputException(System.IO.Path.GetExtension(path).Equals(".vrt", StringComparison.OrdinalIgnoreCase)
                ? $"{path} cannot be read as a raster from the inbox: a VRT points to other files. Use `monitoring scenes add`, or convert it to GeoTIFF."
                : $"{path} cannot be read as a raster from the inbox, which takes GeoTIFF, JPEG 2000, PNG and JPEG; convert it to GeoTIFF.");
        }

        if (!ClosedRaster.IsVirtual(path) || ClosedRaster.IsInArchive(path))
        {
            TiffFields.Check(path);
            if (ClosedRaster.MaskOf(path) is { } mask)
                TiffFields.Check(mask);
            Jpeg2000Boxes.Check(path);
        }

        if (!isClosed)
            RecipeAddresses.Check(path, new RemoteFiles(limits));
        RasterDataset dataset;
        try
        {
            dataset = isClosed ? ClosedRaster.Open(path) : RasterDataset.Open(path);
        }
        catch (GdalException problem)
        {
            throw Jpeg2000.Missing(path, GdalLibrary.HasDriver(Jpeg2000.Driver)) ?? new RefusedInputException($"{path} cannot be read as a raster. {problem.Message}", problem);
        }

        using (dataset)
        {
            var info = dataset.Describe();
            if (info.Bands.Count == 0)
            {
                throw new RefusedInputException(info.Subdatasets.Count > 0
                    ? $"{path} is a container of {info.Subdatasets.Count} rasters; export the one you mean as GeoTIFF."
                    : $"{path} holds no bands.");
            }

            if (info.Bands.Count > limits.MaxBands)
                throw new RefusedInputException($"{path} has {info.Bands.Count} bands; a scene has at most {limits.MaxBands}.");
            if (info.PixelBytes > limits.MaxPixelBytes)
                throw new RefusedInputException(Text($"{path} declares {info.Width} × {info.Height} pixels in {info.Bands.Count} bands ({info.PixelBytes} bytes); a scene has at most {limits.MaxPixelBytes} bytes."));
            var block = info.Bands.Max(b => b.BlockBytes);
            if (dataset.Metadata("IMAGE_STRUCTURE").TryGetValue("INTERLEAVE", out var order) && order == "PIXEL")
                block = info.Bands.Aggregate(0L, (sum, b) => long.CreateSaturating((Int128)sum + b.BlockBytes));
            if (block > limits.MaxBlockBytes)
                throw new RefusedInputException(Text($"{path} can only be read in blocks of {block} bytes; write it with tiles (TILED=YES), blocks have at most {limits.MaxBlockBytes} bytes."));

            if (info.Bands.Any(b => b.Mask.HasFlag(MaskSources.PerDataset)) && dataset.MaskBlockBytes(1) is var ofMask && ofMask > limits.MaxBlockBytes)
                throw new RefusedInputException(Text($"The mask of {path} can only be read in blocks of {ofMask} bytes; write it with tiles (TILED=YES), blocks have at most {limits.MaxBlockBytes} bytes."));

            if (info.Bands.Any(b => b.Color == ColorInterpretation.Palette || dataset.GetColorTable(b.Index).Count > 0))
                throw new RefusedInputException($"{path} holds numbers of a colour table (palette) instead of brightness; expand it (gdal_translate -expand rgb FILE NEW.tif) and give that.");
            if (info.Bands.FirstOrDefault(b => b.Type is PixelType.ComplexInt16 or PixelType.ComplexInt32 or PixelType.ComplexFloat16 or PixelType.ComplexFloat32 or PixelType.ComplexFloat64) is { } complex)
                throw new RefusedInputException($"{path} holds complex numbers (band {complex.Index}), as radar products before detection do; give their magnitude (gdal_calc, or a detected product).");

            // Blocks are decoded beside PROJ's search for the way to our degrees, which takes as long.
            using var stated = dataset.GetSpatialReference();
            var crsFile = stated is null && isClosed ? ClosedRaster.CrsFileOf(path) : null;
            using var beside = crsFile is null ? null : CrsOf(crsFile);
            var crs = stated ?? beside;
            var way = crs is null ? Task.CompletedTask : Task.Factory.StartNew(() => SceneFootprint.Anticipate(crs), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                info = info with { Bands = Probe(dataset, info, path) };
            }
            finally
            {
                way.GetAwaiter().GetResult();
            }

            var isPlaced = crs is not null && !crs.IsLocal;
            var metadata = new Dictionary<string, string>(dataset.Metadata("IMAGERY"), StringComparer.OrdinalIgnoreCase);
            foreach (var (key, value) in info.Metadata)
                metadata[key] = value;
            var shown = info.Transform is { IsSouthUp: true } fromSouth ? fromSouth.WithRowsReversed(info.Height) : info.Transform;
            return new RasterSource(path, info with { Metadata = metadata, Transform = shown }, isClosed ? [.. ClosedRaster.FilesBeside(ClosedRaster.IsVirtual(path) ? path : System.IO.Path.GetFullPath(path))] : SideFilesOf(dataset, path), isPlaced ? beside?.ToWkt() ?? info.CrsWkt : null, isPlaced ? PixelSize(info, crs!) : 0);
        }
    }

    /// <summary>The CRS that a .prj beside a raster says, in any spelling of WKT.</summary>
    private static SpatialReference CrsOf(string file)
    {
        var bytes = new FileInfo(file).Length;
        if (bytes > MaxCrsBytes)
            throw new RefusedInputException(Text($"{file} has {bytes} bytes; a CRS has at most {MaxCrsBytes}. Deliver the raster with its CRS inside."));
        try
        {
            return SpatialReference.FromWkt(File.ReadAllText(file));
        }
        catch (Exception problem) when (problem is GdalException or ArgumentException)
        {
            throw new RefusedInputException($"{file} holds no CRS that can be read; write the CRS into the raster (gdal_edit.py -a_srs EPSG:4547 FILE). {problem.Message}", problem);
        }
    }

    /// <summary>Ground size of a pixel in m under a CRS; 0 without georeference.</summary>
    public static double PixelSize(RasterInfo info, SpatialReference crs)
    {
        if (info.Transform is not { } transform)
            return 0;
        if (!crs.IsGeographic)
            return Math.Sqrt(transform.PixelArea) * crs.MetresPerUnit;
        var (_, latitude) = transform.Apply(info.Width / 2.0, info.Height / 2.0);
        return Math.Sqrt(transform.PixelArea * Math.Max(0.01, Math.Cos(latitude * Math.PI / 180))) * MetersPerDegree;
    }

    /// <summary>
    /// Reads the first, middle and last block of each band: a file that was cut off lacks its end. Damage elsewhere shows when the
    /// detectors read all of it.
    /// </summary>
    /// <returns>The bands, with what stands for no data in them where they declare nothing (<see cref="UndeclaredNoData"/>).</returns>
    private static IReadOnlyList<BandInfo> Probe(RasterDataset dataset, RasterInfo info, string path)
    {
        Span<double> pixel = stackalloc double[1];
        try
        {
            foreach (var band in info.Bands)
            {
                var columns = (info.Width + band.BlockWidth - 1) / band.BlockWidth;
                var rows = (info.Height + band.BlockHeight - 1) / band.BlockHeight;
                foreach (var (column, row) in new[] { (0, 0), (columns / 2, rows / 2), (columns - 1, rows - 1) }.Distinct())
                {
                    // One pixel makes GDAL read and decode its whole block.
                    dataset.Read(band.Index, new PixelWindow(column * band.BlockWidth, row * band.BlockHeight, 1, 1), pixel);
                }
            }

            return UndeclaredNoData.Told(dataset, info.Bands);
        }
        catch (GdalException problem)
        {
            throw new RefusedInputException($"{path} is damaged or was cut off while it was copied; deliver it again. {problem.Message}", problem);
        }
    }

    /// <summary>What GDAL says the dataset is made of, in the same folder; a recipe's sources are elsewhere and stay there.</summary>
    private static List<string> SideFilesOf(RasterDataset dataset, string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var folder = System.IO.Path.GetDirectoryName(full);
        return [.. dataset.Files.Select(System.IO.Path.GetFullPath).Where(f => f != full && System.IO.Path.GetDirectoryName(f) == folder && File.Exists(f)).Distinct(StringComparer.Ordinal)];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
