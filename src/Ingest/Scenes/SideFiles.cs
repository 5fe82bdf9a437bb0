namespace Monitoring.Ingest.Scenes;

/// <summary>Files that lie beside a raster and go where it goes: by its whole name (<c>a.tif.ovr</c>) or by its name without ending (<c>a.tfw</c>).</summary>
internal static class SideFiles
{
    /// <summary>What is not read, and what to do about it.</summary>
    public const string NotRead =
        "side files .ovr, .aux.xml and .rrd are not read, and .msk only when it is TIFF, named as the raster with its ending (a.tif.msk): overviews, masks and metadata belong into the GeoTIFF";

    private static readonly string[] OfName = [".ovr", ".msk", ".aux.xml", ".msk.ovr", ".msk.aux.xml", ".ovr.msk"];
    private static readonly string[] OfStem = [".ovr", ".msk", ".aux", ".aux.xml", ".rrd", ".tfw", ".tifw", ".tiffw", ".wld", ".j2w", ".jp2w", ".jgw", ".jpgw", ".pgw", ".pngw", ".prj"];
    private static readonly string[] Rasters = [".tif", ".tiff", ".jp2", ".j2k", ".png", ".jpg", ".jpeg"];

    /// <summary>Endings of files that are no raster but lie beside one.</summary>
    public static IReadOnlyList<string> Endings => OfStem;

    /// <summary>Side files of a raster among the files of its folder.</summary>
    /// <param name="files">Paths of one folder.</param>
    public static IEnumerable<string> Of(string raster, IEnumerable<string> files)
    {
        var (name, stem) = (Path.GetFileName(raster), Path.GetFileNameWithoutExtension(raster));
        var all = files.ToList();

        // What is named without the raster's ending may be another raster's of that name.
        var isAlone = !all.Exists(f => Path.GetFileName(f) != name && Path.GetFileNameWithoutExtension(f) == stem && Rasters.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase));
        return all.Where(f => Is(f, name, OfName) || (isAlone && Is(f, stem, OfStem)));
    }

    private static bool Is(string file, string stem, string[] endings) =>
        Path.GetFileName(file) is var name && name.StartsWith(stem, StringComparison.Ordinal) && endings.Contains(name[stem.Length..], StringComparer.OrdinalIgnoreCase);
}
