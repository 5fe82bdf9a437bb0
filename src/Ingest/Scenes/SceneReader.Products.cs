using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Pipeline;
using Monitoring.Ingest.Scenes.Products;
using Monitoring.Ingest.Scenes.Sensors;

namespace Monitoring.Ingest.Scenes;

/// <content>Products with metadata of their own: Sentinel-2, Landsat, and whatever a sensor's description tells.</content>
public sealed partial class SceneReader
{
    /// <summary>The simple codes of docs/formats/scenes.md.</summary>
    private static readonly QualityTable SimpleCodes = new(
        [new(1, QualityMeaning.Clear), new(2, QualityMeaning.Cloud), new(3, QualityMeaning.Shadow)], [], QualityMeaning.NoData);

    private SensorCatalogue Known => _sensors.GetAwaiter().GetResult();

    internal static bool IsSentinelMetadata(string name) =>
        name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)
        && (name.StartsWith("MTD_MSIL", StringComparison.Ordinal) || (name.StartsWith("S2", StringComparison.Ordinal) && name.Contains("_OPER_MTD_SAFL", StringComparison.Ordinal)));

    internal static bool IsLandsatMetadata(string name) =>
        name.EndsWith("_MTL.txt", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_MTL.json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_MTL.xml", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What the codes of a quality band mean, by its name. Catalogues of Sentinel-2 write <c>scl</c> as well as <c>SCL</c>; in small letters it is also what others
    /// call the simple codes, so there the platform or collection must say Sentinel-2.
    /// </summary>
    private QualityTable TableOf(string name, params ReadOnlySpan<string?> origins) =>
        name.ToUpperInvariant() switch
        {
            "SCL" when name != "scl" || IsSentinel(origins) => Known.ById("sentinel-2-msi-l2a")?.Quality?.Table,
            "QA_PIXEL" => Known.ById("landsat-8-9-oli-c2-l2")?.Quality?.Table,
            _ => null,
        }
        ?? SimpleCodes;

    private static bool IsSentinel(ReadOnlySpan<string?> origins)
    {
        foreach (var origin in origins)
        {
            if (origin?.StartsWith("sentinel-2", StringComparison.OrdinalIgnoreCase) == true)
                return true;
        }

        return false;
    }

    /// <summary>Something in an archive of the operator's, named as GDAL and others name it. Only for a run that stores nothing: the store takes archives whole.</summary>
    private SceneDraft ReadWithin(string path, SceneReadOptions how)
    {
        var (archive, within) = ArchivePath.Parse(path);
        if (how.Confined || how.Survey)
            throw new RefusedInputException($"{DeviceTopic.Show(path)} is a part of an archive; give the archive itself ({archive}), or unpack it.");
        var files = ArchiveFiles.Open(archive);
        return files.NameOf(within) is { } name && IsRaster(name)
            ? DraftOf(name, OpenOf(files, name, archive, how), static _ => (null, null), how)
            : ReadArchive(archive, how, within);
    }

    /// <param name="within">A folder of it that is meant; empty for all.</param>
    private SceneDraft ReadArchive(string path, SceneReadOptions how, string within = "")
    {
        Confine(Path.GetDirectoryName(Path.GetFullPath(path))!, path, how);
        var files = ArchiveFiles.Open(path, within);
        return ReadProduct(files, path, how)
            ?? ReadArchivedBands(files, path, how)
            ?? throw new RefusedInputException(
                $"{path} holds neither MTD_MSIL1C.xml or MTD_MSIL2A.xml (Sentinel-2) nor …_MTL.txt (Landsat), nor one folder of one-band files with Sentinel-2 names (…B02.tif …), Landsat names (…SR_B2.TIF …) or plain words (blue.tif …); unpack it and give the raster, the folder or the Item.");
    }

    /// <summary>One-band files of an archive, as those of a folder; null when its names tell none. Where no sensor's description tells them apart only one folder of it may hold such files.</summary>
    private SceneDraft? ReadArchivedBands(ArchiveFiles files, string path, SceneReadOptions how)
    {
        var names = files.Names.Where(n => !ProductFiles.LastPart(n).StartsWith('.') && !n.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList();
        var rasters = names.Where(IsRaster).ToList();
        if (BandFileSensor([files.Name, .. rasters.SelectMany(n => n.Split('/')[..^1]).Distinct(StringComparer.Ordinal)], rasters) is { } told && Choose(told.Sensor, rasters).Any())
        {
            foreach (var band in told.Sensor.Bands.Where(b => b.File is not null))
            {
                var best = rasters.Where(n => band.File!.IsMatch(ProductFiles.StemOf(n))).GroupBy(Rank).MinBy(g => g.Key)?.Select(ProductFiles.FolderOf).Distinct(StringComparer.Ordinal).ToList();
                if (best?.Count > 1)
                    throw MayBeMany(best);
            }

            return ReadBySensor(files, rasters, told, path, how);
        }

        var folders = names.GroupBy(ProductFiles.FolderOf, StringComparer.Ordinal).Select(g => (Folder: g.Key, Chosen: ChooseBands([.. g]))).Where(f => f.Chosen.Count > 0).ToList();
        return folders.Count switch
        {
            0 => null,
            1 => ReadBands(path, folders[0].Folder.Length > 0 ? ProductFiles.LastPart(folders[0].Folder) : files.Name, folders[0].Chosen, n => OpenOf(files, n, path, how), files.FileOf, how),
            _ => throw MayBeMany(folders.ConvertAll(f => f.Folder)),
        };

        RefusedInputException MayBeMany(List<string> of) =>
            new($"{path} holds band files in {of.Count} folders ({of[0]}, {of[1]}, …), each of which may be a scene; unpack it and give the folder you mean.");
    }

    /// <summary>The sensor of one-band files without metadata, with the name that tells it: one of the places' or, where it was a file's, the first place's. Null when no description knows it.</summary>
    /// <param name="places">Names of the folder, or of the archive and the folders in it.</param>
    private (Sensor Sensor, string Name)? BandFileSensor(IReadOnlyList<string> places, IReadOnlyList<string> rasters)
    {
        foreach (var sensor in Known.All.Where(s => s.Bands.Any(b => b.File is not null) && s.Values != SensorValues.Product))
        {
            if (places.FirstOrDefault(n => sensor.Names.Any(p => p.IsMatch(n))) is { } name)
                return (sensor, name);
            if (rasters.Any(r => sensor.Names.Any(p => p.IsMatch(ProductFiles.StemOf(r)))))
                return (sensor, places[0]);
        }

        return null;
    }

    /// <summary>A folder that holds a product with metadata; null when it is none.</summary>
    private SceneDraft? ReadProduct(string path, List<string> files, SceneReadOptions how)
    {
        var names = files.Select(f => Path.GetFileName(f)).ToList();
        if (names.Exists(IsSentinelMetadata))
            return ReadProduct(FolderFiles.Open(path, deep: true, how.Confined), path, how);
        if (names.Exists(IsLandsatMetadata))
            return ReadProduct(FolderFiles.Open(path, deep: false, how.Confined), path, how);
        var folder = FolderFiles.Open(path, deep: false, how.Confined);
        var rasters = folder.Names.Where(IsRaster).ToList();
        if (BandFileSensor([folder.Name], rasters) is not { } told)
            return null;

        // The same sensor may also come as one file with all bands.
        return !Choose(told.Sensor, rasters).Any() && ReadOnlyRaster(files, how) is { } orthophoto ? orthophoto : ReadBySensor(folder, rasters, told, path, how);
    }

    private SceneDraft? ReadProduct(ProductFiles files, string path, SceneReadOptions how)
    {
        if (files.Names.FirstOrDefault(n => IsSentinelMetadata(ProductFiles.LastPart(n))) is { } sentinel)
            return ReadSentinel(files, sentinel, path, how);
        var landsat = files.Names.Where(n => IsLandsatMetadata(n)).OrderBy(n => Path.GetExtension(n).ToUpperInvariant() switch { ".TXT" => 0, ".JSON" => 1, _ => 2 }).ToList();
        return landsat.Count == 0 ? null : ReadLandsat(files, landsat[0], path, how);
    }

    private SceneDraft ReadSentinel(ProductFiles files, string mtd, string path, SceneReadOptions how)
    {
        var place = files.Show(mtd);
        var product = SentinelMetadata.Read(new MemoryStream(files.Read(mtd)), place);
        var sensor = Known.ByMetadata(e => e == "PRODUCT_TYPE" ? product.ProductType : null)
            ?? throw new RefusedInputException($"{place} is of the type {product.ProductType}, which no sensor's description recognises; remove the file from the sensor folder that replaces it.");
        var root = ProductFiles.FolderOf(mtd) is { Length: > 0 } folder ? folder + "/" : "";
        var granuleRoot = root + "GRANULE/";
        var inGranules = files.Names.Where(n => n.StartsWith(granuleRoot, StringComparison.Ordinal)).ToList();
        var granules = inGranules.Select(n => n[granuleRoot.Length..].Split('/')[0]).Distinct(StringComparer.Ordinal).ToList();
        if (granules.Count != 1)
        {
            throw new RefusedInputException(granules.Count == 0
                ? $"{files.Place} has no folder GRANULE beside {ProductFiles.LastPart(mtd)}; get the product again."
                : $"{files.Place} holds {granules.Count} granules (tiles); keep one folder below GRANULE, each tile is a scene of its own.");
        }

        var images = inGranules.Where(n => n.Contains("/IMG_DATA/", StringComparison.Ordinal) && IsRaster(n)).ToList();
        var used = new List<string> { files.FileOf(mtd) };
        var bands = new List<DraftBand>();
        foreach (var (band, name) in Choose(sensor, images))
        {
            var source = OpenOf(files, name, path, how);
            bands.Add(DraftOf(band, OneBandOf(source), source, 1 / product.Quantification, product.OffsetOf(band.Name, place) / product.Quantification, isReflectance: true));
            used.Add(files.FileOf(name));
        }

        if (bands.Count == 0)
            throw new RefusedInputException($"{files.Place} has no band files (…_B02.jp2, …_B02_10m.jp2) below IMG_DATA; get the product again.");
        AddQuality(files, sensor, inGranules.Where(IsRaster), bands, used, path, how);
        MustBeOneGrid(files, bands);
        var tile = inGranules.FirstOrDefault(n => ProductFiles.LastPart(n) is var last && (last == "MTD_TL.xml" || (last.Contains("_OPER_MTD_L", StringComparison.Ordinal) && last.EndsWith(".xml", StringComparison.Ordinal))));
        var sun = tile is null ? null : SentinelTile.Read(new MemoryStream(files.Read(tile)), files.Show(tile));
        if (tile is not null)
            used.Add(files.FileOf(tile));
        return new SceneDraft(
            null, StripSafe(files.Name), sensor.Collection, product.Platform, how.AcquiredAt ?? sun?.AcquiredAt ?? product.AcquiredAt, product.CloudCover, sun?.SunElevation, bands, used)
        {
            Sensor = sensor.Id, SunAzimuth = sun?.SunAzimuth,
        };
    }

    private SceneDraft ReadLandsat(ProductFiles files, string mtl, string path, SceneReadOptions how)
    {
        var place = files.Show(mtl);
        var product = LandsatMetadata.Read(files.Read(mtl, LandsatMetadata.MaxBytes), place);
        var sensor = Known.ByMetadata(product.Find)
            ?? throw new RefusedInputException(
                $"{place} is of {DeviceTopic.Show(product.Find("SPACECRAFT_ID") ?? "no SPACECRAFT_ID")} at PROCESSING_LEVEL {DeviceTopic.Show(product.Find("PROCESSING_LEVEL") ?? "none")}, which no sensor's description knows (Landsat 4 to 9, Collection 2, L1 and L2 are); add one to the folder sensors.");
        var sunElevation = product.Number("IMAGE_ATTRIBUTES", "SUN_ELEVATION", -90, 90);
        var isLevel2 = product.Find("PROCESSING_LEVEL") is ['L', '2', ..];
        var group = isLevel2 ? "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS" : "LEVEL1_RADIOMETRIC_RESCALING";
        if (!isLevel2 && sunElevation <= 0)
            throw new RefusedInputException($"{place}: SUN_ELEVATION is {product.Find("IMAGE_ATTRIBUTES", "SUN_ELEVATION")}; a scene by night has no reflectance, give one by day.");

        // Reflectance at the top of the atmosphere wants the sine of the sun's elevation (LSDS-1574, 5.2); surface reflectance has it already.
        var sun = isLevel2 ? 1 : Math.Sin(sunElevation * Math.PI / 180);
        var rasters = files.Names.Where(n => ProductFiles.FolderOf(n) == ProductFiles.FolderOf(mtl) && IsRaster(n)).ToList();
        var used = new List<string> { files.FileOf(mtl) };
        var bands = new List<DraftBand>();
        foreach (var (band, name) in Choose(sensor, rasters))
        {
            var source = OpenOf(files, name, path, how);
            var number = band.Name[(band.Name.LastIndexOf('B') + 1)..];
            bands.Add(DraftOf(
                band, OneBandOf(source), source, product.Number(group, $"REFLECTANCE_MULT_BAND_{number}", 1e-12, 1) / sun,
                product.Number(group, $"REFLECTANCE_ADD_BAND_{number}", -10, 10) / sun, isReflectance: true));
            used.Add(files.FileOf(name));
        }

        if (bands.Count == 0)
            throw new RefusedInputException($"{files.Place} has no band files (…_{(isLevel2 ? "SR_B2" : "B2")}.TIF) beside {ProductFiles.LastPart(mtl)}; get the product again.");
        AddQuality(files, sensor, rasters, bands, used, path, how);
        MustBeOneGrid(files, bands);
        var center = $"{product.Need("IMAGE_ATTRIBUTES", "DATE_ACQUIRED")}T{product.Need("IMAGE_ATTRIBUTES", "SCENE_CENTER_TIME")}";
        return new SceneDraft(
            null, product.Find("LANDSAT_PRODUCT_ID") is { Length: > 0 } id ? id : files.Name, sensor.Collection, product.Find("SPACECRAFT_ID"),
            how.AcquiredAt ?? MetadataText.Utc(place, "DATE_ACQUIRED with SCENE_CENTER_TIME", center),
            product.Find("IMAGE_ATTRIBUTES", "CLOUD_COVER") is null ? null : product.Number("IMAGE_ATTRIBUTES", "CLOUD_COVER", -1, 100) is >= 0 and var cloud ? cloud : null, sunElevation, bands, used)
        {
            Sensor = sensor.Id, SunAzimuth = product.Find("IMAGE_ATTRIBUTES", "SUN_AZIMUTH") is null ? null : (product.Number("IMAGE_ATTRIBUTES", "SUN_AZIMUTH", -360, 360) + 360) % 360,
        };
    }

    /// <summary>One-band files that a sensor's description knows by their names.</summary>
    private SceneDraft ReadBySensor(ProductFiles files, List<string> rasters, (Sensor Sensor, string Name) told, string path, SceneReadOptions how)
    {
        var (sensor, place) = told;
        var used = new List<string>();
        var bands = new List<DraftBand>();
        foreach (var (band, name) in Choose(sensor, rasters))
        {
            var source = OpenOf(files, name, path, how);
            bands.Add(DraftOf(band, OneBandOf(source), source, sensor));
            used.Add(files.FileOf(name));
            used.AddRange(source.SideFiles);
        }

        if (bands.Count == 0)
            throw new RefusedInputException($"{files.Place} has none of the band files of the sensor {sensor.Id}; correct \"file\" of its bands in its description, or rename the files.");
        AddQuality(files, sensor, rasters, bands, used, path, how);
        var acquired = how.AcquiredAt ?? rasters.Select(n => SceneDates.FromName(ProductFiles.StemOf(n))).FirstOrDefault(d => d is not null) ?? SceneDates.FromName(place) ?? SceneDates.FromName(files.Name)
            ?? throw NoDate(path, "the names of its files", how, ProductFiles.LastPart(rasters[0]));
        return new SceneDraft(null, place, sensor.Collection, sensor.Platform, acquired, null, null, bands, used) { Sensor = sensor.Id };
    }

    /// <summary>One file for each band that is there, in the order of the description; of several sizes of a band the finest.</summary>
    private static IEnumerable<(SensorBand Band, string Name)> Choose(Sensor sensor, IReadOnlyList<string> names)
    {
        foreach (var band in sensor.Bands.Where(b => b.File is not null))
        {
            if (names.Where(n => band.File!.IsMatch(ProductFiles.StemOf(n))).OrderBy(Rank).ThenBy(n => n, StringComparer.Ordinal).FirstOrDefault() is { } name)
                yield return (band, name);
        }
    }

    private static int Rank(string name) => ProductFiles.StemOf(name) switch
    {
        var s when s.EndsWith("_20m", StringComparison.OrdinalIgnoreCase) => 1,
        var s when s.EndsWith("_60m", StringComparison.OrdinalIgnoreCase) => 2,
        _ => 0,
    };

    private void AddQuality(ProductFiles files, Sensor sensor, IEnumerable<string> names, List<DraftBand> bands, List<string> used, string path, SceneReadOptions how)
    {
        if (sensor.Quality is not { File: { } pattern } quality || names.Where(n => pattern.IsMatch(ProductFiles.StemOf(n))).OrderBy(Rank).FirstOrDefault() is not { } name)
            return;
        var source = OpenOf(files, name, path, how);
        bands.Add(new DraftBand(quality.Name, BandNames.Quality, null, source, 1, null, 1, 0) 
        {
            Quality = quality.Table, HighBandIndex = quality.HighBand is { } high && high <= source.Info.Bands.Count ? high : null,
        });
        used.Add(files.FileOf(name));
    }

    private RasterSource OpenOf(ProductFiles files, string name, string path, SceneReadOptions how)
    {
        if (files is FolderFiles)
            return Open(files.PathOf(name), Path.GetDirectoryName(Path.GetFullPath(Path.TrimEndingDirectorySeparator(path)))!, how);
        return RasterSource.Open(files.PathOf(name), options, how.Confined);
    }

    private static BandInfo OneBandOf(RasterSource source) =>
        source.Info.Bands.Count == 1 ? source.Info.Bands[0] : throw new RefusedInputException($"{source.Path} has {source.Info.Bands.Count} bands; in a product of band files each file has one.");

    /// <summary>Bands of one product lie on one ground, whatever their pixel size; a file that does not was put there by mistake.</summary>
    private static void MustBeOneGrid(ProductFiles files, List<DraftBand> bands)
    {
        var first = bands[0].Source;
        if (bands.Find(b => b.Source.CrsWkt is null || b.Source.Info.Transform is null) is { } unplaced)
            throw new RefusedInputException($"{unplaced.Source.Path} has no georeference, as every file of {files.Place} must have; get the product again.");
        using var crs = SpatialReference.FromWkt(first.CrsWkt!);
        foreach (var band in bands.Skip(1))
        {
            using var other = SpatialReference.FromWkt(band.Source.CrsWkt!);
            if (!crs.IsSame(other))
                throw new RefusedInputException($"{files.Place}: {band.Name} is in {other}, but {bands[0].Name} in {crs}; files of different products are mixed, get the product again.");
            if (!SceneSurvey.SameGround(first, band.Source))
                throw new RefusedInputException($"{files.Place}: {band.Name} does not cover the same ground as {bands[0].Name}; files of different products are mixed, get the product again.");
        }
    }

    private static DraftBand DraftOf(SensorBand band, BandInfo info, RasterSource source, double scale, double offset, bool? isReflectance) =>
        new(band.Name, band.CommonName, band.Micrometers, source, info.Index, info.NoData ?? band.NoData, scale, offset)
        {
            WidthMicrometers = band.WidthMicrometers, IsReflectance = isReflectance,
        };

    /// <summary>A band by a sensor's description; a scale that the file itself states goes before it.</summary>
    private static DraftBand DraftOf(SensorBand band, BandInfo info, RasterSource source, Sensor sensor)
    {
        var isStated = info.Scale != 1 || info.Offset != 0;
        return sensor.Values == SensorValues.Reflectance && !isStated
            ? DraftOf(band, info, source, band.Scale ?? 1, band.Offset ?? 0, true)
            : DraftOf(band, info, source, info.Scale, info.Offset, isStated || sensor.Values != SensorValues.DigitalNumbers ? null : false);
    }

    private static bool IsRaster(string name) => Path.GetExtension(name).ToUpperInvariant() is ".JP2" or ".TIF" or ".TIFF";

    private static string StripSafe(string name) => name.EndsWith(".SAFE", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name;
}
