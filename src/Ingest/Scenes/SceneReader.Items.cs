using System.Globalization;
using Monitoring.Gdal;

namespace Monitoring.Ingest.Scenes;

/// <content>STAC Items, on the disk and on hosts that are named.</content>
public sealed partial class SceneReader
{
    private SceneDraft ReadItem(string path, SceneReadOptions how)
    {
        Confine(Path.GetDirectoryName(Path.GetFullPath(path))!, path, how);
        var file = new FileInfo(path);
        if (file.Length > options.MaxItemBytes)
            throw new RefusedInputException($"{path} has {file.Length} bytes; a STAC Item has at most {options.MaxItemBytes}.");
        var draft = ReadItem(path, File.ReadAllBytes(path), how, asset =>
        {
            // The operator's own Item may name rasters on hosts that are named; one from the inbox never.
            if (!how.Confined && RemoteFiles.IsAddress(asset.Href))
                return OpenRemote(asset.Href, path, asset, how);
            var at = Locate(path, asset, how);
            return Open(at, Path.GetDirectoryName(Path.GetFullPath(path))!, how);
        });
        return draft with { Files = [path, .. draft.Files] };
    }

    /// <summary>An Item on a host that is named; its assets too are on such hosts.</summary>
    private SceneDraft ReadRemoteItem(string path, SceneReadOptions how)
    {
        if (how.Confined)
            throw new RefusedInputException($"{path} is no local file; deliver files.");
        var address = _remote.Allowed(path, path);
        return ReadItem(path, _remote.Read(address, options.MaxItemBytes, how.Cancellation), how, asset =>
            Uri.TryCreate(address, asset.Href, out var at) ? OpenRemote(at.AbsoluteUri, path, asset, how)
            : throw new RefusedInputException($"{path}: $.assets.{asset.Key}.href is no address; correct it."));
    }

    private RasterSource OpenRemote(string address, string item, StacAsset asset, SceneReadOptions how) =>
        RasterSource.Open(_remote.ForGdal(_remote.Allowed(address, $"{item}: $.assets.{asset.Key}.href \"{Pipeline.DeviceTopic.Show(address)}\""), how.Cancellation), options, confined: true);

    private SceneDraft ReadItem(string path, byte[] bytes, SceneReadOptions how, Func<StacAsset, RasterSource> open)
    {
        StacItem item;
        try
        {
            item = StacItem.Read(bytes);
        }
        catch (RefusedInputException problem)
        {
            throw new RefusedInputException($"{path}: {problem.Message}", problem);
        }

        var acquired = how.AcquiredAt ?? item.AcquiredAt ?? throw NoDate(path, "the Item's properties.datetime", how);
        var bands = new List<DraftBand>();
        var files = new List<string>();
        var pixels = item.Assets.Where(a => a.HoldsPixels).ToList();
        if (pixels.Count == 0)
        {
            throw new RefusedInputException(
                $"{path} names no asset with pixels; give the asset \"bands\" (STAC 1.1) or \"eo:bands\" (1.0), or the role \"data\".");
        }

        foreach (var asset in pixels)
        {
            // Catalogues list the same band as GeoTIFF and as JPEG 2000: the first counts.
            if (asset.Bands is [{ Name: { } only }] && bands.Exists(b => b.Name == only))
                continue;
            var source = open(asset);
            if (source.CrsWkt is null && item.Epsg is { } epsg)
                source = WithCrs(source, epsg);
            if (asset.Bands.Count > 0 && asset.Bands.Count != source.Info.Bands.Count)
            {
                throw new RefusedInputException(
                    $"{path}: $.assets.{asset.Key} lists {asset.Bands.Count} bands, but {Path.GetFileName(source.Path)} has {source.Info.Bands.Count}; list each band of the file in its order.");
            }

            if (!ClosedRaster.IsVirtual(source.Path))
                files.Add(source.Path);
            files.AddRange(source.SideFiles);
            bands.AddRange(source.Info.Bands.Select((info, i) => asset.Bands.Count == 0 ? BandOf(info, source) : BandOf(item, asset, asset.Bands[i], info, source)));
        }

        var name = Path.GetFileNameWithoutExtension(RemoteFiles.IsAddress(path) ? new Uri(path).AbsolutePath : path);
        return new SceneDraft(item.Id, name, item.Collection, item.Platform, acquired, item.CloudCover, item.SunElevation, bands, files) { SunAzimuth = item.SunAzimuth };
    }

    /// <summary>Files beside an Item that it names; null when the file is no readable Item. For the inbox, to know what belongs together.</summary>
    internal IReadOnlyList<string>? FilesNamedBy(string itemPath)
    {
        try
        {
            if (PlainFiles.KindOf(itemPath) != PlainFiles.Kind.File || new FileInfo(itemPath).Length > options.MaxItemBytes)
                return null;
            var folder = Path.GetDirectoryName(Path.GetFullPath(itemPath))!;
            return [.. StacItem.Read(File.ReadAllBytes(itemPath)).Assets
                .Where(a => a.HoldsPixels)
                .Select(a => Uri.UnescapeDataString(a.Href))
                .Where(h => !h.Contains("://", StringComparison.Ordinal) && !h.Contains('\0', StringComparison.Ordinal) && !Path.IsPathRooted(h))
                .Select(h => Path.GetFullPath(Path.Combine(folder, h)))
                .Where(f => f.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))];
        }
        catch (Exception problem) when (problem is RefusedInputException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Reading it in earnest will say what is wrong with it.
            return null;
        }
    }

    private DraftBand BandOf(StacItem item, StacAsset asset, StacBand stated, BandInfo info, RasterSource source)
    {
        var known = (stated.Name is { } n ? BandNames.ByDescription(n) : null) ?? (asset.Bands.Count == 1 ? BandNames.ByDescription(asset.Key) : null);
        var isQuality = stated.IsQuality || known?.CommonName == BandNames.Quality;
        var micrometers = stated.Micrometers ?? known?.Micrometers;
        return new DraftBand(
            stated.Name ?? (asset.Bands.Count == 1 ? asset.Key : string.Create(CultureInfo.InvariantCulture, $"band-{info.Index}")),
            isQuality ? BandNames.Quality : stated.CommonName ?? known?.CommonName ?? (micrometers is { } m ? BandNames.ByWavelength(m) : null),
            isQuality ? null : micrometers,
            source,
            info.Index,
            stated.NoData ?? info.NoData,

            // Scale and offset turn stored values into reflectance; codes of quality are not reflectance.
            isQuality ? 1 : stated.Scale ?? info.Scale,
            isQuality ? 0 : stated.Offset ?? info.Offset)
        {
            WidthMicrometers = isQuality ? null : stated.WidthMicrometers,
            Quality = isQuality ? TableOf(stated.Name ?? asset.Key, item.Platform, item.Collection) : null,
        };
    }

    private static RasterSource WithCrs(RasterSource source, int epsg)
    {
        try
        {
            using var crs = SpatialReference.FromEpsg(epsg);
            return source with { CrsWkt = crs.ToWkt(), PixelMeters = RasterSource.PixelSize(source.Info, crs) };
        }
        catch (GdalException problem)
        {
            throw new RefusedInputException($"The Item's EPSG code {epsg} is no CRS: {problem.Message}", problem);
        }
    }
}
