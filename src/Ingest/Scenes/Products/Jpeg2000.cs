namespace Monitoring.Ingest.Scenes.Products;

/// <summary>JPEG 2000 needs a driver that not every build of GDAL has.</summary>
internal static class Jpeg2000
{
    public const string Driver = "JP2OpenJPEG";

    /// <summary>The sentence about a JPEG 2000 file where the driver is missing; else null.</summary>
    public static RefusedInputException? Missing(string path, bool hasDriver) =>
        !hasDriver && Path.GetExtension(path).ToUpperInvariant() is ".JP2" or ".J2K"
            ? new RefusedInputException($"{path} is JPEG 2000, which this system's GDAL cannot read: it lacks the driver {Driver}. Install a GDAL that has it (Debian and Ubuntu: apt-get install libgdal32 or newer), or convert the bands to GeoTIFF.")
            : null;
}
