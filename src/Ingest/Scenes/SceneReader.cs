using System.Globalization;
using System.Text;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Scenes.Products;
using Monitoring.Ingest.Scenes.Sensors;

namespace Monitoring.Ingest.Scenes;

/// <summary>
/// Reads what a path holds as a scene: a raster file with several bands, a VRT, a STAC Item JSON, or a folder (with one Item, or of one-band
/// files with the usual Sentinel-2 or Landsat names). Needs no server; the command line's <c>detect</c> uses it as it is. Pixels are only
/// probed. Thread-safe.
/// </summary>
public sealed partial class SceneReader(SceneOptions options, TimeProvider clock)
{
    private static readonly DateTimeOffset Earliest = new(1972, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    private readonly RemoteFiles _remote = new(options, clock);

    /// <summary>Read beside the start of GDAL, which takes longer.</summary>
    private readonly Task<SensorCatalogue> _sensors = Task.Run(() => SensorCatalogue.Load(options.SensorFolder));

    /// <summary>Reads a scene, acquired at <paramref name="acquiredAt"/> when given.</summary>
    /// <exception cref="GdalMissingException">The GDAL library is not installed.</exception>
    public SceneReading Read(string path, DateTimeOffset? acquiredAt = null) => Read(path, new SceneReadOptions { AcquiredAt = acquiredAt });

    /// <inheritdoc cref="Read(string, DateTimeOffset?)"/>
    public SceneReading Read(string path, SceneReadOptions how)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(how);
        try
        {
            var draft = RemoteFiles.IsAddress(path) ? ReadRemoteItem(path, how)
                : ArchivePath.Is(path) ? ReadWithin(path, how)
                : Directory.Exists(path) ? ReadFolder(path, how)
                : !File.Exists(path) ? throw new RefusedInputException($"{path} does not exist; give a raster file, a STAC Item JSON or a folder of bands.")
                : Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? ReadItem(path, how)
                : ArchiveFiles.Is(path) ? ReadArchive(path, how)
                : IsPackedAsAWhole(path) ? throw new RefusedInputException(
                    $"{path} is compressed as a whole, and nothing can be read out of such a file without unpacking it; unpack it (for example tar -xzf) and give the folder, or the orthophoto in it.")
                : Path.GetExtension(path).Equals(".xml", StringComparison.OrdinalIgnoreCase) && IsSentinelMetadata(Path.GetFileName(path)) ? ReadFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, how)
                : ReadRaster(path, how);

            if (how.AcquiredAt is null || how.CheckTime)
                MustBeOfItsTime(path, draft.AcquiredAt);
            var scene = new SceneAssembler(clock, how.HashFiles, how.Survey).Assemble(draft);
            return new SceneReading(scene, null, [.. draft.Files.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)]);
        }
        catch (RefusedInputException refused)
        {
            return new SceneReading(null, Sentence(refused.Message), []);
        }
        catch (Exception problem) when (problem is GdalException or IOException or UnauthorizedAccessException)
        {
            return new SceneReading(null, Sentence($"{path} cannot be read: {problem.Message}"), []);
        }
    }

    /// <summary>Whether a path is written as one inside an archive (<c>/vsizip/…</c>, <c>zip://…</c>) or of another file system of GDAL's: to be given as it is.</summary>
    public static bool IsInArchive(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ArchivePath.Is(path);
    }

    /// <summary>A scene read with <see cref="SceneReadOptions.HashFiles"/> false as reading it with hashes gives it: reads all its files once.</summary>
    /// <exception cref="IOException">A file cannot be read any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled: looked at once a megabyte.</exception>
    public Scene Identify(Scene scene, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return new SceneAssembler(clock, hashFiles: true, survey: false, cancellation).Identify(scene);
    }

    /// <summary>What GDAL and the system say ends with or without a full stop, and may have lines; names of files may speak to the terminal.</summary>
    private static string Sentence(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c)).TrimEnd();
        return line.EndsWith('.') ? line : line + ".";
    }

    /// <summary>A scene dated ahead of today would make every real one after it late; the first Landsat flew in 1972.</summary>
    private void MustBeOfItsTime(string path, DateTimeOffset acquired)
    {
        if (acquired < Earliest || acquired - clock.GetUtcNow() > Ahead)
        {
            throw new RefusedInputException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} says that it was acquired at {acquired.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; a scene is of 1972 or later and at most a day ahead of this machine's clock. Correct the date, or the clock."));
        }
    }

    /// <summary>Deliveries of Chinese satellites come so.</summary>
    private static bool IsPackedAsAWhole(string path) => Path.GetExtension(path).ToUpperInvariant() is ".GZ" or ".TGZ" or ".BZ2" or ".XZ" or ".ZST" or ".RAR" or ".7Z";

    private DraftBand BandOf(BandInfo info, RasterSource source)
    {
        var known = BandNames.ByDescription(info.Description);
        var micrometers = known?.Micrometers ?? Wavelength(info);
        var isAlpha = info.Color == ColorInterpretation.Alpha;
        var name = isAlpha ? "alpha" : known?.Name ?? (info.Description.Length is > 0 and <= 64 ? info.Description : string.Create(CultureInfo.InvariantCulture, $"band-{info.Index}"));
        return new DraftBand(
            name, isAlpha ? BandNames.Quality : known?.CommonName ?? (micrometers is { } m ? BandNames.ByWavelength(m) : null),
            micrometers, source, info.Index, info.NoData, info.Scale, info.Offset)
        {
            Quality = isAlpha || known?.CommonName != BandNames.Quality ? null : TableOf(name),
        };
    }

    /// <summary>Centre wavelength in µm as ENVI and others write it into a band's metadata.</summary>
    private static double? Wavelength(BandInfo info)
    {
        if (!info.Metadata.TryGetValue("wavelength", out var text) || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var length))
            return null;
        var unit = info.Metadata.GetValueOrDefault("wavelength_units", "Micrometers");
        var micrometers = unit.StartsWith("Nano", StringComparison.OrdinalIgnoreCase) ? length / 1000 : length;
        return micrometers is > 0.2 and < 20 ? micrometers : null;
    }

    private SceneDraft ReadFolder(string path, SceneReadOptions how)
    {
        Confine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))!, path, how);
        var files = Directory.GetFiles(path).Where(f => !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal).ToList();
        if (files.Count > 4096)
            throw new RefusedInputException($"{path} holds {files.Count} files; a scene's folder holds at most 4096.");
        var items = files.Where(f => Path.GetExtension(f).Equals(".json", StringComparison.OrdinalIgnoreCase) && LooksLikeItem(f, how)).ToList();
        if (items.Count == 1)
            return ReadItem(items[0], how);
        if (items.Count > 1)
            throw new RefusedInputException($"{path} holds {items.Count} STAC Items; give the one you mean.");

        if (ReadProduct(path, files, how) is { } product)
            return product;
        var chosen = ChooseBands(files);
        if (chosen.Count == 0 && ReadOnlyRaster(files, how) is { } orthophoto)
            return orthophoto;
        if (chosen.Count == 0)
        {
            throw new RefusedInputException(
                $"{path} holds no STAC Item and no band files with Sentinel-2 names (…B02.tif … B12.tif, also .jp2), Landsat names (…SR_B2.TIF …) or plain words (blue.tif, green.tif, red.tif, nir.tif …); rename them, write an Item, or give the raster you mean.");
        }

        var folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        return ReadBands(path, folder, chosen, f => Open(f, path, how), f => f, how);
    }

    /// <summary>One-band files that their names tell, of a folder or of an archive.</summary>
    /// <param name="open">Opens one of the files.</param>
    /// <param name="fileOf">The file on the disk that holds it.</param>
    private SceneDraft ReadBands(string path, string name, List<(KnownBand Band, string File)> chosen, Func<string, RasterSource> open, Func<string, string> fileOf, SceneReadOptions how)
    {
        var bands = new List<DraftBand>();
        var used = new List<string>();
        foreach (var (known, file) in chosen)
        {
            var source = open(file);
            if (source.Info.Bands.Count != 1)
                throw new RefusedInputException($"{source.Path} has {source.Info.Bands.Count} bands; in a folder of bands each file has one.");
            var info = source.Info.Bands[0];
            var isStated = info.Scale != 1 || info.Offset != 0;
            bands.Add(new DraftBand(
                known.Name, known.CommonName, known.Micrometers, source, 1, info.NoData ?? known.NoData,
                isStated ? info.Scale : known.Scale, isStated ? info.Offset : known.Offset)
            {
                Quality = known.CommonName == BandNames.Quality ? TableOf(known.Name) : null,
            });
            used.Add(fileOf(file));
            used.AddRange(source.SideFiles);
        }

        var acquired = how.AcquiredAt
            ?? chosen.Select(c => SceneDates.FromName(Path.GetFileNameWithoutExtension(c.File))).FirstOrDefault(d => d is not null)
            ?? SceneDates.FromName(name)
            ?? (ArchiveFiles.Is(path) ? SceneDates.FromName(Path.GetFileNameWithoutExtension(path)) : null)
            ?? SceneDates.FromMetadata(bands[0].Source.Info.Metadata)
            ?? throw NoDate(path, "the names of its files", how, Path.GetFileName(chosen[0].File));
        return new SceneDraft(null, name, CollectionOf(chosen), null, acquired, null, null, bands, used);
    }

    /// <summary>The product family where the names tell it.</summary>
    private static string? CollectionOf(List<(KnownBand Band, string File)> chosen)
    {
        var name = Path.GetFileName(chosen[0].File);
        return name.Contains("MSI_L1C", StringComparison.Ordinal) || name.Contains("MSIL1C", StringComparison.Ordinal) ? "sentinel-2-l1c"
            : name.Contains("MSI_L2A", StringComparison.Ordinal) || name.Contains("MSIL2A", StringComparison.Ordinal) ? "sentinel-2-l2a"
            : chosen.Exists(c => c.Band.Name.StartsWith("SR_", StringComparison.Ordinal)) ? "landsat-c2-l2"
            : null;
    }

    /// <summary>One file for each band, in the order of the bands' wavelengths, quality last; of several sizes of a band the finest.</summary>
    private static List<(KnownBand Band, string File)> ChooseBands(List<string> files)
    {
        var rasters = files.Where(f => Path.GetExtension(f).ToUpperInvariant() is ".TIF" or ".TIFF" or ".JP2" or ".IMG").ToList();
        string[] stems = [.. rasters.Select(f => Path.GetFileNameWithoutExtension(f))];
        var isOli = BandNames.IsOli(stems);
        var isShort = BandNames.AreShortSentinel(stems);
        Func<string, KnownBand?> band = isShort ? BandNames.ByShortName : s => BandNames.ByFileName(s, isOli);
        if (Array.TrueForAll(stems, s => band(s) is null))
            band = BandNames.ByWord;
        return [.. rasters
            .Select(f => (Band: band(Path.GetFileNameWithoutExtension(f)), File: f))
            .Where(f => f.Band is not null)
            .GroupBy(f => f.Band!.Name, StringComparer.OrdinalIgnoreCase)
            .Select(g => (g.First().Band!, g.MinBy(f => SizeRank(f.File)).File))
            .OrderBy(f => f.Item1.Micrometers ?? double.MaxValue)];

        static int SizeRank(string file)
        {
            var stem = Path.GetFileNameWithoutExtension(file);
            return stem.EndsWith("_10m", StringComparison.OrdinalIgnoreCase) ? 0 : stem.EndsWith("_20m", StringComparison.OrdinalIgnoreCase) ? 1 : stem.EndsWith("_60m", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
        }
    }

    private bool LooksLikeItem(string path, SceneReadOptions how)
    {
        Confine(Path.GetDirectoryName(Path.GetFullPath(path))!, path, how);
        if (new FileInfo(path).Length > options.MaxItemBytes)
            return false;
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        return text.Contains("\"stac_version\"", StringComparison.Ordinal) && text.Contains("\"assets\"", StringComparison.Ordinal);
    }

    /// <summary>Where an asset's href points; files only, and in confined reading only files of the Item's own folder.</summary>
    private static string Locate(string itemPath, StacAsset asset, SceneReadOptions how)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(itemPath))!;
        var where = $"{itemPath}: $.assets.{asset.Key}.href \"{Pipeline.DeviceTopic.Show(asset.Href)}\"";
        var href = Uri.UnescapeDataString(asset.Href);
        if (href.Contains("://", StringComparison.Ordinal) || href.StartsWith("/vsi", StringComparison.OrdinalIgnoreCase) || href.Contains('\0', StringComparison.Ordinal))
            throw new RefusedInputException($"{where} is no local file; download it beside the Item and name it relatively.");
        var at = Path.GetFullPath(Path.Combine(folder, href));
        if (how.Confined && (Path.IsPathRooted(href) || !at.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            throw new RefusedInputException($"{where} leads out of the Item's folder; put the file beside the Item and name it relatively.");
        if (how.Confined && Path.GetRelativePath(folder, at).Split(Path.DirectorySeparatorChar).Any(p => p.StartsWith('.')))
            throw new RefusedInputException($"{where} has a name with a leading dot, which marks unfinished files; rename it.");
        if (!File.Exists(at))
            throw new RefusedInputException($"{where} does not exist; deliver the file first and the Item last.");
        return at;
    }

    /// <summary>Opens a raster; in confined reading nothing on the way to it or beside it is a link.</summary>
    private RasterSource Open(string path, string root, SceneReadOptions how)
    {
        Confine(root, path, how);
        foreach (var file in ClosedRaster.FilesBeside(path))
            Confine(root, file, how);
        return RasterSource.Open(path, options, how.Confined);
    }

    private static void Confine(string root, string path, SceneReadOptions how)
    {
        if (how.Confined)
            PlainFiles.Demand(root, path);
    }

    /// <param name="name">File name that was looked at for a date; null where names play no part.</param>
    private static RefusedInputException NoDate(string path, string where, SceneReadOptions how, string? name = null)
    {
        var creation = name is not null && SceneDates.IsByCreation(name) ? " (the time in an S2A_OPER_ name is when the file was made)" : "";
        string?[] ways = [how.DateOption is { } option ? $"give it with {option}" : null, name is null ? "write it there" : "put it into the name (20260501), or write a STAC Item with datetime"];
        return new($"{path} has no acquisition date in {where}{creation}; {string.Join(name is null ? ", or " : ", ", ways.OfType<string>())}.");
    }
}
