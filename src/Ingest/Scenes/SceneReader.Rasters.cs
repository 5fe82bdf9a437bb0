using Monitoring.Gdal;
using Monitoring.Ingest.Scenes.Products;
using Monitoring.Ingest.Scenes.Sensors;

namespace Monitoring.Ingest.Scenes;

/// <content>Raster files with several bands, with or without a sidecar.</content>
public sealed partial class SceneReader
{
    private static readonly string[] SidecarEndings = [".xml", ".XML", "_meta.xml"];

    private SceneDraft ReadRaster(string path, SceneReadOptions how)
    {
        var full = Path.GetFullPath(path);
        return DraftOf(path, Open(path, Path.GetDirectoryName(full)!, how), named => SidecarOf(full, named, how), how);
    }

    /// <param name="sidecarOf">Finds the metadata beside it, told the sensor that its name tells.</param>
    private SceneDraft DraftOf(string path, RasterSource source, Func<Sensor?, (Sidecar? Sidecar, string? Path)> sidecarOf, SceneReadOptions how)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var named = Known.ByName(name);
        var (sidecar, xml) = sidecarOf(named);
        var sensor = sidecar?.Sensor(Known) ?? named ?? Known.ByColors(source.Info.Bands.Select(b => b.Color));
        if (sensor?.Values == SensorValues.Product)
            sensor = null; // Its scale stands in metadata that one file alone does not have.
        var bands = sensor is null ? [.. source.Info.Bands.Select(band => BandOf(band, source))] : BandsOf(sensor, source);
        var acquired = how.AcquiredAt ?? (sensor is null ? null : sidecar?.AcquiredAt(sensor)) ?? SceneDates.FromMetadata(source.Info.Metadata) ?? SceneDates.FromName(name)
            ?? throw NoDate(path, "the raster", how, name);
        List<string> files = [ClosedRaster.ArchiveOf(source.Path) ?? source.Path, .. source.SideFiles];
        if (sensor is null || sidecar is null)
            return new SceneDraft(null, name, sensor?.Collection, sensor?.Platform, acquired, null, null, bands, files) { Sensor = sensor?.Id };
        files.Add(xml!);
        return new SceneDraft(null, name, sensor.Collection, sidecar.Platform(sensor) ?? sensor.Platform, acquired, sidecar.CloudCover(sensor), sidecar.SunElevation(sensor), bands, files)
        {
            Sensor = sensor.Id, SunAzimuth = sidecar.SunAzimuth(sensor),
        };
    }

    /// <summary>The XML beside a raster, and where it is. One that is no metadata of a known sensor plays no part; one that is damaged does where the raster's name tells a sensor.</summary>
    private (Sidecar? Sidecar, string? Path) SidecarOf(string raster, Sensor? named, SceneReadOptions how)
    {
        var stem = Path.Combine(Path.GetDirectoryName(raster)!, Path.GetFileNameWithoutExtension(raster));
        foreach (var at in SidecarEndings.Select(e => stem + e).Where(File.Exists))
        {
            Confine(Path.GetDirectoryName(raster)!, at, how);
            try
            {
                var bytes = new FileInfo(at).Length;
                if (bytes > Sidecar.MaxBytes)
                    throw new RefusedInputException($"{at} has {bytes} bytes; a product's metadata has at most {Sidecar.MaxBytes}.");
                using var stream = new FileStream(at, FileMode.Open, FileAccess.Read, FileShare.Read);
                var sidecar = Sidecar.Read(stream, at, Known);
                if (sidecar.Sensor(Known) is not null || named is not null)
                    return (sidecar, at);
            }
            catch (RefusedInputException) when (named is null)
            {
                // Not ours: the raster stands for itself.
                return (null, null);
            }
        }

        return (null, null);
    }

    private List<DraftBand> BandsOf(Sensor sensor, RasterSource source)
    {
        var alpha = source.Info.Bands.Where(b => b.Color == ColorInterpretation.Alpha).ToList();
        var colours = source.Info.Bands.Except(alpha).ToList();
        var own = colours.Select(b => BandOf(b, source)).ToList();
        List<DraftBand> bands;
        if (own.TrueForAll(b => b.CommonName is not null) && !sensor.Colors.Any())
        {
            // The file names its bands itself; the description gives what it does not say.
            bands = [.. own.Select((b, i) => sensor.Bands.FirstOrDefault(s => s.CommonName == b.CommonName) is { } known ? DraftOf(known, colours[i], source, sensor) : b)];
        }
        else if (sensor.LayoutOf(colours.Count) is { } layout)
        {
            bands = [.. layout.Select((band, i) => DraftOf(band, colours[i], source, sensor))];
        }
        else if (colours.Select(b => ByColor(sensor, b.Color)).ToList() is var found && found.TrueForAll(b => b is not null))
        {
            bands = [.. found.Select((band, i) => DraftOf(band!, colours[i], source, sensor))];
        }
        else
        {
            var counts = sensor.Layouts.Count > 0 ? string.Join(" or ", sensor.Layouts.Select(l => l.Count).Order()) : $"{sensor.Bands.Count}";
            throw new RefusedInputException(
                $"{source.Path} has {colours.Count} bands, but the sensor {sensor.Id} by which it was recognised has {counts}; name the bands in a STAC Item beside it, or add the order to \"layouts\" of the sensor's description.");
        }

        bands.AddRange(alpha.Select(b => BandOf(b, source)));
        return bands;
    }

    private static SensorBand? ByColor(Sensor sensor, ColorInterpretation color)
    {
        var name = color switch { ColorInterpretation.Red => "red", ColorInterpretation.Green => "green", ColorInterpretation.Blue => "blue", _ => null };
        return name is null ? null : sensor.Bands.FirstOrDefault(b => b.CommonName == name);
    }

    /// <summary>The one orthophoto of a folder, its panchromatic band and pictures apart, or the one raster in it; null when there are several and a sensor's description knows none.</summary>
    private SceneDraft? ReadOnlyRaster(List<string> files, SceneReadOptions how)
    {
        if (files.FindAll(IsRaster) is [var only])
            return ReadRaster(only, how);
        var known = files.Where(f => IsRaster(f) && (Known.ByName(Path.GetFileNameWithoutExtension(f)) is { Values: not SensorValues.Product } || SidecarOf(Path.GetFullPath(f), null, how).Sidecar is not null)).ToList();
        if (known.Count > 1)
            known = [.. known.Where(f => !Panchromatic().IsMatch(Path.GetFileNameWithoutExtension(f)))];
        return known.Count switch
        {
            0 => null,
            1 => ReadRaster(known[0], how),
            _ => throw new RefusedInputException($"{Path.GetDirectoryName(known[0])} holds {known.Count} orthophotos ({Path.GetFileName(known[0])}, {Path.GetFileName(known[1])}, …); give the one you mean."),
        };
    }

    [System.Text.RegularExpressions.GeneratedRegex("[-_](PAN|NAD|FWD|BWD)[0-9]?([-_]|$)", System.Text.RegularExpressions.RegexOptions.IgnoreCase)]
    private static partial System.Text.RegularExpressions.Regex Panchromatic();
}
