namespace Monitoring.Gdal;

/// <summary>
/// Raster files that hold all of their pixels themselves: GeoTIFF, JPEG 2000, PNG, JPEG, told by their first bytes. They are opened with
/// those four formats only and with nothing beside them but a world file (six numbers) and a mask (<c>NAME.tif.msk</c>) that is TIFF itself. Other side files (.ovr,
/// .aux.xml, .rrd) are not looked at: GDAL opens them with every format it knows, so a recipe (VRT) under such a name would make it read other files and addresses.
/// Thread-safe.
/// </summary>
public static class ClosedRaster
{
    /// <summary>Metadata domain that names another file to read overviews from.</summary>
    private const string OverviewsDomain = "OVERVIEWS";

    private const string Zip = "/vsizip/", Part = "/vsisubfile/", Remote = "/vsicurl/";

    private static readonly string[] CrsEndings = [".prj", ".PRJ"];

    private static readonly string[] Drivers = ["GTiff", "JP2OpenJPEG", "PNG", "JPEG"];

    /// <summary>How many of <see cref="FirstBytes"/> are TIFF.</summary>
    private const int TiffForms = 4;

    private static readonly byte[][] FirstBytes =
    [
        [(byte)'I', (byte)'I', 42, 0], [(byte)'M', (byte)'M', 0, 42], [(byte)'I', (byte)'I', 43, 0], [(byte)'M', (byte)'M', 0, 43], // TIFF 6.0, BigTIFF
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' '], [0xFF, 0x4F, 0xFF, 0x51], // ISO/IEC 15444-1: file, bare codestream
        [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], [0xFF, 0xD8, 0xFF],
    ];

    /// <summary>Whether the first bytes of a file on the disk are those of a closed format; false also for what is no such file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static bool Is(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return StartsAs(path, FirstBytes);
    }

    private static bool StartsAs(string path, ReadOnlySpan<byte[]> forms)
    {
        if (!File.Exists(path))
            return false;
        Span<byte> head = stackalloc byte[8];
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        head = head[..RandomAccess.Read(handle, head, 0)];
        foreach (var first in forms)
        {
            if (head.StartsWith(first))
                return true;
        }

        return false;
    }

    /// <summary>How GDAL names a file inside a ZIP file on the disk.</summary>
    /// <param name="name">Name within it, with /.</param>
    public static string InZip(string archive, string name) => $"{Zip}{archive}/{name}";

    /// <summary>How GDAL names a stretch of a file on the disk, such as a file inside a TAR file, which are stored one after another as they are.</summary>
    public static string PartOf(string file, long offset, long length) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Part}{offset}_{length},{file}");

    /// <summary>How GDAL names a file at an http(s) address.</summary>
    public static string At(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Remote + address.AbsoluteUri;
    }

    /// <summary>Whether a path is of <see cref="InZip"/>, <see cref="PartOf"/> or <see cref="At"/>: such files are opened as closed ones or not at all.</summary>
    public static bool IsVirtual(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IsInArchive(path) || path.StartsWith(Remote, StringComparison.Ordinal);
    }

    /// <summary>Whether a path is of <see cref="InZip"/> or <see cref="PartOf"/>.</summary>
    public static bool IsInArchive(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith(Zip, StringComparison.Ordinal) || path.StartsWith(Part, StringComparison.Ordinal);
    }

    /// <summary>The archive on the disk that holds a file of <see cref="InZip"/> or <see cref="PartOf"/>; null for any other path.</summary>
    public static string? ArchiveOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.StartsWith(Part, StringComparison.Ordinal))
            return path.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma ? path[(comma + 1)..] : null;
        if (!path.StartsWith(Zip, StringComparison.Ordinal))
            return null;
        var inner = path[Zip.Length..];
        for (var slash = inner.IndexOf('/', 1); slash > 0; slash = inner.IndexOf('/', slash + 1))
        {
            if (File.Exists(inner[..slash]))
                return inner[..slash];
        }

        return null;
    }

    /// <summary>What names a file within its archive, wherever the archive lies.</summary>
    public static string NameInArchive(string path, string archive) => Moved(path, archive, "");

    /// <summary>The same file of the archive where the archive lies elsewhere.</summary>
    public static string Moved(string path, string archive, string movedArchive)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(archive);
        return path.StartsWith(Zip, StringComparison.Ordinal) ? Zip + movedArchive + path[(Zip.Length + archive.Length)..] : path[..^archive.Length] + movedArchive;
    }

    /// <summary>Opens a closed file for reading.</summary>
    /// <exception cref="GdalException">Missing, damaged, of another format, or naming another file in its metadata.</exception>
    public static RasterDataset Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var mask = MaskOf(path);
        (int Width, int Height)? ground = null;
        if (mask is not null)
        {
            using var own = Checked(RasterDataset.Open(mask, new DatasetOpenOptions { AllowedDrivers = [Drivers[0]], IgnoreSiblingFiles = true }), mask);
            ground = (own.Width, own.Height);
        }

        var dataset = Checked(
            RasterDataset.Open(path, new DatasetOpenOptions
            {
                AllowedDrivers = [.. Drivers.Where(GdalLibrary.HasDriver)],
                IgnoreSiblingFiles = true,
                Siblings = [.. ((string[])[.. WorldFilesOf(path), .. mask is null ? [] : new[] { mask }]).Select(f => Path.GetFileName(f))],
            }),
            path);
        if (ground is not { } size || size == (dataset.Width, dataset.Height))
            return dataset;
        dataset.Dispose();
        throw new GdalException($"open \"{path}\"", [], $"\"{mask}\" has another size than the raster whose mask it is; deliver the two as they were made, or the raster without it.");
    }

    /// <summary>Before anything asks for overviews or masks: that is when GDAL follows a name.</summary>
    private static RasterDataset Checked(RasterDataset dataset, string path)
    {
        if (dataset.Metadata(OverviewsDomain).Count == 0)
            return dataset;
        dataset.Dispose();
        throw new GdalException(
            $"open \"{path}\"", [], $"\"{path}\" names another file to read its overviews from (metadata domain {OverviewsDomain}); write it again with overviews inside, or without.");
    }

    /// <summary>
    /// Opens a file of a catalogued scene: a closed one, one in an archive and a remote one as <see cref="Open"/> does, any other as GDAL does. Other formats (VRT, ENVI, …) get into the catalogue by
    /// the operator's own command only. Rows that run from south to north are shown from north to south.
    /// </summary>
    /// <exception cref="GdalException">It cannot be opened.</exception>
    public static RasterDataset OpenStored(string path)
    {
        try
        {
            var dataset = IsVirtual(path) || Is(path) ? Open(path) : RasterDataset.Open(path);
            dataset.ShowNorthUp();
            return dataset;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new GdalException($"open \"{path}\"", [], $"\"{path}\" cannot be read: {problem.Message}");
        }
    }

    /// <summary>World files that lie beside a raster: <c>.tfw</c>, <c>.jgw</c>, …, <c>.wld</c>.</summary>
    public static IReadOnlyList<string> WorldFilesOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var extension = Path.GetExtension(path).TrimStart('.');
        if (extension.Length < 2)
            return [];
        string[] endings = [$"{extension[0]}{extension[^1]}w", $"{extension}w", "wld"];
        return [.. endings.SelectMany(e => new[] { e, e.ToUpperInvariant() }).Distinct(StringComparer.Ordinal).Select(e => Path.ChangeExtension(path, e)).Where(File.Exists)];
    }

    /// <summary>
    /// The mask beside a raster (<c>NAME.tif.msk</c>); null when there is none, or none that is TIFF. GDAL opens it with every format it knows, and each that is a recipe is a text without a NUL; the
    /// first four bytes of TIFF hold one.
    /// </summary>
    public static string? MaskOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return !IsVirtual(path) && StartsAs(path + ".msk", FirstBytes.AsSpan(0, TiffForms)) ? path + ".msk" : null;
    }

    /// <summary>The file with the CRS beside a raster (<c>NAME.prj</c>); null when there is none.</summary>
    public static string? CrsFileOf(string path) =>
        IsVirtual(path) ? null : CrsEndings.Select(e => Path.ChangeExtension(path, e)).FirstOrDefault(File.Exists);

    /// <summary>All files beside a raster that are read with it.</summary>
    public static IReadOnlyList<string> FilesBeside(string path) =>
        IsVirtual(path) ? [] : [.. WorldFilesOf(path), .. ((string?[])[CrsFileOf(path), MaskOf(path)]).OfType<string>()];
}
