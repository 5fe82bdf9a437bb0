using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Monitoring.Domain.Imagery;
using Monitoring.Gdal;
using Monitoring.Ingest.Plans;

namespace Monitoring.Ingest.Scenes;

/// <summary>A scene as its input states it, before grid, footprint and hashes.</summary>
/// <param name="StatedId">The Item's id, or null: then the id is made of <paramref name="Name"/> and the content's hash.</param>
internal sealed record SceneDraft(
    string? StatedId, string Name, string? Collection, string? Platform, DateTimeOffset AcquiredAt, double? CloudCover, double? SunElevation,
    IReadOnlyList<DraftBand> Bands, IReadOnlyList<string> Files)
{
    public string? Sensor { get; init; }

    public double? SunAzimuth { get; init; }
}

internal sealed record DraftBand(
    string Name, string? CommonName, double? Micrometers, RasterSource Source, int BandIndex, double? NoData, double Scale, double Offset)
{
    public double? WidthMicrometers { get; init; }

    public bool? IsReflectance { get; init; }

    /// <summary>Null for a band that is none of quality, and for alpha.</summary>
    public QualityTable? Quality { get; init; }

    /// <inheritdoc cref="SceneBand.HighBandIndex"/>
    public int? HighBandIndex { get; init; }
}

/// <summary>Computes grid, footprint and hashes.</summary>
/// <param name="survey">Whether to look at the pixels for valid data and clouds (<see cref="SceneSurvey"/>).</param>
internal sealed class SceneAssembler(TimeProvider clock, bool hashFiles, bool survey, CancellationToken cancellation = default)
{
    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);

    private const int MaxIdLength = 128;

    private static readonly string[] CameraModelEndings = [".rpb", ".RPB", ".rpc", ".RPC", "_rpc.txt", "_RPC.TXT", "_RPC.txt"];

    public Scene Assemble(SceneDraft draft)
    {
        foreach (var source in draft.Bands.Select(b => b.Source).DistinctBy(s => s.Path))
            MustBePlaced(source);
        var finest = draft.Bands.MinBy(b => b.Source.PixelMeters)!.Source;
        var transform = finest.Info.Transform!.Value;
        var seen = survey ? SceneSurvey.Of(draft, finest) : null;
        var paths = draft.Bands.Select(b => b.Source.Path).Distinct(StringComparer.Ordinal).ToList();
        var assets = paths.Select(AssetOf).ToList();
        var content = ContentOf(assets);
        return new Scene
        {
            Id = draft.StatedId is { } id ? Clean(id) : $"{Clean(draft.Name, MaxIdLength - 9)}-{content[..8]}",
            Collection = draft.Collection,
            Platform = draft.Platform,
            AcquiredAt = draft.AcquiredAt.ToUniversalTime(),
            ReceivedAt = clock.GetUtcNow(),
            Footprint = SceneFootprint.Of(finest, seen?.Hull),
            Bands =
            [
                .. draft.Bands.Select(b => new SceneBand(
                    b.Name, b.CommonName, b.Micrometers, paths.IndexOf(b.Source.Path), b.BandIndex, b.Source.PixelMeters, b.NoData, b.Scale, b.Offset)
                {
                    WidthMicrometers = b.WidthMicrometers, IsReflectance = b.IsReflectance, Quality = b.Quality, HighBandIndex = b.HighBandIndex,
                }),
            ],
            Grid = new Grid(
                finest.CrsWkt!,
                [transform.OriginX, transform.PixelWidth, transform.RowRotation, transform.OriginY, transform.ColumnRotation, transform.PixelHeight],
                finest.Info.Width,
                finest.Info.Height),
            CloudCover = draft.CloudCover,
            SunElevation = draft.SunElevation,
            SunAzimuth = draft.SunAzimuth,
            Sensor = draft.Sensor,
            CloudMask = draft.Bands.Any(b => b.Quality is not null) ? CloudMaskSource.Product : CloudMaskSource.Computed,
            ValidShare = seen?.ValidShare,
            ObservableShare = seen?.ObservableShare,
            Assets = assets,
            ContentHash = content,
        };
    }

    /// <summary>A scene that was read without hashing its files, with their hashes and the id that comes of them.</summary>
    public Scene Identify(Scene scene)
    {
        var assets = scene.Assets.Select(a => AssetOf(a.Path)).ToList();
        var content = ContentOf(assets);
        var provisional = $"-{scene.ContentHash[..8]}";
        return scene with
        {
            Id = scene.Id.EndsWith(provisional, StringComparison.Ordinal) ? $"{scene.Id[..^provisional.Length]}-{content[..8]}" : scene.Id,
            Assets = assets,
            ContentHash = content,
        };
    }

    /// <summary>A mask beside a raster is content as the raster is.</summary>
    private string ContentOf(IEnumerable<SceneAsset> assets) => Statement(string.Concat(assets.Select(a => a.Sha256 + (ClosedRaster.MaskOf(a.Path) is { } mask ? HashOf(mask) : ""))));

    private static void MustBePlaced(RasterSource source)
    {
        var isUnplaced = source.CrsWkt is null || source.Info.Transform is null;
        if (isUnplaced && source.Info.ControlPoints.Count > 0)
        {
            throw new RefusedInputException(
                $"{source.Path} is no orthophoto: it only has {source.Info.ControlPoints.Count} control points, between which its pixels are not placed yet. Place them (gdalwarp -tps FILE NEW.tif) and give the result.");
        }

        if (isUnplaced && (HasCameraModel(source.Path) || source.Info.MetadataDomains.Contains("RPC")))
        {
            throw new RefusedInputException(
                $"{source.Path} is no orthophoto: it only has a camera model (RPC), and where its pixels are depends on the height of the ground. Orthorectify it (gdalwarp -rpc -to RPC_DEM=DEM.tif FILE NEW.tif) and give the result.");
        }

        if (source.CrsWkt is null && source.Info.Transform is { } grid && GaussKruger.ZoneOf(grid.OriginX) is var (zone, epsg))
        {
            throw new RefusedInputException(
                $"{source.Path} does not say which CRS it is in; its eastings carry the zone number {zone}, as those of EPSG:{epsg} do: if its datum is CGCS2000, set that (gdal_edit.py -a_srs EPSG:{epsg} FILE).");
        }

        if (source.CrsWkt is null)
        {
            throw new RefusedInputException(
                $"{source.Path} does not say which CRS it is in; set it (gdal_edit.py -a_srs EPSG:4547 FILE), or name it in a STAC Item with proj:code.");
        }

        if (source.Info.Transform is not { } transform || transform == GeoTransform.Identity || source.PixelMeters is not > 0)
        {
            throw new RefusedInputException(
                $"{source.Path} has no georeference (no place and pixel size); deliver it with its world file or as georeferenced GeoTIFF.");
        }
    }

    /// <summary>Whether rational polynomials lie beside a file, as they do beside level 1 of GF, ZY-3 and others.</summary>
    private static bool HasCameraModel(string path) =>
        !ClosedRaster.IsVirtual(path)
        && Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path)) is var stem
        && Array.Exists(CameraModelEndings, e => File.Exists(stem + e));

    private SceneAsset AssetOf(string path)
    {
        if (!ClosedRaster.IsVirtual(path))
        {
            var full = Path.GetFullPath(path);
            return new SceneAsset(full, HashOf(full), new FileInfo(full).Length);
        }

        // A file in an archive is known by the archive and its name; a remote one by its address, for nobody says when it changes.
        if (ClosedRaster.ArchiveOf(path) is not { } archive)
            return new SceneAsset(path, Statement(path), 0);
        return new SceneAsset(path, Statement($"{HashOf(archive)}|{ClosedRaster.NameInArchive(path, archive)}"), 0);
    }

    private string HashOf(string full)
    {
        if (_hashes.TryGetValue(full, out var known))
            return known;
        var file = new FileInfo(full);
        if (!hashFiles)
            return _hashes[full] = Statement(string.Create(CultureInfo.InvariantCulture, $"{full}|{file.Length}|{file.LastWriteTimeUtc.Ticks}"));
        using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }

        return _hashes[full] = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Statement(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>An id that can stand in an address: other characters become _, and then a hash keeps two names apart.</summary>
    private static string Clean(string text, int maxLength = MaxIdLength)
    {
        var clean = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
        if (clean == text && clean.Length <= maxLength)
            return clean;
        var tail = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
        return $"{(clean.Length > maxLength - 9 ? clean[..(maxLength - 9)] : clean)}-{tail}";
    }
}
